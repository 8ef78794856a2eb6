"""Models of a known shape with random weights, as folders that `load_local` opens.

Nothing is downloaded: sizes come from the table of known models, the tokenizer is a made one, and
weights are drawn on the device that will compute with them, a shard at a time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.costs.known import known_models
from harness.devices import Device
from harness.errors import MissingDependency

__all__ = ["LARGE", "SMALL", "Shape", "tiny"]

SHARD_BYTES = 2 * 10**9
SPARE = 1.2  # free disk over the size of the weights: adapters and checkpoints come beside them
POSITIONS = 8192


@dataclass(frozen=True)
class Shape:
    """Sizes of a model."""

    name: str  # of its folder
    family: str  # class of transformers, without ``Config``
    sizes: dict[str, Any]  # what its configuration is given

    def folder(
        self,
        work: Path,  # holds the folders
        device: Device,  # draws the weights, in its type
    ) -> Path:
        """Returns the model's folder, drawn where it isn't there yet.

        Raises:
            MissingDependency: The disk is too small.
        """
        whole, part = work / self.name, work / f"{self.name}.part"
        if not whole.is_dir():
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            self._draw(part, device)
            part.rename(whole)
        return whole

    def _draw(self, folder: Path, device: Device) -> None:
        import transformers

        from harness.models.local.tiny import tokenizer

        words = tokenizer(chat=True)
        config = getattr(transformers, f"{self.family}Config")(
            bos_token_id=words.bos_token_id,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
            max_position_embeddings=POSITIONS,
            dtype=device.torch_dtype,
            **self.sizes,
        )
        _write_weights(config, folder, device)
        config.save_pretrained(str(folder))
        words.save_pretrained(str(folder))


def _write_weights(config: Any, folder: Path, device: Device) -> None:
    """Draws each weight from a normal distribution; the factors of norms are 1."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        module = AutoModelForCausalLM.from_config(config)
    shapes = {name: tuple(weight.shape) for name, weight in module.named_parameters()}
    bytes_ = device.torch_dtype.itemsize * sum(weight.numel() for weight in module.parameters())
    free = shutil.disk_usage(folder).free
    if free < SPARE * bytes_:
        raise MissingDependency(
            f"{SPARE * bytes_ / 1e9:.0f} GB of disk are needed, and {free / 1e9:.0f} GB are free",
            "Set TMPDIR to a folder on a larger disk.",
        )
    generator = torch.Generator(device.torch).manual_seed(0)
    places = {}
    for number, names in enumerate(_shards(shapes, device.torch_dtype.itemsize)):
        file = f"model-{number:05}.safetensors"
        tensors = {}
        for name in names:
            weight = torch.ones(shapes[name], dtype=device.torch_dtype, device=device.torch)
            if weight.ndim > 1:
                weight.normal_(0.0, config.initializer_range, generator=generator)
            tensors[name], places[name] = weight, file
        save_file(tensors, folder / file, metadata={"format": "pt"})
    index = {"metadata": {"total_size": bytes_}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def _shards(shapes: dict[str, tuple[int, ...]], itemsize: int) -> Iterator[list[str]]:
    names: list[str] = []
    size = 0
    for name, shape in shapes.items():
        names.append(name)
        count = 1
        for width in shape:
            count *= width
        size += count * itemsize
        if size >= SHARD_BYTES:
            yield names
            names, size = [], 0
    if names:
        yield names


def _known(name: str, family: str, model: str, *, tied: bool) -> Shape:
    sizes = known_models()[model]
    return Shape(
        name,
        family,
        {
            "vocab_size": sizes.vocabulary,
            "hidden_size": sizes.hidden,
            "intermediate_size": sizes.intermediate,
            "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads,
            "num_key_value_heads": sizes.kv_heads,
            "head_dim": sizes.head_dim,
            "tie_word_embeddings": tied,
        },
    )


LARGE = _known("mistral-7b", "Mistral", "mistralai/Mistral-7B-v0.1", tied=False)
SMALL = _known("llama-1b", "Llama", "meta-llama/Llama-3.2-1B", tied=True)


def tiny(shape: Shape) -> Shape:
    """Returns the same family and ties in a size that a CPU runs at once."""
    sizes = {
        "vocab_size": 640,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
    }
    return Shape(f"tiny-{shape.name}", shape.family, {**shape.sizes, **sizes})
