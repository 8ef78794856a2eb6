"""Invented rows, how they are written into a folder, and what is expected of a format."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Row = Mapping[str, object]

COVERS = [
    "cancer",
    "dental",
    "fire",
    "flood",
    "travel",
    "pet",
    "liability",
    "theft",
    "hail",
    "storm",
]

보장 = ["암", "치아", "화재", "침수", "여행", "반려동물", "배상책임", "도난", "우박", "태풍"]

MOODS = {"positive": "was paid fast and kindly", "negative": "was refused after weeks of waiting"}

MOODS |= {"neutral": "is still being looked at by the office"}

감정 = {
    "긍정": "빨리 지급되어 만족합니다",
    "부정": "거절되어 실망했습니다",
    "중립": "아직 심사 중입니다",
}


@dataclass(frozen=True)
class Format:
    """How rows are written into a folder, and what is proposed of them."""

    write: Callable[[Path], Sequence[str]]  # what follows --data, one each
    kind: str
    columns: Mapping[str, object]  # those that have to be so
    splits: Mapping[str, int]  # rows of train, dev and test
    labels: Sequence[str] = ()
    copied: bool = False
    options: Sequence[str] = ()  # more of the command
    extra: Mapping[str, object] = field(default_factory=dict)  # other values of the JSON


def moods(n: int = 120) -> list[dict[str, object]]:
    """Returns reviews of claims, with their mood."""
    draw, names = random.Random(7), list(MOODS)
    return [
        {
            "review": f"My {draw.choice(COVERS)} claim no. {n} {MOODS[names[n % 3]]}.",
            "mood": names[n % 3],
        }
        for n in range(n)
    ]


def 후기(n: int = 120) -> list[dict[str, object]]:
    """Returns the same in Korean."""
    names = list(감정)
    return [
        {
            "문의내용": f"{보장[n % 10]} 보험금 청구 {n}건은 {감정[names[n % 3]]}.",
            "감정": names[n % 3],
        }
        for n in range(n)
    ]


def facts(n: int = 100) -> list[tuple[str, str, str]]:
    """Returns a paragraph, a question to it, and the answer, which stands in it."""
    return [
        (
            f"Plan {k} of the mutual covers {COVERS[k % 10]} damage. Its waiting time is {k + 3} days, "
            f"and the office in district {k} decides within {k % 9 + 2} weeks of the report.",
            f"How long is the waiting time of plan {k}?",
            f"{k + 3} days",
        )
        for k in range(n)
    ]


def lines(path: Path, rows: Iterable[object]) -> list[str]:
    """Writes JSON Lines."""
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return [path.name]


def table(
    path: Path, rows: Sequence[Row], *, sep: str = ",", encoding: str = "utf-8", head: bool = True
) -> list[str]:
    """Writes a delimited file."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=sep)
        if head:
            writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)
    return [path.name]


def sheet(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> list[str]:
    """Writes a workbook."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        made = book.create_sheet(title)
        for row in rows:
            made.append(list(row))
    book.save(path)
    return [path.name]


def quiz(k: int) -> tuple[str, list[str], int]:
    """Returns a question, its options, and which is right."""
    options = [f"{COVERS[(k + j) % 10]} cover of plan {k}" for j in range(4)]
    return f"Which cover pays first for damage of sort {k}?", options, k * 7 % 4


HASHED = {"train": 84, "dev": 12, "test": 24}
