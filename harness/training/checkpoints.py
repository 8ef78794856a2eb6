"""The state of an interrupted training: safetensors and JSON, written whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from harness.records.files import storage_errors

__all__ = ["load_checkpoint", "save_checkpoint"]

LAST = "last"


def save_checkpoint(
    folder: Path,  # holds ``last/``
    trainable: Mapping[str, torch.Tensor],
    optimizer: torch.optim.Optimizer,
    best: Mapping[str, torch.Tensor] | None,  # the weights with the lowest dev loss
    state: Mapping[str, Any],  # progress, as JSON values
) -> None:
    """Writes weights, optimizer, random state and progress; the last one is replaced.

    Raises:
        StorageError: The disk is full; the earlier checkpoint is still there.
    """
    tensors = {f"weight/{name}": value.detach().contiguous() for name, value in trainable.items()}
    tensors |= {f"best/{name}": value.contiguous() for name, value in (best or {}).items()}
    tensors["rng/cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["rng/cuda"] = torch.cuda.get_rng_state()
    moments, numbers = _state(optimizer)
    tensors |= moments
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


def _state(optimizer: torch.optim.Optimizer) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Returns an optimizer's tensors and its numbers, by number of the weight and name.

    `state_dict` of bitsandbytes hides tensors; its 8-bit optimizers share a table between weights,
    which safetensors takes only once.
    """
    tensors: dict[str, torch.Tensor] = {}
    numbers: dict[str, Any] = {}
    places: set[int] = set()
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for key, weight in enumerate(weights):
        for name, value in optimizer.state.get(weight, {}).items():
            if not isinstance(value, torch.Tensor):
                numbers[f"{key}/{name}"] = value
                continue
            shared = value.data_ptr() in places
            places.add(value.data_ptr())
            tensors[f"optimizer/{key}/{name}"] = value.clone() if shared else value.contiguous()
    return tensors, numbers


def _page(optimizer: torch.optim.Optimizer) -> None:
    """Moves a paged optimizer's moments to paged memory: loading left them on the GPU."""
    if not getattr(optimizer, "is_paged", False):
        return
    for weight, state in optimizer.state.items():
        for name in ("state1", "state2"):
            paged = optimizer.get_state_buffer(weight, dtype=state[name].dtype)
            state[name] = paged.copy_(state[name])


def load_checkpoint(
    folder: Path, trainable: Mapping[str, torch.Tensor], optimizer: torch.optim.Optimizer
) -> dict[str, Any] | None:
    """Puts the last checkpoint's state back.

    Returns ``result``, ``best`` and ``waited``; None where there is no checkpoint.
    """
    place = next((p for p in (folder / LAST, folder / "old") if (p / "state.json").is_file()), None)
    if place is None:
        return None
    tensors = load_file(place / "state.safetensors")
    state: dict[str, Any] = json.loads((place / "state.json").read_text(encoding="utf-8"))
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
    _page(optimizer)
    torch.set_rng_state(tensors["rng/cpu"])
    if torch.cuda.is_available() and "rng/cuda" in tensors:
        torch.cuda.set_rng_state(tensors["rng/cuda"])
    best = {name[5:]: value for name, value in tensors.items() if name.startswith("best/")}
    state["best"] = best if state.pop("has_best") else None
    return state
