"""Finds the labels that a free text mentions: which label, where, and whether it is meant.

A mention that is negated ("not positive", "긍정이 아니라"), that is only a possibility ("could be
seen as negative") or that echoes the list of options ("positive, negative or neutral") states no
answer and is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Finder", "Mention", "finder", "key"]

_QUOTES = "\"'`*“”‘’「」『』《》<>()[]{} \t\r\n"
_TRAILING = _QUOTES + ".,;:!?。、，．！？：；"
_SEPARATORS = re.compile(r"[\s_\-]+")

# A word character that is not Hangul: in Korean text a Latin label touches its particle.
_WORD = r"[^\W가-힣]"
_COPULA = r"(?:입니다|이에요|예요|이다|이요|요)"
_PARTICLES = (
    r"(?:적)?(?:입니다|이에요|예요|이다|이요|이라는|라는|이라고|라고|이라|라|이므로|이며|이고|이죠|이지만|이지|"
    r"이어서|임|인|일|은|는|이|가|을|를|의|에서|에|도|만|보다|으로서|로서|으로|로|와|과|쪽|번|요){0,2}"
)
# "A company" and "EUR 2 million" name no option; "B is correct" and "B because" do.
_SHORT_END = r"(?!\s+(?!(?:is|are|was|because|since|as|and|or|would|which|by)\b)[a-z])"

_CLAUSE = re.compile(r"[.;:!?\n,()]|\b(?:but|however|although|though|therefore|hence|so)\b", re.I)
_GAP = r"(?:\W+\w[\w'’]*){0,8}\W*$"
_NEGATORS = (
    r"not(?!\s+(?:only|just|merely)\b)|never|neither|nor|without|cannot|lacks?|rather\s+than|"
    r"instead\s+of|as\s+opposed\s+to|\w+n['’]t|could|might|(?-i:may)|potentially|possibly"
)
_DENIED_KO = re.compile(
    r"(?:적)?(?:인\s[가-힣]{1,6})?(?:이지는|이지도|이지|이라고|이라|인|이|가|은|는|도|으로|로)?\s*(?:것[은이도]?\s*)?"
    r"(?:아니|아닌|아님|않|볼\s*수(?:는)?\s*없|보기는?\s*어렵)"
)
_LISTED = re.compile(
    r"[\s'\"“”‘’()\[\]]*(?P<strong>[/|·]|,?\s*\b(?:and|or|nor)\b|또는|혹은|및|[와과나]\s)?"
    r"(?P<comma>,)?[\s'\"“”‘’()\[\]]*"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A label in a text."""

    start: int
    end: int  # Past the last character, a Korean particle left out
    label: str


def key(text: str) -> str:
    """Reduces a label or a whole answer to what is compared.

    It is NFC and case folded, without quotes and final stop, with ``_`` and ``-`` as spaces.
    """
    text = unicodedata.normalize("NFC", text).casefold().lstrip(_QUOTES).rstrip(_TRAILING)
    return _SEPARATORS.sub(" ", text).strip()


def _pattern(surface: str) -> str:
    """Makes a pattern that takes any separator between the words of a label."""
    return r"[\s_\-]+".join(re.escape(word) for word in surface.split(" "))


