"""What one answer cost: its share of answering many, by tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["AnswerPrice", "tokens_of"]

Line = Mapping[str, Any]  # JSON: a line of predictions.jsonl


def tokens_of(line: Line) -> tuple[int, int]:
    """Returns the tokens that a line of predictions read and wrote."""
    usage = line.get("usage") or {}
    return int(usage.get("input_tokens", 0)), int(usage.get("output_tokens", 0))


class AnswerPrice:
    """The price of each of some answers; of those without tokens all cost the same."""

    def __init__(self, usd_per_1k: float | None, lines: Sequence[Line]) -> None:
        tokens = sum(sum(tokens_of(line)) for line in lines)
        self._each = None if usd_per_1k is None else usd_per_1k / 1000
        self._per_token = self._each * len(lines) / tokens if self._each and tokens else None

    def of(self, line: Line) -> float | None:
        """Returns the dollars of an answer; None where answering has no price."""
        return self._each if self._per_token is None else self._per_token * sum(tokens_of(line))
