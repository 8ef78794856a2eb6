"""Batched decoding with a key/value cache.

Prompts of about one length run together. What all of them begin with runs once. A batch reads
its prompts padded on the right, as scoring does; then the cache is shifted so that all rows end
in the same column, and each step adds one token to every row. A row that is finished leaves the
batch, so that a long answer doesn't make the short ones cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness.devices import out_of_memory
from harness.models.forward import (
    MIN_SHARED,
    Prefix,
    common_prefix,
    keeps_keys,
    padded,
    selected_output,
    serving,
    uses_virtual_tokens,
)
from harness.types import Generation, GenRequest, Sampling, Usage

if TYPE_CHECKING:
    from harness.models.local import LocalModel

__all__ = ["BATCH_ROWS", "TOKEN_BUDGET", "generate"]

BATCH_ROWS = {"cpu": 32, "mps": 32, "cuda": 128}
# Tokens of a batch, padding and the most that may be generated included: they fill the cache.
TOKEN_BUDGET = {"cpu": 16384, "mps": 16384, "cuda": 131072}


@dataclass
class Row:
    """One request while it is answered.

    Attributes:
        index: Of the request.
        request: What is asked.
        prompt: Its tokens.
        tokens: What was generated, an end token included.
        finish: Why it ended; None while it goes on.
        text: The answer, once it ended.
        generator: Where its random numbers come from; None where decoding is greedy.
    """

    index: int
    request: GenRequest
    prompt: list[int]
    tokens: list[int] = field(default_factory=list)
    finish: Literal["stop", "length"] | None = None
    text: str = ""
    usage: Usage = field(default_factory=Usage)
    generator: torch.Generator | None = None


def generate(model: LocalModel, requests: Sequence[GenRequest]) -> Iterator[Generation]:
    """Yields new text for each request, as batches finish.

    Output tokens count the end token. The steps of a batch are on its first request.

    Args:
        model: The model.
        requests: All of them: the batches are a function of the list.

    Raises:
        UsageError: A prompt and its answer are longer than the model's context.
    """
    if not requests:
        return
    rows = [_row(model, index, request) for index, request in enumerate(requests)]
    movable = keeps_keys(model.module)
    shared: list[int] = []
    if len(rows) > 1 and movable and not uses_virtual_tokens(model.module):
        shared = common_prefix([row.prompt for row in rows])
        shared = shared[: min(len(row.prompt) for row in rows) - 1]
    shared = shared if len(shared) >= MIN_SHARED else []
    with serving(model.module):
        prefix = Prefix(model.module, shared, model.device.torch)
    for number, row in enumerate(rows):
        extra = number < prefix.length % len(rows)
        row.usage.computed_tokens = prefix.length // len(rows) + extra
    # Padding and moving rows needs keys and values; other models answer one at a time.
    most = BATCH_ROWS[model.device.kind] if movable else 1
    for batch in plan(rows, most, TOKEN_BUDGET[model.device.kind]):
        yield from _attempt(model, prefix, batch)


def _row(model: LocalModel, index: int, request: GenRequest) -> Row:
    prompt = model.encode(request.prompt).ids
    model.check_length(request.id, len(prompt) + request.max_tokens)
    return Row(index, request, prompt, usage=Usage(input_tokens=len(prompt)))


def plan(rows: Sequence[Row], most: int, tokens: int) -> Iterator[list[Row]]:
    """Yields batches of rows, the longest prompts first, so that a lack of memory shows at once.

    Args:
        rows: All that there are.
        most: Most rows of a batch.
        tokens: Most tokens of a batch, padding and answers included.
    """
    batch: list[Row] = []
    longest = 0
    for row in sorted(rows, key=lambda r: (-len(r.prompt), r.index)):
        new = max(longest, len((batch or [row])[0].prompt) + row.request.max_tokens)
        if batch and (len(batch) == most or (len(batch) + 1) * new > tokens):
            yield batch
            batch, new = [], len(row.prompt) + row.request.max_tokens
        batch.append(row)
        longest = new
    yield batch


def _attempt(model: LocalModel, prefix: Prefix, batch: list[Row]) -> Iterator[Generation]:
    """Answers a batch, in halves where memory runs out."""
    kept = [row.usage.computed_tokens for row in batch]
    try:
        with serving(model.module):
            _Batch(model, prefix, batch).run()
    except Exception as error:
        if len(batch) == 1 or not out_of_memory(error):
            raise
    else:
        for row in batch:
            row.usage.output_tokens = len(row.tokens)
            yield Generation(row.request.id, row.text, row.finish or "length", row.usage)
        return
    for row, computed in zip(batch, kept, strict=True):
        row.usage = Usage(input_tokens=len(row.prompt), computed_tokens=computed)
        row.tokens, row.finish, row.text = [], None, ""
    if model.device.kind == "cuda":
        torch.cuda.empty_cache()
    half = len(batch) // 2
    yield from _attempt(model, prefix, batch[:half])
    yield from _attempt(model, prefix, batch[half:])


class _Batch:
    """The rows that are still being answered, and their keys and values."""

    def __init__(self, model: LocalModel, prefix: Prefix, rows: list[Row]) -> None:
        self._model = model
        self._prefix = prefix
        self._rows = rows
        self._first = rows[0]
        self._device = model.device.torch
        self._cache: Any = None
        self._mask: torch.Tensor | None = None  # [rows, columns], False before a row begins
        self._next: torch.Tensor | None = None  # [rows], position of the next token
        for row in rows:
            row.generator = _generator(row.request)

    def run(self) -> None:
        logits = self._read()
        while True:
            tokens = self._choose(logits)
            self._keep([i for i, token in enumerate(tokens) if not self._ends(i, token)])
            if not self._rows:
                return
            logits = self._step([row.tokens[-1] for row in self._rows])

    def _read(self) -> torch.Tensor:
        """Runs the prompts, and returns the logits of each row's first token."""
        start, module = self._prefix.length, self._model.module
        ids = padded([row.prompt[start:] for row in self._rows], self._model.pad_id, self._device)
        lengths = torch.tensor([len(row.prompt) - start for row in self._rows])
        movable = keeps_keys(module)
        self._cache = self._prefix.cache(len(self._rows)) if movable else None
        rows = torch.arange(len(self._rows), device=self._device)
        output = selected_output(
            module,
            ids,
            None,
            rows,
            (lengths - 1).to(self._device),
            past_key_values=self._cache,
            use_cache=True,
        )
        self._cache = output.past_key_values
        for row in self._rows:
            row.usage.computed_tokens += ids.shape[1]
            row.usage.scored_positions += 1
        if movable:
            self._align(ids.shape[1] - lengths)
        logits: torch.Tensor = output.logits
        return logits

    def _align(self, padding: torch.Tensor) -> None:
        """Moves each row to the right by its padding, so that all rows end together."""
        columns = self._cache.get_seq_length()
        self._next = (columns - padding).to(self._device)
        if not padding.any():
            return
        moved = (torch.arange(columns) - padding[:, None]) % columns
        index = moved.to(self._device)[:, None, :, None]
        for layer in self._cache.layers:
            if layer.get_seq_length():
                layer.keys = layer.keys.take_along_dim(index, 2)
                layer.values = layer.values.take_along_dim(index, 2)
        self._mask = (torch.arange(columns) >= padding[:, None]).to(self._device)

    def _step(self, tokens: list[int]) -> torch.Tensor:
        """Feeds one token to each row, and returns the logits of the next."""
        module = self._model.module
        if uses_virtual_tokens(module):
            module = module.get_base_model()  # the virtual tokens are in the cache
        if self._mask is not None:
            new = self._mask.new_ones(len(tokens), 1)
            self._mask = torch.cat([self._mask, new], 1)
        positions = {}
        if self._next is not None:
            positions["position_ids"] = self._next[:, None]
            self._next = self._next + 1
        logits: torch.Tensor = module(
            input_ids=torch.tensor(tokens, device=self._device)[:, None],
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
            **positions,
        ).logits[:, -1]
        self._first.usage.decode_steps += 1
        for row in self._rows:
            row.usage.computed_tokens += 1
            row.usage.scored_positions += 1
        return logits

    def _choose(self, logits: torch.Tensor) -> list[int]:
        tokens: list[int] = logits.argmax(-1).tolist()
        for number, row in enumerate(self._rows):
            if row.generator is not None:
                tokens[number] = _sample(logits[number], row.request.sampling, row.generator)
        return tokens

    def _ends(self, number: int, token: int) -> bool:
        """Adds a token to a row, and says whether that was its last."""
        row = self._rows[number]
        row.tokens.append(token)
        cut = self._stop_at(row)
        if token in self._model.end_ids or cut is not None:
            row.finish = "stop"
        elif len(row.tokens) >= row.request.max_tokens:
            row.finish = "length"
        if row.finish is None:
            return False
        row.text = self._text(row.tokens)[:cut].strip()
        return True

    def _stop_at(self, row: Row) -> int | None:
        """Returns where the text ends, if a stop string is in it."""
        stops = [stop for stop in row.request.stop if stop]
        if not stops:
            return None
        # A character has at most four tokens; what is further back was looked at before.
        tail = self._text(row.tokens[-4 * max(map(len, stops)) - 8 :])
        if not any(stop in tail for stop in stops):
            return None
        text = self._text(row.tokens)
        return min((at for stop in stops if (at := text.find(stop)) >= 0), default=None)

    def _text(self, tokens: list[int]) -> str:
        return str(self._model.tokenizer.decode(tokens, skip_special_tokens=True))

    def _keep(self, alive: list[int]) -> None:
        """Drops the rows that ended, and the columns that only they needed."""
        if len(alive) == len(self._rows):
            return
        self._rows = [self._rows[number] for number in alive]
        if not alive:
            return
        index = torch.tensor(alive, device=self._device)
        first = 0
        if self._next is not None:
            self._next = self._next[index]
        if self._mask is not None:
            self._mask = self._mask[index]
            first = int(self._mask.int().argmax(1).min())
            self._mask = self._mask[:, first:]
        for layer in self._cache.layers:
            if layer.get_seq_length():
                layer.keys = layer.keys[index, :, first:]
                layer.values = layer.values[index, :, first:]


def _generator(request: GenRequest) -> torch.Generator | None:
    """Returns a request's own stream of random numbers, whatever batch it is in."""
    if request.sampling.temperature <= 0:
        return None
    digest = hashlib.sha256(f"{request.sampling.seed}:{request.id}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8]) >> 1)


def _sample(logits: torch.Tensor, sampling: Sampling, generator: torch.Generator) -> int:
    """Draws a token, on the CPU: there the same numbers come on every machine."""
    probabilities = (logits.float().cpu() / sampling.temperature).softmax(-1)
    ordered, tokens = probabilities.sort(descending=True)
    # The nucleus holds the tokens before which less than top_p was reached: one at least.
    ordered[ordered.cumsum(-1) - ordered >= max(sampling.top_p, 1e-9)] = 0
    return int(tokens[torch.multinomial(ordered, 1, generator=generator)])
