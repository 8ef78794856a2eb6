"""All that a page's script decides from, of one task, and what its fields say at first."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.analysis.configurations import (
    Configuration,
    configurations_of,
    pick_on_dev,
    with_models,
)
from harness.analysis.losses import currency_of
from harness.analysis.panels import ScoreTable
from harness.analysis.recommend.constraints import refusals
from harness.analysis.recommend.decide import DRAW, NEAR, bounds_of
from harness.analysis.recommend.missing_rows import CLUSTERS, RUNS, luck
from harness.analysis.recommend.objective import Part, make_objective
from harness.analysis.recommend.offers import Comparison, make_offer
from harness.analysis.recommend.question import MARGIN_SHARE, Question
from harness.analysis.words import LANGUAGES, MetricValue
from harness.costs.book import PriceBook
from harness.costs.deployment import HOURS_PER_MONTH
from harness.costs.money import Money
from harness.errors import UsageError
from harness.report.advice import question_of
from harness.report.collect import TaskRuns
from harness.report.data import Scenario
from harness.report.format import SIGNS, WHOLE
from harness.report.whatif.machines import OnMachine, machines_of

__all__ = ["MOST", "PAIRS", "WORDS", "Group", "bounded", "bounds_values", "groups_of", "what_if_of"]

PAIRS = 5_000
"""Sum of the squares of the groups' sizes up to which bounds are computed, the largest first."""

PRICED: Mapping[str, Mapping[str, float | None]] = {
    "": {"cost_per_error": 0.0, "cost_per_handover": None},
    "0": {"cost_per_error": 0.0, "cost_per_handover": 0.0},
    "h": {"cost_per_error": 0.0, "cost_per_handover": 1.0},
    "e": {"cost_per_error": 1.0, "cost_per_handover": None},
    "e0": {"cost_per_error": 1.0, "cost_per_handover": 0.0},
    "eh": {"cost_per_error": 1.0, "cost_per_handover": 1.0},
}
"""By what has a price (an error, a hand-over; 0: that is free): what decides hangs on no more."""

Group = tuple[int, ...]
"""Positions of the candidates that take part."""


def groups_of(machines: Sequence[OnMachine], leaves: Sequence[Sequence[bool]]) -> list[Group]:
    """Who takes part under some latency, machine and place: the largest groups come first."""
    found: set[Group] = set()
    for stay in {tuple(k for k, out in enumerate(place) if not out) for place in leaves}:
        found.add(stay)
        for highs in {machine.p95 for machine in machines}:
            for most in {high for high in highs if high is not None}:
                found.add(tuple(k for k in stay if (high := highs[k]) is not None and high <= most))
    return sorted(filter(None, found), key=lambda group: (-len(group), group))


def bounded(
    candidates: Sequence[Configuration], groups: Iterable[Group], question: Question
) -> dict[Group, Comparison]:
    """Bounds each group; what would take too long, or can't be compared, is left to the program."""
    found, pairs = {}, 0
    for group in groups:
        pairs += len(group) ** 2
        if pairs > PAIRS:
            break
        members = [candidates[k] for k in group]
        with contextlib.suppress(UsageError):
            found[group] = Comparison(members, [], *bounds_of(members), question)
    return found


def bounds_values(compared: Comparison, book: PriceBook) -> dict[str, object]:
    """Returns scores and bounds of a group as JSON values, and what its answers lose."""
    bounds, table = compared.bounds, compared.table
    return {
        "values": bounds.values.tolist(),
        "far": bounds.far.tolist(),
        "near": bounds.behind(NEAR).tolist(),
        "quality": [table.sign * value + 0.0 for value in bounds.values.tolist()],
        "luck": luck(compared),
        "clusters": bounds.clusters,
        **_losses(compared, book),
    }


def _losses(compared: Comparison, book: PriceBook) -> dict[str, object]:
    """What answers lose, and the bounds of it, by what has a price: see `PRICED`.

    Where a price has to be given that isn't, there are no parts.
    """
    parts: list[dict[str, object]] = []
    found: dict[str, list[int]] = {}
    for name, prices in PRICED.items():
        question = compared.question.model_copy(update=prices)
        try:
            objective = make_objective(compared.configurations, question, book, DRAW)
        except UsageError:
            found[name] = []
            continue
        if objective is not None:
            for part in objective.parts:
                value = _part(part, compared)
                parts += [value] if value not in parts else []
                found.setdefault(name, []).append(parts.index(value))
    return {"losses": found, "parts": parts}


def _part(part: Part, compared: Comparison) -> dict[str, object]:
    low, high = part.interval
    return {
        "name": part.loss.name,
        "usd": part.loss.usd if part.loss.name == "losses" else None,  # else as it is asked for
        "mean": part.mean.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "slack": [[float(f"{most:.12g}") for most in row] for row in part.bounds.slack.tolist()],
        "luck": luck(replace(compared, table=part.table, bounds=part.bounds)),
    }


