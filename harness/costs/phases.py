"""Which phase of a ledger belongs to development, and how its row is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.records.ledger import PhaseTotal

__all__ = ["EVALUATION", "Totals", "named", "split"]

Totals = Mapping[str, PhaseTotal]

EVALUATION = frozenset({"serve", "latency", "probe", "judge"})
"""Measuring is a cost of neither development nor deployment; `serve` gives the unit cost."""


def split(totals: Totals) -> tuple[dict[str, PhaseTotal], dict[str, PhaseTotal]]:
    """Splits one ledger that holds both development and deployment.

    Loading belongs to development where something was trained after it; elsewhere it is the
    start-up of serving.

    Args:
        totals: What `harness.records.ledger.totals` gave.

    Returns:
        Development, deployment.
    """
    outside = EVALUATION if "train" in totals else EVALUATION | {"load"}
    developed = {phase: total for phase, total in totals.items() if phase not in outside}
    return developed, {phase: total for phase, total in totals.items() if phase in outside}


def named(development: Totals, deployment: Totals) -> Iterator[tuple[str, str, PhaseTotal]]:
    """Yields every phase with the name of its row.

    Args:
        development: What the artifact took.
        deployment: What answering took.

    Returns:
        Name, phase and total. A phase of both is called ``serve load`` in the second.
    """
    for phase, total in development.items():
        yield phase, phase, total
    for phase, total in deployment.items():
        yield (f"serve {phase}" if phase in development else phase), phase, total
