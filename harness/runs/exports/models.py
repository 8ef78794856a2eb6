"""Folders that plain peft, transformers and lm-eval load."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import devices
from harness.errors import DataError, HarnessError, UsageError
from harness.records.files import write_json
from harness.records.model import ModelInfo
from harness.runs.exports.weights import PEFT, ArtifactWeights
from harness.runs.forms import write_whole

if TYPE_CHECKING:
    from harness.models.sources.catalog import ModelFolder

__all__ = ["base_of", "export_merged", "export_peft"]

TENSORS = "adapter_model.safetensors"


def export_peft(weights: ArtifactWeights, out: Path, model: str | None) -> None:
    """Copies an adapter of peft's, with the tokenizer and the name of the model it is for.

    Raises:
        UsageError: The weights are no adapter of peft's, or one on weights of its own.
    """
    if weights.kind != "peft" or weights.base is not None:
        whole = weights.kind == "whole" or weights.base is not None
        what = "a whole model" if whole else "an adapter that peft doesn't know"
        hint = "--to merged exports it." if whole else "`harness predict` and `ask` load it."
        raise UsageError(f"{_name(weights)} trained {what}", hint)
    from harness.models.local.model import tokenizer_of

    tokenizer = tokenizer_of(base_of(weights, model).path)
    config = json.loads((weights.folder / PEFT).read_text(encoding="utf-8"))
    config |= {"base_model_name_or_path": _model(weights).name, "revision": None}
    write_json(out / PEFT, config)
    shutil.copyfile(weights.folder / TENSORS, out / TENSORS)
    tokenizer.save_pretrained(str(out))


def export_merged(weights: ArtifactWeights, out: Path, model: str | None) -> None:
    """Writes a whole model as it answered: weights, tokenizer, and where an answer ends.

    Raises:
        UsageError: What was trained can't be added to the weights.
    """
    from harness.models.local.model import load_local

    info = _model(weights)
    if info.quantization and weights.kind != "whole":
        raise UsageError(
            f"{_name(weights)} trained beside {info.quantization} weights: added to them, its "
            "update would be rounded, and added to whole ones it would be another model",
            "--to peft exports the adapter; it is loaded onto the quantised model.",
        )
    if weights.kind == "beside":
        raise UsageError(
            f"{_name(weights)} trained an adapter that stays beside the weights",
            "No whole model is equal to it; `harness predict` and `ask` load it.",
        )
    base = base_of(weights, model)
    device = devices.select("cpu", info.dtype or "auto")
    loaded = load_local(base, device=device, adapter=weights.folder, merge=True)
    if loaded.info.adapter == "beside":
        raise UsageError(
            f"{_name(weights)} trained an adapter that can't be added to the weights",
            "--to peft exports it as it is.",
        )
    write_whole(loaded, out)


def base_of(weights: ArtifactWeights, model: str | None) -> ModelFolder:
    """Returns the model that weights stand on; `model` is its path where it was a folder.

    Raises:
        UsageError: It isn't here, or isn't the one that the run had.
    """
    from harness.models.sources.fetch import resolve

    info, name = _model(weights), model or weights.record.config.model or _model(weights).name
    try:
        folder = resolve(name, revision=weights.record.config.revision, offline=True)
    except HarnessError as error:
        raise UsageError(
            f"the model of {_name(weights)} isn't here: {error.message}",
            "Name its folder or file: --model PATH. A record holds no path.",
        ) from error
    if folder.digest != info.digest:
        raise UsageError(
            f"{name} isn't the model of {_name(weights)}: its weights are others",
            "Name that one: --model PATH.",
        )
    return replace(folder, path=weights.base) if weights.base else folder


def _model(weights: ArtifactWeights) -> ModelInfo:
    if weights.record.model is None:
        raise DataError(f"{_name(weights)} names no model", "Run it again.")
    return weights.record.model


def _name(weights: ArtifactWeights) -> str:
    return weights.record.run_id
