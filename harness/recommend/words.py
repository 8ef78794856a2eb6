"""A recommendation in words: one sentence, and the thresholds that would turn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.recommend.answer import Line, Recommendation
from harness.recommend.decide import NEAR
from harness.recommend.flips import Flip
from harness.recommend.reasons import Language

__all__ = [
    "BADGES",
    "TITLES",
    "amount",
    "badges",
    "mark",
    "missing",
    "money",
    "sentence",
    "thresholds",
]

LONG = 120
"""Months beyond which a threshold isn't told: nobody plans so far."""

BADGES: Mapping[str, tuple[str, str]] = {
    "measured": ("measured", "실측"), "projected": ("projected", "추정"),
    "quoted": ("quoted", "인용"), "assumed": ("assumed", "가정"),
}  # fmt: skip
TITLES: Mapping[str, tuple[str, str]] = {
    "advice": ("advice", "권고안"), "leaning": ("leaning to", "유력안"),
    "runner_up": ("runner-up", "차선안"), "baseline": ("cheapest baseline", "가장 싼 기준선"),
    "best": ("best so far", "현재 최고"), "nearest": ("closest", "가장 근접한 안"),
    "once": ("once", "초기 비용"), "monthly": ("per month", "월 비용"),
    "per_1k": ("per 1,000 requests", "1,000건당"), "quality": ("quality", "품질"),
    "behind": ("behind the best, at most", "최고와의 차이(최대)"), "p95": ("p95", "p95 응답 시간"),
    "turns": ("what would turn it", "결론이 바뀌는 조건"),
    "why": ("why it isn't decided", "아직 확정하지 못하는 이유"),
    "excluded": ("left out", "제외한 실행"), "notes": ("to know", "참고"),
    "unknown": ("unknown", "모름"), "unpriced": ("unpriced", "가격 미상"),
    "not_measured": ("not measured", "미측정"),
    "verdict": ("verdict", "판정"), "decided": ("decided", "확정"),
    "leaning_": ("leaning", "잠정"), "not enough evidence": ("not enough evidence", "근거 부족"),
    "again": ("the same choice in", "재표본에서 같은 선택"), "of": ("of", "/"),
}  # fmt: skip


def mark(badge: str, language: Language = "en") -> str:
    """Writes how a figure is known, short enough for a table: ``(m)``."""
    said = BADGES[badge][language == "ko"]
    return f"({said if language == 'ko' else said[0]})"


def badges(language: Language = "en") -> str:
    """Explains the marks."""
    if language == "ko":
        return "실측: 잰 값, 추정: 계산한 값, 인용: 남이 밝힌 값, 가정: 전제한 값"
    return ", ".join(f"{said[0][0]} {said[0]}" for said in BADGES.values())


def money(usd: float | None, language: Language = "en") -> str:
    """Writes dollars with as many digits as they need; an unknown amount is never 0."""
    if usd is None:
        return TITLES["unpriced"][language == "ko"]
    if 0 < abs(usd) < 0.01:
        figure = f"{usd:.2g}"
    elif abs(usd) < 100:
        figure = f"{usd:,.2f}"
    else:
        figure = f"{usd:,.0f}"
    return f"{figure}달러" if language == "ko" else f"${figure}"


def amount(value: float, answer: Recommendation, language: Language = "en") -> str:
    """Writes a difference in quality: points of a share, else the metric's own unit."""
    if not answer.share:
        return f"{value:,.4g}"
    unit = "%p" if language == "ko" else " points"
    return f"{100 * value:.1f}{unit}"


def sentence(answer: Recommendation, language: Language = "en") -> str:
    """Says the recommendation in one sentence.

    Args:
        answer: The recommendation.
        language: ``en`` or ``ko``.
    """
    if answer.advice is None:
        return _nothing(answer, language)
    said = _advice_ko if language == "ko" else _advice_en
    return said(answer, answer.advice)


def _nothing(answer: Recommendation, language: Language) -> str:
    korean = language == "ko"
    parts = ["; ".join(reason.say(language) for reason in answer.reasons)]
    if answer.nearest is not None:
        name, level = answer.nearest.name, f"{100 * NEAR:.0f} %"
        parts.append(
            f"신뢰수준을 {level}로 낮추면 {name} 방식을 택하게 됩니다"
            if korean
            else f"{name} comes closest (it would be taken with {level} confidence)"
        )
    parts.append(missing(answer, language))
    start = "아직 결론을 낼 근거가 부족합니다" if korean else "Not enough evidence"
    return f"{start}: {'; '.join(filter(None, parts))}."