PLACES = ("any", "country", "on-prem")
MOST = 40
"""Candidates up to which a page can decide again; of more the program does."""

WORDS = frozenset(  # phrases of the rest of the program that the script says, too
    (
        *("points", "top.high", "top.low", "sentence.nothing", "sentence.nearest"),
        *(
            f"sentence.{verdict}.{rank}"
            for verdict in ("decided", "leaning")
            for rank in ("highest", "best", "near")
        ),
        *(f"reason.{code}" for code in ("latency", "latency_few", "latency_unknown", "vendor")),
        *(f"reason.{code}" for code in ("country", "runs", "clusters", "alone", "labels")),
        *(f"reason.{code}" for code in ("nothing", "nothing_amount", "no_price", "refused")),
        *(f"reason.{code}" for code in ("regret", "regret_unpriced", "labels_total")),
        *(f"sentence.total.{kind}" for kind in ("leaning", "decided.near", "decided.lowest")),
    )
)

Values = dict[str, object]


def what_if_of(
    task_runs: TaskRuns, scenario: Scenario, book: PriceBook, money: Money
) -> Values | None:
    """Returns what the page's script decides from, as JSON values.

    None where nothing can be compared, and where there are more than `MOST` candidates.
    """
    runs = task_runs.read[0]
    candidates = pick_on_dev(with_models(configurations_of(runs)))[0] if runs else []
    if not 0 < len(candidates) <= MOST:
        return None
    question = question_of(task_runs, scenario)
    machines = machines_of(candidates, question, book)
    places = {name: question.model_copy(update={"data_stays": name}) for name in PLACES}
    leaves = {
        name: [bool(refusals(each, asked, book)) for each in candidates]
        for name, asked in places.items()
    }
    groups = bounded(candidates, groups_of(machines, list(leaves.values())), question)
    everyone = groups.get(tuple(range(len(candidates))))
    if everyone is None:
        return None
    return {
        **_about(everyone.table, question),
        "money": _currency(money),
        "start": _start(scenario, question, book),
        "names": [each.name for each in candidates],
        "labels": [make_offer(each, question, book).label_rows for each in candidates],
        "lack": [max(0, RUNS - len(each.runs)) if each.random else 0 for each in candidates],
        "leaves": leaves,
        "declared": currency_of(runs[0].derived) is not None,
        "machines": [machine.value() for machine in machines],
        "groups": {
            "-".join(map(str, group)): bounds_values(each, book) for group, each in groups.items()
        },
    }


def _about(table: ScoreTable, question: Question) -> Values:
    unit = {
        lang: MetricValue(0.0, table.unit).say(lang).removeprefix("0").strip() for lang in LANGUAGES
    }
    command = ["harness", "recommend", "--task", question.task]
    for flag, value, usual in (
        ("--basis", question.serving, "always-on"),
        ("--peak-factor", f"{question.peak_factor!r}", "3.0"),
    ):
        command += [flag, value] if value != usual else []
    command += ["--count-shared"] if question.count_shared else []
    return {
        "metric": table.metric,
        "unit": unit if table.unit else None,
        "share": table.share,
        "higher": table.sign > 0,
        "peak": question.peak_factor,
        "hours": HOURS_PER_MONTH,
        # where none is asked for
        "margin": {
            "share": None if table.share else MARGIN_SHARE,
            "value": Question.model_fields["margin"].default,
        },
        "total": MARGIN_SHARE,  # of the lowest total cost, where that decides
        "near": NEAR,
        "clusters": CLUSTERS,
        "command": shlex.join(command),
    }


def _start(scenario: Scenario, question: Question, book: PriceBook) -> Values:
    """What the fields say at first: the page's own setting, with amounts as texts."""
    return {
        "requests": f"{question.requests_per_month:.15g}",
        "months": f"{question.months:.15g}",
        "updates": f"{question.updates_per_month:.15g}",
        "relabel": "" if question.update_labels is None else f"{question.update_labels!r}",
        "label": "" if question.label_cost is None else f"{question.label_cost!r}",
        "error": "" if not question.cost_per_error else f"{question.cost_per_error!r}",
        "handover": "" if question.cost_per_handover is None else f"{question.cost_per_handover!r}",
        "margin": "" if scenario.margin is None else f"{scenario.margin!r}",
        "latency": "",
        "machine": "" if question.hardware is None else book.machine(question.hardware).id,
        "stays": question.data_stays,
    }


def _currency(money: Money) -> list[object]:
    """Sign, what a dollar comes to, and whether amounts have no cents."""
    sign = SIGNS.get(money.currency, f"{money.currency} ")
    return [sign, money.of(1.0), money.currency in WHOLE]
