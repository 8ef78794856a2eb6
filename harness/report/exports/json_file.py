"""JSON: the whole report with the data of its drawings, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from harness.report.data import ReportData
from harness.report.drawn import infos_of
from harness.report.format import json_values
from harness.report.shown import shown

__all__ = ["json_text"]

SCHEMA = 1


def json_text(data: ReportData) -> str:
    """Returns the report as JSON; what is infinite or not a number is null."""
    figures = {
        task.name: {name: _dict(info) for name, info in infos_of(task, data).items() if info}
        for task in shown(data).tasks
    }
    value = {"schema_version": SCHEMA, "report": asdict(data), "figures": figures}
    return json.dumps(json_values(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _dict(info: Any) -> object:
    """Infos are dataclasses, or lists of such (a chart a column)."""
    return [asdict(each) for each in info] if isinstance(info, list) else asdict(info)
