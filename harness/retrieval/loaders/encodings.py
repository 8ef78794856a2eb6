"""Decodes text files as they come from Korean and other machines."""

from __future__ import annotations

import codecs

from harness.retrieval.loaders.base import LoadError

__all__ = ["decode", "utf16_order"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Decodes bytes by their byte order mark, and otherwise by trying encodings.

    UTF-8 is tried first, then UTF-16 without a mark, the encoding that the file declares (HTML),
    CP949 (which contains EUC-KR) and Windows-1252.

    Raises:
        LoadError: No encoding fits.
    """
    # CP949, which is tried after UTF-8 and the declared encoding, contains EUC-KR.
    for encoding in _candidates(data, declared):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding == "cp949" and not _is_korean(data, text):
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
    raise LoadError("is in no known encoding", "Save it as UTF-8.", "encoding")


def _candidates(data: bytes, declared: str) -> list[str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return [encoding]
    if order := utf16_order(data):
        return [order]
    korean = ["cp949"] if declared.lower().replace("_", "-") in _KOREAN else []
    return ["utf-8", *korean, *filter(None, [declared]), "cp949", "cp1252"]


def utf16_order(data: bytes) -> str:
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
    """Whether a character is ASCII, punctuation, a Hangul syllable, or a full-width form."""
    return (
        "\x20" <= c <= "\x7e"
        or c in "\t\n\r\xb7"
        or "\u2000" <= c <= "\u33ff"
        or "가" <= c <= "힣"
        or "\uff00" <= c <= "\uffef"
    )


_KOREAN = frozenset({"euc-kr", "ks-c-5601-1987", "ksc5601", "ms949", "cp949", "windows-949"})


def _is_korean(data: bytes, text: str) -> bool:
    """Tells Korean from Western text whose accents happen to decode as syllables."""
    try:
        data.decode("euc-kr")
    except UnicodeDecodeError:
        letters = [c for c in text if c.isalpha()]
        return 10 * sum("가" <= c <= "힣" for c in letters) >= len(letters)
    return True
