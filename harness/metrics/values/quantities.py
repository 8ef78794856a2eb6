"""Numbers with their units: amounts, shares, periods, counts; with sign, comparison, as a range."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from harness.metrics.characters import FALLS
from harness.metrics.values import numerals
from harness.metrics.values.comparisons import after
from harness.metrics.values.units import MARKS, PERIODS, SPAN, UNIT, Unit, unit_named
from harness.text import words

__all__ = ["Quantity", "find_quantities", "singular"]


class Quantity(NamedTuple):
    """A number with its unit in a text."""

    start: int
    end: int  # Past the last character
    number: Decimal
    unit: Unit

    @property
    def total(self) -> Decimal:
        """The number in what the unit is counted in."""
        return self.number * self.unit.factor


_SIGN = rf"(?:[{FALLS}]\s?|(?<![\w)\]%~-])[-+—](?=[\d.$₩€£¥(])|(?:minus|negative|plus)\s|(?:마이너스|플러스)\s?)"
_MARK = "|".join(sorted(map(re.escape, MARKS), key=len, reverse=True))
_SCALE = r"\s?(?P<scale>(?:hundred|thousand|million|billion|trillion|mn|mln|bn|tn)(?![a-z])|[kmb](?![a-z]))"
_QUANTITY = re.compile(
    rf"(?P<open>(?<![\w가-힣)])\()?(?P<sign>{_SIGN})?(?P<mark>(?<![A-Za-z])(?:{_MARK})\s?)?"
    rf"(?P<open2>(?<=[$₩€£¥])\()?(?P<sign2>{_SIGN})?"
    rf"(?P<body>(?<![\d.,])(?<![A-Za-z][-_])(?<![A-Za-z_])(?=\.?\d|(?<![가-힣])[천백십만일이삼사오육칠팔구])"
    rf"(?:(?P<european>\d{{1,3}}(?:\.\d{{3}})+,\d\d?(?!\d))|\.\d+|{numerals.KOREAN})|(?P<words>(?<![\w-]){numerals.WORDS}))(?!\d|[.,]\d)",
    re.I,
)
_MONEY_NEXT = re.compile(r"\s(?:dollars?|euros?|pounds?|won|USD|EUR|GBP|KRW)\b", re.I)
_SCALED = re.compile(_SCALE, re.I)
_ONES = ("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
_NATIVE = {word: count for count, word in enumerate(_ONES, start=1)}
_NATIVE |= {"석": 3, "넉": 4, "열두": 12, "스무": 20}
_DAYS = ("하루", "이틀", "사흘", "나흘", "닷새", "엿새", "이레", "여드레", "아흐레", "열흘")
_SPOKEN = {word: Decimal(86_400 * day) for day, word in enumerate(_DAYS, start=1)}
_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9, "십": 10}
_SPOKEN |= {"보름": Decimal(86_400 * 15), "일주일": Decimal(604_800)}
_HANGUL = re.compile(
    rf"(?<![가-힣A-Za-z])(?:(?P<day>{'|'.join(_SPOKEN)})|(?P<half_year>반년|half\sa\syear)|"
    r"an?\s(?P<article>year|month|week|day|hour)(?!\w)(?P<half>\sand\sa\shalf)?|"
    rf"(?P<count>{'|'.join(sorted(_NATIVE, key=len, reverse=True))})\s?(?=달|주|시간|번|명|사람|살|해|배)|"
    rf"(?P<sino>이(?=년|개월)|[일{''.join(_SINO)[2:]}]\s?(?=년|개월|퍼센트)))",
    re.I,
)
_WORD = re.compile(r"\s?-?(?P<word>[A-Za-z]{2,})|(?P<hangul>[가-힣]+)")
_NO_UNIT = frozenset(
    words("""
        in of to and or the for on at by from per is are was were as than with a an not but if
        which that this when after before each within until
    """)
)
_ENDING = re.compile(
    r"(?:입니다|이에요|예요|이다|이며|이고|이라고|라고|이라|인데|이요|요|은|는|이|가|을|를|의|에서|에|도|만|"
    r"으로|로|와|과|까지|부터)$"
)


def find_quantities(text: str) -> Iterator[Quantity]:
    """Yields in order the quantities of a prepared text that names no date."""
    found = sorted([*_written(text), *_spoken(text)])
    pending: Quantity | None = None
    for quantity in found:
        if pending and quantity.start < pending.end:
            continue
        joined = _compound(text, pending, quantity) if pending else None
        if pending and joined is None:
            yield pending
        pending = joined or quantity
    if pending:
        yield pending


def _written(text: str) -> Iterator[Quantity]:
    for match in _QUANTITY.finditer(text):
        quantity = _read(text, match)
        if quantity:
            yield quantity


def _read(text: str, match: re.Match[str]) -> Quantity | None:
    body = match["body"]
    if not body.strip():
        return None
    number = numerals.read_words(body) if match["words"] else _number(match)
    end = match.start("body") + len(body.rstrip())
    mark = MARKS.get((match["mark"] or "").strip().upper(), "")
    scale = _SCALED.match(text, end)
    if scale and (mark or len(scale["scale"]) > 1 or _MONEY_NEXT.match(text, scale.end())):
        number, end = number * numerals.SCALES[scale["scale"].lower()], scale.end()
    unit, end = _unit(text, end, mark)
    spelled = match["words"] or not body[0].isdigit() and body[0] != "."
    if spelled and not unit.base and not _counts(match, text):
        return None
    begin = match.start()
    if match["tens"] and not match["man"] and unit.base not in MARKS.values():
        # 만 65세 is a full age, and no 10,065.
        if not match["rest"]:
            return None
        number = numerals.plain(match["rest"])
        begin = begin if unit.base == "age" else match.start("rest")
    opened = bool(match["open"] or match["open2"])
    if opened and text[end : end + 1] == ")":
        end += 1
        if scale is None and mark and (outside := _SCALED.match(text, end)):  # $(1.2) million
            number, end = number * numerals.SCALES[outside["scale"].lower()], outside.end()
        if unit.base == "":
            unit, end = _unit(text, end, mark)
    elif opened:
        opened = False
    start = begin + 1 if match["open"] and not opened and begin == match.start() else begin
    signs = f"{match['sign'] or ''}{match['sign2'] or ''}"
    # (1) begins an item of a list, (1,234) is negative.
    negative = opened and (unit.base != "" or "," in body or match[0].strip() + ")" == text.strip())
    if re.search(rf"[-—{FALLS}]|minus|negative|마이너스", signs, re.I) or negative:
        number = -number
    if (half := _HALF.match(text, end)) and unit.base in PERIODS:
        number, end = number + Decimal("0.5"), half.end()
    return Quantity(start, end, number, unit)


def _counts(match: re.Match[str], text: str) -> bool:
    """Whether a number in English words is one without a unit; "one" alone is often a pronoun."""
    words = match["words"]
    return bool(words) and (words.lower() != "one" or match[0].strip() == text.strip(" ."))


def _number(match: re.Match[str]) -> Decimal:
    if match["european"]:
        return Decimal(match["european"].replace(".", "").replace(",", "."))
    body = match["body"]
    return Decimal(body.strip()) if body[0] == "." else numerals.read_korean(match)


def _unit(text: str, end: int, mark: str) -> tuple[Unit, int]:
    match = UNIT.match(text, end)
    if match:
        unit = unit_named(match)
        if not mark or unit.base == mark:
            spanned = SPAN.match(text, match.end()) if unit.base in PERIODS else None
            return unit, spanned.end() if spanned else match.end()
    if mark:
        return Unit(mark), end
    word = _WORD.match(text, end)
    if word is None:
        return Unit(""), end
    name = _ENDING.sub("", word["hangul"]) if word["hangul"] else word["word"].lower()
    if not name or name in _NO_UNIT or after(text, end)[0]:
        return Unit(""), end
    if word["hangul"]:
        return Unit(name, text=name), end + len(name)
    return Unit(singular(name), text=name), word.end()


def singular(word: str) -> str:
    """Takes the plural off an English word."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _spoken(text: str) -> Iterator[Quantity]:
    for match in _HANGUL.finditer(text):
        if match["half_year"]:
            yield Quantity(*match.span(), Decimal(6), Unit("month"))
        elif match["day"]:
            yield Quantity(*match.span(), _SPOKEN[match["day"]], Unit("second"))
        elif match["article"] and (unit := UNIT.match(match["article"])):
            number = Decimal("1.5" if match["half"] else "1")
            yield Quantity(*match.span(), number, unit_named(unit))
        elif unit := UNIT.match(text, match.end()):
            number = Decimal(_NATIVE.get(match["count"]) or _SINO[match["sino"].strip()])
            yield Quantity(match.start(), unit.end(), number, unit_named(unit))


_BETWEEN = re.compile(r"\s?|,?\s?and\s|하고\s?", re.I)
_HALF = re.compile(r"\s?반(?![가-힣])|\sand\sa\shalf\b", re.I)


def _compound(text: str, left: Quantity, right: Quantity) -> Quantity | None:
    """Joins 2년 and 6개월, 1 hour and 30 minutes; None where they are two values."""
    same = left.unit.base == right.unit.base and left.unit.base in PERIODS
    if not same or not 0 < right.total < left.unit.factor:
        return None
    if not _BETWEEN.fullmatch(text, left.end, right.start):
        return None
    number = (left.total + right.total) / right.unit.factor
    return Quantity(left.start, right.end, number, right.unit)
