"""A tiny Gemma 3, and random adapters, for tests of what local models compute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.models.local.tiny import save, sizes, tokenizer

WINDOW = 24  # shorter than most prompts of the tests, so that sliding attention matters


def tiny_gemma3(folder: Path, *, seed: int = 0) -> Path:
    """Writes a Gemma 3: tied embeddings, a short sliding window, capped logits, no template."""
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    words = tokenizer(chat=False)
    torch.manual_seed(seed)
    config = Gemma3TextConfig(
        **sizes(words),
        sliding_window=WINDOW,
        layer_types=["sliding_attention", "full_attention"],
        final_logit_softcapping=8.0,
        query_pre_attn_scalar=16,
    )
    return save(Gemma3ForCausalLM(config), words, folder)


def with_adapter(module: Any, kind: str) -> Any:
    """Wraps a model in a random adapter: lora, head (of the output head), prompt or prefix."""
    import peft
    import torch

    torch.manual_seed(1)
    lora = {"r": 4, "init_lora_weights": False, "task_type": "CAUSAL_LM"}
    if kind == "lora":
        config = peft.LoraConfig(target_modules=["q_proj", "down_proj"], **lora)
    elif kind == "head":
        config = peft.LoraConfig(target_modules=["lm_head"], ensure_weight_tying=False, **lora)
    elif kind == "prompt":
        config = peft.PromptTuningConfig(num_virtual_tokens=5, task_type="CAUSAL_LM")
    else:
        config = peft.PrefixTuningConfig(num_virtual_tokens=5, task_type="CAUSAL_LM")
    return peft.get_peft_model(module, config).eval()


ARCHITECTURES = ("gpt2", "gpt_neox", "phi3", "mistral", "qwen2", "llama", "gemma3")


def tiny_of(kind: str, folder: Path) -> Path:
    """Writes a tiny random model of an architecture; its biases aren't zero."""
    import torch
    import transformers

    if kind == "gemma3":
        return tiny_gemma3(folder)
    words = tokenizer(chat=False)
    usual = sizes(words)
    no_width = {key: value for key, value in usual.items() if key != "head_dim"}
    options: dict[str, Any] = {
        "gpt2": {
            "vocab_size": len(words), "n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 512,
            "initializer_range": 0.3, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2,
        },
        "gpt_neox": {k: v for k, v in no_width.items() if k != "num_key_value_heads"},
        "phi3": no_width | {"original_max_position_embeddings": 512, "sliding_window": None},
        "mistral": usual | {"sliding_window": WINDOW},
        "qwen2": no_width | {"tie_word_embeddings": True},
        "llama": usual,
    }[kind]  # fmt: skip
    config = transformers.AutoConfig.for_model(kind, **options)
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config)
    for name, weight in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weight, std=0.1)
    return save(model, words, folder)
