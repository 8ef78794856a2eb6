"""Continuations of one prompt as a tree of tokens, and the attention that fits it.

A token sees its ancestors and stands as deep as they are many: so a row that holds a whole tree
gives each branch the logits that it would have alone. (In speculative decoding this is called
tree attention: SpecInfer, arXiv 2305.09781.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from harness.models.forward import common_prefix, keeps_keys, uses_virtual_tokens
from harness.models.render import Encoded

__all__ = ["Tree", "attention", "can_branch", "grow"]


@dataclass
class Tree:
    """Tokens of one request: a prompt, and continuations that branch off.

    Attributes:
        request: Index of the request.
        trunk: The tokens before the first branching.
        tokens: The tokens after it, in an order in which parents come first.
        parents: For each of those, the node that it follows; nodes count from the trunk's start.
        picks: For each continuation its index, and the nodes after which its tokens are read.
    """

    request: int
    trunk: list[int]
    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    picks: list[tuple[int, list[tuple[int, int]]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.trunk) + len(self.tokens)

    @property
    def first(self) -> int:
        """The first node whose logits are read."""
        return min(node for _, read in self.picks for node, _ in read)

    @property
    def nodes(self) -> list[int]:
        """The nodes whose logits are read."""
        return sorted({node for _, read in self.picks for node, _ in read})


def grow(request: int, continuations: Sequence[tuple[int, Encoded]]) -> Tree:
    """Makes one tree of numbered continuations.

    The last token of a continuation is read, never fed: it is no node.
    """
    inputs = [encoded.ids[:-1] for _, encoded in continuations]
    tree = Tree(request, common_prefix(inputs))
    children: dict[tuple[int, int], int] = {}
    for number, encoded in continuations:
        path = list(range(len(tree.trunk)))
        for token in encoded.ids[len(tree.trunk) : -1]:
            node = children.setdefault((path[-1], token), len(tree))
            if node == len(tree):
                tree.tokens.append(token)
                tree.parents.append(path[-1])
            path.append(node)
        start = encoded.prompt_length
        tree.picks.append((number, list(zip(path[start - 1 :], encoded.ids[start:], strict=True))))
    return tree


def can_branch(module: Any) -> bool:
    """Whether rows may hold trees: positions are rotary, and masks can be given ready-made."""
    config = module.config.get_text_config()
    rotary = getattr(config, "rope_parameters", None) or getattr(config, "rope_theta", None)
    own_masks = getattr(config, "_attn_implementation", None) in ("sdpa", "eager")
    plain = keeps_keys(module) and not uses_virtual_tokens(module)
    return bool(rotary) and own_masks and plain


def attention(module: Any, trees: Sequence[Tree], start: int, device: Any) -> tuple[Any, Any]:
    """Makes the attention mask and the positions of a batch of trees.

    Args:
        module: The model.
        trees: The rows of the batch.
        start: How many nodes of each tree are in the cache.
        device: Where the model is.

    Returns:
        The mask, ``[batch, 1, queries, keys]`` or one such for each kind of layer, and the
        positions ``[batch, queries]``. Both are None where all rows are plain text.
    """
    if not any(tree.tokens for tree in trees):
        return None, None
    width = max(len(tree) for tree in trees)
    allowed = np.zeros((len(trees), width, width), dtype=bool)
    depths = np.zeros((len(trees), width), dtype=np.int64)
    for row, tree in enumerate(trees):
        allowed[row], depths[row] = _ancestors(tree, width)
    seen = torch.from_numpy(allowed[:, None, start:])
    depth = torch.from_numpy(depths)
    mask = _layered(module, seen, depth[:, None, start:, None] - depth[:, None, None, :])
    if isinstance(mask, dict):
        return {kind: each.to(device) for kind, each in mask.items()}, depth[:, start:].to(device)
    return mask.to(device), depth[:, start:].to(device)


def _ancestors(tree: Tree, width: int) -> tuple[Any, Any]:
    """Returns what each node sees, ``[width, width]``, and how deep it stands, ``[width]``."""
    seen = np.tri(width, dtype=bool)  # padding sees all: a row of nothing would give no number
    depth = np.arange(width)
    for node, parent in enumerate(tree.parents, start=len(tree.trunk)):
        seen[node] = seen[parent]
        seen[node, node] = True
        depth[node] = depth[parent] + 1
    return seen, depth


def _layered(module: Any, seen: torch.Tensor, distance: torch.Tensor) -> Any:
    """Makes a mask as the model's layers take it: one, or one for each kind of layer."""
    config = module.config.get_text_config()
    window = getattr(config, "sliding_window", None)
    kinds = set(getattr(config, "layer_types", None) or ())
    if not kinds and window and getattr(config, "use_sliding_window", True):
        kinds = {"sliding_attention"}
    near = seen & (distance < window) if "sliding_attention" in kinds and window else seen
    if config._attn_implementation == "eager":  # which adds masks instead of selecting
        seen, near = (_additive(module, mask) for mask in (seen, near))
    if len(kinds) > 1:
        return {"full_attention": seen, "sliding_attention": near}
    return near


def _additive(module: Any, mask: torch.Tensor) -> torch.Tensor:
    lowest = torch.finfo(module.dtype).min
    return torch.zeros(mask.shape, dtype=module.dtype).masked_fill_(~mask, lowest)
