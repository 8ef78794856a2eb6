"""Puts an adapter of a folder on a loaded model: one way, whatever kind of adapter it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from harness.errors import DataError
from harness.models.local.bottleneck import CONFIG, load_bottlenecks
from harness.models.local.fused_lora import serve_fused
from harness.models.local.soft_prompt import load_learnt, refuse_wrapped

__all__ = ["with_saved"]

Loaded = tuple[torch.nn.Module, str]
"""The model, and whether the adapter is ``merged`` into its weights or computed ``beside`` them."""


def with_saved(module: torch.nn.Module, folder: Path, merge: bool) -> Loaded:
    """Returns the model with the adapter of a folder; `merge` adds it to the weights if it can.

    Raises:
        DataError: The folder holds no adapter.
    """
    for name, load in _KINDS.items():
        if (folder / name).is_file():
            return load(module, folder, merge)
    raise DataError(
        f"The folder {folder.name} holds no adapter", f"It needs {' or '.join(_KINDS)}."
    )


def _peft(module: torch.nn.Module, folder: Path, merge: bool) -> Loaded:
    if load_learnt(module, folder):
        return module, "beside"
    import peft

    module = peft.PeftModel.from_pretrained(module, str(folder))
    refuse_wrapped(module)
    if merge and hasattr(module, "merge_and_unload"):
        return module.merge_and_unload(safe_merge=True), "merged"
    serve_fused(module)
    return module, "beside"


def _bottlenecks(module: torch.nn.Module, folder: Path, merge: bool) -> Loaded:
    load_bottlenecks(module, folder)
    return module, "beside"


_KINDS: dict[str, Callable[[torch.nn.Module, Path, bool], Loaded]] = {
    "adapter_config.json": _peft,
    CONFIG: _bottlenecks,
}
"""What loads an adapter, by the file that says what it is."""
