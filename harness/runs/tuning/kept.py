"""What a search keeps on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from harness.records.files import read_json, write_json
from harness.records.reading import checked
from harness.records.tuning import TriedSetting, Tuning

__all__ = [
    "SEARCH",
    "SEARCHES",
    "TRIES",
    "KeptTry",
    "SearchRecord",
    "known_search",
    "known_try",
    "write_search",
    "write_try",
]

SEARCHES, SEARCH, TRIES, TRY = "searches", "search.json", "tries", "try.json"


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SearchRecord(_Kept):
    """search.json: how far a search is."""

    key: str
    status: Literal["running", "finished"]
    run: str  # the run that pays for it
    tuning: Tuning | None = None


class KeptTry(_Kept):
    """try.json: what a setting came to, and its values at the looks."""

    setting: TriedSetting
    looks: dict[int, float] = {}


def known_search(folder: Path) -> SearchRecord | None:
    """Reads search.json; None where there is none, `DataError` where it is damaged."""
    path = folder / SEARCH
    return checked(SearchRecord, read_json(path), path) if path.is_file() else None


def write_search(folder: Path, record: SearchRecord) -> None:
    """Writes search.json whole or not at all."""
    write_json(folder / SEARCH, record.model_dump(mode="json"))


def known_try(home: Path) -> KeptTry | None:
    """Reads try.json; None where the setting isn't through."""
    path = home / TRY
    return checked(KeptTry, read_json(path), path) if path.is_file() else None


def write_try(home: Path, kept: KeptTry) -> None:
    """Writes try.json whole or not at all."""
    write_json(home / TRY, kept.model_dump(mode="json"))
