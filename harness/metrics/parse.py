"""Reads the answer out of what a model wrote: a label in free text, or a short answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from harness.metrics.mentions import Finder, Mention, finder, runs

__all__ = ["Mode", "parse_answer", "parse_label", "visible"]

Mode = Literal["strict", "lenient"]

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
_MARKUP = re.compile(r"[*`]+|^#+\s+", re.M)

_NOUN = (
    r"(?:answer|label|sentiment|classification|category|class|intent|prediction|verdict|decision|"
    r"conclusion|tone|stance|response|output|option|choice|result|polarity|rating|"
    r"정답|답변|답|라벨|레이블|분류|감성|감정|의도|카테고리|판정|판단|결론|결과|선택|보기)"
)
_HEDGE = (
    r"(?:(?:a|an|the|most|likely|probably|clearly|rather|more|somewhat|mostly|predominantly|"
    r"generally|slightly|overall|considered|classified|labell?ed|as|to|be|option|choice|letter)\b"
    r"\W*)*"
)
_LINK = rf"(?:\b(?:is|are|be|as|was|seems|appears|towards?)\b|[:：=→]|[은는]\s?)[^\w.!?]*{_HEDGE}$"
_FINAL = re.compile(
    rf"(?:\b(?:final|correct|right|best)\s+|최종\s*|올바른\s*|맞는\s*){_NOUN}[^.!?\n]{{0,60}}?{_LINK}",
    re.I,
)
_LINE = re.compile(
    rf"(?:^|\n)\W*(?:(?:the|my|final|predicted|최종)\s*)*{_NOUN}(?:\s+(?:is|label|class))?"
    rf"\s*(?:[:：=→-]|[은는]\s*:?)[^\w]*(?:(?:option|choice)\s+)?$",
    re.I,
)
_INLINE = re.compile(
    rf"{_NOUN}(?:\b|(?=[은는]))[^.!?\n]{{0,60}}?{_LINK}"
    r"|\b(?:classif\w+|label\w*|categori[sz]\w+|consider\w*|rate[ds]?|choos\w+|chose|pick\w*|"
    r"select\w*|say|go\s+with|conclud\w+|lean\w*|deem\w*)\b[^.!?\n]{0,40}$"
    r"|(?:\b(?:therefore|thus|hence)\b|따라서|그러므로)[^.!?\n]{0,60}$",
    re.I,
)
_AFTER = re.compile(
    r"\W*(?:is\s+(?:the\s+)?(?:correct|right|best)\b"
    r"|(?:적)?(?:인\s*것)?(?:으로|로|이라고|라고)\s*(?:분류|판단|보입|보인|생각|볼\s*수\s*있|판정|답)"
    r"|(?:이|가)\s*(?:정답|맞|옳|답))",
    re.I,
)
_WEAK = re.compile(
    r"\b(?:sentence|statement|text|news|headline|tweet|article|it|this|question)\b['’]?s?\b"
    rf"[^.!?\n,]{{0,30}}?\b(?:is|expresses|conveys|has|'s|s)\b\W*{_HEDGE}$",
    re.I,
)
_LEADS = re.compile(r"\s*(?:[.,:;!?)\]\n–—-]|$|\b(?:because|since|as|sentiment)\b)", re.I)
_CUE_ECHO = re.compile(
    r"(?:(?:the\s+)?(?:final\s+)?(?:short\s+)?answer|a|최종\s*답변?|정답|답변|답)\s*[:：]\s*", re.I
)


def parse_label(
    text: str,
    choices: Sequence[str],  # the labels, or the options of a multiple-choice row
    *,
    mode: Mode = "lenient",
    aliases: Mapping[str, str] | None = None,  # other texts, each with the label that it means
    letters: bool = False,  # A, B, C ... stand for the options in their order
) -> str | None:
    """Finds which label an answer gives; None where it states none, or several.

    ``strict`` takes an answer that is a label, whole: as it is written, else with other case,
    quotes, a final stop and the like, where that gives one label alone. ``lenient`` also takes a label that free text states as its answer: after a cue ("Label:",
    "정답은"), as its first or last line, or as the only one it mentions.

    Raises:
        ValueError: The mode is unknown.
    """
    if mode not in ("strict", "lenient"):
        raise ValueError(f"unknown parser {mode!r}: it is 'strict' or 'lenient'")
    labels = finder(tuple(choices), tuple((aliases or {}).items()), letters)
    whole = labels.exact(text)
    if whole is not None or mode == "strict":
        return whole
    marked = any(_MARKUP.search(choice) for choice in choices)  # "A*" is a grade
    return _lenient(visible(text) if marked else _clean(text), labels)


def visible(text: str) -> str:
    """Returns what a model wrote without its hidden reasoning, in NFC."""
    return _THINKING.sub("", unicodedata.normalize("NFC", text)).strip()


def _clean(text: str) -> str:
    """Leaves out a model's hidden reasoning and its markup."""
    return _MARKUP.sub("", visible(text)).strip()


def _lenient(text: str, labels: Finder) -> str | None:
    whole = labels.exact(text)
    if whole is not None:
        return whole
    mentions = labels.find(text)
    lists = list(runs(text, mentions))
    # Of "Label: positive or negative" neither is stated.
    stated = [run[0] for run in lists if len({mention.label for mention in run}) == 1]
    if final := _cued(text, stated, _FINAL):
        return final[-1].label
    first = labels.exact(text.split("\n", 1)[0])
    if first is not None:
        return first
    # A base model may go on with examples of its own, so the first labelled line is the answer.
    if lines := _cued(text, stated, _LINE):
        return lines[0].label
    edge = _edge(text, labels, stated)
    return edge if edge is not None else _consensus(text, mentions, stated)


def _edge(text: str, labels: Finder, stated: Sequence[Mention]) -> str | None:
    """Reads a text that begins with a label, or whose last line is one."""
    if stated and not text[: stated[0].start].strip("\"'“”‘’([ \n"):
        rest = text[stated[0].end :].lstrip("\"'“”‘’)]")
        if _LEADS.match(rest):
            return stated[0].label
    return labels.exact(text.rsplit("\n", 1)[-1])


def _consensus(text: str, mentions: Sequence[Mention], stated: Sequence[Mention]) -> str | None:
    """Takes the label on which the strongest kind of statement agrees; None if it doesn't."""
    groups: list[Sequence[Mention]] = [
        _cued(text, stated, _INLINE, lambda mention: bool(_AFTER.match(text, mention.end))),
        _cued(text, stated, _WEAK),
        mentions,
    ]
    for group in groups:
        labels = {mention.label for mention in group}
        if labels:
            return labels.pop() if len(labels) == 1 else None
    return None


def _cued(
    text: str,
    stated: Sequence[Mention],
    cue: re.Pattern[str],
    otherwise: Callable[[Mention], bool] = lambda mention: False,
) -> list[Mention]:
    """Keeps the mentions that a cue stands right before."""
    return [
        mention
        for mention in stated
        if cue.search(text[max(0, mention.start - 120) : mention.start]) or otherwise(mention)
    ]


def parse_answer(text: str, *, stop_at_newline: bool = True) -> str:
    """Returns the short answer in generated text, without markup and an echoed cue ("Answer:")."""
    answer = _clean(text)
    if cue := _CUE_ECHO.match(answer):
        answer = answer[cue.end() :]
    return answer.split("\n", 1)[0].strip() if stop_at_newline else answer.strip()
