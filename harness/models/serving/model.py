"""A model that a program here serves: asked in tokens, so that its form alone differs from ours.

Prompts are rendered and tokenised in this process, exactly as for a model in it; the server gets
lists of tokens, and its count of them has to be ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar
from urllib.error import HTTPError
from weakref import finalize

from harness.calls import written_calls
from harness.errors import HarnessError, TooLong, UsageError
from harness.models.render import Encoded, Encoder
from harness.models.serving.process import Served
from harness.models.serving.wire import ask
from harness.models.window import Window
from harness.records.files import Json
from harness.records.model import ModelInfo
from harness.types import Finish, Generation, GenRequest, Prompt, ScoreRequest, Scores, Usage

__all__ = ["ServedModel"]

SECONDS = 600.0  # for one answer
AT_ONCE = 8  # requests under way; the server takes as many as its settings say
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class ServedModel:
    """A model of `harness.models.base.Model` behind a server of this machine.

    Args:
        served: The server that runs.
        stack: What ends it, and takes its files away.
        encoder: Of the model's own tokenizer.
        end_ids: Tokens that end an answer.
        limit: Tokens of one request, its answer included.
        info: The model, as a record names it.
    """

    def __init__(
        self,
        served: Served,
        stack: ExitStack,
        encoder: Encoder,
        end_ids: frozenset[int],
        limit: int,
        info: ModelInfo,
    ) -> None:
        self.served, self.encoder, self.info = served, encoder, info
        self.window = Window(lambda: encoder, limit)
        self.close = finalize(self, stack.close)
        self._ends, self._limit = sorted(end_ids), limit
        self._before = served.processor_seconds()

    def peak_bytes(self) -> int:
        """Returns the highest resident memory of the server's processes."""
        return self.served.peak_bytes()

    def described(self) -> Json:
        """Returns for the record which program served, and what its processes took."""
        now, before = self.served.processor_seconds(), self._before
        return {
            "program": self.served.program,
            "version": self.served.version,
            "processor_seconds": None if now is None or before is None else round(now - before, 3),
            "peak_memory_bytes": self.peak_bytes() or None,
        }

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        """Yields the text of each request; reads all requests first.

        Raises:
            HarnessError: The server fails, or reads other tokens than were sent.
        """
        yield from _at_once(self._generated, list(requests))

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        """Yields the log-likelihood of each request's continuations; vLLM alone gives it.

        Raises:
            HarnessError: As `generate`.
            UsageError: The program gives no likelihood of a given text.
        """
        if self.served.program != "vllm":
            raise UsageError(
                f"{self.served.program} gives no likelihood of a text", "Use --readout generate."
            )
        asked = list(requests)
        pairs = [(each.prompt, each.continuations) for each in asked]
        encoded = self.encoder.encode_all(pairs, [each.ended for each in asked])
        yield from _at_once(self._scored, list(zip(asked, encoded, strict=True)))

    def count_tokens(self, prompt: Prompt) -> int:
        """Returns the length of a rendered prompt in the model's own tokens."""
        return len(self.encoder.encode(prompt).ids)

    def _generated(self, request: GenRequest) -> Generation:
        sampling, tools = request.sampling, request.tools
        encoded = (
            self.encoder.offer(request.prompt, tools)
            if tools
            else self.encoder.encode(request.prompt)
        )
        body: dict[str, object] = {
            "max_tokens": request.max_tokens,
            # a call has lines of its own
            "stop": ["</tool_call>"] if tools else [stop for stop in request.stop if stop],
            "temperature": sampling.temperature,
        }
        if sampling.temperature > 0:
            body |= {"top_p": sampling.top_p, "seed": sampling.seed}
        answer, usage = self._asked(request.id, encoded.ids, body)
        text, finish = answer["text"], answer["finish_reason"]
        calls = written_calls(text) if tools else ()
        ends = [at for stop in request.stop if stop and (at := text.find(stop)) >= 0]
        if ends and not calls:
            text, finish = text[: min(ends)], "stop"
        ended: Finish = "length" if finish == "length" else "stop"
        return Generation(request.id, text.strip(), ended, usage, calls=calls)

    def _scored(self, asked: tuple[ScoreRequest, tuple[int, list[Encoded]]]) -> Scores:
        request, (length, continuations) = asked
        prompts = [each.ids[: each.prompt_length] for each in continuations]
        tokens = [each.ids[each.prompt_length :] for each in continuations]
        if {len(own) for own in tokens} == {1} and prompts.count(prompts[0]) == len(prompts):
            labels = [own[0] for own in tokens]
            if (at_once := self._at_the_end(request, prompts[0], labels)) is not None:
                return at_once
        total, logprobs, greedy = Usage(), [], []
        for prompt, own in zip(prompts, tokens, strict=True):
            body = {"max_tokens": 1, "temperature": 0, "prompt_logprobs": 1}
            answer, usage = self._asked(request.id, prompt + own, body)
            places = answer["prompt_logprobs"][len(prompt) :]
            found = [each[str(token)] for token, each in zip(own, places, strict=True)]
            logprobs.append(sum(each["logprob"] for each in found))
            greedy.append(all(each["rank"] == 1 for each in found))
            total.add(usage)
        counts = tuple(map(len, tokens))
        total.input_tokens, total.output_tokens = length, 0  # as a model in this process counts
        return Scores(request.id, tuple(logprobs), counts, tuple(greedy), total)

    def _at_the_end(
        self, request: ScoreRequest, prompt: list[int], labels: list[int]
    ) -> Scores | None:
        """Reads labels of one token each where their prompt ends: one request for all of them.

        None from a version of vLLM that can't be asked for certain tokens.
        """
        body = {
            **{"max_tokens": 1, "temperature": 0, "logprobs": 1, "logprob_token_ids": labels},
            "return_tokens_as_token_ids": True,
        }
        answer, usage = self._asked(request.id, prompt, body)
        (first,) = answer["logprobs"]["top_logprobs"]
        names = [f"token_id:{label}" for label in labels]
        if not first.keys() >= set(names):
            return None
        values = tuple(float(first[name]) for name in names)
        best = max(first.values())
        usage.output_tokens = 0
        greedy = tuple(value >= best for value in values)
        return Scores(request.id, values, (1,) * len(labels), greedy, usage)

    def _asked(self, name: str, ids: list[int], body: Mapping[str, object]) -> tuple[Json, Usage]:
        """Asks with tokens; returns the answer and what it took."""
        written = int(str(body["max_tokens"]))
        if len(ids) + written > self._limit:
            raise TooLong(
                f"Request {name} takes {len(ids) + written} tokens, and {self.info.name} is "
                f"served with {self._limit}",
                "Use fewer examples, or fewer or shorter passages.",
            )
        ends = {"stop_token_ids": self._ends, "repetition_penalty": 1.0}
        own = ends if self.served.program == "vllm" else {}
        sent = {"model": self.served.name, "prompt": ids, **own, **body}
        try:
            answer = ask(f"{self.served.base_url}/completions", sent, SECONDS)
            told, choice = answer["usage"], answer["choices"][0]
        except (OSError, KeyError, IndexError) as error:
            said = error.read()[:300] if isinstance(error, HTTPError) else error
            raise HarnessError(
                f"{self.served.program} gave no answer to request {name}: {said!r}",
                "The same command goes on.",
            ) from error
        if told["prompt_tokens"] != len(ids):
            raise HarnessError(
                f"{self.served.program} read {told['prompt_tokens']} tokens of request {name}, "
                f"and {len(ids)} were sent",
                "This form isn't the model that was trained: another version may do.",
            )
        held = (told.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        held = held or (answer.get("timings") or {}).get("cache_n") or 0
        count = int(told["completion_tokens"])
        computed = len(ids) - held + max(0, count - 1)
        return choice, Usage(len(ids), output_tokens=count, computed_tokens=computed)


def _at_once(answer: Callable[[Asked], Answer], asked: Sequence[Asked]) -> Iterator[Answer]:
    """Yields the answers in their order, several under way; a single one is timed without a thread."""
    if len(asked) == 1:
        yield answer(asked[0])
        return
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield from pool.map(answer, asked)
    finally:
        pool.shutdown(cancel_futures=True)
