"""Says whether what stands around a mention of a label makes something else of it.

"-1" is not "1", "AA-" is not "AA", and neither ">10%" nor "10% 이상" is "10%".
"""

from __future__ import annotations

import re

from harness.metrics.characters import FALLS, MINUS
from harness.metrics.spellings import Spellings

__all__ = ["is_altered"]

_MORE = r"(?:less|more|greater|fewer|higher|lower|larger|smaller)"
_BEFORE_NUMBER = re.compile(
    rf"(?:(?<![-=])[<>]=?\s?|[≤≥≦≧＜＞±~∼～≈{FALLS}]\s?|[{MINUS}]"  # "->" and "=>" are arrows
    r"|(?:\b(?:minus|negative|under|over|above|below|at\s+least|at\s+most|up\s+to)|마이너스"
    rf"|\b{_MORE}\s+than(?:\s+or\s+equal\s+to)?)\s+)$",
    re.I,
)
_AFTER_NUMBER = re.compile(
    r"[.,]\d|\s?[%‰]|[-+](?!\w)|\s?(?:이상|이하|초과|미만)"
    rf"|\s(?:thousand|million|billion|trillion|or\s+{_MORE})\b",
    re.I,
)
_BULLET = re.compile(rf"[{MINUS}]\s$")
_AMOUNT = re.compile(r"\d{3}|[.,%$₩€£¥]")
_GRADE = re.compile(r"[A-Za-z]{1,4}[1-3]?").fullmatch
_NOTCH = re.compile(rf"[{MINUS}](?![^\W\d_])|\s?\(\s?[{MINUS}+]\s?\)")


def is_altered(text: str, start: int, end: int, labels: Spellings) -> bool:
    """Says whether a sign, a comparison or a notch stands beside ``text[start:end]``.

    What tells two of the labels apart is read more strictly.
    """
    mention, before, after = text[start:end], text[max(0, start - 40) : start], text[end : end + 20]
    if mention[-1].isdigit() or mention[-1] == "%":
        changed = _AFTER_NUMBER.match(after)
    else:
        changed = _NOTCH.match(after) if _GRADE(mention) else None
    if changed or after[:1] in ("+", "#"):
        return True
    if not (mention[0].isdigit() or mention[0] in "$₩€£¥"):
        return False
    if before.endswith("(") and after.startswith(")"):
        return labels.signed or bool(_AMOUNT.search(mention) and not before[:-1].strip())
    if before.endswith("+"):
        return any(other.startswith("+") for other in labels.texts)
    if labels.signed and _BULLET.search(before):
        return True
    return bool(_BEFORE_NUMBER.search(before))
