"""How times, small figures and texts of others are written, and how texts lie to each other."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import pairwise

__all__ = [
    "LONGEST_CELL",
    "begins_another",
    "defused",
    "cut",
    "LEAST_CASH",
    "cash",
    "counted",
    "digits",
    "duration",
    "is_tiny",
    "json_visible",
    "markdown",
    "milliseconds",
    "printable",
    "plain",
    "size",
    "visible",
    "words",
]

# C0 but tab and line feed, DEL, C1, marks of direction (Unicode 16, section 23.2), the line and
# paragraph separators, lone surrogates, which no stream can encode, and what no XML may hold. The
# joiners stay: emoji and several scripts are written with them.
_STEERS = re.compile(
    r"\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f"
    r"\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_MARKDOWN = {letter: f"\\{letter}" for letter in "\\`*_[]~$"}
_MARKDOWN |= {letter: f"&#{ord(letter)};" for letter in "|@#"}
_MARKDOWN |= {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
"""What acts in the middle of a line; what acts at its beginning never stands there."""
_LINK = re.compile(r":(?=[^\s\d])|(?<=www)\.", re.I)  # what becomes a link or a picture by itself
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, in full width too."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767  # characters that a cell of a spreadsheet holds
SPACE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def words(text: str) -> tuple[str, ...]:
    """Returns the words of a text: so a long list of them stands in few lines."""
    return tuple(text.split())


def digits(value: float) -> str:
    """Writes a small figure with two digits that say something and no exponent: ``0.0000012``."""
    return f"{value:.{1 - math.floor(math.log10(abs(value)))}f}"


def plain(value: float) -> str:
    """Writes a quantity with the digits that say something, and no exponent: 0.00094, 7.6, 12,300."""
    if 0 < abs(value) < 1:
        return digits(value)
    return f"{value:.1f}" if 0 < abs(value) < 10 else f"{value:,.0f}"


def counted(count: float) -> str:
    """Writes how many there are: ``12,300``, ``1.3 million``, ``2.1 billion``."""
    for unit, name in ((1e9, "billion"), (1e6, "million")):
        if abs(count) >= unit:
            return f"{count / unit:,.1f}".removesuffix(".0") + f" {name}"
    return f"{count:,.0f}"


def size(count: float) -> str:
    """Writes bytes: ``640 bytes``, ``12 KiB``, ``836 MiB``, ``3.2 GiB``."""
    if count < 1024:
        return f"{count:.0f} bytes"
    mebibytes = count / 2**20
    if mebibytes < 1:
        return f"{count / 2**10:.0f} KiB"
    return f"{mebibytes:,.0f} MiB" if mebibytes < 1000 else f"{mebibytes / 1024:,.1f} GiB"


LEAST_CASH = "0.0001"
"""Of money, what is less is said to be less: a hundredth of a cent decides nothing."""


def is_tiny(value: float) -> bool:
    """Whether an amount of money is there, and too little to be written."""
    return 0 < abs(value) < float(LEAST_CASH)


def cash(value: float, sign: str = "$", *, whole_from: float = 100) -> str:
    """Writes an amount of money: ``$0.0012``, ``$12.50``, ``$1,234``; a tiny one as ``< $0.0001``."""
    if is_tiny(value):
        return f"< {sign}{LEAST_CASH}"
    if 0 < abs(value) < 0.01:
        return f"{sign}{digits(value)}"
    return f"{sign}{value:,.2f}" if abs(value) < whole_from else f"{sign}{value:,.0f}"


def visible(text: str) -> str:
    """Shows each character that steers a terminal, or turns the order of reading, as an escape."""
    return _STEERS.sub(_escape, text)


def json_visible(text: str) -> str:
    r"""Returns JSON text with the same characters as ``\u`` escapes: a parser reads what was there."""
    return _STEERS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def markdown(text: str) -> str:
    """Escapes a text for a Markdown paragraph or table cell: no markup, no HTML, no link."""
    shown = visible(SPACE.sub(" ", text).strip())
    plain = "".join(_MARKDOWN.get(letter, letter) for letter in shown)
    return _LINK.sub(lambda match: f"&#{ord(match[0])};", plain)


def cut(text: str, longest: int) -> str:
    """Returns a text's first characters, marked where some are left out."""
    return text if len(text) <= longest else f"{text[:longest]} […]"


def begins_another(texts: Iterable[str]) -> bool:
    """Says whether one of the texts is the beginning of another."""
    return any(b.startswith(a) for a, b in pairwise(sorted(texts)))


def duration(seconds: float) -> str:
    """Writes seconds in the unit that one reads: ``41.0 s``, ``3 min 05 s``, ``2.1 h``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"
    return f"{seconds / 3600:,.1f} h"


def milliseconds(seconds: float) -> str:
    """Writes a short time: ``0.14 ms``, ``850 ms``; a longer one in seconds or minutes."""
    value = 1000 * seconds
    if value >= 10_000:
        return duration(seconds)
    return f"{value:,.0f} ms" if value >= 10 or not value else f"{digits(value)} ms"


def printable(text: str) -> str:
    """Takes out what no XML may hold, and cuts what no cell of a spreadsheet does."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST_CELL]


def defused(text: str) -> str:
    """Puts an apostrophe before a text that a spreadsheet would compute.

    A text with leading spaces counts by what follows them: some programs trim.
    """
    text = printable(text)
    starts = text.lstrip(" \N{NO-BREAK SPACE}").startswith(FORMULA)
    return f"'{text}"[:LONGEST_CELL] if starts else text
