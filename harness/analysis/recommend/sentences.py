"""A recommendation in words: the sentence, what would change it, and how figures are written."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.analysis.recommend.answer import Candidate, Recommendation
from harness.analysis.recommend.cascade import CascadeStage
from harness.analysis.recommend.decide import NEAR
from harness.analysis.recommend.flips import Flip, FlipKind
from harness.analysis.recommend.missing_rows import POWER
from harness.analysis.recommend.stages import PERSON
from harness.analysis.words import Language, MetricValue, joined, named, word
from harness.text import LEAST_CASH, cash, is_tiny, plain

__all__ = ["amount", "cascade_lines", "money", "sentence", "thresholds", "total"]

REACH = {"months": (0.5, 120), "volume": (1, 1e9), "updates": (0, 1000)}
"""By kind of a flip: values a month, or months, that somebody may plan for."""
GROUPS: tuple[tuple[tuple[FlipKind, ...], int], ...] = (
    (("volume",), 2),
    (("margin", "quality"), 2),
    (("updates", "label cost", "months"), 1),
)
"""Kinds of flips that share a line, and the most that a line names."""


def money(usd: float | None, language: Language = "en", *, least: bool = False) -> str:
    """Writes dollars as `cash` does, in words; an unknown amount is never 0.

    What is at least so much, since a part has no price, says so.
    """
    if usd is None:
        return word("unpriced", language)
    if is_tiny(usd) and not least:
        return word("amount.less", language, figure=LEAST_CASH)
    figure = cash(0.0 if is_tiny(usd) else usd, "")
    return word("amount.least" if least else "amount.usd", language, figure=figure)


def amount(value: float, answer: Recommendation, language: Language = "en") -> str:
    """Writes a difference in quality: points of a share, else the metric's own unit."""
    if answer.share:
        return word("points", language, value=f"{100 * value:.1f}")
    return MetricValue(value, answer.unit).say(language)


def sentence(answer: Recommendation, language: Language = "en") -> str:
    """Says the recommendation in one sentence."""
    if answer.advice is None:
        return _undecided(answer, language)
    return _advice(answer, answer.advice, language)


def thresholds(answer: Recommendation, language: Language = "en") -> list[str]:
    """Says what would change the advice, in three lines: volume, quality, the nearest other one."""
    if answer.advice is None:
        return []
    lines = []
    for kinds, most in GROUPS:
        flips = [flip for kind in kinds for flip in answer.flips if flip.kind == kind]
        near = [flip for flip in flips if _is_near(flip)]
        phrases = [_flip(flip, answer, language) for flip in sorted(near, key=_order)[:most]]
        turns = "; ".join(phrases) or word(f"turns.{kinds[0]}.never", language)
        lines.append(f"{word(f'turns.{kinds[0]}', language)}: {turns}")
    return lines


def _is_near(flip: Flip) -> bool:
    """Whether anybody could come there."""
    low, high = REACH.get(flip.kind, (-math.inf, math.inf))
    return low <= flip.value <= high


def _order(flip: Flip) -> tuple[int, float]:
    """Nearest first, by ratio; a margin before a floor, and what has no value now last."""
    rank = 1 if flip.kind == "quality" else 0
    if not flip.now or not flip.value:
        return rank, 1e9
    return rank, max(flip.value / flip.now, flip.now / flip.value)


def _flip(flip: Flip, answer: Recommendation, language: Language) -> str:
    value = flip.value
    written = {
        "volume": f"{value:,.0f}",
        "margin": amount(value, answer, language),
        "quality": f"{value:.3f}" if answer.share else amount(value, answer, language),
        "updates": plain(value),
        "label cost": money(value, language),
        "months": f"{value:,.1f}",
    }
    name = answer.advice.name if answer.advice else ""
    key = f"turns.{flip.kind}.{flip.direction}"
    return word(key, language, value=written[flip.kind], to=flip.to, name=name)


def total(line: Candidate, language: Language = "en") -> str:
    """Writes a total cost with its interval; what is known, or at least so much, has none."""
    least = "total_usd" in line.least
    usd = money(line.total_usd, language, least=least)
    if least or line.total_low is None or line.total_high is None:
        return usd
    low, high = (money(end, language) for end in (line.total_low, line.total_high))
    if low == high:
        return usd
    return f"{usd} [{low}, {high}]"


def _by_total(answer: Recommendation, line: Candidate, language: Language) -> str:
    near = "sentence.total.near" if line.regret_usd else "sentence.total.lowest"
    return word(
        near if answer.verdict == "decided" else "sentence.total.leaning",
        language,
        name=line.name,
        usd=total(line, language),
        months=f"{answer.question.months:g}",
        requests=f"{answer.question.requests_per_month:,.0f}",
        lost=money(line.lost_usd, language),
        regret=money(line.regret_usd, language),
        why=joined(answer.reasons).say(language),
    )


