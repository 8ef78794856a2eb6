"""All drawings of a report: infos by task, and plotly's JSON in both languages, packed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from harness.analysis.words import LANGUAGES, Language
from harness.report import figures
from harness.report.data import ReportData
from harness.report.examples import packed
from harness.report.values import TaskReport

__all__ = ["anchors_of", "draw", "infos_of"]

Infos = dict[str, Any]
STACKS = ("cost_once", "cost_request")
CURVES = ("learning", "retrieval")


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
            drawn = [_plain(figure(language)) for language in LANGUAGES]
            if drawn[0] is not None:
                made[f"{place}-{id_}"] = dict(zip(LANGUAGES, drawn, strict=True))
    heights = {id_: int(drawn["en"]["layout"]["height"]) for id_, drawn in made.items()}
    return packed(made), heights


Drawing = tuple[str, Callable[[Language], Any]]


def _figures(infos: Infos) -> list[Drawing]:
    """The drawings that there are, by name, each for any language."""

    def of(name: str, figure: Callable[..., Any], *arguments: Any) -> Drawing:
        return name, partial(_drawn, figure, arguments)

    even = infos["break_even"]
    shares = even.utilisations if even.series else ()
    found = [
        of("quality_cost", figures.quality_cost_figure, infos["quality_cost"]),
        *(of(kind, figures.cost_stack_figure, infos[kind]) for kind in STACKS if _paid(infos[kind])),
        *(of(f"break_even-{n}", figures.break_even_figure, even, x) for n, x in enumerate(shares)),
        *(of(f"slices-{n}", figures.slices_figure, x) for n, x in enumerate(infos["slices"])),
        of("differences", figures.differences_figure, infos["differences"]),
        *(of(kind, figures.curves_figure, infos[kind]) for kind in CURVES if infos[kind]),
        *(of(k, f, infos[k]) for k, f in (("updates", figures.updates_figure),
                                          ("predicted", figures.predicted_figure)) if infos[k]),
    ]  # fmt: skip
    empty = {"quality_cost"} if not infos["quality_cost"].points else set()
    empty |= {"differences"} if not infos["differences"].rows else set()
    return [each for each in found if each[0] not in empty]


def _drawn(figure: Callable[..., Any], arguments: tuple[Any, ...], language: Language) -> Any:
    return figure(*arguments, language)


def _paid(stack: figures.CostStack) -> bool:
    return any(bar.total for bar in stack.bars)


def _plain(figure: Any) -> dict[str, Any] | None:
    """plotly's own JSON, without its template."""
    if figure is None:
        return None
    value: dict[str, Any] = json.loads(figure.to_json())
    value["layout"].pop("template", None)
    return {"data": value["data"], "layout": value["layout"]}
