"""Learnt tokens before every text: rows behind the input embedding, or keys and values.

A learnt token has an id past the vocabulary, and the model's encoder puts these ids before each
text. So packs, tries, KV caches and batches treat them as they treat text, and a prefix that all
texts share, the learnt tokens at least, runs once. They stand before the beginning-of-sequence
token, as peft has them. The output head never sees their ids.

Prompt tuning and p-tuning learn the vectors that the first layer reads (Lester et al. 2021, arXiv
2104.08691; Liu et al. 2021, arXiv 2103.10385), prefix tuning keys and values of all layers (Li and
Liang 2021, arXiv 2101.00190).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch

from harness.errors import DataError, UsageError
from harness.models.local.packing import why_not

if TYPE_CHECKING:
    from peft import PeftConfig

__all__ = [
    "Learnt",
    "LearntStates",
    "SoftPrompt",
    "check_keys",
    "keys_values",
    "learnt_ids",
    "load_learnt",
    "put_learnt",
    "refuse_wrapped",
    "save_learnt",
    "soft_prompt",
]

CONFIG, WEIGHTS, TENSOR = "adapter_config.json", "adapter_model.safetensors", "prompt_embeddings"
VECTORS, STATES = ("PROMPT_TUNING", "P_TUNING"), "PREFIX_TUNING"


class Learnt(torch.nn.Module):  # type: ignore[misc]
    """Numbers that are learnt as they are, a row for each token."""

    def __init__(self, rows: torch.Tensor) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(rows.float())

    def forward(self) -> torch.Tensor:
        """Returns the rows."""
        return self.weight


class SoftPrompt(torch.nn.Module):  # type: ignore[misc]
    """An input embedding in which ids past the vocabulary are learnt tokens."""

    def __init__(
        self,
        embedding: torch.nn.Embedding,
        source: torch.nn.Module,  # gives a row for each token, without arguments
        tokens: int,
        heads: tuple[int, int] | None,  # key heads and their width, where rows are keys and values
    ) -> None:
        super().__init__()
        self.embedding, self.source, self.tokens, self.heads = embedding, source, tokens, heads

    @property
    def weight(self) -> torch.Tensor:
        """The vocabulary's vectors: those of the head, in a model that ties them."""
        return self.embedding.weight

    @property
    def first(self) -> int:
        """The id of the first learnt token."""
        return int(self.embedding.weight.shape[0])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Returns vectors ``[..., hidden]``; learnt ones aren't scaled as Gemma scales words."""
        learnt = ids >= self.first
        vectors: torch.Tensor = self.embedding(ids.masked_fill(learnt, 0))
        if self.heads is not None:  # the layers' keys and values count, not what they are made of
            return vectors.masked_fill(learnt[..., None], 0)
        rows = torch.nn.functional.embedding((ids - self.first).clamp_min(0), self.source())
        return torch.where(learnt[..., None], rows.to(vectors.dtype), vectors)

    def states(self, ids: torch.Tensor) -> LearntStates | None:
        """Returns the keys and values of the learnt tokens among ids ``[1, tokens]``."""
        columns = (ids[0] >= self.first).nonzero()[:, 0]
        if self.heads is None or not len(columns):
            return None
        rows = self.source()[ids[0, columns] - self.first]
        return LearntStates(columns, rows.view(len(columns), -1, 2, *self.heads))


