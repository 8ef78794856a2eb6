"""Bytes that training and serving need, by formula: for a dry run, before anything is loaded.

These are estimates from the model's sizes alone. The record holds what was really needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.errors import UsageError, nearest
from harness.records.model import Architecture

__all__ = [
    "HOST_CHURN",
    "HOST_LIBRARIES",
    "HOST_SLACK",
    "TRAINING_METHODS",
    "Memory",
    "TrainingSetup",
    "activation_bytes",
    "gpus_needed",
    "inference_memory",
    "kv_bytes_per_token",
    "lora_parameters",
    "sized_targets",
    "training_memory",
    "vera_parameters",
    "weight_bytes",
]

TRUNK_BYTES = {"nf4": 0.516, "nf4-single": 0.5625, "int8": 1.0}
"""Bytes of a quantised weight; ``nf4-single`` is NF4 without double quantisation."""
USABLE = 0.9
"""Share of a GPU's memory; the rest holds the driver's context and fragments."""
STATE_BYTES = {"full": (12.0, 4.0), "full-bf16": (6.0, 2.0)}
"""Bytes of a trained weight: what stays (itself and AdamW's two moments), and its gradient.
`full` is in float32, or in mixed precision, which is as large: 16 B together."""
FROZEN_METHODS = ("lora", "qlora", "vera", "adapters", "prompt-tuning", "prefix-tuning")
TRAINING_METHODS = (*STATE_BYTES, *FROZEN_METHODS)
HOST_SLACK = 0.5
HOST_CHURN = 0.55
HOST_LIBRARIES = 200e6
"""On a CPU the C library holds more memory than tensors use: half of what a step allocates and
frees, and about half of what recomputing allocates again; kernels have 200 MB of buffers. Measured
with two models, three ways of training and two lengths."""
ADAPTER_STATE = 16.0
"""Bytes of a trained weight beside frozen ones: itself, its gradient and two moments."""
LORA_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes, by what they hold."""

    weights: float  # the frozen ones (training), or all of them (serving)
    states: float = 0.0  # what is trained, with its moments; an adapter's gradients too
    gradients: float = 0.0  # of all weights trained; they grow while activations go
    activations: float = 0.0  # kept for the backward pass; of one layer when serving
    logits: float = 0.0  # over the vocabulary
    cache: float = 0.0  # keys and values
    head_gradient: float = 0.0  # comes first, while all activations are there
    process: float = 0.0  # the program itself, where that counts (on a CPU)
    slack: float = 0.0  # what the allocator holds too much, as a share of `passing`
    held: float = 0.0  # what the allocator keeps of recomputed activations
    note: str = ""  # what a reader wouldn't expect

    @property
    def passing(self) -> float:
        """The most that comes and goes within a step: all activations, or all gradients."""
        return max(self.activations + self.logits + self.head_gradient, self.gradients)

    @property
    def total(self) -> int:
        """The peak, in bytes."""
        stays = self.weights + self.states + self.cache + self.process + self.held
        return math.ceil(stays + self.passing * (1 + self.slack))


@dataclass(frozen=True, slots=True)
class TrainingSetup:
    """What decides the memory of training, beside the model's sizes."""

    method: str = "lora"  # one of TRAINING_METHODS
    trainable: int = 0  # trainable weights; not needed where all are trained
    batch: int = 1  # sequences of a micro-batch
    length: int = 512  # positions of a sequence
    recompute: bool = False  # activations, in the backward pass
    quantization: str | None = None  # of the frozen weights; None for qlora means nf4
    # what isn't quantised is held in float32, as peft prepares it; None: wherever weights are
    kbit_prepared: bool | None = None
    scored_fraction: float = 1.0  # part of the positions whose logits are computed
    targets: tuple[str, ...] = LORA_TARGETS  # projections with an adapter, or with one behind them
    process: float = 0.0  # bytes of the program itself
    slack: float = 0.0  # as in `Memory`
    churn: float = 0.0  # share of the recomputed activations that the allocator keeps


def weight_bytes(
    architecture: Architecture,
    quantization: str | None = None,  # None: 16 bit; else ``nf4``, ``nf4-single`` or ``int8``
    *,
    kbit_prepared: bool = False,  # what isn't quantised is held in float32
    embeddings: bool = True,  # count the embedding table apart from the head
) -> float:
    """Returns the bytes of the weights.

    NF4 takes 0.516 B a quantised weight with double quantisation, and 0.5625 B without.
    Embeddings and head aren't quantised: 2 B, or 4 B after k-bit preparation.

    Raises:
        UsageError: The quantisation isn't known.
    """
    if quantization is not None and quantization not in TRUNK_BYTES:
        hint = nearest(quantization, TRUNK_BYTES)
        raise UsageError(f"no size for the quantization '{quantization}'", hint)
    trunk, others = architecture.trunk_parameters, architecture.vocabulary * architecture.hidden
    if embeddings:
        others = architecture.parameters - trunk
    return trunk * TRUNK_BYTES.get(quantization or "", 2.0) + others * (4 if kbit_prepared else 2)


def kv_bytes_per_token(architecture: Architecture) -> int:
    """Returns the bytes of one position in the KV cache: ``2 layers kv_heads head_dim 2 B``."""
    return 4 * architecture.layers * architecture.kv_heads * architecture.head_dim


def lora_parameters(
    architecture: Architecture, rank: int, targets: Sequence[str] = LORA_TARGETS
) -> int:
    """Returns the weights of a LoRA adapter: ``r (in + out)`` for each projection of each layer.

    Raises:
        UsageError: A projection isn't known.
    """
    sizes = _projections(architecture)
    unknown = [name for name in targets if name not in sizes]
    if unknown:
        raise UsageError(f"no size for the projection '{unknown[0]}'", nearest(unknown[0], sizes))
    return architecture.layers * rank * sum(sum(sizes[name]) for name in targets)


def vera_parameters(
    architecture: Architecture, rank: int, targets: Sequence[str] = LORA_TARGETS
) -> int:
    """Returns the weights of VeRA: ``r + out`` for each projection of each layer.

    Its matrices are random, frozen and common to all layers (Kopiczko et al. 2023, arXiv
    2310.11454).
    """
    sizes = _projections(architecture)
    return architecture.layers * sum(rank + sizes[name][1] for name in sized_targets(targets))


def sized_targets(targets: Sequence[str]) -> tuple[str, ...]:
    """Returns names that have a size: all of them, the most, where a model has others."""
    return tuple(targets) if targets and set(targets) <= set(LORA_TARGETS) else LORA_TARGETS


def _projections(architecture: Architecture) -> dict[str, tuple[int, int]]:
    """Inputs and outputs of each projection of a block."""
    hidden, inner = architecture.hidden, architecture.inner_width
    query, pair = architecture.query_width, architecture.kv_heads * architecture.head_dim
    fused = (hidden, query + 2 * pair)
    return {
        "c_attn": fused,
        "c_fc": (hidden, inner),
        "c_proj": (query + inner, 2 * hidden),  # two layers of GPT-2 have that name
        "dense": (query, hidden),
        "dense_4h_to_h": (inner, hidden),
        "dense_h_to_4h": (hidden, inner),
        "gate_up_proj": (hidden, 2 * inner),
        "qkv_proj": fused,
        "query_key_value": fused,
        "q_proj": (hidden, query),
        "k_proj": (hidden, pair),
        "v_proj": (hidden, pair),
        "o_proj": (query, hidden),
        "gate_proj": (hidden, inner),
        "up_proj": (hidden, inner),
        "down_proj": (inner, hidden),
    }


def training_memory(architecture: Architecture, setup: TrainingSetup) -> Memory:
    """Estimates what training needs.

    All weights trained: 16 B each, or 8 B in pure bf16. Frozen weights: their size, and 16 B for
    each trainable one. Activations as `activation_bytes` counts them; logits 12 B for each scored
    position and word. Gradients and activations don't peak at the same time.

    Raises:
        UsageError: The method or the quantisation isn't known.
    """
    if setup.method not in TRAINING_METHODS:
        known = nearest(setup.method, TRAINING_METHODS)
        raise UsageError(f"no memory formula for the method '{setup.method}'", known)
    positions = setup.batch * setup.length
    held = 0.0
    if setup.recompute:
        whole = activation_bytes(architecture, replace(setup, recompute=False))
        held = setup.churn * positions * whole
    step = Memory(
        weights=0.0,
        activations=positions * activation_bytes(architecture, setup),
        logits=12 * positions * setup.scored_fraction * architecture.vocabulary,
        process=setup.process,
        slack=setup.slack,
        held=held,
    )
    if setup.method in STATE_BYTES:
        return _with_all_weights(step, architecture, setup.method)
    return _with_frozen_weights(step, architecture, setup)


def _with_all_weights(step: Memory, architecture: Architecture, method: str) -> Memory:
    stays, gradient = STATE_BYTES[method]
    table = architecture.vocabulary * architecture.hidden
    tied = architecture.parameters - architecture.trunk_parameters < 1.5 * table
    return replace(
        step,
        states=stays * architecture.parameters,
        # embeddings tied to the head get two gradients, which are then added up
        gradients=gradient * (architecture.parameters + (table if tied else 0)),
        head_gradient=gradient * table,
    )


def _with_frozen_weights(step: Memory, architecture: Architecture, setup: TrainingSetup) -> Memory:
    quantization = setup.quantization or ("nf4" if setup.method == "qlora" else None)
    prepared = quantization is not None if setup.kbit_prepared is None else setup.kbit_prepared
    weights = weight_bytes(architecture, quantization, kbit_prepared=prepared)
    note = ""
    if quantization and weights > weight_bytes(architecture):
        note = (
            "the quantised model needs more memory than the 16-bit one: its large vocabulary "
            "isn't quantised, and is held in float32"
        )
    return replace(step, weights=weights, states=setup.trainable * ADAPTER_STATE, note=note)


def activation_bytes(architecture: Architecture, setup: TrainingSetup) -> float:
    """Returns the bytes that one position keeps for the backward pass, in all layers.

    Counted on torch's saved tensors, for a block with fused attention and a gated feed-forward:
    the norms' inputs in float32 (``8 h`` for two); query, keys, values and output of attention;
    gate, activation and product, ``3 i``; and where weights are trained, the inputs of the
    projections. A low-rank adapter keeps its input in float32; a bottleneck keeps, in 16 bits, what
    the projection before it gives. Recomputing keeps each block's input, and all of one block. `setup.batch` and `setup.length` don't matter.
    """
    hidden, inner = architecture.hidden, architecture.inner_width
    query, pair = architecture.query_width, architecture.kv_heads * architecture.head_dim
    size = 4 if setup.method == "full" else 2
    block = 4.0 * architecture.norm_width + size * (2 * query + 2 * pair + 3 * inner)
    if setup.method in STATE_BYTES:
        # inputs of the projections, and of the norms' weights
        block += size * (architecture.norm_width + 2 * hidden + inner)
    elif setup.method in ("lora", "qlora"):
        sizes = _projections(architecture)
        block += 4 * sum(sizes[name][0] for name in setup.targets if name in sizes)
    elif setup.method == "adapters":
        sizes = _projections(architecture)
        block += 2 * sum(sizes[name][1] for name in setup.targets if name in sizes)
    if not setup.recompute:
        return architecture.layers * block
    return architecture.layers * size * hidden + block


def inference_memory(
    architecture: Architecture,
    *,
    batch: int = 1,  # sequences at a time
    length: int = 512,  # positions of a sequence, answer included
    quantization: str | None = None,  # None: 16 bit; else ``nf4``, ``nf4-single`` or ``int8``
    process: float = 0.0,  # bytes of the program itself, where they count
    slack: float = 0.0,  # share that the allocator holds beyond what is used
) -> Memory:
    """Estimates what serving needs: weights, KV cache, activations of one layer, logits.

    Raises:
        UsageError: The quantisation isn't known.
    """
    positions = batch * length
    return Memory(
        weights=weight_bytes(architecture, quantization),
        activations=34.0 * positions * architecture.hidden,
        logits=4.0 * batch * architecture.vocabulary,
        cache=positions * kv_bytes_per_token(architecture),
        process=process,
        slack=slack,
    )


def gpus_needed(needed: float, capacity: float) -> int:
    """Returns how many GPUs hold that many bytes: ``ceil(needed / (0.9 capacity))``."""
    if capacity <= 0:
        raise ValueError("a GPU has more than 0 bytes")
    return max(1, math.ceil(needed / (USABLE * capacity)))
