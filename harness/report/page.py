"""The page: one file with everything inside, which may load nothing from anywhere.

plotly.js is put in once, compressed; a content security policy that names the hashes of our own
scripts keeps anything else from running.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import harness
from harness.cli.output import duration, estimate_text, metric_title, milliseconds, usd
from harness.report.data import ReportData
from harness.report.figures import quality_cost_figure, quality_cost_info

__all__ = ["render"]

FOLDER = Path(__file__).parent
CONFIG = {"displaylogo": False, "responsive": True, "showSendToCloud": False}


def render(data: ReportData) -> str:
    """Returns the page as text.

    Args:
        data: What it shows.
    """
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "usd": usd,
        "duration": duration,
        "milliseconds": milliseconds,
        "figure": _figure_text,
        "titled": metric_title,
        "pretty": lambda value: json.dumps(value, ensure_ascii=False, indent=1),
    }
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    library, packed = _plotly()
    hashes = " ".join(f"'sha256-{_hash(text)}'" for text in (script, library))
    return environment.get_template("page.html.j2").render(
        data=data,
        charts=_charts(data),
        script=script,
        packed=packed,
        hashes=hashes,
        version=harness.__version__,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _charts(data: ReportData) -> str:
    """All figures as JSON that can stand in a script element."""
    charts = {}
    for number, task in enumerate(data.tasks):
        points = quality_cost_info(task)
        if points:
            title = metric_title(task.primary, task.runs[0]["metrics"][task.primary])
            figure = quality_cost_figure(points, title).to_plotly_json()
            layout = figure["layout"] | {"template": None}
            charts[f"chart-{number}"] = {
                "data": figure["data"],
                "layout": _light(layout),
                "config": CONFIG,
            }
    text = json.dumps(charts, ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c")  # nothing in it can end the script element


def _light(layout: dict[str, Any]) -> dict[str, Any]:
    """A few lines of style in place of plotly's template of 7 kB a chart."""
    grid = {"gridcolor": "#e5e7eb", "linecolor": "#9ca3af", "zeroline": False, "showline": True}
    del layout["template"]
    return layout | {
        "xaxis": layout["xaxis"] | grid,
        "yaxis": layout["yaxis"] | grid,
        "plot_bgcolor": "#ffffff",
        "paper_bgcolor": "#ffffff",
    }


@cache
def _plotly() -> tuple[str, str]:
    """plotly.js, and the same compressed as text."""
    from plotly.offline import get_plotlyjs

    library = get_plotlyjs()
    packed = gzip.compress(library.encode("utf-8"), compresslevel=9, mtime=0)
    return library, base64.b64encode(packed).decode("ascii")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _figure_text(figure: dict[str, Any] | None) -> str:
    """A figure with its interval, short."""
    return "–" if figure is None else estimate_text(figure, undefined="–", gap=" ")
