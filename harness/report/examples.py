"""Single answers, side by side: question, passages, answer and price, for every configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from harness.analysis.flipped import AnswerPrice
from harness.analysis.trials import Trial
from harness.analysis.words import LANGUAGES, Phrase, joined, phrase
from harness.records.keys import digest
from harness.records.predictions import QUESTION, row_name, stored_predictions
from harness.report.collect import NamedConfiguration, TaskRuns
from harness.report.format import packed
from harness.report.texts import Texts, passages_of, prompt_examples, stored_text, texts_of
from harness.report.values import ConfigurationRow
from harness.retrieval.places import cite
from harness.text import cut

__all__ = ["BUDGET", "Examples", "Item", "examples_of", "page_value", "part_of", "sampled"]

BUDGET = 1_900_000  # bytes of the examples in the page, compressed; the rest goes into a folder
QUESTIONS = 10_000  # of a task that are written at most, in the page and beside it
Of = TypeVar("Of")
_cut = partial(cut, longest=QUESTION)  # each text that is shown
Line = Mapping[str, Any]  # JSON: a line of predictions.jsonl, or what the page's script reads
STRATA = ("errors", "only", "differ", "wrong", "right")
"""What becomes of a question: somebody gave no answer, one alone is right, some are, none, all."""


@dataclass(frozen=True, slots=True)
class Item:
    """A question with all answers."""

    id: str  # of the row
    stratum: str  # one of `STRATA`
    value: Line  # JSON values, as the page's script reads them


@dataclass(frozen=True)
class Examples:
    """The questions of a task."""

    task: str
    head: Line  # configurations, instructions and passages that items refer to
    items: tuple[Item, ...]  # in the page, or in a file
    every: Mapping[str, int]  # questions that there are, by stratum
    strata: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # all, and in `items`
    stated: Phrase = Phrase("", "")  # what is shown, and what isn't
    files: tuple[str, ...] = ()  # pages beside the report that have the rest

    @property
    def total(self) -> int:
        """Questions that there are; of very many `items` has some."""
        return sum(self.every.values())


def examples_of(
    task_runs: TaskRuns, rows: Mapping[str, ConfigurationRow], data_dir: Path | None = None
) -> Examples | None:
    """Reads the answers of all configurations of a task, each by its first seed.

    Local copies of data sets in `data_dir` give the questions. None where no run may show any text.
    """
    shown = [
        each
        for each in task_runs.configurations
        if each.label in rows and stored_text(each.first) != "ids"
    ]
    if not shown:
        return None
    texts = texts_of([each.first for each in shown], data_dir)
    pool = _Pool(texts)
    every = _strata([each.first for each in shown])
    chosen = _chosen(every)
    answers: dict[str, dict[int, Line]] = {name: {} for name in chosen}
    for number, each in enumerate(shown):
        pool.chunks = passages_of(each.first)
        kept = stored_text(each.first) == texts.stored  # another may show more than all allow
        for line in stored_predictions(each.first.folder, each.first.record):
            if line["id"] in answers:
                passages = [pool.number(passage) for passage in line.get("evidence", ())]
                question = line.get("question", "") if kept else ""
                more = {"passages": passages, "question": question}
                answers[line["id"]][number] = line | more
    prices = [_price(rows[each.label], answers, number) for number, each in enumerate(shown)]
    items = [
        Item(name, every[name], _value_of(name, answers[name], texts, prices, pool))
        for name in chosen
    ]
    head = {
        "settings": [_about(each, rows[each.label], texts) for each in shown],
        "instructions": texts.instructions,
        "passages": pool.passages,
        "stored": texts.stored,
        "file": texts.file,
    }
    return Examples(task_runs.task, head, tuple(items), Counter(every.values()))


def _strata(runs: Sequence[Trial]) -> dict[str, str]:
    """Returns the stratum of each question, by what the runs that are read already say of it."""
    place = {
        name: at for at, name in enumerate(dict.fromkeys(chain.from_iterable(map(_ids, runs))))
    }
    right, given, failed = (np.zeros(len(place), dtype=np.int32) for _ in range(3))
    for run in runs:
        at = np.array([place[name] for name in run.rows.ids], dtype=np.int64)
        right[at] += run.rows.correct
        given[at] += 1
        failed[[place[name] for name in run.failed]] += 1
    some = np.where(right == 1, "only", "differ")
    found = np.select([failed > 0, right == given, right == 0], ["errors", "right", "wrong"], some)
    return dict(zip(place, found.tolist(), strict=True))


def _ids(run: Trial) -> Iterable[str]:
    return chain(run.rows.ids, run.failed)


def _chosen(strata: Mapping[str, str]) -> list[str]:
    """Returns the questions at random, always alike; of very many some of each stratum."""
    ordered = sorted(strata, key=lambda name: digest(["examples", name]))
    if len(ordered) <= QUESTIONS:
        return ordered
    return list(islice(_in_turn(ordered, strata.__getitem__), QUESTIONS))


def _about(each: NamedConfiguration, row: ConfigurationRow, texts: Texts) -> dict[str, object]:
    examples = prompt_examples(each.first) if row.model else []
    return {
        "name": each.label,
        "group": row.group,
        "model": row.model,
        "seed": row.seeds[0],
        "examples": [[_cut(texts.clean(q)), _cut(texts.clean(a))] for q, a in examples],
    }


class _Pool:
    """Passages that answers refer to, each once."""

    def __init__(self, texts: Texts) -> None:
        self.passages: list[list[str]] = []
        self.chunks: Mapping[tuple[str, int, int], str] = {}
        self._texts = texts
        self._numbers: dict[tuple[str, str], int] = {}

    def number(self, line: Line) -> int:
        """Returns the number of a passage that a record names by its place."""
        source, span = str(line["source"]), line.get("span") or (-1, -1)
        text = self.chunks.get((source, span[0], span[1]), "")
        return self.add(line.get("place") or cite({"source": source}), text)

    def add(self, place: str, text: str) -> int:
        value = (str(place), _cut(self._texts.clean(text)))
        if value not in self._numbers:
            self._numbers[value] = len(self.passages)
            self.passages.append(list(value))
        return self._numbers[value]


def _short(usd: float | None) -> float | None:
    """Three digits are enough for a page."""
    return None if usd is None else float(f"{usd:.3g}")


def _price(
    row: ConfigurationRow, answers: Mapping[str, Mapping[int, Line]], number: int
) -> AnswerPrice:
    lines = [each[number] for each in answers.values() if number in each]
    return AnswerPrice(row.usd_per_1k_requests, lines)


def _value_of(
    name: str, lines: Mapping[int, Line], texts: Texts, prices: Sequence[AnswerPrice], pool: _Pool
) -> Line:
    row = texts.rows.get(name)
    first = next(iter(lines.values()))
    accepted = [row.example.target, *row.example.accepted] if row else [first.get("target", "")]
    value: dict[str, object] = {
        "id": name,
        "row": " · ".join(
            dict.fromkeys((row_name(first), str(first.get("place") or row_name(first))))
        ),
        "target": _cut(texts.clean(str(first.get("target", "")))),
        "accepted": [texts.clean(each) for each in dict.fromkeys(accepted) if each][:6],
        "columns": first["columns"],
        "answers": {
            number: _answer(line, _short(prices[number].of(line))) for number, line in lines.items()
        },
    }
    if asked := next((line["question"] for line in lines.values() if line["question"]), ""):
        value["question"] = _cut(texts.clean(asked))
    if row is not None:
        value["question"] = _cut(texts.clean(row.example.query.text))
        value["choices"] = [texts.clean(each) for each in row.example.query.choices]
        value["gold"] = [pool.add(p.place or p.source, p.text) for p in row.passages]
        value["answerable"] = row.answerable
    return value


def _answer(line: Line, usd: float | None) -> list[object]:
    """An answer as the page's script reads it: a 0 is left out."""
    text, predicted = line.get("text"), line.get("predicted")
    return [
        _cut(text or ""),
        predicted if predicted != text else 0,
        line["outcome"],
        int(line["correct"]),
        line["usage"].get("input_tokens", 0),
        line["usage"].get("output_tokens", 0),
        usd,
        line["passages"],
        line.get("error") or 0,
    ]


