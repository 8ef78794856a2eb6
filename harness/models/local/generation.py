"""Batched decoding.

Prompts of about one length run together, and their shared prefix runs once. Each step adds one
token to every row; a row that is finished leaves the batch, so that a long answer doesn't make the
short ones expensive.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import torch

from harness.calls import may_be_call, written_calls
from harness.devices import out_of_memory
from harness.models.local.decoding import decoder
from harness.models.local.engine import SharedPrefix
from harness.models.local.forward import inference_mode, keeps_keys, shared_prefix
from harness.models.local.packing import can_pack
from harness.models.local.threads import settle
from harness.types import Generation, GenRequest, Sampling, Usage

if TYPE_CHECKING:
    from harness.models.local.engine import Engine

__all__ = ["BATCH_ROWS", "TOKEN_BUDGET", "generate"]

BATCH_ROWS = {"cpu": 32, "mps": 32, "cuda": 128}
# Tokens of a batch, padding and the longest possible answers included: they fill the KV cache.
TOKEN_BUDGET = {"cpu": 16384, "mps": 16384, "cuda": 131072}


@dataclass
class ActiveRequest:
    """A request while it is answered."""

    index: int  # place of the request in the list
    request: GenRequest
    prompt: list[int]
    tokens: list[int] = field(default_factory=list)  # generated ones, an end token included
    finish: Literal["stop", "length"] | None = None  # None while it goes on
    text: str = ""
    bare: bool = True  # whether the text loses the white space around it
    usage: Usage = field(default_factory=Usage)
    generator: torch.Generator | None = None  # of random numbers; None where decoding is greedy
    logprob: float = 0.0  # of its tokens, where that is wanted


def generate(
    model: Engine,
    requests: Sequence[GenRequest],
    tokens: Sequence[list[int]] | None = None,  # of each prompt, in place of the prompts
) -> Iterator[Generation]:
    """Yields new text for each request, as batches finish; the batches depend on the whole list.

    The answer to a prompt of tokens keeps the white space around it. Output tokens count the end token. The steps of a batch are on its first request.

    Raises:
        UsageError: A prompt and its answer are longer than the model's context.
    """
    if not requests:
        return
    rows = [
        _row(model, index, request, tokens[index] if tokens else None)
        for index, request in enumerate(requests)
    ]
    movable = keeps_keys(model.module)
    prompts = [row.prompt for row in rows]
    common = shared_prefix(model.module, prompts, min(map(len, prompts)) - 1)
    prefix = model.prefix
    if prefix is None or not all(map(prefix.starts, prompts)):
        with inference_mode(model.module):
            prefix = SharedPrefix(model, common, packs=can_pack(model.module))
        for number, row in enumerate(rows):
            extra = number < len(common) % len(rows)
            row.usage.computed_tokens = len(common) // len(rows) + extra
    # Padding and moving rows needs keys and values; other models answer one at a time.
    most = BATCH_ROWS[model.device.kind] if movable else 1
    cached = prefix.length if prefix.packs else 0
    for batch in plan(rows, most, TOKEN_BUDGET[model.device.kind], cached):
        yield from _attempt(model, prefix, batch)


def _row(
    model: Engine, index: int, request: GenRequest, tokens: list[int] | None = None
) -> ActiveRequest:
    if tokens:
        prompt = model.encoder.before + tokens
    elif request.tools:
        prompt = model.encoder.offer(request.prompt, request.tools).ids
    else:
        prompt = model.encode(request.prompt).ids
    model.check_length(request.id, len(prompt) + request.max_tokens)
    usage = Usage(input_tokens=len(prompt) - len(model.encoder.before))  # learnt ones aren't input
    return ActiveRequest(index, request, prompt, bare=not tokens, usage=usage)


def plan(
    rows: Sequence[ActiveRequest], most: int, tokens: int, held: int = 0
) -> Iterator[list[ActiveRequest]]:
    """Yields batches of rows, the longest prompts first, so that a lack of memory shows at once.

    A batch has at most `tokens` tokens, padding and answers included; `held` of each prompt are
    cached once for all rows.
    """
    batch: list[ActiveRequest] = []
    longest = 0
    for row in sorted(rows, key=lambda r: (-len(r.prompt), r.index)):
        new = max(longest, len((batch or [row])[0].prompt) - held + row.request.max_tokens)
        if batch and (len(batch) == most or (len(batch) + 1) * new > tokens):
            yield batch
            batch, new = [], len(row.prompt) - held + row.request.max_tokens
        batch.append(row)
        longest = new
    yield batch


def _attempt(
    model: Engine, prefix: SharedPrefix, batch: list[ActiveRequest]
) -> Iterator[Generation]:
    """Answers a batch, in halves where memory runs out."""
    kept = [row.usage.computed_tokens for row in batch]
    try:
        with inference_mode(model.module):
            _Batch(model, prefix, batch).run()
    except Exception as error:
        if len(batch) == 1 or not out_of_memory(error):
            raise
    else:
        for row in batch:
            row.usage.output_tokens = len(row.tokens)
            yield _generation(row)
        return
    for row, computed in zip(batch, kept, strict=True):
        row.usage = Usage(input_tokens=row.usage.input_tokens, computed_tokens=computed)
        row.tokens, row.finish, row.text, row.logprob = [], None, "", 0.0
    if model.device.kind == "cuda":
        torch.cuda.empty_cache()
    half = len(batch) // 2
    yield from _attempt(model, prefix, batch[:half])
    yield from _attempt(model, prefix, batch[half:])


def _generation(row: ActiveRequest) -> Generation:
    request, text, finish = row.request, row.text, row.finish or "length"
    calls = written_calls(text) if request.tools else ()
    if request.tools and not calls:  # what began as a call and is none ends where an answer does
        ends = [at for stop in request.stop if stop and (at := text.find(stop)) >= 0]
        if ends:
            text, finish = text[: min(ends)].strip(), "stop"
    sure = math.exp(row.logprob / len(row.tokens)) if request.confidence else None
    return Generation(request.id, text, finish, row.usage, calls=calls, confidence=sure)


class _Batch:
    """The rows that are still being answered."""

    def __init__(self, model: Engine, prefix: SharedPrefix, rows: list[ActiveRequest]) -> None:
        self._model = model
        self._rows = rows
        self._first = rows[0]
        self._texts: dict[int, str] = {}  # of single tokens
        self._decoder = decoder(model, prefix, [row.prompt for row in rows])
        for row in rows:
            row.generator = _generator(row.request)

    def run(self) -> None:
        settle(self._model.device.kind)
        logits = self._decoder.read()
        for row, width in zip(self._rows, self._decoder.widths, strict=True):
            row.usage.computed_tokens += width
            row.usage.scored_positions += 1
        while True:
            settle(self._model.device.kind)
            tokens = self._choose(logits)
            alive = [i for i, token in enumerate(tokens) if not self._ends(i, token)]
            if not alive:
                return
            if len(alive) < len(self._rows):
                self._rows = [self._rows[number] for number in alive]
                self._decoder.keep(alive)
            logits = self._step([row.tokens[-1] for row in self._rows])

    def _step(self, tokens: list[int]) -> torch.Tensor:
        logits = self._decoder.step(tokens)
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
        self._weigh(logits, tokens)
        return tokens

    def _weigh(self, logits: torch.Tensor, tokens: Sequence[int]) -> None:
        """Adds the likelihood of the chosen tokens, where that is wanted."""
        wanted = [number for number, row in enumerate(self._rows) if row.request.confidence]
        if not wanted:
            return
        chosen = torch.tensor([tokens[number] for number in wanted], device=logits.device)
        rows = (logits if len(wanted) == len(tokens) else logits[wanted]).float()
        given = rows.gather(-1, chosen[:, None])[:, 0] - rows.logsumexp(-1)
        for number, logprob in zip(wanted, given.tolist(), strict=True):
            self._rows[number].logprob += logprob

    def _ends(self, number: int, token: int) -> bool:
        """Adds a token to a row, and returns whether that was its last."""
        row = self._rows[number]
        row.tokens.append(token)
        cut = self._stop_at(row)
        if token in self._model.end_ids or cut is not None:
            row.finish = "stop"
        elif len(row.tokens) >= row.request.max_tokens:
            row.finish = "length"
        if row.finish is None:
            return False
        text = self._text(row.tokens)[:cut]
        row.text = text.strip() if row.bare else text
        return True

    def _stop_at(self, row: ActiveRequest) -> int | None:
        """Returns where the text ends, if a stop string is in it."""
        stops = [stop for stop in row.request.stop if stop]
        if row.request.tools and may_be_call(self._text(row.tokens)):
            stops = ["</tool_call>"]  # a call has lines of its own
        if not stops or not self._may_complete(row.tokens[-1], stops):
            return None
        # A character has at most four tokens; what is further back was searched before.
        tail = self._text(row.tokens[-4 * max(map(len, stops)) - 8 :])
        if not any(stop in tail for stop in stops):
            return None
        text = self._text(row.tokens)
        return min((at for stop in stops if (at := text.find(stop)) >= 0), default=None)

    def _may_complete(self, token: int, stops: Sequence[str]) -> bool:
        """Whether a token can end a stop string: decoding all text again is slow.

        A token alone may lose its space, and a part of a character shows as a replacement mark.
        """
        if token not in self._texts:
            self._texts[token] = self._text([token])
        text = self._texts[token]
        return "\ufffd" in text or any(s[-1] == " " or s[-1] in text for s in stops)

    def _text(self, tokens: list[int]) -> str:
        return str(self._model.tokenizer.decode(tokens, skip_special_tokens=True))


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
