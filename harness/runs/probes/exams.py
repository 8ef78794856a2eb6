"""Exams: items, and how a model's answers to them are marked. All but the tasks are our own."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.models.base import Model, ReadsText
from harness.records.keys import digest
from harness.records.probes import ProbeScore
from harness.runs.probes.items import LANGUAGES, VERSION, orders, questions, texts
from harness.runs.probes.marks import Mark
from harness.text import begins_another
from harness.types import GenRequest, Prompt, ScoreRequest, Section, Usage

__all__ = ["Charge", "Exam", "Examinee", "exam_digest", "general_exams", "obeyed"]

Charge = Callable[[Usage], None]
"""Takes what an answer took."""
CUES = {"en": ("Question:", "Answer:"), "ko": ("질문:", "답:")}
LONGEST = 40  # tokens of an answer to an instruction
STOP = ("\n\n",)


class Examinee(Model, ReadsText, Protocol):
    """A model that can sit all exams."""


Sit = Callable[[Examinee, Charge], Sequence[Mark | ProbeScore]]
"""Asks a model; a harness of others gives figures, and no marks of items."""


@dataclass(frozen=True)
class Exam:
    """Items with one way of asking and marking."""

    name: str
    digest: str  # of the items, and of what decides how they are asked
    metrics: Mapping[str, bool]  # by name, whether higher is better
    sit: Sit


def exam_digest(*about: object) -> str:
    """Returns the digest of an exam's items, and of how they are asked and marked."""
    return digest([VERSION, *about])


def general_exams() -> list[Exam]:
    """Returns the exams that hang on no task: text, questions and instructions in each language."""
    exams = []
    for language in LANGUAGES:
        text, choice, order = texts(language), questions(language), orders(language)
        metrics = {"accuracy": True, "brier": False}
        exams += [
            _exam("general-text", language, text, {"bits_per_byte": False}, _read_text(text)),
            _exam("general-choice", language, choice, metrics, _choose(choice, language)),
            _exam("instructions", language, order, {"obeyed": True}, _obey(order, language)),
        ]
    return exams


def _exam(
    name: str, language: str, items: Sequence[object], metrics: Mapping[str, bool], sit: Sit
) -> Exam:
    return Exam(f"{name}-{language}", exam_digest(items), metrics, sit)


def _read_text(paragraphs: Sequence[str]) -> Sit:
    """Bits that a byte of plain text takes: what tokenizers of all kinds have in common."""

    def sit(model: Examinee, charge: Charge) -> list[Mark]:
        marks = []
        for scores in model.logprobs(paragraphs):
            charge(scores.usage)
            size = len(paragraphs[int(scores.id)].encode())
            bits = -scores.logprobs[0] / math.log(2)
            marks.append(Mark(scores.id, {"bits_per_byte": bits / size}, size))
        return _ordered(marks)

    return sit


def _choose(asked: Sequence[tuple[str, list[str]]], language: str) -> Sit:
    """Multiple choice by likelihood: whether the likeliest is right, and Brier's score.

    That is the squared distance between the options' probabilities, which are their likelihoods
    over the sum of them, and 1 for the right one (Brier 1950, Monthly Weather Review 78:1-3).
    """

    def sit(model: Examinee, charge: Charge) -> list[Mark]:
        requests = [
            ScoreRequest(
                f"{number}",
                _prompt(question, language),
                tuple(options),
                ended=begins_another(options),
            )
            for number, (question, options) in enumerate(asked)
        ]
        marks = []
        for scores in model.score(requests):
            charge(scores.usage)
            top = max(scores.logprobs)
            odds = [math.exp(each - top) for each in scores.logprobs]
            shares = [each / sum(odds) for each in odds]
            brier = (1 - shares[0]) ** 2 + sum(share**2 for share in shares[1:])
            right = float(shares[0] > max(shares[1:]))
            marks.append(Mark(scores.id, {"accuracy": right, "brier": brier}))
        return _ordered(marks)

    return sit


def _obey(asked: Sequence[tuple[str, dict[str, object]]], language: str) -> Sit:
    """Instructions of another kind than the task's: the share of answers with the form asked for."""

    def sit(model: Examinee, charge: Charge) -> list[Mark]:
        requests = [
            GenRequest(f"{number}", _prompt(order, language), STOP, LONGEST)
            for number, (order, _) in enumerate(asked)
        ]
        marks = []
        for answer in model.generate(requests):
            charge(answer.usage)
            passed = obeyed(answer.text, asked[int(answer.id)][1])
            marks.append(Mark(answer.id, {"obeyed": float(passed)}))
        return _ordered(marks)

    return sit


def _prompt(text: str, language: str) -> Prompt:
    input_cue, cue = CUES[language]
    return Prompt((Section("question", text),), cue, input_cue)


def _ordered(marks: Sequence[Mark]) -> list[Mark]:
    return sorted(marks, key=lambda mark: int(mark.id))


_ENDS = ".!?。"


def obeyed(answer: str, check: Mapping[str, object]) -> bool:
    """Says whether an answer passes all checks, each a name with what it compares with."""
    text = answer.strip()
    return bool(text) and all(_CHECKS[name](text, asked) for name, asked in check.items())


def _one_of(text: str, asked: object) -> bool:
    return isinstance(asked, list) and text.rstrip(_ENDS).lower() in asked


def _keys(text: str, asked: object) -> bool:
    """Whether it is a JSON object with these keys alone; a code block around it is allowed."""
    inside = re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", text, re.DOTALL)
    try:
        value = json.loads(inside[1] if inside else text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and isinstance(asked, list) and set(value) == set(asked)


def _parts(text: str, asked: object) -> bool:
    parts = [part.strip() for part in text.rstrip(_ENDS).split(",")]
    return "\n" not in text and len(parts) == asked and all(parts)


def _list(text: str, asked: object) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) == asked and all(re.match(r"- \S", line) for line in lines)


def _hangul(text: str, asked: object) -> bool:
    return bool(re.search("[가-힣]", text)) and not re.search("[A-Za-z]", text)


_CHECKS: Mapping[str, Callable[[str, object], bool]] = {
    "words": lambda text, asked: len(text.split()) == asked,
    "one_of": _one_of,
    "number": lambda text, asked: bool(re.fullmatch(r"[0-9]+\.?", text)),
    "exact": lambda text, asked: text == asked,
    "keys": _keys,
    "parts": _parts,
    "list": _list,
    "starts": lambda text, asked: text.startswith(str(asked)),
    "ends": lambda text, asked: text.rstrip(_ENDS).endswith(str(asked)),
    "without": lambda text, asked: str(asked) not in text.lower(),
    "brackets": lambda text, asked: bool(re.fullmatch(r"\[[^\[\]\n]+\]", text)),
    "hangul": _hangul,
}
