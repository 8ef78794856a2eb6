"""A study: a matrix of runs from one file.

config    what a study file may say, and the cells that it stands for
state     what became of each cell, as files that need no lock
execute   one cell in this process, or all of them one after another in processes of their own
"""

from __future__ import annotations

from harness.runs.study.config import Cell, StudyConfig, read_study, shipped
from harness.runs.study.execute import run_cell, run_study
from harness.runs.study.state import States

__all__ = ["Cell", "States", "StudyConfig", "read_study", "run_cell", "run_study", "shipped"]
