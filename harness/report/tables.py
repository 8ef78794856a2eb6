"""Tables of the page that are no drawing's: titles are keys of the catalogue, values are plain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.analysis.forgetting import Change
from harness.analysis.words import Phrase, joined, phrase
from harness.metrics.answers.match import WINDOW
from harness.metrics.graded import ESTIMATE, GRADED
from harness.metrics.metric import MATCHES
from harness.metrics.obedience import OBEYED, PLANTED
from harness.metrics.sources import GROUNDS
from harness.report import format as written
from harness.report.data import ReportData
from harness.report.figures.style import FigureTable
from harness.report.literature import literature_info
from harness.report.values import ConfigurationRow, TaskReport

__all__ = [
    "BrokenCell",
    "BrokenInfo",
    "MatchInfo",
    "answers",
    "broken_info",
    "judges_table",
    "literature_info",
    "matches_info",
    "metrics_table",
    "models_table",
    "not_ok",
    "pairs_table",
    "prices_table",
    "runs_table",
]


def pairs_table(task: TaskReport) -> Sequence[Sequence[object]]:
    """Returns all pairs, the widest difference first."""
    return [
        [p.a, p.b, p.metric, p.difference, p.low, p.high, p.p_value, p.n, p.differs]
        for p in sorted(task.pairs, key=lambda p: (-p.difference, p.a, p.b))
    ]


def metrics_table(task: TaskReport) -> FigureTable:
    """Returns all metrics of all configurations."""
    names = list(dict.fromkeys(name for row in task.rows for name in row.metrics))
    return (
        ["strategy", "readout", *(f"={name}" for name in names)],
        [[row.label, row.readout, *map(row.metrics.get, names)] for row in task.rows],
    )


def models_table(data: ReportData) -> Sequence[Sequence[object]]:
    """Returns the models that others published."""
    return [[m.name, f"kind.{m.kind}", m.base, m.data, m.compute, m.date] for m in data.models]


def prices_table(data: ReportData) -> Sequence[Sequence[object]]:
    """Returns the rows of the price book that were applied."""
    uses = ("use.applied", "use.projected")
    return [
        [p.id, p.provider, p.region, p.usd_per_hour, p.date, uses[p.projected], p.source]
        for p in data.prices
    ]


def runs_table(data: ReportData) -> FigureTable:
    """Returns all runs with the versions and the commands that made them.

    A machine that all of them were on is named elsewhere, once.
    """
    titles = ["run", "task", "strategy", "seed", "n", "quality", "machine"]
    several = len(data.machines) > 1
    rows = []
    for r in data.runs:
        commit = f"{(r.commit or '–')[:9]}{'+' if r.dirty else ''}"
        finished = r.finished[:16].replace("T", " ")
        result = [r.seed, r.n, r.value, *([r.machine] if several else [])]
        rows.append([r.run_id, r.task, r.name, *result, commit, finished, r.command])
    return [*titles[: 6 + several], "commit", "finished", "command"], rows


def judges_table(data: ReportData) -> Sequence[Sequence[object]]:
    """Returns the judged runs: who judged, how far people agree with that one, and what it took."""
    return [
        [
            *(run.run_id, judge["name"], *_agreement(judge.get("measured") or {})),
            *(judge["failed"], judge["requests"], judge["usd"]),
        ]
        for run in data.runs
        if (judge := run.judge)
    ]


def _agreement(measured: Mapping[str, Any]) -> list[str | int | None]:
    """Agreement and kappa with their intervals, and the answers; None where nobody compared."""
    figures = [
        each and f"{each['value']:.2f} [{each['low']:.2f}, {each['high']:.2f}]"
        for each in (measured.get("agreement"), measured.get("kappa"))
    ]
    return [*figures, measured.get("n")]


def answers(row: ConfigurationRow) -> int:
    """Counts the answers of all runs; abstentions are counted as ``ok`` already."""
    return sum(n for name, n in row.outcomes.items() if name != "abstained")


def not_ok(row: ConfigurationRow) -> int:
    """Counts the answers that are no answer."""
    return sum(n for name, n in row.outcomes.items() if name not in ("ok", "abstained"))


COLUMNS: Mapping[tuple[str, str], str] = {  # titles by what was looked at, and the metric
    ("general-text-en", "bits_per_byte"): "probes.text_en",
    ("general-text-ko", "bits_per_byte"): "probes.text_ko",
    ("general-choice-en", "accuracy"): "probes.choice_en",
    ("general-choice-ko", "accuracy"): "probes.choice_ko",
    ("general-choice-en", "brier"): "probes.brier_en",
    ("general-choice-ko", "brier"): "probes.brier_ko",
    ("instructions-en", "obeyed"): "probes.obeyed_en",
    ("instructions-ko", "obeyed"): "probes.obeyed_ko",
}


@dataclass(frozen=True, slots=True)
class BrokenCell:
    """A change as it is written: points of a share, per cent of bits a byte, else the figure."""

    value: float
    change: str
    interval: str
    before: str
    after: str
    verdict: str  # ``noise``, ``worse`` or ``better``


@dataclass(frozen=True, slots=True)
class BrokenInfo:
    """The table's data."""

    titles: Sequence[str]  # keys of the catalogue
    rows: Sequence[tuple[ConfigurationRow, Sequence[BrokenCell | None], BrokenCell | None]]
    others: FigureTable  # all other changes, of other tasks
    overfits: bool  # whether rows that were trained on were asked


