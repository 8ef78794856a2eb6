"""Samples of lm-evaluation-harness: ``samples_TASK_DATE.jsonl``, and the results beside them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field, JsonValue

from harness.decoding import file_bytes, table_text
from harness.errors import DataError
from harness.runs.referee.log import (
    DAMAGED,
    PROMPT,
    Answer,
    Log,
    Part,
    checked,
    parsed,
    question_field,
)

__all__ = ["KNOWN", "read", "recognise"]

KNOWN = "lm-eval's samples_*.jsonl (--log_samples)"
NAME = re.compile(r"samples_(.+)_(\d{4}-\d\d-\d\dT[\d.-]+)")
GPU = re.compile(r"^GPU 0: (.+?)(?: \(UUID.*)?$", re.M)
SERVED = ("completions", "anthropic", "openai", "gguf", "watsonx", "ibm")
"""What stands in the names of lm-eval's models that ask a server."""


class Sample(Part):
    """A line, as far as it is read."""

    doc_id: int
    doc: dict[str, JsonValue] | str
    target: JsonValue = None
    arguments: dict[str, dict[str, JsonValue]] | list[list[JsonValue]]
    resps: list[JsonValue]
    filtered_resps: list[JsonValue]
    filter: str = "none"
    metrics: list[str] = []


class Config(Part):
    """How lm-eval was called."""

    model: str = ""
    model_args: dict[str, JsonValue] | str | None = None
    device: str | None = None


class Results(Part):
    """The file ``results_DATE.json``, as far as it is read."""

    config: Config = Config()
    lm_eval_version: str = ""
    pretty_env_info: str = ""
    model_name: str | None = None
    total_evaluation_time_seconds: float | None = Field(None, ge=0)


def recognise(path: Path, head: str) -> bool:
    """Whether a file begins as samples of lm-eval do."""
    return head.startswith("{") and all(f'"{name}"' in head for name in ("doc_id", "doc"))


def read(path: Path) -> list[Log]:
    """Reads a file of samples: one task, one model.

    Raises:
        DataError: A line that isn't as lm-eval writes it, or a task without answers.
    """
    text, _ = table_text(file_bytes(path), path.name)
    documents: dict[int, tuple[str, Sample, dict[str, JsonValue]]] = {}
    filters: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path.name}, line {number}"
        value = parsed(line, place)
        sample = checked(Sample, value, place)
        filters[sample.filter] = None
        if sample.filter == next(iter(filters)):
            if sample.doc_id in documents:
                raise DataError(
                    f"{place}: doc_id {sample.doc_id} stood in an earlier line", DAMAGED
                )
            assert isinstance(value, dict)  # or it would have been no sample
            documents[sample.doc_id] = (place, sample, value)
    kept = next(iter(filters))
    answers = [_answer(*each) for each in documents.values()]
    metric = _metric(*next(iter(documents.values()))[1:])
    return [_log(path, answers, metric, kept, list(filters), list(documents.values()))]


def _log(
    path: Path,
    answers: Sequence[Answer],
    metric: str,
    kept: str,
    filters: Sequence[str],
    documents: Sequence[tuple[str, Sample, dict[str, JsonValue]]],
) -> Log:
    results, notes = _results(path)
    if len(filters) > 1:
        notes.append(f"its score is that of the filter {kept}; the log also has {filters[1:]}")
    repeats = max(len(_written(each)) for _, each, _ in documents)
    if repeats > 1 and not answers[0].choices:
        notes.append(f"lm-eval asked each question {repeats} times: the first answer is scored")
    if (seconds := results.total_evaluation_time_seconds) is not None:
        notes.append(
            f"lm-eval took {seconds:,.0f} s with loading; the seconds of answering aren't in its log"
        )
    if not answers[0].usage:
        notes.append("lm-eval logs no tokens")
    match = NAME.fullmatch(path.stem)
    return Log(
        format=f"lm-eval {results.lm_eval_version}".strip(),
        task=match[1] if match else path.stem,
        answers=tuple(answers),
        model=_model(results),
        metric=metric if kept == "none" else f"{metric},{kept}",
        question=question_field(answers),
        device=_device(results),
        notes=tuple(notes),
    )


def _results(path: Path) -> tuple[Results, list[str]]:
    """Reads the results beside the samples, which have the same date in their name."""
    match = NAME.fullmatch(path.stem)
    beside = path.with_name(f"results_{match[2]}.json") if match else None
    if beside is None or not beside.is_file():
        name = beside.name if beside else "results_DATE.json"
        return Results(), [f"{name} isn't beside it: the model isn't known"]
    text, _ = table_text(file_bytes(beside), beside.name)
    return checked(Results, parsed(text, beside.name), beside.name), []


