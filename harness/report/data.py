"""What a report shows, as plain values: every page, table, figure and export is made of it.

    ReportData
      asked        volume, months, margin, machine, basis
      money        currency, rate and its date, tax
      prices       the rows of the price book that were applied
      tasks        of `harness.report.values`, each with
        advice       a model's verdict, sentence, three lines, thresholds, notes
        rows         one configuration (runs that differ by seed alone): the main table
        pairs        paired differences of all pairs, p-values by Holm
        slices       the primary metric on parts of the test rows
        curves       quality against labelled rows, hits against k
        updates      what updates of the facts took
        predicted    seconds predicted by the other records, and measured
        published    what others measured on the task, and which rows here answered the same test
      records      wins, ties and losses over the tasks
      survey       with methods and models: what others published, dated, with our rows
      runs         provenance and the command that reproduces each run
      left_out     runs that don't count, with the reason

`dataclasses.asdict` gives JSON values of all of it. The drawings' own data are made of this by
``harness.report.figures.*_info``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.analysis.words import Phrase
from harness.costs.money import Money
from harness.report.values import ConfigurationRow, Figure, TaskReport

__all__ = [
    "Scenario",
    "LeftOut",
    "MethodRow",
    "ModelRow",
    "Ours",
    "PriceRow",
    "ReportData",
    "RunReport",
    "SurveyRow",
    "Tally",
]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Volume, months and the rest that the report prices for."""

    requests_per_month: float = 100_000
    months: float = 12
    updates_per_month: float = 0  # of the facts
    update_labels: float | None = None  # share of the labelled rows that an update labels anew
    cost_per_error: float = 0  # $ of a wrong answer, of tasks that declare no losses
    cost_per_handover: float | None = None  # $ of a person's answer; None: as the task declares
    label_usd: float | None = None  # of a labelled row; None: unpriced
    margin: float | None = None  # difference in quality that doesn't matter; None: 0.02
    machine: str | None = None  # row of the price book to run on; None: as measured
    basis: str = "always-on"  # or ``as-used``
    peak_factor: float = 3.0  # busiest second over the mean one
    count_shared: bool = False  # price seconds on a machine that another run was on, too


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A row of the price book that was applied."""

    id: str
    provider: str
    region: str
    usd_per_hour: float | None  # None for tokens
    date: str  # for when it holds
    source: str
    second_hand: bool  # not from the vendor's own page
    projected: bool  # prices a projection


@dataclass(frozen=True, slots=True)
class Tally:
    """How a configuration does against the others over the tasks; metrics are never averaged."""

    model: str | None
    name: str  # the strategy, or the configuration where a task has several of the strategy
    wins: int  # pairs in which it is shown to be better
    ties: int
    losses: int
    by_task: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Ours:
    """A configuration measured here, beside what others published."""

    task: str
    row: ConfigurationRow


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """A row of the survey's cost table as quoted, with what was measured here."""

    option: Phrase  # way of adapting
    development: Phrase  # dollars of compute
    data: str  # samples
    deployment: str  # dollars for 1,000 generated tokens
    ours: tuple[Ours, ...] = ()


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A row of the survey's table of methods as quoted, with what was measured here."""

    method: Phrase
    compute: Phrase
    gpus: Phrase
    example: Phrase
    ours: tuple[Ours, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model that others trained, as published."""

    name: str
    kind: str  # ``from scratch`` or ``fine-tuned``
    base: str  # what it was made of
    data: str  # tokens or rows
    compute: str  # GPUs, hours, dollars
    date: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run's provenance."""

    run_id: str
    task: str
    name: str  # of the configuration
    seed: int
    n: int | None  # rows without an error
    value: float | None  # of the primary metric
    device: str  # its class
    machine: str  # for a person
    harness: str  # version of the program
    commit: str | None  # None outside a checkout
    dirty: bool  # files were changed since
    started: str  # ISO 8601, UTC
    finished: str
    wall_seconds: float  # all attempts
    command: str  # that reproduces it
    details: Mapping[str, object]  # keys, digests, libraries, parameters, ledger: JSON values
    judge: Mapping[str, Any] | None = None  # who, how that one agrees with people, what it took


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A run or a configuration that doesn't count."""

    task: str
    name: str  # id of the run, or name of the configuration
    reason: Phrase


@dataclass(frozen=True, slots=True)
class ReportData:
    """A whole report."""

    version: str  # of the program
    made: str  # when the newest record was finished: the same records give the same report
    asked: Scenario
    money: Money
    prices: tuple[PriceRow, ...]
    tasks: tuple[TaskReport, ...]  # the leading one first
    records: tuple[Tally, ...]  # over the tasks; empty where there is one
    survey: tuple[SurveyRow, ...]
    methods: tuple[MethodRow, ...]
    models: tuple[ModelRow, ...]
    source: str  # of the three, with its date
    runs: tuple[RunReport, ...]  # all finished ones
    left_out: tuple[LeftOut, ...]
    machines: tuple[str, ...]  # for a person
    gpu_ran: bool  # any
    command: str  # that makes this report again
