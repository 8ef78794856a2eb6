"""인수 심사 지침: its articles and notes."""

from __future__ import annotations

from ..outline import Chapter, Item, Passage, Section, steps

BEFORE = (
    Chapter("인수 심사의 원칙", (
        Section("심사의 순서", passages=(
            steps("심사자는 다음 순서로 청약을 심사한다.",
                  "청약서와 고지 사항을 살핀다.",
                  Item("위험을 평가한다.", ("건강 상태", "직업과 취미", "물건의 구조와 쓰임")),
                  "인수 등급을 정하고 승인 여부를 알린다."),
        )),
        Section("등급의 부여", passages=(
            Passage("등급은 청약마다 하나만 매긴다."),
            Passage("둘 이상의 사례에 해당하면 할증률이 더 높은 등급을 매긴다."),
        )),
    )),
)  # fmt: skip
CASES = Section("사례별 등급", passages=(
    Passage("이 조에 없는 사례는 심사자가 비슷한 사례를 찾아 등급을 매긴다."),
))  # fmt: skip
PREMIUM = Section("할증 보험료의 계산", "rule_premium", passages=(
    Passage("산식: 할증 보험료 = 기준 보험료 + 기준 보험료 × 할증률."),
    Passage("보기: 기준 보험료가 2만원이고 할증률이 절반이면 할증 보험료는 3만원이다."),
))  # fmt: skip
AFTER = (
    Chapter("심사의 기준", (
        Section("추가 심사의 기준액", "exam inspection reinsurance"),
        Section("심사의 기한", "review medical_review express", passages=(
            Passage("고객이 추가 자료를 내는 동안은 심사 기한에 넣지 않는다."),
        )),
        Section("재청약과 이력", "retry accident_record"),
        Section("등급 체계와 전산 심사", "class_start e_review"),
    )),
    Chapter("인수의 제한", (
        Section("특수한 위험", "delivery old_house old_dog foreigner", passages=(
            Passage("위험이 크게 바뀐 계약은 갱신할 때 다시 심사한다."),
        )),
        Section("거절의 통지", passages=(
            Passage("인수를 거절할 때에는 고객에게 까닭을 알기 쉽게 설명한다."),
        )),
    )),
)  # fmt: skip
NOTES = (
    "심사자는 같은 위험을 같은 등급으로 심사한다.",
    "심사의 차례는 §심사의 순서§를 따른다.",
    "등급을 매기는 방법은 §등급의 부여§를 따른다.",
    "인수를 거절할 때에는 §거절의 통지§를 따른다.",
    "할증 보험료는 §할증 보험료의 계산§에 따라 구한다.",
    "고지한 내용이 청약서와 다르면 고객에게 확인한다.",
    "영업 담당자는 심사 결과에 영향을 주려 하지 않는다.",
    "심사자는 자기가 모집한 계약을 심사하지 않는다.",
    "건물의 도면이 없으면 사진과 면적으로 대신 살핀다.",
    "고객의 유전자 검사 결과는 심사에 쓰지 않는다.",
    "종교나 출신 지역을 까닭으로 인수를 거절하지 않는다.",
    "심사 의견은 다른 심사자가 보아도 알 수 있게 적는다.",
    "등급을 바꿀 때에는 바꾼 사람과 까닭을 남긴다.",
    "심사에 쓴 점수표는 고객에게 주지 않는다.",
    "단체 계약은 구성원 전체의 위험을 함께 살핀다.",
    "위험을 줄이는 시설을 갖춘 고객은 재심사를 요청할 수 있다.",
    "재보험회사의 의견은 참고로 삼되 그대로 따르지 않아도 된다.",
    "외국에서 받은 진단서는 번역문과 함께 살핀다.",
    "심사자는 해마다 위험 평가 교육을 듣는다.",
    "보류한 청약은 고객이 알 수 있게 상태를 표시한다.",
)
