"""Exceptions that a user can act on, each with the exit code of the command line.

HarnessError (1)
├── UsageError (2)              wrong argument, unknown name, bad configuration
│   ├── DataError (2)           a file or a row of the user's that can't be used
│   └── TooLong (2)             a request that is longer than the model's context
├── MissingDependency (3)       a package, a model or hardware that isn't there
│   └── FetchError (3)          a download that failed, or a file with the wrong hash
├── BudgetExceeded (4)          a limit on money that the user set
├── TooManyErrors (5)           the run finished, but too many samples have no answer
├── ThresholdCrossed (6)        a comparison found what it was told to look for
├── TrainingDiverged (1)        a loss that is no number
├── StorageError (1)            the disk is full, or a record can't be written
└── Interrupted (130)           ctrl-C or SIGTERM; what was done is kept
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

__all__ = [
    "BudgetExceeded",
    "DataError",
    "FetchError",
    "HarnessError",
    "Interrupted",
    "MissingDependency",
    "StorageError",
    "ThresholdCrossed",
    "TooLong",
    "TooManyErrors",
    "TrainingDiverged",
    "UsageError",
    "nearest",
    "needs",
]


class HarnessError(Exception):
    """A failure that is explained: what failed and where, and what the user can do about it."""

    exit_code = 1
    at: tuple[str | int, ...] = ()  # where in a task file the cause stands: fields and numbers

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(HarnessError):
    """A wrong argument, an unknown name, a configuration that can't work."""

    exit_code = 2


class DataError(UsageError):
    """A file or a row of the user's that can't be used."""


class TooLong(UsageError):
    """A request that is longer than the model's context."""


class MissingDependency(HarnessError):
    """A package, a model or hardware that isn't there."""

    exit_code = 3


class FetchError(MissingDependency):
    """A download that failed, or a file whose hash is wrong."""


class BudgetExceeded(HarnessError):
    """Going on would cost more than the user allowed."""

    exit_code = 4


class TooManyErrors(HarnessError):
    """The run finished, but too many samples have no answer for it to be ranked."""

    exit_code = 5


class ThresholdCrossed(HarnessError):
    """A comparison found a difference past the threshold it was given."""

    exit_code = 6


class TrainingDiverged(HarnessError):
    """The training loss is no longer a number."""


class StorageError(HarnessError):
    """A record can't be written: a full disk, a folder without permission."""


class Interrupted(HarnessError):
    """The user, or the system, asked to stop."""

    exit_code = 130


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggests the name that a misspelled one may mean: ``Did you mean 'x'?`` or ``Known: a.``"""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(names)}." if names else "None is registered."


@contextmanager
def needs(what: str, extra: str) -> Iterator[None]:
    """Explains a package that can't be imported inside: `what` needs the optional `extra`.

    Raises:
        MissingDependency: In place of the `ImportError`.
    """
    try:
        yield
    except ImportError as error:
        why = f"the package {error.name}" if error.name else f"a package ({error})"
        hint = f"Install it with: pip install 'adaptbench[{extra}]'"
        raise MissingDependency(f"{what} needs {why}", hint) from error
