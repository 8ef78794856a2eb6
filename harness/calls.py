"""Tokens of a request to a model, and the tools that the model may call in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

__all__ = ["Call", "Tool", "Usage", "argument_of", "may_be_call", "written_calls"]

# As Qwen and Hermes write a call; the closing tag may be the stop string, and cut off.
TAGGED = re.compile(r"<tool_call>\s*(\{.*?\})\s*(?:</tool_call>|\Z)", re.S)
# As small ones of them often write it instead.
BARE = re.compile(r"\s*(?:```\w*\s*)?(\{.*\})\s*(?:```)?\s*", re.S)


@dataclass(slots=True)
class Usage:
    """Tokens of one request, or summed over many."""

    input_tokens: int = 0  # of the prompt, cached ones included
    cached_tokens: int = 0  # the part of the input that the *vendor* served from its cache
    output_tokens: int = 0  # generated ones, reasoning included
    reasoning_tokens: int = 0  # the part of the output that is hidden reasoning
    computed_tokens: int = 0  # positions run, with padding, shared prefixes once; drives FLOPs
    scored_positions: int = 0  # positions whose logits over the vocabulary were computed
    decode_steps: int = 0  # sequential forward passes of generation (a batch counts once)
    passes: int = 0  # all forward passes (a batch counts once); 0 where a model isn't run by us

    def add(self, other: Usage) -> None:
        """Adds another usage to this one, in place."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, int]:
        """Returns the counts that are not zero, by name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model may call while it answers; it takes one text."""

    name: str
    description: str
    argument: str  # name of that text

    @property
    def schema(self) -> dict[str, object]:
        """The tool as OpenAI's interface and chat templates describe a function."""
        properties = {self.argument: {"type": "string"}}
        parameters = {"type": "object", "properties": properties, "required": [self.argument]}
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        return {"type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool."""

    tool: str
    input: str  # what the model gave it
    output: str = ""  # the places of passages, or why there is nothing
    usage: Usage = field(default_factory=Usage)  # of the turn that wrote the call


def argument_of(arguments: str) -> str:
    """Returns the one text that a tool of ours takes, from JSON; other JSON stays as it is.

    Half of a surrogate pair, which JSON can name and no text can hold, becomes a question mark.
    """
    try:
        values = list(json.loads(arguments).values())
        texts = [value for value in values if isinstance(value, str)]
        (chosen,) = values if len(values) == 1 else texts if len(texts) == 1 else (arguments,)
        return str(chosen).encode(errors="replace").decode()
    except (ValueError, AttributeError, RecursionError):
        return arguments


def may_be_call(text: str) -> bool:
    """Whether a text begins as a call does, so that it has to be read to its end."""
    return text.lstrip().startswith(("<tool_call>", "```", "{"))


def written_calls(text: str) -> tuple[tuple[str, str], ...]:
    """Returns name and text of the calls that a model wrote as JSON, in tags or as the whole text."""
    objects = TAGGED.findall(text)
    if not objects and (alone := BARE.fullmatch(text)):
        objects = [alone[1]]
    return tuple(call for each in objects if (call := _call(each)))


def _call(text: str) -> tuple[str, str] | None:
    # The template of Qwen2.5-Coder-1.5B shows the form with doubled braces.
    text = re.sub(r"^\{(\{.*\})\}$", r"\1", text, flags=re.S)
    try:
        call = json.loads(text)
        return str(call["name"]), argument_of(json.dumps(call["arguments"]))
    except (ValueError, KeyError, RecursionError):
        return None
