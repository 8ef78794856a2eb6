"""How figures are written: the same digits in both languages, units where they differ."""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections.abc import Sequence

from harness.analysis.words import Language, Phrase, phrase, word
from harness.costs.money import Money
from harness.costs.serving import Month
from harness.records.files import encoded
from harness.report.values import Figure, TaskReport
from harness.text import cash, digits, duration, is_tiny, milliseconds, size

__all__ = [
    "count",
    "digits",
    "duration",
    "interval",
    "json_values",
    "memory",
    "money",
    "monthly",
    "packed",
    "percent",
    "points",
    "quality",
    "seconds",
    "volumes",
    "zipped",
]

SIGNS = {"USD": "$", "KRW": "₩", "EUR": "€", "JPY": "¥"}
WHOLE = frozenset({"KRW", "JPY"})
DASH = "–"
AT_LEAST = "≥ "


def money(
    usd: float | None,
    shown_in: Money | None = None,
    language: Language = "en",
    *,
    least: bool = False,  # a part without a price isn't in it
) -> str:
    """Writes dollars (without tax) in the money of `shown_in`; None is unpriced, never 0."""
    shown_in = shown_in or Money()
    value = shown_in.of(usd)
    if value is None:
        return word("unpriced", language)
    sign = AT_LEAST * least + SIGNS.get(shown_in.currency, f"{shown_in.currency} ")
    if value == 0 or (least and is_tiny(value)):
        return f"{sign}0"
    return cash(value, sign, whole_from=100 if shown_in.currency in WHOLE else 1000)


def monthly(
    months: Sequence[Month], shown_in: Money | None = None, language: Language = "en"
) -> str:
    """Writes what months cost, by rising volume; one amount where all are the same."""
    amounts = [money(month.usd, shown_in, language) for month in months]
    return " / ".join(amounts if len(set(amounts)) > 1 else amounts[:1]) or DASH


def volumes(months: Sequence[Month]) -> str:
    """Writes the volumes of months: ``10k / 100k / 1M``."""
    return " / ".join(_volume(month.requests) for month in months)


def _volume(requests: float) -> str:
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if requests >= unit and requests % unit == 0:
            return f"{requests / unit:,.0f}{letter}"
    return f"{requests:,.0f}"


def quality(value: float | None, unit: str = "") -> str:
    """Writes a metric: a share with three digits, money in whole units."""
    if value is None:
        return DASH
    return f"{value:,.0f}" if unit else f"{value:.3f}"


def interval(figure: Figure) -> str:
    """Writes the interval of a metric; empty where there is none."""
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    return f"[{quality(figure.low, figure.unit)}, {quality(figure.high, figure.unit)}]"


def points(difference: float, task: TaskReport) -> Phrase:
    """Writes a difference in quality: points of a share, else the metric's own unit."""
    if task.unit:
        return Phrase(f"{difference:z,.0f}", f"{difference:z,.0f}")
    return phrase("points", value=f"{100 * difference:z.1f}")


def percent(share: float) -> Phrase:
    """Writes a share in percent: ``98 %``, and without the space in Korean."""
    return Phrase(f"{100 * share:.0f} %", f"{100 * share:.0f}%")


def seconds(value: float | None) -> str:
    """Writes a short time: ``850 ms``, ``1.2 s``."""
    if value is None:
        return DASH
    if value >= 1:
        return f"{value:,.2f} s" if value < 10 else f"{value:,.1f} s"
    return milliseconds(value)


def memory(value: float | None) -> str:
    """Writes bytes: ``836 MiB``, ``3.2 GiB``."""
    return size(value) if value else DASH


def count(value: float | None) -> str:
    """Writes a number: whole where it is large, else with three digits."""
    if value is None:
        return DASH
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def json_values(value: object) -> object:
    """Returns the same as JSON has it; what is infinite or not a number is None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): json_values(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return [json_values(each) for each in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [json_values(each) for each in value]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)


def packed(value: object) -> str:
    """Packs JSON values so that they can stand in a page: gzip, base64."""
    return zipped(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def zipped(text: str) -> str:
    """Packs a text; the same text gives the same characters."""
    small = gzip.compress(encoded(text), compresslevel=9, mtime=0)
    return base64.b64encode(small).decode("ascii")
