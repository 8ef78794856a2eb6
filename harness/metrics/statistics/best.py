"""Which of several settings may be taken for the best: bounds that hold for all of them at once.

The best isn't known, and the one that looks best was chosen for looking so. Multiple comparisons
with the best (Hsu, 1981, Annals of Statistics 9:1026-1034; Edwards and Hsu, 1983, JASA 78:965-971)
bound how far each one is behind the true best, whichever that is: were `j` the best, all others
would have to be compared with `j` at once, and every `j` is allowed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.metrics.statistics.panel import Moments, Panel
from harness.metrics.statistics.resampling import Floats, weights, wilson_of_error
from harness.metrics.statistics.seeds import SeedSpread, satterthwaite, seed_spread, student

__all__ = ["Bounds", "compare_with_best"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Scores of K settings, and what can be said of all of them at once.

    Attributes:
        values: Scores, means over each setting's runs, shape (K,).
        errors: Standard errors, of items and seeds, shape (K,).
        pair_errors: Of the differences, shape (K, K).
        seed_errors: The part of `errors` that seeds have, shape (K,).
        low: One-sided lower bounds of the scores, all at once, shape (K,).
        drawn: Largest studentised lead of a rival over each possible best, shape (draws, K).
        resampled: Scores in each resample, shape (draws, K).
        resampled_errors: Standard errors of differences in each resample, shape (draws, K, K).
        clusters: Clusters.
        rows: Rows.
        scale: How far apart two values of a row can be: 1 for shares.
        confidence: Level of each of the two families of bounds.
    """

    values: Floats
    errors: Floats
    pair_errors: Floats
    seed_errors: Floats
    low: Floats
    drawn: Floats
    resampled: Floats
    resampled_errors: Floats
    clusters: int
    rows: int
    scale: float
    confidence: float

    def critical(self, confidence: float | None = None) -> Floats:
        """Returns quantiles, by the setting that might be the best, for comparing all with it."""
        level = confidence or self.confidence
        least = student(level, max(1, self.clusters - 1), sides=1)
        return np.asarray(np.maximum(least, np.quantile(self.drawn, level, axis=0)))

    def behind(self, confidence: float | None = None) -> Floats:
        """Returns by how much each setting is behind the best at most, 0 or more, shape (K,).

        Args:
            confidence: One-sided level, of all bounds at once; the one asked for by default.
        """
        return self._behind(self.values, self.pair_errors, self.critical(confidence))

    def resampled_behind(self, confidence: float | None = None) -> Floats:
        """Returns the same bounds in each resample, shape (draws, K)."""
        return self._behind(self.resampled, self.resampled_errors, self.critical(confidence))

    def _behind(self, values: Floats, errors: Floats, critical: Floats) -> Floats:
        gaps = values[..., None, :] - values[..., :, None]  # of j over k, at [k, j]
        bounds = _bound(gaps, errors, critical, self.scale / self.clusters)
        size = len(self.values)
        bounds[..., np.arange(size), np.arange(size)] = 0.0
        return np.asarray(bounds.max(-1))


