"""Short answers as text: `LocalModel.generate` against `generate` of transformers.

Both read the same prompts, which begin with the same eight examples, and answer greedily in
batches of the same size; the peer's are padded on the left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.contract import Agreement, Benchmark, Done, Options
from benchmarks.workloads import generation_requests
from harness.costs.flops import inference_flops

__all__ = ["BENCHMARK", "Ours", "Plain", "agree"]


class _Work:
    """The model and what is asked."""

    def __init__(self, options: Options) -> None:
        from harness import devices
        from harness.models.local.generation import BATCH_ROWS
        from harness.models.local.model import load_local
        from harness.models.sources.fetch import resolve

        self.model = load_local(resolve(options.model), device=devices.select("cpu", options.dtype))
        self.requests = generation_requests(options.workload, options.items or 0)
        self.prompts = [self.model.encode(request.prompt).ids for request in self.requests]
        self.batch = BATCH_ROWS["cpu"]

    def done(
        self,
        # text, and how many tokens it took, an end token included
        answers: Sequence[tuple[str, int]],
        tokens: int,  # positions that went through the model
        read: int,  # positions whose logits were computed
        steps: int,  # sequential passes
    ) -> Done:
        """Makes the result of a round."""
        new = sum(count for _, count in answers)
        figures = {"tokens": tokens, "new_tokens": new, "decode_steps": steps, "batch": self.batch}
        least = self._beginnings() + new - len(answers)
        return Done(
            [list(answer) for answer in answers],
            self._flops(tokens, read),
            self._flops(least, new),
            figures,
        )

    def _flops(self, tokens: int, read: int) -> float:
        sizes = self.model.info.architecture
        assert sizes is not None
        return inference_flops(sizes, tokens=tokens, scored_positions=read)

    def _beginnings(self) -> int:
        """Counts the distinct beginnings of all prompts: what has to be read."""
        seen: set[int] = set()
        for prompt in self.prompts:
            beginning = 0
            for token in prompt:
                beginning = hash((beginning, token))  # of the tokens so far
                seen.add(beginning)
        return len(seen)


class Ours:
    """The harness."""

    def __init__(self, options: Options) -> None:
        self._work = _Work(options)

    def warm_up(self) -> Mapping[str, Any]:
        """Answers a few, and keeps what a run keeps for its answers."""
        self._session = self._work.model.session(writes=True)
        list(self._work.model.generate(self._work.requests[:4]))
        return {}

    def run(self) -> Done:
        """Answers all."""
        work = self._work
        found = {result.id: result for result in work.model.generate(work.requests)}
        results = [found[request.id] for request in work.requests]
        return work.done(
            [(result.text, result.usage.output_tokens) for result in results],
            sum(result.usage.computed_tokens for result in results),
            sum(result.usage.scored_positions for result in results),
            sum(result.usage.decode_steps for result in results),
        )


class Plain:
    """A loop over batches with ``generate`` of transformers."""

    def __init__(self, options: Options) -> None:
        self._work = _Work(options)
        self._tokenizer = self._work.model.tokenizer
        self._tokens = self._steps = self._read = 0

    def warm_up(self) -> Mapping[str, Any]:
        """Answers a few."""
        self._answer(range(min(2, len(self._work.prompts))))
        return {"batch_size": self._work.batch}

    def run(self) -> Done:
        """Answers all, prompts of about one length together."""
        work = self._work
        self._tokens = self._steps = self._read = 0
        order = sorted(range(len(work.prompts)), key=lambda number: -len(work.prompts[number]))
        found: dict[int, tuple[str, int]] = {}
        for start in range(0, len(order), work.batch):
            found |= self._answer(order[start : start + work.batch])
        answers = [found[number] for number in range(len(order))]
        return work.done(answers, self._tokens, self._read, self._steps)

    def _answer(self, numbers: Sequence[int]) -> dict[int, tuple[str, int]]:
        import torch

        model = self._work.model
        prompts = [self._work.prompts[number] for number in numbers]
        request = self._work.requests[numbers[0]]
        width = max(map(len, prompts))
        ids = torch.tensor([[model.pad_id] * (width - len(row)) + row for row in prompts])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in prompts])
        with torch.inference_mode():
            output = model.module.generate(
                input_ids=ids,
                attention_mask=mask,
                do_sample=False,
                max_new_tokens=request.max_tokens,
                eos_token_id=sorted(model.end_ids),
                pad_token_id=model.pad_id,
                stop_strings=list(request.stop) or None,
                tokenizer=self._tokenizer,
            )
        new = output[:, width:].tolist()
        self._tokens += ids.numel() + len(new) * (len(new[0]) - 1)
        self._read += len(new) * len(new[0])
        self._steps += len(new[0]) - 1
        return {n: self._cut(row, request.stop) for n, row in zip(numbers, new, strict=True)}

    def _cut(self, tokens: list[int], stops: Sequence[str]) -> tuple[str, int]:
        """Returns the text before a stop, and the tokens up to where it or the end token is."""
        for count in range(1, len(tokens) + 1):
            text = self._tokenizer.decode(tokens[:count], skip_special_tokens=True)
            places = [text.find(stop) for stop in stops if stop in text]
            if places or tokens[count - 1] in self._work.model.end_ids:
                return text[: min(places, default=None)].strip(), count
        return text.strip(), len(tokens)


def agree(
    ours: list[list[Any]],  # text and tokens of each answer
    peer: list[list[Any]],
) -> Agreement:
    """Compares texts and counts of tokens."""
    same = sum(list(a) == list(b) for a, b in zip(ours, peer, strict=True))
    largest = max(abs(a[1] - b[1]) for a, b in zip(ours, peer, strict=True))
    return Agreement(same / len(ours), len(ours), float(largest), "the same text in as many tokens")


BENCHMARK = Benchmark(
    name="generation",
    summary="Short answers as text, against generate of transformers.",
    unit="items",
    workloads={"fpb": 64, "fpb-64": 32},
    sides={
        "ours": "benchmarks.generation:Ours",
        "plain": "benchmarks.generation:Plain",
        "vllm": "benchmarks.servers:VllmAnswers",
        "llama.cpp": "benchmarks.servers:LlamaCppAnswers",
    },
    agree=agree,
    agreement_items={"fpb": 12, "fpb-64": 4},
)
