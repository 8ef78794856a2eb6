"""사내 용어집: notes, and how its terms are grouped into articles."""

from __future__ import annotations

from ...documents.blocks import Grid
from ...outline import Chapter, Passage, Section, steps

CHAPTERS = (
    Chapter("사고와 심사의 용어", (
        Section("접수와 심사", "same_day two_eyes night_team hold veto"),
        Section("사기와 위험", "fraud fraud_list loss_map weather reserve"),
        Section("보상 조직과 협력처", "mobile_team partner_garage partner_clinic temp_pay quick_repair"),
        Section("보상의 점검과 자료", "sample_check library price_table spotter appeal_board"),
    )),
    Chapter("계약과 고객의 용어", (
        Section("고객의 구분", "no_claim vip dormant score youth"),
        Section("계약의 처리", "twin first_year floor seal grade_up"),
        Section("고객 안내", "renewal_call plain_words call_back senior_desk paperless"),
        Section("이자와 인증", "late_fee green"),
    )),
    Chapter("회사 생활의 용어", (
        Section("신입과 교육", "newcomer mentor drill"),
        Section("일하는 방식", "short_hours quiet swap handover pool"),
        Section("회의와 실적", "quarter dash idea"),
        Section("상과 나눔", "branch_award adjuster_award charity"),
        Section("직원의 삶", "back_job farewell parent_desk whistle"),
    )),
    Chapter("용어의 관리", (
        Section("새 용어의 등록", passages=(
            steps("새 용어를 쓰려는 부서는 다음 순서를 따른다.",
                  "뜻이 같은 용어가 있는지 찾는다.", "뜻을 한 문장으로 적어 총무팀에 낸다.",
                  "승인을 받은 뒤 사내 게시판에 알린다."),
        )),
        Section("용어의 쓰임", passages=(
            Passage("고객에게 보내는 글에는 사내 용어를 쓰지 않는다."),
            Passage("줄임말을 새로 만들어 쓰지 않는다."),
        )),
    )),
)  # fmt: skip
NOTES = (
    "이 용어는 사내 문서에서만 쓴다.",
    "같은 뜻의 옛 용어가 보이면 새 용어로 고쳐 쓴다.",
    "용어의 뜻이 헷갈리면 총무팀에 묻는다.",
    "새 용어는 §새 용어의 등록§에 따라 더한다.",
    "고객에게 설명할 때에는 §용어의 쓰임§에 따라 쉬운 말로 바꾼다.",
    "전산 화면의 이름도 이 용어집에 맞춘다.",
    "용어에 붙는 띄어쓰기는 이 용어집에 적은 대로 한다.",
    "한자나 외국어를 함께 적지 않는다.",
    "신입 사원 교육에서는 이 용어집을 함께 읽는다.",
    "부서에서만 쓰는 말은 이 용어집에 싣지 않는다.",
    "용어의 유래는 사보에 따로 싣는다.",
    "쓰지 않게 된 용어는 다음에 고칠 때 뺀다.",
    "보도 자료에는 이 용어를 쓰지 않고 풀어서 적는다.",
    "용어를 잘못 쓴 문서는 결재할 때 바로잡는다.",
    "용어는 가나다순이 아니라 업무의 차례로 싣는다.",
    "뜻이 둘인 말은 싣지 않고 다른 말로 바꾼다.",
    "사람이나 지점의 이름은 용어로 쓰지 않는다.",
    "교육 자료를 만드는 직원은 이 용어집을 먼저 살핀다.",
    "용어의 뜻을 바꾸려는 부서는 바꾸려는 까닭을 적는다.",
    "말로 할 때에는 뜻을 덧붙여 말하는 것이 좋다.",
    "다른 회사의 상표와 비슷한 말은 쓰지 않는다.",
    "지점에 새로 온 직원은 자주 쓰는 용어부터 익힌다.",
    "계약서와 약관에는 이 용어를 쓰지 않는다.",
    "용어집에 없는 말을 문서에 쓸 때에는 뜻을 함께 적는다.",
)
STAGES = Grid("별표 용어 관리의 단계와 담당", ("단계", "할 일", "담당"), (
    ("제안", "새 용어의 뜻과 쓰임 작성", "제안 부서"),
    ("", "비슷한 용어의 확인", "총무팀"),
    ("심의", "쉬운 말인지의 검토", "총무팀"),
    ("", "관련 부서의 의견 수렴", "총무팀"),
    ("등록", "용어집에 실음", "총무팀"),
    ("", "전산 화면의 이름 변경", "IT운영팀"),
))  # fmt: skip
