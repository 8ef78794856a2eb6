"""What is read of another package's log, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.decoding import parse_json
from harness.errors import DataError
from harness.task.splits import normalised
from harness.types import Finish, Usage

__all__ = ["DAMAGED", "PROMPT", "Answer", "Log", "Part", "checked", "parsed", "question_field"]

PROMPT = "prompt"
"""Name among `Answer.inputs` of the whole text that a model was asked."""
DAMAGED = "The log was cut off, or changed: let the package that wrote it write it again."


class Part(BaseModel):
    """A part of a log, as far as it is read: fields that aren't named here are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Answer:
    """One answer of a log; what the log doesn't say is None or empty."""

    place: str  # where it stands: ``samples_leave.jsonl, line 3``
    text: str | None  # as the model wrote it; None where there is none
    id: str = ""  # what the log calls the row
    inputs: Mapping[str, str] = field(default_factory=dict)  # texts, one of which is the question
    right: tuple[str, ...] = ()  # what the log takes as right, the canonical answer first
    choices: tuple[str, ...] = ()
    scores: Mapping[str, float] | None = None  # log-likelihood by choice
    finish: Finish | None = None
    usage: Usage | None = None
    seconds: float | None = None  # from request to answer
    usd: float | None = None
    error: str | None = None  # why there is no answer
    score: float | None = None  # the log's own


@dataclass(frozen=True)
class Log:
    """The answers of one model in one pass over the rows."""

    format: str  # package and version: ``lm-eval 0.4.13``
    task: str  # what the log calls what it asks
    answers: tuple[Answer, ...]
    name: str = ""  # which model, prompt and pass, where one file has several
    model: str | None = None
    metric: str = ""  # name of its own score
    question: str = PROMPT  # which of `Answer.inputs` is the question
    device: str = "api"  # as a record has it
    notes: tuple[str, ...] = ()


def parsed(text: str | bytes, place: str) -> object:
    """Parses JSON of a log. Raises `DataError`: it is none; the message has the line."""
    try:
        return parse_json(text.decode() if isinstance(text, bytes) else text)
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        where = f"{place}, line {line}" if line > 1 else place
        raise DataError(f"{where}: this is no JSON ({error})"[:300], DAMAGED) from error


def checked(model: type[Model], value: object, place: str) -> Model:
    """Returns a part of a log; `DataError` where a field isn't what the format has."""
    try:
        return model.model_validate(value)
    except (ValidationError, RecursionError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        name = ".".join(map(str, first["loc"])) if first else ""
        why = first["msg"].lower() if first else "it is nested too deeply"
        raise DataError(f"{place}: {name or 'the whole'}: {why}"[:300], DAMAGED) from error


def question_field(answers: Sequence[Answer]) -> str:
    """Returns which text is the question: the longest that stands in each prompt, or the prompt."""
    prompts = [normalised(each.inputs.get(PROMPT, "")) for each in answers]
    names = set.intersection(*(set(each.inputs) for each in answers)) - {PROMPT}
    lengths = {}
    for name in sorted(names):
        texts = [normalised(each.inputs[name]) for each in answers]
        if all(text and text in asked for text, asked in zip(texts, prompts, strict=True)):
            lengths[name] = sum(map(len, texts))
    return max(lengths, key=lengths.__getitem__, default=PROMPT)
