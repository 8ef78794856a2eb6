"""What a judge is asked about an answer, and what its verdicts are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator

from harness.metrics.judged import CRITERION
from harness.metrics.ragas import CORRECTNESS, Case, State
from harness.records.keys import digest
from harness.runs.judging.judge import Asked, Judge
from harness.task.declared import read_yaml

__all__ = [
    "LABELS",
    "Correctness",
    "Evaluated",
    "Preference",
    "Question",
    "Rubric",
    "asked_about",
    "judged",
    "read_rubric",
]

LABELS = ("Correct Answer", "Incorrect Answer", "Refusal")
_CORRECT = """Judge an answer to a question by comparing it with the right answer.

- "Correct Answer": it gives what the right answer gives. Rounding, another unit of the same amount
  and further true detail are no mistakes.
- "Incorrect Answer": it gives something else, or leaves out what was asked for.
- "Refusal": it doesn't answer, says that it can't, or says that the documents don't tell."""
_RUBRIC = "Say whether an answer to a question meets the criterion that stands last."
_PREFER = """Say which of two answers to a question is the better one: the one that comes closer to the right answer."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The metrics of one row: values where there are some, and the state of each judged one."""

    id: str
    values: Mapping[str, float]
    states: Mapping[str, State]

    def beside(self, other: Evaluated) -> Evaluated:
        """Returns both in one."""
        return Evaluated(self.id, {**self.values, **other.values}, {**self.states, **other.states})


class Question(Protocol):
    """A way to judge an answer."""

    @property
    def metric(self) -> str:
        """Name of the metric that it gives."""

    def known(self, case: Case) -> dict[str, float] | None:
        """Returns the values of a row that needs no judge; None where it needs one."""

    def asks(self, case: Case) -> Sequence[Asked]:
        """Returns what the judge is asked about a row."""

    def values(self, case: Case, verdicts: Sequence[str]) -> dict[str, float]:
        """Returns what its verdicts are worth: the metric, and what it is made of."""


class Correctness:
    """Whether an answer is right, compared with the right one: 0 or 1."""

    metric = CORRECTNESS

    def known(self, case: Case) -> dict[str, float] | None:
        """Returns 0 where there is no answer."""
        return None if case.response else {self.metric: 0.0}

    def asks(self, case: Case) -> Sequence[Asked]:
        """Returns the one thing that is asked."""
        return [asked_about(case.id, case.question, case.reference, case.response)]

    def values(self, case: Case, verdicts: Sequence[str]) -> dict[str, float]:
        """Returns 1 for a right answer."""
        return {self.metric: float(verdicts[0] == LABELS[0])}


def asked_about(id_: str, question: str, reference: str, response: str) -> Asked:
    """Returns what a judge is asked about an answer that has a right one: one of `LABELS`."""
    case = {"question": question, "right answer": reference, "answer to judge": response}
    return Asked(id_, _CORRECT, case, LABELS)


