"""Writes a folder with a whole model as a GGUF file, which llama.cpp and what is built on it read.

llama.cpp's own converter is part of its source code, not a package. This one knows the
architectures below, and refuses the others.
"""

from __future__ import annotations

import collections
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError, nearest, needs
from harness.records.files import Json
from harness.runs.exports.gguf_tokens import not_faithful, write_tokens

if TYPE_CHECKING:
    import torch
    from gguf import GGMLQuantizationType, GGUFWriter
    from transformers import PreTrainedConfig

__all__ = ["TYPES", "write_gguf"]

TYPES = ("q8_0", "q4_0", "bf16", "f16", "f32")
ARCHITECTURES = {  # transformers' name: llama.cpp's
    "llama": "llama",
    "mistral": "llama",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "gemma3_text": "gemma3",
}
EMBEDDING, HEAD, ROTATION = "token_embd.weight", "output.weight", "rope_freqs.weight"
GEMMA_PERIOD = 6  # each sixth layer of Gemma 3 reads the whole text: llama.cpp has that built in


def write_gguf(folder: Path, file: Path, kind: str = "q8_0") -> dict[str, int]:
    """Writes a model's weights, settings and tokenizer as a GGUF file.

    Vectors (norms, biases) stay in 32 bits. With ``q4_0`` embeddings and output head are ``q8_0``,
    since rounding harms them most. A matrix whose rows aren't whole blocks of 32 is ``bf16``.

    Args:
        folder: A model as transformers saves it: config.json, safetensors, tokenizer.json.
        file: The file to write.
        kind: One of `TYPES`; what doesn't fit into it is rounded.

    Returns:
        How many tensors there are of each type.

    Raises:
        UsageError: The architecture, a setting or the tokenizer can't be written faithfully.
        MissingDependency: torch, transformers or gguf isn't installed.
    """
    if kind not in TYPES:
        raise UsageError(f"a GGUF file of type {kind!r} isn't written", nearest(kind, TYPES))
    with needs("writing a GGUF file", "local"):
        import gguf
        from transformers import AutoConfig
    config = AutoConfig.from_pretrained(str(folder), local_files_only=True)
    architecture = _architecture(config)
    writer = gguf.GGUFWriter(file, architecture)
    parts = _parts(folder, config, architecture)
    rows = next(part.shape[0] for part in parts if part.place == EMBEDDING)
    writer.add_name(file.stem)
    writer.add_file_type(
        gguf.LlamaFileType[f"{'ALL' if kind == 'f32' else 'MOSTLY'}_{kind.upper()}"]
    )
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _write_settings(writer, config, architecture)
    write_tokens(writer, folder, config, rows)
    types = [_type(part, kind) for part in parts]
    for part, chosen in zip(parts, types, strict=True):
        size = math.prod(gguf.quants.quant_shape_to_byte_shape(part.shape, chosen))
        writer.add_tensor_info(part.place, part.shape, "float32", size, chosen)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for part, chosen in zip(parts, types, strict=True):
        values = _as_llama_cpp_has_it(part, config, architecture).numpy()
        writer.write_tensor_data(gguf.quants.quantize(values, chosen))
    writer.close()
    return dict(collections.Counter(chosen.name.lower() for chosen in types))


@dataclass(frozen=True, slots=True)
class _Part:
    """A tensor of a folder, and its name in the GGUF file."""

    place: str
    name: str
    file: Path
    shape: tuple[int, ...]


def _architecture(config: PreTrainedConfig) -> str:
    """Returns llama.cpp's name of an architecture, where it computes the same with these settings.

    Raises:
        UsageError: It wouldn't, or isn't known to.
    """
    architecture = ARCHITECTURES.get(config.model_type)
    if architecture is None:
        raise not_faithful(f"a model of type {config.model_type}")
    gemma = architecture == "gemma3"
    rope = _rope(config)
    odd = {
        "rope_type": rope.get("rope_type", "default") not in ("default", "llama3"),
        "partial_rotary_factor": rope.get("partial_rotary_factor", 1.0) != 1.0,
        "activation": (config.hidden_activation if gemma else config.hidden_act)
        != ("gelu_pytorch_tanh" if gemma else "silu"),
        "use_bidirectional_attention": getattr(config, "use_bidirectional_attention", False),
        "final_logit_softcapping": getattr(config, "final_logit_softcapping", None),
        "attn_logit_softcapping": getattr(config, "attn_logit_softcapping", None),
        "query_pre_attn_scalar": gemma and config.query_pre_attn_scalar != config.head_dim,
        "layer_types": gemma
        and any(
            (kind == "full_attention") != (number % GEMMA_PERIOD == 0)
            for number, kind in enumerate(config.layer_types, 1)
        ),
        "quantization_config": getattr(config, "quantization_config", None),
    }
    if found := [name for name, is_odd in odd.items() if is_odd]:
        raise not_faithful(f"a {config.model_type} model with its own {', '.join(found)}")
    return architecture


