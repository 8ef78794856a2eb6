"""Cross-entropy of the answers' tokens: padded rows, or packed ones without padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from torch.autograd.function import FunctionCtx

from harness.models.local.forward import (
    MIN_SHARED,
    common_prefix,
    inference_mode,
    padded,
    selected_logits,
)
from harness.models.local.packed_rows import pack
from harness.models.local.packing import can_pack, packed_logits, packing
from harness.models.render import Encoded
from harness.records.ledger import Spend
from harness.training.room import parts

__all__ = [
    "Loss",
    "answer_loss",
    "mean_loss",
    "mean_over",
    "packed_answer_loss",
    "summed_cross_entropy",
]

Loss = Callable[[Sequence[Encoded]], tuple[torch.Tensor, int]]
"""Returns a summed loss of rows, and the positions that ran."""
PART = 2**22  # logits that are handled in float32 at a time: 16 MB


def answer_loss(
    module: torch.nn.Module, rows: Sequence[Encoded], pad_id: int, device: torch.device
) -> tuple[torch.Tensor, int]:
    """Returns the summed cross-entropy of all answers' tokens, and the positions that ran."""
    ids = padded([row.ids[:-1] for row in rows], pad_id, device)
    lines, columns = torch.tensor(
        [(number, at - 1) for number, row in enumerate(rows) for at in _answer(row)], device=device
    ).T
    logits = selected_logits(module, ids, None, lines, columns, use_cache=False)
    return summed_cross_entropy(logits, _targets(rows, device)), ids.numel()


def packed_answer_loss(
    module: torch.nn.Module, rows: Sequence[Encoded], *, share: bool, device: torch.device
) -> tuple[torch.Tensor, int]:
    """Does what `answer_loss` does, inside `harness.models.local.packing.packing`.

    With `share`, the common prefix of all prompts runs once. Dropout would then fall on all rows
    alike, which is another kind of noise.
    """
    common = common_prefix([row.ids[: row.prompt_length - 1] for row in rows]) if share else []
    shared = len(common) if len(rows) > 1 and len(common) >= MIN_SHARED else 0
    packed = pack([row.ids[:-1] for row in rows], shared, device)
    columns = torch.tensor(
        [packed.index(number, at - 1) for number, row in enumerate(rows) for at in _answer(row)],
        device=device,
    )
    logits = packed_logits(module, packed, columns)
    return summed_cross_entropy(logits, _targets(rows, device)), packed.ids.numel()


def mean_over(
    loss: Loss,
    rows: Sequence[Encoded],
    size: int,  # rows at a time
    most: int | None,  # positions at a time
    spend: Spend,  # gets the tokens
    learnt: int = 0,  # tokens of a row that are no text
) -> float:
    """Returns the mean of a loss over the label tokens of rows."""
    total = 0.0
    order = sorted(rows, key=lambda row: len(row.ids))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    for batch in (part for rows in batches for part in parts(rows, most)):
        part, ran = loss(batch)
        total += part.item()
        spend.usage.input_tokens += sum(len(row.ids) - learnt for row in batch)
        spend.usage.computed_tokens += ran
    labels = sum(len(_answer(row)) for row in rows)
    spend.usage.scored_positions += labels
    return total / labels


def mean_loss(
    module: torch.nn.Module,
    rows: Sequence[Encoded],
    *,
    device: torch.device,
    pad_id: int,
    batch: int,
    most: int | None,
    spend: Spend,
) -> float:
    """Returns the mean cross-entropy a label token, in nats, of weights as they are."""
    packs = can_pack(module)

    def loss(rows: Sequence[Encoded]) -> tuple[torch.Tensor, int]:
        if packs:
            return packed_answer_loss(module, rows, share=True, device=device)
        return answer_loss(module, rows, pad_id, device)

    with inference_mode(module), packing(module) if packs else nullcontext():
        return mean_over(loss, rows, batch, most, spend)


def _answer(row: Encoded) -> range:
    return range(row.prompt_length, len(row.ids))


def _targets(rows: Sequence[Encoded], device: torch.device) -> torch.Tensor:
    return torch.tensor([row.ids[at] for row in rows for at in _answer(row)], device=device)


def summed_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Returns the summed cross-entropy of logits ``[n, vocabulary]``, in float32 part by part.

    With 262,144 logits a token, float32 copies of all of them would be most of a step's memory.
    """
    loss: torch.Tensor = _CrossEntropy.apply(logits, targets)
    return loss


class _CrossEntropy(torch.autograd.Function):  # type: ignore[misc]
    """Keeps the logits in their own type, and one number for each of their rows."""

    @staticmethod
    def forward(ctx: FunctionCtx, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        totals = torch.cat([part.float().logsumexp(-1) for part in _parts(logits)])
        ctx.save_for_backward(logits, targets, totals)
        right = logits.gather(1, targets[:, None])[:, 0].float()
        return (totals - right).sum()

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        logits, targets, totals = ctx.saved_tensors
        slopes = torch.empty_like(logits)
        start = 0
        for part, out in zip(_parts(logits), _parts(slopes), strict=True):
            rows = slice(start, start + len(part))
            start += len(part)
            probabilities = part.to(torch.float32, copy=True).sub_(totals[rows, None]).exp_()
            index = torch.arange(len(part), device=part.device)
            probabilities[index, targets[rows]] -= 1
            out.copy_(probabilities.mul_(gradient))
        return slopes, None


def _parts(logits: torch.Tensor) -> tuple[torch.Tensor, ...]:
    parts: tuple[torch.Tensor, ...] = logits.split(max(1, PART // logits.shape[1]))
    return parts
