"""What others published, with the configurations that were measured here beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import yaml

from harness.analysis.words import Phrase
from harness.report.data import MethodRow, ModelRow, Ours, SurveyRow
from harness.report.values import ConfigurationRow, TaskReport
from harness.text import words

__all__ = ["beside"]

FILE = Path(__file__).with_name("survey.yaml")
OURS = words("families without labels api whole")  # by what a published row finds measured ones
Beside = tuple[tuple[SurveyRow, ...], tuple[MethodRow, ...], tuple[ModelRow, ...], str]


def beside(tasks: Sequence[TaskReport]) -> Beside:
    """Reads the published costs, methods and models, and finds measured rows like them."""
    published = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    survey = tuple(
        SurveyRow(ours=_ours(tasks, row), **_quoted(row)) for row in published["options"]
    )
    methods = tuple(
        MethodRow(ours=_ours(tasks, row), **_quoted(row)) for row in published["methods"]
    )
    models = tuple(ModelRow(**{k: str(v) for k, v in row.items()}) for row in published["models"])
    return survey, methods, models, str(published["source"])


def _quoted(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Phrase(**value) if isinstance(value, dict) else value
        for name, value in row.items()
        if name not in OURS
    }


def _ours(tasks: Sequence[TaskReport], published: Mapping[str, Any]) -> tuple[Ours, ...]:
    """The measured rows that a published one is about: of each task its best, then the second."""
    by_task = (
        [Ours(task.name, r) for r in task.rows if r.group != "ceiling" and _fits(r, published)]
        for task in tasks
    )
    in_turn = chain.from_iterable(zip_longest(*by_task))
    return tuple(each for each in in_turn if each is not None)


def _fits(row: ConfigurationRow, published: Mapping[str, Any]) -> bool:
    """Whether a configuration is one of those that a published row is about."""
    families = set(row.families)
    if not families & {*published["families"]} or families & {*published.get("without", ())}:
        return False
    found = {"api": row.device == "api", "whole": row.trains_all, "labels": row.labelled_rows > 0}
    return all(published[name] == value for name, value in found.items() if name in published)
