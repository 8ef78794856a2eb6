"""The price book: machines, GPUs, tokens and more; a user's file adds rows and replaces some."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from harness.costs.rows import (
    BatchDiscount,
    Electricity,
    ExchangeRate,
    Expert,
    Gpu,
    Labelling,
    Machine,
    NonEmpty,
    Tokenizer,
    TokenPrice,
    TrainingPrice,
    VectorStorePrice,
)
from harness.errors import DataError, UsageError, nearest
from harness.task.declared import read_values

__all__ = [
    "PARTS",
    "Defaults",
    "Finding",
    "Gpu",
    "Machine",
    "PriceBook",
    "TokenPrice",
    "checkup",
    "load_book",
    "name_of",
]

SHIPPED = Path(__file__).with_name("prices.yaml")
FORM = "`python -m harness prices list machines --json` shows rows of such a part."
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # eight times as fast, where it was built
BookRow = TypeVar("BookRow", Gpu, ExchangeRate, Electricity, Expert)


class Defaults(BaseModel):
    """Rows that are used where the user names none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpu: NonEmpty  # machine whose price holds for work on a CPU
    projection: NonEmpty  # machine with the GPU that runs on a CPU are projected to


class PriceBook(BaseModel):
    """All prices, and the sizes of the GPUs; every part but `defaults` is a list of rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    defaults: Defaults
    machines: tuple[Machine, ...]
    gpus: tuple[Gpu, ...] = ()
    tokens: tuple[TokenPrice, ...] = ()  # those that the bundled table doesn't have
    training: tuple[TrainingPrice, ...] = ()  # a vendor's fine-tuning
    batch: tuple[BatchDiscount, ...] = ()  # requests that may wait
    labels: tuple[Labelling, ...] = ()
    experts: tuple[Expert, ...] = ()  # hours of people who grade or tick
    stores: tuple[VectorStorePrice, ...] = ()  # vector stores
    electricity: tuple[Electricity, ...] = ()
    currencies: tuple[ExchangeRate, ...] = ()
    tokenizers: tuple[Tokenizer, ...] = ()

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
        """Returns a GPU's sizes by id. Raises `UsageError`: there is no such row."""
        return _find(self.gpus, name, "gpu")

    def currency(self, name: str) -> ExchangeRate:
        """Returns an exchange rate by the currency's code (``KRW``).

        Raises:
            UsageError: There is no such row.
        """
        return _find(self.currencies, name.upper(), "currency")

    def usd_per_kwh(self, name: str) -> float:
        """Returns the price of electricity, in US dollars for a kilowatt-hour.

        Raises:
            UsageError: There is no such row, or no rate for its currency.
        """
        row = _find(self.electricity, name, "electricity")
        return self._usd(row.per_kwh, row.currency)

    def expert(self, name: str) -> Expert:
        """Returns the price of an expert's hour by id. Raises `UsageError`: there is no such row."""
        return _find(self.experts, name, "expert")

    def people_usd(self, minutes: float, name: str | None) -> float | None:
        """Returns the dollars of people's minutes, by the id of an expert's row.

        None where no row is named, and of no minutes: nobody noted what the work took.

        Raises:
            UsageError: There is no such row, or no rate for its currency.
        """
        row = self.expert(name) if name else None
        return minutes / 60 * self._usd(row.per_hour, row.currency) if row and minutes else None

    def _usd(self, amount: float, currency: str) -> float:
        return amount if currency == "USD" else amount / self.currency(currency).per_usd

    def training_for(self, model: str, provider: str | None = None) -> TrainingPrice | None:
        """Returns what a vendor asks for fine-tuning a model; None where that isn't known."""
        return next((row for row in self.training if row.is_for(model, provider)), None)

    def batch_factor(self, provider: str) -> float | None:
        """Returns the share of the usual price that requests cost which may wait, if known."""
        return next((row.factor for row in self.batch if row.provider == provider), None)

    def machine_for(self, device_class: str, peak: float | None = None) -> Machine | None:
        """Returns the machine that prices a device class (``cpu``, ``cuda:NVIDIA L4``) by default.

        Of CPU machines that is the default one; where a run's peak of memory (in bytes) doesn't fit
        into it, the cheapest of the same provider, region and tier that holds it. None where the
        book has none: the price of another device would look like a price of this.
        """
        if device_class.partition(":")[0] == "cpu":
            usual = self.machine(self.defaults.cpu)
            like = ("kind", "provider", "region", "tier")
            fitting = [
                row
                for row in self.machines
                if row.memory_gb is not None and row.holds(peak)
                if all(getattr(row, name) == getattr(usual, name) for name in like)
            ]
            if usual.holds(peak):
                return usual
            return min(fitting, key=lambda row: row.usd_per_hour, default=None)
        for gpu in self.gpus:
            if gpu.is_called(device_class):
                return next((row for row in self.machines if row.gpu == gpu.id), None)
        return None


