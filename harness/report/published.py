"""What others published, with the settings that were measured here beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from harness.analysis.words import Phrase
from harness.report.data import MethodRow, ModelRow, Ours, SurveyRow
from harness.report.values import Row, TaskReport

__all__ = ["beside"]

FILE = Path(__file__).with_name("survey.yaml")
Beside = tuple[tuple[SurveyRow, ...], tuple[MethodRow, ...], tuple[ModelRow, ...], str]


def beside(tasks: Sequence[TaskReport]) -> Beside:
    """Reads the published rows and finds the measured ones of the same kind.

    Args:
        tasks: The report's tasks.

    Returns:
        The survey's cost table, its table of methods, models of others, and the source.
    """
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    survey = tuple(
        SurveyRow(
            Phrase(**row["option"]), Phrase(**row["development"]), row["data"], row["deployment"],
            tuple(_ours(tasks, row)),
        )
        for row in told["options"]
    )  # fmt: skip
    methods = tuple(
        MethodRow(
            Phrase(**row["method"]),
            Phrase(**row["compute"]),
            Phrase(**row["gpus"]),
            Phrase(**row["example"]),
            tuple(_ours(tasks, row)),
        )
        for row in told["methods"]
    )
    models = tuple(ModelRow(**{k: str(v) for k, v in row.items()}) for row in told["models"])
    return survey, methods, models, str(told["source"])


def _ours(tasks: Sequence[TaskReport], told: Mapping[str, Any]) -> list[Ours]:
    return [
        Ours(task.name, row)
        for task in tasks
        for row in task.rows
        if row.ranked and row.family in told["families"] and _fits(row, told)
    ]


def _fits(row: Row, told: Mapping[str, Any]) -> bool:
    """Whether a vendor's model or an own one, and all weights or a part of them, as the row says."""
    if "api" in told and told["api"] != (row.device == "api"):
        return False
    return "whole" not in told or told["whole"] == row.trains_all
