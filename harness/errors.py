"""Exceptions that a user can act on, each with the exit code of the command line.

HarnessError (1)
├── UsageError (2)              wrong argument, unknown name, bad configuration
│   ├── DataError (2)           a file or a row of the user's that can't be used
│   ├── NoRun (2)               a folder of records that holds none, or not that one
│   └── TooLong (2)             a request that is longer than the model's context
├── MissingDependency (3)       a package, a model or hardware that isn't there
│   ├── FetchError (3)          a download that failed, or a file with the wrong hash
│   └── OutOfMemory (3)         of this machine, or of its GPU
├── BudgetExceeded (4)          a limit on money that the user set
├── TooManyErrors (5)           the run finished, but too many samples have no answer
├── ThresholdCrossed (6)        a comparison found what it was told to look for
├── TrainingDiverged (1)        a loss that is no number
├── StorageError (1)            the disk is full, or fails
│   └── WrongPlace (2)          a folder or file that can't be where it was asked for
└── Interrupted (130)           ctrl-C or SIGTERM; what was done is kept
"""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "BudgetExceeded",
    "DataError",
    "FetchError",
    "HarnessError",
    "Interrupted",
    "MissingDependency",
    "NoRun",
    "OutOfMemory",
    "StorageError",
    "ThresholdCrossed",
    "TooLong",
    "TooManyErrors",
    "TrainingDiverged",
    "UsageError",
    "WrongPlace",
    "nearest",
    "needs",
    "storage_error",
    "system_words",
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


class NoRun(UsageError):
    """A folder of records that holds no run, or not the one that is asked for."""

    def __init__(self, message: str, hint: str, elsewhere: Path | None = None) -> None:
        super().__init__(message, hint)
        self.elsewhere = elsewhere  # a folder below it that has some


class TooLong(UsageError):
    """A request that is longer than the model's context."""


class MissingDependency(HarnessError):
    """A package, a model or hardware that isn't there."""

    exit_code = 3


class FetchError(MissingDependency):
    """A download that failed, or a file whose hash is wrong."""


class OutOfMemory(MissingDependency):
    """More memory is needed than this machine, or its GPU, has left."""


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
    """A record can't be written: the disk is full, or fails."""


class WrongPlace(StorageError):
    """A folder or a file can't be where it was asked for."""

    exit_code = 2


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


_ROOM = "Make room, then run the same command: it resumes."
_AGAIN = "Then run the same command: it resumes."
_FAILING = {  # the disk, or the system
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("the disk quota is used up", _ROOM),
    errno.EFBIG: ("the file may not grow any further", _ROOM),
    errno.EIO: ("the disk reports an error", f"Check the disk. {_AGAIN}"),
    errno.ESTALE: ("the network disk lost it", f"Mount it again. {_AGAIN}"),
    errno.ENOTCONN: ("the network disk isn't connected", f"Mount it again. {_AGAIN}"),
    errno.EMFILE: ("too many files are open", f"Raise the limit: ulimit -n 4096. {_AGAIN}"),
    errno.ENFILE: ("too many files are open on this machine", f"Close programs. {_AGAIN}"),
}
_MISPLACED = {  # the user's choice of a place
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EROFS: "the disk is read-only",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "a file, or a link to nothing, stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed",
    errno.ENOTEMPTY: "another process writes into it",
    errno.ELOOP: "a link of the path leads to itself",
    errno.ENAMETOOLONG: "the path is too long",
    errno.ENOENT: "it is gone: a folder of the path was deleted, or its disk unmounted",
}


def system_words(error: OSError) -> tuple[str, str] | None:
    """Returns what the system's error means, and what to do where something is only read."""
    if error.errno in _FAILING:
        return _FAILING[error.errno]
    what = _MISPLACED.get(error.errno or 0)
    return (what, "Check the path, and the rights of its folders.") if what else None


def storage_error(error: BaseException, path: Path | None, elsewhere: str) -> StorageError | None:
    """Returns what the system's error about a path means; None where it is about something else.

    ``path`` is what was worked on, None where that isn't known, and ``elsewhere`` how to choose
    another place. An error that names a file outside of ``path`` means the disk's state at most.
    """
    number = getattr(error, "errno", None) if isinstance(error, OSError) else None
    if number is None and not isinstance(error, HarnessError):
        # safetensors has an exception of its own, with the number in its text.
        quoted = re.search(r"os error (\d+)", str(error))
        number = int(quoted[1]) if quoted else None
    named = getattr(error, "filename", None)
    named = Path(named) if isinstance(named, str) else None
    place = named if path is None else path
    if number in _FAILING:
        what, hint = _FAILING[number]
        hint = " Or: ".join(filter(None, (hint, elsewhere if place else "")))
        return StorageError(f"{what}: {place or 'standard output'}", hint)
    about = path is None or named is None or _related(named, path)
    if number not in _MISPLACED or place is None or not about:
        return None
    return WrongPlace(f"{_MISPLACED[number]}: {named or place}", elsewhere)


def _related(one: Path, other: Path) -> bool:
    one, other = one.absolute(), other.absolute()
    return one.is_relative_to(other) or other.is_relative_to(one)
