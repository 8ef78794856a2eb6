"""Characters that are written for others: full-width forms, and the minus signs of accounts."""

from __future__ import annotations

__all__ = ["FALLS", "HALF_WIDTH", "MINUS"]

HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width forms and the wide space, as `str.translate` takes them."""
MINUS = "-−–‒‐‑﹣"
"""Hyphens, dashes and minus signs that stand for a minus; the first may begin a class."""
FALLS = "△▲▽▼∆"
"""Triangles before a number, which in Korean accounts say that it is negative."""
