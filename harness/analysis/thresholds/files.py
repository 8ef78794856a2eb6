"""A comparison as a file: JUnit XML for a build server, Markdown for a pull request."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from harness.analysis.compare import Compared
from harness.analysis.thresholds.check import ThresholdResult
from harness.text import markdown as escaped
from harness.text import visible

__all__ = ["change", "junit", "markdown"]

MARKS = {"passed": "✅", "failed": "❌", "inconclusive": "❔"}


def change(result: ThresholdResult) -> str:
    """Writes what a threshold measured: a difference, or a share in per cent, with its interval."""
    if result.value is None or result.low is None or result.high is None:
        return "-"
    figures = (result.value, result.low, result.high)
    if result.threshold.startswith("quality"):
        value, low, high = (f"{figure:+.3f}" for figure in figures)
    else:
        value, low, high = (f"{100 * figure:+.1f}%" for figure in figures)
    return f"{value}  [{low}, {high}]"


def junit(compared: Compared, results: Sequence[ThresholdResult], *, strict: bool) -> str:
    """Writes the thresholds as test cases; what is inconclusive is skipped, or fails if strict."""
    bad = {"failed", "inconclusive"} if strict else {"failed"}
    suite = ET.Element(
        "testsuite",
        name=visible(f"{compared['a']} against {compared['b']}"),
        tests=str(len(results)),
        failures=str(sum(result.verdict in bad for result in results)),
        skipped=str(sum(result.verdict == "inconclusive" not in bad for result in results)),
        errors="0",
    )
    for result in results:
        named = {"classname": visible(compared["task"]), "name": visible(result.threshold)}
        case = ET.SubElement(suite, "testcase", named)
        message = visible(f"{change(result)}: {result.reason}")
        if result.verdict in bad:
            ET.SubElement(case, "failure", message=message, type=result.verdict)
        elif result.verdict == "inconclusive":
            ET.SubElement(case, "skipped", message=message)
        else:
            ET.SubElement(case, "system-out").text = message
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def markdown(compared: Compared, results: Sequence[ThresholdResult]) -> str:
    """Writes the difference and the thresholds as Markdown tables."""
    lines = [
        "**{}** minus **{}** on {}".format(*(escaped(compared[key]) for key in ("a", "b", "task"))),
        "",
        "| metric | difference | 95 % interval | n | clusters | p |",
        "|---|---|---|---|---|---|",
        _line(compared["metric"], compared),
        *(_line(name, each) for name, each in compared["beside"].items()),
    ]
    if results:
        lines += ["", "| threshold | | change [95 % interval] | why |", "|---|---|---|---|"]
        lines += [
            f"| `{result.threshold}` | {MARKS[result.verdict]} {result.verdict} "
            f"| {change(result)} | {escaped(result.reason)} |"
            for result in results
        ]
    lines += [f"\n> {escaped(warning)}" for warning in compared["warnings"]]
    return "\n".join(lines) + "\n"


def _line(metric: str, compared: Compared) -> str:
    value, low, high = (f"{compared[name]:+.3f}" for name in ("difference", "low", "high"))
    counts = f"{compared['n']} | {compared['clusters']} | {compared['p_value']:.2g}"
    return f"| {escaped(metric)} | {value} | {low} to {high} | {counts} |"
