"""Rows of the price book. Each price names who asks for it, its date and its source."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

__all__ = [
    "BatchDiscount",
    "ExchangeRate",
    "Electricity",
    "Expert",
    "Gpu",
    "Labelling",
    "Machine",
    "Owned",
    "Price",
    "VectorStorePrice",
    "TokenPrice",
    "Tokenizer",
    "TrainingPrice",
]

OLD_DAYS = 90
HOURS_PER_YEAR = 8760.0

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Month = Annotated[
    str,
    BeforeValidator(lambda value: value.isoformat() if isinstance(value, dt.date) else value),
    Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$"),
]  # YAML reads 2026-11-30 as a date
NonEmpty = Annotated[str, Field(min_length=1)]


class _BookRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(_BookRow):
    """What every price has: a date and a source."""

    date: Month | Literal["unknown"]  # day or month for which the price holds
    source: NonEmpty  # address, or a description
    note: str = ""  # whatever limits the figure
    second_hand: bool = False  # not read from whoever asks for it

    def age_days(self, today: dt.date) -> int | None:
        """Returns its age; a month counts from its first day. None where the date isn't known."""
        if self.date == "unknown":
            return None
        return (today - dt.date.fromisoformat(f"{self.date}-01"[:10])).days

    def warnings(self, today: dt.date) -> list[str]:
        """Returns what a reader should know before relying on the price."""
        age, warnings = self.age_days(today), []
        if age is None:
            warnings.append("undated")
        elif age > OLD_DAYS:
            warnings.append(f"{age} days old")
        elif age < 0:
            warnings.append("dated in the future")
        if self.second_hand:
            warnings.append("second-hand")
        return warnings


class Owned(_BookRow):
    """A machine that was bought instead of rented."""

    price_usd: Positive
    life_years: Positive  # until it is written off
    watts: NotNegative  # mean draw at the plug; the data sheet's power is an upper bound
    # power usage effectiveness: power of the whole site over that of its machines
    pue: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    usd_per_kwh: NotNegative
    maintenance_per_year: NotNegative = 0.0  # as a share of the price: repairs, support, space

    @property
    def usd_per_hour(self) -> float:
        """``price (1/life + maintenance) / 8760 + watts/1000 pue usd_per_kwh``, busy or not."""
        yearly = self.price_usd * (1 / self.life_years + self.maintenance_per_year)
        return yearly / HOURS_PER_YEAR + self.watts / 1000 * self.pue * self.usd_per_kwh


ROOM = 0.9
"""Share of a machine's memory that a run may take: the system has the rest."""


class Machine(Price):
    """What an hour of a machine costs, from whom, and how that is known."""

    id: NonEmpty
    kind: Literal["cpu", "gpu"]  # what it is rented for
    provider: NonEmpty
    region: NonEmpty = "unspecified"
    # spot: may be taken away at any time; reserved: paid for a term, used or not
    tier: Literal["on-demand", "spot", "reserved", "owned"] = "on-demand"
    term_years: Positive | None = None  # of a reservation
    usd_per_hour: Positive  # of the whole machine; computed for an owned one
    owned: Owned | None = None
    vcpus: Annotated[int, Field(gt=0)] | None = None
    memory_gb: Positive | None = None  # 2^30 bytes, as it is rented; None: nobody says
    gpu: str | None = None  # id of a row of `gpus`; None for a CPU machine
    gpus: Annotated[int, Field(gt=0)] = 1  # GPUs that the price holds

    @model_validator(mode="before")
    @classmethod
    def _owned_price_is_computed(cls, values: object) -> object:
        if not isinstance(values, dict) or not values.get("owned"):
            return values
        if values.get("usd_per_hour") is not None:
            raise ValueError("an owned machine's usd_per_hour is computed: leave it out")
        owned = Owned.model_validate(values["owned"])
        return {"tier": "owned", **values, "owned": owned, "usd_per_hour": owned.usd_per_hour}

    @model_validator(mode="after")
    def _is_consistent(self) -> Machine:
        if (self.kind == "gpu") != (self.gpu is not None):
            raise ValueError("a gpu machine names its gpu, a cpu machine has none")
        if (self.tier == "reserved") != (self.term_years is not None):
            raise ValueError("a reserved machine has term_years, and no other has")
        if (self.tier == "owned") != (self.owned is not None):
            raise ValueError("an owned machine has its price and power under `owned`")
        return self

    def holds(self, peak: float | None) -> bool:
        """Whether a run that took so many bytes fits; what isn't known is taken to.

        A GPU's memory isn't looked at: its row prices runs that were on such a GPU.
        """
        if self.kind == "gpu" or self.memory_gb is None or peak is None:
            return True
        return peak <= ROOM * self.memory_gb * 2**30

    @property
    def usd_per_device_hour(self) -> float:
        """US dollars for an hour of one GPU, or of the whole CPU machine."""
        return self.usd_per_hour / self.gpus if self.kind == "gpu" else self.usd_per_hour


