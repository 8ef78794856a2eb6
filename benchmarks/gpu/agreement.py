"""The CPU and the GPU on the same tiny models in float32: likelihoods, texts, training steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.gpu import work
from benchmarks.gpu.measure import Setting
from harness.devices import Device
from harness.errors import HarnessError
from harness.models.local.model import load_local
from harness.models.local.tiny import tiny_llama
from harness.records.ledger import Ledger
from harness.strategy.registry import create_strategy

__all__ = ["agreement"]

NATS = 5e-3  # how far a likelihood or a loss may be from the CPU's
STEPS = 3
CONTEXT = 2048


def agreement(setting: Setting) -> dict[str, Any]:
    """Compares a device with the CPU.

    Raises:
        HarnessError: They disagree, with how far.
    """
    folder = tiny_llama(setting.work / "tiny-agreement", context=CONTEXT)
    here = replace(setting.device, dtype="float32")
    ours, theirs = (_results(setting, folder, each) for each in (Device("cpu"), here))
    details: dict[str, Any] = {"device": here.device_class}
    for name in ("likelihoods", "lora losses", "full losses"):
        pairs = zip(ours[name], theirs[name], strict=True)
        details[name] = max(abs(one - other) for one, other in pairs)
        if not details[name] <= NATS:
            raise HarnessError(f"{name} differ from the CPU's by up to {details[name]:.3g} nats")
    same = sum(one == other for one, other in zip(ours["texts"], theirs["texts"], strict=True))
    details["same texts"] = same / len(ours["texts"])
    if details["same texts"] < 1:
        raise HarnessError(f"{same} of {len(ours['texts'])} texts are those of the CPU")
    return {"details": details}


def _results(setting: Setting, folder: Any, device: Device) -> dict[str, list[Any]]:
    model = load_local(folder, device=device)
    scores = sorted(model.score(work.score_requests(16, 12)), key=lambda one: one.id)
    texts = sorted(model.generate(work.generation_requests(8, 12, 12)), key=lambda one: one.id)
    return {
        "likelihoods": [value for one in scores for value in one.logprobs],
        "texts": [one.text for one in texts],
        "lora losses": _losses(setting, folder, device, "lora"),
        "full losses": _losses(setting, folder, device, "full-finetune"),
    }


def _losses(setting: Setting, folder: Any, device: Device, name: str) -> list[float]:
    """Trains a few steps on a fresh model; the later losses show what the steps changed."""
    import torch

    from harness.training.loop import train

    weights: Any = create_strategy(name, {"max_steps": STEPS, "batch_size": 4}).weights
    model = load_local(folder, device=device)
    torch.manual_seed(0)
    weights.attach(model)
    _same_start(model.module)
    path = setting.work / "agreement.jsonl"
    ledger = Ledger(path)
    with ledger.phase("train") as spend:
        result = train(
            model.module,
            [model.encode(pair.prompt, pair.target) for pair in work.pairs(8, 12, 4)],
            recipe=weights.recipe(model),
            device=device.torch,
            seed=0,
            pad_id=model.pad_id,
            checkpoint_dir=setting.work / "agreement",
            ledger=ledger,
            spend=spend,
        )
    return [line["loss"] for line in result.history]


def _same_start(module: Any) -> None:
    """Draws adapters on the CPU: a GPU has other random numbers."""
    import torch

    generator = torch.Generator().manual_seed(0)
    for name, weight in module.named_parameters():
        if "lora_A" in name:
            drawn = torch.randn(weight.shape, generator=generator) / weight.shape[1] ** 0.5
            weight.data.copy_(drawn)
