"""The values that tasks, strategies, models and the record exchange.

A strategy is given a `Query`, which has no answer in it; only training and
development rows come as an `Example`. Scoring happens elsewhere, on `Output`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from harness.calls import Call, Tool, Usage

__all__ = [
    "Call",
    "Estimate",
    "Example",
    "GenRequest",
    "Generation",
    "Outcome",
    "Output",
    "Passage",
    "Prompt",
    "Query",
    "Row",
    "Sampling",
    "ScoreRequest",
    "Scored",
    "Scores",
    "Section",
    "Tool",
    "Usage",
    "query_from",
]

Outcome = Literal["ok", "unparsed", "refused", "truncated", "error"]
"""`unparsed`, `refused` and `truncated` are wrong answers and count in n; `error` is outside n."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, with the place it comes from.

    Attributes:
        source: File name or document id.
        span: First and past-the-last character in the extracted text, if known.
        place: Where that is, for a person: file, page, article.
    """

    text: str
    source: str
    span: tuple[int, int] | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """One row as a strategy sees it: no answer, no cluster, no slice.

    Attributes:
        id: Unique within the task.
        text: The input, rendered by the task (question, sentence, question with options).
        choices: The labels or options to choose from; empty for free text.
        passages: Gold passages; filled only for a strategy that needs them (a ceiling).
    """

    id: str
    text: str
    choices: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()


def query_from(values: Mapping[str, Any]) -> Query:
    """Makes a query of the JSON values of one."""
    passages = tuple(
        Passage(
            passage["text"], passage["source"], tuple(passage["span"]) if passage["span"] else None
        )
        for passage in values["passages"]
    )
    return Query(values["id"], values["text"], tuple(values["choices"]), passages)


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled row of the train or dev split.

    Attributes:
        target: The label, or the canonical answer.
        accepted: Every answer that counts as right, the canonical one first.
        cluster: Rows that share a fact, document or customer share this.
    """

    query: Query
    target: str
    accepted: tuple[str, ...] = ()
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a task with all that scoring needs. Strategies never see a test row.

    Attributes:
        columns: The columns that results are sliced by, as text.
        answerable: False where the right answer is to say that one doesn't know.
        passages: Gold passages: where the documents say it.
        key_facts: For a description: what it has to say, each fact as the texts that say it.
    """

    example: Example
    columns: Mapping[str, str] = field(default_factory=dict)
    answerable: bool = True
    passages: tuple[Passage, ...] = ()
    key_facts: tuple[tuple[str, ...], ...] = ()

    @property
    def id(self) -> str:
        """The row's id."""
        return self.example.query.id


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a prompt; the model decides how each kind is rendered.

    Attributes:
        text: The instructions, an example's input, or the question.
        answer: The answer of an example; empty for the other kinds.
        query: What an example or the question was made of; passages can be retrieved for it.
        passages: What stands before an example or the question, best first.
    """

    kind: Literal["instructions", "example", "question"]
    text: str
    answer: str = ""
    query: Query | None = None
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked, before any template or tokenizer.

    Attributes:
        sections: In the order in which they are read; the question comes last.
        cue: Stands before an answer in a plain-text prompt ("Answer:").
        input_cue: Stands before an input in a plain-text prompt ("Question:").
        settled: The answer, where it is known before a model is asked; then none is.
    """

    sections: tuple[Section, ...]
    cue: str = "Answer:"
    input_cue: str = "Question:"
    settled: str = ""

    def with_sections(self, *extra: Section) -> Prompt:
        """Returns this prompt with sections put in before the question."""
        head, question = self.sections[:-1], self.sections[-1:]
        return replace(self, sections=(*head, *extra, *question))

    def with_passages(self, find: Callable[[Query], Sequence[Passage]]) -> Prompt:
        """Returns this prompt with what `find` returns for each example and the question.

        The passages come after those that stand there.
        """
        return replace(
            self,
            sections=tuple(
                section
                if section.query is None
                else replace(section, passages=(*section.passages, *find(section.query)))
                for section in self.sections
            ),
        )

    def with_instructions(self, text: str) -> Prompt:
        """Returns this prompt with more at the end of its instructions."""
        first, *rest = self.sections
        if first.kind != "instructions":
            return replace(self, sections=(Section("instructions", text), first, *rest))
        joined = replace(first, text=f"{first.text} {text}")
        return replace(self, sections=(joined, *rest))

    def with_note(self, note: str) -> Prompt:
        """Returns this prompt with a line below the question."""
        *head, question = self.sections
        return replace(self, sections=(*head, replace(question, text=f"{question.text}\n{note}")))

    @property
    def evidence(self) -> tuple[Passage, ...]:
        """The passages that the question comes with."""
        return self.sections[-1].passages


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model decodes. Greedy unless a temperature is given."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Asks for the log-likelihood of each continuation, given a prompt."""

    id: str
    prompt: Prompt
    continuations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The answer to a `ScoreRequest`.

    Attributes:
        logprobs: Natural-log likelihood of each continuation, summed over its tokens.
        n_tokens: Length of each continuation in tokens.
        is_greedy: Whether each continuation is what greedy decoding would give.
    """

    id: str
    logprobs: tuple[float, ...]
    n_tokens: tuple[int, ...]
    is_greedy: tuple[bool, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class GenRequest:
    """Asks for text after a prompt.

    Attributes:
        id: Unique within the call.
        stop: Strings at which the text ends (not part of it), checked on text.
        max_tokens: At most this many new tokens.
        tools: That the model may call, where its interface knows calls.
    """

    id: str
    prompt: Prompt
    stop: tuple[str, ...] = ()
    max_tokens: int = 32
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """The answer to a `GenRequest`.

    Attributes:
        text: The new text, without the stop string.
        finish: Why it ended: at a stop or an end token, at `max_tokens`, or refused.
        error: Why there is no answer, where a server gave none.
        calls: Tools that it calls instead of answering: each name with its text.
    """

    id: str
    text: str
    finish: Literal["stop", "length", "refused"]
    usage: Usage
    error: str | None = None
    calls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """A strategy's answer to one query.

    Attributes:
        text: The label, option or free text that was answered, unparsed. None after an error.
        finish: Why generation ended; None where nothing was generated.
        scores: Log-likelihood (or probability) by choice, where the readout has them.
        evidence: Passages that were retrieved, best first.
        error: What went wrong, if anything did; such a row is outside n.
        calls: Uses of tools on the way to the answer, in their order.
        metered: False where it took tokens that nobody counted.
    """

    id: str
    text: str | None
    finish: Literal["stop", "length", "refused"] | None = None
    scores: Mapping[str, float] | None = None
    usage: Usage = field(default_factory=Usage)
    evidence: Sequence[Passage] = ()
    error: str | None = None
    calls: Sequence[Call] = ()
    metered: bool = True


@dataclass(frozen=True, slots=True)
class Scored:
    """One prediction beside its answer.

    Attributes:
        outcome: What became of the query.
        target: The right label or canonical answer.
        predicted: The parsed answer; None where there is none.
        correct: Whether it is right, by the task's own rule.
        abstained: Whether the answer was to say that one doesn't know.
        values: Row metrics by name: shares in 0-1 (exact_match, token_f1, handover), or money in
            the task's currency (expected_loss); `harness.metrics.registry.known` has direction
            and unit. A metric that isn't defined for the row is left out.
        cluster: Rows that share it are resampled together.
        judged: Of each metric that a judge gives: scored, failed or not_applicable.
    """

    id: str
    outcome: Outcome
    target: str
    predicted: str | None
    correct: bool
    abstained: bool = False
    answerable: bool = True
    values: Mapping[str, float] = field(default_factory=dict)
    cluster: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    judged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the ends of its 95 % interval; None where it is not defined.

    Attributes:
        n: Rows that it is computed from.
        method: How the interval was made (``wilson``, ``cluster-bootstrap``, ...).
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
