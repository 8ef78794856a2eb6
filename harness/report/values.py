"""What a report shows of one task, as plain values; `harness.report.data` has the whole.

Money is in US dollars without tax. What isn't known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.analysis.forgetting import Change, Gap
from harness.analysis.recommend.answer import Candidate
from harness.analysis.words import Phrase
from harness.costs.deployment import Deployment
from harness.costs.serving import Month
from harness.records.published import Published

__all__ = [
    "GROUPS",
    "Advice",
    "AdviceLine",
    "Curve",
    "CurvePoint",
    "Figure",
    "PairedDifference",
    "PredictedRow",
    "ConfigurationRow",
    "Slice",
    "TaskReport",
    "UpdateRow",
]

GROUPS = ("baseline", "encoder", "prompting", "retrieval", "tuning", "tuning-retrieval", "ceiling")
"""What drawings tell apart: no language model; an encoder; by the ledger neither index nor training;
an index; training; both; and what was given the gold passages."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric with its 95 % interval."""

    value: float | None
    low: float | None
    high: float | None
    n: int  # rows
    method: str = ""  # how the interval was made
    unit: str = ""  # of an amount of money; empty for a share
    higher_is_better: bool | None = True  # None where nothing says so


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """The difference of two configurations over the rows that both have."""

    a: str  # label of the better one
    b: str  # label of the other
    metric: str  # what was compared, row by row
    difference: float  # of a less that of b: positive is good for a
    low: float  # of the 95 % interval
    high: float
    p_value: float  # by Holm over all pairs of the task and model
    n: int  # rows
    differs: bool  # shown to differ


