"""The classical baseline: TF-IDF and logistic regression, no language model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.errors import DataError
from harness.strategy.base import Predictor, Strategy
from harness.strategy.classifying import probabilities
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.types import Output, Query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, SGDClassifier

    Floats = NDArray[np.float64]

FILE = "tfidf.npz"
SGD_ROWS = 20_000
"""Training rows from which weights are found by averaged stochastic gradient descent."""


class TfIdf(Strategy):
    """Logistic regression on word (1-2) and character (2-4) TF-IDF.

    For free-text answers each distinct training answer is a class. Where an answer is a decision
    with an amount, the decision alone is the class: an amount is never predicted.
    """

    name: ClassVar[str] = "tfidf"
    summary: ClassVar[str] = "TF-IDF and logistic regression: what a model has to beat"
    family: ClassVar[Family] = "baseline"
    trains: ClassVar[str] = "a linear classifier"
    memory: ClassVar[str] = "no model: the terms of the rows"
    version: ClassVar[int] = 1
    needs: ClassVar[frozenset[str]] = frozenset({"train"})
    space: ClassVar[Space] = {
        "c": Range(0.01, 1000.0, log=True),
        "max_features": (5_000, 20_000, 100_000),
    }

    c: float = Field(10.0, gt=0, description="Inverse strength of the L2 penalty.")
    max_features: int = Field(100_000, ge=100, description="Vocabulary of each of the two views.")

    @property
    def readout(self) -> str:
        """The answer is a linear classifier's."""
        return "classifier"

    def prepare(self, context: Context) -> None:
        """Fits on the training rows."""
        import numpy as np

        with context.ledger.phase("train"):
            views, model = self._fit(
                [(row.query.text, context.task.label_of(row.target)) for row in context.train]
            )
        context.details["solver"] = type(model).__name__
        arrays = {"classes": np.array(model.classes_), "coef": model.coef_}
        for number, view in enumerate(views):
            arrays[f"terms{number}"] = view.get_feature_names_out().astype(str)
            arrays[f"idf{number}"] = view.idf_
        np.savez(context.artifact / FILE, intercept=model.intercept_, **arrays)

    def predictor(self, context: Context) -> Predictor:
        """Builds the classifier from the kept arrays."""
        import numpy as np

        with (
            context.ledger.phase("load"),
            np.load(context.artifact / FILE, allow_pickle=False) as kept,
        ):
            views = self._views([kept["terms0"].tolist(), kept["terms1"].tolist()])
            for number, view in enumerate(views):
                view.idf_ = kept[f"idf{number}"]
            arrays = kept["classes"].tolist(), kept["coef"], kept["intercept"]
            return Linear(views, *arrays, sure=context.confidence)

    def _views(self, terms: list[list[str]] | None = None) -> list[TfidfVectorizer]:
        from sklearn.feature_extraction.text import TfidfVectorizer

        word, char = terms or (None, None)
        most = self.max_features
        return [
            TfidfVectorizer(ngram_range=(1, 2), max_features=most, vocabulary=word),
            TfidfVectorizer(analyzer=_character_grams(), max_features=most, vocabulary=char),
        ]

    def _fit(
        self, rows: list[tuple[str, str]]
    ) -> tuple[list[TfidfVectorizer], LogisticRegression | SGDClassifier]:
        from scipy.sparse import hstack

        texts, targets = zip(*rows, strict=True)
        if len(set(targets)) < 2:
            raise DataError(
                f"all {len(rows)} training rows have the target {targets[0]!r}; tfidf needs two",
                "Raise --train-limit, or use --strategy majority.",
            )
        views = self._views()
        matrix = hstack([view.fit_transform(texts) for view in views]).tocsr()
        return views, self._solver(len(rows)).fit(matrix, targets)

    def _solver(self, rows: int) -> LogisticRegression | SGDClassifier:
        """Returns what finds the weights: of many rows one class against the rest, row by row.

        L-BFGS takes hundreds of passes over all rows, averaged stochastic gradient descent about
        ten (Bottou, 2010, COMPSTAT 177-186), with the same loss and penalty for each class.
        """
        from sklearn.linear_model import LogisticRegression, SGDClassifier

        if rows < SGD_ROWS:
            return LogisticRegression(C=self.c, max_iter=1000)
        penalty = 1 / (self.c * rows)
        return SGDClassifier(
            loss="log_loss", alpha=penalty, max_iter=20, average=True, random_state=0
        )


def _character_grams() -> Callable[[str], list[str]]:
    """Returns what sklearn's ``char_wb`` with 2 to 4 characters is, each word divided once."""

    @lru_cache(maxsize=100_000)
    def grams(word: str) -> tuple[str, ...]:
        own = f" {word} "
        lengths = range(2, min(4, len(own)) + 1)
        return tuple(own[at : at + n] for n in lengths for at in range(len(own) - n + 1))

    return lambda text: list(chain.from_iterable(map(grams, text.lower().split())))


class Linear:
    """Answers with the likeliest class."""

    def __init__(
        self,
        views: list[TfidfVectorizer],
        classes: list[str],
        coef: Floats,
        intercept: Floats,
        *,
        sure: bool = False,  # whether the likeliest class's probability is told, however many there are
    ) -> None:
        self._views, self._classes, self._sure = views, classes, sure
        self._coef, self._intercept = coef, intercept  # [classes, terms], [classes]

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields the likeliest class, and all probabilities where they are few."""
        from scipy.sparse import hstack

        rows = list(queries)
        matrix = hstack([view.transform([row.text for row in rows]) for view in self._views])
        values_of_rows = probabilities(matrix.tocsr(), self._coef, self._intercept)
        for query, values in zip(rows, values_of_rows, strict=True):
            best = self._classes[int(values.argmax())]
            scores = dict(zip(self._classes, values.tolist(), strict=True))
            few = scores if len(scores) <= 20 else None
            sure = float(values.max()) if self._sure else None
            yield Output(query.id, best, scores=few, chosen=True, confidence=sure)
