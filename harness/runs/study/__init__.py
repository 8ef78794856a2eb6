"""A study: many runs declared in one file.

config    the study file, and the cells that it stands for
state     how each cell stands, in files that need no lock
execute   runs one cell in this process, or all of them by an engine
local     the engine of this machine: one after another, each in a process of its own
ray       the engine of a Ray cluster
needs     what a cell takes of a cluster's node
node      what happens on such a node, and how records come back
forecast  what the cells will take
"""

from __future__ import annotations

from harness.runs.study.config import Cell, StudyConfig, read_study, shipped
from harness.runs.study.execute import run_cell, run_study
from harness.runs.study.state import States

__all__ = ["Cell", "States", "StudyConfig", "read_study", "run_cell", "run_study", "shipped"]
