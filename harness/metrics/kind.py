"""What a kind of task is: one declaration each, in a file of its own in `harness/metrics/kinds`.

A module of that package declares its kind in ``KIND``, and `harness.metrics.registry` finds it: to
add one is to add a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from harness.metrics.losses import DecisionCosts, Ruling
from harness.metrics.parse import Mode
from harness.types import Output, Row, Scored

__all__ = ["Group", "Kind", "Marked", "Misread", "Read", "Reader", "Rules", "no_answer"]

Group = Literal["choice", "text", "question"]
"""What kinds have in common, as `Metric.kinds` names it: the answer is one of few; it is prose; the
right answer may be that one doesn't know."""


@dataclass(frozen=True)
class Rules:
    """How the rows of a task are scored."""

    kind: str  # the name of one, see `harness.metrics.registry.kinds`
    choices: tuple[str, ...] = ()  # The task's labels; a row's own choices go before them
    aliases: Mapping[str, str] = field(default_factory=dict)
    parser: Mode = "lenient"  # ``strict`` or ``lenient``, see `harness.metrics.parse.parse_label`
    language: str = ""
    abstain: tuple[str, ...] = ()  # More texts that say that one doesn't know
    costs: DecisionCosts | None = None
    tolerance: float | None = None  # share of a right number by which an answer may be off


Read = tuple[Scored, Ruling | None]
"""What became of the query, without values; of a decision, what was decided."""
Reader = Callable[[Row, Output, Rules, Scored], Read]
"""Reads an answer; the last argument is what is known of the row before, with outcome ``error``."""


class Misread(ValueError):
    """A right answer that isn't written as its kind needs it; `hint` is the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Marked:
    """What a row's cells say of its right answer."""

    cell: object = ""  # of the target column: a text, a list or an object
    labels: Mapping[str, str] = field(default_factory=dict)  # the label that each text means
    flags: Mapping[str, str] = field(default_factory=dict)  # a cell for each label, ``1`` or ``0``
    tokens: Sequence[str] = ()  # of the input
    tags: Sequence[str] | None = None  # of the tokens; None where there is no such column


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of task."""

    name: str  # as task files and ``--kind`` say it
    summary: str  # what an answer is, and when it is right, in one line
    row: str  # what a row looks like, for `list kinds`
    read: Reader
    groups: frozenset[Group] = frozenset()
    readout: Literal["loglikelihood", "generate"] = "generate"  # where the task names none
    # Columns without which it can't be: of each group one, and why.
    needs: tuple[tuple[tuple[str, ...], str], ...] = ((("target",), "the answers are missing"),)
    takes: Mapping[str, str] = field(default_factory=dict)  # its own fields, and what they are
    labelled: bool = False  # whether a task declares its labels
    chosen: bool = False  # whether the answer is among few
    several: bool = False  # whether it may be several of them
    lettered: bool = False  # whether a row's options are shown with letters
    mute: bool = False  # whether passages are the answer, without a text
    spelt: bool = False  # whether the texts that a task declares for its labels are read in answers
    decides: bool = False  # whether an answer that wasn't given is a decision, too
    # What an answer can be bound to: one of the labels or options, several of them, pieces of text.
    bound: Literal["one", "several", "pieces"] | None = None
    # Makes the one text that stands for the right answer; None where it is a label, or the cell.
    right: Callable[[Marked], str] | None = None
    # The labels in a row's cells, or the types of its entities, where a table doesn't declare them.
    parts: Callable[[Marked], Sequence[str]] | None = None
    # The labels that a right answer has, where it isn't one by itself.
    labels_of: Callable[[str, Sequence[str]], tuple[str, ...]] | None = None
    # Of a task or a table that names none: metrics (the first is the primary one; a kind without
    # any needs a task file), instructions in English and Korean, which may name the labels.
    metrics: tuple[str, ...] = ()
    instructions: tuple[str, str] = ("", "")
    defaults: Mapping[str, object] = field(default_factory=dict)  # other fields of a task file

    def schema(self, choices: Sequence[str]) -> Mapping[str, object] | None:
        """Returns the JSON schema of an answer; None where it can't be bound to one."""
        if self.bound is None:
            return None
        one = {"type": "string"} | ({} if self.bound == "pieces" else {"enum": list(choices)})
        if self.bound == "one":
            return one
        most = {"maxItems": len(choices)} if self.bound == "several" else {}  # some repeat them
        return {"type": "array", "items": one, **most}

    def among(self, kinds: frozenset[str]) -> bool:
        """Whether it is one of those that a metric names: itself, a group, or ``all``."""
        return bool(kinds & {self.name, *self.groups, "all", *(() if self.mute else ("answer",))})


def no_answer(output: Output, blank: Scored) -> Scored:
    """Returns what becomes of an answer that can't be read, and may have been cut."""
    cut = output.finish == "length" and bool((output.text or "").strip())
    return replace(blank, outcome="truncated" if cut else "unparsed")
