"""Finds the labels that a free text mentions: which label, where, and whether it is meant.

A mention that is negated ("not positive", "긍정이 아니라"), that is only a possibility ("could be
seen as negative") or that echoes the list of options ("positive, negative or neutral") states no
answer and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.metrics.characters import FALLS, MINUS
from harness.metrics.spellings import BETWEEN_WORDS, SEPARATOR, Spellings, written

__all__ = ["Finder", "Mention", "finder", "is_altered"]

# A word character that is not Hangul: in Korean text a Latin label touches its particle.
_WORD = r"[^\W가-힣]"
_DASHES = f"{MINUS}+=~*/|&^%$#@<>.,:;!?()[]{{}}"  # a text has these without meaning a label
_COPULA = r"(?:입니다|이에요|예요|이다|이요)"  # "중요" is another word than "중"
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


def _pattern(surface: str) -> str:
    """Makes a pattern that takes any separator between the words of a label, and any minus sign."""
    words = [re.escape(word) for word in BETWEEN_WORDS.split(surface)]
    minus = re.escape(MINUS[0])
    return re.sub(rf"^{re.escape(minus)}", f"[{MINUS}]", SEPARATOR.join(words))


class Finder:
    """Finds a task's labels in texts."""

    def __init__(self, spellings: Spellings, choices: Sequence[str]) -> None:
        self._spellings = spellings
        self.choices = frozenset(choices)
        surfaces = spellings.texts
        short = [s for s in surfaces if len(s) == 1 and s.isalnum() and not _is_hangul(s)]
        symbols = [s for s in surfaces if all(each in _DASHES for each in s)]
        self._patterns = [
            re.compile(pattern, flags)
            for pattern, flags in (
                (_long([s for s in surfaces if s not in {*short, *symbols}]), re.I),
                (_short(short), re.NOFLAG),
                (_symbols(symbols), re.NOFLAG),
            )
            if pattern
        ]
        has_no = any(surface.casefold() == "no" for surface in surfaces)
        negators = _NEGATORS if has_no else _NEGATORS + r"|no(?!\s+doubt\b)"
        self._negated = re.compile(rf"(?<![\w'’])(?:{negators})\b{_GAP}", re.I)

    def exact(self, text: str) -> str | None:
        """Returns the label that a text is, whole; None if it is none."""
        return self._spellings.label_of(text)

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
        spans = sorted(
            (match.start(), -match.end())
            for pattern in self._patterns
            for match in pattern.finditer(text)
        )
        mentions: list[Mention] = []
        for start, end in ((start, -end) for start, end in spans):
            if mentions and start < mentions[-1].end:
                continue
            label = self.exact(text[start:end])
            if label is not None and not is_altered(text, start, end, self._spellings):
                mentions.append(Mention(start, end, label))
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


def _long(surfaces: list[str]) -> str:
    """Matches labels of several characters, the longest first ("very positive")."""
    parts = []
    for surface in surfaces:
        head = rf"(?<!{_WORD})(?<!\w[-'’])"
        if _is_hangul(surface):
            head = r"(?<!\w)"
        elif surface[0] not in MINUS and not surface[0].isalnum():
            head = rf"(?<!{re.escape(surface[0])})"  # four stars are not three
        tail = _COPULA + "?" if len(surface) == 1 else _PARTICLES
        # An ASCII apostrophe that is followed by a letter belongs to the word.
        more = "" if surface[-1].isalnum() else rf"(?!{re.escape(surface[-1])})"
        end = rf"{more}(?!{_WORD})(?={tail}(?![가-힣]))"
        parts.append(head + _pattern(surface) + end)
    return "|".join(parts)


def _short(surfaces: list[str]) -> str:
    """Matches option letters and digits: as they are written, in capitals, standing alone."""
    if not surfaces:
        return ""
    capitals = {surface.upper() for surface in surfaces}
    both = [surface for surface in surfaces if surface.upper() in {*surfaces} - {surface}]
    letters = "".join(sorted(map(re.escape, capitals.union(both))))
    return (
        rf"(?<!{_WORD})(?<![\w][-'’.,])[{letters}](?!{_WORD}|['’%-]|[.,]\d)"
        rf"(?={_PARTICLES}(?![가-힣])){_SHORT_END}"
    )