def compare_with_best(
    panel: Panel,
    groups: Sequence[Sequence[int]],
    *,
    scale: float = 1.0,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Bounds:
    """Bounds how far each setting is behind the best of them, and each one's score.

    Args:
        panel: Scores of all runs.
        groups: For each setting, the positions of its runs (seeds).
        scale: How far apart two values of a row can be: 1 for shares.
        confidence: One-sided level that holds for all settings at once.
        draws: Resamples of clusters.
        seed: Of the resampling.

    Returns:
        The bounds. Clusters are resampled, and each difference is divided by its own standard
        error in each draw (bootstrap-t; Romano and Wolf, 2005, JASA 100:94-108, for the maximum
        over several). What seeds add is drawn from a normal distribution with a chi-square
        variance, since few seeds can't be resampled. A quantile is never less than that of t.
        Differences that hardly vary get the variance which the bound itself would imply, as in a
        score test (Tango, 1998, Statistics in Medicine 17:891-908).
    """
    mix = _mix(groups, panel)
    observed = panel.moments(np.ones((1, panel.clusters)))
    spreads = [seed_spread(observed, group) for group in groups]
    of_seeds = np.array([spread.variance for spread in spreads])
    values, covariance = observed.values[0] @ mix.T, mix @ observed.covariance[0] @ mix.T
    moments = _resampled(panel, mix, draws, seed)
    shift, variance = _drawn_seeds(spreads, len(moments.values), seed)
    resampled = moments.values + shift
    errors = _pair_errors(moments.covariance, variance)
    moved = resampled - values
    # A draw without any spread has that of one cluster, so that nothing is divided by 0.
    floor = np.maximum(errors, scale / panel.clusters)
    lead = (moved[:, :, None] - moved[:, None, :]) / floor
    if len(groups) > 1:  # alone there is nobody to lead but oneself, by 0
        lead[:, np.arange(len(groups)), np.arange(len(groups))] = -np.inf
    return Bounds(
        values=values,
        errors=np.sqrt(np.maximum(0.0, np.diag(covariance)) + of_seeds),
        pair_errors=_pair_errors(covariance[None], of_seeds[None])[0],
        seed_errors=np.sqrt(of_seeds),
        low=_low(
            values,
            np.diag(covariance) + of_seeds,
            panel.clusters,
            spreads,
            confidence,
            share=scale == 1.0,
        ),
        drawn=lead.max(1),
        resampled=resampled,
        resampled_errors=errors,
        clusters=panel.clusters,
        rows=panel.rows,
        scale=scale,
        confidence=confidence,
    )


def _mix(groups: Sequence[Sequence[int]], panel: Panel) -> Floats:
    """The matrix that makes settings' scores of runs' scores."""
    runs = 1 + max(max(group) for group in groups)
    mix = np.zeros((len(groups), runs))
    for row, group in zip(mix, groups, strict=True):
        row[list(group)] = 1 / len(group)
    return mix


def _resampled(panel: Panel, mix: Floats, draws: int, seed: int) -> Moments:
    blocks = [panel.moments(drawn) for drawn in weights(panel.clusters, draws, seed)]
    values = np.concatenate([block.values for block in blocks]) @ mix.T
    covariance = np.concatenate([mix @ block.covariance @ mix.T for block in blocks])
    return Moments(values, covariance)


def _drawn_seeds(spreads: Sequence[SeedSpread], draws: int, seed: int) -> tuple[Floats, Floats]:
    """Draws what other seeds would have given: a shift of each score, and its variance."""
    random = np.random.default_rng([seed, 1])
    shift, variance = np.zeros((draws, len(spreads))), np.zeros((draws, len(spreads)))
    for column, spread in enumerate(spreads):
        if spread.variance:
            degrees = spread.seeds - 1
            observed = spread.observed * random.chisquare(degrees, draws) / degrees
            variance[:, column] = np.maximum(0.0, observed - spread.sampling) / spread.seeds
            shift[:, column] = random.normal(0.0, spread.variance**0.5, draws)
    return shift, variance


def _pair_errors(covariance: Floats, of_seeds: Floats) -> Floats:
    """Standard errors of differences; seeds of two settings are independent."""
    own = np.diagonal(covariance, axis1=1, axis2=2) + of_seeds
    variance = own[:, :, None] + own[:, None, :] - 2 * covariance
    return np.asarray(np.sqrt(np.maximum(0.0, variance)))


def _bound(gaps: Floats, errors: Floats, critical: Floats, single: float) -> Floats:
    """Solves ``(bound - gap)² = q² max(variance, bound · single)`` for the bound.

    The second is the variance if the bound came from few clusters that differ as far as can be,
    by `single` of the whole each.
    """
    plain = gaps + critical * errors
    step = critical**2 * single
    root = step * (step / 4 + gaps)
    score = np.where(root > 0, gaps + step / 2 + np.sqrt(np.maximum(0.0, root)), -np.inf)
    return np.maximum(0.0, np.maximum(plain, score))


def _low(
    values: Floats,
    variances: Floats,
    clusters: int,
    spreads: Sequence[SeedSpread],
    confidence: float,
    *,
    share: bool,
) -> Floats:
    """One-sided bounds with Bonferroni's share of the level: Wilson's, of shares."""
    level = 1 - (1 - confidence) / len(values)
    found = []
    for value, variance, spread in zip(values, variances, spreads, strict=True):
        degrees = satterthwaite(variance - spread.variance, clusters, [spread])
        reach = student(level, degrees, sides=1)
        if not (share and 0 <= value <= 1):  # amounts, or Matthews' coefficient below 0
            found.append(value - reach * variance**0.5)
            continue
        found.append(wilson_of_error(float(value), float(variance), clusters, reach)[0])
    return np.array(found)
