"""The formulas against torch's own counter, on a tiny random Llama with eager attention.

Under SDPA the counter sees nothing of attention on a CPU.
"""

from typing import Any

import pytest

from harness.costs.flops import inference_flops, training_flops
from harness.models.base import Architecture

pytestmark = pytest.mark.slow
LENGTH, RANK = 512, 8
SIZES = {
    "hidden_size": 128, "intermediate_size": 352, "num_hidden_layers": 8,
    "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000,
}  # fmt: skip


def tiny() -> tuple[Any, Architecture]:
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        **SIZES, attn_implementation="eager", tie_word_embeddings=False
    )
    model = transformers.LlamaForCausalLM(config)
    trunk = sum(p.numel() for p in model.model.layers.parameters() if p.dim() > 1)
    everything = sum(p.numel() for p in model.parameters())
    return model, Architecture(everything, trunk, 8, 128, 2, 32, 1000)


def with_lora(model: Any) -> int:
    """Freezes the weights and puts a low-rank bypass around every product of the blocks."""
    import torch

    class Bypassed(torch.nn.Module):
        def __init__(self, base: Any) -> None:
            super().__init__()
            self.base = base
            self.down = torch.nn.Linear(base.in_features, RANK, bias=False)
            self.up = torch.nn.Linear(RANK, base.out_features, bias=False)

        def forward(self, x: Any) -> Any:
            return self.base(x) + self.up(self.down(x))

    model.requires_grad_(False)
    for layer in model.model.layers:
        for block in (layer.self_attn, layer.mlp):
            for name, child in list(block.named_children()):
                if isinstance(child, torch.nn.Linear):
                    setattr(block, name, Bypassed(child))
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def counted(model: Any, *, backward: bool) -> float:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    tokens = torch.arange(LENGTH).remainder(1000)[None]
    with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(backward):
        loss = model(input_ids=tokens, labels=tokens, use_cache=False).loss
        if backward:
            loss.backward()
    return float(counter.get_total_flops())


def test_reading_a_prompt() -> None:
    model, sizes = tiny()
    formula = inference_flops(sizes, tokens=LENGTH, scored_positions=LENGTH, mean_length=LENGTH)
    assert formula == pytest.approx(counted(model, backward=False), rel=0.1)


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize("method", ["full", "lora"])
def test_training(method: str, recompute: bool) -> None:
    model, sizes = tiny()
    trainable = with_lora(model) if method == "lora" else 0
    model.train()
    if recompute:
        model.enable_input_require_grads()
        old = model.gradient_checkpointing_enable  # its name in earlier releases
        getattr(model, "activation_checkpointing_enable", old)({"use_reentrant": False})
    formula = training_flops(
        sizes, tokens=LENGTH, method=method, trainable=trainable, recompute=recompute,
        scored_positions=LENGTH, mean_length=LENGTH,
    )  # fmt: skip
    assert formula == pytest.approx(counted(model, backward=True), rel=0.1)
