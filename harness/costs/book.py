"""The price book: machines with their prices, GPUs with their sizes, and token prices."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from harness.errors import DataError, UsageError, nearest

__all__ = ["Defaults", "Gpu", "Machine", "PriceBook", "TokenPrice", "load_book"]

SHIPPED = Path(__file__).with_name("prices.yaml")

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Month = Annotated[
    str,
    BeforeValidator(lambda value: value.isoformat() if isinstance(value, date) else value),
    Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$"),
]  # YAML reads 2026-11-30 as a date
Text = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Machine(_Row):
    """What an hour of a machine costs, from whom, and how that is known.

    Attributes:
        id: Unique name of the row.
        kind: Whether it is rented for its CPU or its GPUs.
        provider: Who asks this price.
        region: Where; ``unspecified`` where that isn't known.
        usd_per_hour: US dollars for an hour of the whole machine.
        date: When the price was read (YYYY-MM or YYYY-MM-DD).
        source: Address, or words.
        note: Whatever limits the figure ("second-hand reading").
        vcpus: Virtual CPUs, if known.
        memory_gb: Main memory in GB, if known.
        gpu: Id of the GPU's row; None for a CPU machine.
        gpus: GPUs that the price holds.
    """

    id: Text
    kind: Literal["cpu", "gpu"]
    provider: Text
    region: Text = "unspecified"
    usd_per_hour: Positive
    date: Month
    source: Text
    note: str = ""
    vcpus: Annotated[int, Field(gt=0)] | None = None
    memory_gb: Positive | None = None
    gpu: str | None = None
    gpus: Annotated[int, Field(gt=0)] = 1

    @model_validator(mode="after")
    def _names_its_gpu(self) -> Machine:
        if (self.kind == "gpu") != (self.gpu is not None):
            raise ValueError("a gpu machine names its gpu, a cpu machine has none")
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
        tflops: Dense peak by dtype, in 10^12 FLOP/s.
        memory_gb: Memory in GB (10^9 bytes).
        bandwidth_gb_s: Memory bandwidth in GB/s.
        source: Where the figures are from.
        note: Whatever limits them.
        device_tokens: Words that are all in the name that the driver reports.
    """

    id: Text
    name: Text
    tflops: dict[Literal["bf16", "fp16"], Positive] = Field(min_length=1)
    memory_gb: Positive
    bandwidth_gb_s: Positive
    source: Text
    note: str = ""
    device_tokens: tuple[Text, ...] = ()

    @property
    def peak(self) -> float:
        """Dense 16-bit FLOP/s: bfloat16, or float16 on a GPU without it."""
        return 1e12 * (self.tflops.get("bf16") or self.tflops["fp16"])

    @property
    def bandwidth(self) -> float:
        """Memory bandwidth in bytes a second."""
        return 1e9 * self.bandwidth_gb_s

    def is_called(self, device_class: str) -> bool:
        """Says whether a device class (``cuda:NVIDIA L4``) names this GPU as a whole."""
        words = set(re.split(r"[^A-Za-z0-9]+", device_class))
        # a slice of a GPU isn't a GPU, and has no price in this book
        return (
            bool(self.device_tokens)
            and words.issuperset(self.device_tokens)
            and ("MIG" not in words)
        )


class TokenPrice(_Row):
    """What a vendor asks for tokens, in US dollars for a million.

    Attributes:
        model: Model name, as asked for.
        provider: Vendor.
        input_usd_per_1m: Input tokens that the vendor's cache didn't hold.
        cached_usd_per_1m: Input tokens from the vendor's cache; None: as other input.
        output_usd_per_1m: Output tokens, hidden reasoning included.
        training_usd_per_1m: Tokens trained on, epochs included; None where not known.
        date: When the price was read; ``unknown`` for a bundled table.
        source: Where it was read.
        note: What it leaves out (tiers, batch discounts).
    """

    model: Text
    provider: Text
    input_usd_per_1m: NotNegative
    cached_usd_per_1m: NotNegative | None = None
    output_usd_per_1m: NotNegative
    training_usd_per_1m: NotNegative | None = None
    date: Month | Literal["unknown"]
    source: Text
    note: str = ""


class Defaults(_Row):
    """Rows that are taken where the user names none.

    Attributes:
        cpu: Machine that prices work on a CPU.
        projection: Machine with the GPU that CPU runs are projected to.
    """

    cpu: Text
    projection: Text