def strata(every: Mapping[str, int], chosen: Iterable[Item]) -> dict[str, tuple[int, int]]:
    """Counts the questions of each stratum, and those of them that were chosen."""
    some = Counter(item.stratum for item in chosen)
    return {name: (every[name], some[name]) for name in STRATA if every.get(name)}


def sampled(examples: Examples, budget: int) -> tuple[Examples, tuple[Item, ...]]:
    """Takes as many questions as fit into `budget` bytes (packed), of each stratum in turn.

    Returns what goes into the page, with a sentence that says what it is, and the rest.
    """
    ordered = list(_in_turn(examples.items, lambda item: item.stratum))
    count = len(ordered)
    while count > 1 and (size := len(packed(_value(examples.head, ordered[:count])))) > budget:
        count = min(count - 1, max(1, int(count * budget / size * 0.95)))
    chosen = ordered[:count]
    counts = strata(examples.every, chosen)
    mix = joined((_share(name, *both) for name, both in counts.items()), ", ")
    key = "examples.all" if count == examples.total else "examples.sample"
    stated = phrase(key, shown=f"{count:,}", total=f"{examples.total:,}", mix=mix)
    if examples.total > len(ordered):
        written = f"{len(ordered):,}"
        stated = phrase("examples.limited", start=stated, written=written)
    if not examples.items[0].value.get("question"):
        file = examples.head.get("file")
        missing = "examples.without.file" if file else "examples.without"
        stated = phrase(missing, start=stated, file=file)
    sample = replace(examples, items=tuple(chosen), strata=counts, stated=stated)
    return sample, tuple(ordered[count:])


