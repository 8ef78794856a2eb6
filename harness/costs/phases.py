"""The rows of a bill of development and deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.records.ledger import PhaseTotal

__all__ = ["Totals", "bill_rows"]

Totals = Mapping[str, PhaseTotal]


def bill_rows(development: Totals, deployment: Totals) -> Iterator[tuple[str, str, PhaseTotal]]:
    """Yields the name of each row, its phase and its total.

    A phase that both have is called ``serve load`` in the deployment.
    """
    for phase, total in development.items():
        yield phase, phase, total
    for phase, total in deployment.items():
        yield (f"serve {phase}" if phase in development else phase), phase, total
