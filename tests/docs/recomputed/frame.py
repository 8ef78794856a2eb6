"""Finds every figure of a document, and holds it to the rule that computes it again.

A document's rules stand by section, in one file each (`sections/`). A rule is a sentence of the
section with `{}` in the place of each figure, and what the figures have to be; or a table, with what
the cells of a row have to be. What no rule covers and `NO_MEASUREMENT` doesn't name is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.docs.recomputed.records import ROOT
from tests.docs.recomputed.statistics import Figure

WORDS = {"four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12}
WORDS |= {
    "twice": 2,
    "half": 1 / 2,
    "third": 1 / 3,
    "quarter": 1 / 4,
    "fifth": 1 / 5,
    "tenth": 1 / 10,
    "fifteenth": 1 / 15,
}
WORDS |= {"fiftieth": 1 / 50}
WORDS |= {"million": 1e6}
NUMBER = r"[-+]?\$?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d))(?:e-\d+)?"
FOUND = re.compile(rf"(?<![\w.,$-])(?:{NUMBER}(?![\d])|(?:{'|'.join(WORDS)})\b)")
HOLE = rf"({NUMBER}|{'|'.join(WORDS)})"

NO_MEASUREMENT = (  # what is no figure of a measurement, and why
    (r"(?m)^    (?:pip|harness|python) .*$", "commands"),
    (r"`[^`\n]*`", "names and option values"),
    (r"\]\([^)]*\)", "where a link leads"),
    (r"(?m)^#.*$", "titles"),
    (r"(?m)^\d\. ", "numbers of a list"),
    (r"Gemma-3-270M|SmolLM2-135M|Qwen2\.5-Coder-1\.5B|\b1\.5B\b|\b(?:135|270)M\b", "model names"),
    (r"[mr]7i\.large|Python 3\.11|Apache-2\.0|hit@1|NVIDIA L4|weighted F1|\bp\d\d\b", "other names"),
    (r"seed 0|\b4 bits|4-bit|quarter of an hour|The third\b|vectors of 256 texts|253 MB", "a default, a format, sizes of a block and a file, an hour, an ordinal"),
    (r"95\s% (?:interval|confidence|bounds)|Intervals\s+are\s+95 %", "the level of all intervals"),
    (r"\$0\.50 a label|labels at \$0\.50|[oO]ver 12 months|100,000\s+requests a month, with|100,000 requests a month, a margin of 2 points|30 points less",
     "what was asked of the advice"),
)  # fmt: skip

Rows = Callable[[list[str]], Sequence[Sequence[object]]]


@dataclass(frozen=True)
class Says:
    """A sentence with a hole for each figure."""

    sentence: str
    figures: Callable[[], Sequence[object]]


@dataclass(frozen=True)
class Table:
    """The table whose head begins so; `row` gives the figures of each cell after the first."""

    head: str
    row: Rows


Rule = Says | Table
Covered = Iterator[tuple[int, int, str]]  # where a figure stands, and what is wrong with it


def flat(figures: Iterable[object]) -> list[Figure]:
    """One list of figures, of numbers, figures and estimates."""
    found: list[Figure] = []
    for each in figures:
        if isinstance(each, Figure):
            found.append(each)
        elif isinstance(each, (list, tuple)):
            found += flat(each)
        else:
            found.append(Figure(float(each)))  # type: ignore[arg-type]
    return found


def sections(page: str) -> dict[str, str]:
    """The parts of a page by their titles, the first without one."""
    parts = re.split(r"(?m)^## (.+)$", (ROOT / page).read_text("utf-8"))
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def figures_of(text: str) -> list[tuple[int, int]]:
    """Where the figures stand that have to have a rule."""
    for pattern, _ in NO_MEASUREMENT:
        text = re.sub(pattern, lambda found: "·" * len(found.group()), text)
    return [found.span() for found in FOUND.finditer(text)]


def differs(told: str, figure: Figure, before: str = "") -> bool:
    """Whether a figure isn't what was computed, to its last digit."""
    if told in WORDS:
        digits, value = abs(WORDS[told]) * 0.1, WORDS[told]
        return abs(value - figure.value) > max(digits, 0.5 if value >= 2 else 0)
    number = told.replace(",", "").replace("$", "").replace("+", "")
    if before.rstrip().endswith("<"):
        return not 0 < figure.value < float(number)
    mantissa, _, power = number.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(power or 0)
    return abs(float(number) - figure.value) > 0.5 * 10**-decimals + figure.chance + 1e-9


def check(text: str, rules: Sequence[Rule]) -> list[str]:
    """What is wrong with a section: figures that differ, that have no rule, rules without a place."""
    covered: dict[tuple[int, int], str] = {}
    problems = []
    for rule in rules:
        try:
            held = list(_says(text, rule) if isinstance(rule, Says) else _table(text, rule))
        except LookupError as error:
            problems.append(str(error))
            continue
        for start, end, problem in held:
            covered[start, end] = problem
    problems += [problem for problem in covered.values() if problem]
    for start, end in figures_of(text):
        if not any(a <= start and end <= b for a, b in covered):
            around = " ".join(text[max(0, start - 60) : end + 30].split())
            problems.append(f"no rule computes {text[start:end]} again: ... {around} ...")
    return problems


def _compared(
    text: str, spans: list[tuple[int, int]], figures: list[Figure], where: str
) -> Covered:
    if len(spans) != len(figures):
        count = f"{len(figures)} figures were computed for {len(spans)} that stand: {where}"
        if not spans:
            raise LookupError(count)
        yield from ((*span, count) for span in spans)
        return
    for (start, end), figure in zip(spans, figures, strict=True):
        told = text[start:end]
        wrong = differs(told, figure, text[max(0, start - 3) : start])
        computed = f"{told} is {figure.value:.6g} (chance {figure.chance:.2g}): {where}"
        yield start, end, computed if wrong else ""


def _says(text: str, rule: Says) -> Covered:
    parts = [
        r"\s+".join(map(re.escape, re.split(r"\s+", part))) for part in rule.sentence.split("{}")
    ]
    found = list(re.finditer(HOLE.join(parts), text))
    if len(found) != 1:
        raise LookupError(f"stands {len(found)} times, not once: {rule.sentence}")
    count = len(parts) - 1
    spans = [found[0].span(number) for number in range(1, count + 1)]
    yield from _compared(text, spans, flat(rule.figures()), rule.sentence)


def _table(text: str, rule: Table) -> Covered:
    start = text.find(rule.head)
    if start < 0:
        raise LookupError(f"there is no table {rule.head}")
    lines = re.finditer(r"(?m)^\|.*\|$", text[start : (text + "\n\n").find("\n\n", start)])
    first = ""
    for line in list(lines)[2:]:
        cells = list(re.finditer(r"(?<=\|)[^|]*(?=\|)", line.group()))
        names = [cell.group().strip() for cell in cells]
        first = names[0] = names[0] or first
        expected = rule.row(names)
        for cell, figures in zip(cells[-len(expected) :], expected, strict=True):
            offset = start + line.start() + cell.start()
            spans = [(offset + a, offset + b) for a, b in figures_of(cell.group())]
            where = f"{names[0]}: {cell.group().strip()}"
            yield from _compared(text, spans, flat(figures), where)
