"""Folders that plain peft, transformers, lm-eval and vLLM load, and files for llama.cpp."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import devices
from harness.errors import DataError, HarnessError, UsageError
from harness.records.files import Json, write_json
from harness.records.model import ModelInfo
from harness.runs.exports.gguf import write_gguf
from harness.runs.exports.gguf_tokens import compared
from harness.runs.exports.weights import PEFT, ArtifactWeights
from harness.runs.forms import merged, write_whole

if TYPE_CHECKING:
    from harness.models.sources.catalog import ModelFolder

__all__ = ["base_of", "export_gguf", "export_merged", "export_peft"]

TENSORS = "adapter_model.safetensors"


def export_peft(weights: ArtifactWeights, out: Path, model: str | None) -> None:
    """Copies an adapter of peft's, with the tokenizer and the name of the model it is for.

    Raises:
        UsageError: The weights are no adapter of peft's, or one on weights of its own.
    """
    if weights.kind != "peft" or weights.base is not None or weights.folder is None:
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


def export_merged(
    weights: ArtifactWeights, out: Path, model: str | None, merge_quantised: bool = False
) -> Json:
    """Writes a whole model as it answered: weights, tokenizer, and where an answer ends.

    Args:
        weights: What a run trained; of the kind ``none`` it is the run's model as it is.
        out: The folder to write.
        model: The path of the run's model, where it was a folder.
        merge_quantised: Of weights that were quantised, write what they stand for, in 16 bits, with
            what was trained added: nearly the model that answered, not the same.

    Returns:
        What is to be said of it.

    Raises:
        UsageError: What was trained can't be added to the weights.
    """
    info = _model(weights)
    quantization = None if weights.kind == "whole" else info.quantization
    if quantization and not merge_quantised:
        raise _rounded(weights, quantization)
    device = devices.select("cpu", info.dtype or "auto")
    whole = merged(base_of(weights, model), device, weights.folder, quantization)
    write_whole(whole, out)
    other = f"it answered with {quantization} weights; these are what they stand for, rounded"
    return {"context": whole.context_length, **({"differs": other} if quantization else {})}


def export_gguf(
    weights: ArtifactWeights, out: Path, type_: str, model: str | None, merge_quantised: bool
) -> Json:
    """Writes the same model as one GGUF file; its tokens are compared with the model's own.

    Raises:
        UsageError: As `export_merged` and `write_gguf`, or llama.cpp gives other tokens.
    """
    name = re.sub(r"[^\w.-]+", "-", _model(weights).name)
    file = out / f"{name}-{type_}.gguf"
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f"{out.name}-") as scratch:
        said = export_merged(weights, Path(scratch), model, merge_quantised)
        try:
            tensors = write_gguf(Path(scratch), file, type_)
            tokens = compared(file, Path(scratch))
        except HarnessError:
            file.unlink(missing_ok=True)
            raise
    return {**said, "type": type_, "tensors": tensors, "tokens": tokens}


def _rounded(weights: ArtifactWeights, quantization: str) -> UsageError:
    if weights.kind == "none":
        return UsageError(
            f"{_name(weights)} answered with {quantization} weights",
            "--merge-quantised exports what these stand for, in 16 bits: nearly the same model.",
        )
    return UsageError(
        f"{_name(weights)} trained beside {quantization} weights: added to them, its update would "
        "be rounded, and added to whole ones it would be another model",
        "--to peft exports the adapter; it is loaded onto the quantised model. --merge-quantised "
        "adds it all the same, to what the quantised weights stand for: measure that model.",
    )


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