def _advice_en(answer: Recommendation, line: Line) -> str:
    asked = answer.question
    start = "Take" if answer.verdict == "decided" else "Leaning to"
    price = (
        f"{money(line.total_usd)} over {asked.months:g} months at "
        f"{asked.requests_per_month:,.0f} requests a month"
    )
    level = "with 95 % confidence"
    quality, least = f"its {answer.metric} of {line.quality:.3g}", amount(line.behind, answer)
    if line.behind == 0:
        told = f"{quality} is {level} the highest of all"
    elif line.name == answer.best:
        told = f"{quality} is the highest measured and {level} at most {least} behind any other"
    else:
        told = f"{quality} is {level} at most {least} behind the best ({answer.best})"
    end = "" if answer.verdict == "decided" else f"; {_doubt(answer, 'en')}"
    return f"{start} {line.name}: {price}, and {told}{end}."


def _advice_ko(answer: Recommendation, line: Line) -> str:
    asked = answer.question
    price = (
        f"월 {asked.requests_per_month:,.0f}건씩 {asked.months:g}개월 동안 총 "
        f"{money(line.total_usd, 'ko')}가 들고"
    )
    level = "신뢰수준 95 %에서"
    least = amount(line.behind, answer, "ko")
    if line.behind == 0:
        told = f"{level} {answer.metric} 값({line.quality:.3g})이 비교한 전략 중 가장 높습니다"
    elif line.name == answer.best:
        told = (
            f"{answer.metric} 값({line.quality:.3g})이 비교한 전략 중 가장 높으며, {level} "
            f"다른 전략에 뒤지더라도 그 차이가 {least} 이내입니다"
        )
    else:
        told = (
            f"{answer.metric} 값({line.quality:.3g})이 {level} 최고 전략({answer.best})에 "
            f"뒤지더라도 그 차이가 {least} 이내입니다"
        )
    if answer.verdict == "decided":
        return f"{line.name} 방식을 권합니다: {price}, {told}."
    return f"{line.name} 방식이 유력합니다: {price}, {told}. 다만 {_doubt(answer, 'ko')}."


def _doubt(answer: Recommendation, language: Language) -> str:
    why = "; ".join(reason.say(language) for reason in answer.reasons)
    more = missing(answer, language)
    if language == "ko":
        return f"아직 확정할 수는 없습니다({why}{f'; {more}' if more else ''})"
    return f"not decided, as {why}{f' ({more})' if more else ''}"


def missing(answer: Recommendation, language: Language = "en") -> str:
    """Says how many rows and runs would decide, and what they cost; empty where that isn't known."""
    lacks = answer.missing
    if lacks is None:
        return ""
    korean = language == "ko"
    if lacks.rows is None:
        return (
            "문항을 늘려도 결론이 나기 어렵습니다"
            if korean
            else "no number of rows is sure to decide"
        )
    parts = []
    if lacks.rows:
        parts.append(
            f"테스트 문항 {lacks.rows:,}개" if korean else f"{lacks.rows:,} more test rows"
        )
    runs = sum(lacks.runs.values())
    if runs:
        names = ", ".join(f"{name} {count}" for name, count in lacks.runs.items())
        parts.append(f"실행 {runs}회({names})" if korean else f"{runs} more runs ({names})")
    if not parts:
        return ""
    left_out = f"without {', '.join(lacks.unpriced)}" if lacks.unpriced else ""
    if korean and lacks.unpriced:
        left_out = f"{', '.join(lacks.unpriced)} 제외"
    price = ", ".join(filter(None, (money(lacks.usd, language), left_out)))
    if korean:
        return f"{'와 '.join(parts) if lacks.rows else parts[0]}를 더하면 결론을 낼 수 있습니다: {price}"
    return f"{' and '.join(parts)} would decide, for {price}"


