"""LaTeX: booktabs tables to put into a paper, a document that shows them, and its sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from harness.analysis.words import Language, word
from harness.report.data import ReportData
from harness.report.format import money, monthly, volumes
from harness.report.values import ConfigurationRow, Figure, TaskReport
from harness.text import SPACE, visible

__all__ = ["latex", "paper_files"]


def _pairs(text: str) -> dict[str, str]:
    """Reads pairs of a letter and what it becomes."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


LATEX = _pairs(r"""
\ \textbackslash{}   { \{   } \}   $ \$   & \&   # \#   % \%   _ \_   ~ \textasciitilde{}
^ \textasciicircum{}   < \textless{}   > \textgreater{}   | \textbar{}   " \textquotedbl{}
` \textasciigrave{}   ' {'}   – \textendash{}   … \ldots{}   ≥ $\geq$   ≤ $\leq$
→ $\rightarrow$   − $-$   · $\cdot$   × $\times$   ₩ KRW~   [ {[}   ] {]}
* \textasteriskcentered{}
""")
"""Brackets too: after a line break they would be an argument."""


def latex(text: str) -> str:
    """Escapes a text for LaTeX's text mode."""
    shown = visible(SPACE.sub(" ", text))
    escaped = "".join(LATEX.get(letter, letter) for letter in shown)
    return re.sub("-(?=-)", "-{}", escaped)  # two hyphens would become a dash


TITLES = ("strategy", "quality", "once", "a_month", "more_1k", "p95", "seeds")
DOCUMENT = r"""% Made by adaptbench {version}. pdflatex, or xelatex where names aren't Latin; then bibtex, twice again.
\documentclass{{article}}
\usepackage{{iftex}}
\usepackage{{booktabs,textcomp}}
\ifpdftex\usepackage[T1]{{fontenc}}\else\usepackage{{fontspec}}\IfFileExists{{kotex.sty}}{{\usepackage{{kotex}}}}{{}}\fi
\begin{{document}}
{tables}
\bibliographystyle{{plain}}
\bibliography{{references}}
\end{{document}}
"""


def paper_files(data: ReportData, language: Language = "en") -> dict[str, str]:
    """Returns the texts by file name: a table a task, ``report.tex`` and ``references.bib``."""
    names = [f"settings-{number}" for number in range(1, len(data.tasks) + 1)]
    files = {
        f"{name}.tex": _table(name, task, data, language)
        for name, task in zip(names, data.tasks, strict=True)
    }
    inputs = "\n".join(rf"\input{{{name}}}" for name in names)
    files["report.tex"] = DOCUMENT.format(version=latex(data.version), tables=inputs)
    files["references.bib"] = _references(data)
    return files


def _table(name: str, task: TaskReport, data: ReportData, language: Language) -> str:
    at = volumes(task.rows[0].months) if task.rows else ""
    titles = [latex(word(title, language, volumes=at).partition(" (")[0]) for title in TITLES]
    titles[1] = latex(f"{task.metric}, {task.unit}" if task.unit else task.metric)
    lines = [
        rf"% {latex(task.name)}: one table of the report of {latex(data.made)}",
        r"\begin{table}",
        r"\centering\small",
        rf"\caption{{{_caption(task, data)}}}",
        rf"\label{{tab:{name}}}",
        r"\begin{tabular}{lrrrrrr}",
        r"\toprule",
        f"{' & '.join(titles)} \\\\",
        r"\midrule",
        *_rows(task.ranked, task, data),
    ]
    others = [row for row in task.rows if not row.ranked]
    if others:
        lines += [r"\midrule", *_rows(others, task, data)]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def _rows(rows: Sequence[ConfigurationRow], task: TaskReport, data: ReportData) -> list[str]:
    return [f"{' & '.join(_cells(row, task, data))} \\\\" for row in rows]


def _cells(row: ConfigurationRow, task: TaskReport, data: ReportData) -> list[str]:
    mark = "" if row.seconds_compare else r"\textsuperscript{*}"
    letters = rf"\textsuperscript{{{latex(row.letters)}}}" if row.letters else ""
    once = latex(money(row.development_usd, data.money, least=bool(row.unpriced)))
    p95 = "--" if row.p95_seconds is None else f"{row.p95_seconds:.3g}\\,s"
    return [
        latex(row.label) + ("" if row.ranked else r"\textsuperscript{\textdagger}"),
        _quality(row.quality, task) + letters,
        once + mark,
        latex(monthly(row.months, data.money)) + mark,
        latex(money(row.usd_per_1k_requests, data.money)) + mark,
        p95 + (mark if row.p95_seconds is not None else ""),
        str(len(row.seeds)),
    ]


def _quality(figure: Figure, task: TaskReport) -> str:
    if figure.value is None:
        return "--"
    form = ",.0f" if task.unit else ".3f"
    value = f"{figure.value:{form}}"
    if figure.low is None or figure.high is None:
        return value
    return rf"{value} {{\footnotesize [{figure.low:{form}}, {figure.high:{form}}]}}"


def _caption(task: TaskReport, data: ReportData) -> str:
    rows = max((row.quality.n for row in task.rows), default=0)
    parts = [
        f"{latex(task.name)}{' (invented data)' if task.synthetic else ''}: {latex(task.metric)} "
        f"with 95\\,\\% intervals over {rows} test rows.",
        r"Configurations that share a letter aren't shown to differ (paired, clusters resampled, "
        r"Holm~\cite{holm1979}, letters after Piepho~\cite{piepho2004}).",
        "Once: development. A month: "
        + ("whole machines, always on" if data.asked.basis == "always-on" else "by seconds used")
        + ". 1,000 more requests: by the seconds or tokens that they take.",
    ]
    if any(not row.ranked for row in task.rows):
        parts.append(r"\textsuperscript{\textdagger}Not ranked.")
    if any(not row.seconds_compare for row in task.rows):
        parts.append(
            r"\textsuperscript{*}Seconds, and what is made of them, don't compare with the others'."
        )
    if any(row.unpriced for row in task.rows):
        parts.append(r"$\geq$: labels or another phase have no price and aren't in it.")
    return " ".join([*parts, r"Made with adaptbench~\cite{adaptbench}."])


def _references(data: ReportData) -> str:
    """Our own entry with this version, and the sources of methods and of quoted figures."""
    text = Path(__file__).with_name("references.bib").read_text(encoding="utf-8")
    return text.replace("VERSION", latex(data.version)).replace("YEAR", data.made[:4] or "2026")
