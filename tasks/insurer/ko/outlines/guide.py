"""회사생활가이드: rows of the table that answer nothing, and its groups."""

from __future__ import annotations

from ...outline import Chapter, Section

CHAPTERS = (
    Chapter("회사생활", (
        Section("출입증 재발급", "badge badge_time badge_papers", "badge", "출입증 재발급"),
        Section("법인카드", "card card_settle card_day", "card", "법인카드 사용 기준"),
        Section("주차", "parking parking_valid", "parking", "본사 주차 등록"),
        Section("방문", "visitor visitor_papers", "visitor", "외부 손님 방문 절차"),
    )),
)  # fmt: skip
# Subject, and an answer that states nothing anybody asks for.
NOTES = (
    ("전화 받는 법", "소속과 이름을 먼저 말하고, 다른 부서의 일은 내선으로 돌려 준다."),
    ("회의 예절", "회의는 정한 시각에 시작하고, 끝나면 결정한 것을 글로 남긴다."),
    ("분실물", "주운 물건은 안내 데스크에 맡기고, 찾는 사람은 그곳에 문의한다."),
    ("우편물", "우편물은 문서수발실에서 부서별로 나누어 준다."),
    ("복사기", "종이가 걸리면 덮개를 열어 빼고, 그래도 안 되면 총무팀에 알린다."),
    ("냉난방", "온도는 층마다 함께 맞추며, 개인 난로는 쓰지 않는다."),
    ("명함", "명함은 사내 화면에서 신청하고, 직급이 바뀌면 새로 만든다."),
    ("퇴근 점검", "마지막에 나가는 직원은 불과 창문을 살핀다."),
    ("개인 짐", "복도와 비상구에는 짐을 두지 않는다."),
    ("게시판", "사내 게시판에는 실명으로 글을 쓴다."),
    ("사진 촬영", "고객 자료가 보이는 곳에서는 사진을 찍지 않는다."),
    ("승강기", "손님과 짐을 먼저 태운다."),
    ("휴게실", "먹은 그릇은 스스로 씻어 둔다."),
    ("재활용", "종이와 플라스틱을 나누어 버린다."),
    ("비상구", "불이 나면 승강기를 타지 않고 계단으로 대피한다."),
    ("출장 보고", "출장을 다녀온 직원은 부서장에게 먼저 말로 보고한다."),
    ("메신저", "급하지 않은 일은 근무 시간에 보낸다."),
    ("신문과 잡지", "자료실의 신문은 보고 나서 제자리에 둔다."),
)  # fmt: skip
