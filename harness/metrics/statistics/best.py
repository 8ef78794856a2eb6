"""Which of several configurations may be the best: bounds that hold for all of them at once.

The best isn't known, and the one that looks best was chosen for looking so. Multiple comparisons
with the best (Hsu, 1981, Annals of Statistics 9:1026-1034; Edwards and Hsu, 1983, JASA 78:965-971)
bound how far each one is behind the true best, whichever that is: were `j` the best, all others
would have to be compared with `j` at once, and every `j` is allowed for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

from harness.metrics.statistics.panel import Moments, Panel
from harness.metrics.statistics.resampling import Floats, wilson_of_error
from harness.metrics.statistics.seeds import SeedSpread, satterthwaite, seed_spread, student

__all__ = ["MOST", "Bounds", "compare_with_best", "rare_reach"]


MOST = 50
"""Configurations whose pairs are resampled: that takes time and memory by the square of them."""


@dataclass(frozen=True)
class Resamples:
    """What the draws say of up to `MOST` configurations."""

    leads: Floats  # Largest studentised lead of a rival over each possible best, shape (draws, K)
    values: Floats  # Scores, shape (draws, K)
    errors: Floats  # Standard errors of differences, shape (draws, K, K)


@dataclass(frozen=True)
class Bounds:
    """Scores of K configurations, and what can be said of all of them at once."""

    values: Floats  # Scores, means over each configuration's runs, shape (K,)
    errors: Floats  # Standard errors, of items and seeds, shape (K,)
    pair_errors: Floats  # Of the differences, shape (K, K)
    seed_errors: Floats  # The part of `errors` that seeds have, shape (K,)
    low: Floats  # One-sided lower bounds of the scores, all at once, shape (K,)
    resamples: Resamples | None  # None of more than `MOST` configurations
    clusters: int
    rows: int
    scale: float  # How far apart two values of a row can be: 1 for shares
    rare: Floats  # Most that a row can lose beyond what was seen; 0: nothing can, shape (K,)
    top: float  # Best score that there can be
    confidence: float  # Level of each of the two families of bounds
    draws: int  # Resamples that were asked for

    def critical(self, confidence: float | None = None) -> Floats:
        """Returns quantiles for comparing all with one that might be the best, shape (K,)."""
        level, degrees = confidence or self.confidence, max(1, self.clusters - 1)
        size = len(self.values)
        if self.resamples is None:
            return np.full(size, student(1 - (1 - level) / (size - 1), degrees, sides=1))
        least = student(level, degrees, sides=1)
        return np.asarray(np.maximum(least, np.quantile(self.resamples.leads, level, axis=0)))

    @cached_property
    def quantiles(self) -> Floats:
        """The quantiles of the bounds' own level, shape (K,)."""
        return self.critical()

    @cached_property
    def far(self) -> Floats:
        """By how much each one is behind the best at most, 0 or more, shape (K,)."""
        return self.behind()

    def behind(self, confidence: float | None = None) -> Floats:
        """Returns the same at another level."""
        return self._behind(self.values, self.low, self.pair_errors, self.critical(confidence))

    def chance(self, margin: float, floor: float = -math.inf) -> Floats:
        """Returns how often each is shown to be near the best and above a floor, shape (K,).

        It is the share of the resamples in which the bounds say so; of more than `MOST`
        configurations that of the normal distribution, against the rival that is hardest to tell.
        """
        behind, moved = self.resampled_behind(), self.low - self.values
        if behind is not None and self.resamples is not None:
            shown = (behind <= margin) & (moved + self.resamples.values >= floor)
            return np.asarray(shown.mean(0))
        gaps = self.values[None, :] - self.values[:, None]
        errors = np.maximum(self.pair_errors, 1e-12)
        reach = rare_reach(self.pair_errors, self.quantiles, self.rare[:, None] / self.clusters)
        sure = ((margin - gaps - reach) / errors).min(1)
        sure = np.minimum(sure, (self.low - floor) / np.maximum(self.errors, 1e-12))
        return np.array([NormalDist().cdf(each) for each in sure])

    def resampled_behind(self) -> Floats | None:
        """Returns the same bounds in each resample, shape (draws, K)."""
        if self.resamples is None:
            return None
        values, errors = self.resamples.values, self.resamples.errors
        return self._behind(values, self.low + values - self.values, errors, self.quantiles)

    @cached_property
    def slack(self) -> Floats:
        """How much more each `k` may lose against each `j` than was seen, at [k, j], 0 or more.

        Of the true best `j` all hold at once, at the bounds' own level, whatever known amount is
        added to each score. Of shares, too, as many rows are allowed for as may have been missed.
        """
        gaps = self.values[None, :] - self.values[:, None]
        rare = np.ones(len(gaps)) if self.scale == 1.0 else self.rare
        reach = rare_reach(self.pair_errors, self.quantiles, rare[:, None] / self.clusters)
        # Nobody loses more against another than itself at most, less the other at least.
        own = self.values - self.low, self.top - self.values - self._surely_lost()
        slack = np.minimum(reach, np.maximum(0.0, own[0][:, None] + own[1][None, :]))
        np.fill_diagonal(slack, 0.0)
        return np.asarray(slack)

    def _surely_lost(self) -> Floats:
        """How far each score is below the best that there can be at least, all at once, shape (K,).

        The gamma limit for sums of rare events of unlike sizes (Fay and Feuer, 1997, Statistics in
        Medicine 16:791-801): it stays above 0 where few large losses make the error large.
        """
        from scipy.special import gammaincinv

        lost, variance = self.top - self.values, self.errors**2
        if not np.isfinite(self.top):
            return np.zeros(len(lost))
        share = (1 - self.confidence) / len(lost)
        known = (lost > 0) & (variance > 0)
        safe = np.where(known, lost, 1.0), np.where(known, variance, 1.0)
        limit = safe[1] / safe[0] * gammaincinv(safe[0] ** 2 / safe[1], share)
        return np.asarray(np.where(known, limit, 0.0))

    def interval(self, quantile: float) -> tuple[Floats, Floats]:
        """Returns ends of each score's own interval; the lower one allows for losses not seen."""
        if self.scale == 1.0:
            pairs = zip(self.values.tolist(), (self.errors**2).tolist(), strict=True)
            ends = [wilson_of_error(*each, self.clusters, quantile) for each in pairs]
            return np.array(ends)[:, 0], np.array(ends)[:, 1]
        reach = rare_reach(self.errors, np.asarray(quantile), self.rare / self.clusters)
        high = np.minimum(self.top, self.values + quantile * self.errors)
        return self.values - reach, np.asarray(high)

    def _behind(self, values: Floats, low: Floats, errors: Floats, critical: Floats) -> Floats:
        gaps = values[..., None, :] - values[..., :, None]  # of j over k, at [k, j]
        if self.scale == 1.0:
            bounds = _bound(gaps, errors, critical, 1 / self.clusters)
        else:
            bounds = np.maximum(
                0.0, gaps + rare_reach(errors, critical, self.rare[:, None] / self.clusters)
            )
        size = len(self.values)
        bounds[..., np.arange(size), np.arange(size)] = 0.0
        # Nobody is further behind than its own score is behind the best that there can be.
        return np.asarray(np.minimum(bounds.max(-1), np.maximum(0.0, self.top - low)))