class PriceBook(_Row):
    """All prices that a report is made with.

    Attributes:
        defaults: Rows taken where none is named.
        machines: Prices of machines.
        gpus: Sizes of GPUs.
        tokens: Token prices that the bundled table doesn't have.
    """

    defaults: Defaults
    machines: tuple[Machine, ...]
    gpus: tuple[Gpu, ...] = ()
    tokens: tuple[TokenPrice, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> PriceBook:
        known = {gpu.id for gpu in self.gpus}
        for row in self.machines:
            if row.gpu is not None and row.gpu not in known:
                raise ValueError(
                    f"machine {row.id!r}: no gpu row {row.gpu!r}; {nearest(row.gpu, known)}"
                )
        ids = {row.id for row in self.machines}
        for name in (self.defaults.cpu, self.defaults.projection):
            if name not in ids:
                raise ValueError(f"defaults: no machine row {name!r}; {nearest(name, ids)}")
        return self

    def machine(self, name: str) -> Machine:
        """Returns a row by its id, or the first with a GPU of that id (``l4``).

        Raises:
            UsageError: There is no such row.
        """
        for row in self.machines:
            if row.id == name:
                return row
        for row in self.machines:
            if row.gpu == name:
                return row
        known = {row.id for row in self.machines} | {row.gpu for row in self.machines if row.gpu}
        raise UsageError(f"the price book has no machine '{name}'", nearest(name, known))

    def gpu(self, name: str) -> Gpu:
        """Returns a GPU's sizes by id.

        Raises:
            UsageError: There is no such row.
        """
        for row in self.gpus:
            if row.id == name:
                return row
        raise UsageError(
            f"the price book has no gpu '{name}'", nearest(name, (row.id for row in self.gpus))
        )

    def machine_for(self, device_class: str) -> Machine | None:
        """Returns the row that prices a device class when the user names none.

        Args:
            device_class: As in the ledger (``cpu``, ``cuda:NVIDIA L4``).

        Returns:
            The default CPU machine, or the first row with that very GPU. None where the book
            has no price: another device's is never taken instead.
        """
        if device_class.partition(":")[0] == "cpu":
            return self.machine(self.defaults.cpu)
        for gpu in self.gpus:
            if gpu.is_called(device_class):
                return next((row for row in self.machines if row.gpu == gpu.id), None)
        return None


def load_book(path: Path | None = None) -> PriceBook:
    """Reads the shipped price book, with the user's rows over it.

    Args:
        path: A YAML file of the same form; any of its parts may be missing.

    Returns:
        The merged book. The user's rows come first, so that they win a search by GPU.

    Raises:
        DataError: The file can't be read, or a row is wrong.
    """
    merged = _read(SHIPPED)
    if path is not None:
        merged = _merge(merged, _read(path))
    try:
        return PriceBook.model_validate(merged)
    except ValidationError as error:
        name = path.name if path else SHIPPED.name
        raise DataError(f"the price book {name} is wrong: {_first(error, merged)}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"can't read the price book {path.name}: {error}") from error
    parts = PriceBook.model_fields
    if not isinstance(value, dict):
        raise DataError(f"the price book {path.name} isn't a mapping", nearest("", parts))
    for part, rows in value.items():
        if part not in parts:
            raise DataError(f"{path.name}: unknown part '{part}'", nearest(str(part), parts))
        if part == "defaults" and not isinstance(rows, dict):
            raise DataError(f"{path.name}: 'defaults' isn't a mapping")
        if part != "defaults":
            _check_rows(path.name, part, rows)
    return value


def _check_rows(name: str, part: str, rows: object) -> None:
    """A repeated id would silently hide a price."""
    if not isinstance(rows, list):
        raise DataError(f"{name}: '{part}' isn't a list of rows")
    seen = set()
    for row in rows:
        if not isinstance(row, dict):
            raise DataError(f"{name}: a row of '{part}' isn't a mapping: {row!r}")
        if _key(row) in seen:
            raise DataError(f"{name}: two rows of '{part}' are called {' '.join(_key(row))}")
        seen.add(_key(row))


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    names = ("model", "provider") if "model" in row else ("id",)
    return tuple(str(row.get(name, "")) for name in names)


def _merge(shipped: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(shipped)
    for part, value in own.items():
        if isinstance(value, dict):
            merged[part] = shipped.get(part, {}) | value
        else:
            replaced = {_key(row) for row in value}
            merged[part] = [*value, *(r for r in shipped.get(part, []) if _key(r) not in replaced)]
    return merged


def _first(error: ValidationError, merged: dict[str, Any]) -> str:
    """Says the first thing that is wrong, by the name of its row instead of its number."""
    problem = error.errors()[0]
    where = list(problem["loc"])
    if len(where) > 1 and isinstance(where[1], int):
        where[1] = "/".join(_key(merged[str(where[0])][where[1]]))
    return f"{'.'.join(map(str, where))}: {problem['msg']}"
