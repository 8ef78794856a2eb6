"""What the models are asked and taught: sentences put together at random, the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from harness.models.base import Pair
from harness.models.local.tiny import SENTENCES
from harness.task.task import load_task
from harness.types import GenRequest, Prompt, Query, ScoreRequest, Section

__all__ = ["generation_requests", "pairs", "score_requests"]

SHOTS = 8
WORDS = [word for text in SENTENCES if text.isascii() for word in text.split()]


def _text(random: Random, words: int) -> str:
    return " ".join(random.choices(WORDS, k=words))


def _asked(items: int, words: int) -> tuple[list[Prompt], Sequence[str]]:
    """Returns prompts with eight examples that all share, and the labels."""
    view, random = load_task("fpb").view, Random(0)
    shots = [
        Section("example", _text(random, words), view.labels[shot % len(view.labels)])
        for shot in range(SHOTS)
    ]
    asked = [
        view.base_prompt(Query(str(item), _text(random, words))).with_sections(*shots)
        for item in range(items)
    ]
    return asked, view.labels


def score_requests(
    items: int,
    words: int,  # of each sentence
) -> list[ScoreRequest]:
    """Returns sentences to be labelled, after eight labelled ones."""
    prompts, labels = _asked(items, words)
    return [ScoreRequest(str(item), prompt, labels) for item, prompt in enumerate(prompts)]


def generation_requests(
    items: int,
    words: int,  # of each sentence
    tokens: int,  # most that each answer may have
) -> list[GenRequest]:
    """Returns the same as questions for text."""
    prompts, _ = _asked(items, words)
    return [GenRequest(str(item), prompt, (), tokens) for item, prompt in enumerate(prompts)]


def pairs(
    items: int,
    words: int,  # of each question
    answer: int,  # words of each answer
) -> list[Pair]:
    """Returns questions with answers to learn."""
    view, random = load_task("fpb").view, Random(0)
    return [
        Pair(
            str(item),
            view.base_prompt(Query(str(item), _text(random, words))),
            _text(random, answer),
        )
        for item in range(items)
    ]
