"""Likelihoods of labels: `LocalModel.score` against lm-evaluation-harness' `HFLM`.

Both read the same text, without a chat template: lm-evaluation-harness counts the line break
that ends a template's opening as part of the answer, and we don't.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.contract import CLOCKS, Agreement, Benchmark, Done, Options
from benchmarks.workloads import score_requests
from harness.costs.flops import inference_flops
from harness.types import ScoreRequest

__all__ = ["BENCHMARK", "LmEval", "Ours", "agree"]

BATCH_SIZES = (1, 2, 4, 8, 16)


def fastest_batch(peer: Any, seconds: Callable[[], float]) -> dict[str, Any]:
    """Gives lm-eval's model the batch size at which some work takes fewest seconds."""
    found = {}
    for size in BATCH_SIZES:
        peer.batch_size_per_gpu = size
        found[size] = seconds()
    peer.batch_size_per_gpu = best = min(found, key=found.__getitem__)
    return {"batch_size": best, "probed": {str(k): round(v, 3) for k, v in found.items()}}


PROBE = {"fpb": 16, "banking77": 1}  # items that a batch size is tried on: 16 rows at least
PER_LABEL, PER_TOKEN = 1e-4, 1e-5  # how far float32 sums may differ: a label, and a token


def load(options: Options) -> Any:
    """Loads the model as the harness does, to be asked in plain text."""
    from harness import devices
    from harness.models.local.model import load_local
    from harness.models.render import Encoder
    from harness.models.sources.fetch import resolve

    model = load_local(resolve(options.model), device=devices.select("cpu", options.dtype))
    model.encoder = Encoder(model.tokenizer, chat=False)
    return model


class Ours:
    """The harness."""

    def __init__(self, options: Options) -> None:
        self._model = load(options)
        self._requests = score_requests(options.workload, options.items or 0)

    def warm_up(self) -> Mapping[str, Any]:
        """Scores a few."""
        list(self._model.score(self._requests[:8]))
        return {}

    def run(self) -> Done:
        """Scores all of them."""
        found = {scores.id: scores for scores in self._model.score(self._requests)}
        ordered = [found[request.id] for request in self._requests]
        tokens = sum(scores.usage.computed_tokens for scores in ordered)
        read = sum(scores.usage.scored_positions for scores in ordered)
        return Done(
            [[list(s.logprobs), list(s.n_tokens)] for s in ordered],
            self._flops(tokens, read),
            self._flops(*least_positions(self._model, self._requests)),
            {"tokens": tokens, "scored_positions": read},
        )

    def _flops(self, tokens: int, read: int) -> float:
        sizes = self._model.info.architecture
        return inference_flops(sizes, tokens=tokens, scored_positions=read)


def least_positions(model: Any, requests: Sequence[ScoreRequest]) -> tuple[int, int]:
    """Counts what can't be avoided: distinct beginnings of all texts, and those that are read.

    Returns:
        Positions that go through the trunk, and positions that go through the head.
    """
    seen: set[int] = set()
    read: set[int] = set()
    asked = ((r.prompt, r.continuations) for r in requests)
    for _, continuations in model.encoder.encode_all(asked):
        for encoded in continuations:
            beginning = 0
            for place, token in enumerate(encoded.ids[:-1], 1):
                beginning = hash((beginning, token))  # of the tokens so far
                seen.add(beginning)
                if place >= encoded.prompt_length:
                    read.add(beginning)
    return len(seen), len(read)


class LmEval:
    """lm-evaluation-harness, at its best batch size."""

    def __init__(self, options: Options) -> None:
        from lm_eval.api.instance import Instance
        from lm_eval.models.huggingface import HFLM

        model = load(options)
        self._sizes = model.info.architecture
        self._peer = HFLM(
            pretrained=model.module, tokenizer=model.tokenizer, batch_size=1, device="cpu"
        )
        self._probe, self._clock = PROBE[options.workload], CLOCKS[options.clock]
        self._asked: list[list[Any]] = []
        for request in score_requests(options.workload, options.items or 0):
            text = model.encoder.text(request.prompt)
            pairs = [(text, f" {label}") for label in request.continuations]
            self._asked.append(
                [Instance("loglikelihood", {}, pair, number) for number, pair in enumerate(pairs)]
            )

    def warm_up(self) -> Mapping[str, Any]:
        """Tries batch sizes on the first items, and keeps the fastest."""
        return fastest_batch(self._peer, self._seconds)

    def _seconds(self) -> float:
        since = self._clock()
        self._ask(self._asked[: self._probe])
        return self._clock() - since

    def _ask(self, asked: list[list[Any]]) -> list[tuple[float, bool]]:
        flat = [instance for instances in asked for instance in instances]
        found: list[tuple[float, bool]] = self._peer.loglikelihood(flat, disable_tqdm=True)
        return found

    def run(self) -> Done:
        """Scores all of them."""
        found = iter(self._ask(self._asked))
        answers = [[[next(found)[0] for _ in item], []] for item in self._asked]
        tokens = self._tokens()
        flops = inference_flops(self._sizes, tokens=tokens, scored_positions=tokens)
        return Done(answers, flops, figures={"tokens": tokens})

    def _tokens(self) -> int:
        """Counts positions without padding; texts that differ in their last token run once."""
        texts = set()
        for item in self._asked:
            for instance in item:
                context, continuation = self._peer._encode_pair(*instance.args)
                texts.add(tuple(context + continuation[:-1]))
        return sum(map(len, texts))


def agree(
    ours: list[Any],  # for each item its log-likelihoods and their lengths in tokens
    peer: list[Any],  # the same, without lengths
) -> Agreement:
    """Compares log-likelihoods, and which label is the likeliest."""
    same, largest = 0, 0.0
    for (mine, tokens), (theirs, _) in zip(ours, peer, strict=True):
        gaps = [abs(a - b) for a, b in zip(mine, theirs, strict=True)]
        allowed = [PER_LABEL + PER_TOKEN * count for count in tokens]
        largest = max(largest, *gaps)
        close = all(gap <= limit for gap, limit in zip(gaps, allowed, strict=True))
        same += close and _same_choice(mine, theirs, 2 * max(allowed))
    rule = f"each log-likelihood within {PER_LABEL} + {PER_TOKEN} a token, and the same label"
    return Agreement(same / len(ours), len(ours), largest, rule)


def _same_choice(mine: list[float], theirs: list[float], tie: float) -> bool:
    """Whether both prefer the same label, unless two are as good as equal."""
    best, other = mine.index(max(mine)), theirs.index(max(theirs))
    return best == other or abs(mine[best] - mine[other]) <= tie


BENCHMARK = Benchmark(
    name="scoring",
    summary="Likelihoods of labels, against lm-evaluation-harness.",
    unit="items",
    workloads={"fpb": 200, "banking77": 20},
    sides={
        "ours": "benchmarks.scoring:Ours",
        "lm-eval": "benchmarks.scoring:LmEval",
        "vllm": "benchmarks.servers:VllmLabels",
        "llama.cpp": "benchmarks.servers:LlamaCppLabels",
    },
    agree=agree,
    agreement_items={"fpb": 16, "banking77": 2},
)
