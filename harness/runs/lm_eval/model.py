"""A local model as lm-evaluation-harness asks it: the tokens of its own ``hf`` model, our speed.

Contexts and continuations become tokens as in `lm_eval.models.huggingface.HFLM` (0.4.13); what
they share is computed once. It is imported only where lm-eval's evaluator runs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

import jinja2
from lm_eval.api.model import TemplateLM
from lm_eval.models.utils import (
    handle_stop_sequences,
    has_bos_prefix,
    normalize_gen_kwargs,
    postprocess_generated_text,
    resolve_max_length,
)

from harness.errors import DataError, UsageError
from harness.models.local import generation, rolling
from harness.models.local.model import LocalModel, counted
from harness.models.local.scoring import Session
from harness.models.local.token_scores import TokenRequest
from harness.models.render import Encoded
from harness.types import Generation, GenRequest, Prompt, Sampling, Scores, Usage

__all__ = ["HarnessLM"]

SAMPLED_ONLY = frozenset({"top_k", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff"})
"""Options that say nothing of greedy decoding."""
NEUTRAL = {
    "num_beams": 1,
    "num_return_sequences": 1,
    "repetition_penalty": 1.0,
    "length_penalty": 1.0,
    "no_repeat_ngram_size": 0,
    "use_cache": True,
}
"""Options that change nothing at these values."""

Result = TypeVar("Result", Scores, Generation)
Progress = Callable[[str, int, int], None]
"""Takes what is done, how much of it, of how much."""


class Instance(Protocol):
    """A request of lm-eval."""

    args: tuple[Any, ...]  # a context, and a continuation or how to generate; or a text


class HarnessLM(TemplateLM):  # type: ignore[misc]  # lm-eval has no types
    """Answers the requests of lm-evaluation-harness with a model of ours."""

    def __init__(
        self,
        model: LocalModel,
        progress: Progress = lambda *_: None,
        *,
        seed: int = 0,  # of what is sampled
        around: Callable[[], AbstractContextManager[object]] = nullcontext,  # each kind of request
    ) -> None:
        super().__init__()
        self._model = copy.copy(model)
        config = getattr(model.module, "generation_config", None)
        ends = getattr(config, "eos_token_id", None)
        listed = [ends] if isinstance(ends, int) else list(ends or [])
        self._model.end_ids = frozenset([*listed, model.tokenizer.eos_token_id]) - {None}
        self._model.prefix = None
        self._progress, self._seed, self._around = progress, seed, around
        self.tokenizer = model.tokenizer
        self._begin = self.tokenizer.decode(self.prefix_token_id)
        self._context: tuple[str, list[int]] = ("", self.tok_encode(""))  # the last one
        self.usage = Usage()  # of all requests so far
        self.requests = 0
        self.shortened = 0  # requests that lost their beginning, since they were too long
        self.penalty = getattr(config, "repetition_penalty", None) or 1.0

    @property
    def eot_token_id(self) -> int:
        """The token that ends a text."""
        return int(self.tokenizer.eos_token_id)

    @property
    def prefix_token_id(self) -> int:
        """The token after which a text without context is read."""
        begin = self.tokenizer.bos_token_id
        return self.eot_token_id if begin is None else int(begin)

    @property
    def max_length(self) -> int:
        """How many tokens are fed at once, at most."""
        config = self._model.module.config
        limits = (resolve_max_length(config, self.tokenizer), self._model.context_length)
        learnt = len(self._model.encoder.before)
        return min(limit for limit in limits if limit is not None) - learnt

    @property
    def max_gen_toks(self) -> int:
        """How long an answer may be where a task doesn't say."""
        return 256

    @property
    def tokenizer_name(self) -> str:
        """Tells apart cached requests that were rendered by other templates."""
        return f"{self._model.info.name}__{self._model.info.digest}".replace("/", "__")

    def apply_chat_template(
        self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True
    ) -> str:
        """Renders turns; a template that refuses a system turn gets them without."""

        def render(turns: list[dict[str, str]]) -> str:
            return str(
                self.tokenizer.apply_chat_template(
                    turns,
                    tokenize=False,
                    add_generation_prompt=add_generation_prompt,
                    continue_final_message=not add_generation_prompt,
                )
            )

        try:
            return render(chat_history)
        except jinja2.exceptions.TemplateError:
            return render([turn for turn in chat_history if turn["role"] != "system"])

    def tok_encode(
        self, string: str, add_special_tokens: bool | None = None, **_: object
    ) -> list[int]:
        """Tokenises a text; the tokenizer's own first token isn't put before one that has it."""
        begun = has_bos_prefix(string, self._begin)
        special = False if add_special_tokens is None and begun else add_special_tokens
        options = {} if special is None else {"add_special_tokens": special}
        ids: list[int] = self.tokenizer.encode(string, **options)
        return ids

    def _encode_pair(self, context: str, continuation: str) -> tuple[list[int], list[int]]:
        """Tokenises a pair as lm-eval does; the continuations of a context come in a row."""
        bare = context.rstrip()
        if bare != self._context[0]:
            self._context = bare, self.tok_encode(bare)
        before = self._context[1]
        return before, self.tok_encode(context + continuation)[len(before) :]

    def loglikelihood(
        self, requests: Sequence[Instance], disable_tqdm: bool = True
    ) -> list[tuple[float, bool]]:
        """Returns of each continuation its log-likelihood, and whether it is the greedy one."""
        with self._around():
            answers: list[tuple[float, bool]] = super().loglikelihood(requests, disable_tqdm=True)
        return answers

    def _loglikelihood_tokens(
        self, requests: Sequence[tuple[tuple[str, str], list[int], list[int]]], **_: object
    ) -> list[tuple[float, bool]]:
        """Scores pairs of tokens: continuations of one context together."""
        texts = [self._encoded(*request) for request in requests]
        groups: dict[tuple[int, ...], list[int]] = {}
        for number, text in enumerate(texts):
            groups.setdefault(tuple(text.ids[: text.prompt_length]), []).append(number)
        given: list[TokenRequest] = [
            (str(numbers[0]), len(context), [texts[number] for number in numbers])
            for context, numbers in groups.items()
        ]
        places = {str(numbers[0]): numbers for numbers in groups.values()}
        answers: dict[int, tuple[float, bool]] = {}
        for scores in self._counted(Session(self._model, more=False).tokens(given)):
            found = zip(scores.logprobs, scores.is_greedy, strict=True)
            for number, answer in zip(places[scores.id], found, strict=True):
                answers[number] = answer
                self.cache_hook.add_partial("loglikelihood", requests[number][0], answer)
            self._progress("score", len(answers), len(requests))
        self.requests += len(requests)
        return [answers[number] for number in range(len(requests))]

    def _encoded(self, pair: tuple[str, str], before: list[int], after: list[int]) -> Encoded:
        """Puts the tokens of a pair together; what is too long loses its beginning."""
        if not 0 < len(after) <= self.max_length:
            raise DataError(
                f"a continuation has {len(after):,} tokens, and {self._model.info.name} reads "
                f"1 to {self.max_length:,}: {pair[1][:60]!r}",
                "Correct the task's doc_to_choice, doc_to_target or target_delimiter.",
            )
        self.shortened += len(before) + len(after) > self.max_length + 1
        ids = (before + after)[-(self.max_length + 1) :]
        return Encoded(ids, len(ids) - len(after))

    def loglikelihood_rolling(
        self, requests: Sequence[Instance], disable_tqdm: bool = False
    ) -> list[float]:
        """Returns the log-likelihood of whole texts."""
        texts = [request.args[0] for request in requests]
        totals = [0.0] * len(texts)
        with self._around():
            tokens = [self.tok_encode(text) for text in texts]
            first, limit = self.prefix_token_id, self.max_length
            done = self._counted(rolling.text_scores(self._model, tokens, first, limit))
            for count, scores in enumerate(done, 1):
                totals[int(scores.id)] = scores.logprobs[0]
                self._progress("score", count, len(texts))
        for text, total in zip(texts, totals, strict=True):
            self.cache_hook.add_partial("loglikelihood_rolling", (text,), total)
        self.requests += len(requests)
        return totals

    def generate_until(self, requests: Sequence[Instance], disable_tqdm: bool = False) -> list[str]:
        """Returns new text for each context, up to the first of its stop strings."""
        with self._around():
            return self._generated(requests)

    def _generated(self, requests: Sequence[Instance]) -> list[str]:
        asked = [self._asked(number, *request.args) for number, request in enumerate(requests)]
        texts: dict[str, str] = {}
        results = generation.generate(
            self._model, [each for each, _ in asked], [tokens for _, tokens in asked]
        )
        for result in self._counted(results):
            stop = asked[int(result.id)][0].stop
            texts[result.id] = postprocess_generated_text(result.text, list(stop), None)
            args = requests[int(result.id)].args
            self.cache_hook.add_partial("generate_until", args, texts[result.id])
            self._progress("generate", len(texts), len(requests))
        self.requests += len(requests)
        return [texts[each.id] for each, _ in asked]

    def _asked(
        self, number: int, context: str, options: Mapping[str, object]
    ) -> tuple[GenRequest, list[int]]:
        """Returns a request, and the tokens of its context as far as they leave room for it."""
        values = normalize_gen_kwargs(options, self.max_gen_toks)
        eos = self.tokenizer.decode(self.eot_token_id, skip_special_tokens=False)
        stop = handle_stop_sequences(values.pop("until", None), eos=eos)
        length, temperature = int(values.pop("max_gen_toks")), float(values.pop("temperature", 0.0))
        sampled = bool(values.pop("do_sample", False)) and temperature > 0
        top_p = float(values.pop("top_p", None) or 1.0)
        for name, value in values.items():
            ignored = name in SAMPLED_ONLY and not sampled
            if not ignored and value is not None and value != NEUTRAL.get(name):
                raise UsageError(
                    f"the task asks for generation with {name}={value!r}, which isn't known here",
                    "Use lm-eval's own model: `harness export RUN --to merged`, then lm_eval.",
                )
        if not 0 < length < self.max_length:
            raise UsageError(
                f"the task asks for answers of {length:,} tokens, and {self._model.info.name} "
                f"reads {self.max_length:,}, its context included",
                "Set max_gen_toks in the task's generation_kwargs.",
            )
        sampling = Sampling(temperature if sampled else 0.0, top_p, self._seed)
        tokens, room = self.tok_encode(context), self.max_length - length
        self.shortened += len(tokens) > room
        request = GenRequest(str(number), Prompt(()), tuple(stop), length, sampling)
        return request, tokens[-room:] or [self.prefix_token_id]

    def _counted(self, results: Iterator[Result]) -> Iterator[Result]:
        for result in counted(self._model.module, results):
            self.usage.add(result.usage)
            yield result
