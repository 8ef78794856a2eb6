"""Rewrites an answer to what it says: tables as sentences, without greetings or named sources."""

from __future__ import annotations

import re

from harness.metrics.values.numerals import prepared

__all__ = ["plain_answer", "set_aside"]

_RULE = re.compile(r"[\s|:-]+")
_FRAME = re.compile(
    r"^(?:(?:안녕하세요|안녕하십니까|네,\s고객님|고객님|hello|hi|sure|certainly)[^.!,\d]{0,12}[.!,]\s+"
    r"|(?:according\sto|based\son|as\s(?:stated|set\sout|described|noted)\sin|per|under)\s[^,.\d]{2,60},\s"
    r"|(?:[가-힣'\"]+\s){0,3}[가-힣]+(?:에\s따르면|에\s의하면|에\s따라),?\s"
    r"|(?:제\d+[조항](?:\([^)]*\))?\s?)*[①-⑳]\s*|(?:you|members|patients)\s(?:will\s)?pay\s(?=[\d$€£])"
    r"|(?:일반적으로|보통|통상적?으?로?|기본적으로|generally|in\sgeneral|as\sa\srule),?\s)+",
    re.I,
)
_MET = re.compile(r"\s(?:after|once)\s(?:the|your)\s(?:annual\s)?deductible(?:\sis\smet)?", re.I)
_THANKS = re.compile(
    r"\s(?:감사합니다|고맙습니다|도움이\s되[^.]*|추가[^.]*문의[^.]*|thank\syou|(?:i\s)?hope\s(?:this|that)\shelps)[.!]?$",
    re.I,
)
_ASIDE = re.compile(
    r"(?<=[가-힣][은는이가]\s)(?:(?![은는이가]\s)[^.,]){1,40}?보다(?![가-힣])|[^\s,]+보다(?![가-힣])|\bthan\s(?:that\sof\s)?(?:the\s)?(?:[A-Z]\S*\s?)+|\bthan\s\S+"
    r"|\b(?:[Oo]f|[Bb]etween|[Aa]mong)\s(?:the\s)?[^,.]{2,60}?\s(?:and|or)\s[^,.]{2,60},\s"
    r"|[^.,]*?(?:[와과랑]|하고|,)\s[^.]{2,40}?\s(?:중|가운데)(?:에서?)?는?,?\s"
    r"|,?\s(?:and\s|but\s)?not\s(?:the\s)?(?:[A-Z][\w'-]*\s?)+|[^\s,]+[이가]\s아니(?:라|고)"
)


def plain_answer(text: str) -> str:
    """Prepares an answer: a table's cells each with their row and column, no frame around it."""
    lines = text.strip().split("\n")
    tabled = [line for line in lines if line.strip().startswith("|") and line.count("|") > 2]
    if len(tabled) > 1:
        first = lines.index(tabled[0])
        others = [line for line in lines if line not in tabled]
        lines = [*others[:first], *_sentences(tabled), *others[first:]]
    plain = prepared("\n".join(lines))
    return _THANKS.sub("", _MET.sub("", _FRAME.sub("", plain))) or plain


def _sentences(table: list[str]) -> list[str]:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table]
    header, *body = [
        row for row, line in zip(rows, table, strict=True) if not _RULE.fullmatch(line)
    ]
    return [
        f"{row[0]} {name}: {cell}."
        for row in body
        for name, cell in zip(header[1:], row[1:], strict=False)
    ]


def set_aside(text: str) -> str:
    """Leaves out what is only named: A보다, than A, not A, A가 아니라, of A and B, A와 B 중."""
    return _ASIDE.sub(" ", text)
