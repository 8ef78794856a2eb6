"""Records with answers and costs that a test chooses, written as a run writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from invented_vendor import InventedVendor

from harness.records import reading
from harness.records.ledger import Spend
from harness.records.schema import RunRecord
from harness.types import Usage

SIZES = {
    "parameters": 3_000_000, "trunk_parameters": 2_000_000, "layers": 4, "hidden": 128,
    "kv_heads": 4, "head_dim": 32, "vocabulary": 1000,
}  # fmt: skip


def model(name: str = "tiny", **values: Any) -> dict[str, Any]:
    return {
        "name": name, "digest": "0" * 64, "weights_origin": "invented", "licence": "Apache-2.0",
        "chat": False, "dtype": "bfloat16", "quantization": None, "architecture": SIZES,
    } | values  # fmt: skip


def spend(phase: str, seconds: float, usage: Usage | None = None, **amounts: float) -> Spend:
    made = Spend(phase, seconds, usage=usage or Usage(), finished=True)
    made.count(**amounts)
    return made


def write_record(
    results: Path,
    strategy: str,
    correct: Any,
    *,
    clusters: Any = None,
    seed: int = 0,
    attempt: int = 1,
    train_rows: int = 0,
    train_seconds: float = 0.0,
    serve_seconds: float = 10.0,
    tokens: Any = 100,
    status: str = "finished",
    errors: int = 0,
    labels: tuple[list[str], list[str]] | None = None,
    primary: str = "exact_match",
    parameters: dict[str, Any] | None = None,
    model_: dict[str, Any] | None = None,
    shared: bool = False,
    values: dict[str, Sequence[float]] | None = None,
    unit: str = "",
    largest_loss: float | None = None,
    **extra: Any,
) -> Path:
    """Writes a run's folder.

    Args:
        results: Folder of the records.
        strategy: Its name.
        correct: 0 and 1 (or shares), one a row.
        clusters: Cluster of each row; each its own by default.
        seed: Of the strategy.
        attempt: Of the same work.
        train_rows: Labels that were read.
        train_seconds: Of training; 0 for a strategy that trains nothing.
        serve_seconds: Of answering all rows.
        tokens: Input tokens of each row, or of all rows alike.
        status: Of the run.
        errors: So many of the first rows have no answer.
        labels: Targets and predictions, for a classification.
        primary: Name of the primary metric.
        parameters: Hyper-parameters.
        model_: What `model` gave; None for a strategy without one.
        shared: Whether another run was on the machine.
        values: Further metrics, one figure a row.
        unit: Of the primary metric.
        largest_loss: Most that the task says that a case can cost.
        extra: Further keys of run.json.
    """
    settings = parameters or {}
    told = "-".join(f"{key}{value}" for key, value in settings.items())
    folder = results / f"made_{strategy}{told}_s{seed}_0-{attempt}"
    folder.mkdir(parents=True)
    n, key = len(correct), f"{strategy}/{told}/{seed}"
    record = {
        "run_id": folder.name, "key": key, "status": status,
        "keys": {"artifact": key, "result": key},
        "config": {"strategy": strategy, "seed": seed, "set": settings, "train_limit": None},
        "strategy": {
            "name": strategy, "parameters": {"name": strategy, **settings}, "ceiling": False,
        },
        "task": {
            "name": "made", "digest": "d", "kind": "qa", "synthetic": True, "licence": "Apache-2.0",
            "digests": {"test": "t"}, "rows": {"train": train_rows, "dev": 0, "test": n},
            "largest_loss": largest_loss,
        },
        "model": model_, "device": {"device_class": "cpu", "dtype": "bfloat16"}, "readout": "generate",
        "metrics": [primary], "artifact": {"name": key, "reused": False, "details": {}},
        "provenance": {"machine": {"cpu": "c", "threads": 2}}, "wall_seconds": 1.0,
        "shared": shared, "shared_phases": ["serve", "train"] if shared else [],
        "started": "2026-01-01T00:00:00+00:00", "finished": "2026-01-01T00:01:00+00:00",
    }  # fmt: skip
    reading.write_record(folder, RunRecord.model_validate(record | extra))
    counts = [tokens] * n if isinstance(tokens, int) else list(tokens)
    lines = []
    for row, value in enumerate(correct):
        right = float(value)
        lines.append(
            {
                "id": f"q{row:04d}", "outcome": "error" if row < errors else "ok",
                "correct": right == 1.0, "abstained": False, "answerable": True,
                "values": ({} if labels else {primary: right})
                | {name: float(each[row]) for name, each in (values or {}).items()},
                "cluster": str(clusters[row]) if clusters is not None else "", "columns": {},
                "finish": "stop", "usage": {"input_tokens": int(counts[row])} if model_ else {},
                "target": labels[0][row] if labels else "x",
                "predicted": labels[1][row] if labels else "x", "text": "x",
            }
        )  # fmt: skip
    (folder / "predictions.jsonl").write_text(
        "\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8"
    )
    metrics = {
        "outcomes": {"ok": n - errors, "error": errors}, "n": n - errors, "primary": primary,
        "metrics": {primary: {
            "value": None, "low": None, "high": None, "n": n, "method": "", "unit": unit,
        }},
        "slices": {},
    }  # fmt: skip
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    used = Usage(input_tokens=int(sum(counts)) if model_ else 0)
    _ledger(folder / "ledger.jsonl", [spend("serve", serve_seconds, used, requests=n)], shared)
    prepared = [spend("label", 0.0, train_rows=train_rows)] if train_rows else []
    prepared += [spend("train", train_seconds)] if train_seconds else []
    _ledger(folder / "artifact-ledger.jsonl", prepared, shared)
    return folder


def _ledger(path: Path, spends: list[Spend], shared: bool) -> None:
    for each in spends:
        each.shared = shared
    lines = [
        {"event": "end", "span": str(number), "time": 0.0, **each.as_dict()}
        for number, each in enumerate(spends)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a record into a folder of the test's own."""

    def written(strategy: str, correct: Any, **values: Any) -> Path:
        return write_record(tmp_path / "results", strategy, correct, **values)

    return written


@pytest.fixture
def record_to() -> Callable[..., Path]:
    """Writes a record into any folder."""
    return write_record


@pytest.fixture
def tiny_model() -> Callable[..., dict[str, Any]]:
    """Makes what a record says of a model."""
    return model


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[InventedVendor]:
    """A test double of a vendor's API, with a key in the environment."""
    from harness.models.endpoint import client

    monkeypatch.setenv("HARNESS_API_KEY", "sk-invented")
    monkeypatch.setattr(client, "RETRIES", 2)
    monkeypatch.setattr(client, "PAUSES", (0.05, 0.2))
    made = InventedVendor()
    yield made
    made.server.shutdown()


@pytest.fixture(scope="module")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`transformers serve`, a real OpenAI-compatible server, with a tiny random model."""
    pytest.importorskip("fastapi")
    from harness.models.local.tiny import tiny_llama
    from harness.models.serving import Settings, serving

    folder = tiny_llama(tmp_path_factory.mktemp("served"))
    with serving("transformers", folder, Settings(dtype="float32")) as served:
        yield f"{served.base_url}|{served.name}"
