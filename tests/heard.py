"""A monitor that keeps what it is told."""

from __future__ import annotations

from harness.strategy.context import Monitor

__all__ = ["Heard"]


class Heard(Monitor):
    """Keeps messages, in their order."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def message(self, text: str) -> None:
        """Keeps a message."""
        self.said.append(text)
