"""JSON: the whole report with the data of its drawings, for programs."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from harness.report.data import ReportData

__all__ = ["json_text"]

SCHEMA = 1


def json_text(data: ReportData) -> str:
    """Returns the report as JSON; what is infinite or not a number is null.

    Args:
        data: The report.
    """
    from harness.report.drawn import infos_of

    figures = {
        task.name: {name: _dict(info) for name, info in infos_of(task, data).items() if info}
        for task in data.tasks
    }
    value = {"schema_version": SCHEMA, "report": asdict(data), "figures": figures}
    return json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _dict(info: Any) -> Any:
    """Infos are dataclasses, or lists of such (a chart a column)."""
    return [asdict(each) for each in info] if isinstance(info, (list, tuple)) else asdict(info)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [
            _plain(each)
            for each in (sorted(value) if isinstance(value, (set, frozenset)) else value)
        ]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