def broken_info(task: TaskReport) -> BrokenInfo | None:
    """Returns what there is; None where no record has looked for it."""
    rows = [row for row in task.rows if row.changes or row.gap or row.weights_kept]
    if not rows:
        return None
    there = {(each.name, each.metric) for row in rows for each in row.changes}
    names = [name for name in COLUMNS if name in there]
    table = []
    for row in rows:
        changes = {(each.name, each.metric): each for each in row.changes}
        cells = [_cell(changes[name]) if name in changes else None for name in names]
        table.append((row, cells, _gap(row)))
    titles, overfits = [COLUMNS[name] for name in names], any(gap for _, _, gap in table)
    return BrokenInfo(titles, table, _others(rows), overfits)


def _others(rows: Sequence[ConfigurationRow]) -> FigureTable:
    titles = ["strategy", "probes.item", "metric", "n", "probes.before", "probes.after"]
    return [*titles, "difference", "low", "high"], [
        [row.label, c.name, c.metric, c.n, c.before, c.after, c.change, c.low, c.high]
        for row in rows
        for c in row.changes
        if (c.name, c.metric) not in COLUMNS
    ]


def _cell(change: Change) -> BrokenCell:
    scale, form, unit = 100.0, "+.1f", ""
    if change.metric == "bits_per_byte":
        scale, unit = 100 / change.before, " %"
    elif change.metric == "brier":
        scale, form = 1.0, "+.2f"
    value, low, high = (scale * each for each in (change.change, change.low, change.high))
    return BrokenCell(
        value,
        f"{value:{form}}{unit}",
        f"[{low:{form}}, {high:{form}}]",
        f"{change.before:.3f}",
        f"{change.after:.3f}",
        change.verdict,
    )


def _gap(row: ConfigurationRow) -> BrokenCell | None:
    gap = row.gap
    if gap is None:
        return None
    verdict = "worse" if gap.low > 0 else "noise"
    value, low, high = (100 * each for each in (gap.difference, gap.low, gap.high))
    ends = f"[{low:+z.1f}, {high:+z.1f}]"
    learned, tested = gap.values["train"], gap.values["test"]
    return BrokenCell(value, f"{value:+z.1f}", ends, f"{learned:.3f}", f"{tested:.3f}", verdict)


NO_GAP = 0.02  # between the strictest match and the mildest, from which form is worth a word


@dataclass(frozen=True, slots=True)
class MatchInfo:
    """The table's data."""

    metrics: tuple[str, ...]  # its columns; a record may lack some
    rows: Sequence[ConfigurationRow]
    finding: Phrase

    @property
    def window(self) -> int:
        """How many words of an answer are read for ``contains``."""
        return WINDOW

    @property
    def grounds(self) -> bool:
        """Whether it says what answers rest on."""
        return any(name in GROUNDS for name in self.metrics)

    @property
    def planted(self) -> bool:
        """Whether it says who obeys instructions in documents."""
        return OBEYED in self.metrics

    @property
    def graded(self) -> bool:
        """Whether it says what people called right."""
        return ESTIMATE in self.metrics

    @property
    def matches(self) -> bool:
        """Whether it tells form from knowledge."""
        return MATCHES[-1] in self.metrics


def matches_info(task: TaskReport) -> MatchInfo | None:
    """Returns what there is beside the primary metric; None where records have nothing."""
    there = {name for row in task.rows for name in row.metrics}
    matches = tuple(name for name in MATCHES if name in there)
    grounds = tuple(name for name in GROUNDS if name in there)
    planted = tuple(name for name in PLANTED if name in there)
    graded = tuple(name for name in (GRADED, ESTIMATE) if name in there)
    if len(matches) < 2 and not (grounds or planted or graded):
        return None
    first = matches if task.metric in matches else (task.metric, *matches)
    findings = joined((*_findings(task), *_obedient(task)), " ")
    return MatchInfo((*first, *grounds, *planted, *graded), task.rows, findings)


def _obedient(task: TaskReport) -> Iterator[Phrase]:
    """Says of each configuration how many answers obey what its passages told the model to do."""
    for row in task.rows:
        if OBEYED in _defined(row):
            figure = row.metrics[OBEYED]
            taken = round((figure.value or 0.0) * figure.n)
            yield phrase("finding.injections", name=row.label, k=f"{taken:,}", n=f"{figure.n:,}")


def _findings(task: TaskReport) -> Iterator[Phrase]:
    """Says whose answers lack form most, and what form does to the lead of the best."""
    known = [row for row in task.ranked if {MATCHES[0], MATCHES[-1]} <= _defined(row)]
    if not known:
        return
    widest = max(known, key=lambda row: _held(row) - _exact(row))
    if _held(widest) - _exact(widest) < NO_GAP:
        yield phrase("finding.form.none")
        return
    shares = {"exact": written.percent(_exact(widest)), "held": written.percent(_held(widest))}
    yield phrase("finding.form.gap", name=widest.label, **shares)
    best = max(known, key=lambda row: (_exact(row), _held(row)))
    other = max((row for row in known if row is not best), key=_held, default=None)
    if other is None:
        return
    lead, rest = _exact(best) - _exact(other), _held(best) - _held(other)
    key = "finding.form.turned" if rest < 0 else "finding.form.lead"
    points = {"lead": written.points(lead, task), "rest": written.points(abs(rest), task)}
    yield phrase(key, best=best.label, other=other.label, **points)


def _defined(row: ConfigurationRow) -> set[str]:
    return {name for name, figure in row.metrics.items() if figure.value is not None}


def _exact(row: ConfigurationRow) -> float:
    return row.metrics[MATCHES[0]].value or 0.0


def _held(row: ConfigurationRow) -> float:
    return row.metrics[MATCHES[-1]].value or 0.0
