"""Thresholds for a comparison of two runs, for a nightly job."""

from harness.gates.check import Gate, GateResult, check_gates, parse_gates
from harness.gates.files import junit, markdown

__all__ = ["Gate", "GateResult", "check_gates", "junit", "markdown", "parse_gates"]
