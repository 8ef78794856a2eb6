"""Bottleneck adapters: small layers behind the sublayers of each block, beside frozen weights.

Houlsby et al. 2019 (arXiv 1902.00751) put two into a block, behind attention and behind the
feed-forward layer; Pfeiffer et al. 2020 (arXiv 2005.00247) one, behind the feed-forward layer. Each
stands between its sublayer and the sum with the residual stream.

An adapter is a child of its block (``mlp_adapter``), and a hook of the sublayer runs it. So the
names of the frozen weights stay, and all that runs the model (packs, generation) runs it too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

from harness.errors import DataError, UsageError
from harness.records.files import write_json

__all__ = [
    "CONFIG",
    "Activation",
    "Bottleneck",
    "Kind",
    "attach_bottlenecks",
    "load_bottlenecks",
    "save_bottlenecks",
]

Kind = Literal["houlsby", "pfeiffer"]
Activation = Literal["relu", "gelu", "silu"]
CONFIG, WEIGHTS = "bottleneck.json", "bottleneck.safetensors"
ATTENTION = ("self_attn", "attn", "attention")
FEED_FORWARD = ("mlp", "feed_forward", "ffn")


class Bottleneck(torch.nn.Module):  # type: ignore[misc]
    """``x + up(f(down(x)))``; `up` begins at zero, so that at first nothing changes.

    The factors are rounded to the type of `x` in each pass, as automatic mixed precision does.
    """

    def __init__(self, width: int, inner: int, activation: Activation) -> None:
        super().__init__()
        self.down, self.up = torch.nn.Linear(width, inner), torch.nn.Linear(inner, width)
        torch.nn.init.zeros_(self.up.weight)
        torch.nn.init.zeros_(self.up.bias)
        self._activation = getattr(functional, activation)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Takes and returns ``[..., width]``."""
        kind = hidden.dtype
        small = functional.linear(hidden, self.down.weight.to(kind), self.down.bias.to(kind))
        change = functional.linear(
            self._activation(small), self.up.weight.to(kind), self.up.bias.to(kind)
        )
        return change.add_(hidden)


def attach_bottlenecks(
    module: torch.nn.Module,  # a causal language model; frozen in place
    kind: Kind,
    reduction: int,  # the bottleneck has 1 / `reduction` of the hidden width
    activation: Activation,
) -> None:
    """Freezes a model, and gives its blocks adapters in float32.

    Raises:
        UsageError: Its blocks have no such sublayers.
    """
    width = module.config.get_text_config().hidden_size
    blocks = _blocks(module)  # first, since it may refuse
    module.requires_grad_(False)
    for block, attention, feed_forward in blocks:
        for name in (attention, feed_forward) if kind == "houlsby" else (feed_forward,):
            sublayer = getattr(block, name)
            adapter = Bottleneck(width, max(1, width // reduction), activation)
            adapter.to(next(sublayer.parameters()).device)
            block.add_module(f"{name}_adapter", adapter)
            sublayer.register_forward_hook(_behind(adapter))


def _behind(adapter: Bottleneck) -> Callable[..., torch.Tensor | tuple[torch.Tensor, ...]]:
    def hook(
        _: torch.nn.Module, __: object, output: torch.Tensor | tuple[torch.Tensor, ...]
    ) -> torch.Tensor | tuple[torch.Tensor, ...]:
        if isinstance(output, tuple):  # attention gives its weights, too
            return (adapter(output[0]), *output[1:])
        return adapter(output)

    return hook


def _blocks(module: torch.nn.Module) -> list[tuple[torch.nn.Module, str, str]]:
    """Returns a model's blocks, with the names of their attention and their feed-forward layer."""
    count = module.config.get_text_config().num_hidden_layers
    there = "no blocks were found"
    for layers in module.modules():
        if not isinstance(layers, torch.nn.ModuleList) or len(layers) != count:
            continue
        found = [(block, _child(block, ATTENTION), _child(block, FEED_FORWARD)) for block in layers]
        if all(attention and feed_forward for _, attention, feed_forward in found):
            return found
        there = f"a block has {', '.join(name for name, _ in layers[0].named_children())}"
    raise UsageError(
        f"{type(module).__name__} has no blocks with an attention and a feed-forward layer for "
        f"adapters to stand behind: {there}",
        "Use lora: it takes any linear layers.",
    )


def _child(block: torch.nn.Module, names: Sequence[str]) -> str:
    children = dict(block.named_children())
    return next(filter(children.__contains__, names), "")


def _adapters(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {
        f"{path}.{name}": weight
        for path, layer in module.named_modules()
        if isinstance(layer, Bottleneck)
        for name, weight in layer.named_parameters()
    }


def save_bottlenecks(
    module: torch.nn.Module, folder: Path, kind: Kind, reduction: int, activation: Activation
) -> None:
    """Writes a model's adapters as safetensors, and what they are as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: each.detach().contiguous() for name, each in _adapters(module).items()}
    save_file(weights, folder / WEIGHTS)
    write_json(folder / CONFIG, {"kind": kind, "reduction": reduction, "activation": activation})


def load_bottlenecks(module: torch.nn.Module, folder: Path) -> None:
    """Gives a model the adapters of a folder, for answering: in the model's own type.

    Raises:
        DataError: They are damaged, or another model's.
    """
    hint = "Train again with --force, or copy the folder again."
    try:
        settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        kind, reduction = settings["kind"], int(settings["reduction"])
        activation = settings["activation"]
        if kind not in get_args(Kind) or activation not in get_args(Activation) or reduction < 1:
            raise ValueError(f"{CONFIG} names no adapter that is known")
        saved = load_file(folder / WEIGHTS)
    except Exception as error:  # json's, safetensors' and the system's
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"the adapter {folder.name} can't be read: {said[:200]}", hint) from error
    attach_bottlenecks(module, kind, reduction, activation)
    own = _adapters(module)
    shapes = {name: weight.shape for name, weight in own.items()}
    if shapes != {name: weight.shape for name, weight in saved.items()}:
        raise DataError(f"the adapter {folder.name} belongs to another model", hint)
    with torch.no_grad():
        for name, weight in own.items():
            weight.copy_(saved[name])
    for layer in module.modules():
        if isinstance(layer, Bottleneck):
            layer.to(module.dtype).requires_grad_(False)
