"""What a cell takes of a cluster's node, and what nodes have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.config import RunConfig
from harness.errors import HarnessError, UsageError
from harness.models.endpoint import Endpoint, is_endpoint
from harness.runs.lengths import fitting
from harness.runs.memory import needed_bytes
from harness.runs.plan import make_plan
from harness.runs.study.edits import Loaded
from harness.strategy.context import Monitor
from harness.strategy.registry import create_strategy

__all__ = ["Needs", "Node", "loads_model", "memory_of", "needs_of", "unfit"]

Node = Mapping[str, float]  # What a node has, as Ray names it: CPU, GPU, memory


@dataclass(frozen=True, slots=True)
class Needs:
    """What a cell takes of a node."""

    cpus: int = 1
    gpus: int = 0
    memory: int = 0  # Bytes; 0 where nothing is known

    def __str__(self) -> str:
        parts = [f"{self.cpus} CPU{'s' * (self.cpus > 1)}"]
        parts += [f"{self.gpus} GPU"] * bool(self.gpus)
        parts += [f"{self.memory / 1e9:.1f} GB of memory"] * bool(self.memory)
        return ", ".join(parts)


def needs_of(
    config: RunConfig,
    nodes: Sequence[Node],
    threads: int | None,  # The most that the user allows
    memory: tuple[int, int] | None,  # Bytes of the whole run, and with one row at a time
) -> Needs:
    """Returns what a cell takes: one processor, unless a model runs in it.

    Then it takes a GPU, if one is asked for or left to choose; and a node's processors, or a GPU's
    share of them, so that nothing else runs there and its seconds are its own.

    Raises:
        UsageError: The cell names a GPU by its number.
    """
    if not loads_model(config):
        return Needs()
    kind, _, number = config.device.partition(":")
    if kind == "cuda" and number not in ("", "0"):
        raise UsageError(f"a cell names the GPU {config.device}", "Ray chooses: name cuda.")
    gpus = int(kind == "cuda" or (kind == "auto" and any(node.get("GPU") for node in nodes)))
    able = [node for node in nodes if node.get("GPU", 0) >= gpus] or [{"CPU": 1.0}]
    shares = [node.get("CPU", 1) / (node.get("GPU", 1) if gpus else 1) for node in able]
    cpus = max(1, min(int(max(shares)), threads or int(max(shares))))
    whole, least = memory or (0, 0)
    room = max(node.get("memory", 0) for node in able)
    return Needs(cpus, gpus, whole if whole <= room else least)


def loads_model(config: RunConfig) -> bool:
    """Whether a run has a model on its own device: a language model, or an encoder of torch."""
    required = create_strategy(config.strategy, config.set).required
    own = "model" in required and not is_endpoint(config.model or "")
    return own or bool(required & {"encoder", "embedder"})


def memory_of(config: RunConfig, gpus: int, loaded: Loaded) -> tuple[int, int] | None:
    """Estimates a run's memory; beside a GPU, that of the files that are read into it."""
    here = config.model_copy(update={"device": "cpu", "offline": True})
    try:
        plan = make_plan(here, fetch=False, given=loaded.of(here))
        if plan.model is None or isinstance(plan.model, Endpoint):
            return None
        if not gpus:
            return needed_bytes(fitting(plan, Monitor()))
    except HarnessError:
        return None  # the cell says it better
    size = sum(file.stat().st_size for file in plan.model.path.rglob("*") if file.is_file())
    return size, size


def unfit(needed: Needs, nodes: Sequence[Node]) -> str:
    """Says why a cell would wait for ever; nothing where a node has what it takes."""

    def has(node: Node) -> tuple[float, float, float]:
        return node.get("GPU", 0), node.get("CPU", 0), node.get("memory", 0)

    wanted = (needed.gpus, needed.cpus, needed.memory)
    if any(all(a >= b for a, b in zip(has(node), wanted, strict=True)) for node in nodes):
        return ""
    gpus, cpus, memory = max(map(has, nodes), default=(0, 0, 0))
    largest = f"{cpus:g} CPUs, {int(gpus) or 'no'} GPU, {memory / 1e9:.1f} GB of memory"
    return f"no node has {needed}; the largest has {largest}"
