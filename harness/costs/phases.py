"""How the row of a phase is called in a bill of development and deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.records.ledger import PhaseTotal

__all__ = ["Totals", "named"]

Totals = Mapping[str, PhaseTotal]


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
