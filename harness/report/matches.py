"""What stands beside the match: whether answers lack knowledge or form, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.words import Phrase, joined, phrase
from harness.metrics.answers.match import WINDOW
from harness.metrics.metric import MATCHES
from harness.metrics.obedience import OBEYED, PLANTED
from harness.metrics.sources import GROUNDS
from harness.report import format as written
from harness.report.values import ConfigurationRow, TaskReport

__all__ = ["MatchInfo", "matches_info"]

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
    def matches(self) -> bool:
        """Whether it tells form from knowledge."""
        return MATCHES[-1] in self.metrics


def matches_info(task: TaskReport) -> MatchInfo | None:
    """Returns what there is beside the primary metric; None where records have nothing."""
    there = {name for row in task.rows for name in row.metrics}
    matches = tuple(name for name in MATCHES if name in there)
    grounds = tuple(name for name in GROUNDS if name in there)
    planted = tuple(name for name in PLANTED if name in there)
    if len(matches) < 2 and not (grounds or planted):
        return None
    first = matches if task.metric in matches else (task.metric, *matches)
    findings = joined((*_findings(task), *_obedient(task)), " ")
    return MatchInfo((*first, *grounds, *planted), task.rows, findings)


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