def _share(stratum: str, every: int, some: int) -> Phrase:
    name = phrase(f"stratum.{stratum}")
    return Phrase(*(f"{name.say(language)} {some:,}/{every:,}" for language in LANGUAGES))


def part_of(examples: Examples, items: Sequence[Item]) -> Examples:
    """Returns some of the questions, for a page beside the report."""
    total = f"{len(examples.items):,}"
    stated = phrase("examples.part", shown=f"{len(items):,}", total=total)
    counts = strata(examples.every, items)
    return replace(examples, items=tuple(items), strata=counts, stated=stated)


def _in_turn(items: Sequence[Of], stratum: Callable[[Of], str]) -> Iterator[Of]:
    """The rare strata first within each round, so that a small sample has some of each."""
    left: dict[str, list[Of]] = {name: [] for name in STRATA}
    for item in items:
        left[stratum(item)].append(item)
    for turn in range(max(map(len, left.values()), default=0)):
        for some in left.values():
            if turn < len(some):
                yield some[turn]


def _value(head: Line, items: Sequence[Item]) -> dict[str, object]:
    """The JSON values of some questions, with the passages that they refer to and no others."""
    numbers: dict[int, int] = {}

    def renumbered(old: Iterable[int]) -> list[int]:
        return [numbers.setdefault(number, len(numbers)) for number in old]

    values = []
    for item in items:
        value = dict(item.value)
        value["answers"] = {
            number: [*answer[:7], renumbered(answer[7]), answer[8]]
            for number, answer in value["answers"].items()
        }
        if "gold" in value:
            value["gold"] = renumbered(value["gold"])
        values.append(value)
    passages = [head["passages"][old] for old in numbers]
    return {**head, "passages": passages, "items": values}


def page_value(examples: Examples) -> dict[str, object]:
    """Returns the JSON values that the page's script reads."""
    return _value(examples.head, examples.items)
