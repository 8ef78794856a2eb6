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
import time
from typing import Any, TextIO

from benchmarks import memory
from benchmarks.contract import Options, Side

__all__ = ["main"]


def _side(reference: str, options: Options) -> Side:
    module, _, name = reference.partition(":")
    made: Side = getattr(importlib.import_module(module), name)(options)
    return made


def _run(side: Side) -> dict[str, Any]:
    gc.collect()
    memory.forget_peak()
    before = memory.resident_bytes()
    since = time.perf_counter()
    done = side.run()
    seconds = time.perf_counter() - since
    return {
        "seconds": seconds,
        "peak_bytes": memory.peak_bytes(),
        "resident_bytes": before,
        "answers": done.answers,
        "flops": done.flops,
        "least_flops": done.least_flops,
        "figures": dict(done.figures),
    }


def _rate(dtype: str) -> dict[str, Any]:
    from benchmarks.floor import matmul_rate

    return {"rate": matmul_rate(dtype)}


def _obey(side: Side | None, command: list[Any]) -> tuple[Side | None, dict[str, Any]]:
    verb, *rest = command
    if verb == "open":
        side = _side(rest[0], Options(**rest[1]))
        return side, {"resident_bytes": memory.resident_bytes()}
    if verb == "rate":
        return side, _rate(rest[0])
    assert side is not None
    return side, _run(side) if verb == "run" else {"settings": dict(side.warm_up())}


def serve(commands: TextIO, answers: TextIO) -> None:
    """Obeys commands until there are no more.

    Args:
        commands: Lines of JSON.
        answers: Takes one line of JSON for each.
    """
    from harness.errors import HarnessError

    side: Side | None = None
    for line in commands:
        try:
            side, answer = _obey(side, json.loads(line))
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
