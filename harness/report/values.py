"""What a report shows of one task, as plain values; `harness.report.data` has the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.analysis.recommend.answer import Line
from harness.analysis.words import Phrase
from harness.costs.deployment import Deployment
from harness.report.series import (
    Curve,
    CurvePoint,
    Figure,
    Pair,
    PredictedRow,
    Slice,
    UpdateRow,
)

__all__ = [
    "FAMILIES",
    "Advice",
    "AdviceLine",
    "Curve",
    "CurvePoint",
    "Figure",
    "Pair",
    "PredictedRow",
    "Row",
    "Slice",
    "TaskReport",
    "UpdateRow",
]

FAMILIES = ("baseline", "prompting", "retrieval", "tuning", "tuning-retrieval", "ceiling")
"""What a setting does, told from its ledger: no model; neither index nor training; an index;
training; both; and what was given the gold passages."""


@dataclass(frozen=True)
class AdviceLine(Line):
    """One of the rows of a recommendation.

    Attributes:
        role: ``advice``, ``leaning``, ``runner_up``, ``baseline``, ``nearest`` or ``best``.
    """

    role: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """What is recommended for one model on one task.

    Attributes:
        model: Name of the language model; None where only baselines were run.
        verdict: ``decided``, ``leaning``, ``not enough evidence``, or ``none`` where nothing can
            be compared (`sentence` says why).
        sentence: The recommendation.
        lines: Advice, runner-up, cheapest baseline; each setting once.
        thresholds: What would turn it, three lines.
        notes: What a reader has to know.
        rows: Test rows that all have.
        clusters: Clusters among them.
        stability: Share of resamples with the same choice.
        share: Whether the metric is a share, so that differences are points.
        best: Name of the setting with the highest score.
        usd_total: By setting: the total over all months; None is unpriced.
        behind: By setting: how far it is behind the best at most.
    """

    model: str | None
    verdict: str
    sentence: Phrase
    lines: tuple[AdviceLine, ...] = ()
    thresholds: tuple[Phrase, ...] = ()
    notes: tuple[Phrase, ...] = ()
    rows: int = 0
    clusters: int = 0
    stability: float | None = None
    share: bool = True
    best: str = ""
    usd_total: Mapping[str, float | None] = field(default_factory=dict)
    behind: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A setting: a strategy with its hyper-parameters on a model, the mean over its seeds.

    Attributes:
        label: Unique within the task: the name, with the model where there are several.
        name: Of the setting, unique within its model.
        strategy: Name of the strategy.
        family: One of `FAMILIES`.
        parameters: Its hyper-parameters.
        model: Name of the model; None where none takes part.
        model_origin: Where the weights are from.
        quantization: ``nf4``, ``int8``, or None.
        readout: How answers were read.
        seeds: Of its runs.
        runs: Ids of its runs.
        machine: What it ran on, as a person says it: ``cpu, AMD EPYC, 2 threads``.
        device: Class of the device (``cpu``, ``cuda:NVIDIA L4``, ``api``).
        ranked: Whether it is compared; not a ceiling, not left out.
        why_not: Why it isn't ranked.
        seconds_compare: Whether its seconds and costs compare with the others': measured alone,
            and on the machine that most of the task's runs were on.
        shared: Whether another run was on the machine meanwhile.
        quality: The primary metric.
        letters: Two that share a letter aren't shown to differ; empty where it isn't ranked.
        to_best: Paired difference of the best setting of its model to it; None for the best.
        metrics: All metrics by name; an interval where there is one run.
        outcomes: Answers by outcome, summed over the runs.
        trains_all: Whether training changes every weight.
        labelled_rows: Rows that people had to label.
        development_usd: Dollars once, the priced part.
        once: Dollars once by phase; None is unpriced.
        unpriced: Phases of development without a price.
        basis: ``always-on``, ``as-used`` or ``per-token``.
        usd_per_1k_requests: Dollars for 1,000 requests on that basis, machines fully loaded.
        usd_per_1k_requests_as_used: The same by the seconds used.
        usd_per_1k_tokens: For 1,000 tokens of input and output.
        usd_per_1k_output_tokens: For 1,000 generated tokens.
        per_request: Dollars for one request by part: ``working`` and ``waiting`` of a machine.
        gpu_hours: Of GPUs that really ran.
        cpu_hours: Of CPU machines.
        projected_gpu_hours: On a GPU that didn't run it.
        projected_gpu: Which one.
        projected_usd_per_1k: Dollars for 1,000 requests there.
        projected_is_least: Whether the projection is a lower bound.
        train_seconds: Of training.
        peak_memory_bytes: Highest of all phases.
        energy_kwh: Measured; None without a counter.
        p50_seconds: Of single requests.
        p95_seconds: Of single requests.
        latency_requests: How many were timed.
        requests_per_second: Throughput of batches.
        requests_per_batch: At this batch size.
        prefixes_shared: Whether prompts shared what they begin with.
        input_tokens: A request, the mean.
        output_tokens: A request, the mean.
        wall_seconds: All attempts, the mean over runs.
        frontier: Whether no other is both cheaper and better.
        notes: By field: what limits a figure, or why it is None.
    """

    label: str
    name: str
    strategy: str
    family: str
    parameters: Mapping[str, Any]
    model: str | None
    model_origin: str | None
    quantization: str | None
    readout: str
    seeds: tuple[int, ...]
    runs: tuple[str, ...]
    machine: str
    device: str
    ranked: bool
    why_not: Phrase | None
    seconds_compare: bool
    shared: bool
    quality: Figure
    letters: str
    to_best: Pair | None
    metrics: Mapping[str, Figure]
    outcomes: Mapping[str, int]
    trains_all: bool
    labelled_rows: float
    development_usd: float | None
    once: Mapping[str, float | None]
    unpriced: tuple[str, ...]
    basis: str
    usd_per_1k_requests: float | None
    usd_per_1k_requests_as_used: float | None
    usd_per_1k_tokens: float | None
    usd_per_1k_output_tokens: float | None
    per_request: Mapping[str, float]
    gpu_hours: float
    cpu_hours: float
    projected_gpu_hours: float | None
    projected_gpu: str | None
    projected_usd_per_1k: float | None
    projected_is_least: bool
    train_seconds: float
    peak_memory_bytes: float | None
    energy_kwh: float | None
    p50_seconds: float | None
    p95_seconds: float | None
    latency_requests: int
    requests_per_second: float | None
    requests_per_batch: float | None
    prefixes_shared: bool
    input_tokens: float | None
    output_tokens: float | None
    wall_seconds: float
    frontier: bool
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TaskReport:
    """Everything about one task.

    Attributes:
        name: Of the task.
        summary: What its declaration says.
        kind: Kind of task.
        language: Two-letter code.
        licence: Of its data.
        contamination: What is known of its rows in training data.
        synthetic: Whether the data are invented.
        metric: Primary metric.
        unit: Of an amount of money; empty for a share.
        higher_is_better: Direction of the metric.
        advice: One a model.
        rows: Settings, best first; ceilings and what doesn't count last.
        pairs: All pairs.
        slices: In the task's order.
        curves: Learning and retrieval curves.
        updates: Update table.
        predicted: Predicted against measured.
        notes: What keeps runs from being compared.
        deployments: By label of the setting: what break-even is computed from.
    """

    name: str
    summary: str
    kind: str
    language: str
    licence: str
    contamination: str
    synthetic: bool
    metric: str
    unit: str
    higher_is_better: bool
    advice: tuple[Advice, ...]
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    slices: tuple[Slice, ...]
    curves: tuple[Curve, ...]
    updates: tuple[UpdateRow, ...]
    predicted: tuple[PredictedRow, ...]
    notes: tuple[Phrase, ...]
    deployments: Mapping[str, Deployment] = field(default_factory=dict)

    @property
    def ranked(self) -> list[Row]:
        """The rows that are compared."""
        return [row for row in self.rows if row.ranked]
