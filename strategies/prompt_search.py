"""Prompt search: instructions and examples are chosen on dev rows, by successive halving.

Instructions may be guessed by the model itself (Zhou et al. 2022, arXiv 2211.01910). All prompts
are tried on a few rows; the better half goes on with twice as many (Jamieson & Talwalkar 2016,
arXiv 1502.07943).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from harness.errors import DataError, UsageError
from harness.models.base import Model
from harness.records.files import read_json, write_json
from harness.records.keys import digest
from harness.strategy.base import Prompting, Renderer
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.predictors import ModelPredictor
from harness.strategy.preparing import Journal
from harness.strategy.space import Range, Space

from ._prompts import Candidate, guessed, variants
from .few_shot import Choice, FewShot, drawn, written

TRIED, GUESSED, CHOSEN = "tried.jsonl", "guessed.json", "prompt.json"
SHOWN = 6  # examples from which the model guesses instructions


class PromptSearch(Prompting):
    """Tries instructions with sets of examples on dev rows, and keeps the best prompt."""

    name: ClassVar[str] = "prompt-search"
    summary: ClassVar[str] = "instructions and examples chosen on dev by successive halving"
    family: ClassVar[Family] = "prompting"
    paper: ClassVar[str] = "Zhou et al. 2022, arXiv 2211.01910"
    needs: ClassVar[frozenset[str]] = frozenset({"model", "train", "dev"})
    tries: ClassVar[bool] = True
    space: ClassVar[Space] = {"candidates": Range(8, 32), "rows": (8, 16, 32)}
    trial: ClassVar[Mapping[str, object]] = {
        **{"k": "0,2", "draws": 1, "candidates": 4, "rows": 2, "most_rows": 4, "propose": 1}
    }
    unestimated: ClassVar[str] = "the search"

    k: tuple[int, ...] = Field((0, 4, 8, 16), description="Numbers of examples to try.")
    draws: int = Field(2, ge=1, description="Sets of examples of each number.")
    choose: Choice = Field("balanced", description="How they are drawn, as in few-shot.")
    instructions: Path | None = Field(None, description="A file with more of them, one a line.")
    propose: int = Field(0, ge=0, description="Instructions that the model guesses from examples.")
    candidates: int = Field(16, ge=2, description="Prompts in the first round.")
    rows: int = Field(16, ge=1, description="Dev rows in the first round; the next has twice more.")
    most_rows: int = Field(256, ge=1, description="Dev rows in the last round, at most.")

    @field_validator("k", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        """Takes ``0,4,8`` as well, and one number."""
        return tuple(value.split(",")) if isinstance(value, str) else value

    def describe(self) -> dict[str, object]:
        """Gives the file of instructions by its name and content."""
        about = super().describe()
        if self.instructions:
            about |= {"instructions": self.instructions.name, "lines": digest(self._lines())}
        return about

    def draft(self) -> Prompting:
        """Returns few-shot with as many examples as the longest prompt that is tried."""
        return FewShot(k=max(*self.k, 1), choose=self.choose)

    def fit(self, context: Context) -> None:
        """Searches, and writes the best prompt and all trials into the artifact."""
        file = context.artifact / CHOSEN
        if not file.is_file():
            write_json(file, self._search(context))
        found = read_json(file)
        context.train.read(found["train_read"])
        context.dev.read(found["dev_read"])
        context.details["prompts"] = {key: found[key] for key in ("metric", "chosen", "trials")}

    def renderer(self, context: Context) -> Renderer:
        """Gives the prompt that was chosen."""
        chosen = Candidate(**read_json(context.artifact / CHOSEN)["prompt"])
        return chosen.renderer(context.task)

    def _search(self, context: Context) -> dict[str, object]:
        if context.remote:
            raise UsageError(f"{self.name} asks a model on this machine", "Use few-shot.")
        queries = context.drawn(context.dev, "dev rows")[: self.most_rows]
        if not queries:
            raise DataError(
                f"{self.name}: {context.task.name} has no dev rows to choose by",
                "Give it some: --split 70/10/20, or rows named dev.",
            )
        model, scoring = context.load_model(), context.scoring
        assert scoring is not None and context.prompts is not None
        tried, trials = self._candidates(context, model), list[dict[str, object]]()
        makers = [context.prompts(each.renderer(context.task)) for each in tried]
        journal = Journal(context.artifact / TRIED)
        alive, before, rows = list(range(len(tried))), 0, min(self.rows, len(queries))
        while True:
            figures = {}
            for n in alive:
                predictor = ModelPredictor(model, makers[n], context)
                new = queries[before:rows]
                journal.ask(f"{n}", predictor, new, context.ledger, "tune")
                answers = journal.of(f"{n}")
                figures[n] = context.score_dev([answers[query.id] for query in queries[:rows]])
                trials.append(tried[n].told() | asdict(figures[n]))
            alive.sort(key=lambda n: -scoring.goodness(figures[n]))
            best, said = alive[0], scoring.said(figures[alive[0]])
            context.monitor.message(f"{len(alive)} prompts tried, the best: {said}.")
            alive = alive[: -(-len(alive) // 2)]
            if len(alive) == 1 or rows == len(queries):
                break
            before, rows = rows, min(2 * rows, len(queries))
        chosen = tried[best]
        context.monitor.message(
            f"The prompt has {len(chosen.examples)} examples and the instructions "
            f"{chosen.instructions!r}. Its figure is too good, since it was chosen by that."
        )
        return {
            "metric": scoring.metric,
            "chosen": chosen.told() | asdict(figures[best]),
            "trials": trials,
            "prompt": asdict(chosen),
            "train_read": [row.query.id for row in context.train.known],
            "dev_read": [query.id for query in queries[:rows]],
        }

    def _candidates(self, context: Context, model: Model) -> list[Candidate]:
        """Returns the prompts to try, the shorter first: of two as good, it costs less.

        The task's own instructions are among them with each number of examples; all others at
        least once, as far as there is room.
        """
        sets = [
            (
                draw,
                written(drawn(context, k, self.choose, f"examples {draw}" if draw else "examples")),
            )
            for k in sorted({*self.k})
            for draw in range(self.draws if k else 1)
        ]
        shown = drawn(context, SHOWN, self.choose, "examples") if self.propose else []
        file = context.artifact / GUESSED
        texts = {context.task.instructions: "task"}
        for origin, found in (
            ("file", self._lines()),
            ("model", guessed(context, model, shown, self.propose, file)),
            ("variant", variants(context.task)),
        ):
            texts = dict.fromkeys(found, origin) | texts
        pairs = [Candidate(*text, *examples) for text, examples in product(texts.items(), sets)]
        pairs = [pairs[index] for index in context.rng("candidates").permutation(len(pairs))]
        turns: Counter[str] = Counter()
        ranked = []
        for each in pairs:
            first = each.origin == "task" and not each.draw
            turn = 0 if first else 1 + turns[each.instructions]
            ranked.append(((turn, each.origin == "variant"), each))
            turns[each.instructions] += not first
        ranked.sort(key=lambda pair: pair[0])
        return sorted((each for _, each in ranked[: self.candidates]), key=Candidate.length)

    def _lines(self) -> list[str]:
        """Reads the user's instructions."""
        if self.instructions is None:
            return []
        try:
            text = self.instructions.expanduser().read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{self.name}: {self.instructions} can't be read: {error}",
                "--set instructions=FILE is a text in UTF-8 with one instruction a line.",
            ) from error
        return [line.strip() for line in text.splitlines() if line.strip()]
