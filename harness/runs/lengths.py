"""Finds the rows that are longer than the model's context, before anything is trained.

Rows are named by their place in the user's file. What a strategy adds to a prompt is counted as
soon as it is known: examples and retrieved passages once promptings are fitted, before weights
are trained. A row that shows only then, or when it is answered, doesn't end a run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import DataError
from harness.models.endpoint import Endpoint
from harness.models.window import Fitted, Window
from harness.records import schema
from harness.records.predictions import stored_predictions
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Weights
from harness.strategy.context import Monitor
from harness.strategy.long_rows import OPTIONS
from harness.text import begins_another
from harness.types import Prompt, Query, Row

if TYPE_CHECKING:
    from harness.models.render import Encoder
    from harness.runs.plan import Plan

__all__ = ["encoder_of", "fitting", "foresee", "long_rows", "noted", "window_of"]

NAMED = 5  # rows that are named on the screen
KEPT = 20  # rows that are named in a record
Render = Callable[[Query], Prompt]


def fitting(plan: Plan, monitor: Monitor) -> Plan:
    """Returns the plan without training rows that are too long by themselves, where it skips them.

    Rows are checked with the task's own prompt, which is the least that is asked.

    Raises:
        DataError: Rows are too long, and the rule is to fail; or no row is left.
    """
    window, rule = window_of(plan), plan.long_rows
    if window is None:
        return plan
    render = plan.task.view.base_prompt
    train, dev = _learned(plan, plan.rows.train, window), _learned(plan, plan.rows.dev, window)
    test = _asked(plan, render, window)
    _report(plan, {"train": train, "dev": dev, "test": test}, monitor)
    _check_rest(plan, test, render, window)
    if rule.cut or not train | dev:
        return plan
    rule.rows |= train | dev
    rows = replace(
        plan.rows,
        train=[row for row in plan.rows.train if row.id not in train],
        dev=[row for row in plan.rows.dev if row.id not in dev],
    )
    if not rows.train:
        raise DataError(f"all {len(train)} training rows are too long", OPTIONS)
    return replace(plan, rows=rows)


def foresee(plan: Plan, render: Render, monitor: Monitor) -> None:
    """Checks test rows with all that their prompts hold, before weights are trained.

    Where nothing is trained and documents are searched, answering is as cheap as this check.

    Raises:
        DataError: Rows are too long, and the rule is to fail; or no test row is left.
    """
    window, parts = window_of(plan), plan.strategy.parts
    trains = any(isinstance(part, Weights) and "train" in part.required for part in parts)
    if window is None or not (trains or not plan.strategy.retrieves):
        return
    known, test = _asked(plan, plan.task.view.base_prompt, window), _asked(plan, render, window)
    _report(plan, {"test": {id_: test[id_] for id_ in test if id_ not in known}}, monitor)
    _check_rest(plan, test, render, window)


def window_of(plan: Plan) -> Window | None:
    """Returns how much the plan's model reads; None where that isn't known."""
    if not isinstance(plan.strategy, Adaptation) or plan.model is None:
        return None
    if isinstance(plan.model, Endpoint):
        return None  # only its server knows
    folder, workload = plan.model.path, plan.strategy.weights.workload()
    limit, learnt = _context_length(folder), (workload.virtual if workload else 0)
    return Window(functools.partial(encoder_of, folder), limit and limit - learnt)


@functools.cache
def _context_length(folder: Path) -> int | None:
    from transformers import AutoConfig

    from harness.models.local.sizes import context_length

    try:
        return context_length(AutoConfig.from_pretrained(str(folder)))
    except Exception:  # of a configuration that can't be
        return None  # the loader explains better what is wrong


@functools.cache
def encoder_of(folder: Path) -> Encoder:
    """Cached, since a large vocabulary takes seconds to load, and a study needs it many times."""
    from harness.models.local.model import tokenizer_of
    from harness.models.render import Encoder

    return Encoder(tokenizer_of(folder))


def _learned(plan: Plan, rows: Sequence[Row], window: Window) -> dict[str, str]:
    """Returns the rows to learn from that are too long with their answers."""
    strategy, render = plan.strategy, plan.task.view.base_prompt
    if "train" not in strategy.required or not isinstance(strategy, Adaptation):
        return {}
    workload = strategy.weights.workload()
    window = window.at_most(workload.max_length if workload else None)
    fitted = {
        row.id: window.fit(render(row.example.query), (row.example.target,), 1) for row in rows
    }
    return {id_: each.excess for id_, each in fitted.items() if each.excess}


def _asked(plan: Plan, render: Render, window: Window) -> dict[str, str]:
    """Returns the test rows that are too long."""
    fitted = {row.id: _fit(plan, row, render, window) for row in plan.rows.test}
    return {id_: each.excess for id_, each in fitted.items() if each.excess}


def _fit(plan: Plan, row: Row, render: Render, window: Window, *, cut: bool = False) -> Fitted:
    query = plan.example(row).query
    if plan.readout == "loglikelihood":
        choices = query.choices or plan.task.labels
        return window.fit(render(query), choices, int(begins_another(choices)), cut=cut)
    return window.fit(render(query), tokens=plan.task.max_tokens, cut=cut)


def _report(plan: Plan, found: Mapping[str, Mapping[str, str]], monitor: Monitor) -> None:
    """Says which rows are too long, or refuses them."""
    if not any(found.values()):
        return
    counts = ", ".join(f"{len(rows)} of {split}" for split, rows in found.items() if rows)
    places = _places(plan, {id_: excess for rows in found.values() for id_, excess in rows.items()})
    more = f"; and {len(places) - NAMED} more" if len(places) > NAMED else ""
    name = plan.model.name if plan.model else "the model"
    text = f"rows too long for {name} ({counts}): {'; '.join(places[:NAMED])}{more}"
    rule = plan.long_rows.rule
    if rule == "fail":
        raise DataError(text, OPTIONS)
    learnt = any(rows for split, rows in found.items() if split != "test")
    fates = {"left out of training": learnt, "counted as wrong in the test": bool(found["test"])}
    fate = "cut" if rule == "cut" else " and ".join(text for text, holds in fates.items() if holds)
    monitor.message(f"{text}. They are {fate} (--long-rows {rule}).")


def _check_rest(plan: Plan, test: Mapping[str, str], render: Render, window: Window) -> None:
    """Refuses a test of which no row can be read."""
    rows, cut = plan.rows.test, plan.long_rows.cut
    if (
        not rows
        or len(test) < len(rows)
        or (cut and _fit(plan, rows[0], render, window, cut=True).prompt)
    ):
        return
    ways = "Use fewer or shorter examples, fewer passages, or a model with a longer context"
    raise DataError(
        f"all {len(rows)} test rows are too long: {_places(plan, test)[0]}",
        f"{ways}." if cut else f"{ways}; --long-rows cut shortens the input.",
    )


def _places(plan: Plan, excess: Mapping[str, str]) -> list[str]:
    """Returns where rows stand, with how long they are."""
    rows = (*plan.rows.train, *plan.rows.dev, *plan.rows.test)
    origins = {row.id: row.origin for row in rows}
    return [f"{origins.get(id_) or f'row {id_}'} ({text})" for id_, text in excess.items()]


def noted(plan: Plan) -> dict[str, object]:
    """Returns for the record which rows to learn from were too long."""
    rule = plan.long_rows
    return {"count": len(rule.rows), "places": [rule.place(id_) for id_ in rule.rows][:KEPT]}


def long_rows(plan: Plan, folder: Path, record: schema.RunRecord) -> schema.LongRows | None:
    """Returns for the record which rows were too long; None where all fit."""
    lines = [line for line in stored_predictions(folder, record) if line.get("excess")]
    artifact = record.artifact
    learned = (artifact.details.long_rows if artifact else None) or {"count": 0, "places": []}
    count, places = learned["count"], learned["places"]
    assert isinstance(count, int) and isinstance(places, list)
    if not count and not lines:
        return None
    answered = _places(plan, {line["id"]: line["excess"] for line in lines})
    return schema.LongRows(
        rule=plan.long_rows.rule,
        train=count,
        test=len(lines),
        cut=sum(line["finish"] != "too_long" for line in lines),
        places=tuple([*map(str, places), *answered][:KEPT]),
    )
