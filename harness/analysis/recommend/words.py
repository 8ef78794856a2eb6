"""A recommendation in words: one sentence, and how figures are written."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.amounts import Amount
from harness.analysis.reasons import Language
from harness.analysis.recommend.answer import Line, Recommendation
from harness.analysis.recommend.decide import NEAR

__all__ = [
    "brief",
    "BADGES",
    "TITLES",
    "amount",
    "badges",
    "scored",
    "mark",
    "missing",
    "money",
    "sentence",
]

BADGES: Mapping[str, tuple[str, str]] = {
    "measured": ("measured", "실측"), "projected": ("projected", "추정"),
    "quoted": ("quoted", "인용"), "assumed": ("assumed", "가정"),
}  # fmt: skip
TITLES: Mapping[str, tuple[str, str]] = {
    "advice": ("advice", "권고안"), "leaning": ("leaning to", "유력안"),
    "runner_up": ("runner-up", "차선안"), "baseline": ("cheapest baseline", "가장 싼 기준 전략"),
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
    "again": ("the same choice in", "재표본에서 같은 선택"),
    "rows": ("rows", "문항"), "clusters": ("clusters", "독립 묶음"), "seconds": ("s", "초"),
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
        return Amount(value, answer.unit).say(language)
    unit = "%p" if language == "ko" else " points"
    return f"{100 * value:.1f}{unit}"


def scored(value: float, answer: Recommendation, language: Language = "en") -> str:
    """Writes a quality: a share with three digits, else an amount with its unit."""
    return f"{value:.3g}" if answer.share else Amount(value, answer.unit).say(language)


def sentence(answer: Recommendation, language: Language = "en") -> str:
    """Says the recommendation in one sentence.

    Args:
        answer: The recommendation.
        language: ``en`` or ``ko``.
    """
    if answer.advice is None:
        return brief(answer, _nothing(answer, language))
    said = _advice_ko if language == "ko" else _advice_en
    return brief(answer, said(answer, answer.advice))


def brief(answer: Recommendation, text: str) -> str:
    """Leaves settings out of a text where the strategy was run with one alone.

    Args:
        answer: The recommendation, whose lines name the settings.
        text: What is said of them.
    """
    names = sorted((line.name for line in answer.lines), key=len, reverse=True)
    strategies = [name.partition(" (")[0] for name in names]
    for name, strategy in zip(names, strategies, strict=True):
        if strategies.count(strategy) == 1:
            text = text.replace(name, strategy)
    return text


def _nothing(answer: Recommendation, language: Language) -> str:
    korean = language == "ko"
    parts = ["; ".join(reason.say(language) for reason in answer.reasons)]
    if answer.nearest is not None:
        name, level = answer.nearest.name, f"{100 * NEAR:.0f} %"
        parts.append(
            f"신뢰수준을 {level.replace(' ', '')}로 낮추면 {name} 방식을 택하게 됩니다"
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
    quality, least = (
        f"its {answer.metric} of {scored(line.quality, answer)}",
        amount(line.behind, answer),
    )
    if line.behind == 0:
        told = f"{quality} is {level} the highest of all"
    elif line.name == answer.best:
        told = f"{quality} is the highest measured and {level} at most {least} behind any other"
    else:
        told = f"{quality} is {level} at most {least} behind the best ({answer.best})"
    end = "" if answer.verdict == "decided" else f"; {_doubt(answer, 'en')}"
    return f"{start} {line.name}: {price}, and {told}{end}."


def _advice_ko(answer: Recommendation, line: Line) -> str:
    asked, sure = answer.question, answer.verdict == "decided"
    price = (
        f"월 {asked.requests_per_month:,.0f}건씩 {asked.months:g}개월 동안 총 "
        f"{money(line.total_usd, 'ko')}가 들고"
    )
    level, least = "신뢰수준 95%에서", amount(line.behind, answer, "ko")
    quality = f"품질({answer.metric} {scored(line.quality, answer, 'ko')})이"
    within = f"뒤지더라도 그 차이가 {least} {'이내입니다' if sure else '이내이지만'}"
    if line.behind == 0:
        told = f"{quality} {level} 비교한 전략 중 가장 {'높습니다' if sure else '높지만'}"
    elif line.name == answer.best:
        told = f"{quality} 비교한 전략 중 가장 높으며, {level} 다른 전략에 {within}"
    else:
        told = f"{quality} {level} 최고 전략({answer.best})에 {within}"
    if sure:
        return f"{line.name} 방식을 권합니다: {price}, {told}."
    return f"{line.name} 방식이 유력합니다: {price}, {told}, {_doubt(answer, 'ko')}."


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
