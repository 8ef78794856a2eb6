"""What a recommendation is asked for. Each field is documented here, once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.config import PRICING, option, usage_error
from harness.costs.ownership import Demand

__all__ = ["MARGIN_SHARE", "Question", "make_question"]

USE = "What it is for"
LIMITS = "What the answer has to respect"
PEOPLE = "What people cost"

MARGIN_SHARE = 0.05
"""Margin of what is no share of rights, by default: of the best's value, or of the lowest cost."""
Days = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=2, max_length=2)]
"""People's days until a strategy runs, and a month."""


class Question(BaseModel):
    """How much is asked for how long, and what the answer has to respect."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    task: str = option(..., "Name of the task whose records decide.", USE, "-t")
    requests_per_month: float = option(100_000, "Requests a month.", USE, ge=0)
    months: float = option(12, "Months that it will be used.", USE, gt=0)
    updates_per_month: float = option(0, "How often a month the facts change.", USE, ge=0)
    update_labels: float | None = option(
        None,
        "Share of a strategy's labelled rows that an update labels anew: 0 to 1; without it what "
        "updates cost is at least.",
        USE,
        ge=0,
        le=1,
    )
    label_cost: float | None = option(
        None, "Price of one labelled row, in $.", PRICING, "--label-usd", ge=0
    )
    cost_per_error: float = option(
        0,
        "Price of a wrong answer, in $, where the task declares no losses: the lowest total cost "
        "decides then.",
        PRICING,
        ge=0,
    )
    cost_per_handover: float | None = option(
        None,
        "Price of an answer that is left to a person, in $; where the task declares losses, in "
        "place of its own.",
        PRICING,
        ge=0,
    )
    setup_days: float = option(0, "People's days until a candidate runs.", PEOPLE, ge=0)
    ops_days_per_month: float = option(0, "People's days a month to keep it running.", PEOPLE, ge=0)
    day_rate: float | None = option(None, "Price of a day, in $.", PEOPLE, ge=0)
    people: dict[str, Days] = option(
        dict,
        "Days of one strategy in place of these, until it runs and a month; may be repeated.",
        PEOPLE,
        metavar="STRATEGY=DAYS,DAYS",
    )
    min_quality: float | None = option(
        None, "Least quality, of the primary metric; its lower bound has to reach it.", LIMITS
    )
    max_latency: float | None = option(
        None, "Most seconds that 95 % of requests may take.", LIMITS, gt=0
    )
    max_forgetting: float | None = option(
        None,
        "Most that adapting may add to the bits a byte of general text, as a share of them: 0.05; "
        "the interval's upper end counts (run --probe default).",
        LIMITS,
        ge=0,
    )
    cascade: bool = option(
        False,
        "Look for a cascade as well: cheap ones first, which pass on what they aren't sure of.",
        USE,
        "--cascade",
    )
    margin: float = option(
        0.02,
        "Difference that doesn't matter: in quality, of the metric; where total cost decides, in $ "
        "over all months.",
        LIMITS,
        gt=0,
    )
    margin_share: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="The same, as a share of the best's own value, or of the lowest total cost.",
    )
    hardware: str | None = option(
        None, "Row of the book, or GPU, to run on; else as measured.", PRICING, "--machine"
    )
    serving: Literal["always-on", "as-used"] = option(
        "always-on", "Pay for whole machines, or for seconds that they work.", PRICING, "--basis"
    )
    peak_factor: float = option(3.0, "Busiest second over the mean one.", PRICING, ge=1)
    count_shared: bool = option(
        False, "Price seconds on a machine that another run was on, too.", PRICING, "--count-shared"
    )
    data_stays: Literal["on-prem", "country", "any"] = option(
        "any", "Where requests may go.", LIMITS
    )
    licence: Literal["commercial", "any"] = option(
        "any", "Whether the model has to be free for commercial use.", LIMITS
    )
    effort: Literal["auto", "tuned", "untuned"] = option(
        "auto",
        "Rank tuned runs, or those that aren't: never both; auto: what there is more of.",
        USE,
    )
    model: str | None = option(
        None, "Only this model; by default a candidate is a strategy on a model.", USE, "-m"
    )

    @property
    def demand(self) -> Demand:
        """What is asked of every deployment alike."""
        return Demand(
            peak_factor=self.peak_factor,
            cost_per_error=self.cost_per_error,
            cost_per_handover=self.cost_per_handover,
        )

    @property
    def requests(self) -> float:
        """Requests over all months."""
        return self.months * self.requests_per_month

    def with_margin(self, best: float) -> Question:
        """Puts the margin in the unit of what decides: a share of the best, unless it is an amount."""
        if self.margin_share is None and "margin" in self.model_fields_set:
            return self
        share = self.margin_share or MARGIN_SHARE
        return self.model_copy(update={"margin": share * best, "margin_share": share})

    def days_of(self, strategy: str) -> tuple[float, float]:
        """Returns people's days until a strategy runs, and a month."""
        setup, month = self.people.get(strategy, (self.setup_days, self.ops_days_per_month))
        return setup, month


def make_question(**values: Any) -> Question:
    """Makes a question. Raises `UsageError`: a value that isn't allowed, with the option's name."""
    try:
        return Question(**values)
    except ValidationError as error:
        raise usage_error(Question, error, "recommend") from error
