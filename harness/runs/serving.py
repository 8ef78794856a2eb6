"""Answers queries as one phase of the ledger, and bills each response of a server once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.records.ledger import Ledger, PhaseTotal, Spend, totals
from harness.strategy.base import Predictor
from harness.types import Output, Query, Usage

__all__ = ["serve"]

SERVE = "serve"
ALIVE_SECONDS = 1.0


def serve(
    predictor: Predictor,
    queries: Sequence[Query],
    ledger: Ledger,
    progress: Callable[[int], None] = lambda count: None,
    outputs: dict[str, Output] | None = None,  # Gets each as it is made
    *,
    journal: Path | None = None,  # Keeps a server's responses one by one
) -> dict[str, Output]:
    """Answers queries as one phase ``serve`` of the ledger; returns an output for each query's id.

    Where the strategy gave no answer, the output's error says so.
    """
    outputs, replayed = {} if outputs is None else outputs, Usage()
    with ledger.phase(SERVE) as spend:
        try:
            for output in predictor.predict(queries):
                outputs[output.id] = output
                (replayed if output.replayed else spend.usage).add(output.usage)
                if output.calls:
                    spend.count(tool_calls=float(len(output.calls)))
                if not output.metered:
                    spend.count(unmetered_requests=1.0)
                if output.replayed:
                    spend.count(replayed_requests=1.0)
                progress(len(outputs))
                if journal is not None:  # what is kept from here on was billed
                    ledger.alive(ALIVE_SECONDS)
        finally:
            if journal is not None:
                _bill(ledger, spend, replayed, journal)
        spend.count(requests=len(queries))
    for query in queries:
        missing = Output(query.id, None, error="the strategy gave no answer")
        outputs.setdefault(query.id, missing)
    return outputs


def _bill(ledger: Ledger, spend: Spend, replayed: Usage, journal: Path) -> None:
    """Bills replayed responses that a killed attempt paid for after its last sign of life."""
    from harness.models.endpoint.journal import paid

    again = replayed.as_dict()
    if not any(again.values()):
        return
    billed = totals(ledger.spans(SERVE)).get(SERVE, PhaseTotal()).usage
    billed.add(spend.usage)
    before, kept = billed.as_dict(), paid(journal)[0].as_dict()
    unbilled = {name: kept.get(name, 0) - before.get(name, 0) for name in again}
    spend.usage.add(
        Usage(**{name: max(0, min(count, again[name])) for name, count in unbilled.items()})
    )
