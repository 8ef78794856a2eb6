"""Answers queries, and bills what they took: a server's answers once, by the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.records.ledger import Ledger, PhaseTotal, Spend, read_ledger, totals
from harness.strategy.base import Predictor
from harness.strategy.own import answers
from harness.types import Output, Query, Usage

__all__ = ["CHUNK", "Bill", "Paid", "serve"]

CHUNK = 128
"""Queries in a call of `predict`. Fixed, so that the batches of a resumed run are the same."""
UNMETERED = "unmetered_requests"
ALIVE_SECONDS = 1.0
Paid = Callable[[], tuple[Usage, int]]
"""Returns the tokens of all responses in a journal, and how many don't say what they took."""


class Bill:
    """Adds to spans of a phase what was paid, and stands in no span of the ledger yet.

    So what an attempt paid that was killed is billed by the next, and an answer from the journal
    isn't billed again.
    """

    def __init__(self, paid: Paid, ledger: Path, phase: str) -> None:
        billed = totals(read_ledger(ledger)).get(phase, PhaseTotal())
        self._paid, self._usage = paid, billed.usage.as_dict()
        self._unknown = billed.quantities.get(UNMETERED, 0.0)

    def add(self, spend: Spend) -> None:
        """Adds what isn't billed: of this attempt, and of one that was killed."""
        usage, unknown = self._paid()
        counts = usage.as_dict()
        owed = {name: max(0, count - self._usage.get(name, 0)) for name, count in counts.items()}
        spend.usage.add(Usage(**owed))
        if unknown > self._unknown:
            spend.count(**{UNMETERED: unknown - self._unknown})
        self._usage, self._unknown = counts, max(self._unknown, unknown)


def serve(
    predictor: Predictor,
    queries: Sequence[Query],
    ledger: Ledger,
    progress: Callable[[int], None] = lambda count: None,
    outputs: dict[str, Output] | None = None,  # Gets each as it is made
    bill: Bill | None = None,  # Says what the answers took; None: they say it themselves
    phase: str = "serve",
) -> dict[str, Output]:
    """Answers queries as one phase of the ledger; returns an output for each query's id.

    Where the strategy gave no answer, the output's error says so.
    """
    outputs = {} if outputs is None else outputs
    with ledger.phase(phase) as spend:
        try:
            for output in answers(predictor, queries):
                outputs[output.id] = output
                if bill is None:
                    spend.usage.add(output.usage)
                    spend.count(**({} if output.metered else {UNMETERED: 1.0}))
                if output.calls:
                    spend.count(tool_calls=float(len(output.calls)))
                if output.replayed:
                    spend.count(replayed_requests=1.0)
                progress(len(outputs))
                if bill is not None:  # the journal has it, so its seconds are kept, too
                    ledger.alive(ALIVE_SECONDS)
            spend.count(requests=len(queries))
        except BaseException:
            spend.count(requests=len(outputs))  # those are kept
            raise
        finally:
            if bill is not None:
                bill.add(spend)
    for query in queries:
        missing = Output(query.id, None, error="the strategy gave no answer")
        outputs.setdefault(query.id, missing)
    return outputs
