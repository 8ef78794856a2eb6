"""Results of promptfoo: ``promptfoo eval -o results.json``."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
from harness.types import Finish, Usage

__all__ = ["KNOWN", "read", "recognise"]

KNOWN = "promptfoo's results (promptfoo eval -o results.json)"
ERROR = 2  # `failureReason` of a provider's error; 1 is an assertion that failed
EQUAL = {"equals", "contains", "icontains", "contains-any", "icontains-any"}
VARIABLE = re.compile(r"\s*{{\s*(\w+)\s*}}\s*")
FINISHES: Mapping[str | None, Finish] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "refused",
}
Count = Field(None, ge=0, le=10**12)


class Tokens(Part):
    """Tokens of a request; all None where the answer is from promptfoo's own cache."""

    prompt: int | None = Count
    completion: int | None = Count


class Response(Part):
    """What a provider gave."""

    output: JsonValue = None
    error: str | None = None
    cached: bool = False
    isRefusal: bool = False
    finishReason: str | None = None
    tokenUsage: Tokens | None = None


class Provider(Part):
    """Who was asked."""

    id: str = ""
    label: str | None = None


class Asked(Part):
    """A prompt with its variables filled in."""

    raw: str = ""
    label: str = ""


class Assertion(Part):
    """What an answer has to be."""

    type: str = ""
    value: JsonValue = None
    assert_: list[Assertion] = Field([], alias="assert")  # of an assert-set


class Test(Part):
    """The test of a row."""

    assert_: list[Assertion] | None = Field(None, alias="assert")


class Result(Part):
    """One answer to one test."""

    promptIdx: int = 0
    prompt: Asked = Asked()
    provider: Provider | str = ""
    vars: dict[str, JsonValue] = {}
    response: Response | None = None
    error: str | None = None
    failureReason: int | None = None
    success: bool | None = None
    score: float | None = None
    cost: float | None = Field(None, ge=0)
    latencyMs: float | None = Field(None, ge=0)
    testCase: Test = Test()


def recognise(path: Path, head: str) -> bool:
    """Whether a file begins as promptfoo's results do."""
    return all(f'"{name}"' in head for name in ("evalId", "results"))


def read(path: Path) -> list[Log]:
    """Reads results: one log for each prompt with each provider, and each repeat.

    Raises:
        DataError: The file isn't as promptfoo writes it.
    """
    text, _ = table_text(file_bytes(path), path.name)
    value = parsed(text, path.name)
    within = value.get("results") if isinstance(value, dict) else None
    listed = within.get("results") if isinstance(within, dict) else None
    if not isinstance(value, dict) or not isinstance(listed, list) or not listed:
        raise DataError(f"{path.name} has no list of results in its 'results'", DAMAGED)
    about = value.get("metadata")
    version = about.get("promptfooVersion", "") if isinstance(about, dict) else ""
    groups: dict[tuple[int, int], list[tuple[str, Result]]] = defaultdict(list)
    seen: Counter[str] = Counter()
    for number, each in enumerate(listed, 1):
        place = f"{path.name}, result {number}"
        result = checked(Result, each, place)
        row = json.dumps([result.promptIdx, result.vars, result.prompt.raw], sort_keys=True)
        seen[row] += 1
        groups[result.promptIdx, seen[row]].append((place, result))
    names = _names({key: results[0][1] for key, results in groups.items()})
    described = value.get("config")
    task = described.get("description") if isinstance(described, dict) else None
    return [
        _log(f"promptfoo {version}".strip(), str(task or path.stem), names[key], results)
        for key, results in groups.items()
    ]


def _provider(result: Result) -> Provider:
    given = result.provider
    return Provider(id=given) if isinstance(given, str) else given


