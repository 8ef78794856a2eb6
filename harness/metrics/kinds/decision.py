"""A decision, which may have an amount; a mistake costs money."""

from __future__ import annotations

from collections.abc import Sequence

from harness.metrics.decision import read_decision
from harness.metrics.kind import Kind, Read, Rules
from harness.types import Output, Row, Scored

__all__ = ["KIND"]


def _read(row: Row, output: Output, rules: Rules, blank: Scored) -> Read:
    if rules.costs is None:
        raise ValueError("a decision is scored by its costs: Rules.costs is not set")
    return read_decision(
        row, output, blank, rules.costs, aliases=rules.aliases, abstain=rules.abstain
    )


def _labels_of(target: str, labels: Sequence[str]) -> tuple[str, ...]:
    """Returns the decision without its amount."""
    fitting = [label for label in labels if f"{target} ".startswith(f"{label} ")]
    return (max(fitting, key=len, default=target),)


KIND = Kind(
    name="decision",
    summary="a decision with or without an amount; a mistake has a cost in money",
    row="a case and its decision (`decision` in a task file has the costs)",
    read=_read,
    labelled=True,
    chosen=True,
    spelt=True,
    decides=True,
    labels_of=_labels_of,
)
