"""The forms in which a trained model is deployed: merged, quantised, behind a server."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import devices
from harness.config import RunConfig
from harness.devices import Device
from harness.errors import UsageError
from harness.models.endpoint import Endpoint
from harness.models.render import Encoder
from harness.records.schema import RunRecord
from harness.strategy.base import Strategy
from harness.types import Form

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel
    from harness.models.serving.model import ServedModel
    from harness.models.sources.catalog import ModelFolder

__all__ = ["GENERATING", "SERVED", "check_form", "load_as", "merged", "scored_as", "write_whole"]

SERVED = {"gguf-q8": "llama.cpp", "gguf-q4": "llama.cpp", "vllm": "vllm"}
"""Forms behind a server, with the program that serves them."""
GENERATING = ("gguf-q8", "gguf-q4")
"""Forms that give no likelihood of a given text."""
BITS = {"gguf-q8": "q8_0", "gguf-q4": "q4_0"}
"""Types of the weights in a GGUF file."""
CONTEXT = 4096
"""Most tokens of a request to a server: memory is kept for them."""


def check_form(
    config: RunConfig, strategy: Strategy, model: ModelFolder | Endpoint | None, readout: str
) -> None:
    """Raises `UsageError` where a run can't answer in its form."""
    form = config.form
    if form == "trained":
        return
    if "model" not in strategy.required or isinstance(model, Endpoint):
        raise UsageError(
            f"{config.strategy} has no language model on this machine to deploy as {form}",
            "Leave --as out.",
        )
    if form in GENERATING and readout == "loglikelihood":
        raise UsageError(
            f"{SERVED[form]} gives no likelihood of an answer, so {form} can't be read as the run was",
            "Let all forms write their answers: --readout generate",
        )
    if form in SERVED and config.probe:
        raise UsageError("--probe needs a model in this process", f"Leave out {form} or --probe.")


def scored_as(record: RunRecord, form: Form) -> Form:
    """Returns ``trained`` for ``merged`` where a run's weights were merged and whole already."""
    model = record.model
    whole = model is not None and model.adapter != "beside" and model.quantization is None
    return "trained" if form == "merged" and whole else form


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
    from harness.runs.exports.gguf import write_gguf

    file = folder.with_suffix(".gguf")
    write_gguf(folder, file, BITS[form])
    shutil.rmtree(folder)
    return file


def merged(
    weights: ModelFolder, device: Device, adapter: Path | None, quantization: str | None
) -> LocalModel:
    """Loads whole weights with what was trained added to them.

    What was trained beside quantised weights is added to these, de-quantised: in few bits the sum
    would be rounded, and the weights from before are others than those it was trained for.

    Raises:
        UsageError: It can't be added.
    """
    from harness.models.local.model import LocalModel, load_local
    from harness.models.local.saved import with_saved

    if quantization is None:
        model = load_local(weights, device=device, adapter=adapter, merge=True)
    else:
        packed = load_local(weights, device=device, quantization=quantization)
        module, applied = packed.module.dequantize(), None
        if adapter is not None:
            module, applied = with_saved(module, adapter, merge=True)
        origin = f"{packed.info.weights_origin}; {quantization}, de-quantised"
        info = replace(packed.info, quantization=None, weights_origin=origin, adapter=applied)
        model = LocalModel(module.eval(), packed.tokenizer, device, info)
    if model.info.adapter == "beside":
        raise UsageError(
            "what was trained is an adapter that can't be added to the weights",
            "No whole model is equal to it; `harness predict` and `ask` load it as it is.",
        )
    return model


def write_whole(model: LocalModel, out: Path) -> None:
    """Writes a model as a folder that others load: weights, tokenizer, where an answer ends."""
    from harness.models.local.model import quiet_libraries

    module = model.module
    module.generation_config.eos_token_id = sorted(model.end_ids)
    with quiet_libraries():
        module.save_pretrained(str(out), safe_serialization=True)
        model.tokenizer.save_pretrained(str(out))
