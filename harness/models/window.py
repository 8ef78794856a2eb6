"""How much a model reads: which requests are longer than that, and how they are cut to fit.

Most texts are so short that their bytes alone say that they fit: a token has one byte at least.
Only what may be too long is tokenised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.types import Prompt, Section

if TYPE_CHECKING:
    from harness.models.render import Encoder

__all__ = ["Fitted", "Window", "shortened"]

SPARE, PER_PART = 128, 24
"""Tokens that a template may write around a prompt, and around each section and passage."""
LEAST = 32
"""Characters of a text below which nothing is cut."""
GAP = " … "


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt as it fits into the context; None where it doesn't."""

    prompt: Prompt | None
    excess: str = ""  # how long the whole request is; empty where it fits as it is


@dataclass(frozen=True, slots=True)
class Window:
    """The context of a model, with its tokenizer."""

    encoder: Callable[[], Encoder]  # called only where something may be too long
    limit: int | None  # tokens, answer included; None: as many as there are
    before: int = 0  # how many of them the encoder puts before each text

    def at_most(self, limit: int | None) -> Window:
        """Returns the same with a limit that may be lower."""
        limits = [each for each in (self.limit, limit) if each is not None]
        return replace(self, limit=min(limits, default=None))

    def fit(
        self, prompt: Prompt, answers: Sequence[str] = (), tokens: int = 0, *, cut: bool = False
    ) -> Fitted:
        """Returns a request's prompt where it fits, or one that is cut to fit.

        The request is the prompt with the longest of the answers and so many tokens more.
        """
        needed = self.needed(prompt, answers, tokens)
        if needed is None:
            return Fitted(prompt)
        excess = f"{needed:,} tokens, {self.limit:,} fit"
        if not cut:
            return Fitted(None, excess)
        return Fitted(
            shortened(prompt, lambda each: self.needed(each, answers, tokens) is None), excess
        )

    def needed(self, prompt: Prompt, answers: Sequence[str] = (), tokens: int = 0) -> int | None:
        """Returns the tokens of a request that doesn't fit; None where it fits."""
        if self.limit is None or _most_tokens(prompt, answers) + tokens + self.before <= self.limit:
            return None
        ((length, texts),) = self.encoder().encode_all([(prompt, answers)])
        needed = max([length, *(len(text.ids) for text in texts)]) + tokens
        return needed if needed > self.limit else None


def _most_tokens(prompt: Prompt, answers: Sequence[str]) -> int:
    """Returns a number of tokens that a request surely doesn't exceed."""
    around = PER_PART + _bytes(prompt.cue) + _bytes(prompt.input_cue)
    total = SPARE + max(map(_bytes, answers), default=0)
    for section in prompt.sections:
        total += around + _bytes(section.text) + _bytes(section.answer)
        total += sum(PER_PART + _bytes(passage.text) for passage in section.passages)
    return total


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def shortened(prompt: Prompt, fits: Callable[[Prompt], bool]) -> Prompt | None:
    """Cuts the longest texts of a prompt to one length, the greatest that fits; None: none does.

    Inputs of examples and of the question lose their middle, passages their end. Instructions,
    options, answers and cues stay whole.
    """
    low, high = LEAST, max(_lengths(prompt), default=0)
    best = _capped(prompt, low)
    if not fits(best):
        return None
    while high - low > max(1, low // 64):
        middle = (low + high) // 2
        candidate = _capped(prompt, middle)
        if fits(candidate):
            low, best = middle, candidate
        else:
            high = middle
    return best


def _lengths(prompt: Prompt) -> list[int]:
    texts = [_own_text(section) for section in prompt.sections]
    return [*map(len, texts), *(len(p.text) for each in prompt.sections for p in each.passages)]


def _own_text(section: Section) -> str:
    """Returns the input in a section: without the options or notes that follow it."""
    if section.kind == "instructions":
        return ""
    own = section.query.text if section.query else section.text
    return own if section.text.startswith(own) else section.text


def _capped(prompt: Prompt, most: int) -> Prompt:
    return replace(prompt, sections=tuple(_cut(section, most) for section in prompt.sections))


def _cut(section: Section, most: int) -> Section:
    own = _own_text(section)
    text = section.text
    if len(own) > most:
        end = (most - len(GAP)) // 3
        text = own[: most - len(GAP) - end] + GAP + own[len(own) - end :] + text[len(own) :]
    passages = tuple(
        passage if len(passage.text) <= most else replace(passage, text=passage.text[:most])
        for passage in section.passages
    )
    return replace(section, text=text, passages=passages)