def thresholds(answer: Recommendation, language: Language = "en") -> list[str]:
    """Says three thresholds at which the answer turns: volume, quality, and the nearest other.

    Args:
        answer: The recommendation.
        language: ``en`` or ``ko``.
    """
    if answer.advice is None:
        return []
    kinds: tuple[tuple[tuple[str, ...], int], ...] = (
        (("volume",), 2),
        (("margin", "quality"), 2),
        (("updates", "label cost", "months"), 1),
    )
    lines = []
    for names, most in kinds:
        found = [flip for name in names for flip in answer.flips if flip.kind == name]
        near = [flip for flip in found if flip.kind != "months" or flip.value <= LONG]
        said = [_flip(flip, answer, language) for flip in sorted(near, key=_order)[:most]]
        start, never = (pair[language == "ko"] for pair in _KINDS[names[0]])
        lines.append(f"{start}: {'; '.join(said) or never}")
    return lines


def _order(flip: Flip) -> tuple[int, float]:
    """Nearest first, by ratio; a margin before a floor, and what isn't at any value now last."""
    rank = {"quality": 1}.get(flip.kind, 0)
    if not flip.now or not flip.value:
        return rank, 1e9
    return rank, max(flip.value / flip.now, flip.now / flip.value)


_KINDS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "volume": (("volume", "요청량"), ("the same at any volume", "얼마가 되더라도 결론이 같습니다")),
    "margin": (
        ("quality", "품질"),
        ("the same at any margin", "허용 차이를 바꿔도 결론이 같습니다"),
    ),
    "updates": (
        ("updates, labels, months", "업데이트·라벨 단가·기간"),
        ("the same at any of them", "바뀌어도 결론이 같습니다"),
    ),
}
"""By the first kind of a line: how it begins, and what it says where nothing turns."""


def _flip(flip: Flip, answer: Recommendation, language: Language) -> str:
    told: dict[str, Callable[[Flip, Recommendation], tuple[str, str]]] = {
        "volume": _volume, "margin": _margin, "quality": _quality, "updates": _updates,
        "label cost": _labels, "months": _months,
    }  # fmt: skip
    return told[flip.kind](flip, answer)[language == "ko"]


def _volume(flip: Flip, answer: Recommendation) -> tuple[str, str]:
    side = "이상이면" if flip.direction == "above" else "미만이면"
    return (
        f"{flip.direction} {flip.value:,.0f} requests a month {flip.to} is cheaper",
        f"월 {flip.value:,.0f}건 {side} {flip.to} 쪽이 더 쌉니다",
    )


def _margin(flip: Flip, answer: Recommendation) -> tuple[str, str]:
    english, korean = (amount(flip.value, answer, lang) for lang in ("en", "ko"))
    name = answer.advice.name if answer.advice else ""
    if flip.direction == "above":
        return (
            f"with a margin above {english} the cheaper {flip.to} would do",
            f"{korean}까지 뒤져도 괜찮다면 더 싼 {flip.to} 방식으로도 충분합니다",
        )
    return (
        f"with a margin below {english} {name} isn't shown to be good enough",
        f"허용 차이가 {korean}보다 작으면 {name} 방식도 입증되지 않습니다",
    )


def _quality(flip: Flip, answer: Recommendation) -> tuple[str, str]:
    side, korean = ("above", "초과") if flip.direction == "above" else ("below", "미만")
    return (
        f"a quality {side} {flip.value:.3f} isn't shown to be reached",
        f"품질 기준이 {flip.value:.3f} {korean}이면 달성이 입증되지 않습니다",
    )


def _updates(flip: Flip, answer: Recommendation) -> tuple[str, str]:
    side = "이상이면" if flip.direction == "above" else "미만이면"
    return (
        f"{flip.direction} {flip.value:,.3g} updates a month {flip.to} is cheaper",
        f"업데이트가 월 {flip.value:,.3g}회 {side} {flip.to} 쪽이 더 쌉니다",
    )


def _labels(flip: Flip, answer: Recommendation) -> tuple[str, str]:
    side = "이상이면" if flip.direction == "above" else "미만이면"
    return (
        f"{flip.direction} {money(flip.value)} a label {flip.to} is cheaper",
        f"라벨이 건당 {money(flip.value, 'ko')} {side} {flip.to} 쪽이 더 쌉니다",
    )


def _months(flip: Flip, answer: Recommendation) -> tuple[str, str]:
    side = "넘게" if flip.direction == "above" else "보다 짧게"
    return (
        f"used for {'more' if flip.direction == 'above' else 'less'} than "
        f"{flip.value:,.1f} months {flip.to} is cheaper",
        f"{flip.value:,.1f}개월{' ' if flip.direction == 'above' else ''}{side} 쓰면 "
        f"{flip.to} 쪽이 더 쌉니다",
    )