def _rope(config: PreTrainedConfig) -> Json:
    """Returns the settings of the rotation; of Gemma 3 those of layers that read the whole text."""
    found: Json = config.rope_parameters
    whole: Json = found.get("full_attention", found)
    return whole


def _head_width(config: PreTrainedConfig) -> int:
    return int(
        getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    )


def _write_settings(writer: GGUFWriter, config: PreTrainedConfig, architecture: str) -> None:
    """Writes the sizes and constants of a model. Beyond a window, llama.cpp would read the whole."""
    window = getattr(config, "sliding_window", None)
    context = config.max_position_embeddings
    gemma, width = architecture == "gemma3", _head_width(config)
    writer.add_context_length(min(context, window) if window and not gemma else context)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(_rope(config)["rope_theta"])
    if architecture == "llama":
        writer.add_rope_dimension_count(width)
    if gemma:
        writer.add_sliding_window(window)
        writer.add_rope_freq_base_swa(config.rope_parameters["sliding_attention"]["rope_theta"])


def _parts(folder: Path, config: PreTrainedConfig, architecture: str) -> list[_Part]:
    """Returns what a folder's files of weights hold, without reading the numbers."""
    import gguf
    from safetensors import safe_open

    arch = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    parts = []
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(str(file), framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118 - no dictionary
                if config.tie_word_embeddings and name == "lm_head.weight":
                    continue
                place = names.get_name(name, try_suffixes=(".weight", ".bias"))
                if place is None:
                    raise not_faithful(f"a {config.model_type} model whose weights hold {name}")
                shape = tuple(opened.get_slice(name).get_shape())
                parts.append(_Part(place, name, file, shape))
    if _rope(config).get("rope_type") == "llama3":
        parts.append(_Part(ROTATION, "", folder, (_head_width(config) // 2,)))
    return parts


def _type(part: _Part, kind: str) -> GGMLQuantizationType:
    """Returns the type in which a tensor is stored."""
    import gguf

    types = gguf.GGMLQuantizationType
    if len(part.shape) == 1:
        return types.F32
    if kind == "q4_0" and part.place in (EMBEDDING, HEAD):
        kind = "q8_0"
    if kind.startswith("q") and part.shape[-1] % 32:
        kind = "bf16"
    return types[kind.upper()]


def _as_llama_cpp_has_it(part: _Part, config: PreTrainedConfig, architecture: str) -> torch.Tensor:
    """Returns a tensor's numbers in 32 bits, in the order and with the offset of llama.cpp."""
    import torch
    from safetensors import safe_open

    if part.place == ROTATION:
        return _slowing(config)
    with safe_open(str(part.file), framework="pt") as opened:
        values: torch.Tensor = opened.get_tensor(part.name).to(torch.float32)
    if architecture == "gemma3" and part.place.endswith("norm.weight"):
        return values + 1
    if architecture == "llama" and ".attn_" in part.place:
        heads = {"q": config.num_attention_heads, "k": config.num_key_value_heads}
        if count := heads.get(part.place.split(".attn_")[1].split(".")[0]):
            # Of each head, the rows that are rotated together stand beside each other.
            halves = values.reshape(count, 2, values.shape[0] // count // 2, *values.shape[1:])
            return halves.swapaxes(1, 2).reshape(values.shape)
    return values


def _slowing(config: PreTrainedConfig) -> torch.Tensor:
    """Returns by how much Llama 3 slows each frequency of its rotation: `[head width / 2]`."""
    import torch
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    slowed, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    width = _head_width(config)
    plain = _rope(config)["rope_theta"] ** -(torch.arange(0, width, 2).float() / width)
    return (plain / slowed).float()
