"""Floating-point operations of training and inference, and the time of a decoding step.

N are the weights that take part in matrix products for every token (the trunk), Na the trainable
ones, D the positions, V the vocabulary, h the hidden width. A product with a matrix of N weights
takes 2 N operations a position forward, and as many again for each gradient that is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.costs.memory import kv_bytes_per_token, weight_bytes
from harness.errors import UsageError, nearest
from harness.records.model import Architecture

__all__ = ["METHODS", "DecodeStep", "decode_step", "inference_flops", "training_flops"]

FULL = frozenset({"full", "continued-pretraining", "from-scratch"})
FROZEN = frozenset({"lora", "qlora", "adapters", "prompt-tuning", "prefix-tuning"})
METHODS = FULL | FROZEN


def training_flops(
    architecture: Architecture,
    *,
    tokens: float,
    method: str = "lora",
    trainable: float = 0,
    recompute: bool = False,
    scored_positions: float = 0,
    mean_length: float = 0,
) -> float:
    """Counts the operations of training.

    Everything trained: ``6 N D``, recomputing activations ``8 N D``. Frozen trunk (LoRA, QLoRA,
    adapters): ``4 N D + 6 Na D`` and ``6 N D + 8 Na D``. Each scored position adds the head:
    ``2 V h`` forward and as much for each gradient (two where the head is trained); it isn't
    recomputed. Attention adds ``4 q`` a layer (q the width of all query heads) for each pair of
    positions forward, and twice that backward. Where all weights are trained, recomputing stops
    before a block's last product, since nothing needs its result: ``2 h i`` a layer less, i the
    width inside the feed-forward block.

    Args:
        architecture: Sizes of the model.
        tokens: Positions that go through the model, epochs included; prompt tuning's virtual
            tokens are positions too.
        method: One of `METHODS`.
        trainable: Trainable weights; not needed where all are.
        recompute: Whether activations are recomputed in the backward pass.
        scored_positions: Positions whose logits are computed.
        mean_length: Positions of a sequence; 0 leaves attention out.

    Returns:
        Floating-point operations.

    Raises:
        UsageError: The method isn't known.
    """
    if method not in METHODS:
        raise UsageError(f"no formula for the method '{method}'", nearest(method, METHODS))
    trunk, again = architecture.trunk_parameters, 2 if recompute else 0
    products: float
    if method in FULL:
        last = architecture.layers * architecture.hidden * architecture.inner_width
        products, head_passes = 6 * trunk + again * (trunk - last), 3
    else:
        # prompt and prefix tuning train vectors that aren't multiplied with anything
        own = 0 if method in {"prompt-tuning", "prefix-tuning"} else trainable
        products, head_passes = (4 + again) * trunk + (6 + again) * own, 2
    head = 2 * head_passes * _head(architecture)
    attention = (3 + again / 2) * _attention(architecture, mean_length)
    return tokens * (products + attention) + scored_positions * head


def inference_flops(
    architecture: Architecture,
    *,
    tokens: float,
    scored_positions: float = 0,
    mean_length: float = 0,
) -> float:
    """Counts the operations of reading a prompt: ``2 N`` a position, plus head and attention.

    Args:
        architecture: Sizes of the model.
        tokens: Positions that go through the model.
        scored_positions: Positions whose logits are computed.
        mean_length: Positions that each one attends to; 0 leaves attention out.

    Returns:
        Floating-point operations.
    """
    trunk = 2 * architecture.trunk_parameters + _attention(architecture, mean_length)
    return tokens * trunk + scored_positions * 2 * _head(architecture)


def _head(architecture: Architecture) -> int:
    return architecture.vocabulary * architecture.hidden


def _attention(architecture: Architecture, length: float) -> float:
    """Operations a position forward: scores and weighted values, over the full square.

    A kernel that leaves out what the causal mask hides does about half; one for a sliding window
    less still.
    """
    return 4 * architecture.layers * architecture.query_width * length


@dataclass(frozen=True, slots=True)
class DecodeStep:
    """One sequential step of generation, for a batch.

    Attributes:
        compute_seconds: What the operations take.
        memory_seconds: What reading the weights and the key/value cache takes.
    """

    compute_seconds: float
    memory_seconds: float

    @property
    def seconds(self) -> float:
        """What the step takes: the longer of the two."""
        return max(self.compute_seconds, self.memory_seconds)

    @property
    def bound(self) -> str:
        """``memory`` or ``compute``."""
        return "memory" if self.memory_seconds >= self.compute_seconds else "compute"


def decode_step(
    architecture: Architecture,
    *,
    batch: float,
    context: float,
    peak: float,
    bandwidth: float,
    quantization: str | None = None,
) -> DecodeStep:
    """Times one step of generation: ``max(FLOPs / peak, bytes / bandwidth)``.

    Args:
        architecture: Sizes of the model.
        batch: Sequences that advance together.
        context: Positions that each one attends to.
        peak: FLOP/s that are reached (peak times MFU).
        bandwidth: Bytes a second that are reached (bandwidth times MBU).
        quantization: ``nf4``, ``int8`` or None, for the bytes of the weights.

    Returns:
        Seconds by either limit.
    """
    operations = inference_flops(
        architecture, tokens=batch, scored_positions=batch, mean_length=context
    )
    # a step reads one row of the embedding table, unless that table is the head as well
    read = weight_bytes(architecture, quantization, embeddings=False)
    traffic = read + batch * context * kv_bytes_per_token(architecture)
    return DecodeStep(operations / peak, traffic / bandwidth)
