"""Intervals and comparisons that respect clusters, seeds, and the number of comparisons.

Rows that share a fact, a document or a customer are not independent: with five wordings a fact a
Wilson interval that claims 95 % covers 66 %. So clusters are resampled, and Wilson and McNemar are
used only where every cluster has one row. ``docs/statistics.md`` says what is used where.
"""

from harness.metrics.statistics.best import Bounds, compare_with_best
from harness.metrics.statistics.counts import cluster_bootstrap_counts
from harness.metrics.statistics.multiple import (
    AllPairs,
    Record,
    all_pairs,
    compact_letters,
    holm,
    wins_ties_losses,
)
from harness.metrics.statistics.paired import Paired, paired_counts, paired_difference
from harness.metrics.statistics.panel import Counted, Means, Panel, counted, means
from harness.metrics.statistics.power import (
    Needed,
    minimum_detectable_difference,
    rows_needed,
    rows_that_decide,
)
from harness.metrics.statistics.resampling import (
    Interval,
    cluster_bootstrap,
    wilson,
    wilson_of_error,
)
from harness.metrics.statistics.seeds import Crossed, crossed, crossed_difference

__all__ = [
    "AllPairs",
    "Bounds",
    "Counted",
    "Crossed",
    "Interval",
    "Means",
    "Needed",
    "Paired",
    "Panel",
    "Record",
    "all_pairs",
    "cluster_bootstrap",
    "cluster_bootstrap_counts",
    "compact_letters",
    "compare_with_best",
    "counted",
    "crossed",
    "crossed_difference",
    "holm",
    "means",
    "minimum_detectable_difference",
    "paired_counts",
    "paired_difference",
    "rows_needed",
    "rows_that_decide",
    "wilson",
    "wilson_of_error",
    "wins_ties_losses",
]
