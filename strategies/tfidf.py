"""The classical baseline: TF-IDF and logistic regression, no language model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.errors import DataError
from harness.metrics.lists import written_labels
from harness.strategy.base import Predictor, Strategy
from harness.strategy.classifying import probabilities
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.space import Range, Space
from harness.task.view import TaskView
from harness.types import Output, Query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, SGDClassifier

    Floats = NDArray[np.float64]

FILE = "tfidf.npz"
RIGHT = ("no", "yes")  # classes of options, in the order that scikit-learn gives them
SURE = 30.0  # log-odds of a label that all rows have
MOST_WEIGHTS = 10_000_000
"""Weights of all classes together, 80 MB; finding them takes some 25 times as much."""
SGD_ROWS = 20_000
"""Training rows from which weights are found by averaged stochastic gradient descent."""


class TfIdf(Strategy):
    """Logistic regression on word (1-2) and character (2-4) TF-IDF.

    For free-text answers each distinct training answer is a class. Where an answer is a decision
    with an amount, the decision alone is the class: an amount is never predicted. Where it is a set
    of labels, each label has a classifier of its own, and those above one half are given. Where a row
    brings options, they are told apart by their own words, without the question: what remains to be
    known is what that gives away (Gururangan et al. 2018, arXiv 1803.02324).
    """

    name: ClassVar[str] = "tfidf"
    summary: ClassVar[str] = "TF-IDF and logistic regression: what a model has to beat"
    family: ClassVar[Family] = "baseline"
    trains: ClassVar[str] = "a linear classifier"
    memory: ClassVar[str] = "no model: the terms of the rows"
    version: ClassVar[int] = 1
    tried_first: ClassVar[bool] = True
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
            rows = list(_texts(context))
            several = context.task.several
            views, model = self._fit_each(rows, context.task) if several else self._fit(rows)
        context.details["solver"] = type(model).__name__
        most = self.max_features if several else self._most_terms(len(model.classes_))
        if most < self.max_features and any(len(view.idf_) == most for view in views):
            context.details["max_features"] = most
            context.monitor.message(
                f"tfidf takes the {most:,} most frequent terms of each view: {len(model.classes_):,} "
                "answers are each a class, and more terms would take more memory."
            )
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
            if context.task.several:
                return LinearSets(views, *arrays)
            if context.task.brings_options:
                if tuple(arrays[0]) != RIGHT:
                    raise DataError(
                        "the classifier was made by an earlier version, which told no options apart",
                        "Fit it again with --force.",
                    )
                return LinearOptions(views, *arrays[1:], sure=context.confidence)
            return Linear(views, *arrays, sure=context.confidence)

    def _views(
        self, terms: list[list[str]] | None = None, most: int | None = None
    ) -> list[TfidfVectorizer]:
        from sklearn.feature_extraction.text import TfidfVectorizer

        word, char = terms or (None, None)
        most = most or self.max_features
        return [
            TfidfVectorizer(ngram_range=(1, 2), max_features=most, vocabulary=word),
            TfidfVectorizer(analyzer=_character_grams(), max_features=most, vocabulary=char),
        ]

    def _fit(
        self, rows: list[tuple[str, str]]
    ) -> tuple[list[TfidfVectorizer], LogisticRegression | SGDClassifier]:
        texts, targets = zip(*rows, strict=True)
        if len(set(targets)) < 2:
            raise DataError(
                f"all {len(rows)} training rows have the target {targets[0]!r}; tfidf needs two",
                "Raise --train-limit, or use --strategy majority.",
            )
        views = self._views(most=self._most_terms(len(set(targets))))
        return views, self._solver(len(rows)).fit(_stacked(views, texts, fit=True), targets)

    def _most_terms(self, classes: int) -> int:
        """Terms of each view that so many classes leave: free answers are nearly all distinct."""
        return max(100, min(self.max_features, MOST_WEIGHTS // (2 * classes)))

    def _fit_each(
        self, rows: list[tuple[str, str]], task: TaskView
    ) -> tuple[list[TfidfVectorizer], OneVsRest]:
        """Fits one label against the rest, for each; one that all rows or none have is constant."""
        import numpy as np

        views = self._views()
        matrix = _stacked(views, [text for text, _ in rows], fit=True)
        sets = [set(task.labels_of(target)) for _, target in rows]
        coef, intercept = np.zeros((len(task.labels), matrix.shape[1])), np.zeros(len(task.labels))
        for number, label in enumerate(task.labels):
            has = np.array([label in each for each in sets])
            if has.all() or not has.any():
                intercept[number] = SURE if has.any() else -SURE
                continue
            model = self._solver(len(rows)).fit(matrix, has)
            coef[number], intercept[number] = model.coef_[0], model.intercept_[0]
        return views, OneVsRest(list(task.labels), coef, intercept)

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


def _texts(context: Context) -> Iterator[tuple[str, str]]:
    """Yields each text and its class: an option, and whether it is right, where rows bring options."""
    for row in context.train:
        if context.task.brings_options:
            yield from ((each, RIGHT[each == row.target]) for each in row.query.choices)
        else:
            yield row.query.text, context.task.label_of(row.target)


@dataclass(frozen=True)
class OneVsRest:
    """A classifier for each label, by scikit-learn's names."""

    classes_: list[str]
    coef_: Floats  # [labels, terms]
    intercept_: Floats  # [labels]


