"""What strategies share whose answer is a class of a text, without a language model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from harness.errors import DataError
from harness.records.model import Architecture, ModelInfo
from harness.strategy.base import Strategy
from harness.strategy.context import Context, CountedRows
from harness.strategy.long_rows import LongRows
from harness.strategy.training_plan import TrainingPlan
from harness.types import Output, Query, Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[np.float64]
    Matrix = NDArray[np.floating] | csr_matrix

__all__ = [
    "ClassPredictor",
    "Classifier",
    "Excess",
    "Reading",
    "check_classes",
    "probabilities",
    "readable",
]

Excess = Callable[[str], str]
"""Says how long a text is that can't be read whole; empty where it can."""
Classify = Callable[[Sequence[str]], Iterable[tuple[Sequence[float], Usage]]]
"""Returns for each text the probability of each class, and what that took."""


@dataclass(frozen=True)
class Reading:
    """What an encoder will do, as far as that is known before it is loaded: for estimates."""

    architecture: Architecture
    training: TrainingPlan
    tokens: Callable[[str], int]  # of a text


class Classifier(Strategy):
    """Learns the labels of texts. Of a decision with an amount, the decision alone is the label."""

    needs: ClassVar[frozenset[str]] = frozenset({"train"})
    # Options that differ from row to row are no classes.
    kinds: ClassVar[frozenset[str]] = frozenset({"classification", "decision"})

    @property
    def readout(self) -> str:
        """The answer is a classifier's."""
        return "classifier"

    def reading(self) -> Reading | None:
        """Returns what its encoder will do; None where that takes seconds, whatever it is.

        Raises:
            MissingDependency: The encoder isn't here.
        """
        return None


def readable(
    context: Context, rows: CountedRows, excess: Excess, name: str
) -> list[tuple[str, str]]:
    """Returns texts and labels of rows; those that are too long are left out, or come to be cut.

    Raises:
        DataError: A row is too long, and the rule is to fail.
    """
    rule, queries = context.long_rows, rows.queries
    long = {query.id: text for query in queries if (text := excess(query.text))}
    rule.note(long)
    if long:
        fate = "cut" if rule.cut else "left out"
        context.monitor.message(
            f"{len(long)} of {len(rows)} rows to learn from are too long for {name}: "
            f"{rule.place(next(iter(long)))} first. They are {fate} (--long-rows {rule.rule})."
        )
    kept = [at for at, query in enumerate(queries) if rule.cut or query.id not in long]
    return [(queries[at].text, context.task.label_of(rows[at].target)) for at in kept]


def check_classes(rows: Sequence[tuple[str, str]], strategy: str) -> None:
    """Refuses rows of which nothing can be learnt. Raises `DataError`: there are no two labels."""
    seen = {label for _, label in rows}
    if len(seen) < 2:
        what = f"all {len(rows)} training rows have the label {min(seen)!r}" if seen else "no row"
        raise DataError(
            f"{strategy} needs training rows of two labels: {what}",
            "Raise --train-limit (--long-rows cut, if they are too long), or use majority.",
        )


def probabilities(rows: Matrix, coef: Floats, intercept: Floats) -> Floats:
    """Returns a linear classifier's probabilities ``[rows, classes]``.

    For two classes scikit-learn keeps one row of coefficients.
    """
    import numpy as np
    from scipy.special import softmax

    logits = rows @ coef.T + intercept
    if logits.shape[1] == 1:
        logits = np.hstack([-logits / 2, logits / 2])
    values: Floats = softmax(logits, axis=1)
    return values


class ClassPredictor:
    """Answers with the likeliest class, and gives the probability of each."""

    def __init__(
        self,
        classes: Sequence[str],
        classify: Classify,
        excess: Excess,
        rule: LongRows,
        info: ModelInfo,
    ) -> None:
        self._classes, self._classify = classes, classify
        self._excess, self._rule = excess, rule
        self._info = info

    @property
    def model_info(self) -> ModelInfo:
        """The encoder."""
        return self._info

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query; one that is too long gets an answer where it is cut."""
        kept: list[tuple[Query, str]] = []
        for query in queries:
            excess = self._excess(query.text)
            if excess and not self._rule.cut:
                yield Output(query.id, None, finish="too_long", excess=excess)
            else:
                kept.append((query, excess))
        answers = self._classify([query.text for query, _ in kept])
        for (query, excess), (values, usage) in zip(kept, answers, strict=True):
            scores = dict(zip(self._classes, values, strict=True))
            best = max(scores, key=scores.__getitem__)
            yield Output(query.id, best, scores=scores, usage=usage, chosen=True, excess=excess)
