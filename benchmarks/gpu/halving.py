"""Memory that really runs out: batches are halved, and the answers stay what they were.

Each work first runs with all memory, then with less than it took. On CUDA the allocator is
capped; in a dry run a stand-in refuses forward passes of so many positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from benchmarks.gpu import shapes, work
from benchmarks.gpu.measure import Setting
from harness.devices import Device
from harness.errors import HarnessError
from harness.models.local.model import LocalModel, load_local
from harness.records.ledger import Ledger
from harness.strategy.registry import create_strategy

__all__ = ["Cap", "CudaCap", "PositionsCap", "halving"]

SHARE = 0.6  # of what a work needs beside the model, that it is left with
TOLERANCE = 1e-3  # nats, of a likelihood or a loss, in float32
LEAST_ALIKE = 0.95  # of the results: a text parts ways where two tokens are about as likely
Results = dict[str, str] | dict[str, list[float]]


class Cap(Protocol):
    """The thin part that touches a device."""

    @property
    def failures(self) -> int:
        """How often memory ran out since it was made."""
        ...

    def watch(self, module: Any) -> None:
        """Begins to note what a work needs."""
        ...

    @contextmanager
    def tight(self, module: Any) -> Iterator[None]:
        """Leaves a share of what was needed, as long as it lasts."""
        ...


class CudaCap:
    """Caps torch's allocator."""

    def __init__(self, index: int) -> None:  # of the GPU
        import torch

        self._cuda, self._index = torch.cuda, index
        self._base = 0
        self._begin = self._count()

    def _count(self) -> int:
        return int(self._cuda.memory_stats(self._index).get("num_ooms", 0))

    @property
    def failures(self) -> int:
        """Allocations that failed for good, by the allocator's own count."""
        return self._count() - self._begin

    def watch(self, module: Any) -> None:
        """Forgets earlier peaks."""
        self._cuda.synchronize(self._index)
        self._cuda.empty_cache()
        self._cuda.reset_peak_memory_stats(self._index)
        self._base = int(self._cuda.memory_allocated(self._index))

    @contextmanager
    def tight(self, module: Any) -> Iterator[None]:
        """Caps what the allocator may take from the GPU."""
        self._cuda.synchronize(self._index)
        peak = int(self._cuda.max_memory_allocated(self._index))
        self._cuda.empty_cache()
        limit = self._base + SHARE * (peak - self._base)
        whole = int(self._cuda.get_device_properties(self._index).total_memory)
        self._cuda.set_per_process_memory_fraction(limit / whole, self._index)
        try:
            yield
        finally:
            self._cuda.set_per_process_memory_fraction(1.0, self._index)
            self._cuda.empty_cache()


class PositionsCap:
    """Stands in for a GPU: forward passes of too many positions run out of memory."""

    def __init__(self) -> None:
        self.failures = 0
        self._most = 0
        self._noting: Any = None

    def watch(self, module: Any) -> None:
        """Notes the largest pass of the next work."""
        self._most = 0
        self._noting = module.get_input_embeddings().register_forward_pre_hook(self._note)

    def _note(self, layer: Any, inputs: tuple[Any, ...]) -> None:
        self._most = max(self._most, inputs[0].numel())

    @contextmanager
    def tight(self, module: Any) -> Iterator[None]:
        """Refuses passes of more than a share of the largest one's positions."""
        self._noting.remove()
        handle = module.get_input_embeddings().register_forward_pre_hook(self._refuse)
        try:
            yield
        finally:
            handle.remove()

    def _refuse(self, layer: Any, inputs: tuple[Any, ...]) -> None:
        import torch

        if inputs[0].numel() > SHARE * self._most:
            self.failures += 1
            raise torch.OutOfMemoryError("a dry run's memory is used up")


def cap_of(device: Device) -> Cap:
    """Returns what caps a device."""
    return CudaCap(device.index) if device.kind == "cuda" else PositionsCap()


def halving(setting: Setting) -> dict[str, Any]:
    """Scores, generates and trains with too little memory.

    Raises:
        HarnessError: Memory didn't run out, or the results aren't those of all memory.
    """
    shape = setting.pick(shapes.SMALL, shapes.tiny(shapes.SMALL))
    folder = shape.folder(setting.work, setting.device)
    exact = replace(setting, device=replace(setting.device, dtype="float32"))
    model = load_local(folder, device=exact.device)
    asked = work.score_requests(setting.pick(512, 24), 24)
    told = work.generation_requests(setting.pick(128, 32), 24, setting.pick(16, 3))
    works: dict[str, Callable[[], Results]] = {
        "scoring": lambda: {one.id: list(one.logprobs) for one in model.score(asked)},
        "generation": lambda: {one.id: one.text for one in model.generate(told)},
        "training": lambda: {"loss": _losses(exact, model)},
    }
    details: dict[str, Any] = {"model": shape.name}
    for name, run in works.items():
        details[name] = _squeezed(exact, model, run)
    return {"strategy": "lora", "details": details}


def _squeezed(setting: Setting, model: LocalModel, run: Callable[[], Results]) -> dict[str, Any]:
    """Runs a work with all memory and with less, and compares."""
    cap = cap_of(setting.device)
    cap.watch(model.module)
    whole = run()
    with cap.tight(model.module):
        less = run()
    if not cap.failures:
        raise HarnessError("memory was capped, and didn't run out")
    if whole.keys() != less.keys():
        raise HarnessError(f"{len(less)} of {len(whole)} results came with less memory")
    alike = sum(_alike(whole[key], less[key]) for key in whole) / len(whole)
    if alike < LEAST_ALIKE:
        raise HarnessError(f"with less memory only {alike:.0%} of the results are the same")
    return {"out_of_memory": cap.failures, "alike": alike}


def _alike(one: str | list[float], other: str | list[float]) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return all(abs(a - b) <= TOLERANCE for a, b in zip(one, other, strict=True))


def _losses(setting: Setting, model: LocalModel) -> list[float]:
    """Trains LoRA for a step, on a fresh adapter, and returns its loss."""
    from harness.training.loop import train

    weights: Any = create_strategy("lora", {"max_steps": 1, "batch_size": 16}).weights
    plain = model.module
    weights.attach(model)
    path = setting.work / "halving.jsonl"
    rows = work.pairs(16, setting.pick(210, 12), setting.pick(65, 4))
    try:
        with Ledger(path).phase("train") as spend:
            result = train(
                model.module,
                [model.encode(pair.prompt, pair.target) for pair in rows],
                recipe=weights.recipe(model),
                device=setting.device.torch,
                seed=0,
                pad_id=model.pad_id,
                checkpoint_dir=setting.work / "halving",
                ledger=Ledger(path),
                spend=spend,
            )
    finally:
        model.module.unload()
        model.module = plain
    return [result.final_loss]
