"""Grades, codes and telephone numbers: AA-, double-A minus, A 플러스, HR-107, +44 20 7946 0123."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.metrics.values.units import MARKS
from harness.metrics.values.value import Found, Value

__all__ = ["find_codes"]

_HEAD, _TAIL = r"(?<![A-Za-z\d])(?<!\d[.,])", r"(?![A-Za-z\d])"
_GRADE = re.compile(
    rf"{_HEAD}(?:(?:[A-D][A-Da-d]{{0,2}}|[EFS])(?:[+-]{{1,2}}|[1-3][+-]?)|AAA|AA|BBB|BB|CCC|CC|Aaa|Baa|Caa)(?![A-Za-z\d+-])"
)
_CODE = re.compile(
    rf"{_HEAD}(?:[A-Za-z]{{1,6}}-?\d[\dA-Za-z]*(?:-[\dA-Za-z]+|\.\d+)*|\d+(?:[)-]\s?\d+)+(?<=\d-\d{{4}})|\d+(?:-\d+){{2,}}"
    rf"|\d+(?:\.\d+){{2,}}|0\d+(?!\.?\d))(?![.,]\d){_TAIL}"
)
_MONEY = re.compile(r"(?:" + "|".join(mark for mark in MARKS if mark.isalpha()) + r")\d", re.I)
_JOINT = re.compile(r"([a-z])-(?=\d)")
_AMBIGUOUS = re.compile(r"[a-f]{1,3}-\d")
_TIMES = {"single": 1, "싱글": 1, "double": 2, "더블": 2, "triple": 3, "트리플": 3}
_SIGNS = {"plus": "+", "플러스": "+", "minus": "-", "마이너스": "-"}
_SPELLED = re.compile(
    rf"(?<![A-Za-z가-힣])(?:(?P<times>(?i:{'|'.join(_TIMES)}))[\s-]?)?"
    r"(?P<letters>[A-D]{1,3}|[ABC]a{1,2})"
    rf"(?:[\s-]?(?P<sign>(?i:{'|'.join(_SIGNS)}))(?![A-Za-z])|(?![A-Za-z\d+-]))"
)
_PHONE = re.compile(
    r"(?<![\d.+,-])(?:\+(?P<country>\d{1,3})[\s-]?(?:\(0\)\s?)?\(?|\(?(?=0\d))"
    r"(?P<number>\d{1,4}\)?(?:[\s-]\d{3,4}){2,3})(?![\d,]|\.\d)"
)


def find_codes(text: str) -> Iterator[Found]:
    """Yields grades, telephone numbers and codes, which may lie inside one another."""
    for match in _SPELLED.finditer(text):
        if match["times"] or match["sign"]:
            letters = match["letters"] * _TIMES.get((match["times"] or "single").lower(), 1)
            grade = letters + _SIGNS.get((match["sign"] or "").lower(), "")
            yield Found(*match.span(), Value("grade", (grade.casefold(),)), match.span())
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match["number"])
        national = f"0{digits.lstrip('0')}" if match["country"] else digits
        yield Found(*match.span(), Value("code", (national,)), match.span())
    for match in _GRADE.finditer(text):
        yield Found(*match.span(), Value("grade", (match[0].casefold(),)), match.span())
    for match in _CODE.finditer(text):
        if _MONEY.match(match[0]):
            continue
        code = _JOINT.sub(r"\1", match[0].casefold())
        if _AMBIGUOUS.fullmatch(match[0].casefold()):
            code = match[0].casefold()  # A-1 and A1 are two ratings
        elif not re.search(r"[a-z.]", code):
            code = re.sub(r"\D", "", code)  # 02-555-0134
        yield Found(*match.span(), Value("code", (code,)), match.span())