@dataclass(frozen=True, slots=True)
class Slice:
    """The primary metric on a part of the test rows."""

    column: str  # by which the rows are parted
    value: str  # of the column, in this part
    figures: Mapping[str, Figure]  # by label of the configuration


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The metric at a number of labelled rows, or of passages."""

    x: float
    value: float
    low: float | None
    high: float | None
    rows: float = 0  # training rows that there were; labels of fewer may have been read
    label_usd: float | None = None  # what the labels cost; None where they have no price


@dataclass(frozen=True, slots=True)
class Curve:
    """A series of points by rising x."""

    kind: str  # ``learning`` (labelled rows) or ``retrieval`` (passages)
    name: str  # label of the configuration
    metric: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class UpdateRow:
    """What catching up with changed facts took, as an update stored it."""

    strategy: str
    model: str | None
    old: int  # version that it was adapted to
    new: int  # version that it caught up with
    metric: str
    first_usd: float | None  # of the first adaptation, the priced part
    usd: float | None  # of catching up, the priced part
    seconds: float  # of catching up
    first_seconds: float
    rows_labelled: float  # anew
    groups: Mapping[str, Mapping[str, Figure]]  # by group of facts: ``before`` and ``after``


@dataclass(frozen=True, slots=True)
class PredictedRow:
    """Seconds of a phase, measured, and predicted from the other records."""

    run: str  # its id
    strategy: str
    phase: str  # ``train`` or ``serve``
    others: int  # records of the same kind of work
    measured: float  # seconds
    predicted: float | None  # seconds; None without others
    error: float | None  # predicted over measured, less one


@dataclass(frozen=True)
class AdviceLine(Candidate):
    """One of the rows of a recommendation."""

    role: str = ""  # ``advice leaning runner_up baseline nearest best``


@dataclass(frozen=True, slots=True)
class Advice:
    """What is recommended for one model on one task."""

    model: str | None  # None where only baselines were run
    verdict: str  # ``decided``, ``leaning``, ``not enough evidence``; ``none``: see the sentence
    sentence: Phrase
    lines: tuple[
        AdviceLine, ...
    ] = ()  # advice, runner-up, cheapest baseline; each configuration once
    thresholds: tuple[Phrase, ...] = ()  # three lines: what would change the advice
    notes: tuple[Phrase, ...] = ()
    rows: int = 0  # test rows that all have
    clusters: int = 0  # among them
    stability: float | None = None  # share of resamples with the same choice
    objective: str = "quality"  # what the advice has the best of; ``total``: the lowest total cost
    probability: float | None = None  # share of resamples in which its total cost is the lowest
    expected_regret_usd: float | None = None  # mean over resamples of what it is dearer than that
    share: bool = True  # the metric is a share, so that differences are points
    best: str = ""  # name of the configuration with the highest score
    usd_total: Mapping[str, float | None] = field(
        default_factory=dict
    )  # by configuration, all months
    behind: Mapping[str, float] = field(default_factory=dict)  # by configuration, at most, the best


@dataclass(frozen=True, slots=True)
class ConfigurationRow:
    """A configuration: a strategy with its hyper-parameters on a model, the mean over its seeds."""

    label: str  # unique within the task: the name, with the model where there are several
    name: str  # unique within its model
    strategy: str
    group: str  # one of `GROUPS`
    families: tuple[str, ...]  # of its parts: see `harness.strategy.base.FAMILIES`
    parameters: Mapping[str, object]
    effort: str  # how these came about: ``default``, ``set``, ``paper`` or ``tuned``
    model: str | None  # None where no language model takes part
    model_origin: str | None  # where the weights are from
    quantization: str | None  # ``nf4``, ``int8``
    readout: str
    seeds: tuple[int, ...]
    runs: tuple[str, ...]  # ids
    machine: str  # for a person: ``AMD EPYC, 2 threads``
    device: str  # its class: ``cpu``, ``cuda:NVIDIA L4``, ``api``
    ranked: bool  # compared: no ceiling, and not left out
    why_not: Phrase | None  # why it isn't ranked
    seconds_compare: bool  # measured alone, on the machine that most of the task's runs were on
    shared: bool  # another run was on the machine meanwhile
    alarms: tuple[Phrase, ...]  # what makes its figures say less than they seem to
    quality: Figure  # the primary metric
    letters: str  # two configurations that share a letter aren't shown to differ
    to_best: PairedDifference | None  # the best configuration of the same model less this one
    metrics: Mapping[str, Figure]  # all by name; an interval where there is one run
    outcomes: Mapping[str, int]  # answers, summed over the runs
    trains_all: bool  # training changes every weight
    labelled_rows: float
    development_usd: float | None  # once, the priced part
    once: Mapping[str, float | None]  # dollars of development by phase
    unpriced: tuple[str, ...]  # phases of development without a price
    basis: str  # ``always-on``, ``as-used`` or ``per-token``
    months: tuple[Month, ...]  # what serving costs a month on that basis, by rising volume
    usd_per_1k_requests: float | None  # of 1,000 more, by the seconds or tokens that they take
    usd_per_1k_tokens: float | None  # the same, of input and output
    usd_per_1k_output_tokens: float | None
    gpu_hours: float  # of GPUs that ran
    cpu_hours: float
    projected_gpu_hours: float | None  # on a GPU that didn't run it
    projected_gpu: str | None
    projected_usd_per_1k: float | None  # requests
    projected_is_least: bool  # the projection is a lower bound
    train_seconds: float
    peak_memory_bytes: float | None
    energy_kwh: float | None  # None without a counter
    p50_seconds: float | None  # of single requests
    p95_seconds: float | None
    latency_requests: int  # that were timed
    requests_per_second: float | None  # throughput of batches
    requests_per_batch: float | None  # at that throughput
    prefixes_shared: bool  # what all prompts begin with was computed once
    input_tokens: float | None  # a request
    output_tokens: float | None
    wall_seconds: float  # all attempts
    frontier: bool  # no other configuration is both cheaper and better
    notes: Mapping[str, str]  # by field: what limits a figure, or why it is None
    changes: tuple[Change, ...] = ()  # of what the model can do beside the task, by probes
    weights_kept: bool = False  # probes say that the weights are those of the model
    gap: Gap | None = None  # between rows that were trained on and test rows


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A result that others published on the task."""

    result: Published
    # Configurations that answered the same rows, all of them, by label: how many of these rows stand
    # in train or dev, too.
    beside: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TaskReport:
    """Everything about one task."""

    name: str
    summary: str  # of its declaration, as what follows
    kind: str
    language: str
    licence: str
    contamination: str
    synthetic: bool
    metric: str  # the primary one
    unit: str  # of an amount of money; empty for a share
    higher_is_better: bool
    advice: tuple[Advice, ...] = ()  # one a model
    rows: tuple[ConfigurationRow, ...] = ()  # the best first, what isn't ranked last
    pairs: tuple[PairedDifference, ...] = ()
    slices: tuple[Slice, ...] = ()
    curves: tuple[Curve, ...] = ()
    updates: tuple[UpdateRow, ...] = ()
    predicted: tuple[PredictedRow, ...] = ()
    published: tuple[PublishedRow, ...] = ()  # what others measured on the task
    notes: tuple[Phrase, ...] = ()  # what keeps runs from being compared
    own: bool = False  # rows of the user's own file
    settings: str = ""  # set beside the defaults, that labels leave out
    deployments: Mapping[str, Deployment] = field(default_factory=dict)  # by label

    @property
    def ranked(self) -> list[ConfigurationRow]:
        """The rows that are compared."""
        return [row for row in self.rows if row.ranked]
