"""Where curves of quality against labelled rows cross, as far as their intervals show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from harness.analysis.words import Phrase, phrase
from harness.report.format import count
from harness.report.values import Curve, CurvePoint

__all__ = ["crossings"]

MOST = 3  # crossings that are named


def crossings(curves: Sequence[Curve], *, higher: bool) -> list[Phrase]:
    """Returns a sentence for each crossing that is shown, or one that none is.

    Curves are compared where both had as many training rows. One is shown to lead where the 95 %
    intervals are apart, and they cross between two such places with unlike leaders.
    """
    compared, found = False, list[Phrase]()
    for one, other in combinations(curves, 2):
        leads = list(_leads(one, other, higher=higher))
        compared = compared or len(leads) > 1
        shown = [(rows, lead) for rows, lead in leads if lead]
        for (few, before), (many, after) in pairwise(shown):
            if before != after:
                values = {"first": before, "few": count(few), "then": after, "many": count(many)}
                found.append(phrase("finding.crossing", **values))
    if found or not compared:
        return found[:MOST]
    return [phrase("finding.crossing.none")]


def _leads(one: Curve, other: Curve, *, higher: bool) -> Iterator[tuple[float, str]]:
    """Yields each common number of training rows with the name of who is shown to lead there."""
    points = {point.rows: point for point in other.points}
    for point in sorted(one.points, key=lambda each: each.rows):
        if (against := points.get(point.rows)) is not None:
            above, below = _above(point, against), _above(against, point)
            names = (one.name, other.name) if higher else (other.name, one.name)
            yield point.rows, names[0] if above else names[1] if below else ""


def _above(point: CurvePoint, other: CurvePoint) -> bool:
    return point.low is not None and other.high is not None and point.low > other.high
