"""Tokens of a request to a model, and the tools that the model may call in it."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Call", "Tool", "Usage"]


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


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool."""

    tool: str
    input: str  # what the model gave it
    output: str = ""  # the places of passages, or why there is nothing
    usage: Usage = field(default_factory=Usage)  # of the turn that wrote the call
