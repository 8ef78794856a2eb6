"""vLLM and llama.cpp as the other side: the same weights behind a server on loopback.

They get the tokens that our side reads, so that no time goes into templates, and many requests at a
time; prefixes are cached between requests, as both do by themselves. Where `Options.clock` is
``cpu``, the time is that of the server's processes alone: what asks them costs nothing.
"""

from __future__ import annotations

import atexit
import math
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.contract import CLOCKS, Done, Options
from benchmarks.workloads import generation_requests, score_requests
from harness.devices import threads
from harness.models.render import Encoder
from harness.models.serving import Settings, command_of, serving
from harness.models.serving.wire import ask

__all__ = ["LlamaCppAnswers", "LlamaCppLabels", "VllmAnswers", "VllmLabels"]

AT_ONCE = 64  # requests under way
CONTEXT = 2048  # tokens of one request; the longest of the workloads has some 900
KINDS = {"bfloat16": "bf16", "float32": "f32"}  # of a GGUF file, for types of torch
MORE = {"vllm": ("--block-size", "32")}  # of the KV cache; with its 128 less of a prefix is shared
SECONDS = 600.0  # until an answer is there
PROBE = 4  # items on which two ways of asking are tried


class _Server:
    """A server, and how it is asked.

    Args:
        options: What to do.
        program: ``vllm`` or ``llama.cpp``.
    """

    def __init__(self, options: Options, program: str, chat: bool) -> None:
        from harness.models.sources.fetch import resolve

        folder = resolve(options.model).path
        self.encoder = Encoder(_tokenizer(folder), chat=None if chat else False)
        self.clock = CLOCKS[options.clock]
        self._calls = 0
        stack = ExitStack()
        atexit.register(stack.close)
        if program == "llama.cpp":
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder = _gguf(folder, scratch / "model.gguf", KINDS[options.dtype])
        cores = options.threads or threads()
        settings = Settings(CONTEXT, AT_ONCE, cores, options.dtype, more=MORE.get(program, ()))
        self.served = stack.enter_context(serving(program, folder, settings))
        command = command_of(program, Path(folder.name), settings)
        self.settings = {"version": self.served.version, "command": command}
        if options.clock == "cpu":
            self.clock = self.served.processor_seconds

    def all(self, bodies: Sequence[Mapping[str, object]], path: str = "/v1") -> list[Any]:
        """Returns the answers to all requests, in their order.

        Nothing is shared with an earlier call, whose prompts were the same.
        """
        self._calls += 1
        url = self.served.base_url.removesuffix("/v1") + path
        with ThreadPoolExecutor(AT_ONCE) as pool:
            salt = {"cache_salt": str(self._calls)} if self.served.program == "vllm" else {}
            named = ({"model": self.served.name, "temperature": 0, **salt, **b} for b in bodies)
            return list(pool.map(lambda body: ask(f"{url}/completions", body, SECONDS), named))


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _gguf(folder: Path, file: Path, kind: str) -> Path:
    from harness.runs.exports.gguf import write_gguf

    write_gguf(folder, file, kind)
    return file


class _Answers(_Server):
    """Short answers as text."""

    program = ""

    def __init__(self, options: Options) -> None:
        super().__init__(options, self.program, chat=True)
        self._bodies: list[Mapping[str, object]] = [
            {
                "prompt": self.encoder.encode(request.prompt).ids,
                "max_tokens": request.max_tokens,
                "stop": list(request.stop),
            }
            for request in generation_requests(options.workload, options.items or 0)
        ]

    def warm_up(self) -> Mapping[str, Any]:
        """Answers a few."""
        self.all(self._bodies[:4])
        return self.settings

    def run(self) -> Done:
        """Answers all."""
        answers = self.all(self._bodies)
        found = [
            [a["choices"][0]["text"].strip(), a["usage"]["completion_tokens"]] for a in answers
        ]
        return Done(found, figures={"new_tokens": sum(tokens for _, tokens in found)})


class VllmAnswers(_Answers):
    """vLLM's."""

    program = "vllm"


class LlamaCppAnswers(_Answers):
    """llama.cpp's."""

    program = "llama.cpp"


