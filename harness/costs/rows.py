"""Rows of the price book. Each price says who asks it, when it was read, and from what."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

__all__ = [
    "BatchDiscount",
    "Currency",
    "Electricity",
    "Gpu",
    "Labelling",
    "Machine",
    "Owned",
    "Priced",
    "Store",
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
Text = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Priced(_Row):
    """What every price says of itself.

    Attributes:
        date: Day or month for which it holds; ``unknown`` where the source doesn't say.
        source: Address, or words.
        note: Whatever limits the figure.
        second_hand: Whether it was read elsewhere than from whoever asks it.
    """

    date: Month | Literal["unknown"]
    source: Text
    note: str = ""
    second_hand: bool = False

    def age_days(self, today: dt.date) -> int | None:
        """Returns its age; a month counts from its first day. None where the date isn't known."""
        if self.date == "unknown":
            return None
        return (today - dt.date.fromisoformat(f"{self.date}-01"[:10])).days

    def warnings(self, today: dt.date) -> list[str]:
        """Says what a reader should know before relying on it."""
        age, found = self.age_days(today), []
        if age is None:
            found.append("undated")
        elif age > OLD_DAYS:
            found.append(f"{age} days old")
        elif age < 0:
            found.append("dated in the future")
        if self.second_hand:
            found.append("second-hand")
        return found


class Owned(_Row):
    """A machine of one's own.

    Attributes:
        price_usd: What it cost.
        life_years: Years over which it is written off.
        watts: Mean draw at the plug; the data sheet's power is an upper bound.
        pue: Power of the site over power of its machines.
        usd_per_kwh: Electricity.
        maintenance_per_year: Share of the price: repairs, support, space.
    """

    price_usd: Positive
    life_years: Positive
    watts: NotNegative
    pue: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    usd_per_kwh: NotNegative
    maintenance_per_year: NotNegative = 0.0

    @property
    def usd_per_hour(self) -> float:
        """``price (1/life + maintenance) / 8760 + watts/1000 pue usd_per_kwh``, busy or not."""
        yearly = self.price_usd * (1 / self.life_years + self.maintenance_per_year)
        return yearly / HOURS_PER_YEAR + self.watts / 1000 * self.pue * self.usd_per_kwh


