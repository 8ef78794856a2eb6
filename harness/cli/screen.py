"""What may reach a terminal: text, and the program's own styles.

Model output, file names, plug-ins, records and servers' messages may hold characters that steer a
terminal (colours, the clipboard, links, the title) or turn the order of what is read. They are
shown as escapes (``\\x1b``), so that nothing is dropped and nothing acts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from harness.records.secrets import hidden
from harness.text import visible

__all__ = ["Screen", "guard"]

_PROXIED = "rich_proxied_file"  # what rich asks a stream for that stands before another one


def _shown(text: str) -> str:
    """Returns a text without keys, in which nothing steers."""
    return visible(hidden(text))


class Screen(Console):
    """A console on which texts are text: no markup, no emoji codes, nothing that steers.

    With ``NO_COLOR`` it writes no escape at all, bold and dim included.
    """

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        self.plain = bool(os.environ.get("NO_COLOR"))
        super().__init__(
            stderr=stderr,
            width=width,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=width is None,
            color_system=None if self.plain else "auto",
        )

    @property
    def draws(self) -> bool:
        """Whether it can move a bar."""
        return self.is_terminal and not self.is_dumb_terminal and not self.plain

    def render_str(self, text: str, **options: Any) -> Text:
        """Makes the text of anything that is given as a string, cells and titles too."""
        return super().render_str(_shown(text), **{**options, "markup": False, "emoji": False})

    @property
    def file(self) -> IO[str]:
        """The stream itself: this console's own styles are no text of others."""
        file = self._file or (sys.stderr if self.stderr else sys.stdout)
        while (inner := getattr(file, _PROXIED, None)) is not None:
            file = inner
        return file

    @file.setter
    def file(self, new_file: IO[str]) -> None:
        self._file = new_file


class _Guarded:
    """A stream of the process for everything that isn't a `Screen`: print, warnings, tracebacks."""

    def __init__(self, stream: IO[str]) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        self.rich_proxied_file.write(_shown(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self.rich_proxied_file, name)


def guard() -> None:
    """Lets nothing reach stdout and stderr raw, whoever writes to them in this process."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, _Guarded):
            setattr(sys, name, _Guarded(stream))
