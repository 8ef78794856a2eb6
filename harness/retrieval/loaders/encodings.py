"""Decodes text files as they come from Korean and other machines."""

from __future__ import annotations

import codecs

from harness.retrieval.loaders.base import LoadError

__all__ = ["decode"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Decodes bytes by their mark, and otherwise by what they can be.

    Args:
        data: The file.
        declared: An encoding that the file itself names (HTML).

    Returns:
        The text with ``\\n`` line ends, and the encoding's name. UTF-8 is tried first, then
        UTF-16 without a mark, CP949 (which EUC-KR is a part of) and Windows-1252.

    Raises:
        LoadError: No encoding fits.
    """
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
    if b"\0" in data:
        # The high byte of a space or a line end, at odd places in little-endian order.
        odd = data[1::2].count(b"\0")
        return ["utf-16-le", "utf-16-be"] if 2 * odd >= data.count(b"\0") else ["utf-16-be"]
    korean = ["cp949"] if declared.lower().replace("_", "-") in _KOREAN else []
    return ["utf-8", *korean, *filter(None, [declared]), "cp949", "cp1252"]


_KOREAN = frozenset({"euc-kr", "ks-c-5601-1987", "ksc5601", "ms949", "cp949", "windows-949"})


def _is_korean(data: bytes, text: str) -> bool:
    """Tells Korean from Western text whose accents happen to decode as syllables."""
    try:
        data.decode("euc-kr")
    except UnicodeDecodeError:
        letters = [c for c in text if c.isalpha()]
        return 10 * sum("가" <= c <= "힣" for c in letters) >= len(letters)
    return True
