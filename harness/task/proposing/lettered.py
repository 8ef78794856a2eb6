"""Options that stand in one text, each behind its letter or number: ``A) ... B) ...``, ``① ... ② ...``."""

from __future__ import annotations

import re

__all__ = ["lettered"]

LEAST = 3  # options
FIRSTS = "Aa1①"
_SIGN = re.compile(r"(?<!\S)(?:\(?([A-Ja-j1-9])[).:]\s|([①-⑩])\s?)")


def lettered(text: str) -> tuple[str, list[str]] | None:
    """Divides a text into what stands before its options, and the options; None without any.

    The last run of signs that begins with the first one, goes on without a gap and reaches the end
    is the one of the options.
    """
    found = list(_SIGN.finditer(text))
    signs = [match[1] or match[2] for match in found]
    for start in range(len(found) - LEAST, -1, -1):
        if signs[start] not in FIRSTS:
            continue
        run = [ord(sign) - ord(signs[start]) for sign in signs[start:]]
        ends = [*(match.start() for match in found[start + 1 :]), len(text)]
        options = [text[m.end() : end].strip() for m, end in zip(found[start:], ends, strict=True)]
        if run == list(range(len(run))) and all(options):
            return text[: found[start].start()].strip(), options
    return None
