"""Both sides of a benchmark in turns, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from benchmarks.contract import CLOCKS, Agreement, Benchmark, Options
from benchmarks.report import Report, summarise
from harness.errors import HarnessError, UsageError, nearest
from harness.records.presence import present

__all__ = ["Notify", "Worker", "compare"]

Notify = Callable[[str], None]


class Worker:
    """A process that works for one side."""

    def __init__(
        self,
        reference: str,  # ``module:Class`` of the side
        options: Options,
        environment: Mapping[str, str] | None = None,  # of the process; by default this one's
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.pid = self._process.pid
        self.loaded = self.ask("open", reference, options.as_dict())

    def ask(self, *command: Any) -> dict[str, Any]:
        """Sends a command and waits for its answer.

        Raises:
            HarnessError: The side failed; what it printed is on stderr.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise HarnessError(
                f"A side of the benchmark ended with {self._process.wait()}",
                "What it printed stands above.",
            )
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise _error(answer)
        return answer

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _error(answer: dict[str, Any]) -> HarnessError:
    error = HarnessError(answer["error"], answer["hint"])
    error.exit_code = answer["exit_code"]
    return error


@contextmanager
def _working(reference: str, options: Options) -> Iterator[Worker]:
    worker = Worker(reference, options)
    try:
        yield worker
    finally:
        worker.close()


@present()
def compare(
    benchmark: Benchmark,
    options: Options,  # on which workload, with which model, against whom
    rounds: int,  # how often; the side that begins alternates
    notify: Notify,
) -> Report:
    """Measures both sides of a benchmark.

    Raises:
        UsageError: There is no such workload or peer.
        HarnessError: A side failed.
    """
    _check("workload", options.workload, benchmark.workloads)
    _check("peer", options.peer, benchmark.peers)
    _check("clock", options.clock, CLOCKS)
    pair = {"ours": benchmark.sides["ours"], "peer": benchmark.sides[options.peer]}
    options = replace(options, items=options.items or benchmark.workloads[options.workload])
    agreement = _agreement(benchmark, pair, options, notify)
    with ExitStack() as stack:
        workers = {}
        for name, reference in pair.items():
            notify(f"{name}: loads and warms up")
            workers[name] = stack.enter_context(_working(reference, options))
        settings = {name: worker.ask("warm")["settings"] for name, worker in workers.items()}
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in pair}
        rates = []
        for number in range(rounds):
            order = list(pair) if number % 2 == 0 else list(pair)[::-1]
            for name in order:
                runs[name].append(workers[name].ask("run"))
                notify(f"round {number + 1}, {name}: {runs[name][-1]['seconds']:.2f} s")
            rates.append(workers["ours"].ask("rate", options.dtype)["rate"])
    return summarise(benchmark, options, runs, rates, settings, agreement)


def _check(kind: str, name: str, known: Any) -> None:
    if name not in known:
        raise UsageError(f"There is no {kind} '{name}'", nearest(name, known))


def _agreement(
    benchmark: Benchmark, pair: dict[str, str], options: Options, notify: Notify
) -> Agreement:
    """Runs a part of the work in float32 on both sides, one after the other."""
    items = min(options.items or 0, benchmark.agreement_items[options.workload])
    exact = replace(options, dtype="float32", items=items)
    answers = []
    for name, reference in pair.items():
        notify(f"{name}: {items} {benchmark.unit} in float32, for agreement")
        with _working(reference, exact) as worker:
            answers.append(worker.ask("run")["answers"])
    return benchmark.agree(*answers)
