"""What a server's answer has to be like; whatever else comes is that request's error."""

from __future__ import annotations

import json
from typing import Literal

from harness.calls import argument_of
from harness.metrics.lists import written_lines
from harness.models.endpoint.failures import Failure, quoted
from harness.models.endpoint.requests import ANSWER, wrapped
from harness.records.files import Json
from harness.types import Generation, GenRequest, Usage

__all__ = ["Malformed", "answer_in", "generation_of", "json_of", "line_of", "usage_of"]

MOST_TOKENS = 10**9  # of one request; more is a mistake


class Malformed(Failure):
    """An answer that can't be used; its tokens were paid all the same, where they are known."""

    def __init__(self, reason: str, usage: Usage | None = None) -> None:
        super().__init__("form", f"an answer of another form: {reason}")
        self.usage = usage


def json_of(body: bytes) -> Json:
    """Reads a JSON object.

    Raises:
        Malformed: It is something else, or too deep, or has numbers of thousands of digits.
    """
    try:
        value = json.loads(body.decode())
    except RecursionError as error:
        raise Malformed("JSON that is too deep") from error
    except ValueError as error:
        began = quoted(body[:80].decode(errors="replace"))
        raise Malformed(f"no JSON ({quoted(str(error))}): {began}") from error
    if not isinstance(value, dict):
        raise Malformed(f"JSON, but no object: {quoted(json.dumps(value))[:80]}")
    return value


def line_of(answer: Json) -> Json:
    """Checks an answer of chat, and returns what is kept of it: a line of the journal.

    Raises:
        Malformed: Something is missing, or of another type.
    """
    usage = usage_of(answer)
    try:
        return {**_said(answer), "usage": None if usage is None else usage.as_dict()}
    except Malformed as error:
        error.usage = usage
        raise


def _said(answer: Json) -> Json:
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise Malformed(_why(answer, "there are no choices"))
    choice = _object(choices[0], "the choice")
    message = _object(choice.get("message"), "the message")
    finish, model = choice.get("finish_reason"), answer.get("model")
    return {
        "model": _text(model, "the model"),
        "text": _text(message.get("content"), "the content"),
        "finish": _text(finish, "finish_reason"),
        "refusal": bool(_text(message.get("refusal"), "the refusal")),
        "calls": _calls(message.get("tool_calls")),
    }


def _why(answer: Json, otherwise: str) -> str:
    """Returns the error that some servers send with the status of a success."""
    error = answer.get("error")
    return f"it says {quoted(json.dumps(error, ensure_ascii=False))}" if error else otherwise


def _calls(value: object) -> list[list[str]]:
    if value is not None and not isinstance(value, list):
        raise Malformed("tool_calls is no list")
    calls = []
    for each in value or ():
        call = _object(each, "a call")
        if call.get("type", "function") != "function":
            continue
        function = _object(call.get("function"), "a call's function")
        name = _text(function.get("name"), "a call's name")
        if not name:
            raise Malformed("a call has no name")
        calls.append([name, _text(function.get("arguments"), "a call's arguments")])
    return calls


def _object(value: object, what: str) -> Json:
    if not isinstance(value, dict):
        raise Malformed(f"{what} is no object but {_kind(value)}")
    return value


def _text(value: object, what: str) -> str:
    """Returns a text; an empty one for null, as where a model only calls a tool."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{what} is no text but {_kind(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Malformed(f"{what} has half of a character in it") from error
    return value


def _kind(value: object) -> str:
    names = {"NoneType": "null", "dict": "an object", "list": "a list", "str": "a text"}
    return names.get(type(value).__name__, "a number")


def usage_of(answer: Json, *, generated: bool = True) -> Usage | None:
    """Returns the tokens that a server counted; None where it doesn't say, or can't be right.

    Counts are whole and not negative, a prompt takes at least one token, and a part is no more than
    what it is a part of.
    """
    told = answer.get("usage")
    if not isinstance(told, dict):
        return None
    into, out = told.get("prompt_tokens"), told.get("completion_tokens") if generated else 0
    cached = _part(told.get("prompt_tokens_details"), "cached_tokens")
    reasoning = _part(told.get("completion_tokens_details"), "reasoning_tokens")
    counts = (into, cached, out, reasoning)
    into, cached, out, reasoning = map(_count, counts)
    if min(into, cached, out, reasoning) < 0 or not into or cached > into or reasoning > out:
        return None
    return Usage(
        input_tokens=into, cached_tokens=cached, output_tokens=out, reasoning_tokens=reasoning
    )


def _part(details: object, name: str) -> object:
    """Returns a count within details; 0 where there are none, the wrong value where it is wrong."""
    if isinstance(details, dict):
        details = details.get(name)
        return 0 if details is None else details
    return 0 if details is None else "no details"


def _count(value: object) -> int:
    """Returns a count; -1 for what is none."""
    right = isinstance(value, int) and not isinstance(value, bool) and value <= MOST_TOKENS
    return value if right and isinstance(value, int) else -1


def generation_of(request: GenRequest, line: Json, *, replayed: bool = False) -> Generation:
    """Returns what a line of the journal says to a request."""
    text: str = line["text"]
    bound = answer_in(text) if wrapped(request.schema) else None
    # Of an answer in JSON that was cut off, a line says nothing.
    stops = () if request.schema is not None and text.lstrip()[:1] == "{" else request.stop
    text = text if bound is None else bound
    cuts = [at for stop in stops if stop and (at := text.strip("\n").find(stop)) >= 0]
    text = text.strip("\n")[: min(cuts)] if cuts else text
    finish: Literal["length", "stop", "refused"] = "stop"
    if line["refusal"] or line["finish"] == "content_filter":
        finish = "refused"
    elif line["finish"] == "length" and not cuts:
        finish = "length"
    told = line["usage"]
    return Generation(
        request.id,
        text.strip(),
        finish,
        Usage() if told is None else Usage(**told),
        calls=() if finish == "refused" else _called(line),
        metered=told is not None,
        replayed=replayed,
    )


def _called(line: Json) -> tuple[tuple[str, str], ...]:
    return tuple((name, argument_of(text)) for name, text in line.get("calls", ()))


def answer_in(text: str) -> str | None:
    """Returns the answer in what `body_of` bound to a form; None where a text isn't of that form.

    Several are one a line.
    """
    try:
        value = json.loads(text)[ANSWER]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return written_lines(value)
    return value if isinstance(value, str) else None
