"""Answers that are held back where they aren't sure enough: coverage against error.

Abstaining below a threshold of confidence is selective prediction (El-Yaniv and Wiener, 2010, JMLR
11:1605-1641); the area under the curve of error against coverage is AURC (Geifman et al., 2019,
arXiv 1805.08206).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.metrics.metric import ANSWERED, Metric
from harness.types import Output, Scored

if TYPE_CHECKING:
    from harness.metrics.scored_rows import Floats, Integers, ScoredRows
    from harness.metrics.statistics.resampling import Interval

__all__ = ["METRICS", "NOTHING", "SELECTIVE", "Chosen", "choose", "confidence_of"]

SELECTIVE = ("coverage", "selective_accuracy", "unheld_accuracy", "aurc")
"""Metrics of a run that abstains below a threshold."""
NOTHING = 1.01
"""A threshold that no confidence reaches."""


def confidence_of(output: Output) -> float | None:
    """Returns how sure an answer is, 0-1: None where nothing says.

    What the answer itself says (generated text: the geometric mean of its tokens' probabilities),
    else the probability of the likeliest choice: a class's own, or by a softmax over the choices'
    log-likelihoods.
    """
    if output.confidence is not None or not output.scores:
        return output.confidence
    values = list(output.scores.values())
    top = max(values)
    if min(values) >= 0 and top > 0:  # probabilities: a log-likelihood isn't above 0
        return top / sum(values)
    return 1 / sum(math.exp(value - top) for value in values)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A threshold that was chosen on dev rows, and what it comes to there."""

    threshold: float  # an answer with less confidence is held back
    objective: Literal["expected_loss", "error"]
    rows: int  # dev rows with an answer
    answered: int  # of these, those that aren't held back
    wrong: int  # of those
    low: float | None  # ends of the error's 95 % interval (Wilson's); None without an answer
    high: float | None
    loss: float | None = None  # a case, in the task's currency
    loss_of_all: float | None = None  # the same where nothing is held back


def choose(
    confidences: Sequence[float],
    wrong: Sequence[bool],
    *,
    most: float,  # error among the answered ones, where no losses are given
    losses: Sequence[float] | None = None,  # of each answer
    handover: float = 0.0,  # loss of one that is held back
) -> Chosen:
    """Takes the threshold with the lowest loss, else the one that answers most at a given error.

    It lies midway between two confidences that occur; 0 where all are answered, `NOTHING` where
    none is. Of equally good ones it is the lowest, which answers most.
    """
    import numpy as np

    from harness.metrics.statistics.resampling import wilson

    order = np.argsort(-np.asarray(confidences, dtype=np.float64), kind="stable")
    sure = np.asarray(confidences, dtype=np.float64)[order]
    rows, counts = len(sure), _cuts(sure)
    errors = _sums(wrong, order)[counts]
    summed = None
    if losses is None:
        best = int(np.flatnonzero(errors <= most * counts + 1e-9)[-1])
    else:
        summed = _sums(losses, order)[counts] + handover * (rows - counts)
        best = int(rows and np.flatnonzero(summed <= summed.min() + 1e-9)[-1])
    answered, missed = int(counts[best]), int(errors[best])
    low, high = wilson(missed, answered) if answered else (None, None)
    chosen = (answered, missed, low, high)
    at = _threshold(sure, answered)
    if summed is None or not rows:
        return Chosen(at, "error" if losses is None else "expected_loss", rows, *chosen)
    means = float(summed[best] / rows), float(summed[-1] / rows)
    return Chosen(at, "expected_loss", rows, *chosen, *means)


def _cuts(sure: Floats) -> Integers:
    """Returns how many answers may be given, the surest first: equal ones go together."""
    import numpy as np

    inner = np.flatnonzero(sure[1:] < sure[:-1]) + 1
    return np.unique(np.concatenate([[0], inner, [len(sure)]])).astype(np.int64)


def _sums(values: Sequence[float] | Sequence[bool], order: Integers) -> Floats:
    import numpy as np

    return np.concatenate([[0.0], np.cumsum(np.asarray(values, dtype=np.float64)[order])])


def _threshold(sure: Floats, answered: int) -> float:
    if answered == len(sure):
        return 0.0
    return float((sure[answered - 1] + sure[answered]) / 2) if answered else NOTHING


def _kept(scored: Sequence[Scored]) -> tuple[ScoredRows, Floats, Floats]:
    """Returns the rows whose confidence is known, with that and whether they would be wrong."""
    import numpy as np

    from harness.metrics.scored_rows import by_column

    rows = by_column(scored)
    nothing = np.full(len(rows), np.nan)
    sure, right = (rows.values.get(name, nothing) for name in ("confidence", "unheld_accuracy"))
    there = np.isfinite(sure) & np.isfinite(right)
    return rows.where(there), sure[there], 1 - right[there]


def _area(sure: Floats, wrong: Floats, often: Floats) -> Floats:
    """Returns the mean error over all coverages; `often`, shape (draws, rows), weighs the rows.

    Of rows with equal confidence each stands for their mean, since their order is arbitrary.
    """
    import numpy as np

    order = np.argsort(-sure, kind="stable")
    sure, wrong, often = sure[order], wrong[order], often[:, order]
    last = np.append(np.flatnonzero(sure[1:] < sure[:-1]), len(sure) - 1)
    errors, counts = (np.cumsum(each, axis=1)[:, last] for each in (often * wrong, often))
    risks = errors / np.maximum(counts, 1)
    widths = np.diff(counts, axis=1, prepend=0)
    area: Floats = (risks * widths).sum(1) / counts[:, -1]
    return area


def aurc(scored: Sequence[Scored], labels: Sequence[str] = ()) -> float:
    """Returns the mean error where the surest are answered first, 0-1; not a number without any."""
    import numpy as np

    _, sure, wrong = _kept(scored)
    return float(_area(sure, wrong, np.ones((1, len(sure))))[0]) if len(sure) else math.nan


def _interval(rows: ScoredRows, clusters: Integers, seed: int) -> Interval:
    """Resamples clusters of rows."""
    import numpy as np

    from harness.metrics.statistics import resampling

    kept, sure, wrong = _kept(rows)
    codes = kept.unit_codes
    blocks = resampling.weights(int(codes.max()) + 1, 2000, seed)
    drawn = np.concatenate([_area(sure, wrong, block[:, codes]) for block in blocks])
    return resampling.interval(aurc(kept), drawn, int(codes.max()) + 1, 0.95, inside=True)


METRICS = (
    Metric(
        "coverage",
        "share of rows that aren't abstained from",
        ANSWERED,
        row=lambda rows: rows.shares(~rows.abstained),
    ),
    Metric(
        "selective_accuracy",
        "share of right answers among the rows that aren't abstained from",
        ANSWERED,
        row=lambda rows: rows.shares(rows.correct, ~rows.abstained),
    ),
    Metric(
        "unheld_accuracy",
        "share that would be right if no answer were held back",
        ANSWERED,
        answer=lambda answered: answered.unheld,
    ),
    Metric(
        "confidence",
        "how sure answers are, 0-1",
        ANSWERED,
        answer=lambda answered: answered.output.confidence,
    ),
    Metric(
        "aurc",
        "error over all coverages, the surest answers first: the area under that curve",
        ANSWERED,
        corpus=aurc,
        interval=_interval,
        higher_is_better=False,
    ),
)