class _Labels(_Server):
    """Likelihoods of labels, each of which is one token or more."""

    program = ""

    def __init__(self, options: Options) -> None:
        super().__init__(options, self.program, chat=False)
        requests = score_requests(options.workload, options.items or 0)
        asked = ((request.prompt, request.continuations) for request in requests)
        self.items = [
            [(e.ids[: e.prompt_length], e.ids[e.prompt_length :]) for e in labels]
            for _, labels in self.encoder.encode_all(asked)
        ]
        # All labels of an item can be read where the prompt ends.
        self.at_once = all(
            len(tokens) == 1 and prompt == item[0][0]
            for item in self.items
            for prompt, tokens in item
        )

    def run(self) -> Done:
        """Scores all of them."""
        return Done([[values, []] for values in self.scored(self.items)])

    def scored(self, items: Sequence[Any]) -> list[list[float]]:
        """Returns the log-likelihood of each label of each item."""
        raise NotImplementedError


class VllmLabels(_Labels):
    """vLLM's: of one pass over the prompt where labels are tokens, else of one for each label.

    With ``prompt_logprobs`` every label's text is a request of its own, as lm-evaluation-harness
    asks vLLM; with ``logprob_token_ids`` only the prompt is.
    """

    program = "vllm"

    def warm_up(self) -> Mapping[str, Any]:
        """Tries both ways, where both can be gone, and keeps the faster."""
        ways, found = ([True, False] if self.at_once else [False]), {}
        for way in ways:
            self.at_once = way
            self.scored(self.items[:2])
            since = self.clock()
            self.scored(self.items[2 : 2 + PROBE])
            found[way] = self.clock() - since
        self.at_once = min(found, key=found.__getitem__)
        named = {"logprob_token_ids" if k else "prompt_logprobs": v for k, v in found.items()}
        return {**self.settings, "probed": {k: round(v, 3) for k, v in named.items()}}

    def scored(self, items: Sequence[Any]) -> list[list[float]]:
        """Returns the log-likelihood of each label of each item."""
        if self.at_once:
            answers = self.all([_one_pass(item) for item in items])
            return [_read(*pair) for pair in zip(items, answers, strict=True)]
        flat = [label for item in items for label in item]
        bodies = [{"prompt": p + t, "max_tokens": 1, "prompt_logprobs": 1} for p, t in flat]
        values = iter(map(_summed, flat, self.all(bodies)))
        return [[next(values) for _ in item] for item in items]


def _one_pass(item: Any) -> dict[str, object]:
    wanted = [tokens[0] for _, tokens in item]
    return {"prompt": item[0][0], "max_tokens": 1, "logprobs": 1, "logprob_token_ids": wanted,
            "return_tokens_as_token_ids": True}  # fmt: skip


def _read(item: Any, answer: Any) -> list[float]:
    (first,) = answer["choices"][0]["logprobs"]["top_logprobs"]
    return [float(first[f"token_id:{tokens[0]}"]) for _, tokens in item]


def _summed(label: Any, answer: Any) -> float:
    prompt, tokens = label
    places = answer["choices"][0]["prompt_logprobs"][len(prompt) :]
    return math.fsum(each[str(t)]["logprob"] for t, each in zip(tokens, places, strict=True))


class LlamaCppLabels(_Labels):
    """llama.cpp's: it gives the likeliest next tokens of a prompt, so labels have to be tokens."""

    program = "llama.cpp"
    MOST = 2000  # next tokens that it is asked for; a label that isn't among them gets -inf

    def warm_up(self) -> Mapping[str, Any]:
        """Scores a few.

        Raises:
            UsageError: A label has several tokens.
        """
        self.scored(self.items[:2])
        return self.settings

    def scored(self, items: Sequence[Any]) -> list[list[float]]:
        """Returns the log-likelihood of each label of each item."""
        from harness.errors import UsageError

        if not self.at_once:
            raise UsageError(
                "llama.cpp's server gives no likelihood of a text, and a label here has two tokens",
                "Take --workload fpb, or --peer vllm.",
            )
        bodies = [{"prompt": i[0][0], "n_predict": 1, "n_probs": self.MOST} for i in items]
        found = []
        for item, answer in zip(items, self.all(bodies, ""), strict=True):
            (first,) = answer["completion_probabilities"]
            known = {each["id"]: each["logprob"] for each in first["top_logprobs"]}
            found.append([known.get(tokens[0], -math.inf) for _, tokens in item])
        return found
