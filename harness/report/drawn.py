"""All drawings of a report: infos by task, and plotly's JSON in both languages, packed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from harness.report import figures
from harness.report.data import ReportData
from harness.report.examples import packed
from harness.report.values import TaskReport
from harness.report.words import LANGUAGES, Language

__all__ = ["anchors_of", "draw", "infos_of"]

Infos = dict[str, Any]


def anchors_of(data: ReportData) -> dict[str, str]:
    """Returns what each task is called in an address: a name may hold anything."""
    return {task.name: f"t{number}" for number, task in enumerate(data.tasks)}


def infos_of(task: TaskReport, data: ReportData) -> Infos:
    """Returns the data of all of a task's drawings, by name; None where records have none."""
    return {
        "quality_cost": figures.quality_cost_info(task),
        "cost_once": figures.cost_once_info(task),
        "cost_request": figures.cost_request_info(task),
        "break_even": figures.break_even_info(task, data.asked),
        "slices": figures.slices_info(task),
        "differences": figures.differences_info(task),
        "learning": figures.curves_info(task, "learning"),
        "retrieval": figures.curves_info(task, "retrieval"),
        "updates": figures.updates_info(task),
        "predicted": figures.predicted_info(task),
    }


def draw(data: ReportData, infos: Mapping[str, Infos]) -> tuple[str, dict[str, int]]:
    """Draws everything.

    Args:
        data: The report.
        infos: By task: from `infos_of`.

    Returns:
        plotly's JSON by id of the drawing and by language, packed; and each one's height.
    """
    made: dict[str, dict[str, Any]] = {}
    for name, place in anchors_of(data).items():
        for id_, figure in _figures(infos[name]):
            drawn = {language: _plain(figure(language)) for language in LANGUAGES}
            if drawn["en"] is not None:
                made[f"{place}-{id_}"] = drawn
    heights = {id_: int(drawn["en"]["layout"]["height"]) for id_, drawn in made.items()}
    return packed(made), heights


def _figures(infos: Infos) -> list[tuple[str, Callable[[Language], Any]]]:
    found: list[tuple[str, Callable[[Language], Any]]] = []
    quality, even = infos["quality_cost"], infos["break_even"]
    if quality.points:
        found.append(("quality_cost", lambda lang: figures.quality_cost_figure(quality, lang)))
    for kind in ("cost_once", "cost_request"):
        stack = infos[kind]
        if any(bar.total for bar in stack.bars):
            found.append((kind, lambda lang, s=stack: figures.cost_stack_figure(s, lang)))
    for number, share in enumerate(even.utilisations if even.series else ()):
        found.append(
            (f"break_even-{number}", lambda lang, s=share: figures.break_even_figure(even, s, lang))
        )
    for number, info in enumerate(infos["slices"]):
        found.append((f"slices-{number}", lambda lang, i=info: figures.slices_figure(i, lang)))
    if infos["differences"].rows:
        found.append(
            ("differences", lambda lang: figures.differences_figure(infos["differences"], lang))
        )
    found += [
        (kind, lambda lang, k=kind: figures.curves_figure(infos[k], lang))
        for kind in ("learning", "retrieval")
        if infos[kind]
    ]
    if infos["updates"]:
        found.append(("updates", lambda lang: figures.updates_figure(infos["updates"], lang)))
    if infos["predicted"]:
        found.append(("predicted", lambda lang: figures.predicted_figure(infos["predicted"], lang)))
    return found


def _plain(figure: Any) -> dict[str, Any] | None:
    """plotly's own JSON, without its template."""
    if figure is None:
        return None
    value: dict[str, Any] = json.loads(figure.to_json())
    value["layout"].pop("template", None)
    return {"data": value["data"], "layout": value["layout"]}
