"""Makes a quantised model ready for training adapters on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["prepare_kbit"]


def prepare_kbit(module: torch.nn.Module, *, checkpointing: bool, float32_rest: bool) -> None:
    """Freezes the model, changed in place; `checkpointing` will recompute activations.

    `float32_rest` keeps norms, embeddings and head in float32, as peft's preparation does. Of a
    small model with a large vocabulary most weights are embeddings: float32 would make the
    quantised model larger than the 16-bit one.
    """
    for layer in module.modules():
        if type(layer).__name__ == "Linear4bit":
            # On some CPUs bitsandbytes repacks weights for good in a pass without gradients:
            # after one evaluation of the dev loss no gradient would flow through them.
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
