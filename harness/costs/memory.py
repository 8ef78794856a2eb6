"""Bytes that training and serving need, by formula: for a dry run, before anything is loaded.

These are estimates from the sizes alone. What was really needed stands in the record.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.errors import UsageError, nearest
from harness.models.base import Architecture

__all__ = [
    "Memory",
    "TrainingSetup",
    "gpus_needed",
    "inference_memory",
    "inference_memory_bytes",
    "kv_bytes_per_token",
    "training_memory",
    "training_memory_bytes",
    "weight_bytes",
]

TRUNK_BYTES = {"nf4": 0.516, "nf4-single": 0.5625, "int8": 1.0}
"""Bytes a quantised weight; ``nf4-single`` is NF4 without double quantisation."""
USABLE = 0.9  # of a GPU's memory; the rest holds the driver's context and fragments
TRAINING_METHODS = (
    "full", "full-bf16", "lora", "qlora", "adapters", "prompt-tuning", "prefix-tuning",
)  # fmt: skip
STATE_BYTES = {"full": 16.0, "full-bf16": 8.0}
"""A trained weight: mixed precision holds bf16 and float32 copies, a float32 gradient and AdamW's
two moments (18 with a bf16 gradient kept beside); pure bf16 holds weight, gradient, two moments."""
ADAPTER_STATE = 16.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes, by what they hold.

    Attributes:
        weights: The frozen weights (training) or all of them (serving).
        states: What is trained: weights, gradients and the optimizer's moments.
        activations: Kept for the backward pass, or of one layer when serving.
        logits: Over the vocabulary.
        cache: Keys and values.
        note: What is surprising about it.
    """

    weights: float
    states: float = 0.0
    activations: float = 0.0
    logits: float = 0.0
    cache: float = 0.0
    note: str = ""

    @property
    def total(self) -> int:
        """The sum, in bytes."""
        return math.ceil(self.weights + self.states + self.activations + self.logits + self.cache)


@dataclass(frozen=True, slots=True)
class TrainingSetup:
    """What decides the memory of training, beside the model's sizes.

    Attributes:
        method: ``full`` (mixed precision), ``full-bf16``, ``lora``, ``qlora``, ``adapters``,
            ``prompt-tuning`` or ``prefix-tuning``.
        trainable: Trainable weights; not needed where all are.
        batch: Sequences of a micro-batch.
        length: Positions of a sequence.
        recompute: Whether activations are recomputed in the backward pass.
        quantization: Of the frozen weights; ``qlora`` means ``nf4`` unless it says otherwise.
        kbit_prepared: Whether what isn't quantised is held in float32, as peft's preparation
            does; None: wherever the weights are quantised.
        scored_fraction: Part of the positions whose logits are computed.
    """

    method: str = "lora"
    trainable: int = 0
    batch: int = 1
    length: int = 512
    recompute: bool = False
    quantization: str | None = None
    kbit_prepared: bool | None = None
    scored_fraction: float = 1.0


def weight_bytes(
    architecture: Architecture,
    quantization: str | None = None,
    *,
    kbit_prepared: bool = False,
    embeddings: bool = True,
) -> float:
    """Returns the bytes of the weights.

    NF4 takes 0.516 B a quantised weight with double quantisation and 0.5625 B without; embeddings
    and head aren't quantised: 2 B, or 4 B after k-bit preparation.

    Args:
        architecture: Sizes of the model.
        quantization: None (16 bit), ``nf4``, ``nf4-single`` or ``int8``.
        kbit_prepared: Whether what isn't quantised is held in float32.
        embeddings: Whether to count the embedding table apart from the head.

    Raises:
        UsageError: The quantisation isn't known.
    """
    if quantization is not None and quantization not in TRUNK_BYTES:
        hint = nearest(quantization, TRUNK_BYTES)
        raise UsageError(f"no size for the quantization '{quantization}'", hint)
    trunk = architecture.trunk_parameters
    others = (
        architecture.parameters - trunk
        if embeddings
        else architecture.vocabulary * architecture.hidden
    )
    return trunk * TRUNK_BYTES.get(quantization or "", 2.0) + others * (4 if kbit_prepared else 2)