class Finder:
    """Finds a task's labels in texts; `table` has them by the `key` of all texts that mean one."""

    def __init__(self, table: Mapping[str, str], choices: Sequence[str]) -> None:
        self.table = dict(table)
        self.choices = frozenset(choices)
        surfaces = sorted(self.table, key=lambda surface: (-len(surface), surface))
        short = [s for s in surfaces if len(s) == 1 and not _is_hangul(s)]
        self._long = self._compile([s for s in surfaces if s not in short])
        self._short = self._compile_short(short)
        negators = _NEGATORS if "no" in self.table else _NEGATORS + r"|no(?!\s+doubt\b)"
        self._negated = re.compile(rf"(?<![\w'’])(?:{negators})\b{_GAP}", re.I)

    @staticmethod
    def _compile(surfaces: list[str]) -> re.Pattern[str] | None:
        """Matches labels of several letters, the longest first ("very positive")."""
        parts = []
        for surface in surfaces:
            head = r"(?<!\w)" if _is_hangul(surface[0]) else rf"(?<!{_WORD})(?<!\w[-'’])"
            tail = _COPULA + "?" if len(surface) == 1 else _PARTICLES
            # An ASCII apostrophe that is followed by a letter belongs to the word.
            end = rf"(?!{_WORD})(?={tail}(?![가-힣]))"
            parts.append(head + _pattern(surface) + end)
        return re.compile("|".join(parts), re.I) if parts else None

    @staticmethod
    def _compile_short(surfaces: list[str]) -> re.Pattern[str] | None:
        """Matches option letters and digits: as they are written, in capitals, standing alone."""
        if not surfaces:
            return None
        letters = "".join(re.escape(surface.upper()) for surface in surfaces)
        return re.compile(
            rf"(?<!{_WORD})(?<![\w][-'’.,])[{letters}](?!{_WORD}|['’%-]|[.,]\d)"
            rf"(?={_PARTICLES}(?![가-힣])){_SHORT_END}"
        )

    def exact(self, text: str) -> str | None:
        """Returns the label that a text is, whole; None if it is none."""
        return self.table.get(key(text))

    def find(self, text: str) -> list[Mention]:
        """Lists in order what a text in NFC mentions; denials and echoed options are left out."""
        kept: list[Mention] = []
        for run in runs(text, self._raw(text)):
            # "no clear positive or negative tone" denies all that it lists.
            if len(run) > 1 and self._is_negated(text, run[0]):
                continue
            run = [mention for mention in run if not self._is_negated(text, mention)]
            labels = {mention.label for mention in run}
            if len(labels) < 2 or labels != self.choices:
                kept += run
        return kept

    def _raw(self, text: str) -> list[Mention]:
        """Lists every mention; where two overlap, the one that starts first or is longer."""
        patterns = [pattern for pattern in (self._long, self._short) if pattern]
        spans = sorted(
            (match.start(), -match.end())
            for pattern in patterns
            for match in pattern.finditer(text)
        )
        mentions: list[Mention] = []
        for start, end in spans:
            if not mentions or start >= mentions[-1].end:
                mentions.append(Mention(start, -end, self.table[key(text[start:-end])]))
        return mentions

    def _is_negated(self, text: str, mention: Mention) -> bool:
        before = text[max(0, mention.start - 120) : mention.start]
        clause = _CLAUSE.split(before)[-1]
        return bool(self._negated.search(clause) or _DENIED_KO.match(text, mention.end))


def runs(text: str, mentions: Sequence[Mention]) -> Iterator[list[Mention]]:
    """Groups mentions, in their order, that stand in one list ("positive or negative").

    Commas alone make a list only of three or more: "Yes, no exclusion applies" is an answer.
    """
    run: list[Mention] = []
    strong = False
    for mention in mentions:
        between = _LISTED.fullmatch(text, run[-1].end, mention.start) if run else None
        joined = between is not None and bool(between["strong"] or between["comma"])
        if joined and between is not None:
            strong = strong or bool(between["strong"])
        elif run:
            yield from _split(run, strong)
            run, strong = [], False
        run.append(mention)
    if run:
        yield from _split(run, strong)


def _split(run: list[Mention], strong: bool) -> list[list[Mention]]:
    return [run] if strong or len(run) > 2 else [[mention] for mention in run]


def _is_hangul(text: str) -> bool:
    return "가" <= text[0] <= "힣"


@lru_cache(maxsize=64)
def finder(
    choices: tuple[str, ...], aliases: tuple[tuple[str, str], ...] = (), letters: bool = False
) -> Finder:
    """Returns the finder of a set of labels, from a cache; aliases come with the label they mean.

    With `letters`, A, B, C ... (and ①, 1번) stand for the options in their order.
    """
    table = {key(choice): choice for choice in reversed(choices)}
    for alias, label in aliases:
        table.setdefault(key(alias), label)
    if letters:
        numbered = any(character.isdigit() for choice in choices for character in choice)
        for index, choice in enumerate(choices[:20]):
            table.setdefault(chr(ord("a") + index), choice)
            if not numbered:
                table.setdefault(chr(ord("①") + index), choice)
                table.setdefault(f"{index + 1}번", choice)
    table.pop("", None)
    return Finder(table, choices)
