"""The question alone, with the task's instructions."""

from __future__ import annotations

from typing import ClassVar

from harness.strategy.base import Prompting
from harness.strategy.family import Family


class ZeroShot(Prompting):
    """Adds nothing to the task's own prompt."""

    name: ClassVar[str] = "zero-shot"
    summary: ClassVar[str] = "the task's instructions and the question, nothing else"
    family: ClassVar[Family] = "prompting"
    paper: ClassVar[str] = "Radford et al. 2019"
    tried_first: ClassVar[bool] = True
