"""Distillation: a larger model answers training questions, and a small one learns its answers.

Hinton et al. 2015 (arXiv 1503.02531), in the form for sequences of Kim & Rush 2016 (arXiv
1606.07947): the student is tuned on the teacher's best answer itself, not on its likelihoods.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, ClassVar

from pydantic import Field, field_validator

from harness.errors import DataError, UsageError
from harness.metrics.selective import confidence_of
from harness.models.endpoint import is_endpoint
from harness.records.files import read_json, write_json
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Labelling, Predictor
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.strategy.preparing import Journal
from harness.strategy.registry import create_prompting
from harness.strategy.space import Space
from harness.types import Example, Query

ANSWERS, DONE, TRAIN, SELF, PHASE = "answers.jsonl", "teacher.json", "train", "self", "teach"
WHO = "A catalogue name, a hub id, a folder, or self: the run's own model."


class Distill(Labelling):
    """Lets a teacher answer training questions; what it is combined with learns its answers."""

    name: ClassVar[str] = "distill"
    summary: ClassVar[str] = "a larger model's answers as training rows: distill+lora"
    family: ClassVar[Family] = "distillation"
    trains: ClassVar[str] = "what the other parts train"
    memory: ClassVar[str] = "the teacher, then the other parts'"
    paper: ClassVar[str] = "Hinton et al. 2015, arXiv 1503.02531; Kim & Rush 2016, arXiv 1606.07947"
    needs: ClassVar[frozenset[str]] = frozenset({"model", "train"})
    kinds: ClassVar[frozenset[str]] = frozenset(
        {"classification", "multiple_choice", "qa", "description"}
    )
    space: ClassVar[Space] = {"shots": (4, 8, 16)}
    reference: ClassVar[str] = "teacher"
    trial: ClassVar[Mapping[str, object]] = {"teacher": SELF, "rows": 12, "shots": 2, "checked": 4}
    unestimated: ClassVar[str] = "the teacher's answers"

    teacher: str = Field(description=f"The model that answers. {WHO}")
    rows: int | None = Field(
        None, ge=1, description="Training questions that it answers, at most; by default all."
    )
    teacher_strategy: str = Field(
        "few-shot", description="How it is asked: zero-shot, few-shot, few-shot+rag, ..."
    )
    shots: int = Field(8, ge=1, description="Labelled examples in its prompt, with few-shot.")
    settings: dict[str, Any] = Field(
        {}, description="Other parameters of how it is asked: rag.k=2,rag.retriever=bm25."
    )
    checked: int = Field(100, ge=0, description="Dev rows that measure its errors, at most.")
    confidence: float = Field(
        0.0, ge=0, lt=1, description="How sure an answer has to be, 0-1, as `abstain` measures it."
    )

    @field_validator("settings", mode="before")
    @classmethod
    def _written(cls, value: object) -> object:
        """Takes ``name=value,name=value`` as well, whole or split."""
        texts = value.split(",") if isinstance(value, str) else value
        if not isinstance(texts, list):
            return value
        pairs = (str(text).partition("=") for text in texts)
        return {name.strip(): text.strip() for name, _, text in pairs}

    def model_post_init(self, context: object) -> None:
        """Refuses what can't teach."""
        if is_endpoint(self.teacher):
            raise UsageError(f"{self.name}: {self.teacher} isn't on this machine", WHO)
        _ = self.asking

    @property
    def asking(self) -> Adaptation:
        """How the teacher is asked."""
        few = "few-shot" in self.teacher_strategy.split("+")
        shots = {"few-shot.k": self.shots} if few else {}
        return create_prompting(self.teacher_strategy, {**shots, **self.settings})

    @property
    def models(self) -> tuple[str, ...]:
        """The teacher, where it isn't the run's own model."""
        return () if self.teacher == SELF else (self.teacher,)

    @property
    def required(self) -> frozenset[str]:
        """What asking the teacher needs, too, and dev rows where it is measured."""
        return self.needs | self.asking.required | ({"dev"} if self.checked else set())

    def describe(self) -> dict[str, object]:
        """Adds how the teacher is asked, with the versions of those parts."""
        return super().describe() | {"asking": self.asking.describe()}

    def count(self, rows: int) -> int:
        """Returns how many answers there are, if all can be used."""
        return min(rows, self.rows or rows)

    def fit(self, context: Context) -> None:
        """Asks the teacher what it hasn't answered, and measures its errors on dev rows."""
        done = context.artifact / DONE
        if not done.is_file():
            write_json(done, self._teach(context))
        context.dev.read(query.id for query in self._looked_at(context))  # also resumed
        told = read_json(done)
        context.details.update(teacher=told["teacher"], models=told["models"])

    def _teach(self, context: Context) -> dict[str, object]:
        own = None if self.teacher == SELF else self.teacher
        teacher, asking = context.of_model(own, PHASE).part("asking"), self.asking
        readout, sure = asking.readout or context.readout, self.confidence > 0
        teacher = replace(teacher, readout=readout, confidence=sure)
        asking.fit_prompting(teacher)
        predictor = asking.predictor(teacher)
        name = context.details["models"][PHASE]["name"]
        journal = Journal(context.artifact / ANSWERS)
        errors = self._measure(context, predictor, journal, name)
        known = [row.query.id for row in context.train.known]
        drawn = context.drawn(context.train, "taught rows")
        queries = [query for query in drawn if query.id not in {*known}][: self.rows]
        journal.ask(TRAIN, predictor, queries, context.ledger, PHASE)
        fates = Counter(fate for fate, _ in self._read(context).values())
        kept = fates.pop("ok", 0)
        dropped = ", ".join(f"{count} {fate}" for fate, count in fates.items()) or "none"
        if not kept:
            raise DataError(
                f"{self.name}: no answer of {name} can be used (dropped: {dropped})",
                "Take another teacher, or ask it otherwise (teacher_strategy).",
            )
        context.monitor.message(
            f"The teacher {name} answered {len(queries)} training questions: {kept} answers are "
            f"kept; dropped: {dropped}. {len(known)} rows keep the label that people gave them."
        )
        told = {"name": name, "asked": len(queries), "kept": kept, "dropped": dict(fates)}
        told |= {"labelled": len(known), "dev": errors}
        return {"teacher": told, "models": context.details["models"], "labelled": known}

    def _looked_at(self, context: Context) -> list[Query]:
        """Returns the dev questions that measure the teacher."""
        return context.drawn(context.dev, "checked rows")[: self.checked]

    def _measure(
        self, context: Context, predictor: Predictor, journal: Journal, name: str
    ) -> dict[str, object] | None:
        """Returns the teacher's primary metric on dev rows; None where there are none to look at."""
        queries = self._looked_at(context)
        if not queries or context.scoring is None:
            context.monitor.message(
                f"The errors of the teacher {name} aren't measured: no dev rows."
            )
            return None
        found = context.score_dev(journal.ask("dev", predictor, queries, context.ledger, PHASE))
        context.monitor.message(
            f"The teacher {name}: {context.scoring.said(found)}. Its errors are learned, too."
        )
        return {"metric": context.scoring.metric, **asdict(found)}

    def _read(self, context: Context) -> dict[str, tuple[str, str]]:
        """Returns what became of each answer to a training question, and what it says."""
        scoring, queries = context.scoring, {each.id: each for each in context.train.queries}
        assert scoring is not None
        found = {}
        for id_, output in Journal(context.artifact / ANSWERS).of(TRAIN).items():
            read = scoring.read(queries[id_], output)
            sure = confidence_of(output) if self.confidence else 1.0
            unsure = read.outcome == "ok" and (sure is None or sure < self.confidence)
            text = context.task.abstain if read.abstained else read.predicted or ""
            found[id_] = "unsure" if unsure else read.outcome, text
        return found

    def labelled(self, context: Context) -> Sequence[Example]:
        """Returns the rows with the teacher's answers, and those whose label people gave."""
        known = {*read_json(context.artifact / DONE)["labelled"]}
        taught = {id_: text for id_, (fate, text) in self._read(context).items() if fate == "ok"}
        return [
            context.train[index] if query.id in known else Example(query, taught[query.id])
            for index, query in enumerate(context.train.queries)
            if query.id in known or query.id in taught
        ]
