"""What lm-eval did with each document, as lines of a record's predictions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from harness.records.files import Json
from harness.records.predictions import to_line
from harness.runs.lm_eval.evaluator import Results, figures_of
from harness.types import Output, Scored

__all__ = ["BITS", "lines_of", "row_id", "row_metrics"]

BITS = "bits_per_byte"
Sample = Mapping[str, Any]


def row_id(task: str, document: int, tasks: int) -> str:
    """Returns the id of a document: its number, after its task's name where there are several."""
    return str(document) if tasks == 1 else f"{task}/{document}"


def row_metrics(results: Results) -> set[str]:
    """Returns the metrics whose figure is the mean over documents, in every task."""
    kept: list[set[str]] = []
    for task, every in results["samples"].items():
        figures = {each.metric: each.value for each in figures_of(results, task)}
        length, values = _mean_bytes(every), defaultdict[str, list[float]](list)
        for sample in every:
            for name, value in _values(sample, length):
                values[name].append(value)
        means = {name: sum(each) / len(each) for name, each in values.items()}
        known = {name: value for name, value in figures.items() if value is not None}
        close = partial(math.isclose, rel_tol=1e-9, abs_tol=1e-12)
        kept.append({name for name in means.keys() & known if close(means[name], known[name])})
    return set.intersection(*kept)


def lines_of(results: Results, primary: str, store_text: str) -> Iterator[Json]:
    """Yields a line for each document; a row is right where the primary metric is 1.

    Values are of `row_metrics`. Bits per byte are divided by
    the mean length, so that their mean is the figure: documents count by their bytes.
    """
    samples: Mapping[str, Sequence[Sample]] = results["samples"]
    kept = row_metrics(results)
    for task, every in samples.items():
        documents: dict[int, list[Sample]] = {}
        for sample in every:
            documents.setdefault(sample["doc_id"], []).append(sample)
        length = _mean_bytes(every)
        for document, filtered in documents.items():
            values = {
                name: value
                for sample in filtered
                for name, value in _values(sample, length)
                if name in kept
            }
            first = filtered[0]
            answer, scores = _answer(first)
            id_ = row_id(task, document, len(samples))
            scored = Scored(
                id_,
                "ok",
                _target(first),
                answer,
                values.get(primary) == 1.0,
                values=values,
                columns={"task": task} if len(samples) > 1 else {},
            )
            text = str(first["resps"][0][0]) if scores is None else answer
            yield to_line(Output(id_, text, scores=scores), scored, store_text)


def _values(sample: Sample, length: float) -> Iterator[tuple[str, float]]:
    for name in sample["metrics"]:
        value = sample.get(name)
        if name == BITS and isinstance(value, (tuple, list)):
            yield name, -value[0] / math.log(2) / length
        elif isinstance(value, (bool, int, float)) and math.isfinite(value):
            kept = sample["filter"]
            yield (name if kept == "none" else f"{name},{kept}"), float(value)


def _mean_bytes(samples: Sequence[Sample]) -> float:
    lengths = [each[BITS][1] for each in samples if isinstance(each.get(BITS), (tuple, list))]
    return sum(lengths) / len(lengths) if lengths else 1.0


def _continuations(sample: Sample) -> list[str]:
    """Returns what was scored for a document; empty where text was generated."""
    asked = [args[-1] for args in sample["arguments"]]
    return [str(each).strip() for each in asked] if all(isinstance(a, str) for a in asked) else []


def _answer(sample: Sample) -> tuple[str | None, dict[str, float] | None]:
    """Returns a document's answer, and the likelihoods that it was taken from, if it was."""
    texts, kept = _continuations(sample), sample["filtered_resps"]
    if not texts:
        return str(kept[0][0] if isinstance(kept[0], (list, tuple)) else kept[0]), None
    likelihoods = [each[0] if isinstance(each, (list, tuple)) else each for each in kept]
    if len(texts) == 1:
        return None, {"log-likelihood": float(likelihoods[0])}
    scores: dict[str, float] = {}
    for text, value in zip(texts, likelihoods, strict=True):
        scores.setdefault(text, float(value))
    return max(scores, key=scores.__getitem__), scores


def _target(sample: Sample) -> str:
    target, texts = sample["target"], _continuations(sample)
    if isinstance(target, int) and len(texts) > 1 and 0 <= target < len(texts):
        return texts[target]
    return "" if len(sample["arguments"][0]) == 1 else str(target).strip()
