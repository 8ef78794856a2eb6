"""Scoring and generation of the 7B shape with our own engine, after eight shared examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os.path import commonprefix
from typing import Any

from benchmarks.gpu import shapes, work
from benchmarks.gpu.measure import Facts, Setting, ledger, measured
from harness.costs.workload import Serving
from harness.errors import HarnessError
from harness.models.local.model import LocalModel, load_local
from harness.types import Generation, Prompt, Scores

__all__ = ["generation", "scoring"]

WORDS = 24


def scoring(setting: Setting) -> dict[str, Any]:
    """Reads the likelihoods of three labels, after each of many sentences."""
    model = _model(setting)
    requests = work.score_requests(setting.pick(2048, 12), WORDS)
    list(model.score(requests[: setting.pick(64, 4)]))  # kernels are chosen and loaded once
    return _served(
        setting,
        "scoring",
        model,
        [request.prompt for request in requests],
        lambda: model.score(requests),
        readout="loglikelihood",
    )


def generation(setting: Setting) -> dict[str, Any]:
    """Writes short answers."""
    model = _model(setting)
    tokens = setting.pick(64, 4)
    requests = work.generation_requests(setting.pick(256, 6), WORDS, tokens)
    list(model.generate(requests[: setting.pick(8, 2)]))
    return _served(
        setting,
        "generation",
        model,
        [request.prompt for request in requests],
        lambda: model.generate(requests),
        readout="generate",
        tokens=tokens,
    )


def _model(setting: Setting) -> LocalModel:
    shape = setting.pick(shapes.LARGE, shapes.tiny(shapes.LARGE))
    return load_local(shape.folder(setting.work, setting.device), device=setting.device)


def _serving(model: LocalModel, prompts: list[Prompt], tokens: int) -> Serving:
    """Puts the answering into quantities, for its memory by formula."""
    ids = [list(model.encode(prompt).ids) for prompt in prompts]
    lengths, shared = [len(each) for each in ids], len(commonprefix(ids))
    return Serving(
        requests=len(ids),
        prompt=sum(lengths) / len(ids),
        longest=max(lengths),
        generated=float(tokens),
        batch=_batch(model, len(ids), max(lengths), tokens),
        shared=float(shared),
    )


def _served(
    setting: Setting,
    name: str,
    model: LocalModel,
    prompts: list[Prompt],
    answer: Callable[[], Iterable[Scores | Generation]],
    *,
    readout: str,
    tokens: int = 0,
) -> dict[str, Any]:
    """Measures the answering.

    Raises:
        HarnessError: An answer is missing.
    """
    path = setting.work / f"{name}.jsonl"
    with ledger(setting, path).phase("serve") as spend:
        count = 0
        for one in answer():
            spend.usage.add(one.usage)
            count += 1
        spend.count(requests=len(prompts))
    if count != len(prompts):
        raise HarnessError(f"{count} of {len(prompts)} requests were answered")
    sizes = model.info.architecture
    assert sizes is not None
    serving = _serving(model, prompts, tokens)
    facts = Facts(
        phase="serve",
        strategy="zero-shot",
        architecture=sizes,
        predicted_bytes=serving.memory(sizes).total,
        weights=setting.device.dtype,
        readout=readout,
        details={
            "model": model.info.name,
            "requests": serving.requests,
            "mean_length": serving.prompt,
            "shared_tokens": serving.shared,
            "answer_tokens": spend.usage.output_tokens,
            "decode_steps": spend.usage.decode_steps,
        },
    )
    return measured(setting, path, facts)


def _batch(model: LocalModel, requests: int, longest: int, tokens: int) -> int:
    """Returns how many requests run together at most, by the engine's own limits."""
    from harness.models.local import generation as generating
    from harness.models.local.scoring import batch_limits

    if not tokens:
        return min(requests, max(1, batch_limits(model).tokens // longest))
    return min(requests, generating.BATCH_ROWS[model.device.kind])
