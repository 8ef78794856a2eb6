"""Puts a method of peft on a model, and writes what it learnt."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch

from harness.errors import UsageError
from harness.models.local.forward import inference_mode
from harness.models.local.packed_rows import KVCache, pack
from harness.models.local.packing import packed_logits
from harness.models.local.soft_prompt import check_keys, keys_values, put_learnt, save_learnt
from harness.training.peft_methods import Method, config_of, method_named
from harness.training.targets import Targets, choose

if TYPE_CHECKING:
    from peft import PeftConfig

    from harness.models.local.model import LocalModel

__all__ = ["attach", "chosen", "quantities", "save"]

ADAPTER = "default"
FEED_FORWARD = "down_proj"  # IA3 scales what goes into it, and what comes out of others
DIVISORS = {
    "c3a": ("block_size", 256),
    "vblora": ("vector_length", 256),
    "road": ("group_size", 64),
}
"""Sizes that have to divide each layer's: the largest such number up to this one is taken."""


class _Encoded(torch.nn.Module):  # type: ignore[misc]
    """The rows of learnt tokens that an encoder of peft makes of its own embeddings."""

    def __init__(self, encoder: torch.nn.Module, tokens: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.register_buffer("places", torch.arange(tokens)[None], persistent=False)

    def forward(self) -> torch.Tensor:
        rows: torch.Tensor = self.encoder(self.places)[0]
        return rows


def chosen(model: LocalModel, name: str, wanted: Sequence[str] | None, *, merged: bool) -> Targets:
    """Finds the layers that a method changes; none for one that learns tokens."""
    method = method_named(name)
    if method.before:
        return Targets(())
    if method.kind == "LN_TUNING" and wanted is None:
        norms = {
            path.rpartition(".")[2]: None
            for path, layer in model.module.named_modules()
            if type(layer).__name__.endswith("Norm")
        }
        return Targets(tuple(norms))
    return choose(model.module, wanted or method.targets, method.targets, merged=merged)


def attach(model: LocalModel, name: str, values: Mapping[str, object], *, merged: bool) -> None:
    """Makes a model trainable by a method, with these fields of its configuration.

    Raises:
        UsageError: Method, values and model don't go together.
    """
    method = method_named(name)
    if method.before:
        _learn_tokens(model, method, config_of(name, values, **_sizes(model, method)))
        return
    import peft

    wanted = cast("Sequence[str] | None", values.get("target_modules"))
    found = chosen(model, name, wanted, merged=merged)
    more: dict[str, object] = {"fan_in_fan_out": found.transposed, "total_step": 2**31}
    if method.kind == "IA3":
        more["feedforward_modules"] = [each for each in found.names if each == FEED_FORWARD]
    if name in DIVISORS:
        key, most = DIVISORS[name]
        more[key] = _divisor(_layers(model.module, found.names), most)
    own = {**values, "target_modules": list(found.names)}
    config = config_of(name, own, **more)
    moves = _moves_base(config)
    if moves and found.transposed and config.init_lora_weights == "olora":
        raise UsageError("OLoRA doesn't know layers whose weights are [in, out], as GPT-2 has them")
    try:
        model.module = peft.get_peft_model(model.module, config, autocast_adapter_dtype=True)
    except (ValueError, TypeError, NotImplementedError) as error:
        raise UsageError(f"peft can't put {name} on this model: {error}") from error
    if moves:
        model.module.first_factors = _factors(model.module)


def _sizes(model: LocalModel, method: Method) -> dict[str, object]:
    text = model.module.config.get_text_config()
    heads = text.num_attention_heads
    sizes = {"num_layers": text.num_hidden_layers, "num_transformer_submodules": 1}
    sizes |= {"encoder_hidden_size": text.hidden_size}
    if method.beside == "tokens":
        return sizes | {"token_dim": text.hidden_size, "num_attention_heads": heads}
    keys = getattr(text, "num_key_value_heads", None) or heads
    width = getattr(text, "head_dim", None) or text.hidden_size // heads
    return sizes | {"token_dim": keys * width, "num_attention_heads": keys}


def _learn_tokens(model: LocalModel, method: Method, config: PeftConfig) -> None:
    from peft import PrefixEncoder, PromptEncoder

    keys = method.beside == "keys"
    source = _Encoded((PrefixEncoder if keys else PromptEncoder)(config), config.num_virtual_tokens)
    heads = keys_values(config) if keys else None
    if keys and not config.prefix_projection and config.init_weights is None:
        source.encoder.embedding.weight.data = _keys_of_words(model, config.num_virtual_tokens)
    put_learnt(model.module, source, config.num_virtual_tokens, heads)
    model.module.learnt_config = config


def _keys_of_words(model: LocalModel, tokens: int) -> torch.Tensor:
    """Returns the keys and values of random words: far better than random numbers, says the paper.

    They are ``[tokens, layers * 2 * key heads * width]``, as peft's prefix encoder holds them.
    """
    check_keys(model.module)
    device, store = model.device.torch, KVCache()
    words = torch.randint(model.vocabulary, (tokens,)).tolist()
    last = torch.tensor([tokens - 1], device=device)
    with inference_mode(model.module):
        packed_logits(model.module, pack([words], 0, device, store=store), last)
    layers = torch.stack([torch.stack(pair) for pair in store.layers()])[:, :, 0]
    return layers.permute(3, 0, 1, 2, 4).reshape(tokens, -1).float()


def _layers(module: torch.nn.Module, names: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the sizes of the weights of layers with these names."""
    return [
        tuple(layer.weight.shape)
        for path, layer in module.named_modules()
        if path.rpartition(".")[2] in names and getattr(layer, "weight", None) is not None
    ]


def _divisor(sizes: Sequence[tuple[int, ...]], most: int) -> int:
    common = math.gcd(*(each for size in sizes for each in size))
    return max(each for each in range(1, most + 1) if common % each == 0)


def quantities(module: torch.nn.Module, method: Method) -> dict[str, float]:
    """Returns how many weights each position is multiplied with, beside the frozen model's.

    Low-rank matrices are the weights that are trained: nothing has to be said of them.
    """
    config = getattr(module, "active_peft_config", None)
    if method.beside == "matrices":
        return {}
    if method.beside in ("tokens", "keys", "scales") or config is None:
        return {"trained_matrices": 0.0}
    base = module.get_base_model()
    names = [each.rpartition(".")[2] for each in config.target_modules]
    sizes = [
        tuple(layer.get_base_layer().weight.shape)
        for path, layer in base.named_modules()
        if path.rpartition(".")[2] in names and hasattr(layer, "get_base_layer")
    ]
    if method.beside == "dense":
        return {"trained_matrices": float(sum(math.prod(size) for size in sizes))}
    frozen = float(config.r * sum(sum(size) for size in sizes))
    return {"trained_matrices": 0.0, "frozen_matrices": frozen}


def _moves_base(config: PeftConfig) -> bool:
    """Whether the first factors are taken out of the frozen weights (PiSSA, OLoRA)."""
    first = str(getattr(config, "init_lora_weights", ""))
    moves = first.startswith("pissa") or first == "olora"
    if moves and config.use_dora:
        raise UsageError(f"init_lora_weights={first} and use_dora don't go together")
    return moves


def _factors(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {
        name.replace(f".{ADAPTER}.", "."): weight.detach().clone()
        for name, weight in module.named_parameters()
        if ".lora_A." in name or ".lora_B." in name
    }


def save(model: LocalModel, folder: Path) -> None:
    """Writes what was learnt in peft's format, for the model as it is on disk."""
    module = model.module
    if (config := getattr(module, "learnt_config", None)) is not None:
        save_learnt(module, folder, config)
        return
    module.save_pretrained(str(folder), safe_serialization=True)
    if (first := getattr(module, "first_factors", None)) is not None:
        _beside_the_original(folder, first)


def _beside_the_original(folder: Path, first: Mapping[str, torch.Tensor]) -> None:
    """Rewrites factors that belong to a changed base as LoRA of the unchanged one.

    ``W - s B0 A0 + s B A`` is ``W + s [B, -B0] [A; A0]``: twice the rank, as peft converts it.
    """
    from safetensors.torch import load_file, save_file

    weights, file = folder / "adapter_model.safetensors", folder / "adapter_config.json"
    tensors = load_file(weights)
    for name, value in tensors.items():
        own = first[name].to(value)
        down = ".lora_A." in name
        tensors[name] = torch.cat([value, own if down else -own], 0 if down else 1).contiguous()
    save_file(tensors, weights)
    config = json.loads(file.read_text(encoding="utf-8"))
    wider = math.sqrt(2) if config["use_rslora"] else 2  # the scale stays what it was
    config |= {"init_lora_weights": True, "r": 2 * config["r"]}
    config["lora_alpha"] *= wider
    for pattern, factor in (("rank_pattern", 2), ("alpha_pattern", wider)):
        config[pattern] = {key: value * factor for key, value in config[pattern].items()}
    file.write_text(json.dumps(config, indent=2, sort_keys=True), encoding="utf-8")
