"""One pre-training for all artifacts that begin with the same one.

A finished one says by a key what it was made of, and keeps the ledger of what that took. Another
artifact takes the weights with that bill: what they cost stands in each bill, marked as cached.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path

from harness.records.files import storage_errors, write_json
from harness.records.keys import make_keys
from harness.records.ledger import Ledger, read_ledger
from harness.records.store import LEDGER, Store
from harness.runs.plan import Plan, model_key
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Pretraining
from harness.strategy.context import Context

__all__ = ["pretrain"]

KEY = "key.json"


def pretrain(plan: Plan, context: Context) -> None:
    """Pre-trains where the plan's strategy does, or takes what another artifact was trained to."""
    strategy = plan.strategy
    part = strategy.pretraining if isinstance(strategy, Adaptation) else None
    if part is None or not isinstance(strategy, Adaptation) or strategy.labelling:
        return  # rows that a model labelled are in no digest
    own, key = context.artifact / part.name, _key(plan, part)
    other = None if _key_of(own) or plan.config.force else _other(plan, part.name, key)
    if other is not None:
        _take(other, own, context)
        context.monitor.message(
            f"{part.name}: taken from the artifact {other.parent.name}, which trained on the same; "
            "what that took is in this bill, too."
        )
    strategy.fit_pretraining(context)
    if own.is_dir() and not _key_of(own):
        shutil.copyfile(context.artifact / LEDGER, own / LEDGER)
        write_json(own / KEY, {"key": key})


def _key(plan: Plan, part: Pretraining) -> str:
    """Returns the digest of all that the pre-training reads."""
    corpus = {"corpus": plan.corpus.digest} if plan.corpus else {}
    return make_keys(
        strategy=part.describe(),
        needs=part.required,
        model=model_key(plan.strategy, plan.model, plan.device),
        task={"name": plan.task.name, "digest": plan.task.digest},
        data=plan.rows.digests | corpus,
        seed=plan.config.seed,
        decoding={},
        device_class="",
    ).artifact


def _key_of(folder: Path) -> str:
    """Returns what a finished pre-training in a folder was made of; nothing where none is."""
    with contextlib.suppress(OSError, ValueError):
        return str(json.loads((folder / KEY).read_text(encoding="utf-8"))["key"])
    return ""


def _other(plan: Plan, name: str, key: str) -> Path | None:
    root = Store(plan.config.results).root / "artifacts"
    return next((path for path in sorted(root.glob(f"*/{name}")) if _key_of(path) == key), None)


def _take(other: Path, own: Path, context: Context) -> None:
    """Links the files of a pre-training, and bills what they took."""
    part = own.with_name(f"{own.name}.part")
    with storage_errors(own):
        for folder in (part, own):  # begun ones
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(other, part, copy_function=_link)
        _bill(other, context.ledger, context.artifact / LEDGER)
        part.rename(own)


def _link(source: str, target: str) -> None:
    """Links a file, which nobody changes any more; copies it where the disk can't link."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _bill(other: Path, ledger: Ledger, billed: Path) -> None:
    """Adds the spans of a pre-training to a ledger as cached, unless they are there."""
    if any(span.paid == "cached" for span in read_ledger(billed)):
        return
    for span in read_ledger(other / LEDGER):
        span.paid, span.attempt, span.finished = "cached", ledger.attempt, True
        ledger.record(span)