class Machine(Priced):
    """What an hour of a machine costs, from whom, and how that is known.

    Attributes:
        id: Unique name of the row.
        kind: Whether it is rented for its CPU or its GPUs.
        provider: Who asks this price.
        region: Where; ``unspecified`` where that isn't known.
        tier: ``on-demand``, ``spot`` (may be taken away), ``reserved`` (paid for a term, used or
            not) or ``owned``.
        term_years: Of a reservation.
        usd_per_hour: US dollars for an hour of the whole machine; of an owned one it is computed.
        owned: What an owned one is made of.
        vcpus: Virtual CPUs, if known.
        memory_gb: Main memory in GB, if known.
        gpu: Id of the GPU's row; None for a CPU machine.
        gpus: GPUs that the price holds.
    """

    id: Text
    kind: Literal["cpu", "gpu"]
    provider: Text
    region: Text = "unspecified"
    tier: Literal["on-demand", "spot", "reserved", "owned"] = "on-demand"
    term_years: Positive | None = None
    usd_per_hour: Positive
    owned: Owned | None = None
    vcpus: Annotated[int, Field(gt=0)] | None = None
    memory_gb: Positive | None = None
    gpu: str | None = None
    gpus: Annotated[int, Field(gt=0)] = 1

    @model_validator(mode="before")
    @classmethod
    def _costs_what_it_is_made_of(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not values.get("owned"):
            return values
        if values.get("usd_per_hour") is not None:
            raise ValueError("an owned machine's usd_per_hour is computed: leave it out")
        parts = Owned.model_validate(values["owned"])
        return {"tier": "owned", **values, "owned": parts, "usd_per_hour": parts.usd_per_hour}

    @model_validator(mode="after")
    def _is_consistent(self) -> Machine:
        if (self.kind == "gpu") != (self.gpu is not None):
            raise ValueError("a gpu machine names its gpu, a cpu machine has none")
        if (self.tier == "reserved") != (self.term_years is not None):
            raise ValueError("a reserved machine has term_years, and no other has")
        if (self.tier == "owned") != (self.owned is not None):
            raise ValueError("an owned machine says what it is made of under `owned`")
        return self

    @property
    def usd_per_device_hour(self) -> float:
        """US dollars for an hour of one GPU, or of the whole CPU machine."""
        return self.usd_per_hour / self.gpus if self.kind == "gpu" else self.usd_per_hour


class Gpu(_Row):
    """What a GPU can do, by its datasheet.

    Attributes:
        id: Unique name of the row.
        name: Full name, with the form factor.
        tflops: Dense peak by dtype, in 10^12 FLOP/s (integer operations for ``int8``).
        memory_gb: Memory in GB (10^9 bytes).
        bandwidth_gb_s: Memory bandwidth in GB/s.
        watts: Most that it draws, if known.
        source: Where the figures are from.
        note: Whatever limits them.
        device_tokens: Words that are all in the name that the driver reports.
    """

    id: Text
    name: Text
    tflops: dict[Literal["bf16", "fp16", "fp8", "int8", "fp32"], Positive] = Field(min_length=1)
    memory_gb: Positive
    bandwidth_gb_s: Positive
    watts: Positive | None = None
    source: Text
    note: str = ""
    device_tokens: tuple[Text, ...] = ()

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
        """Says whether a device class (``cuda:NVIDIA L4``) names this GPU as a whole."""
        words = set(re.split(r"[^A-Za-z0-9]+", device_class))
        # a slice of a GPU isn't a GPU, and has no price in this book
        return (
            bool(self.device_tokens)
            and words.issuperset(self.device_tokens)
            and ("MIG" not in words)
        )


def _names(pattern: str, vendor: str, model: str, provider: str | None) -> bool:
    """A vendor that tunes or serves any model is meant only where it is named."""
    if provider is not None and provider != vendor:
        return False
    if pattern.endswith("*"):
        return model.startswith(pattern[:-1]) and (pattern != "*" or provider is not None)
    return model == pattern


class TokenPrice(Priced):
    """What a vendor asks for tokens, in US dollars for a million.

    Attributes:
        model: Model name, as asked for; a ``*`` at its end stands for anything.
        provider: Vendor.
        input_usd_per_1m: Input tokens that the vendor's cache didn't hold.
        cached_usd_per_1m: Input tokens from the vendor's cache; None: as other input.
        output_usd_per_1m: Output tokens, hidden reasoning included; None where it generates
            nothing (embeddings).
        training_usd_per_1m: Tokens trained on, epochs included; None where not known.
        batch_factor: What a request that may wait a day costs of these prices; None where not
            known.
        hosting_usd_per_hour: Asked for as long as a model of one's own is kept ready.
    """

    model: Text
    provider: Text
    input_usd_per_1m: NotNegative
    cached_usd_per_1m: NotNegative | None = None
    output_usd_per_1m: NotNegative | None
    training_usd_per_1m: NotNegative | None = None
    batch_factor: Annotated[float, Field(gt=0, le=1)] | None = None
    hosting_usd_per_hour: NotNegative | None = None

    @model_validator(mode="after")
    def _a_cache_is_a_discount(self) -> TokenPrice:
        cached = self.cached_usd_per_1m
        if cached is not None and cached > self.input_usd_per_1m:
            raise ValueError("cached input costs more than input")
        return self

    def is_for(self, model: str, provider: str | None) -> bool:
        """Says whether the row prices a model (of a vendor, where one is named)."""
        return _names(self.model, self.provider, model, provider)


class TrainingPrice(Priced):
    """What a vendor asks for fine-tuning.

    Attributes:
        id: Unique name of the row.
        provider: Vendor.
        model: What is tuned; a ``*`` at its end stands for anything.
        usd_per_1m: US dollars for a million tokens trained on, epochs included.
        hosting_usd_per_hour: Asked for as long as the tuned model is kept ready.
        no_new_jobs_after: Day after which no job can be started.
    """

    id: Text
    provider: Text
    model: Text
    usd_per_1m: Positive
    hosting_usd_per_hour: NotNegative | None = None
    no_new_jobs_after: Month | None = None

    def is_for(self, model: str, provider: str | None) -> bool:
        """Says whether the row prices a model (of a vendor, where one is named)."""
        return _names(self.model, self.provider, model, provider)


class BatchDiscount(Priced):
    """What a vendor's requests that may wait cost of the usual price."""

    provider: Text
    factor: Annotated[float, Field(gt=0, le=1)]


class Labelling(Priced):
    """What one labelled row costs."""

    id: Text
    usd_per_row: Positive


class Store(Priced):
    """What a vector store costs a month.

    Attributes:
        id: Unique name of the row.
        provider: Vendor.
        usd_per_month: Fixed, or the least that is charged.
        usd_per_gb_month: For a gigabyte kept.
        usd_per_1m_reads: For a million queries of the smallest size.
    """

    id: Text
    provider: Text
    usd_per_month: NotNegative
    usd_per_gb_month: NotNegative | None = None
    usd_per_1m_reads: NotNegative | None = None


class Electricity(Priced):
    """What a kilowatt-hour costs, in its own currency."""

    id: Text
    region: Text
    per_kwh: Positive
    currency: Text = "USD"


class Currency(Priced):
    """What one US dollar costs in another currency."""

    id: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    per_usd: Positive


class Tokenizer(_Row):
    """How many tokens a vendor's tokenizer makes of one of a model that runs here.

    Attributes:
        language: Of the text (``ko``).
        model: Name of the local model, or of its family, that counted.
        low: Least ratio that was measured.
        high: Most.
        source: Which tokenizers, on what.
    """

    language: Text
    model: Text
    low: Positive
    high: Positive
    source: Text

    @model_validator(mode="after")
    def _is_a_range(self) -> Tokenizer:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self
