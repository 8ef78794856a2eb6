"""보험금 지급 및 계산 기준: its articles, the formulas with worked examples, and notes."""

from __future__ import annotations

from ...documents.blocks import Grid
from ...outline import Chapter, Item, Passage, Section, steps

CHAPTERS = (
    Chapter("보험금의 계산", (
        Section("지급보험금의 산식", "rule_payment", passages=(
            steps("지급보험금은 다음 순서로 계산한다.",
                  "손해액을 확정한다.",
                  Item("손해액에서 자기부담금을 뺀다.",
                       ("자기부담금이 없는 담보는 손해액을 그대로 쓴다.",
                        "손해액이 자기부담금보다 적으면 지급하지 않는다.")),
                  "계산한 금액이 보상 한도를 넘으면 보상 한도를 지급한다."),
            Passage("산식: 지급보험금 = 손해액 - 자기부담금 (보상 한도까지)."),
            Passage("보기: 손해액 110만원, 자기부담금 10만원, 보상 한도 90만원이면 100만원이 한도를 넘으므로 90만원을 지급한다."),
            Passage("자기부담금과 보상 한도는 보험상품 요약서에서 담보마다 정한 것을 쓴다."),
        )),
        Section("감가상각", "rule_wear wear_clothes wear_furniture wear_phone wear_camera", passages=(
            Passage("산식: 현재 가치 = 취득가액 - 취득가액 × 연간 감가상각률 × 사용 연수."),
            Passage("보기: 취득가액 10만원인 물건이 해마다 10분의 1씩 닳아 두 해를 썼으면 현재 가치는 8만원이다."),
        )),
        Section("후유장해보험금", "rule_disability disability_1 disability_2 disability_3 disability_4 disability_5",
                passages=(Passage("장해가 둘 이상이면 장해마다 계산하여 더하되 가입금액을 넘지 못한다."),)),
        Section("지연이자", "rule_late late", passages=(
            Passage("산식: 지연이자 = 보험금 × 지연이자율 × 늦은 일수 ÷ 365."),
            Passage("늦은 일수는 지급 기한의 다음 날부터 실제로 지급한 날까지 센다."),
        )),
        Section("고지의무 위반과 감액", "rule_disclosure disclosure"),
    )),
    Chapter("청구의 접수", (
        Section("청구 방법", "simple mobile mobile_open fax photo ev"),
        Section("사고와 진료의 청구 서류", "death admission outpatient disability", passages=(
            Passage("의료기관이 폐업하여 서류를 받을 수 없으면 다른 자료로 사실을 확인한다."),
        )),
        Section("특별한 청구의 서류", "proxy minor abroad liability supplement"),
        Section("사고의 접수", "first_call hub_open", passages=(
            steps("사고를 접수한 담당자는 다음 사항을 적는다.",
                  "사고가 난 때와 곳", "사고의 경위", "다친 사람과 망가진 물건"),
        )),
    )),
    Chapter("심사와 조사", (
        Section("현장조사와 손해사정", "survey outside pay_survey explain", passages=(
            steps("현장조사는 다음 순서로 한다.",
                  "고객과 날짜를 정한다.",
                  Item("현장을 살피고 사진을 남긴다.", ("전체 모습", "망가진 부분", "둘레의 시설")),
                  "조사 보고서를 쓴다."),
        )),
        Section("의료자문", "advice"),
        Section("결재 권한", "team_lead centre_head", "authority", "보험금 결재 권한"),
    )),
    Chapter("지급", (
        Section("지급의 기한과 방법", "pay weekend other_account instalment"),
        Section("가지급금", "rule_advance advance advance_rate advance_cap", "advance", "가지급금 제도"),
        Section("지급 거절과 재심사", "notice appeal"),
        Section("지급 뒤의 업무", "archive subrogation e_archive"),
    )),
)  # fmt: skip
NOTES = (
    "심사자는 고객이 낸 자료만으로 판단하기 어려우면 추가 자료를 요청한다.",
    "담당자는 고객에게 심사의 진행 상황을 알기 쉽게 설명한다.",
    "계산한 금액에 잘못이 있으면 §지급보험금의 산식§에 따라 다시 계산한다.",
    "같은 사고로 여러 담보에 해당하면 담보마다 따로 계산한다.",
    "다른 보험회사에도 청구한 고객에게는 나누어 지급하는 방법을 설명한다.",
    "사기가 의심되는 청구는 조사 전담 직원에게 넘긴다.",
    "심사 의견이 갈리면 더 높은 직급의 심사자가 판단한다.",
    "고객의 계좌가 압류되어 있으면 법무팀과 상의한다.",
    "사고를 접수할 때 적을 사항은 §사고의 접수§를 따른다.",
    "현장에 나가는 절차는 §현장조사와 손해사정§를 따른다.",
    "감정이 필요한 물건은 전문 기관에 맡긴다.",
    "고객이 외국어를 쓰면 통역을 붙인다.",
    "영수증을 잃어버린 고객에게는 카드 사용 내역으로 대신하게 할 수 있다.",
    "손해를 줄이려고 고객이 쓴 돈은 손해액에 넣는다.",
    "쓰고 남은 부품과 잔존물의 값은 손해액에서 뺀다.",
    "심사자는 자기 가족의 청구를 심사하지 않는다.",
    "고객이 돌아가신 경우 담당자는 유족에게 예를 갖추어 안내한다.",
    "외부 업체에 맡긴 일도 담당자가 끝까지 살핀다.",
    "청구를 거두려는 고객에게는 그 결과를 설명하고 확인을 받는다.",
    "전화로 들은 내용은 들은 날 전산에 적는다.",
    "망가진 물건은 조사가 끝날 때까지 버리지 않도록 안내한다.",
    "계좌번호가 틀려 돈이 되돌아오면 고객에게 다시 확인한다.",
)
STAGES = Grid("별표 보험금 업무의 단계와 담당", ("단계", "할 일", "담당"), (
    ("접수", "사고 내용의 등록", "접수 담당자"),
    ("", "필요한 서류의 안내", "접수 담당자"),
    ("조사", "현장과 물건의 확인", "조사 담당자"),
    ("", "의료기관에 사실 확인", "심사 담당자"),
    ("심사", "약관과 담보의 확인", "심사 담당자"),
    ("", "금액의 계산과 검산", "심사 담당자"),
    ("지급", "결재와 송금", "보상팀장"),
    ("", "고객에게 결과 설명", "접수 담당자"),
))  # fmt: skip