def kv_bytes_per_token(architecture: Architecture) -> int:
    """Returns the bytes that one position adds to the key/value cache, in 16 bit.

    ``2 layers kv_heads head_dim 2 B``.
    """
    return 4 * architecture.layers * architecture.kv_heads * architecture.head_dim


def training_memory(architecture: Architecture, setup: TrainingSetup) -> Memory:
    """Estimates what training needs.

    Full: 16 B a weight in mixed precision, 8 B in pure bf16. Frozen: the weights and 16 B a
    trainable one. Activations ``34 B S h L``, recomputed ``2 B S h L`` and one layer; logits 12 B
    for each scored position and word.

    Args:
        architecture: Sizes of the model.
        setup: Method, batch and length.

    Raises:
        UsageError: The method or the quantisation isn't known.
    """
    if setup.method not in TRAINING_METHODS:
        known = nearest(setup.method, TRAINING_METHODS)
        raise UsageError(f"no memory formula for the method '{setup.method}'", known)
    positions = setup.batch * setup.length
    logits = 12 * positions * setup.scored_fraction * architecture.vocabulary
    activations = _activations(architecture, positions, setup.recompute)
    if setup.method in STATE_BYTES:
        states = architecture.parameters * STATE_BYTES[setup.method]
        return Memory(0.0, states, activations, logits)
    quantization = setup.quantization or ("nf4" if setup.method == "qlora" else None)
    prepared = setup.kbit_prepared
    weights = weight_bytes(
        architecture,
        quantization,
        kbit_prepared=quantization is not None if prepared is None else prepared,
    )
    note = ""
    if quantization and weights > weight_bytes(architecture):
        note = (
            "the quantised model needs more memory than the 16-bit one: its large vocabulary "
            "isn't quantised, and is held in float32"
        )
    return Memory(weights, setup.trainable * ADAPTER_STATE, activations, logits, note=note)


def _activations(architecture: Architecture, positions: int, recompute: bool) -> float:
    """Korthikanti et al. 2022 (arXiv 2205.05198), without the attention matrix."""
    width = positions * architecture.hidden
    if recompute:
        return width * (2.0 * architecture.layers + 34)
    return 34.0 * width * architecture.layers


def training_memory_bytes(architecture: Architecture, setup: TrainingSetup) -> int:
    """Returns the sum of `training_memory`, in bytes."""
    return training_memory(architecture, setup).total


def inference_memory(
    architecture: Architecture,
    *,
    batch: int = 1,
    length: int = 512,
    quantization: str | None = None,
    scored_fraction: float = 0.0,
) -> Memory:
    """Estimates what serving needs: weights, key/value cache, one layer, the logits.

    Args:
        architecture: Sizes of the model.
        batch: Sequences at a time.
        length: Positions of a sequence, answer included.
        quantization: None (16 bit), ``nf4``, ``nf4-single`` or ``int8``.
        scored_fraction: Part of the positions whose logits are computed; at least the last one's
            are.

    Raises:
        UsageError: The quantisation isn't known.
    """
    positions = batch * length
    scored = max(float(batch), positions * scored_fraction)
    return Memory(
        weights=weight_bytes(architecture, quantization),
        activations=34.0 * positions * architecture.hidden,
        logits=4 * scored * architecture.vocabulary,
        cache=positions * kv_bytes_per_token(architecture),
    )


def inference_memory_bytes(
    architecture: Architecture,
    *,
    batch: int = 1,
    length: int = 512,
    quantization: str | None = None,
) -> int:
    """Returns the sum of `inference_memory`, in bytes."""
    return inference_memory(
        architecture, batch=batch, length=length, quantization=quantization
    ).total


def gpus_needed(needed: float, capacity: float) -> int:
    """Returns how many GPUs hold that many bytes: ``ceil(needed / (0.9 capacity))``.

    Args:
        needed: Bytes.
        capacity: Bytes of one GPU.

    Raises:
        ValueError: A GPU without memory.
    """
    if capacity <= 0:
        raise ValueError("a GPU has more than 0 bytes")
    return max(1, math.ceil(needed / (USABLE * capacity)))
