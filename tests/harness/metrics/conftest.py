"""Studies with a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm


class Studies:
    """Draws right and wrong answers of settings that answer the same clustered rows.

    Answers are the signs of normal variables with a part that the cluster has in common, a part
    that the row has, a part that the seed has, and the rest; so the shares are exact.
    """

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def answers(self, shares, clusters, rows, *, seeds=1, cluster=0.5, row=0.5, spread=0.0):  # type: ignore[no-untyped-def]
        """Returns 0 and 1, shape (settings, seeds, clusters, rows of a cluster)."""
        shares, draw = np.asarray(shares, dtype=float), self.random.normal
        common = draw(size=(1, 1, clusters, 1)) * cluster**0.5
        common = common + draw(size=(1, 1, clusters, rows)) * row**0.5
        own = draw(size=(len(shares), seeds, clusters, rows))
        lucky = draw(size=(len(shares), seeds, 1, 1)) * spread**0.5
        level = norm.ppf(shares) * (1 + cluster + row + spread) ** 0.5
        return (level[:, None, None, None] + common + own + lucky > 0).astype(float)


@pytest.fixture
def studies() -> Studies:
    """Studies with a seed of their own."""
    return Studies(20)


def by_id(values):  # type: ignore[no-untyped-def]
    """Returns values of shape (clusters, rows) by row id."""
    return {f"{c}-{r}": float(v) for (c, r), v in np.ndenumerate(values)}


def groups(clusters, rows):  # type: ignore[no-untyped-def]
    """Returns the cluster by row id."""
    return {f"{c}-{r}": str(c) for c in range(clusters) for r in range(rows)}


@pytest.fixture
def named():  # type: ignore[no-untyped-def]
    """The two functions that give values ids."""
    return by_id, groups
