"""From each older version of run.json to the next, on plain JSON values."""

from __future__ import annotations

from collections.abc import Callable

from harness.config import RunConfig, RunSettings
from harness.records.files import Json

__all__ = ["MIGRATIONS", "migrate"]

PRICES = frozenset({"label_usd", "machine", "project_to"})
PLACES = frozenset(RunConfig.model_fields) - frozenset(RunSettings.model_fields) - PRICES
UNKNOWN_FILE = "not-recorded"
UNWRITTEN = frozenset({"throughput"})
"""Fields that earlier versions left empty in every record."""


def _to_2(old: Json) -> Json:
    """Names the device's class, and leaves out places that `score` used to keep."""
    new = {name: value for name, value in old.items() if value is not None}
    new["device"] = {"device_class": old["device"]["class"], "dtype": old["device"].get("dtype")}
    new["config"] = {name: value for name, value in old["config"].items() if name not in PLACES}
    if data := new["config"].get("data"):  # version 1 kept whether there was a prompt file
        prompt = UNKNOWN_FILE if data.get("prompt") else None
        new["config"]["data"] = data | {"prompt": prompt}
    return new


MIGRATIONS: dict[int, Callable[[Json], Json]] = {1: _to_2}
"""By the version that they start from."""


def migrate(value: Json, current: int) -> Json:
    """Brings run.json to a version; `KeyError` where it lacks a field that its own version has."""
    for version in range(value["schema_version"], current):
        value = MIGRATIONS[version](value) | {"schema_version": version + 1}
    return _prices_apart({name: value[name] for name in value if name not in UNWRITTEN})


def _prices_apart(value: Json) -> Json:
    """Takes out of a configuration what decides only prices: it is no longer kept with a run."""
    config = value["config"]
    prices = {name: config[name] for name in PRICES if config.get(name) is not None}
    rest = {name: config[name] for name in config if name not in PRICES}
    return value | {"config": rest} | ({"prices": prices} if prices else {})
