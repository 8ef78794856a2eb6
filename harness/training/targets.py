"""Which layers of a model get low-rank matrices: by name, whatever an architecture calls them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
from transformers.pytorch_utils import Conv1D

from harness.errors import UsageError, nearest
from harness.models.local.soft_prompt import soft_prompt

__all__ = ["Targets", "adapted", "choose"]

LINEAR = (torch.nn.Linear, Conv1D)  # those of bitsandbytes are subclasses


@dataclass(frozen=True)
class Targets:
    """The layers to adapt; `notes` say which names are in no layer, or only in some."""

    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    transposed: bool = False  # their weights are ``[in, out]``, as GPT-2 has them


def choose(
    module: torch.nn.Module,
    wanted: Sequence[str],
    usual: Collection[str],
    *,
    merged: bool = False,  # the update will be added to the weights
) -> Targets:
    """Finds the layers of a model that names stand for, as peft does: a path, or its last parts.

    Where `wanted` are the `usual` names and the model lacks one of them, all linear layers of its
    blocks are taken, which is what the usual names are where a model has them.

    Raises:
        UsageError: No layer has any of the names, or merging would change another layer as well.
    """
    blocks = _blocks(module, lambda layer: isinstance(layer, LINEAR))
    layers = len(set().union(*blocks.values()))
    if set(wanted) == set(usual) and not set(wanted) <= set(blocks):
        return _targets(module, tuple(blocks), ())
    found = {name: _places(module, name) for name in wanted}
    missing = [name for name, places in found.items() if not places]
    there = tuple(name for name in wanted if found[name])
    if not there:
        raise UsageError(
            f"The model has no layer {', '.join(map(repr, wanted))}, so nothing would be adapted",
            f"{nearest(wanted[0], blocks)} Its linear layers: {', '.join(blocks)}.",
        )
    if merged:
        _check_tied(module, there)
    notes = []
    if missing:
        notes.append(
            f"the model has no layer {', '.join(missing)}: only {', '.join(there)} "
            f"{'is' if len(there) == 1 else 'are'} adapted; it has {', '.join(blocks)}"
        )
    for name in there:
        count = len(found[name] - {None})
        if 0 < count < layers:
            notes.append(f"{name} is in {count} of {layers} layers only")
    return _targets(module, there, tuple(notes))


def _check_tied(module: torch.nn.Module, names: Sequence[str]) -> None:
    """Refuses to merge into the head where it shares its weights with the embedding."""
    shared = {"head": module.get_output_embeddings(), "embedding": module.get_input_embeddings()}
    if shared["head"] is None or shared["head"].weight is not shared["embedding"].weight:
        return
    for path, layer in module.named_modules():
        if layer in shared.values() and any(_is(path, name) for name in names):
            raise UsageError(
                "Head and embedding of this model share their weights: an update of "
                f"{path} can't be merged into one of them",
                "Serve it beside them: --set merge=false.",
            )


def adapted(module: torch.nn.Module) -> dict[str, object]:
    """Returns the layers that were changed, or the learnt tokens, for a model's record."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    if (soft := soft_prompt(module)) is not None:
        what = "tokens" if soft.heads is None else "keys and values"
        return {"adapted": f"{soft.tokens} learnt {what} before each text"}

    from harness.models.local.bottleneck import Bottleneck

    kinds = (BaseTunerLayer, Bottleneck)
    layers = len(set().union(*_blocks(module, lambda layer: isinstance(layer, LINEAR)).values()))
    names = _blocks(module, lambda layer: isinstance(layer, kinds), outside=True)
    counts = {name: len(places - {None}) for name, places in names.items()}
    if not counts:
        return {}
    return {"adapted": _text(counts, layers), "adapted_modules": counts, "layers": layers}


def _text(counts: Mapping[str, int], layers: int) -> str:
    """Writes ``q_proj, v_proj in 28 of 28 layers; lm_head``."""
    groups: dict[int, list[str]] = {}
    for name, count in counts.items():
        groups.setdefault(count, []).append(name)
    return "; ".join(
        ", ".join(names) + (f" in {count} of {layers} layers" if count else "")
        for count, names in sorted(groups.items(), reverse=True)
    )


def _targets(module: torch.nn.Module, names: tuple[str, ...], notes: tuple[str, ...]) -> Targets:
    kinds = {
        type(layer)
        for path, layer in module.named_modules()
        if isinstance(layer, LINEAR) and any(_is(path, name) for name in names)
    }
    return Targets(names, notes, transposed=kinds == {Conv1D})


def _is(path: str, name: str) -> bool:
    return path == name or path.endswith(f".{name}")


def _block(path: str) -> int | None:
    """Returns the number of the block that a path leads into; None outside of all."""
    return next((int(part) for part in path.split(".") if part.isdigit()), None)


def _places(module: torch.nn.Module, name: str) -> set[int | None]:
    """Returns the blocks in which a name is a layer that can be adapted."""
    kinds = (*LINEAR, torch.nn.Embedding)
    return {
        _block(path)
        for path, layer in module.named_modules()
        if isinstance(layer, kinds) and _is(path, name)
    }


def _blocks(
    module: torch.nn.Module, wanted: Callable[[torch.nn.Module], bool], *, outside: bool = False
) -> dict[str, set[int | None]]:
    """Returns the last names of layers with the blocks they are in, in the model's order."""
    found: dict[str, set[int | None]] = {}
    for path, layer in module.named_modules():
        block = _block(path)
        if wanted(layer) and (outside or block is not None):
            found.setdefault(path.rpartition(".")[2], set()).add(block)
    return found