def _stacked(
    views: Sequence[TfidfVectorizer], texts: Sequence[str], *, fit: bool = False
) -> csr_matrix:
    """Returns the terms of texts by all views, [texts, terms]."""
    from scipy.sparse import hstack

    made = [view.fit_transform(texts) if fit else view.transform(texts) for view in views]
    return hstack(made).tocsr()


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
        rows = list(queries)
        matrix = _stacked(self._views, [row.text for row in rows])
        values_of_rows = probabilities(matrix, self._coef, self._intercept)
        for query, values in zip(rows, values_of_rows, strict=True):
            best = self._classes[int(values.argmax())]
            scores = dict(zip(self._classes, values.tolist(), strict=True))
            few = scores if len(scores) <= 20 else None
            sure = float(values.max()) if self._sure else None
            yield Output(query.id, best, scores=few, chosen=True, confidence=sure)


class LinearSets:
    """Answers with every label that is likelier than not."""

    def __init__(
        self, views: list[TfidfVectorizer], labels: list[str], coef: Floats, intercept: Floats
    ) -> None:
        self._views, self._labels = views, labels
        self._coef, self._intercept = coef, intercept  # [labels, terms], [labels]

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields the set of labels as one text."""
        rows = list(queries)
        odds = _stacked(self._views, [row.text for row in rows]) @ self._coef.T + self._intercept
        for query, values in zip(rows, odds, strict=True):
            given = [label for label, each in zip(self._labels, values, strict=True) if each > 0]
            yield Output(query.id, written_labels(given), chosen=True)


class LinearOptions:
    """Answers with the option that is likeliest to be right by its own words."""

    def __init__(
        self,
        views: list[TfidfVectorizer],
        coef: Floats,
        intercept: Floats,
        *,
        sure: bool = False,  # whether the chosen option's probability is told
    ) -> None:
        self._views, self._sure = views, sure
        self._coef, self._intercept = coef, intercept  # [1, terms], [1]

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an option; the odds of all, divided by their sum, are the probabilities."""
        import numpy as np

        for query in queries:
            odds = _stacked(self._views, query.choices) @ self._coef[0] + self._intercept
            shares = np.exp(odds - odds.max())
            shares /= shares.sum()
            scores = dict(zip(query.choices, shares.tolist(), strict=True))
            best = query.choices[int(shares.argmax())]
            sure = float(shares.max()) if self._sure else None
            yield Output(query.id, best, scores=scores, chosen=True, confidence=sure)
