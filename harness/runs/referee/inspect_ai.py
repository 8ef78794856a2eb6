"""Logs of inspect_ai: ``.eval``, an archive with a file a sample, and ``.json``."""

from __future__ import annotations

import string
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import Field, JsonValue

from harness.decoding import Bounds, Refused, archive_members, archive_names, file_bytes, table_text
from harness.errors import DataError
from harness.runs.referee.log import PROMPT, Answer, Log, Part, checked, parsed
from harness.types import Finish, Usage

__all__ = ["KNOWN", "read", "recognise"]

KNOWN = "inspect_ai's .eval and .json"
HEADERS = ("header.json", "_journal/start.json")  # the second of an evaluation that didn't end
FINISHES: Mapping[str | None, Finish] = {
    "stop": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "refused",
}
LOCAL = ("hf", "vllm", "sglang", "ollama", "llama-cpp-python", "transformer_lens", "nnterp")
VALUES = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}  # as inspect_ai counts them by default
ATTACHED = "attachment://"
Count = Field(0, ge=0, le=10**12)


class Tokens(Part):
    """Tokens of one model; those from and into the vendor's cache aren't in `input_tokens`."""

    input_tokens: int = Count
    output_tokens: int = Count
    input_tokens_cache_read: int | None = Count
    input_tokens_cache_write: int | None = Count
    reasoning_tokens: int | None = Count
    total_cost: float | None = Field(None, ge=0)

    def usage(self) -> Usage:
        """Returns them as a ledger counts: cached ones are a part of the input."""
        cached, written = self.input_tokens_cache_read or 0, self.input_tokens_cache_write or 0
        total = self.input_tokens + cached + written
        return Usage(total, cached, self.output_tokens, self.reasoning_tokens or 0)


class Message(Part):
    """A message; its content is a text, or parts of which some are."""

    role: str = ""
    content: str | list[dict[str, JsonValue]] = ""


class Choice(Part):
    """An answer of a model."""

    message: Message = Message()
    stop_reason: str | None = None


class Given(Part):
    """What a model gave."""

    choices: list[Choice] = []
    completion: str | None = None
    error: str | None = None


class Score(Part):
    """A score."""

    value: JsonValue = None
    answer: str | None = None


class Failure(Part):
    """Why a sample has no answer."""

    message: str = ""


class Sample(Part):
    """A sample, as far as it is read."""

    id: int | str
    epoch: int = 1
    input: str | list[Message]
    choices: list[str] | None = None
    target: str | list[str] = ""
    output: Given = Given()
    scores: dict[str, Score] | None = None
    error: Failure | None = None
    model_usage: dict[str, Tokens] = {}
    working_time: float | None = Field(None, ge=0)
    attachments: dict[str, str] = {}


class Evaluation(Part):
    """What was asked of which model."""

    task: str = ""
    model: str = ""
    packages: dict[str, str] = {}


class Header(Part):
    """A log without its samples."""

    status: str = "started"
    eval: Evaluation


def recognise(path: Path, head: str) -> bool:
    """Whether a file begins as inspect_ai's JSON does, or is an archive of its own."""
    if head.startswith("PK"):
        try:
            return bool(set(HEADERS) & set(archive_names(path, Bounds())))
        except Refused as error:
            raise DataError(f"{path.name} {error.message}", error.hint) from error
    return all(f'"{name}"' in head for name in ("eval", "status", "eval_id"))


def read(path: Path) -> list[Log]:
    """Reads a log: one for each pass over the samples (epoch).

    Raises:
        DataError: It isn't as inspect_ai writes it, or has no samples.
    """
    with path.open("rb") as file:
        archived = file.read(2) == b"PK"
    header, samples = _archived(path) if archived else _plain(path)
    epochs: dict[int, list[Answer]] = defaultdict(list)
    metric = ""
    for place, sample in samples:
        metric = metric or next(iter(sample.scores or {}), "")
        epochs[sample.epoch].append(_answer(place, sample, header.eval.model, metric))
    if not epochs:
        raise DataError(
            f"{path.name} has no samples", "inspect_ai leaves them out: --no-log-samples."
        )
    return [
        _log(header, answers, metric, epoch if len(epochs) > 1 else 0)
        for epoch, answers in sorted(epochs.items())
    ]