def _find(rows: tuple[BookRow, ...], name: str, kind: str) -> BookRow:
    for row in rows:
        if row.id == name:
            return row
    known = [row.id for row in rows]
    raise UsageError(f"the price book has no {kind} '{name}'", nearest(name, known))


def load_book(path: Path | None = None) -> PriceBook:
    """Reads the shipped price book, and puts the user's rows before its own.

    A row of the user's replaces the shipped one with the same id, and wins a search by GPU.

    Args:
        path: A YAML file of the same form; any of its parts may be missing.

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
    if path == SHIPPED:
        value: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    else:
        value = read_values(path, "price book", FORM)
    parts = PriceBook.model_fields
    for part, rows in value.items():
        if part not in parts:
            raise DataError(f"{path.name}: unknown part '{part}'", nearest(part, parts))
        if part == "defaults" and not isinstance(rows, dict):
            raise DataError(f"{path.name}: 'defaults' isn't a mapping")
        if part != "defaults":
            _check_rows(path.name, part, rows)
    return value


def _check_rows(name: str, part: str, rows: object) -> None:
    """Refuses two rows of one name: the second would silently hide a price."""
    if not isinstance(rows, list):
        raise DataError(f"{name}: '{part}' isn't a list of rows")
    seen = set()
    for row in rows:
        if not isinstance(row, dict):
            raise DataError(f"{name}: a row of '{part}' isn't a mapping: {row!r}")
        if _key(row) in seen:
            raise DataError(f"{name}: two rows of '{part}' are called {' '.join(_key(row))}")
        seen.add(_key(row))


KEYS = (("id",), ("language", "model"), ("model", "provider"), ("provider",))
"""Fields that identify a row; of these groups, the first whose first field the row has."""


def _key(row: Mapping[str, object]) -> tuple[str, ...]:
    names = next((names for names in KEYS if names[0] in row), KEYS[0])
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
    """Describes the first problem, with the name of its row instead of its number."""
    problem = error.errors()[0]
    where = list(problem["loc"])
    if len(where) > 1 and isinstance(where[1], int):
        where[1] = "/".join(_key(merged[str(where[0])][where[1]]))
    return f"{'.'.join(map(str, where))}: {problem['msg']}"


UNDATED = ("defaults", "gpus", "tokenizers")
PARTS = tuple(part for part in PriceBook.model_fields if part not in UNDATED)
"""Parts of the book whose rows are dated prices."""
HALF = (0.4, 0.6)
"""Shares of the usual price that vendors ask for requests that may wait."""
SAME_MACHINE = ("provider", "region", "gpu", "gpus", "vcpus")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of one row."""

    part: str
    row: str
    problem: str  # in words


def name_of(row: object) -> str:
    """Returns the name of a row of the book: its id, its model or its provider."""
    names = (getattr(row, field, "") for field in ("id", "model", "provider"))
    return next(filter(None, names), "")


def checkup(book: PriceBook, today: dt.date) -> list[Finding]:
    """Finds rows that are old, undated or second-hand, and prices at odds with one another."""
    findings = [
        Finding(part, name_of(row), problem)
        for part in PARTS
        for row in getattr(book, part)
        for problem in row.warnings(today)
    ]
    findings += [Finding("machines", row.id, problem) for row, problem in _tiers(book)]
    for discount in book.batch:
        if not HALF[0] <= discount.factor <= HALF[1]:
            problem = f"asks {discount.factor:g} of the price; about half is usual"
            findings.append(Finding("batch", discount.provider, problem))
    for price in book.tokens:
        if price.output_usd_per_1m is not None and price.output_usd_per_1m < price.input_usd_per_1m:
            findings.append(Finding("tokens", price.model, "output costs less than input"))
    return findings


def _tiers(book: PriceBook) -> Iterator[tuple[Machine, str]]:
    """Yields spot and reserved machines that cost more than the same one on demand."""
    for row in book.machines:
        if row.tier not in ("spot", "reserved"):
            continue
        for other in book.machines:
            same = all(getattr(other, name) == getattr(row, name) for name in SAME_MACHINE)
            if same and other.tier == "on-demand" and row.usd_per_hour > other.usd_per_hour:
                yield row, f"{row.tier} costs more than {other.id} on demand"
