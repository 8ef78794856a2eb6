"""Tokens of a request to a model, and the tools that the model may call in it."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Call", "Tool", "Usage"]


@dataclass(slots=True)
class Usage:
    """Tokens of one request, or summed over many.

    Attributes:
        input_tokens: Prompt tokens, cached ones included.
        cached_tokens: The part of the input that the *vendor* served from its cache.
        output_tokens: Generated tokens, reasoning included.
        reasoning_tokens: The part of the output that is hidden reasoning.
        computed_tokens: Positions that really went through the model, after sharing
            prefixes; padding included. Drives FLOPs.
        scored_positions: Positions whose logits over the vocabulary were computed.
        decode_steps: Sequential forward passes of generation (a batch counts once).
        passes: Forward passes in all, decoding included (a batch counts once); 0 where a model
            isn't run by us.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    computed_tokens: int = 0
    scored_positions: int = 0
    decode_steps: int = 0
    passes: int = 0

    def add(self, other: Usage) -> None:
        """Adds another usage to this one, in place."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, int]:
        """Returns the counts that are not zero, by name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model may call while it answers; it takes one text.

    Attributes:
        argument: Name of the text that it takes.
    """

    name: str
    description: str
    argument: str


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool.

    Attributes:
        input: What the model gave it.
        output: What came back; the places of passages, or why there is nothing.
        usage: Tokens of the turn that wrote the call.
    """

    tool: str
    input: str
    output: str = ""
    usage: Usage = field(default_factory=Usage)