class Criterion(BaseModel):
    """One thing that an answer should have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    asks: str = Field(min_length=1)  # in words, as the judge is told it
    points: float = Field(1.0, gt=0)  # all of them where the answer meets it, else none


class Rubric(BaseModel):
    """Criteria with points; an answer is worth the share of the points that it gets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    criteria: tuple[Criterion, ...] = Field(min_length=1)

    @field_validator("criteria")
    @classmethod
    def _apart(cls, criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
        if len({each.name for each in criteria}) < len(criteria):
            raise ValueError("two criteria have the same name")
        return criteria

    @property
    def metric(self) -> str:
        """Name of the metric."""
        return "judged_rubric"

    @property
    def digest(self) -> str:
        """Identifies the criteria."""
        return digest(self.model_dump(mode="json"))

    def known(self, case: Case) -> dict[str, float] | None:
        """Returns 0 of all where there is no answer."""
        return None if case.response else self.values(case, ["No"] * len(self.criteria))

    def asks(self, case: Case) -> Sequence[Asked]:
        """Asks for each criterion by itself; it stands last, so that a model reads a case once."""
        told = asked_about(case.id, case.question, case.reference, case.response).case
        return [
            Asked(
                *(f"{case.id}#{each.name}", _RUBRIC, {**told, "criterion": each.asks}),
                ("Yes", "No"),
            )
            for each in self.criteria
        ]

    def values(self, case: Case, verdicts: Sequence[str]) -> dict[str, float]:
        """Returns the share of the points, and whether each criterion is met."""
        met = [verdict == "Yes" for verdict in verdicts]
        points = [each.points for each in self.criteria]
        got = sum(each for each, is_met in zip(points, met, strict=True) if is_met)
        by_name = {each.name: float(m) for each, m in zip(self.criteria, met, strict=True)}
        return {
            self.metric: got / sum(points),
            **{f"{CRITERION}{name}": value for name, value in by_name.items()},
        }


def read_rubric(path: Path) -> Rubric:
    """Reads a rubric; errors are those of `read_yaml`."""
    return read_yaml(path, Rubric, "rubric", "docs/judging.md has an example.")


@dataclass
class Preference:
    """Which of two answers is better: 1 this one, 0 the other, 0.5 where they tie.

    Each pair is asked about in both orders. A judge that then prefers another answer has looked at
    the position: that is a tie, and counted.
    """

    others: Mapping[str, str]  # The other run's answers by row; empty: none was given
    metric: str = "judged_preference"
    # Pairs that were asked; of these, the flipped, by which answer was preferred both times.
    counts: Counter[str] = field(default_factory=Counter)

    def known(self, case: Case) -> dict[str, float] | None:
        """Returns the value of a row where one gave no answer, or both gave the same."""
        own, other = bool(case.response), bool(self.others[case.id])
        if own and other and case.response != self.others[case.id]:
            return None
        return {self.metric: (1 + own - other) / 2}

    def asks(self, case: Case) -> Sequence[Asked]:
        """Asks in both orders."""
        pair = (case.response, self.others[case.id])
        return [
            Asked(
                f"{case.id}#{number}",
                _PREFER,
                {
                    "question": case.question,
                    "right answer": case.reference,
                    "answer A": a,
                    "answer B": b,
                },
                ("A", "B"),
            )
            for number, (a, b) in enumerate([pair, pair[::-1]])
        ]

    def values(self, case: Case, verdicts: Sequence[str]) -> dict[str, float]:
        """Returns 1, 0, or 0.5 where the verdict went with the position."""
        won = [verdicts[0] == "A", verdicts[1] == "B"]
        self.counts["asked"] += 1
        if won[0] != won[1]:
            self.counts["flipped_to_first" if won[0] else "flipped_to_second"] += 1
        return {self.metric: sum(won) / 2}


def judged(
    question: Question,
    cases: Sequence[Case],
    judge: Judge,
    progress: Callable[[str, int, int], None] = lambda phase, done, total: None,
) -> Iterator[Evaluated]:
    """Yields the value and the state of each row, in the rows' order.

    Raises:
        BudgetExceeded: The budget is spent; the judge's responses so far are kept.
        UsageError: The judge's server refuses.
    """
    known = {case.id: question.known(case) if case.reference else None for case in cases}
    asked = {
        case.id: question.asks(case) for case in cases if case.reference and known[case.id] is None
    }
    waiting = [each for group in asked.values() for each in group]
    said: dict[str, str | None] = {}
    for id_, verdict in judge.verdicts(waiting):
        said[id_] = verdict
        progress("judge", len(said), len(waiting))
    for case in cases:
        state: State = "scored"
        values: dict[str, float] = {}
        if (given := known[case.id]) is not None:
            values = given
        elif case.id not in asked:
            state = "not_applicable"
        else:
            verdicts = [verdict for each in asked[case.id] if (verdict := said[each.id])]
            if len(verdicts) < len(asked[case.id]):
                state = "failed"
            else:
                values = question.values(case, verdicts)
        yield Evaluated(case.id, values, {question.metric: state})
