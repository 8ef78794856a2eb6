"""Intervals and paired comparisons that respect clusters.

Rows that share a fact, a document or a customer are not independent: with five wordings a fact a
Wilson interval that claims 95 % covers 66 %. So clusters are resampled, and Wilson and McNemar are
used only where every cluster has one row.
"""

from harness.metrics.counts import cluster_bootstrap_counts
from harness.metrics.paired import Paired, paired_difference
from harness.metrics.resampling import Interval, cluster_bootstrap, wilson

__all__ = [
    "Interval",
    "Paired",
    "cluster_bootstrap",
    "cluster_bootstrap_counts",
    "paired_difference",
    "wilson",
]
