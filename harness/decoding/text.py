"""Decodes text as it comes from Korean and other machines: for tables and documents alike."""

from __future__ import annotations

import codecs
import re

from harness.errors import DataError

__all__ = ["decode", "is_utf16", "table_text"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KOREAN = frozenset({"euc-kr", "ks-c-5601-1987", "ksc5601", "ms949", "cp949", "windows-949"})
_BEYOND = re.compile(r"[^\x00-\x7f]+")
_CHINESE = re.compile("[\u4e00-\u9fff\uf900-\ufaff]")
_LOOSE = re.compile("(?<=[가-힣])[ㄱ-ㅣ]|[ㄱ-ㅣ](?=[가-힣])")
_SIGN = re.compile("[¢-ª¬®-º¼-¾]")  # rare beside accents
_SYLLABLE = re.compile("[가-힣]")
SURE = 4  # whole characters for each broken one, by which a text is UTF-8
_SPOKEN = {"cp949": "CP949 (Korean Windows)", "cp1252": "Windows-1252 (Western)"}


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Decodes bytes by their byte order mark, and otherwise by trying encodings.

    UTF-8 is tried first, then UTF-16 without a mark, the encoding that the file declares (HTML),
    CP949 (which contains EUC-KR) and Windows-1252.

    Returns:
        The text, its line ends as they are, and the name of the encoding.

    Raises:
        DataError: No encoding fits. The message has no file name: it starts with a verb.
    """
    candidates = _candidates(data, declared)
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            if encoding == "utf-8":
                _refuse_broken_utf8(data)
            continue
        if encoding in _LIKELY and not _LIKELY[encoding](text):
            continue
        return text, encoding
    line = _first_bad_line(data, candidates[0])
    raise DataError(f"is in no known encoding (line {line})", "Save it as UTF-8.")


def table_text(data: bytes, name: str) -> tuple[str, list[str]]:
    """Decodes a table of which every character counts.

    Returns:
        The text, lines ended by ``\\n``, and sentences on what was recognised.

    Raises:
        DataError: No encoding fits, or a line holds a NUL byte.
    """
    try:
        text, encoding = decode(data)
    except DataError as error:
        raise DataError(f"{name} {error.message}", error.hint) from error
    notes = []
    if not encoding.startswith("utf-8"):
        notes.append(f"{name} was read as {_SPOKEN.get(encoding, encoding.upper())}")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if "\r" in text and "\n" not in text:
        text = text.replace("\r", "\n")
        notes.append(f"{name} has the line ends of an old Macintosh, which were read as such")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise DataError(
            f"{name}, line {line}: there is a NUL character",
            "The file is damaged, or no text: write it again, as UTF-8.",
        )
    return text, notes


def _candidates(data: bytes, declared: str) -> list[str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return [encoding]
    if order := is_utf16(data):
        return [order]
    korean = ["cp949"] if declared.lower().replace("_", "-") in _KOREAN else []
    return ["utf-8", *korean, *filter(None, [declared]), "cp949", "cp1252"]


def _first_bad_line(data: bytes, encoding: str) -> int:
    """Returns the line of the first byte that an encoding doesn't have."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore")
        return before.count("\n") + 1
    return 1


def _refuse_broken_utf8(data: bytes) -> None:
    """Raises `DataError` where most characters beyond ASCII are UTF-8, and some are broken."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(c > "\x7f" for c in text) - broken
    if whole >= SURE * broken:
        line = _first_bad_line(data, "utf-8")
        raise DataError(
            f"is UTF-8 but for {broken} broken character{'s' * (broken > 1)} (line {line})",
            "Write it again as UTF-8; it may have been cut, or put together of several files.",
        )


def is_utf16(data: bytes) -> str:
    """Returns ``utf-16-le`` or ``utf-16-be`` where bytes without a mark are such text, else "".

    In the wrong order, and in a binary file, most characters are unusual in a text.
    """
    if b"\0" not in data:
        return ""
    head = data[: min(len(data), 8192) // 2 * 2]
    shares = {}
    for order in ("utf-16-le", "utf-16-be"):
        text = head.decode(order, "replace")
        shares[order] = sum(map(_is_usual, text)) / max(1, len(text))
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] > 0.9 else ""


def _is_usual(c: str) -> bool:
    """Whether a character is Latin, punctuation, a Hangul syllable, or a full-width form."""
    return (
        "\x20" <= c <= "\x7e"
        or "\xa0" <= c <= "\xff"
        or c in "\t\n\r"
        or "\u2000" <= c <= "\u33ff"
        or "가" <= c <= "힣"
        or "\uff00" <= c <= "\uffef"
    )


def _is_korean(text: str) -> bool:
    """Tells Korean from Western text whose accents and quotes happen to decode as syllables.

    Korean is written in runs of the characters of KS X 1001. Western text gives syllables outside
    of it (the apostrophe of `it's` with its s), or a single one between letters (`créée`); Japanese,
    Chinese and Cyrillic text gives Chinese characters and single letters of the Korean alphabet.
    """
    korean = western = 0
    syllables = len(_SYLLABLE.findall(text))
    if len(_CHINESE.findall(text)) > 3 * syllables or 3 * len(_LOOSE.findall(text)) > syllables:
        return False
    for run in _BEYOND.finditer(text):
        beside = text[run.start() - 1 : run.start()] + text[run.end() : run.end() + 1]
        single = run.end() - run.start() == 1 and any(map(str.isalpha, beside))
        if single or not any(map(_is_common, run[0])):
            western += len(run[0])
        else:
            korean += len(run[0])
    return korean >= western


def _is_western(text: str) -> bool:
    """Whether letters beyond ASCII stand among others, as accents do, not in runs or with signs."""
    runs = _BEYOND.findall(text)
    foreign = 0
    for run in runs:
        letters = sum(map(str.isalpha, run))
        if (len(run) > 3 and letters > 1) or (letters and len(run) > 1 and _SIGN.search(run)):
            foreign += len(run)
    return 2 * foreign <= sum(map(len, runs))


_LIKELY = {"cp949": _is_korean, "cp1252": _is_western}


def _is_common(c: str) -> bool:
    return min(c.encode("cp949")) >= 0xA1  # where KS X 1001 lies in CP949
