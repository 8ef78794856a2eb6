"""Floating-point operations of training and inference, and the time of a decoding step.

N is the number of weights in matrix products that every token goes through (the trunk), Na of
trainable weights, D of positions, V the vocabulary, h the hidden width. A product with a matrix
of N weights takes 2 N operations a position forward, and as many again for each gradient.
"""

from __future__ import annotations

from harness.costs.memory import kv_bytes_per_token, weight_bytes
from harness.errors import UsageError, nearest
from harness.records.model import Architecture

__all__ = ["FULL", "METHODS", "decode_seconds", "inference_flops", "training_flops"]

FULL = frozenset({"full", "continued-pretraining", "from-scratch"})
FROZEN = frozenset({"lora", "qlora", "vera", "adapters", "prompt-tuning", "prefix-tuning"})
METHODS = FULL | FROZEN


def training_flops(
    architecture: Architecture,
    *,
    tokens: float,  # positions, those of all epochs and of virtual tokens included
    method: str = "lora",  # one of `METHODS`
    trainable: float = 0,  # trainable weights; not needed where all are
    frozen: float = 0,  # weights of frozen matrices beside the trunk, as VeRA has them
    recompute: bool = False,  # activations, in the backward pass
    scored_positions: float = 0,  # positions whose logits are computed
    mean_length: float = 0,  # positions of a sequence; 0 leaves attention out
) -> float:
    """Counts the operations of training.

    All weights trained: ``6 N D``, or ``8 N D`` where activations are recomputed. Frozen trunk
    (LoRA, QLoRA, adapters): ``4 N D + 6 Na D``, or ``6 N D + 8 Na D``. Frozen matrices beside the
    trunk count as the trunk, and VeRA's trained scales as nothing. Each scored position adds
    the head: ``2 V h`` forward and as much for each gradient (two where the head is trained); it
    isn't recomputed. Attention adds ``4 q`` a layer (q: the width of all query heads) for each
    pair of positions forward, and twice that backward. Where all weights are trained, recomputing
    stops before a block's last product, since nothing needs its result: ``2 h i`` less a layer
    (i: the width inside the feed-forward block).

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
        own = 0 if method in {"vera", "prompt-tuning", "prefix-tuning"} else trainable
        products, head_passes = (4 + again) * (trunk + frozen) + (6 + again) * own, 2
    head = 2 * head_passes * _head(architecture)
    attention = (3 + again / 2) * _attention(architecture, mean_length)
    return tokens * (products + attention) + scored_positions * head


def inference_flops(
    architecture: Architecture,
    *,
    tokens: float,  # positions that go through the model
    scored_positions: float = 0,  # positions whose logits are computed
    mean_length: float = 0,  # positions that each one attends to; 0 leaves attention out
) -> float:
    """Counts the operations of reading a prompt: ``2 N`` a position, plus head and attention."""
    trunk = 2 * architecture.trunk_parameters + _attention(architecture, mean_length)
    return tokens * trunk + scored_positions * 2 * _head(architecture)


def _head(architecture: Architecture) -> int:
    return architecture.vocabulary * architecture.hidden


def _attention(architecture: Architecture, length: float) -> float:
    """Operations a position forward: scores and weighted values, over the full square."""
    # a kernel that skips what the causal mask hides does half of it, a sliding window still less
    return 4 * architecture.layers * architecture.query_width * length


def decode_seconds(
    architecture: Architecture,
    *,
    batch: float,  # sequences that advance together
    context: float,  # positions that each one attends to
    peak: float,  # FLOP/s that are reached (peak times MFU)
    bandwidth: float,  # bytes a second that are reached (bandwidth times MBU)
) -> float:
    """Times one step of generation, in seconds: ``max(FLOPs / peak, bytes / bandwidth)``.

    The bytes are those of 16-bit weights. Quantised ones are fewer, but are unpacked in each step:
    that they are faster has to be measured.
    """
    operations = inference_flops(
        architecture, tokens=batch, scored_positions=batch, mean_length=context
    )
    # a step reads one row of the embedding table, unless that table is the head as well
    weights = weight_bytes(architecture, embeddings=False)
    cache = batch * context * kv_bytes_per_token(architecture)
    return max(operations / peak, (weights + cache) / bandwidth)
