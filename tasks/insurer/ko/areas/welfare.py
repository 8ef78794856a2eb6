"""복리후생: what employees get beside their pay."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..outlines.welfare import CHAPTERS
from ..pools import lists, man_won, percentages, periods, spans, won, yearly, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

AMOUNT = Bank(
    polite=(
        "{s}[이/가] 얼마인지 안내해 주실 수 있나요?",
        "{s}[이/가] 얼마인지 알려 주시면 감사하겠습니다.",
    ),
    curt=("{s}[은/는] 얼마?", "{s}, 얼마죠?"),
    keywords=("{s} 알려줘!", "{s} 얼마인지 알려줘"),
    indirect=("{indirect}",),
    slip=("{s} 얼마예요?", "{s}[이/가] 얼마나 되는지 궁금해요"),
)
PERIOD = Bank(
    polite=("{s}[이/가] 얼마나 되는지 안내해 주실 수 있나요?",),
    curt=("{s}[은/는]?", "{s}[은/는] 얼마나?"),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 얼마나 되나요?", "{s} 얼마나 되는지 궁금합니다"),
)
SHARE = Bank(
    polite=("{s}[이/가] 몇 퍼센트인지 안내해 주실 수 있나요?",),
    curt=("{s}[은/는] 몇 %?", "{s}[은/는]?"),
    keywords=("{s} 알려줘!", "{s} 몇 프로인지 알려줘"),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 몇 퍼센트인가요?",),
)
DATE = Bank(
    polite=("{s}[이/가] 언제인지 안내해 주실 수 있나요?",),
    curt=("{s}[은/는] 언제?", "{s}[은/는]?"),
    keywords=("{s} 알려줘!", "{s} 날짜 알려줘"),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 언제인가요?", "{s} 언제예요?"),
    states=("{s}[은/는] {x}[이다/다].",),
)
LIST = Bank(
    polite=("{s}[을/를] 안내해 주실 수 있나요?",),
    curt=("{s}[은/는]?", "{s}, 뭐가 있지?"),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 뭐예요?",),
)
YES_NO = Bank(
    polite=("{v}는지 안내해 주실 수 있나요?",),
    curt=("{s} 가능?",),
    keywords=("{s} 가능 여부 알려줘!",),
    indirect=("{indirect}",),
    slip=("{v}나요?",),
    states=("{v}다.", "{no}다."),
)

AMOUNTS = (
    Topic("wedding_self", "본인 결혼 축하금", "제가 다음 달에 결혼하는데 회사에서 축하금이 얼마나 나오나요?", man_won(100, 200, 5)),
    Topic("wedding_child", "자녀 결혼 축하금", "아들이 장가를 가는데 회사 축하금으로 얼마를 받게 되죠?", man_won(20, 95, 5)),
    Topic("birth_first", "첫째 출산 축하금", "첫아이가 태어났는데 회사에서 주는 돈이 얼마죠?", man_won(20, 90, 5)),
    Topic("birth_second", "둘째 출산 축하금", "둘째가 태어났는데 회사에서 주는 돈이 얼마죠?", man_won(95, 250, 5)),
    Topic("birth_third", "셋째 출산 축하금", "셋째가 태어났는데 회사에서 주는 돈이 얼마죠?", man_won(260, 590, 5)),
    Topic("death_parent", "부모상 조의금", "아버지가 돌아가셨는데 회사에서 나오는 조의금은 얼마인가요?", man_won(30, 95, 5)),
    Topic("death_spouse", "배우자상 조의금", "배우자가 세상을 떠난 직원에게 회사가 주는 조의금은 얼마인가요?", man_won(100, 490, 10)),
    Topic("college", "대학생 자녀 학자금의 학기당 한도", "아이가 대학에 다니는데 한 학기에 학자금을 얼마까지 지원받나요?", man_won(150, 590, 10)),
    Topic("highschool", "고등학생 자녀 학자금의 분기당 한도", "아이가 고등학생인데 분기마다 학자금을 얼마까지 지원받나요?", man_won(20, 95, 1)),
    Topic("points", "연간 복지포인트 지급액", "복지포인트를 한 해에 얼마어치 받게 되나요?", man_won(60, 320, 5)),
    Topic("checkup", "본인 건강검진 지원금", "올해 건강검진을 받으려는데 회사가 얼마까지 내 주나요?", man_won(20, 95, 1)),
    Topic("fitness", "월 체력단련비 한도", "헬스장을 끊으면 회사에서 한 달에 얼마까지 내 주나요?", won(31_000, 149_000, 2_000)),
    Topic("actuary", "보험계리사 자격증 취득 축하금", "보험계리사 시험에 붙으면 회사에서 얼마를 주나요?", man_won(100, 900, 10)),
    Topic("adjuster", "손해사정사 자격증 취득 축하금", "손해사정사 시험에 붙으면 회사에서 얼마를 주나요?", man_won(50, 450, 5)),
    Topic("phone", "월 통신비 지원 한도", "휴대전화 요금은 한 달에 얼마까지 회사가 내 주나요?", won(21_000, 89_000, 2_000)),
    Topic("house_loan", "주택자금 대출 한도", "집을 사려고 회사 대출을 알아보는데 얼마까지 빌릴 수 있죠?", man_won(3_000, 19_000, 500)),
    Topic("living_loan", "생활안정자금 대출 한도", "급히 생활비가 필요한데 회사에서 얼마까지 빌릴 수 있죠?", man_won(500, 2_900, 100)),
    Topic("home_office", "재택근무 장비 지원금", "재택근무용 모니터를 사면 회사에서 얼마까지 지원해 주나요?", man_won(15, 95, 1)),
    Topic("school", "자녀 입학 축하금", "아이가 올해 학교에 들어가는데 회사에서 축하금이 얼마나 나오나요?", man_won(10, 95, 1), since=2),
    Topic("counsel", "마음건강 상담비 회당 지원 한도", "마음이 힘들어 상담을 받으려는데 한 번에 얼마까지 지원받나요?", won(51_000, 149_000, 2_000), since=2),
    Topic("parent_travel", "부모님 효도 여행비 지원금", "부모님 효도 여행을 보내 드리면 회사에서 얼마를 보태 주나요?", NEAR_MISS),
    Topic("moving", "이사 비용 지원금", "이사를 하는데 회사에서 이사 비용을 얼마나 보태 주나요?", ABSENT),
    Topic("pet_food", "반려동물 양육 수당", "강아지를 키우는데 회사에서 양육 수당이 얼마나 나오나요?", ABSENT),
)  # fmt: skip
PERIODS = (
    Topic("wedding_leave", "본인 결혼 휴가 기간", "제가 결혼하면 휴가를 며칠이나 받나요?", periods("일", 3, 10)),
    Topic("birth_leave", "배우자 출산 휴가 기간", "아내가 곧 아이를 낳는데 저는 휴가를 며칠이나 받나요?", periods("일", 10, 25)),
    Topic("parent_leave", "부모상 휴가 기간", "부모님이 돌아가시면 휴가가 며칠이나 나오나요?", periods("일", 3, 10)),
    Topic("tenth_leave", "근속 10년 안식휴가 기간", "입사한 지 10년이 됐는데 안식휴가를 얼마나 갈 수 있죠?", periods("주", 2, 8)),
    Topic("twentieth_leave", "근속 20년 안식휴가 기간", "입사한 지 20년이 됐는데 안식휴가를 얼마나 갈 수 있죠?", periods("주", 9, 16)),
    Topic("house_repay", "주택자금 대출 상환 기간", "회사에서 주택자금을 빌리면 얼마 동안 갚게 되나요?", periods("년", 8, 20)),
    Topic("living_repay", "생활안정자금 대출 상환 기간", "회사에서 생활안정자금을 빌리면 얼마 동안 갚게 되나요?", spans("개월 12 15 18 20 24 30 36 40 42 48 54 60")),
    Topic("points_life", "복지포인트 유효기간", "받아 둔 복지포인트는 얼마나 지나면 못 쓰게 되나요?", periods("개월", 6, 36)),
    Topic("sibling_leave", "사촌 결혼 휴가 기간", "사촌이 결혼하는데 휴가를 며칠이나 받나요?", NEAR_MISS),
    Topic("exam_leave", "자녀 수능일 휴가 기간", "아이가 수능을 보는데 부모는 휴가를 며칠이나 받나요?", ABSENT),
)  # fmt: skip
SHARES = (
    Topic("house_rate", "주택자금 대출 이자율", "회사에서 주택자금을 빌리면 이자를 몇 퍼센트 내야 하나요?", percentages(1, 5)),
    Topic("living_rate", "생활안정자금 대출 이자율", "회사에서 생활안정자금을 빌리면 이자를 몇 퍼센트 내야 하나요?", percentages(2, 9)),
    Topic("language", "어학 학원비 지원 비율", "퇴근하고 영어 학원에 다니는데 회사가 학원비의 몇 퍼센트를 내 주나요?", percentages(30, 95)),
    Topic("graduate", "대학원 학비 지원 비율", "야간 대학원에 붙었는데 회사가 학비의 몇 퍼센트를 내 주나요?", percentages(20, 95)),
    Topic("staff_discount", "임직원 보험료 할인율", "직원이 우리 회사 보험에 들면 보험료를 몇 퍼센트 깎아 주나요?", percentages(5, 35)),
    Topic("condo", "제휴 콘도 할인율", "휴가 때 제휴 콘도에 묵으려는데 직원은 몇 퍼센트 싸게 쓰나요?", percentages(15, 60)),
    Topic("hospital", "제휴 병원 진료비 할인율", "제휴 병원에 가면 진료비를 몇 퍼센트 깎아 주나요?", percentages(5, 45)),
    Topic("club", "동호회 활동비 지원 비율", "사내 동호회에서 쓴 돈은 회사가 몇 퍼센트 내 주나요?", percentages(25, 95)),
    Topic("pension", "퇴직연금 추가 납입 지원율", "퇴직연금을 더 넣으면 회사가 몇 퍼센트를 보태 주나요?", percentages(10, 70)),
    Topic("book", "업무 도서 구입비 지원 비율", "일에 필요한 책을 사면 회사가 책값의 몇 퍼센트를 내 주나요?", percentages(40, 95), since=2),
    Topic("cinema", "제휴 영화관 할인율", "제휴 영화관에서 직원은 몇 퍼센트 싸게 보나요?", NEAR_MISS),
)  # fmt: skip
DATES = (
    Topic("points_day", "복지포인트 지급일", "복지포인트는 해마다 몇 월 며칠에 들어오나요?", yearly(1, 2, 3)),
    Topic("points_end", "복지포인트 사용 마감일", "복지포인트는 그해 몇 월 며칠까지 다 써야 하나요?", yearly(10, 11, 12)),
    Topic("checkup_end", "건강검진 신청 마감일", "건강검진을 아직 신청 안 했는데 몇 월 며칠까지 하면 되죠?", yearly(5, 6, 7, 8)),
    Topic("tuition_spring", "1학기 학자금 신청 마감일", "봄 학기 등록금 지원을 받으려면 몇 월 며칠까지 신청하죠?", yearly(3, 4)),
    Topic("tuition_autumn", "2학기 학자금 신청 마감일", "가을 학기 등록금 지원을 받으려면 몇 월 며칠까지 신청하죠?", yearly(9, 10)),
    Topic("resort", "하계 휴양소 접수 시작일", "여름에 회사 휴양소를 쓰고 싶은데 접수를 몇 월 며칠부터 받나요?", yearly(5, 6)),
    Topic("flu", "사내 독감 예방접종일", "회사에서 독감 주사를 놔 주는 날이 몇 월 며칠인가요?", yearly(10, 11)),
    Topic("sports", "사내 체육대회 날짜", "해마다 전 직원이 모여 운동하는 행사가 몇 월 며칠이죠?", yearly(4, 5, 9, 10)),
    Topic("nursery", "사내 어린이집 원아 모집 시작일", "아이를 사내 어린이집에 보내려는데 모집을 몇 월 며칠에 시작하나요?", yearly(9, 10, 11)),
    Topic("service_award", "장기근속 시상식 날짜", "오래 근무한 직원에게 상을 주는 행사는 몇 월 며칠에 하나요?", yearly(3, 6, 9, 12)),
    Topic("concert", "사내 음악회 날짜", "직원들이 공연하는 음악회는 몇 월 며칠에 열리나요?", ABSENT),
)  # fmt: skip
LISTS = (
    Topic("tuition_papers", "학자금 신청 서류", "아이 등록금을 지원받으려면 무슨 서류를 내야 하나요?",
          lists("등록금 고지서|재학증명서|가족관계증명서|납입 영수증|성적증명서|학자금 신청서")),
    Topic("family_papers", "경조금 신청 서류", "결혼 축하금이나 조의금을 받으려면 무슨 서류를 내야 하나요?",
          lists("경조금 신청서|가족관계증명서|주민등록등본|통장 사본|재직증명서|부서장 확인서")),
    Topic("house_papers", "주택자금 대출 신청 서류", "회사에서 집값을 빌리려면 무슨 서류를 내야 하나요?",
          lists("매매계약서|임대차계약서|등기부등본|재직증명서|무주택 확인서|대출 신청서")),
    Topic("nursery_papers", "사내 어린이집 입소 서류", "아이를 사내 어린이집에 넣으려면 무슨 서류를 내야 하나요?",
          lists("입소 신청서|예방접종 증명서|건강검진 결과서|주민등록등본|응급처치 동의서|보호자 서약서")),
    Topic("points_ban", "복지포인트 사용 제한 업종", "복지포인트를 못 쓰는 가게는 어떤 곳인가요?",
          lists("주류 전문점|귀금속점|상품권 판매점|골프장|면세점|성형외과", (2, 3))),
    Topic("car_papers", "자동차 구입자금 대출 신청 서류", "차를 사려고 회사 돈을 빌리려면 무슨 서류를 내야 하나요?", NEAR_MISS),
)  # fmt: skip
RULES = (
    Topic("points_carry", "복지포인트 이월", "올해 남은 복지포인트를 내년에 써도 되나요?", yes_or_no(),
          "남은 복지포인트를 다음 해로 이월할 수 있"),
    Topic("points_temp", "계약직의 복지포인트 사용", "저는 계약직인데 복지포인트를 써도 되나요?", yes_or_no(),
          "계약직도 복지포인트를 쓸 수 있"),
    Topic("spouse_check", "배우자 건강검진 지원", "아내도 회사 지원으로 건강검진을 받아도 되나요?", yes_or_no(),
          "배우자도 건강검진 지원을 받을 수 있"),
    Topic("condo_retired", "퇴직자의 제휴 콘도 이용", "이미 퇴직한 선배도 제휴 콘도를 써도 되나요?", yes_or_no(),
          "퇴직자도 제휴 콘도를 이용할 수 있"),
    Topic("pool_guest", "사내 수영장 가족 이용", "주말에 가족을 데리고 사내 수영장에 가도 되나요?", ABSENT,
          "가족이 사내 수영장을 이용할 수 있"),
)  # fmt: skip

CALCULATIONS = (
    ("support", "학원비와 학비의 지원금은 직원이 낸 금액에 지원 비율을 곱한 금액으로 한다."),
    (
        "discount",
        "제휴 시설을 쓴 직원이 낼 금액은 할인 전 금액에서 할인 전 금액에 할인율을 곱한 금액을 뺀 금액으로 한다.",
    ),
    ("interest", "대출의 한 해 이자는 대출 잔액에 연 이자율을 곱한 금액으로 한다."),
)


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("welfare", "복리후생", draw, groups(CHAPTERS))
    yield from area.topics(("amount", "금액"), AMOUNT, AMOUNTS)
    yield from area.topics(("period", "기간"), PERIOD, PERIODS)
    yield from area.topics(("share", "비율"), SHARE, SHARES)
    yield from area.topics(("date", "날짜"), DATE, DATES)
    yield from area.topics(("list", "목록"), LIST, LISTS)
    yield from area.topics(("allowed", "가능 여부"), YES_NO, RULES)
    for key, statement in CALCULATIONS:
        yield area.rule(key, statement)
