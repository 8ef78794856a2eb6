"""Values of facts as Korean writes them: the canonical text and the texts that mean the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

from .. import values
from ..values import Name
from .korean import josa, listed

__all__ = ["Amount", "Day", "Items", "Name", "Percentage", "Period", "Term", "Unknown", "YesNo"]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money in won."""

    won: int
    kind: ClassVar[str] = "amount"

    @property
    def key(self) -> Hashable:
        return self.won

    @property
    def text(self) -> str:
        eok, rest = divmod(self.won, 100_000_000)
        man, won = divmod(rest, 10_000)
        if won:
            return f"{self.won:,}원"
        if not eok:
            return f"{man:,}만원"
        return f"{eok}억 {man:,}만원" if man else f"{eok}억원"

    @property
    def variants(self) -> tuple[str, ...]:
        eok, rest = divmod(self.won, 100_000_000)
        man, won = divmod(rest, 10_000)
        head = f"{eok}억" if eok else ""
        mixed = head + (f"{man}만" if man else "") + (f"{won}" if won else "") + "원"
        spoken = head + (_spoken(man) + "만" if man else "") + (_spoken(won) if won else "") + "원"
        return (f"{self.won:,}원", f"{self.won}원", self.text[:-1] + " 원", mixed, spoken)


def _spoken(number: int) -> str:
    """Writes 2300 as 2천3백, the way amounts are said; leaves what is not round as digits."""
    if number % 100 or number < 100:
        return str(number)
    thousands, hundreds = divmod(number // 100, 10)
    return (f"{thousands}천" if thousands else "") + (f"{hundreds}백" if hundreds else "")


_DAY_WORDS = dict(
    enumerate(listed("하루|이틀|사흘|나흘|닷새|엿새|이레|여드레|아흐레|열흘"), start=1)
)
_MONTH_WORDS = {1: "한 달", 2: "두 달", 3: "세 달", 4: "네 달", 5: "다섯 달", 6: "여섯 달"}


@dataclass(frozen=True, slots=True)
class Period(values.Period):
    """A length of time.

    Attributes:
        number: How many units.
        unit: "시간", "일", "영업일", "주", "개월" or "년"; business days are not calendar days.
        role: "span" a duration, "before" a notice, "within" a deadline: which words may follow.
    """

    multiples: ClassVar[Mapping[str, tuple[str, int]]] = {"주": ("일", 7), "년": ("개월", 12)}

    @property
    def text(self) -> str:
        return f"{self.number}{self.unit}"

    @property
    def variants(self) -> tuple[str, ...]:
        tails = {"span": ("간",), "before": (" 전", " 전까지"), "within": (" 이내", " 안", " 내")}
        same = [self.text, *self._same()]
        tail = [
            text + tail for text in same for tail in tails[self.role] if not text.endswith("반")
        ]
        return tuple(same[1:] + tail)

    def _same(self) -> list[str]:
        """Texts for the same length in another unit or another word."""
        unit, number = self.measure
        if unit == "일":
            texts = [f"{number}일"]
            if number % 7 == 0:
                texts += [f"{number // 7}주", f"{number // 7}주일"]
            if number in _DAY_WORDS:
                texts.append(_DAY_WORDS[number])
            return [*texts, *(["일주일"] if number == 7 else ["보름"] if number == 15 else [])]
        if unit == "영업일":
            return [f"{number} 영업일", f"영업일 기준 {number}일", f"영업일로 {number}일"]
        if unit == "개월":
            return self._same_months(number)
        return []

    def _same_months(self, number: int) -> list[str]:
        years, months = divmod(number, 12)
        texts = [f"{number}개월", f"{number}달"]
        if number in _MONTH_WORDS:
            texts.append(_MONTH_WORDS[number])
        if number == 6:
            texts.append("반년")
        if years:
            texts.append(f"{years}년 {months}개월" if months else f"{years}년")
        if years and months == 6:
            texts.append(f"{years}년 반")
        return texts


@dataclass(frozen=True, slots=True)
class Percentage(values.Percentage):
    """How Korean writes a percentage."""

    @property
    def variants(self) -> tuple[str, ...]:
        same = (f"{self.number}퍼센트", f"{self.number}프로")
        return same + ((f"{self.base}의 {self.number}%",) if self.base else ())


@dataclass(frozen=True, slots=True)
class Day(values.Day):
    """How Korean writes a date."""

    @property
    def text(self) -> str:
        if not self.month:
            return f"매월 {self.day}일"
        return (f"{self.year}년 " if self.year else "") + f"{self.month}월 {self.day}일"

    @property
    def variants(self) -> tuple[str, ...]:
        if not self.month:
            return (f"매달 {self.day}일", f"{self.day}일")
        short = f"{self.month:02d}-{self.day:02d}"
        if not self.year:
            return (f"매년 {self.text}", short, short.replace("-", "/"))
        return (f"{self.year}-{short}", f"{self.year}.{short.replace('-', '.')}")


@dataclass(frozen=True, slots=True)
class Items(values.Items):
    """How Korean writes a list."""

    @property
    def text(self) -> str:
        return ", ".join(self.items)

    @property
    def variants(self) -> tuple[str, ...]:
        texts: list[str] = []
        for *first, last in permutations(self.items):
            head = ", ".join(first)
            texts += [f"{head}, {last}", f"{head} 및 {last}", f"{head}{josa(head, '과/와')} {last}"]
        return tuple(texts)


# Every yes/no question asks whether one can or may do something.
_YES = listed("네|그렇다|그렇습니다|가능|가능하다|가능합니다|있다|있습니다|된다|됩니다")
_NO = listed(
    "아니오|아니다|아닙니다|불가|불가능|불가능하다|불가능합니다|없다|없습니다|"
    "할 수 없다|할 수 없습니다|안 된다|안 됩니다"
)


@dataclass(frozen=True, slots=True)
class YesNo(values.YesNo):
    """How Korean writes yes and no."""

    @property
    def text(self) -> str:
        return "예" if self.yes else "아니요"

    @property
    def variants(self) -> tuple[str, ...]:
        return _YES if self.yes else _NO


@dataclass(frozen=True, slots=True)
class Term(values.Term):
    """How Korean writes a term."""

    @property
    def variants(self) -> tuple[str, ...]:
        return (f"'{self.term}'",)


@dataclass(frozen=True, slots=True)
class Unknown(values.Unknown):
    """How Korean says that there is no answer."""

    text: ClassVar[str] = "모른다"
    variants: ClassVar[tuple[str, ...]] = listed(
        "모릅니다|모르겠다|모르겠습니다|알 수 없다|알 수 없습니다|알 수 없음|"
        "문서에 없다|문서에 없습니다|문서에 나와 있지 않다|문서에 나와 있지 않습니다|"
        "규정에 없다|규정에 없습니다|자료에 없다|자료에 없습니다|정보가 없다|정보가 없습니다|"
        "확인할 수 없다|확인할 수 없습니다"
    )
