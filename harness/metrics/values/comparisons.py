"""Comparisons around a value: at least, ≥, 이상, within, 이내, about, before."""

from __future__ import annotations

import re

from harness.metrics.values.units import TAIL

__all__ = ["after", "before", "named"]

_BEFORE = {
    ">=": r"≥|>=|(?:at\s)?(?:the\s)?least(?:\sof)?|at\sleast|no(?:t)?\s(?:less|fewer)\sthan|"
    r"(?:an?\s|the\s)?min(?:imum|\.)?(?:\sof)?|no\searlier\sthan|starting\sat|from(?=[^.]*\sup)|"
    r"최소한?|적어도|최저",
    ">": r">|(?:more|greater|higher|larger|longer|older)\sthan|over|above|exceed(?:s|ing)?|beyond",
    "<=": r"≤|<=|at\smost|up\sto|no(?:t)?\s(?:more|greater|later|longer|higher)\sthan|"
    r"(?:for\s)?(?:an?\s|the\s)?max(?:imum|\.)?(?:\sof)?|"
    r"(?:does\s|do\s|must\s|may\s|can\s|should\s)?(?:not|cannot)\sexceed(?:ing)?|within|"
    r"최대한?|최고|많아야|길어야",
    "<": r"<|(?:less|fewer|lower|shorter|smaller|younger)\sthan|under|below",
    "~": r"about|around|approx(?:imately|\.)?|roughly|nearly|almost|some(?=\s\d)|circa|ca\.|~|≈|"
    r"약|대략|거의",
    "before": r"before|prior\sto|earlier\sthan",
    "after": r"after|later\sthan|since",
}
_UNTIL = r"까지|에|로|으로|동안|간"
_AFTER = {
    "<=": r"을?를?\s?(?:초과|넘)(?:하|기|지|겨서|겨|길|어서|해서)?(?:지|는|수|할|을)?[는은]?\s?(?:않|못|아니|안\s?[되된돼됩]|수\s?없|수는\s?없)[가-힣]*|"
    rf"(?:이하|이내|안에|안|내에|내){TAIL}|or\s(?:less|fewer|below|under|lower|earlier|younger)|"
    r"and\s(?:below|under)|at\s(?:the\s)?most|max(?:imum|\.)?|을?를?\s?(?:한도|상한)로",
    ">=": rf"이상{TAIL}|or\s(?:more|above|over|older|longer|higher|greater|later)|and\s(?:above|over|older|up)|"
    r"at\s(?:the\s)?least|min(?:imum|\.)?|\+(?![\w+])",
    ">": rf"초과{TAIL}|[을를이가]?\s?넘(?:게|는|으면|어|은|을)|을?를?\s?초과(?:하|한|할)",
    "<": rf"미만{TAIL}|이?가?\s?(?:채\s)?(?:안|못)\s?[되된돼됐]|에?\s?미달(?:하는|한|하면|인)?|\s?아래",
    "~": rf"(?:정도|가량|쯤|내외|안팎){TAIL}|or\sso",
    "before": rf"이?전(?:{_UNTIL})?{TAIL}|(?:before|prior)(?!\s(?:the|a|an|its|his|her|your|each|to)\b)|in\sadvance|ahead",
    "after": rf"[이가을를]?\s?(?:지난|지나서?|경과한?)(?:\s?(?:뒤|후|다음))?{TAIL}|(?:이후|뒤|후)(?:{_UNTIL})?{TAIL}|after(?!\s(?:the|a|an|its|his|her|your|each|it|receipt)\b)|later",
}


def _alternatives(table: dict[str, str]) -> tuple[str, list[str]]:
    return "|".join(f"(?P<c{i}>{words})" for i, words in enumerate(table.values())), list(table)


_LEFT, _LEFT_NAMES = _alternatives(_BEFORE)
_RIGHT, _RIGHT_NAMES = _alternatives(_AFTER)
_LEADING = re.compile(rf"(?<![A-Za-z가-힣])(?:{_LEFT})\s?(?:only\s|로\s|으로\s)?$", re.I)
_TRAILING = re.compile(rf"\s?(?:{_RIGHT})(?![A-Za-z])", re.I)
_NAMED = {
    "<=": r"최대|최고|한도|상한|이내|이하|안에|까지|기한|maximum|at most|limit|up to|within",
    ">=": r"최소|최저|적어도|하한|이상|부터|minimum|at least|or more",
    "<": r"미만|under|less than|below|fewer than",
    ">": r"초과|넘|over|more than|above|exceed",
}
_NAMED_IN = {comparison: re.compile(words, re.I) for comparison, words in _NAMED.items()}


def before(text: str, start: int) -> tuple[str, int]:
    """Returns the comparison that ends right before a position, and where it begins."""
    match = _LEADING.search(text, max(0, start - 24), start)
    return (
        (_LEFT_NAMES[int((match.lastgroup or "c0")[1:])], match.start()) if match else ("", start)
    )


def after(text: str, end: int) -> tuple[str, int]:
    """Returns the comparison that begins right after a position, and where it ends."""
    match = _TRAILING.match(text, end)
    return (_RIGHT_NAMES[int((match.lastgroup or "c0")[1:])], match.end()) if match else ("", end)


def named(text: str, comparison: str) -> bool:
    """Says whether a question itself asks for a limit of this direction."""
    words = _NAMED_IN.get(comparison)
    return bool(words and words.search(text))