class LearntStates:
    """Keys and values that stand in the place of those that layers compute."""

    def __init__(self, columns: torch.Tensor, rows: torch.Tensor) -> None:
        self._columns = columns
        self._rows = rows.permute(1, 2, 3, 0, 4)  # [layers, 2, key heads, learnt tokens, width]

    def put(
        self, layer: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns a layer's keys and values ``[1, key heads, tokens, width]`` with the learnt."""
        own = self._rows[layer].to(keys.dtype)
        return (
            keys.index_copy(2, self._columns, own[0][None]),
            values.index_copy(2, self._columns, own[1][None]),
        )


def soft_prompt(module: torch.nn.Module) -> SoftPrompt | None:
    """Returns a model's learnt tokens, if it has any."""
    if not hasattr(module, "get_input_embeddings"):  # no model of transformers: an encoder's parts
        return None
    embedding = module.get_input_embeddings()
    return embedding if isinstance(embedding, SoftPrompt) else None


def learnt_ids(module: torch.nn.Module) -> list[int]:
    """Returns the ids of a model's learnt tokens, which stand before each text."""
    soft = soft_prompt(module)
    return [] if soft is None else list(range(soft.first, soft.first + soft.tokens))


def put_learnt(
    module: torch.nn.Module,
    source: torch.nn.Module,
    tokens: int,
    heads: tuple[int, int] | None = None,
) -> None:
    """Freezes a model and gives it learnt tokens, see `SoftPrompt`.

    Raises:
        UsageError: Keys and values are learnt, and texts of this model can't be packed.
    """
    if heads is not None:
        check_keys(module)
    module.requires_grad_(False)
    soft = SoftPrompt(module.get_input_embeddings(), source, tokens, heads)
    module.set_input_embeddings(soft.to(soft.weight.device))
    if heads is not None:
        module.register_forward_pre_hook(_handing_on(soft), with_kwargs=True)


def check_keys(module: torch.nn.Module) -> None:
    """Refuses a model that can't have learnt keys and values, since its texts can't be packed.

    Raises:
        UsageError: It can't.
    """
    if reason := why_not(module):
        raise UsageError(
            f"Learnt keys and values need a model whose texts can share a sequence: {reason}",
            "prompt-tuning and p-tuning take any model.",
        )


def _handing_on(soft: SoftPrompt) -> Callable[..., tuple[tuple[object, ...], dict[str, object]]]:
    """Gives each forward pass the learnt keys and values of its learnt tokens."""

    def hand_on(
        module: torch.nn.Module, args: tuple[object, ...], options: dict[str, object]
    ) -> tuple[tuple[object, ...], dict[str, object]]:
        if "pack" not in options:
            raise NotImplementedError("learnt keys and values are known to packs alone")
        return args, options | {"learnt": soft.states(cast(torch.Tensor, options["input_ids"]))}

    return hand_on


def keys_values(config: PeftConfig) -> tuple[int, int]:
    """Returns the key heads and their width that a configuration of prefix tuning has."""
    heads = int(config.num_attention_heads)
    return heads, int(config.token_dim) // heads


def save_learnt(module: torch.nn.Module, folder: Path, config: PeftConfig) -> None:
    """Writes learnt tokens as peft does: what made them in training isn't needed any more."""
    from safetensors.torch import save_file

    soft = soft_prompt(module)
    assert soft is not None
    with torch.no_grad():
        rows = soft.source().float().cpu().contiguous()
    config.inference_mode = True
    config.save_pretrained(str(folder))
    save_file({TENSOR: rows.clone()}, folder / WEIGHTS)


def load_learnt(module: torch.nn.Module, folder: Path) -> bool:
    """Gives a model the learnt tokens of a folder; False where it holds another adapter.

    Raises:
        DataError: The folder's files don't belong together, or to this model.
    """
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if config.get("peft_type") not in (*VECTORS, STATES):
        return False
    from safetensors.torch import load_file

    rows = load_file(folder / WEIGHTS)[TENSOR]
    text = module.config.get_text_config()
    heads, width = None, text.hidden_size
    if config["peft_type"] == STATES:
        heads = (
            config["num_attention_heads"],
            config["token_dim"] // config["num_attention_heads"],
        )
        width = 2 * text.num_hidden_layers * config["token_dim"]
    if tuple(rows.shape) != (config["num_virtual_tokens"], width):
        raise DataError(
            f"The learnt tokens in {folder.name} don't fit this model",
            "They belong to the model that they were trained with.",
        )
    put_learnt(module, Learnt(rows), len(rows), heads)
    return True


def refuse_wrapped(module: torch.nn.Module) -> None:
    """Refuses a peft model that puts tokens before its texts by itself, unknown to all others.

    Raises:
        UsageError: It is one.
    """
    config = getattr(module, "active_peft_config", None)
    if config is not None and config.is_prompt_learning:
        raise UsageError(
            f"peft's own {config.peft_type.value} doesn't go together with packs and KV caches",
            "harness.models.local.soft_prompt.put_learnt gives a model learnt tokens.",
        )
