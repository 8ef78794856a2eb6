"""The process of one side: it loads once, and then works when it is told to.

It reads commands from stdin, a JSON list each, and answers each by one JSON object on what was
its stdout; what libraries print goes to stderr.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from typing import Any, TextIO

from benchmarks import memory
from benchmarks.contract import CLOCKS, Options, Side
from benchmarks.floor import matmul_rate
from harness.devices import threads
from harness.models.local.threads import keep, used
from harness.models.serving import Served

__all__ = ["loaded", "main"]


def loaded(
    reference: str,  # ``module:Class`` of a side
    options: Options,
) -> Side:
    """Returns a side, with torch's threads set as its options say."""
    import torch

    if options.threads:
        keep(options.threads)
    else:
        torch.set_num_threads(threads())
    module, _, name = reference.partition(":")
    side: Side = getattr(importlib.import_module(module), name)(options)
    return side


class _Worker:
    """A side, once it is opened."""

    def __init__(self) -> None:
        self._side: Side | None = None
        self._served: Served | None = None
        self._clock = CLOCKS["wall"]

    def obey(self, verb: str, *rest: Any) -> dict[str, Any]:
        """Does what a command says."""
        if verb == "open":
            return self._open(rest[0], Options(**rest[1]))
        if verb == "rate":
            return {"rate": matmul_rate(rest[0], clock=self._clock)}
        assert self._side is not None
        return self._run(self._side) if verb == "run" else {"settings": self._warm(self._side)}

    def _open(self, reference: str, options: Options) -> dict[str, Any]:
        self._clock = CLOCKS[options.clock]
        self._side = loaded(reference, options)
        # A server works in processes of its own.
        self._served = getattr(self._side, "served", None)
        self._clock = getattr(self._side, "clock", self._clock)
        return {"resident_bytes": memory.resident_bytes()}

    def _warm(self, side: Side) -> dict[str, Any]:
        return dict(side.warm_up())

    def _run(self, side: Side) -> dict[str, Any]:
        gc.collect()
        memory.forget_peak()
        before = memory.resident_bytes()
        since = self._clock()
        done = side.run()
        seconds = self._clock() - since
        return {
            "seconds": seconds,
            "peak_bytes": self._served.peak_bytes() if self._served else memory.peak_bytes(),
            "resident_bytes": before,
            "answers": done.answers,
            "flops": done.flops,
            "least_flops": done.least_flops,
            "figures": dict(done.figures),
            "threads": used(),
        }


def serve(
    commands: TextIO,  # lines of JSON
    answers: TextIO,  # takes one line of JSON for each
) -> None:
    """Obeys commands until there are no more."""
    from harness.errors import HarnessError

    worker = _Worker()
    for line in commands:
        try:
            answer = worker.obey(*json.loads(line))
        except HarnessError as error:
            answer = {"error": error.message, "hint": error.hint, "exit_code": error.exit_code}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    """Keeps the real stdout for answers, and gives stderr to whoever prints."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
