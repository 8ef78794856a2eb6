"""Loads a trained model in a form of deployment; a server is started for it where it needs one."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import devices
from harness.devices import Device
from harness.models.render import Encoder
from harness.runs.exports.gguf import write_gguf
from harness.runs.forms import SERVED, merged, write_whole
from harness.types import Form

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel
    from harness.models.serving.model import ServedModel
    from harness.models.sources.catalog import ModelFolder

__all__ = ["load_as"]

BITS = {"gguf-q8": "q8_0", "gguf-q4": "q4_0"}
"""Types of the weights in a GGUF file."""
CONTEXT = 4096
"""Most tokens of a request to a server: memory is kept for them."""


def load_as(
    form: Form,
    weights: ModelFolder,
    device: Device,
    adapter: Path | None,  # what was trained
    quantization: str | None,  # of the weights that it was trained beside
) -> LocalModel | ServedModel:
    """Loads a model with what was trained, in a form of deployment.

    Raises:
        UsageError: What was trained can't be added to the weights.
    """
    from harness.models.local.model import load_local

    whole = merged(weights, device, adapter, quantization)
    if form == "merged":
        return whole
    info, tokenizer, ends = whole.info, whole.tokenizer, whole.end_ids
    limit = min(whole.context_length or CONTEXT, CONTEXT)
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="adaptbench-"))
        folder = Path(scratch) / "model"
        write_whole(whole, folder)
        del whole  # memory is for the form alone
        if form not in SERVED:
            model = load_local(weights, device=device, quantization=form, adapter=folder)
            model.info = replace(
                model.info, adapter=info.adapter, weights_origin=info.weights_origin
            )
            return model
        from harness.models.serving import Settings, serving
        from harness.models.serving.model import ServedModel

        settings = Settings(
            context_length=limit,
            threads=devices.threads(),
            dtype=device.dtype,
            gpu=device.kind == "cuda",
        )
        served = serving(SERVED[form], _file(form, folder), settings)
        info = replace(info, quantization=BITS.get(form))
        return ServedModel(
            stack.enter_context(served), stack.pop_all(), Encoder(tokenizer), ends, limit, info
        )


def _file(form: Form, folder: Path) -> Path:
    """Returns what a program is given: the folder, or a GGUF file in its place."""
    if form not in BITS:
        return folder
    file = folder.with_suffix(".gguf")
    write_gguf(folder, file, BITS[form])
    shutil.rmtree(folder)
    return file
