"""What a recommendation has to explain, as codes with values, said in English or Korean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.analysis.amounts import Amount

__all__ = ["PHRASES", "Language", "Reason"]

Language = Literal["en", "ko"]

PHRASES: dict[str, tuple[str, str]] = {
    # why a run or a setting doesn't count
    "unfinished": ("{status}, not finished", "끝나지 않은 실행입니다({status})"),
    "ceiling": (
        "{label} is a ceiling: it was given the gold passages",
        "{label}: 정답 문단을 미리 받은 상한선이라 순위에 넣지 않습니다",
    ),
    "damaged": ("damaged: {error}", "기록이 손상되었습니다: {error}"),
    "errors": (
        "{errors} of {rows} rows have no answer (more than 1 %)",
        "{rows}문항 중 {errors}문항에 답이 없습니다(1% 초과)",
    ),
    "declared": (
        "the task was declared differently", "다른 방식으로 정의된 태스크의 실행입니다",
    ),
    "few_rows": ("{have} of {most} rows", "{most}문항 중 {have}문항만 답했습니다"),
    "dev": ("dev rows prefer {best}", "개발용 데이터에서는 {best} 설정이 더 좋았습니다"),
    # what a setting doesn't respect
    "latency_unknown": ("its latency was not measured", "응답 시간을 재지 않았습니다"),
    "latency": (
        "95 % of requests take up to {seconds:.3g} s", "요청의 95%가 최대 {seconds:.3g}초 걸립니다",
    ),
    "vendor": ("requests go to a vendor", "요청이 외부 업체로 나갑니다"),
    "country": (
        "the record doesn't say in which country the vendor answers",
        "업체가 어느 나라에서 처리하는지 기록에 없습니다",
    ),
    "licence": (
        "its licence ({licence}) forbids commercial use",
        "라이선스({licence})가 상업적 이용을 금지합니다",
    ),
    "licence_unknown": (
        "its licence ({licence}) isn't known to allow commercial use",
        "라이선스({licence})로 상업적 이용이 가능한지 알 수 없습니다",
    ),
    "unpriced": ("unpriced: {why}", "가격을 알 수 없습니다: {why}"),
    # why an answer isn't decided
    "runs": (
        "too few runs of {names}: one training can be lucky",
        "{names}: 학습은 운에 따라 달라질 수 있는데 실행 횟수가 부족합니다",
    ),
    "clusters": (
        "{clusters} independent clusters of rows are few: intervals need about {least}",
        "서로 독립인 문항 묶음이 {clusters}개뿐입니다: 신뢰구간을 믿으려면 {least}개 정도가 필요합니다",
    ),
    "alone": ("there is nothing to compare it with", "비교할 다른 전략이 없습니다"),
    "labels": (
        "the price of a label isn't known, and from ${usd:,.3g} a row {to} is cheaper (--label-cost)",
        "라벨 단가를 모르는데, 건당 {usd:,.3g}달러부터는 {to} 쪽이 더 쌉니다(--label-cost)",
    ),
    "nothing": (
        "no strategy is shown to be within {points:g} points of the best",
        "최고 전략과의 차이가 {points:g}%p 이내라고 입증된 전략이 없습니다",
    ),
    "nothing_amount": (
        "no strategy is shown to be within {margin} of the best",
        "최고 전략과의 차이가 {margin} 이내라고 입증된 전략이 없습니다",
    ),
    "refused": (
        "no strategy meets the conditions ({why})", "조건을 만족하는 전략이 없습니다({why})",
    ),
    "floor": (
        "no strategy is shown to reach a quality of {floor}",
        "품질 {floor} 이상이라고 입증된 전략이 없습니다",
    ),
    "no_price": ("what would do has no price", "조건을 만족하는 전략의 가격을 알 수 없습니다"),
    # notes
    "picked_on_test": (
        "settings of {names} have no dev scores: each one competes on the test rows by itself",
        "{names}: 개발용 점수가 없어 설정마다 따로 테스트 문항에서 비교했습니다",
    ),
    "synthetic": ("the data are invented", "지어낸 데이터로 얻은 결과입니다"),
    "readouts": (
        "answers are read off likelihoods in some runs, off text in others",
        "일부 실행은 확률로, 일부 실행은 생성된 문장으로 답을 읽었습니다",
    ),
    "machines": (
        "the runs are from different machines: quality compares, seconds don't",
        "서로 다른 기계에서 실행했습니다: 품질은 비교되지만 시간은 비교되지 않습니다",
    ),
    "shared": (
        "another run was on the machine of {names}: their seconds set no price; run them alone, "
        "name a --hardware to project to, or add --count-shared",
        "{names}: 다른 실행과 같은 기계에서 동시에 돌아 시간으로 가격을 매기지 않습니다. 따로 다시 실행하거나, "
        "--hardware로 추정하거나, --count-shared를 쓰십시오",
    ),
    "shared_counted": (
        "priced by seconds although another run was on the machine: {names}",
        "다른 실행과 기계를 함께 쓴 시간으로 가격을 매겼습니다: {names}",
    ),
    "projected": (
        "costs are projected to {machine}, not measured",
        "비용은 {machine} 기준 추정치이며 실측이 아닙니다",
    ),
    "labels_left_out": (
        "labels have no price and are left out (--label-cost)",
        "라벨 단가가 없어 라벨 비용은 빠져 있습니다(--label-cost)",
    ),
    "update_assumed": (
        "an update is assumed to repeat indexing and training, without new labels",
        "업데이트할 때마다 색인과 학습을 다시 한다고 가정했습니다(새 라벨 비용 제외)",
    ),
    "margin_share": (
        "a difference of {margin} doesn't count: {percent:g} % of the best's value (--margin)",
        "차이가 {margin}, 즉 최고 전략 값의 {percent:g}% 이내면 같다고 봅니다(--margin)",
    ),
    "common": (
        "compared over the {rows} rows that all runs answered",
        "모든 실행이 답한 {rows}문항에서 비교했습니다",
    ),
}  # fmt: skip
"""By code: English, Korean. Both have the same fields."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Something to be explained.

    Attributes:
        code: One of `PHRASES`.
        values: What the phrase is filled with.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def say(self, language: Language = "en") -> str:
        """Returns the phrase."""
        told = {name: _told(value, language) for name, value in self.values.items()}
        return PHRASES[self.code][language == "ko"].format(**told)

    def as_dict(self) -> dict[str, Any]:
        """Returns code, values and the English phrase as JSON values."""
        values = {
            name: value if isinstance(value, (str, int, float)) else _told(value, "en")
            for name, value in self.values.items()
        }
        return {"code": self.code, "values": values, "text": self.say()}

    def __str__(self) -> str:
        """In English."""
        return self.say()


def _told(value: Any, language: Language) -> Any:
    """Says amounts, and reasons that are values of another one: pairs of a name and a reason."""
    if isinstance(value, Amount):
        return value.say(language)
    if isinstance(value, tuple):
        return "; ".join(f"{name}: {reason.say(language)}" for name, reason in value)
    return value