def _advice(answer: Recommendation, line: Candidate, language: Language) -> str:
    if answer.objective == "total":
        return _by_total(answer, line, language)
    rank = "near" if line.name != answer.best else "best"
    rank = "highest" if line.behind == 0 else rank
    quality = f"{line.quality:.3g}" if answer.share else amount(line.quality, answer, language)
    return word(
        f"sentence.{answer.verdict}.{rank}",
        language,
        name=line.name,
        usd=money(line.total_usd, language, least="total_usd" in line.least),
        months=f"{answer.question.months:g}",
        requests=f"{answer.question.requests_per_month:,.0f}",
        metric=answer.metric,
        quality=quality,
        behind=amount(line.behind, answer, language),
        top=word("top.high" if answer.higher else "top.low", language),
        best=answer.best,
        why=_doubt(answer, language),
    )


def cascade_lines(answer: Recommendation, language: Language = "en") -> list[str]:
    """Says what a cascade would come to, and what has to be known of that; nothing without one."""
    cascade = answer.cascade
    if cascade is None:
        return []
    person = word("cascade.person", language)

    def called(name: str) -> str:
        return person if name == PERSON else name

    text = word(
        f"cascade.{cascade.verdict}",
        language,
        stages=" → ".join(_stage(stage, called(stage.name), language) for stage in cascade.stages),
        rivals=named([called(name) for name in cascade.rivals]),
        why=joined(cascade.reasons),
        usd=money(cascade.total_usd, language, least="total_usd" in cascade.least),
        best=called(cascade.best),
        best_usd=money(cascade.best_usd, language, least="best_usd" in cascade.least),
        difference=_than(cascade.difference_usd, language),
        low=_than(cascade.low_usd, language),
        high=_than(cascade.high_usd, language),
    )
    return [text, *(note.say(language) for note in cascade.notes)]


def _stage(stage: CascadeStage, name: str, language: Language) -> str:
    kind = "last" if stage.threshold is None else "sure" if stage.sure else "unsure"
    threshold = "" if stage.threshold is None else f"{stage.threshold:.3g}"
    share = f"{100 * stage.reached:.1f}"
    return word(f"cascade.stage.{kind}", language, name=name, share=share, threshold=threshold)


def _than(usd: float | None, language: Language) -> str:
    side = "less" if usd is not None and usd < 0 else "more"
    return word(f"cascade.{side}", language, usd=money(usd and abs(usd), language))


def _doubt(answer: Recommendation, language: Language) -> str:
    why, more = joined(answer.reasons).say(language), _missing(answer, language)
    return word("sentence.doubt", language, why=why, missing=more) if more else why


def _undecided(answer: Recommendation, language: Language) -> str:
    parts = [joined(answer.reasons).say(language)]
    if answer.nearest is not None:
        level = f"{100 * NEAR:.0f}"
        parts.append(word("sentence.nearest", language, name=answer.nearest.name, level=level))
    parts.append(_missing(answer, language))
    return word("sentence.nothing", language, why="; ".join(filter(None, parts)))


def _missing(answer: Recommendation, language: Language) -> str:
    """Says how many rows and runs would decide, and their price; empty where that isn't known."""
    missing = answer.missing
    if missing is None:
        return ""
    if missing.rows is None and missing.beyond is not None:
        return word("missing.beyond", language, most=f"{missing.beyond:,}")
    if missing.rows is None:
        return word("missing.never", language)
    rows = word("missing.rows", language, count=f"{missing.rows:,}") if missing.rows else ""
    runs = ""
    if count := sum(missing.runs.values()):
        names = named([f"{name} {number}" for name, number in missing.runs.items()])
        runs = word("missing.runs", language, count=count, names=names)
    what = word("missing.both", language, rows=rows, runs=runs) if rows and runs else rows or runs
    if not what:
        return ""
    price = _price(missing.usd, missing.unpriced, language)
    if missing.chance is None:
        return word("missing.decide", language, what=what, price=price)
    chance = f"{100 * POWER:.0f}"
    return word("missing.likely", language, what=what, chance=chance, price=price)


def _price(usd: float | None, unpriced: Sequence[str], language: Language) -> str:
    parts = [money(usd, language, least=bool(unpriced))]
    if unpriced:
        parts.append(word("missing.without", language, names=named(unpriced)))
    return ", ".join(parts)
