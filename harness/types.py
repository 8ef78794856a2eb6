"""The values that tasks, strategies, models and the record exchange.

A strategy is given a `Query`, which has no answer in it; only training and development rows come
as an `Example`. Scoring happens elsewhere, on `Output`.
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
    "Finish",
    "Form",
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
Finish = Literal["stop", "length", "refused", "too_long"]
"""How an answer ended: at a stop string or an end token, at its longest, not given by the model, or
not asked for, since the request is longer than the model's context."""

Form = Literal["trained", "merged", "nf4", "gguf-q8", "gguf-q4", "vllm"]
"""How a model answers: as it was trained, or as it is deployed."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, with the place it comes from."""

    text: str
    source: str  # file name or document id
    span: tuple[int, int] | None = None  # first, past-the-last character of the text, if known
    place: str = ""  # where that is, for a person: file, page, article


@dataclass(frozen=True, slots=True)
class Query:
    """One row as a strategy sees it: no answer, no cluster, no slice."""

    id: str  # unique within the task
    text: str  # the input, rendered by the task (question with options)
    choices: tuple[str, ...] = ()  # the labels or options; empty for free text
    passages: tuple[Passage, ...] = ()  # gold ones; only for a strategy that needs them


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
    """A labelled row of the train or dev split."""

    query: Query
    target: str  # the label, or the canonical answer
    accepted: tuple[str, ...] = ()  # every answer that counts as right, the canonical one first
    cluster: str = ""  # rows that share a fact, document or customer share this


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a task with all that scoring needs. Strategies never see a test row."""

    example: Example
    columns: Mapping[str, str] = field(default_factory=dict)  # what results are sliced by
    answerable: bool = True  # False where the right answer is to say that one doesn't know
    passages: tuple[Passage, ...] = ()  # gold ones: where the documents say it
    # Each fact of a description, as the texts that say it.
    key_facts: tuple[tuple[str, ...], ...] = ()
    origin: str = ""  # where the user finds it: ``rows.csv, line 24``
    asked: str = ""  # the question alone, where a context stands before it in the query

    @property
    def id(self) -> str:
        """The row's id."""
        return self.example.query.id

    @property
    def question(self) -> str:
        """What is asked, without the context that stands before it."""
        return self.asked or self.example.query.text


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a prompt; the model decides how each kind is rendered."""

    kind: Literal["instructions", "example", "question"]
    text: str  # the instructions, an example's input, or the question
    answer: str = ""  # of an example; empty for the other kinds
    query: Query | None = None  # what it was made of; passages can be retrieved for it
    passages: tuple[Passage, ...] = ()  # what stands before it, best first


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked, before any template or tokenizer."""

    sections: tuple[Section, ...]  # in the order in which they are read; the question is last
    cue: str = "Answer:"  # stands before an answer in a plain-text prompt
    input_cue: str = "Question:"  # stands before an input in a plain-text prompt
    settled: str = ""  # the answer, where it is known before a model is asked; then none is

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
    # Whether what ends an answer is scored with each: where one continuation begins another, the
    # shorter is the likelier otherwise, whatever was asked.
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """The answer to a `ScoreRequest`: figures of each continuation."""

    id: str
    logprobs: tuple[float, ...]  # natural-log likelihood, summed over its tokens
    n_tokens: tuple[int, ...]  # length in tokens
    is_greedy: tuple[bool, ...]  # whether greedy decoding would give it
    usage: Usage
    error: str | None = None  # why there are none, where a server gave none
    finish: Finish = "stop"  # `too_long` where the request is longer than the model's context
    metered: bool = True  # as of `Generation`, as is the next
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class GenRequest:
    """Asks for text after a prompt."""

    id: str  # unique within the call
    prompt: Prompt
    stop: tuple[str, ...] = ()  # strings at which the text ends (not part of it), checked on text
    max_tokens: int = 32  # at most this many new ones
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] = ()  # that the model may call, in the form that it was tuned for
    confidence: bool = False  # whether the likelihood of what it writes is wanted
    # JSON schema that a server is asked to bind what it writes to: of an object, or of the ``answer``
    # within one; None: to none.
    schema: Mapping[str, object] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Generation:
    """The answer to a `GenRequest`."""

    id: str
    text: str  # without the stop string
    finish: Finish
    usage: Usage
    error: str | None = None  # why there is no answer, where a server gave none
    calls: tuple[tuple[str, str], ...] = ()  # name and text of the tools that it calls instead
    metered: bool = True  # False where it took tokens that nobody counted
    replayed: bool = False  # whether it was answered, and paid for, before: it took no time now
    # Geometric mean of its tokens' probabilities, the end token's too; None where nothing says.
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A strategy's answer to one query."""

    id: str
    text: str | None  # label, option or free text that was answered, unparsed; None after an error
    finish: Finish | None = None  # None where nothing was generated
    scores: Mapping[str, float] | None = None  # log-likelihood or probability by choice
    usage: Usage = field(default_factory=Usage)
    evidence: Sequence[Passage] = ()  # what was retrieved, best first
    error: str | None = None  # what went wrong, if anything did; such a row is outside n
    calls: Sequence[Call] = ()  # in their order
    metered: bool = True  # False where it took tokens that nobody counted
    replayed: bool = False  # whether all of it was answered, and paid for, before
    chosen: bool = False  # whether the text is one of the choices itself, with nothing to read
    excess: str = ""  # how much longer than the context it is: it was cut, or not asked (too_long)
    confidence: float | None = None  # how sure the answer is, 0-1; None where nothing says
    withheld: str | None = None  # the answer that wasn't given, since it isn't sure enough


@dataclass(frozen=True, slots=True)
class Scored:
    """One prediction beside its answer.

    `values` holds row metrics by name, where they are defined: shares in 0-1, or money in the
    task's currency; `harness.metrics.registry.known` has direction and unit.
    """

    id: str
    outcome: Outcome
    target: str  # the right label or canonical answer
    predicted: str | None  # the parsed answer; None where there is none
    correct: bool  # by the task's own rule
    abstained: bool = False  # whether the answer was to say that one doesn't know
    answerable: bool = True
    values: Mapping[str, float] = field(default_factory=dict)
    cluster: str = ""  # rows that share it are resampled together
    columns: Mapping[str, str] = field(default_factory=dict)
    # By metric that a judge gives: scored, failed or not_applicable.
    judged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the ends of its 95 % interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None
    n: int  # rows that it is computed from
    method: str  # of the interval (``wilson``, ``cluster-bootstrap``, ...)