def _model(results: Results) -> str | None:
    given = results.config.model_args or {}
    named: dict[str, JsonValue]
    if isinstance(given, str):
        parts = (part.partition("=") for part in given.split(","))
        named = {name: value for name, _, value in parts}
    else:
        named = given
    name = named.get("pretrained") or named.get("model") or results.model_name
    return Path(str(name)).name if name else None


def _device(results: Results) -> str:
    config = results.config
    if not config.model or any(word in config.model for word in SERVED):
        return "api"
    if (config.device or "").startswith("cpu"):
        return "cpu"
    found = GPU.search(results.pretty_env_info)
    return f"cuda:{found[1].strip()}" if found else "cuda:unknown"


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]


def _requests(sample: Sample, place: str) -> list[tuple[str, JsonValue]]:
    """Returns context and continuation, or options of generation, of each request."""
    given = sample.arguments
    pairs = [list(each.values()) for each in given.values()] if isinstance(given, dict) else given
    if not pairs or not all(pair and isinstance(pair[0], str) for pair in pairs):
        raise DataError(f"{place}: arguments: they are no requests with a text", DAMAGED)
    return [(str(pair[0]), pair[1] if len(pair) > 1 else None) for pair in pairs]


def _answer(place: str, sample: Sample, value: dict[str, JsonValue]) -> Answer:
    requests = _requests(sample, place)
    doc = sample.doc if isinstance(sample.doc, dict) else {}
    inputs = {name: text for name, text in doc.items() if isinstance(text, str) and text.strip()}
    id_ = doc.get("id")
    answer = Answer(
        place=place,
        text=None,
        id=str(id_) if isinstance(id_, (str, int)) else "",
        inputs={**inputs, PROMPT: requests[0][0]},
        score=_number(value.get(_metric(sample, value))),
    )
    if isinstance(requests[0][1], str):
        choices, scores = _chosen(place, sample, requests)
        best = max(scores, key=scores.__getitem__)
        right = _right(sample.target, choices)
        return replace(answer, text=best, right=right, choices=choices, scores=scores)
    first = next(iter(_written(sample)), None)
    if not isinstance(first, str):
        raise DataError(
            f"{place}: resps: there is no answer in it",
            "Likelihoods of whole texts have no answer to score; generated texts and choices do.",
        )
    target = [str(each) for each in _listed(sample.target) if each is not None]
    return replace(answer, text=first, right=tuple(filter(None, target)))


def _written(sample: Sample) -> list[JsonValue]:
    """Returns the answers to the first request: several where lm-eval repeats it."""
    return _listed(sample.resps[0]) if sample.resps else []


def _chosen(
    place: str, sample: Sample, requests: Sequence[tuple[str, JsonValue]]
) -> tuple[tuple[str, ...], dict[str, float]]:
    """Returns the choices, and the log-likelihood of each after the question."""
    # Others, with another context, are what acc_mutual_info asks besides.
    asked = [str(each).strip() for context, each in requests if context == requests[0][0]]
    if len(asked) < 2 or len(set(asked)) < len(asked):
        raise DataError(
            f"{place}: arguments: its requests aren't choices after one question",
            "Samples of multiple_choice and generate_until have answers to score.",
        )
    given = sample.filtered_resps[: len(asked)]
    try:
        values = [float(str(_listed(each)[0])) for each in given]
        pairs = dict(zip(asked, values, strict=True))
    except (ValueError, IndexError) as error:
        raise DataError(f"{place}: filtered_resps: {error}"[:200], DAMAGED) from error
    if not all(map(math.isfinite, values)):
        raise DataError(f"{place}: filtered_resps: a likelihood is no number", DAMAGED)
    return tuple(asked), pairs


def _right(target: JsonValue, choices: Sequence[str]) -> tuple[str, ...]:
    """Returns the right choices; a number is an index, as it is to lm-eval."""
    found = []
    for each in _listed(target):
        text = str(each).strip()
        if text.isdecimal() and int(text) < len(choices):
            found.append(choices[int(text)])
        elif text in choices:
            found.append(text)
    return tuple(found)


def _metric(sample: Sample, value: dict[str, JsonValue]) -> str:
    return next((name for name in sample.metrics if _number(value.get(name)) is not None), "")


def _number(value: JsonValue) -> float | None:
    if isinstance(value, (bool, int, float)) and math.isfinite(value):
        return float(value)
    return None
