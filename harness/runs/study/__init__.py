"""A study: many runs declared in one file, run one after another, or forecast."""

from __future__ import annotations

from harness.runs.study.config import Cell, StudyConfig, read_study, shipped
from harness.runs.study.execute import run_cell, run_study
from harness.runs.study.state import States

__all__ = ["Cell", "States", "StudyConfig", "read_study", "run_cell", "run_study", "shipped"]