class Gpu(_BookRow):
    """Speed and memory of a GPU, by its datasheet."""

    id: NonEmpty
    name: NonEmpty  # full name, with the form factor
    # dense peak in 10^12 FLOP/s; of int8, integer operations
    tflops: dict[Literal["bf16", "fp16", "fp8", "int8", "fp32"], Positive] = Field(min_length=1)
    memory_gb: Positive  # 10^9 bytes
    bandwidth_gb_s: Positive
    watts: Positive | None = None  # at most
    source: NonEmpty
    note: str = ""
    device_tokens: tuple[NonEmpty, ...] = ()  # words in the name that the driver reports

    @model_validator(mode="after")
    def _computes_in_16_bits(self) -> Gpu:
        if not {"bf16", "fp16"} & set(self.tflops):
            raise ValueError("tflops has neither bf16 nor fp16")
        return self

    @property
    def peak(self) -> float:
        """Dense 16-bit FLOP/s: bfloat16, or float16 on a GPU without it."""
        return 1e12 * (self.tflops.get("bf16") or self.tflops["fp16"])

    @property
    def bandwidth(self) -> float:
        """Memory bandwidth in bytes a second."""
        return 1e9 * self.bandwidth_gb_s

    @property
    def memory(self) -> float:
        """Memory in bytes."""
        return 1e9 * self.memory_gb

    def is_called(self, device_class: str) -> bool:
        """Returns whether a device class (``cuda:NVIDIA L4``) names this GPU as a whole."""
        words = set(re.split(r"[^A-Za-z0-9]+", device_class))
        # a slice of a GPU (MIG) isn't the whole GPU, and the book has no price for it
        whole = "MIG" not in words
        return whole and bool(self.device_tokens) and words.issuperset(self.device_tokens)


def _names(pattern: str, vendor: str, model: str, provider: str | None) -> bool:
    """Whether a row is for a model. A ``*`` alone matches only where its vendor is named."""
    if provider is not None and provider != vendor:
        return False
    if pattern.endswith("*"):
        return model.startswith(pattern[:-1]) and (pattern != "*" or provider is not None)
    return model == pattern


class TokenPrice(Price):
    """What a vendor asks for a million tokens, in US dollars. None where that isn't known."""

    model: NonEmpty  # name that requests give; a ``*`` at its end stands for anything
    provider: NonEmpty
    input_usd_per_1m: NotNegative  # that the vendor's cache didn't hold
    cached_usd_per_1m: NotNegative | None = None  # None: as other input
    output_usd_per_1m: NotNegative | None  # hidden reasoning included; None for embeddings
    training_usd_per_1m: NotNegative | None = None  # epochs included
    # share of these prices that a request costs which may wait for a day
    batch_factor: Annotated[float, Field(gt=0, le=1)] | None = None
    hosting_usd_per_hour: NotNegative | None = None  # while a tuned model is kept ready

    @model_validator(mode="after")
    def _a_cache_is_a_discount(self) -> TokenPrice:
        cached = self.cached_usd_per_1m
        if cached is not None and cached > self.input_usd_per_1m:
            raise ValueError("cached input costs more than input")
        return self

    def is_for(self, model: str, provider: str | None) -> bool:
        """Returns whether the row prices a model (of a vendor, where one is named)."""
        return _names(self.model, self.provider, model, provider)


class TrainingPrice(Price):
    """What a vendor asks for fine-tuning."""

    id: NonEmpty
    provider: NonEmpty
    model: NonEmpty  # a ``*`` at its end stands for anything
    usd_per_1m: Positive  # tokens trained on, epochs included
    hosting_usd_per_hour: NotNegative | None = None  # while the tuned model is kept ready
    no_new_jobs_after: Month | None = None  # last day to start a job

    @property
    def limits(self) -> dict[str, str]:
        """Says what the price doesn't hold: until when jobs are taken, and what keeping costs."""
        usd = self.hosting_usd_per_hour
        price = "an unknown price" if usd is None else f"${usd:g} an hour"
        said = {"hosting": f"{price}, for {self.provider} to keep the tuned model, is in no sum"}
        if self.no_new_jobs_after is not None:
            said["retirement"] = (
                f"{self.provider} takes no new fine-tuning job after {self.no_new_jobs_after}: the "
                "next update is then trained and paid anew elsewhere"
            )
        return said

    def is_for(self, model: str, provider: str | None) -> bool:
        """Returns whether the row prices a model (of a vendor, where one is named)."""
        return _names(self.model, self.provider, model, provider)


class BatchDiscount(Price):
    """The share of the usual price that a vendor's requests cost which may wait."""

    provider: NonEmpty
    factor: Annotated[float, Field(gt=0, le=1)]


class Labelling(Price):
    """What one labelled row costs."""

    id: NonEmpty
    usd_per_row: Positive


class Expert(Price):
    """What an hour of a person costs who grades answers or ticks questions, in its own currency."""

    id: NonEmpty
    region: NonEmpty
    per_hour: Positive
    currency: NonEmpty = "USD"


class VectorStorePrice(Price):
    """What a vector store costs a month."""

    id: NonEmpty
    provider: NonEmpty
    usd_per_month: NotNegative  # a fixed price, or the least that is charged
    usd_per_gb_month: NotNegative | None = None
    usd_per_1m_reads: NotNegative | None = None  # queries of the smallest size


class Electricity(Price):
    """What a kilowatt-hour costs, in its own currency."""

    id: NonEmpty
    region: NonEmpty
    per_kwh: Positive
    currency: NonEmpty = "USD"


class ExchangeRate(Price):
    """What one US dollar costs in another currency."""

    id: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    per_usd: Positive


class Tokenizer(_BookRow):
    """How many tokens a vendor counts for one token of a local model, on the same text."""

    language: NonEmpty  # of the text, such as ``ko``
    model: NonEmpty  # the local model, or its family
    low: Positive  # lowest ratio that was measured
    high: Positive
    source: NonEmpty  # which tokenizers, on which texts

    @model_validator(mode="after")
    def _is_a_range(self) -> Tokenizer:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self
