"""The three keys by which work is found again, and never bought twice.

``artifact`` covers what `prepare` reads, ``result`` adds what decides the answers, and the run
folder adds the device class and the attempt. Where hyper-parameters are searched for, the result
covers the search (the defaults it starts from, its space, its limits) in the place of what it finds,
so that the same command finds its record again, and no run with given parameters finds it. Only what changes results is in a key: versions of
libraries, the commit and the number of threads are provenance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.records.files import encoded

__all__ = ["FORMAT", "Keys", "digest", "make_keys", "sha256_of"]

FORMAT = 1
"""Raised when the shared code (loop, rendering, readout) changes what the same inputs give."""


@dataclass(frozen=True)
class Keys:
    """Hex digests of 64 characters."""

    artifact: str  # Of everything that `prepare` reads
    result: str  # Of everything that decides the answers
    run: str  # Of the result and the class of the device
    search: str = ""  # Of everything that decides which hyper-parameters are found


SEARCH_SEED = 0
"""Seed with which settings are searched, whatever a run's own is: all its seeds share a search."""


def sha256_of(path: Path) -> str:
    """Returns a file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(value: object) -> str:
    """Returns the sha256 of a JSON value in canonical form, half of a surrogate pair escaped."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(encoded(text)).hexdigest()


def make_keys(
    *,
    strategy: Mapping[str, object],
    needs: frozenset[str],  # Of the strategy; training data counts only where it is read
    model: Mapping[str, object] | None,
    task: Mapping[str, object],  # Name and digest of what decides prompts and scores
    data: dict[str, str],  # Digests of the splits as limited, and of the corpus if it is read
    seed: int,
    decoding: Mapping[str, object],  # Readout, stop strings and length
    device_class: str,  # Such as ``cpu`` or ``cuda:NVIDIA L4``
    tuning: Mapping[str, object] | None = None,  # What is searched for, and how long
    form: str = "trained",  # In which the model answers; nothing is searched for in another
) -> Keys:
    """Makes the keys of a run."""
    learned = {name: data[name] for name in ("train", "dev") if {"train", name} & needs}
    if "corpus" in data:
        learned["corpus"] = data["corpus"]
    what = {"format": FORMAT, "strategy": strategy, "model": model, "task": task, "data": learned}
    artifact = digest(what | {"seed": seed})
    work: dict[str, object] = {"artifact": artifact, "decoding": decoding}
    if form != "trained":
        work["form"] = form
    search = ""
    if tuning:  # what it will find isn't known yet, but follows from this
        tried = {"artifact": digest(what | {"seed": SEARCH_SEED}), "decoding": decoding}
        search = digest(tried | {"tuning": tuning, "dev": data["dev"], "device": device_class})
        work["search"] = search
    result = digest(work | {"test": data["test"]})
    return Keys(artifact, result, digest({"result": result, "device": device_class}), search)
