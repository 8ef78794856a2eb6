"""Makes a quantised model ready for training adapters on it."""

from __future__ import annotations

from typing import Any

__all__ = ["prepare_kbit"]


def prepare_kbit(module: Any, *, checkpointing: bool, float32_rest: bool) -> None:
    """Freezes the model; optionally keeps in float32 what isn't quantised.

    peft's preparation does the latter. It isn't the default here: of a small model with a large
    vocabulary most weights are embeddings, and float32 would make the quantised model larger
    than the 16-bit one.

    Args:
        module: A model with 4- or 8-bit linears, changed in place.
        checkpointing: Whether activations will be recomputed.
        float32_rest: Keep norms, embeddings and head in float32.
    """
    for layer in module.modules():
        if type(layer).__name__ == "Linear4bit":
            # On some CPUs bitsandbytes repacks weights when they first serve, for good: a look at
            # the dev loss would be the end of all gradients through them.
            layer.support_avx512bf16_for_cpu = False
    if float32_rest:
        from peft import prepare_model_for_kbit_training

        prepare_model_for_kbit_training(
            module,
            use_gradient_checkpointing=checkpointing,
            gradient_checkpointing_kwargs={"use_reentrant": False},
        )
        return
    module.requires_grad_(False)
