"""Thresholds for a comparison of two runs, for a nightly job."""

from harness.analysis.thresholds.check import (
    Threshold,
    ThresholdResult,
    check_thresholds,
    parse_thresholds,
)
from harness.analysis.thresholds.files import junit, markdown

__all__ = [
    "Threshold",
    "ThresholdResult",
    "check_thresholds",
    "junit",
    "markdown",
    "parse_thresholds",
]