def _names(firsts: Mapping[tuple[int, int], Result]) -> dict[tuple[int, int], str]:
    """Returns what tells the logs of a file apart: provider, prompt, repeat."""
    if len(firsts) == 1:
        return dict.fromkeys(firsts, "")
    shown = {key: _provider(each).label or _provider(each).id for key, each in firsts.items()}
    prompts = {each.prompt.label for each in firsts.values()}
    names = {}
    for key, name in shown.items():
        parts = [name]
        if len(prompts) > 1:
            parts.append(f"prompt {sorted(prompts).index(firsts[key].prompt.label) + 1}")
        if any(repeat > 1 for _, repeat in firsts):
            parts.append(f"repeat {key[1]}")
        names[key] = ", ".join(parts)
    twice = {name for name, times in Counter(names.values()).items() if times > 1}
    return {k: f"{name}, {k[0] + 1}" if name in twice else name for k, name in names.items()}


def _log(format_: str, task: str, name: str, results: Sequence[tuple[str, Result]]) -> Log:
    answers = [_answer(place, result) for place, result in results]
    kinds = Counter(kind for _, each in results for kind, _ in _right(each)[:1])
    notes = []
    if kinds:
        said = ", ".join(f"{kind} {times}" for kind, times in kinds.items())
        notes.append(f"right answers are those of its assertions ({said})")
    if cached := sum(bool(each.response and each.response.cached) for _, each in results):
        notes.append(f"{cached} answers are from promptfoo's cache: their tokens aren't known")
    id_ = _provider(results[0][1]).id
    return Log(
        format=format_,
        task=task,
        answers=tuple(answers),
        name=name,
        model=Path(id_.rpartition(":")[2]).name or None,
        metric="score",
        question=question_field(answers),
        notes=tuple(notes),
    )


def _answer(place: str, result: Result) -> Answer:
    given = result.response or Response()
    failed = result.failureReason == ERROR or given.error is not None or given.output is None
    inputs = {name: text for name, text in result.vars.items() if isinstance(text, str) and text}
    answers = _right(result)
    tokens = given.tokenUsage
    counted = tokens and tokens.prompt is not None and tokens.completion is not None
    output = given.output
    finish: Finish | None = "refused" if given.isRefusal else FINISHES.get(given.finishReason)
    id_ = result.vars.get("id")
    return Answer(
        place=place,
        text=None
        if failed
        else output
        if isinstance(output, str)
        else json.dumps(output, ensure_ascii=False),
        id=str(id_) if isinstance(id_, (str, int)) else "",
        inputs={**inputs, PROMPT: result.prompt.raw},
        right=tuple(dict.fromkeys(text for _, text in answers)),
        finish=finish,
        usage=Usage(tokens.prompt or 0, 0, tokens.completion or 0) if tokens and counted else None,
        seconds=None if result.latencyMs is None or given.cached else result.latencyMs / 1000,
        usd=result.cost or None if failed else result.cost,  # promptfoo writes 0 for an error
        error=given.error or result.error or "the log has no answer" if failed else None,
        score=None if failed else result.score,
    )


def _assertions(listed: Sequence[Assertion]) -> Iterator[Assertion]:
    for each in listed:
        yield each
        yield from _assertions(each.assert_)


def _right(result: Result) -> list[tuple[str, str]]:
    """Returns the right answers that assertions name, each with the kind of its assertion."""
    found = []
    for each in _assertions(result.testCase.assert_ or ()):
        values = each.value if isinstance(each.value, list) else [each.value]
        if each.type in EQUAL:
            texts = [_filled(value, result) for value in values]
            found += [(each.type, text) for text in texts if text]
    return found


def _filled(value: JsonValue, result: Result) -> str:
    """Returns a value with its variable filled in; empty where it is a template or no text."""
    text = str(value) if isinstance(value, (str, int, float)) else ""
    if named := VARIABLE.fullmatch(text):
        filled = result.vars.get(named[1])
        return str(filled) if isinstance(filled, (str, int, float)) else ""
    return "" if "{{" in text or "{%" in text else text
