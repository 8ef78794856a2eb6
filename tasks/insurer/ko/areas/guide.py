"""회사생활 가이드: departments, systems, money and dates of working life."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..company import company_name
from ..outlines.guide import CHAPTERS
from ..pools import (
    coined,
    dates,
    extensions,
    lists,
    man_won,
    monthly,
    periods,
    won,
    yearly,
    yes_or_no,
)
from ..values import Name
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic
from .duties import duties

EXTENSION = Bank(
    polite=("{s} 내선번호를 알려 주실 수 있나요?", "{s}의 내선번호가 몇 번인지 안내 부탁드립니다."),
    curt=("{s} 내선번호는?", "{s} 내선 몇 번?"),
    keywords=("{s} 내선번호 알려줘!", "{s} 내선 전화번호"),
    indirect=("{indirect} 내선 몇 번으로 걸면 되죠?",),
    slip=("{s} 내선번호가 어떻게 되나요?", "{s} 내선번호 좀 알려 주세요"),
    states=("{s}의 내선번호는 {x}번이다.",),
)
SYSTEM = Bank(
    polite=("{s} 시스템의 이름을 알려 주실 수 있나요?",),
    curt=("{s} 시스템 이름은?", "{s}, 무슨 시스템?"),
    keywords=("{s} 시스템 이름 알려줘!",),
    indirect=("{indirect} 어느 시스템에 들어가면 되죠?",),
    slip=("{s} 시스템 이름이 뭐예요?", "{s}[을/를] 하는 시스템 이름이 뭐예요?"),
    states=("{s} 업무는 '{x}' 시스템에서 처리한다.",),
)
NAME = Bank(
    polite=("{s}[이/가] 무엇인지 알려 주실 수 있나요?",),
    curt=("{s}[은/는]?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 뭐예요?",),
    states=("{s}[은/는] {x}[이다/다].",),
)
AMOUNT = Bank(
    polite=("{s}[이/가] 얼마인지 알려 주실 수 있나요?",),
    curt=("{s}[은/는] 얼마?", "{s}[은/는]?"),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s} 얼마예요?", "{s}[이/가] 얼마인가요?"),
)
PERIOD = Bank(
    polite=("{s}[이/가] 얼마나 되는지 알려 주실 수 있나요?",),
    curt=("{s}[은/는]?", "{s}[은/는] 얼마나?"),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 얼마나 되나요?", "{s}[이/가] 어떻게 되나요?"),
)
DATE = Bank(
    polite=("{s}[이/가] 언제인지 알려 주실 수 있나요?",),
    curt=("{s}[은/는] 언제?",),
    keywords=("{s} 알려줘!", "{s} 언제인지 알려줘"),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 언제인가요?", "{s} 언제예요?"),
    states=("{s}[은/는] {x}[이다/다].",),
)
LIST = Bank(
    polite=("{s}[을/를] 알려 주실 수 있나요?",),
    curt=("{s}[은/는]?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 뭐예요?",),
)
YES_NO = Bank(
    polite=("{v}는지 알려 주실 수 있나요?",),
    curt=("{s} 가능?", "{s}, 되나?"),
    keywords=("{s} 가능 여부 알려줘!",),
    indirect=("{indirect}",),
    slip=("{v}나요?",),
    states=("{v}다.", "{no}다."),
)
RULE = Bank(
    polite=("{s}[이/가] 어떻게 되는지 알려 주실 수 있나요?",),
    curt=("{s}[은/는]?",),
    keywords=("{s} 알려줘!",),
    indirect=("{indirect}",),
    slip=("{s}[이/가] 어떻게 되나요?",),
)

TEAMS = (
    Topic("hr", "인사팀", "인사 발령을 물어보려고 인사팀에 전화하려는데", extensions()),
    Topic("general", "총무팀", "의자가 망가져서 총무팀에 전화하려는데", extensions()),
    Topic("finance", "재무팀", "법인세 문제로 재무팀에 전화하려는데", extensions()),
    Topic("legal", "법무팀", "소송 건으로 법무팀에 전화하려는데", extensions()),
    Topic("compliance", "준법감시팀", "규정 위반이 걱정돼 준법감시팀에 전화하려는데", extensions()),
    Topic("security", "정보보안팀", "이상한 메일을 받아서 정보보안팀에 전화하려는데", extensions()),
    Topic("it", "IT운영팀", "컴퓨터가 안 켜져서 IT운영팀에 전화하려는데", extensions()),
    Topic("product", "상품개발팀", "신상품을 물어보려고 상품개발팀에 전화하려는데", extensions()),
    Topic(
        "underwriting",
        "인수심사팀",
        "청약 심사를 물어보려고 인수심사팀에 전화하려는데",
        extensions(),
    ),
    Topic("claims", "보상기획팀", "보상 기준을 물어보려고 보상기획팀에 전화하려는데", extensions()),
    Topic("consumer", "소비자보호팀", "민원 건으로 소비자보호팀에 전화하려는데", extensions()),
    Topic("training", "교육연수팀", "강의를 신청하려고 교육연수팀에 전화하려는데", extensions()),
    Topic("audit", "감사팀", "내부 비리를 알리려고 감사팀에 전화하려는데", NEAR_MISS),
    Topic("overseas", "해외사업팀", "해외 지점 일로 해외사업팀에 전화하려는데", NEAR_MISS),
)
_NAMES = coined(
    "모아 바로 두루 늘봄 한눈 이음 나눔 도움 보듬 살핌 채움 다짐", "넷 톡 북 길 샘 터 창 룸 패스 온"
)
SYSTEMS = (
    Topic("expenses", "출장비 정산", "출장을 다녀와서 쓴 돈을 정산하려면", _NAMES),
    Topic("leave", "연차 신청", "다음 주에 하루 쉬겠다고 연차를 올리려면", _NAMES),
    Topic("approval", "전자결재", "결재 문서를 올리려면", _NAMES),
    Topic("accident", "사고 접수", "고객의 사고를 접수하려면", _NAMES),
    Topic("contract", "고객 계약 조회", "고객이 무슨 계약을 맺었는지 보려면", _NAMES),
    Topic("review", "보험금 심사", "보험금을 심사하려면", _NAMES),
    Topic("complaint", "민원 등록", "들어온 민원을 등록하려면", _NAMES),
    Topic("course", "온라인 교육 수강", "의무 교육을 온라인으로 들으려면", _NAMES),
    Topic("room", "회의실 예약", "내일 쓸 회의실을 잡으려면", _NAMES),
    Topic("points", "복지포인트 사용", "복지포인트로 물건을 사려면", _NAMES),
    Topic("archive", "문서 보관", "끝난 업무 문서를 보관해 두려면", _NAMES),
    Topic("quote", "보험료 산출", "고객의 보험료를 계산하려면", _NAMES),
    Topic("carpool", "카풀 매칭", "같은 방향 동료와 카풀을 하려면", NEAR_MISS),
    Topic("used_goods", "사내 중고 거래", "동료에게 중고 물건을 팔려면", NEAR_MISS),
)
NAMES = (
    Topic("magazine", "사보 이름", "직원들이 보는 회사 잡지를 뭐라고 부르죠?", coined("푸른 너른 밝은 고운 따뜻한", "지붕 우산 손길 아침 들녘 나루")),
    Topic("nursery", "사내 어린이집 이름", "직원 자녀를 맡기는 어린이집 이름이 뭐였죠?", coined("꿈 새싹 햇살 방울 구름 도토리", "둥지 뜰 동산 마을 숲")),
    Topic("resort", "하계 휴양소 이름", "여름에 직원들이 쉬러 가는 회사 휴양소 이름이 뭐였죠?", coined("솔바람 파도 조약돌 은모래 참나무 물안개", "산장 별장 쉼터 휴양원")),
    Topic("mascot", "회사 마스코트 이름", "회사 홍보물에 나오는 마스코트를 뭐라고 부르죠?", coined("동글 포근 듬직 반짝 든든 보들", "이 곰 새 별 콩")),
    Topic("song", "사가 제목", "행사 때 다 같이 부르는 회사 노래 제목이 뭐였죠?", ABSENT),
)  # fmt: skip
AMOUNTS = (
    Topic("badge", "출입증 재발급 비용", "출입증을 잃어버려 다시 만들려는데 얼마를 내야 하죠?", won(4_000, 29_000, 1_000)),
    Topic("hotel_seoul", "서울 출장 1박 숙박비 한도", "서울로 출장 가서 하루 자면 숙소는 얼마까지 되죠?", won(90_000, 249_000, 3_000)),
    Topic("hotel_busan", "부산 출장 1박 숙박비 한도", "부산으로 출장 가서 하루 자면 숙소는 얼마까지 되죠?", won(70_000, 219_000, 3_000)),
    Topic("per_diem", "국내 출장 하루 일비", "국내로 출장을 가면 일비가 하루에 얼마씩 나오죠?", won(16_000, 79_000, 1_000)),
    Topic("dinner", "회식비 1인당 한도", "팀 회식을 하려는데 한 사람에 얼마까지 써도 되죠?", won(26_000, 95_000, 1_000)),
    Topic("taxi", "야근 택시비 한도", "야근하고 택시를 타면 얼마까지 내 주죠?", won(15_500, 59_500, 1_000)),
    Topic("parking", "본사 월 주차비", "본사에 차를 대려면 한 달에 얼마를 내야 하죠?", won(30_500, 149_500, 1_000)),
    Topic("card", "법인카드 1회 결제 한도", "법인카드로 한 번에 얼마까지 긁을 수 있죠?", man_won(50, 490, 5)),
    Topic("charge", "본사 전기차 충전 1회 이용료", "본사에서 전기차를 충전하면 한 번에 얼마를 내죠?", won(3_500, 19_500, 1_000), since=2),
    Topic("locker", "사물함 월 이용료", "사물함을 쓰려면 한 달에 얼마를 내야 하죠?", ABSENT),
)  # fmt: skip
PERIODS = (
    Topic("password", "사내 비밀번호 변경 주기", "사내 비밀번호는 얼마마다 바꿔야 하죠?", periods("일", 30, 120, 5)),
    Topic("badge_time", "출입증 재발급 소요 기간", "출입증을 잃어버렸는데 새로 받으려면 며칠이나 걸리죠?", periods("영업일", 2, 7)),
    Topic("card_settle", "법인카드 사용분 정산 기한", "법인카드를 쓰면 며칠 안에 정산해야 하죠?", periods("일", 3, 20, 1, "within")),
    Topic("room_max", "회의실 1회 최대 예약 시간", "회의실은 한 번에 길어야 얼마나 잡을 수 있죠?", periods("분", 60, 240, 10)),
    Topic("remote", "재택근무 사전 신청 기한", "재택근무를 하려면 며칠 전에 신청해야 하죠?", periods("영업일", 1, 10, 1, "before")),
    Topic("parking_valid", "주차 등록 유효기간", "주차 등록은 얼마나 지나면 다시 해야 하죠?", periods("개월", 5, 30)),
    Topic("visitor", "방문증 유효 시간", "외부 손님이 받은 방문증은 얼마 동안 쓸 수 있죠?", periods("시간", 2, 12)),
    Topic("probation", "신입 사원 수습 기간", "새로 들어온 사원은 얼마 동안 수습으로 일하죠?", periods("주", 8, 24)),
    Topic("desk", "공유 좌석 예약 가능 기간", "공유 좌석은 며칠 앞까지 미리 잡을 수 있죠?", periods("일", 3, 28), since=2),
    Topic("gym", "사내 헬스장 1회 이용 시간", "사내 헬스장은 한 번에 얼마 동안 쓸 수 있죠?", NEAR_MISS),
)  # fmt: skip
DATES = (
    Topic("payday", "급여 지급일", "월급이 매달 며칠에 들어오죠?", monthly(9, 28)),
    Topic("card_day", "법인카드 결제일", "법인카드 대금은 매달 며칠에 빠져나가죠?", monthly(2, 28)),
    Topic("founding", "회사 창립기념일", "회사가 세워진 걸 기념하는 날이 몇 월 며칠이죠?", yearly(2, 3, 4, 5, 6)),
    Topic("review_start", "인사평가 시작일", "올해 성과를 매기는 평가는 몇 월 며칠에 시작하죠?", yearly(10, 11)),
    Topic("promotion", "승진자 발표일", "누가 승진했는지는 몇 월 며칠에 발표하죠?", yearly(12, 1, 2)),
    Topic("leave_plan", "연차 사용 계획 제출 마감일", "연차를 언제 쓸지 적은 계획은 몇 월 며칠까지 내죠?", yearly(1, 2, 3)),
    Topic("security_class", "정보보안 교육 이수 마감일", "정보보안 교육은 몇 월 며칠까지 들어야 하죠?", yearly(4, 5, 6, 9)),
    Topic("fire_drill", "본사 소방 훈련일", "본사에서 불이 났다고 치고 대피하는 훈련은 몇 월 며칠이죠?", yearly(3, 5, 9, 11)),
    Topic("plan", "사업 계획 제출 마감일", "부서의 내년 사업 계획은 몇 월 며칠까지 내죠?", yearly(9, 10, 11)),
    Topic("move_in", "본사 신사옥 입주일", "우리 본사가 지금 건물로 이사 온 게 언제죠?", dates(2009, 2018)),
    Topic("poll", "직원 만족도 조사 시작일", "직원들에게 만족하는지 묻는 조사는 몇 월 며칠에 시작하죠?", yearly(3, 4, 8, 9), since=2),
    Topic("picnic", "임원 워크숍 날짜", "임원들만 가는 워크숍은 몇 월 며칠이죠?", ABSENT),
)  # fmt: skip
LISTS = (
    Topic("badge_papers", "출입증 재발급 신청 서류", "출입증을 다시 만들려면 무엇을 내야 하죠?",
          lists("분실 사유서|증명사진|신분증 사본|부서장 확인서|출입증 신청서")),
    Topic("trip_papers", "출장비 정산 첨부 자료", "출장비를 정산할 때 무엇을 붙여야 하죠?",
          lists("출장 보고서|숙박 영수증|교통 영수증|출장 명령서|법인카드 전표")),
    Topic("visitor_papers", "외부 손님 방문 신청 기재 사항", "외부 손님이 온다고 신청할 때 무엇을 적어야 하죠?",
          lists("방문자 성명|방문 목적|차량 번호|방문 시간|소속 회사|담당자 연락처")),
    Topic("laptop_papers", "노트북 반출 신청 서류", "노트북을 집에 가져가려면 무엇을 내야 하죠?",
          lists("반출 신청서|보안 서약서|부서장 승인서|자산 확인서|백신 점검표")),
    Topic("plant", "화분 반입 신청 서류", "사무실에 화분을 들여놓으려면 무엇을 내야 하죠?", ABSENT),
)  # fmt: skip
RULES = (
    Topic("guest_meal", "외부 손님의 구내식당 이용", "거래처 손님을 구내식당에 데려가 밥을 먹어도 되나요?", yes_or_no(),
          "외부 손님도 구내식당을 이용할 수 있"),
    Topic("personal_laptop", "개인 노트북 사내망 접속", "제 노트북을 가져와 사내망에 붙여도 되나요?", yes_or_no(),
          "개인 노트북을 사내망에 연결할 수 있"),
    Topic("half_hour", "30분 단위 연차 사용", "병원에 잠깐 들르려는데 연차를 30분만 써도 되나요?", yes_or_no(),
          "연차를 30분 단위로 쓸 수 있"),
    Topic("side_job", "사외 강의 겸업", "주말에 다른 데서 돈을 받고 강의해도 되나요?", yes_or_no(),
          "돈을 받고 사외 강의를 할 수 있"),
)  # fmt: skip
ABSENT_RULES = (
    Topic(
        "dress", "근무복장 규정", "반바지를 입고 출근하려는데 옷차림에 정해진 게 있나요?", ABSENT
    ),
    Topic("shuttle", "통근버스 노선", "통근버스가 어느 동네를 지나가나요?", ABSENT),
    Topic("smoking", "흡연실 위치", "담배를 피우려면 어디로 가야 하죠?", ABSENT),
    Topic("menu", "구내식당 이번 주 메뉴", "이번 주에 구내식당에서 무슨 반찬이 나오나요?", ABSENT),
    Topic("tattoo", "문신 노출 규정", "팔에 문신이 있는데 가려야 하나요?", ABSENT),
    Topic("music", "근무 중 이어폰 사용 규정", "일하면서 이어폰을 끼고 있어도 괜찮은가요?", ABSENT),
)

TRAVEL = "국내 출장 경비의 한도는 하루 일비에 출장 일수를 곱한 금액과 1박 숙박비 한도에 숙박 일수를 곱한 금액을 더한 금액으로 한다."


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("guide", "회사생활 가이드", draw, groups(CHAPTERS))
    company = company_name(draw)
    own_name = Topic(
        "company",
        "회사 정식 명칭",
        "계약서에 적을 우리 회사 이름이 정확히 뭐죠?",
        (Name(company, (f"{company} 주식회사",)),),
    )
    yield from area.topics(("extension", "내선번호"), EXTENSION, TEAMS)
    yield from duties(area, {team.key: team.phrase for team in TEAMS})
    yield from area.topics(("system", "시스템 이름"), SYSTEM, SYSTEMS)
    yield from area.topics(("name", "이름"), NAME, (own_name, *NAMES))
    yield from area.topics(("amount", "금액"), AMOUNT, AMOUNTS)
    yield from area.topics(("period", "기간"), PERIOD, PERIODS)
    yield from area.topics(("date", "날짜"), DATE, DATES)
    yield from area.topics(("list", "목록"), LIST, LISTS)
    yield from area.topics(("allowed", "가능 여부"), YES_NO, RULES)
    yield from area.topics(("rule", "규정"), RULE, ABSENT_RULES)
    yield area.rule("travel", TRAVEL)
