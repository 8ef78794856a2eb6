"""A model of one's own: a tokenizer that was trained on the text, and a small random decoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import LlamaConfig

__all__ = ["OPTIMAL", "make_model"]

OPTIMAL = 20
"""Tokens a weight that use a given amount of compute best, about: Hoffmann et al. 2022 (arXiv
2203.15556), table 3."""
MULTIPLE = 64  # of which the width of the feed-forward block is one


def make_model(
    folder: Path,
    texts: Sequence[str],
    *,
    vocabulary: int,  # tokens, at most
    layers: int,
    hidden: int,
    heads: int,
    context: int,  # tokens that it can read
    seed: int | None,  # of the weights; None writes the configuration alone
) -> None:
    """Writes a Llama (Touvron et al. 2023, arXiv 2302.13971) with tied embeddings into a folder.

    Its byte-level BPE is trained on the texts: any character of any language has tokens.
    """
    import torch
    from transformers import LlamaForCausalLM

    from harness.models.local.model import quiet_libraries
    from harness.models.local.tiny import tokenizer

    tokens = tokenizer(chat=False, vocabulary=vocabulary, texts=texts)
    config = _config(layers, hidden, heads, context)
    config.vocab_size = len(tokens)
    config.bos_token_id, config.eos_token_id = tokens.bos_token_id, tokens.eos_token_id
    config.pad_token_id = tokens.pad_token_id
    folder.mkdir(parents=True, exist_ok=True)
    tokens.save_pretrained(str(folder))
    if seed is None:
        config.architectures = ["LlamaForCausalLM"]
        config.save_pretrained(str(folder))
        return
    torch.manual_seed(seed)
    with quiet_libraries():
        LlamaForCausalLM(config).save_pretrained(str(folder), safe_serialization=True)


def _config(layers: int, hidden: int, heads: int, context: int) -> LlamaConfig:
    from transformers import LlamaConfig

    inner = -(-8 * hidden // (3 * MULTIPLE)) * MULTIPLE  # 8/3 of the width, as Llama has it
    return LlamaConfig(
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        head_dim=hidden // heads,
        max_position_embeddings=context,
        tie_word_embeddings=True,
    )
