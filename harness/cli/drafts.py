"""The files that ``harness init --strategy`` writes: a strategy that works, and its test."""

from __future__ import annotations

from string import Template

__all__ = ["DRAFTS", "TEST"]

_PROMPTING = '''\
"""$name: a way of asking. Say here what it does, and where the idea is from."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.strategy import Context, Prompting
from harness.strategy.base import Renderer
from harness.strategy.family import Family
from harness.types import Prompt, Query


class $cls(Prompting):
    """Adds a sentence to the instructions."""

    name: ClassVar[str] = "$name"
    summary: ClassVar[str] = "adds a sentence to the instructions"
    family: ClassVar[Family] = "prompting"  # by which comparisons group it
    paper: ClassVar[str] = ""  # who introduced it: "Brown et al. 2020, arXiv 2005.14165"
    version: ClassVar[int] = 1  # raise it whenever the same parameters would give other results
    needs: ClassVar[frozenset[str]] = frozenset()  # of model, train, dev, corpus, gold_passages

    # Fields are hyper-parameters: --set sentence=...
    sentence: str = Field("Answer in as few words as you can.", description="What is added.")

    def fit(self, context: Context) -> None:
        """Chooses what prompts will hold. Reading `context.train` counts as paying for labels.

        Write into `context.artifact` only, and take randomness from `context.rng("a name")`.
        """

    def renderer(self, context: Context) -> Renderer:
        """Returns the function that adds to a query's prompt, from `context.artifact` alone."""

        def render(query: Query, prompt: Prompt) -> Prompt:
            return prompt.with_instructions(self.sentence)

        return render
'''

_WEIGHTS = '''\
"""$name: a way of changing weights. Say here what it does, and where the idea is from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.strategy.training_plan import TrainingPlan
from harness.strategy.family import Family
from harness.training.weights import TrainedWeights

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel


class $cls(TrainedWeights):
    """Trains the weights whose name holds a word, and leaves the others as they are.

    `TrainedWeights` has the training loop, its parameters (epochs, learning_rate, ...), checkpoints
    and what is counted.
    """

    name: ClassVar[str] = "$name"
    summary: ClassVar[str] = "trains the weights whose name holds a word"
    family: ClassVar[Family] = "full"  # by which comparisons group it
    trains: ClassVar[str] = "the norms"
    memory: ClassVar[str] = "2N bytes, and 16 for each weight that is trained"
    paper: ClassVar[str] = ""  # who introduced it: "Hu et al. 2021, arXiv 2106.09685"
    version: ClassVar[int] = 1  # raise it whenever the same parameters would give other results

    # Fields are hyper-parameters: --set word=...
    word: str = Field("norm", description="What is in the name of a weight that is trained.")
    learning_rate: float | None = Field(1e-3, gt=0, description="Peak learning rate.")

    def workload(self) -> TrainingPlan:
        """Returns what training will do, for estimates: ``full`` is the most that it can be."""
        return self.planned("full")

    def attach(self, model: LocalModel) -> None:
        """Makes trainable what is to be trained."""
        for name, weight in model.module.named_parameters():
            weight.requires_grad_(self.word in name)

    def save(self, model: LocalModel, folder: Path) -> None:
        """Writes the whole model, in the type that it answers with."""
        model.module.to(model.device.torch_dtype)
        model.module.save_pretrained(str(folder), safe_serialization=True)
'''

_STRATEGY = '''\
"""$name: a complete way of answering. Say here what it does, and where the idea is from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import Field

from harness.strategy import Context, Predictor, Strategy
from harness.strategy.family import Family
from harness.types import Output, Query

FILE = "rows.json"


class $cls(Strategy):
    """Gives the answer of the training row that shares most words with the question."""

    name: ClassVar[str] = "$name"
    summary: ClassVar[str] = "the answer of the most similar training row"
    family: ClassVar[Family] = "baseline"  # by which comparisons group it
    trains: ClassVar[str] = "nothing"
    memory: ClassVar[str] = "no model: the words of the rows"
    paper: ClassVar[str] = ""  # who introduced it: "Brown et al. 2020, arXiv 2005.14165"
    version: ClassVar[int] = 1  # raise it whenever the same parameters would give other results
    needs: ClassVar[frozenset[str]] = frozenset({"train"})  # also model, dev, corpus

    # Fields are hyper-parameters: --set shortest=...
    shortest: int = Field(2, ge=1, description="Words with fewer characters don't count.")

    @property
    def readout(self) -> str:
        """No language model is read."""
        return "classifier"

    def prepare(self, context: Context) -> None:
        """Learns, and writes it to `context.artifact`. Each label that is read has to be paid."""
        with context.ledger.phase("train"):
            rows = [(row.query.text, row.target) for row in context.train]
        (context.artifact / FILE).write_text(json.dumps(rows), encoding="utf-8")

    def predictor(self, context: Context) -> Predictor:
        """Returns what answers, from `context.artifact` alone."""
        rows = json.loads((context.artifact / FILE).read_text(encoding="utf-8"))
        return Nearest([(self.words(text), target) for text, target in rows], self)

    def words(self, text: str) -> frozenset[str]:
        """Returns the words that count."""
        return frozenset(word for word in text.lower().split() if len(word) >= self.shortest)


class Nearest:
    """Answers queries; it sees no right answer of the test."""

    def __init__(self, rows: list[tuple[frozenset[str], str]], strategy: $cls) -> None:
        self._rows, self._strategy = rows, strategy

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query, in any order."""
        for query in queries:
            asked = self._strategy.words(query.text)
            _, answer = max(self._rows, key=lambda row: len(row[0] & asked) / (len(row[0]) or 1))
            yield Output(query.id, answer, chosen=True)
'''

_TEST = '''\
"""$cls keeps the contract that every strategy keeps. Run it: python -m pytest $test"""

from pathlib import Path

from harness.runs.contract import check_strategy
from harness.strategy.registry import create_strategy

STRATEGY = f"{Path(__file__).with_name('$file')}:$cls"


def test_it_keeps_the_contract():
    """On small invented tasks: it resumes, is deterministic, counts labels, sees no test answer."""
    report = check_strategy(STRATEGY)
    failed = [check for check in report["checks"] if check["status"] != "ok"]
    assert report["passed"], failed


def test_another_parameter_makes_it_another_strategy():
    """Finished work is found again by what a strategy says of itself."""
    usual, other = create_strategy(STRATEGY), create_strategy(STRATEGY, {"$parameter": "$value"})
    assert usual.describe() != other.describe()
    assert usual.describe() == create_strategy(STRATEGY).describe()
'''

DRAFTS = {
    "prompting": (Template(_PROMPTING), {"parameter": "sentence", "value": "Be brief."}),
    "weights": (Template(_WEIGHTS), {"parameter": "word", "value": "bias"}),
    "strategy": (Template(_STRATEGY), {"parameter": "shortest", "value": "3"}),
}
"""By the kind of part: its file, and a parameter with another value for the test."""
TEST = Template(_TEST)
