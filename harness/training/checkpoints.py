"""The state of an interrupted training: safetensors and JSON, written whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from harness.records.store import storage_errors

__all__ = ["load_checkpoint", "save_checkpoint"]

LAST = "last"


def save_checkpoint(
    folder: Path,
    trainable: Mapping[str, torch.Tensor],
    optimizer: Any,
    best: Mapping[str, torch.Tensor] | None,
    state: Mapping[str, Any],
) -> None:
    """Writes weights, optimizer, random state and progress; the last one is replaced.

    Args:
        folder: Holds ``last/``.
        trainable: Weights that learn.
        optimizer: A torch optimizer.
        best: The best weights by dev loss.
        state: Progress, as JSON values.

    Raises:
        StorageError: The disk is full; the earlier checkpoint is still there.
    """
    tensors = {f"weight/{name}": value.detach().contiguous() for name, value in trainable.items()}
    tensors |= {f"best/{name}": value.contiguous() for name, value in (best or {}).items()}
    tensors["rng/cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["rng/cuda"] = torch.cuda.get_rng_state()
    numbers: dict[str, Any] = {}
    for key, entry in optimizer.state_dict()["state"].items():
        for name, value in entry.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimizer/{key}/{name}"] = value.contiguous()
            else:
                numbers[f"{key}/{name}"] = value
    part, old, last = folder / "part", folder / "old", folder / LAST
    with storage_errors(folder):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        save_file(tensors, part / "state.safetensors")
        text = json.dumps({**state, "optimizer": numbers, "has_best": best is not None})
        (part / "state.json").write_text(text, encoding="utf-8")
        shutil.rmtree(old, ignore_errors=True)
        if last.exists():
            last.rename(old)
        part.rename(last)
        shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(
    folder: Path, trainable: Mapping[str, torch.Tensor], optimizer: Any
) -> dict[str, Any] | None:
    """Puts the last checkpoint's state back.

    Returns:
        ``result``, ``best`` and ``waited``; None where there is no checkpoint.
    """
    found = next((p for p in (folder / LAST, folder / "old") if (p / "state.json").is_file()), None)
    if found is None:
        return None
    tensors = load_file(found / "state.safetensors")
    state: dict[str, Any] = json.loads((found / "state.json").read_text(encoding="utf-8"))
    with torch.no_grad():
        for name, value in trainable.items():
            value.copy_(tensors[f"weight/{name}"])
    entries: dict[int, dict[str, Any]] = {}
    for path, value in tensors.items():
        if path.startswith("optimizer/"):
            _, key, name = path.split("/", 2)
            entries.setdefault(int(key), {})[name] = value
    for path, value in state.pop("optimizer").items():
        key, name = path.split("/", 1)
        entries.setdefault(int(key), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})
    torch.set_rng_state(tensors["rng/cpu"])
    if torch.cuda.is_available() and "rng/cuda" in tensors:
        torch.cuda.set_rng_state(tensors["rng/cuda"])
    best = {name[5:]: value for name, value in tensors.items() if name.startswith("best/")}
    state["best"] = best if state.pop("has_best") else None
    return state
