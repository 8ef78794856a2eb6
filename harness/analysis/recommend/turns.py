"""The thresholds of a recommendation in words: what would turn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.analysis.reasons import Language
from harness.analysis.recommend.answer import Recommendation
from harness.analysis.recommend.flips import Flip
from harness.analysis.recommend.words import amount, brief, money, scored

__all__ = ["MONTHS", "thresholds"]

MONTHS = (0.5, 120)
"""Months within which a threshold is told: nobody plans for less, or so far."""


LANGUAGES: tuple[Language, Language] = ("en", "ko")


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
        near = [
            flip for flip in found if flip.kind != "months" or MONTHS[0] <= flip.value <= MONTHS[1]
        ]
        said = [_flip(flip, answer, language) for flip in sorted(near, key=_order)[:most]]
        start, never = (pair[language == "ko"] for pair in _KINDS[names[0]])
        lines.append(brief(answer, f"{start}: {'; '.join(said) or never}"))
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
    english, korean = (amount(flip.value, answer, lang) for lang in LANGUAGES)
    name = answer.advice.name if answer.advice else ""
    if flip.direction == "above":
        return (
            f"with a margin above {english} the cheaper {flip.to} would do",
            f"{korean}까지 뒤져도 괜찮다면 더 싼 {flip.to} 방식으로도 충분합니다",
        )
    return (
        f"with a margin below {english} {name} isn't shown to be good enough",
        f"허용 차이가 {korean}보다 작으면 {name} 방식으로 충분하다고 입증되지 않습니다",
    )


def _quality(flip: Flip, answer: Recommendation) -> tuple[str, str]:
    side, korean = ("above", "초과") if flip.direction == "above" else ("below", "미만")
    english, native = (
        f"{flip.value:.3f}" if answer.share else scored(flip.value, answer, lang)
        for lang in LANGUAGES
    )
    return (
        f"a quality {side} {english} isn't shown to be reached",
        f"품질 기준이 {native} {korean}이면 달성이 입증되지 않습니다",
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
