"""How the program ends, whatever happened: streams that stay usable, and errors put into words."""

from __future__ import annotations

import codecs
import contextlib
import errno
import json
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from harness.devices import out_of_memory
from harness.errors import HarnessError, OutOfMemory, storage_error
from harness.strategy.own import blame

__all__ = ["explained", "streams"]

ESCAPED = "harness.escaped"


@contextlib.contextmanager
def streams() -> Iterator[None]:
    """Makes stdin, stdout and stderr usable, and sees to it that all that was printed got out.

    One that is closed leads nowhere. What an encoding lacks is written as JSON escapes it, so that
    an object stays one. Where the reader of a pipe has left, the program ends as it would have.
    """
    _open_closed()
    codecs.register_error(ESCAPED, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=ESCAPED)
    code: int | str | None = 0
    try:
        try:
            yield
        except SystemExit as ended:
            if isinstance(ended.__context__, BrokenPipeError):
                raise ended.__context__ from None  # click ends with 1 then
            code = ended.code
            raise
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # `harness list runs | head`
        _discard(sys.stdout)
        _discard(sys.stderr)
        raise SystemExit(code) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EIO) and error.filename is None:
            _discard(sys.stdout)  # or it fails again when Python ends
            if code:  # it has been said
                raise SystemExit(code) from None
        raise


def _open_closed() -> None:
    """Opens what the caller closed: files would get its number, and be printed into."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8"))


def _discard(stream: TextIO) -> None:
    """Leads a stream nowhere, so that its end is silent."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def explained(error: BaseException) -> HarnessError | None:
    """Returns what an error of the system's means for the user; None for a defect of ours."""
    if isinstance(error, HarnessError):
        return error
    if out_of_memory(error):
        where = "the GPU has" if "CUDA" in str(error) else "this machine has"
        return OutOfMemory(
            f"{where} too little memory left",
            "Take a smaller model, table or batch, or end other programs; what was done is kept.",
        )
    if (found := blame(error)) is not None:
        return found
    return storage_error(error, None, "Check the path, and the rights of its folders.")