def _symbols(surfaces: list[str]) -> str:
    """Matches labels without a letter ("+", "-") right after a cue, since a text has dashes."""
    if not surfaces:
        return ""
    either = "|".join(map(_pattern, surfaces))
    return rf"(?:(?<=[:：=→]\s)|(?<=\bis\s)|(?<=[\"'“‘(]))(?:{either})(?=[\s.,;:!?)\"'”’]|$)"


def _is_hangul(text: str) -> bool:
    return "가" <= text[0] <= "힣"


@lru_cache(maxsize=64)
def finder(
    choices: tuple[str, ...], aliases: tuple[tuple[str, str], ...] = (), letters: bool = False
) -> Finder:
    """Returns the finder of a set of labels, from a cache; aliases come with the label they mean.

    With `letters`, A, B, C ... (and ①, 1번) stand for the options in their order; a letter that is
    also the text of another option says nothing.
    """
    meanings = [(choice, choice) for choice in choices]
    known = {written(choice) for choice in choices}
    meanings += [(alias, label) for alias, label in aliases if written(alias) not in known]
    if letters:
        numbered = any(character.isdigit() for choice in choices for character in choice)
        for index, choice in enumerate(choices[:20]):
            meanings.append((chr(ord("A") + index), choice))
            if not numbered:
                meanings += [(chr(ord("①") + index), choice), (f"{index + 1}번", choice)]
    return Finder(Spellings(meanings), choices)


_MORE = r"(?:less|more|greater|fewer|higher|lower|larger|smaller)"
_BEFORE_NUMBER = re.compile(
    rf"(?:(?<![-=])[<>]=?\s?|[≤≥≦≧＜＞±~∼～≈{FALLS}]\s?|[{MINUS}]"  # "->" and "=>" are arrows
    r"|(?:\b(?:minus|negative|under|over|above|below|at\s+least|at\s+most|up\s+to)|마이너스"
    rf"|\b{_MORE}\s+than(?:\s+or\s+equal\s+to)?)\s+)$",
    re.I,
)
_AFTER_NUMBER = re.compile(
    r"[.,]\d|\s?[%‰]|[-+](?!\w)|\s?(?:이상|이하|초과|미만)"
    rf"|\s(?:thousand|million|billion|trillion|or\s+{_MORE})\b",
    re.I,
)
_BULLET = re.compile(rf"[{MINUS}]\s$")
_AMOUNT = re.compile(r"\d{3}|[.,%$₩€£¥]")
_GRADE = re.compile(r"[A-Za-z]{1,4}[1-3]?").fullmatch
_NOTCH = re.compile(rf"[{MINUS}](?![^\W\d_])|\s?\(\s?[{MINUS}+]\s?\)")


def is_altered(text: str, start: int, end: int, labels: Spellings) -> bool:
    """Says whether a sign, a comparison or a notch stands beside ``text[start:end]``.

    What tells two of the labels apart is read more strictly.
    """
    mention, before, after = text[start:end], text[max(0, start - 40) : start], text[end : end + 20]
    if mention[-1].isdigit() or mention[-1] == "%":
        changed = _AFTER_NUMBER.match(after)
    else:
        changed = _NOTCH.match(after) if _GRADE(mention) else None
    if changed or after[:1] in ("+", "#"):
        return True
    if not (mention[0].isdigit() or mention[0] in "$₩€£¥"):
        return False
    if before.endswith("(") and after.startswith(")"):
        return labels.signed or bool(_AMOUNT.search(mention) and not before[:-1].strip())
    if before.endswith("+"):
        return any(other.startswith("+") for other in labels.texts)
    if labels.signed and _BULLET.search(before):
        return True
    return bool(_BEFORE_NUMBER.search(before))