def compare_with_best(
    panel: Panel,
    groups: Sequence[Sequence[int]],  # of each configuration, the positions of its runs (seeds)
    *,
    scale: float = 1.0,  # how far apart two values of a row can be: 1 for shares
    rare: Sequence[float] | None = None,  # of amounts: most that a row of each can lose unseen
    top: float = math.inf,  # best score that there can be: 1 for shares, 0 for losses
    confidence: float = 0.95,  # one-sided, for all configurations at once
    draws: int = 2000,
    seed: int = 0,
    clusters: int | None = None,  # of a study that is planned; by default of the panel's own
    runs: Sequence[int] | None = None,  # of each configuration in that study
) -> Bounds:
    """Bounds how far each configuration is behind the best of them, and each one's score.

    Clusters are resampled, and each difference is divided by its own standard error in each draw
    (bootstrap-t; Romano and Wolf, 2005, JASA 100:94-108, for the maximum over several). What seeds
    add is drawn from a normal distribution with a chi-square variance, since few seeds can't be
    resampled. A quantile is never less than that of t. Differences that hardly vary get the
    variance which the bound itself would imply, as in a score test (Tango, 1998, Statistics in
    Medicine 17:891-908). Of amounts a rare large loss may not have been seen: a bound allows for as
    many as a Poisson count's score interval (Garwood, 1936, Biometrika 28:437-442; without any
    seen the rule of three). Of more than `MOST` configurations nothing is resampled: the quantile
    is that of t at Bonferroni's share, which is wider. With `clusters` and `runs` the bounds are
    those of a larger study, if all are as good as they look: it draws from the panel's clusters.
    """
    mix, size, draw = _mix(groups), clusters or panel.clusters, (draws, seed, clusters)
    observed, part = panel.observed, panel.clusters / size
    spreads = [seed_spread(observed, group) for group in groups]
    if runs is not None:
        spreads = [each.planned(count, part) for each, count in zip(spreads, runs, strict=True)]
    of_seeds = np.array([spread.variance for spread in spreads])
    values, covariance = observed.values[0] @ mix.T, mix @ observed.covariance[0] @ mix.T * part
    variances, few = np.diag(covariance) + of_seeds, len(groups) <= MOST
    beyond = np.zeros(len(groups)) if rare is None else np.asarray(rare, float)
    return Bounds(
        values=values,
        errors=np.sqrt(np.maximum(0.0, np.diag(covariance)) + of_seeds),
        pair_errors=_pair_errors(covariance[None], of_seeds[None])[0],
        seed_errors=np.sqrt(of_seeds),
        low=_low(values, variances, size, spreads, confidence, beyond, top, share=scale == 1.0),
        resamples=_resamples(panel, mix, spreads, values, scale / size, draw) if few else None,
        clusters=size,
        rows=math.ceil(panel.rows / part),
        scale=scale,
        rare=beyond,
        top=top,
        confidence=confidence,
        draws=draws,
    )


