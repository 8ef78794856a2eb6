"""What a server is asked: the bodies of requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from harness.models.endpoint.names import Endpoint
from harness.models.endpoint.parameters import LONGEST
from harness.models.render import messages
from harness.records.files import Json
from harness.types import GenRequest

__all__ = ["ANSWER", "body_of", "wrapped"]

ANSWER = "answer"
ROOM = 32  # tokens of what stands around an answer in JSON, blanks too


def body_of(
    endpoint: Endpoint,
    request: GenRequest,
    found: Counter[str] | None = None,  # gets how much was masked, by kind
    answer: str | None = None,  # a turn after the question
) -> Json:
    """Returns what a server is asked, as long as it refuses nothing of it."""
    sampling, turns = request.sampling, messages(request.prompt)
    if answer is not None:
        turns.append({"role": "assistant", "content": answer})
    endpoint.mask(turns, found)
    body: Json = {
        "model": endpoint.asked,
        "messages": turns,
        "max_tokens": request.max_tokens,
        "temperature": sampling.temperature,
    }
    if request.schema is not None:
        form = {"name": ANSWER, "strict": True, "schema": _object(request.schema)}
        body |= {"response_format": {"type": "json_schema", "json_schema": form}}
        body["max_tokens"] += ROOM + _longest(request.schema)
    elif request.stop:  # a line may end within JSON
        body["stop"] = list(request.stop[:4])  # a server takes four; all are cut here, too
    if request.tools:
        body["tools"] = [tool.schema for tool in request.tools]
    if sampling.temperature > 0:
        body |= {"top_p": sampling.top_p, "seed": sampling.seed}
    if LONGEST[1] in endpoint.request:
        del body[LONGEST[0]]
    return {**body, **endpoint.request}


def wrapped(schema: Mapping[str, object] | None) -> bool:
    """Whether an answer of a form comes within an object, as its ``answer``."""
    return schema is not None and schema.get("type") != "object"


def _longest(schema: Mapping[str, Any]) -> int:
    """Returns the most tokens that labels take, one a byte: cut off, an answer would be none."""
    sizes = [len(each.encode()) for each in schema.get("enum", ())]
    several = [len(each.encode()) + ROOM for each in schema.get("items", {}).get("enum", ())]
    return max(sizes, default=0) + sum(several)


def _object(schema: Mapping[str, object]) -> Json:
    """Returns the schema of an object, which may hold the answer: all that OpenAI takes."""
    if not wrapped(schema):
        return dict(schema)
    return {
        "type": "object",
        "properties": {ANSWER: schema},
        "required": [ANSWER],
        "additionalProperties": False,
    }
