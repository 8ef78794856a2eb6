"""근무 복지 기준: its articles, and passages that answer nothing."""

from __future__ import annotations

from ...documents.blocks import Grid
from ...outline import Chapter, Item, Passage, Section, steps

CHAPTERS = (
    Chapter("경조사 지원", (
        Section("결혼 지원", "wedding_self wedding_child wedding_leave", "wedding", "결혼 경조 지원"),
        Section("출산 지원", "birth_first birth_second birth_third birth_leave", "birth", "출산 경조 지원"),
        Section("조의금과 경조 휴가", "death_parent death_spouse parent_leave", "mourning", "부모상과 배우자상 지원"),
        Section("경조금의 신청", "family_papers", passages=(
            steps("경조금을 신청하려는 직원은 다음 순서를 따른다.",
                  "경조사가 있은 뒤 부서장에게 알린다.",
                  "사내 복지 화면에서 신청서를 쓴다.",
                  Item("증빙을 붙여 인사팀에 낸다.",
                       ("증빙은 사진으로 찍어 올릴 수 있다.", "같은 경조사를 부부 직원이 함께 신청하지 않는다."))),
        )),
    )),
    Chapter("학자금과 자기 계발", (
        Section("자녀 학자금", "college highschool tuition_spring tuition_autumn tuition_papers school",
                "tuition", "자녀 학자금 지원"),
        Section("자격증 취득 축하금", "actuary adjuster", "licence", "자격증 취득 축하금"),
        Section("학습비 지원", "language graduate book rule_support"),
    )),
    Chapter("건강과 여가", (
        Section("건강검진", "checkup checkup_end spouse_check", "checkup", "건강검진 지원"),
        Section("체력 단련과 예방", "fitness flu hospital counsel"),
        Section("휴양 시설과 할인", "condo condo_retired resort staff_discount rule_discount"),
        Section("사내 행사", "sports service_award club"),
    )),
    Chapter("복지포인트", (
        Section("복지포인트의 지급과 사용",
                "points points_life points_day points_end points_ban points_carry points_temp",
                "points", "복지포인트 제도"),
        Section("복지포인트의 확인", passages=(
            Passage("직원은 복지포인트 사용 내역을 사내 복지 화면에서 볼 수 있다."),
            Passage("남의 복지포인트를 대신 쓰거나 현금으로 바꾸지 않는다."),
        )),
    )),
    Chapter("대출 지원", (
        Section("주택자금 대출", "house_loan house_rate house_repay house_papers", "house", "주택자금 대출"),
        Section("생활안정자금 대출", "living_loan living_rate living_repay", "living", "생활안정자금 대출"),
        Section("대출 이자의 계산", "rule_interest", passages=(
            Passage("산식은 다음과 같다: 한 해 이자 = 대출 잔액 × 연 이자율."),
            Passage("퇴직하는 직원은 남은 대출금을 퇴직금에서 갚을 수 있다."),
        )),
    )),
    Chapter("근무와 휴가", (
        Section("안식휴가", "tenth_leave twentieth_leave", "sabbatical", "안식휴가 제도"),
        Section("근무 지원", "phone home_office pension"),
        Section("사내 어린이집", "nursery nursery_papers", "nursery", "사내 어린이집 입소"),
    )),
)  # fmt: skip
NOTES = (
    "직원은 지원받은 내용을 사내 복지 화면에서 확인할 수 있다.",
    "같은 사유로 다른 기관의 지원을 받았으면 인사팀에 알린다.",
    "지원금은 신청한 직원의 급여 계좌로 보낸다.",
    "증빙이 흐려 알아볼 수 없으면 다시 내도록 안내한다.",
    "부부가 모두 직원이면 한 사람만 신청한다.",
    "경조사의 범위에 다툼이 있으면 가족관계를 나타내는 서류로 판단한다.",
    "지원 대상이 아닌 것을 받은 직원은 그 금액을 돌려준다.",
    "휴직 중인 직원의 지원은 휴직 및 복직 관리기준을 함께 살핀다.",
    "복지 제도를 바꿀 때에는 노사협의회의 의견을 듣는다.",
    "시설 이용 중 물건을 망가뜨린 직원은 관리자에게 알린다.",
    "예약을 하고 오지 않는 일이 잦으면 다음 예약에서 순서를 뒤로 둔다.",
    "지원 예산이 모자라면 먼저 신청한 순서로 지급한다.",
    "인사팀은 새로 생긴 제휴처를 사내 게시판에 알린다.",
    "퇴직 예정자는 쓰지 않은 이용권을 반납한다.",
    "휴가를 쓰는 직원은 부재중 안내를 전자우편에 걸어 둔다.",
    "가족이 함께 쓰는 시설에서는 직원이 동행하여야 한다.",
    "대출을 받은 직원은 주소가 바뀌면 재무팀에 알린다.",
    "경조금 신청 절차는 §경조금의 신청§에 적은 순서를 따른다.",
    "이자를 계산하는 방법은 §대출 이자의 계산§를 따른다.",
    "행사 사진은 사보에 실릴 수 있으며, 원하지 않는 직원은 미리 말한다.",
    "직원은 복지포인트 내역이 이상하면 §복지포인트의 확인§에 따라 살펴보고 인사팀에 묻는다.",
    "정보를 잘못 적어 지원이 늦어진 책임은 신청한 직원에게 있다.",
)
STAGES = Grid("별표 복지 업무의 단계와 담당", ("단계", "할 일", "담당"), (
    ("안내", "제도와 신청 방법의 게시", "인사팀"),
    ("", "제휴처의 확인", "총무팀"),
    ("신청", "신청서와 증빙의 등록", "신청 직원"),
    ("", "빠진 서류의 확인", "인사팀"),
    ("지급", "예산의 확인", "재무팀"),
    ("", "급여 계좌로 송금", "재무팀"),
    ("점검", "잘못 지급한 것의 확인", "감사 담당자"),
))  # fmt: skip