_Draw = tuple[int, int, int | None]  # how many resamples, from which seed, of how many clusters


def _resamples(
    panel: Panel,
    mix: Floats,
    spreads: Sequence[SeedSpread],
    observed: Floats,
    least: float,
    draw: _Draw,
) -> Resamples:
    moments = _resampled(panel, mix, draw)
    shift, variance = _drawn_seeds(spreads, len(moments.values), draw[1])
    values, errors = moments.values + shift, _pair_errors(moments.covariance, variance)
    return Resamples(_leads(values - observed, errors, least), values, errors)


def _leads(moved: Floats, errors: Floats, least: float) -> Floats:
    """Largest studentised lead of a rival over each possible best, shape (draws, K)."""
    # A draw without any spread has that of one cluster, so that nothing is divided by 0.
    lead = (moved[:, :, None] - moved[:, None, :]) / np.maximum(errors, least)
    size = moved.shape[1]
    if size > 1:  # alone there is nobody to lead but oneself, by 0
        lead[:, np.arange(size), np.arange(size)] = -np.inf
    return np.asarray(lead.max(1))


def _mix(groups: Sequence[Sequence[int]]) -> Floats:
    """The matrix that makes configurations' scores of runs' scores."""
    runs = 1 + max(max(group) for group in groups)
    mix = np.zeros((len(groups), runs))
    for row, group in zip(mix, groups, strict=True):
        row[list(group)] = 1 / len(group)
    return mix


def _resampled(panel: Panel, mix: Floats, draw: _Draw) -> Moments:
    if mix.shape[1] > MOST:  # covariances of runs would take memory by the square of them
        mixed = [panel.moments(drawn, mix) for drawn in panel.drawn(*draw)]
        values = np.concatenate([block.values for block in mixed])
        return Moments(values, np.concatenate([block.covariance for block in mixed]))
    blocks = [panel.moments(drawn) for drawn in panel.drawn(*draw)]
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
    """Standard errors of differences; seeds of two configurations are independent."""
    own = np.diagonal(covariance, axis1=1, axis2=2) + of_seeds
    variance = own[:, :, None] + own[:, None, :] - 2 * covariance
    return np.asarray(np.sqrt(np.maximum(0.0, variance)))


def _bound(gaps: Floats, errors: Floats, critical: Floats, single: float) -> Floats:
    """Solves ``(bound - gap)² = q² max(variance, bound · single)`` for the bound."""
    # The second is the variance of few clusters that differ as far as can be, by `single` each.
    plain = gaps + critical * errors
    step = critical**2 * single
    root = step * (step / 4 + gaps)
    score = np.where(root > 0, gaps + step / 2 + np.sqrt(np.maximum(0.0, root)), -np.inf)
    return np.maximum(0.0, np.maximum(plain, score))


def rare_reach(errors: Floats, critical: Floats, single: Floats) -> Floats:
    """Solves ``x² = q² (variance + x · single)``: an excess `x` that is rare has a variance by it."""
    step = critical**2 * single
    return np.asarray(step / 2 + np.sqrt(step**2 / 4 + (critical * errors) ** 2))


def _low(
    values: Floats,
    variances: Floats,
    clusters: int,
    spreads: Sequence[SeedSpread],
    confidence: float,
    rare: Floats,
    top: float,
    *,
    share: bool,
) -> Floats:
    """One-sided bounds with Bonferroni's share of the level: Wilson's, of shares."""
    right = 0.0 if top else 1.0  # a share that is better when lower is turned round: -1 to 0
    level = 1 - (1 - confidence) / len(values)
    bounds = []
    for value, variance, spread, most in zip(values, variances, spreads, rare, strict=True):
        degrees = satterthwaite(variance - spread.variance, clusters, [spread])
        reach = student(level, degrees, sides=1)
        if not (share and 0 <= right + value <= 1):  # amounts, or Matthews' coefficient below 0
            error, q = np.asarray(max(0.0, variance) ** 0.5), np.asarray(reach)
            bounds.append(value - float(rare_reach(error, q, np.asarray(most / clusters))))
            continue
        wilson = wilson_of_error(right + float(value), float(variance), clusters, reach)
        bounds.append(wilson[0] - right)
    return np.array(bounds)
