"""What a metric is: one declaration each, in a file of its own beside this one.

A module of this package declares its metrics in ``METRICS``, and `harness.metrics.registry` finds
it: to add one is to add a file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.metrics.kind import Kind
from harness.metrics.losses import Ruling
from harness.types import Output, Row, Scored

if TYPE_CHECKING:
    from harness.metrics.scored_rows import Floats, Integers, ScoredRows
    from harness.metrics.statistics.resampling import Interval

__all__ = [
    "ALL",
    "ANSWERED",
    "CHOICE",
    "DECISION",
    "MATCHES",
    "QA",
    "QUESTION",
    "TEXT",
    "Answered",
    "Metric",
    "Need",
]

# Names of kinds, and of what kinds have in common (`harness.metrics.kind.Kind.among`).
CHOICE = frozenset({"choice"})  # an answer is one of few
QA = frozenset({"qa"})
TEXT = frozenset({"text"})  # an answer is prose
QUESTION = frozenset({"question"})  # the right answer may be that one doesn't know
DECISION = frozenset({"decision"})
ANSWERED = frozenset({"answer"})  # there is an answer, not passages alone
ALL = frozenset({"all"})
MATCHES = ("exact_match", "value_match", "contains")
"""Whether a short answer is right, the strictest first: an answer that is right by one is right by
those after it. What an answer gains from left to right is form, not knowledge."""

Need = Literal[
    "response", "reference", "contexts", "gold", "likelihoods", "labels", "words", "judge"
]
"""What a metric must have of a row: a readable answer that is no abstention, a right answer,
retrieved passages, gold passages, likelihoods of the choices, the right label in the record, words
that spaces separate, a judge's verdict."""


@dataclass(frozen=True, eq=False)
class Answered:
    """What a metric of an answer is given."""

    row: Row
    output: Output
    scored: Scored  # What became of the query, what was read, and whether it is right
    kind: Kind
    language: str = ""
    ruling: Ruling | None = None  # only for the kind ``decision``
    # Whether it would be right if it weren't held back; None where its confidence isn't known.
    unheld: float | None = None

    @property
    def cut(self) -> bool:
        """Whether the answer was cut at its limit, and what there is of it can be read."""
        return self.scored.outcome == "truncated" and bool(self.scored.predicted)

    def has(self, need: Need) -> bool:
        """Says whether there is what a metric needs."""
        if need == "response":
            return self.scored.outcome == "ok" and not self.scored.abstained
        if need == "reference":
            return self.row.answerable
        if need == "contexts":
            return bool(self.output.evidence) or self.kind.mute
        if need == "gold":
            return bool(self.row.passages)
        return need == "likelihoods" and bool(self.output.scores)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric. It has one of three functions, or is computed elsewhere (by ragas, a plug-in)."""

    name: str  # As tasks, records and ``--metric`` say it
    summary: str
    kinds: frozenset[str]  # that it is for: names of kinds of task, or of groups of them
    # A row's value as it is scored, kept in the record; None where it isn't defined. The figure is
    # the mean over rows, clusters resampled.
    answer: Callable[[Answered], float | None] | None = None
    # The rows' values by what the record keeps, not a number where one isn't defined; takes the
    # place of the kept ones.
    row: Callable[[ScoredRows], Floats] | None = None
    # The figure of all rows together, from the rows and the task's labels.
    corpus: Callable[[Sequence[Scored], Sequence[str]], float] | None = None
    # Of `corpus`: from the rows, each one's cluster, and the seed of resampling.
    interval: Callable[[ScoredRows, Integers, int], Interval] | None = None
    higher_is_better: bool = True
    # ``share`` (0-1; a correlation -1 to 1), or ``money``: the task's currency for 1,000 cases.
    unit: Literal["share", "money"] = "share"
    # What a row must have. One that is compared with a right answer (``response`` and
    # ``reference``) is worth a wrong answer where none can be read, and a right or wrong one where
    # a row has no answer or none was given on purpose.
    needs: frozenset[Need] = frozenset()
    reads_cut: bool = False  # Whether an answer that was cut at its limit counts by what it holds

    @property
    def money(self) -> bool:
        """Whether it is an amount."""
        return self.unit == "money"

    @property
    def scale(self) -> int:
        """What the mean over rows is multiplied by: money is shown for 1,000 cases."""
        return 1_000 if self.money else 1

    @property
    def compares(self) -> bool:
        """Whether an answer is compared with the right one."""
        return {"response", "reference"} <= self.needs

    @property
    def rescored(self) -> bool:
        """Whether a record has all that it needs: passages' texts and verdicts aren't kept."""
        functions = (self.answer, self.row, self.corpus)
        return any(functions) and not self.needs & {"contexts", "gold", "judge"}

    def value(self, answered: Answered) -> float | None:
        """Computes a row's value as it is scored; None where it isn't defined."""
        if self.answer is None:
            return None
        readable = answered.has("response") or (self.reads_cut and answered.cut)
        if self.compares and not (readable and answered.has("reference")):
            return float(answered.scored.correct == self.higher_is_better)
        if not all(
            answered.has(need) for need in self.needs - ({"response"} if readable else set())
        ):
            return None
        return self.answer(answered)