def _log(header: Header, answers: Sequence[Answer], metric: str, epoch: int) -> Log:
    asked, notes = header.eval, []
    if header.status != "success":
        notes.append(f"inspect_ai says that it ended as {header.status!r}: samples may be missing")
    provider, _, named = asked.model.partition("/")
    model = Path(named or asked.model).name
    if not any(answer.usage for answer in answers):
        notes.append("the log has no tokens of the model")
    return Log(
        format=f"inspect_ai {asked.packages.get('inspect_ai', '')}".strip(),
        task=asked.task.rpartition("/")[2],
        answers=tuple(answers),
        name=f"{model}, epoch {epoch}" if epoch else "",
        model=model or None,
        metric=metric,
        question=PROMPT,
        device="cuda:unknown" if provider in LOCAL else "api",
        notes=tuple(notes),
    )


def _archived(path: Path) -> tuple[Header, Iterator[tuple[str, Sample]]]:
    try:
        names = archive_names(path, Bounds())
        head = next(name for name in HEADERS if name in names)
        ((_, content),) = archive_members(path, [head])
    except Refused as error:
        raise DataError(f"{path.name} {error.message}", error.hint) from error
    header = checked(Header, parsed(content, f"{path.name}, {head}"), f"{path.name}, {head}")
    wanted = [each for each in names if each.startswith("samples/") and each.endswith(".json")]

    def samples() -> Iterator[tuple[str, Sample]]:
        try:
            for name, content in archive_members(path, wanted):
                place = f"{path.name}, {name}"
                yield place, checked(Sample, parsed(content, place), place)
        except Refused as error:
            raise DataError(f"{path.name} {error.message}", error.hint) from error

    return header, samples()


def _plain(path: Path) -> tuple[Header, Iterator[tuple[str, Sample]]]:
    text, _ = table_text(file_bytes(path), path.name)
    value = parsed(text, path.name)
    header = checked(Header, value, path.name)
    listed = value.get("samples") if isinstance(value, dict) else None
    numbered = enumerate(listed if isinstance(listed, list) else [], 1)
    places = ((f"{path.name}, sample {number}", each) for number, each in numbered)
    return header, ((place, checked(Sample, each, place)) for place, each in places)


def _answer(place: str, sample: Sample, model: str, metric: str) -> Answer:
    given, choices = sample.output, tuple(sample.choices or ())
    first = given.choices[0] if given.choices else None
    text = given.completion or (_text(first.message, sample) if first else None)
    error = sample.error.message if sample.error else given.error
    scored = (sample.scores or {}).get(metric)
    if choices and scored and scored.answer:
        text = _option(scored.answer, choices)
    targets = [sample.target] if isinstance(sample.target, str) else sample.target
    tokens = sample.model_usage.get(model)
    return Answer(
        place=place,
        text=None if error else _whole(text or "", sample),
        id=str(sample.id),
        inputs={PROMPT: _question(sample)},
        right=tuple(_option(each, choices) for each in targets if each),
        choices=choices,
        finish=FINISHES.get(first.stop_reason) if first else None,
        usage=tokens.usage() if tokens else None,
        seconds=sample.working_time,
        usd=tokens.total_cost if tokens else None,
        error=error or (None if text is not None else "the log has no answer"),
        score=_value(scored.value) if scored else None,
    )


def _option(text: str, choices: Sequence[str]) -> str:
    """Returns the option that a letter stands for; other texts as they are."""
    number = string.ascii_uppercase.find(text.strip()) if len(text.strip()) == 1 else -1
    return choices[number] if 0 <= number < len(choices) else text


def _question(sample: Sample) -> str:
    """Returns the input; of several messages what the user said last."""
    if isinstance(sample.input, str):
        return _whole(sample.input, sample)
    said = [each for each in sample.input if each.role == "user"]
    return _text(said[-1], sample) if said else ""


def _text(message: Message, sample: Sample) -> str:
    content = message.content
    if isinstance(content, str):
        return _whole(content, sample)
    texts = [part.get("text") for part in content if part.get("type") == "text"]
    return "\n".join(_whole(text, sample) for text in texts if isinstance(text, str))


def _whole(text: str, sample: Sample) -> str:
    """Returns a text that the log keeps among its attachments."""
    if not text.startswith(ATTACHED):
        return text
    return sample.attachments.get(text.removeprefix(ATTACHED), text)


def _value(value: JsonValue) -> float | None:
    if isinstance(value, str):
        return VALUES.get(value)
    return float(value) if isinstance(value, (bool, int, float)) else None
