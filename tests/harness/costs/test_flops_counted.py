"""The formulas against torch's own counter: real sizes, eager attention, 2,048 tokens.

Tensors are on the meta device, which counts and computes nothing. Under SDPA the counter sees
nothing of attention on a CPU. Gemma's query heads together are wider than its hidden state, and
its layers end in a norm.
"""

from typing import Any

import pytest

from harness.costs.flops import inference_flops, training_flops
from harness.records.model import Architecture

pytestmark = pytest.mark.slow
LENGTH = 2048
WITHIN = 0.05
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SIZES = {
    "LlamaForCausalLM": {  # SmolLM2-135M
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "vocab_size": 49_152,
        "tie_word_embeddings": True,
    },
    "Gemma3ForCausalLM": {  # gemma-3-270m
        "hidden_size": 640,
        "intermediate_size": 2048,
        "num_hidden_layers": 18,
        "num_attention_heads": 4,
        "num_key_value_heads": 1,
        "head_dim": 256,
        "vocab_size": 262_144,
        "sliding_window": 512,
    },
    "MistralForCausalLM": {  # Mistral-7B-v0.1
        "hidden_size": 4096,
        "intermediate_size": 14_336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "vocab_size": 32_000,
    },
}


def build(name: str) -> Any:
    import torch

    transformers = pytest.importorskip("transformers")
    kind = getattr(transformers, name)
    config = kind.config_class(attn_implementation="eager", **SIZES[name])
    with torch.device("meta"):
        return kind(config)


def sizes_of(model: Any) -> Architecture:
    from harness.models.local.sizes import architecture

    return architecture(model)


def counted(model: Any, *, scored: int, backward: bool, embedded: Any = None) -> float:
    """What torch counts, with logits at the last positions only."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    tokens = torch.zeros(1, LENGTH, dtype=torch.long, device="meta")
    inputs = {"input_ids": tokens} if embedded is None else {"inputs_embeds": embedded}
    length = next(iter(inputs.values())).shape[1]
    # a ready mask: making one looks at values, and there are none
    mask = torch.zeros(1, 1, length, length, device="meta")
    with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(backward):
        logits = model(**inputs, attention_mask=mask, use_cache=False, logits_to_keep=scored).logits
        if backward:
            logits.float().logsumexp(-1).sum().backward()
    return float(counter.get_total_flops())


@pytest.mark.parametrize("scored", [1, LENGTH])
@pytest.mark.parametrize("name", SIZES)
def test_reading_a_prompt(name: str, scored: int) -> None:
    model = build(name)
    formula = inference_flops(
        sizes_of(model), tokens=LENGTH, scored_positions=scored, mean_length=LENGTH
    )
    assert formula == pytest.approx(counted(model, scored=scored, backward=False), rel=WITHIN)


@pytest.mark.parametrize(
    ("name", "method", "recompute"),
    [(name, method, method == "lora") for name in SIZES for method in ("full", "lora")]
    + [("LlamaForCausalLM", "full", True), ("LlamaForCausalLM", "lora", False)],
)
def test_training(name: str, method: str, recompute: bool) -> None:
    model, trainable = build(name), 0
    sizes, scored = sizes_of(model), LENGTH // 4
    if method == "lora":
        peft = pytest.importorskip("peft")
        config = peft.LoraConfig(r=8, target_modules=LINEAR, task_type="CAUSAL_LM")
        model = peft.get_peft_model(model, config)
        trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    model.train()
    if recompute:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        model.enable_input_require_grads()
    formula = training_flops(
        sizes,
        tokens=LENGTH,
        method=method,
        trainable=trainable,
        recompute=recompute,
        scored_positions=scored,
        mean_length=LENGTH,
    )
    assert formula == pytest.approx(counted(model, scored=scored, backward=True), rel=WITHIN)


def test_prompt_tuning_s_virtual_tokens_are_positions_through_a_frozen_model() -> None:
    import torch

    model, long = build("LlamaForCausalLM").requires_grad_(False), LENGTH + 64
    learnt = torch.zeros(1, long, 576, device="meta", requires_grad=True)
    formula = training_flops(
        sizes_of(model),
        tokens=long,
        method="prompt-tuning",
        scored_positions=256,
        mean_length=long,
    )
    assert formula == pytest.approx(
        counted(model, scored=256, backward=True, embedded=learnt), rel=WITHIN
    )
