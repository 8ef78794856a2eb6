"""Progress on stderr: bars on a terminal, lines elsewhere, JSON lines if wanted."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from harness.cli.screen import Screen, guard
from harness.errors import Interrupted
from harness.strategy.context import Monitor
from harness.text import visible

__all__ = ["Terminal", "terminal"]

LINE_SECONDS = 10.0
Figures = dict[str, Any]


class Terminal(Monitor):
    """Shows progress as ``text`` or ``json``, and turns signals into a wish to stop.

    When quiet, it shows nothing but messages of importance.
    """

    def __init__(self, *, quiet: bool = False, log_format: str = "text") -> None:
        self._quiet, self._json = quiet, log_format == "json"
        self._screen = Screen(stderr=True)
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._last: dict[str, float] = {}
        self._complete: set[str] = set()  # whose last line is written
        self._stop = False
        self._graceful = 0

    def progress(self, label: str, done: float, total: float, **figures: Any) -> None:
        """Moves a bar, or writes a line at the start, the end and every ten seconds."""
        if self._quiet:
            return
        if self._screen.draws and not self._json:
            self._move(label, done, total, figures)
            return
        now = time.monotonic()
        if done < total:
            self._complete.discard(label)
            if now - self._last.get(label, -LINE_SECONDS) < LINE_SECONDS:
                return
        elif label in self._complete:
            return
        else:
            self._complete.add(label)
        self._last[label] = now
        if self._json:
            self._line({"event": label, "done": done, "total": total, **figures})
        else:
            self._screen.print(f"{label} {done:g}/{total:g}  {_words(figures)}".rstrip())

    def _move(self, label: str, done: float, total: float, figures: Figures) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description:>8}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[note]}", markup=False),
                console=self._screen,
            )
            self._bar.start()
            guard()  # the bar takes the streams for itself, and reads escapes as styles
        if label not in self._tasks:
            self._tasks[label] = self._bar.add_task(visible(label), total=total, note="")
        self._bar.update(self._tasks[label], completed=done, note=_words(figures))

    def message(self, text: str) -> None:
        """Writes a line."""
        if self._json:
            self._line({"event": "message", "text": text})
        elif not self._quiet:
            self._screen.print(text)

    def _line(self, values: Figures) -> None:
        print(json.dumps({"time": round(time.time(), 3), **values}), file=sys.stderr, flush=True)

    def stopping(self) -> bool:
        """Says whether a signal came."""
        return self._stop

    @contextlib.contextmanager
    def graceful(self) -> Iterator[None]:
        """Lets the work inside stop by itself, after a checkpoint."""
        self._graceful += 1
        try:
            yield
        finally:
            self._graceful -= 1
        if self._stop:
            raise KeyboardInterrupt

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Stops at once, or after the next step of work that can checkpoint."""
        if self._stop or not self._graceful:
            raise KeyboardInterrupt
        self._stop = True
        self._screen.print("stopping after this step; once more to stop at once")

    def close(self) -> None:
        """Leaves the bars as they are."""
        if self._bar is not None:
            self._bar.stop()


def _words(figures: Figures) -> str:
    words = []
    for name, unit in (("loss", ""), ("dev_loss", ""), ("tokens_per_second", " tokens/s")):
        if (value := figures.get(name)) is not None:
            text = f"{value:,.0f}{unit}" if unit else f"{name.replace('_', ' ')} {value:.3f}"
            words.append(text)
    if (eta := figures.get("eta_seconds")) is not None:
        words.append(f"{int(eta) // 60}:{int(eta) % 60:02d} left")
    return "  ".join(words)


@contextlib.contextmanager
def terminal(*, quiet: bool = False, log_format: str = "text") -> Iterator[Terminal]:
    """Yields a monitor that listens to ctrl-C and SIGTERM; what is printed inside goes to stderr.

    A strategy of the user's, or a library, may print: stdout is for the data of the verb.
    """
    monitor = Terminal(quiet=quiet, log_format=log_format)
    numbers = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, monitor.on_signal) for number in numbers}
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield monitor
    except KeyboardInterrupt:  # typer would end the process without a word
        raise Interrupted(
            "interrupted", "What was done is kept: the same command goes on from there."
        ) from None
    finally:
        monitor.close()
        for number, handler in before.items():
            signal.signal(number, handler)
