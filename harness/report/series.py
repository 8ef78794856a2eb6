"""Figures with intervals, pairs, slices and curves: what a task's report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Curve", "CurvePoint", "Figure", "Pair", "PredictedRow", "Slice", "UpdateRow"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric with its 95 % interval.

    Attributes:
        value: The estimate.
        low: Lower end.
        high: Upper end.
        n: Rows.
        method: How the interval was made.
        unit: Of an amount of money; empty for a share.
        higher_is_better: The direction; None where nobody says.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str = ""
    unit: str = ""
    higher_is_better: bool | None = True


@dataclass(frozen=True, slots=True)
class Pair:
    """The difference of two settings over the rows that both have.

    Attributes:
        a: Label of the better one.
        b: Label of the other.
        metric: What was compared, row by row.
        difference: Of a less that of b, positive is good for a.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p_value: By Holm over all pairs of the task and model.
        n: Rows.
        differs: Whether it is shown to differ.
    """

    a: str
    b: str
    metric: str
    difference: float
    low: float
    high: float
    p_value: float
    n: int
    differs: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """The primary metric on a part of the test rows.

    Attributes:
        column: What the rows are parted by.
        value: Which part.
        figures: By label of the setting.
    """

    column: str
    value: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A point of a curve: `x` labelled rows, or k passages, and the metric there."""

    x: float
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A series of points.

    Attributes:
        kind: ``learning`` (labelled rows) or ``retrieval`` (passages).
        name: Label of the setting.
        metric: On the vertical axis.
        points: By rising x.
    """

    kind: str
    name: str
    metric: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class UpdateRow:
    """What catching up with changed facts took, as `run --update-to` stored it.

    Attributes:
        strategy: Its name.
        model: Its model.
        old: Version that it was adapted to.
        new: Version that it caught up with.
        metric: The primary metric.
        first_usd: Dollars of the first adaptation, the priced part.
        usd: Dollars of catching up, the priced part.
        seconds: Of catching up.
        first_seconds: Of the first adaptation.
        rows_labelled: New labels.
        groups: By group of facts: figures ``before`` and ``after``.
    """

    strategy: str
    model: str | None
    old: int
    new: int
    metric: str
    first_usd: float | None
    usd: float | None
    seconds: float
    first_seconds: float
    rows_labelled: float
    groups: Mapping[str, Mapping[str, Figure]]


@dataclass(frozen=True, slots=True)
class PredictedRow:
    """Seconds of a phase, measured and predicted by the other records.

    Attributes:
        run: Id of the run.
        strategy: Its name.
        phase: ``train`` or ``serve``.
        others: Records of the same kind of work.
        measured: Seconds.
        predicted: Seconds; None without others.
        error: Predicted over measured, less one.
    """

    run: str
    strategy: str
    phase: str
    others: int
    measured: float
    predicted: float | None
    error: float | None
