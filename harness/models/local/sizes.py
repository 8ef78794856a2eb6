"""Counts a model's sizes, from which FLOPs, memory and a projection are computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, PreTrainedConfig

from harness.devices import out_of_memory
from harness.errors import DataError, HarnessError
from harness.models.sources.cache import digest_of
from harness.models.sources.encoders import ENCODERS
from harness.records.model import Architecture, ModelInfo

__all__ = [
    "architecture",
    "architecture_of_folder",
    "context_length",
    "encoder_info",
    "loading",
    "vocabulary",
]


def architecture(module: torch.nn.Module) -> Architecture:
    """Counts a model's sizes; packed weights count as what they stand for."""
    config = module.config.get_text_config()
    head = module.get_output_embeddings()
    outside = set() if head is None else {id(head.weight)}
    for layer in module.modules():
        if isinstance(layer, torch.nn.Embedding):
            outside.add(id(layer.weight))
    weights = list(module.parameters())  # a tied one comes once
    trunk = [w for w in weights if id(w) not in outside and (w.ndim > 1 or _packed(w))]
    heads = config.num_attention_heads
    return Architecture(
        parameters=sum(map(_size, weights)),
        trunk_parameters=sum(map(_size, trunk)),
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        kv_heads=getattr(config, "num_key_value_heads", None) or heads,
        head_dim=getattr(config, "head_dim", None) or config.hidden_size // heads,
        vocabulary=vocabulary(module),
        heads=heads,
        intermediate=_int(getattr(config, "intermediate_size", 0)),
        normed=_normed(module, config),
    )


def _normed(module: torch.nn.Module, config: PreTrainedConfig) -> int:
    """Returns the summed widths of what a layer normalises; a norm of heads counts once a head."""
    heads = config.num_attention_heads
    key_heads = getattr(config, "num_key_value_heads", None) or heads
    total = 0
    for name, weight in module.named_parameters():
        if weight.ndim != 1 or not name.endswith("norm.weight") or ".layers." not in name:
            continue
        times = {"q_norm": heads, "k_norm": key_heads}.get(name.split(".")[-2], 1)
        total += int(weight.numel()) * times
    return int(total // config.num_hidden_layers)


def _int(size: int | list[int]) -> int:
    return size if isinstance(size, int) else 0  # a list where layers differ: none is the size


@contextmanager
def loading(what: str, hint: str) -> Iterator[None]:
    """Raises a `DataError` for what libraries can't load, of whatever kind their error is."""
    try:
        yield
    except Exception as error:
        if out_of_memory(error) or isinstance(error, HarnessError):
            raise
        said = next(filter(None, map(str.strip, f"{error}".splitlines())), type(error).__name__)
        raise DataError(f"{what}: {said[:200]}", hint) from error


def architecture_of_folder(folder: Path) -> Architecture:
    """Counts the sizes of a model from its configuration, without loading weights.

    Raises:
        DataError: It is no configuration of a model that transformers knows.
    """
    return architecture(_weightless(folder, AutoModelForCausalLM))


def _weightless(
    folder: Path, kind: type[AutoModelForCausalLM] | type[AutoModel]
) -> torch.nn.Module:
    """Makes a folder's model without memory for its weights.

    Raises:
        DataError: It is no configuration of a model that transformers knows.
    """
    hint = "Check its config.json, or save the model with save_pretrained(folder)."
    with (
        loading(f"The model {folder.name} has no usable configuration", hint),
        torch.device("meta"),
    ):
        return kind.from_config(AutoConfig.from_pretrained(str(folder)))


def context_length(config: PreTrainedConfig) -> int | None:
    """Returns the longest input in tokens, answer included; None where there is no limit.

    Positions that stretch in a text beyond some length (Phi-3's long contexts) stretch for all
    that runs with it: there the limit is that length.
    """
    text = config.get_text_config()
    limit: int | None = getattr(text, "max_position_embeddings", None)
    rotation = getattr(text, "rope_parameters", None) or {}
    if rotation.get("rope_type") == "longrope":
        return int(rotation.get("original_max_position_embeddings") or limit or 0) or None
    return limit


def _packed(weight: torch.Tensor) -> bool:
    return getattr(weight, "quant_state", None) is not None


def _size(weight: torch.Tensor) -> int:
    return int(weight.quant_state.shape.numel() if _packed(weight) else weight.numel())


def vocabulary(module: torch.nn.Module) -> int:
    """Returns the rows of the output head; 0 where there is none, as in an encoder."""
    head = module.get_output_embeddings()
    return 0 if head is None else int(head.weight.shape[0])


def encoder_info(module: torch.nn.Module, name: str, folder: Path) -> ModelInfo:
    """Returns which encoder it is, with the sizes of what every token goes through."""
    known = ENCODERS.get(name)
    return ModelInfo(
        name=name,
        digest=digest_of(folder),
        weights_origin=known.origin if known else "unknown",
        licence=known.licence.name if known else "unknown",
        dtype=str(module.dtype).removeprefix("torch."),
        architecture=_encoder_sizes(module.base_model),
    )


def _encoder_sizes(body: torch.nn.Module) -> Architecture:
    """Counts an encoder's sizes; a text goes through its pooler once, no token does."""
    once = [weight for path, weight in body.named_parameters() if "pooler." in path]
    sizes = architecture(body)
    trunk = sizes.trunk_parameters - sum(w.numel() for w in once if w.ndim > 1)
    return replace(sizes, trunk_parameters=trunk)


def encoder_sizes_of_folder(folder: Path) -> Architecture:
    """Counts the sizes of an encoder from its configuration, without loading weights.

    Raises:
        DataError: It is no configuration of a model that transformers knows.
    """
    return _encoder_sizes(_weightless(folder, AutoModel))
