"""Thresholds for a comparison of two runs, for a nightly job."""

from harness.analysis.gates.check import Gate, GateResult, check_gates, parse_gates
from harness.analysis.gates.files import junit, markdown

__all__ = ["Gate", "GateResult", "check_gates", "junit", "markdown", "parse_gates"]
