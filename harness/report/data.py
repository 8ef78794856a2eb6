"""What a report shows, as plain values: every page, table, figure and export is made of it.

    ReportData
      asked        Asked: volume, months, margin, machine, basis
      money        Money: currency, rate and its date, tax
      prices       PriceRow: the rows of the price book that were applied
      tasks        TaskReport, each with
        advice       Advice per model: verdict, sentence, three lines, thresholds, notes
        rows         Row: one setting (runs that differ by seed alone): the main table
        pairs        Pair: paired differences of all pairs, p-values by Holm
        slices       Slice: the primary metric on parts of the test rows
        curves       Curve: quality against labelled rows, hits against k
        updates      UpdateRow: what `run --update-to` stored
        predicted    PredictedRow: seconds predicted by the other records, and measured
      records      Tally: wins, ties and losses over the tasks
      survey       SurveyRow, MethodRow, ModelRow: what others published, dated, with our rows
      runs         RunReport: provenance and the command that reproduces it
      left_out     LeftOut: runs that don't count, with the reason

Money is in US dollars without tax; `Money` says how it is shown. What isn't known is None, and
a `Said` is a phrase in English and Korean. `dataclasses.asdict` gives JSON values of all of it.
The drawings' own data are made of this by ``harness.report.figures.*_info``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.costs.money import Money
from harness.report.values import (
    FAMILIES,
    Advice,
    AdviceLine,
    Curve,
    CurvePoint,
    Figure,
    Pair,
    PredictedRow,
    Row,
    Slice,
    TaskReport,
    UpdateRow,
)
from harness.report.words import Said

__all__ = [
    "FAMILIES",
    "Advice",
    "AdviceLine",
    "Asked",
    "Curve",
    "CurvePoint",
    "Figure",
    "LeftOut",
    "MethodRow",
    "ModelRow",
    "Ours",
    "Pair",
    "PredictedRow",
    "PriceRow",
    "ReportData",
    "Row",
    "RunReport",
    "Said",
    "Slice",
    "SurveyRow",
    "Tally",
    "TaskReport",
    "UpdateRow",
]


@dataclass(frozen=True, slots=True)
class Asked:
    """For what the report prices.

    Attributes:
        requests_per_month: Requests a month of the recommendation.
        months: Months that it is used.
        updates_per_month: How often a month the facts change.
        label_usd: Price of a labelled row; None: unpriced.
        margin: Difference in quality that doesn't matter; None: the default of 0.02.
        machine: Row of the price book to run on; None: as measured.
        basis: ``always-on`` or ``as-used``.
        peak_factor: Busiest second over the mean one.
        count_shared: Whether the recommendation prices seconds on a machine that another run was
            on; they compare with nothing else for all that.
    """

    requests_per_month: float = 100_000
    months: float = 12
    updates_per_month: float = 0
    label_usd: float | None = None
    margin: float | None = None
    machine: str | None = None
    basis: str = "always-on"
    peak_factor: float = 3.0
    count_shared: bool = False


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A row of the price book that was applied.

    Attributes:
        id: Of the row.
        provider: Who asks the price.
        region: Where.
        usd_per_hour: Dollars an hour; None for tokens.
        date: For when it holds.
        source: From what it was read.
        second_hand: Whether that isn't the vendor's own page.
        projected: Whether it prices a projection.
    """

    id: str
    provider: str
    region: str
    usd_per_hour: float | None
    date: str
    source: str
    second_hand: bool
    projected: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How a setting does against the others over the tasks; metrics are never averaged.

    Attributes:
        model: Name of the model.
        name: The strategy, or the setting where a task has several of the strategy.
        wins: Pairs in which it is shown to be better.
        ties: Pairs in which nothing is shown.
        losses: Pairs in which it is shown to be worse.
        by_task: By task: its quality there.
    """

    model: str | None
    name: str
    wins: int
    ties: int
    losses: int
    by_task: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Ours:
    """A setting measured here, beside what others published.

    Attributes:
        task: Name of the task.
        row: The setting.
    """

    task: str
    row: Row


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """A row of the survey's cost table, with what was measured here beside it.

    Attributes:
        option: Which way of adapting.
        development: Dollars of compute, as quoted.
        data: Samples, as quoted.
        deployment: Dollars for 1,000 generated tokens, as quoted.
        ours: Settings measured here.
    """

    option: Said
    development: Said
    data: str
    deployment: str
    ours: tuple[Ours, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A row of the survey's table of methods.

    Attributes:
        method: Name.
        compute: As quoted.
        gpus: As quoted.
        example: As quoted.
        ours: Settings measured here.
    """

    method: Said
    compute: Said
    gpus: Said
    example: Said
    ours: tuple[Ours, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model that others trained, as published.

    Attributes:
        name: Of the model.
        kind: ``from scratch`` or ``fine-tuned``.
        base: What it was made of.
        data: Tokens or rows.
        compute: GPUs, hours, dollars.
        date: When it was published.
    """

    name: str
    kind: str
    base: str
    data: str
    compute: str
    date: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run's provenance.

    Attributes:
        run_id: Name of its folder.
        task: Of it.
        name: The setting.
        seed: Of the strategy.
        n: Rows without an error.
        value: Its primary metric.
        device: Class of the device.
        machine: As a person says it.
        harness: Version of the program.
        commit: Of its code; None outside a checkout.
        dirty: Whether files were changed.
        started: ISO 8601, UTC.
        finished: ISO 8601, UTC.
        wall_seconds: All attempts.
        command: That reproduces it.
        details: Keys, digests, libraries, parameters, ledger: JSON values.
        judge: Who judged the answers, how that one agrees with people, and what it took.
    """

    run_id: str
    task: str
    name: str
    seed: int
    n: int | None
    value: float | None
    device: str
    machine: str
    harness: str
    commit: str | None
    dirty: bool
    started: str
    finished: str
    wall_seconds: float
    command: str
    details: Mapping[str, Any]
    judge: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A run or a setting that doesn't count.

    Attributes:
        task: Of it.
        name: Id of the run, or name of the setting.
        reason: Why.
    """

    task: str
    name: str
    reason: Said


@dataclass(frozen=True, slots=True)
class ReportData:
    """A whole report.

    Attributes:
        version: Of the program.
        made: When the newest record was finished: the same records give the same report.
        asked: For what it prices.
        money: How dollars are shown.
        prices: Rows of the price book that were applied.
        tasks: In the order of the page, the leading one first.
        records: Over the tasks; empty where there is one.
        survey: The survey's cost table.
        methods: The survey's table of methods.
        models: Models of others.
        source: From what the survey's rows and the models were read, with its date.
        runs: All finished runs.
        left_out: Runs and settings that don't count.
        machines: Devices that took part, as a person says them.
        gpu_ran: Whether any GPU ran.
        command: That makes this report again.
    """

    version: str
    made: str
    asked: Asked
    money: Money
    prices: tuple[PriceRow, ...]
    tasks: tuple[TaskReport, ...]
    records: tuple[Tally, ...]
    survey: tuple[SurveyRow, ...]
    methods: tuple[MethodRow, ...]
    models: tuple[ModelRow, ...]
    source: str
    runs: tuple[RunReport, ...]
    left_out: tuple[LeftOut, ...]
    machines: tuple[str, ...]
    gpu_ran: bool
    command: str
