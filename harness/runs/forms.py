"""The forms in which a trained model is deployed: merged, quantised, behind a server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config import RunConfig
from harness.devices import Device
from harness.errors import UsageError
from harness.models.endpoint import Endpoint
from harness.records.schema import RunRecord
from harness.strategy.base import Strategy
from harness.types import Form

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel
    from harness.models.sources.catalog import ModelFolder

__all__ = ["GENERATING", "SERVED", "check_form", "merged", "scored_as", "write_whole"]

SERVED = {"gguf-q8": "llama.cpp", "gguf-q4": "llama.cpp", "vllm": "vllm"}
"""Forms behind a server, with the program that serves them."""
GENERATING = ("gguf-q8", "gguf-q4")
"""Forms that give no likelihood of a given text."""


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


def merged(
    weights: ModelFolder, device: Device, adapter: Path | None, quantization: str | None
) -> LocalModel:
    """Loads whole weights with what was trained added to them.

    What was trained beside quantised weights is added to these, de-quantised: in few bits the sum
    would be rounded, and the weights from before are others than those it was trained for.

    Raises:
        UsageError: It can't be added.
    """
    from harness.models.local.model import LocalModel, load_local, quiet_libraries
    from harness.models.local.saved import with_saved

    if quantization is None:
        model = load_local(weights, device=device, adapter=adapter, merge=True)
    else:
        packed = load_local(weights, device=device, quantization=quantization)
        with quiet_libraries():
            module, applied = packed.module.dequantize(dtype=device.torch_dtype), None
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
