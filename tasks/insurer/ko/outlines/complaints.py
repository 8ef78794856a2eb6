"""민원 처리 기준: its articles and notes."""

from __future__ import annotations

from ...documents.blocks import Grid
from ...outline import Chapter, Item, Passage, Section, steps

CHAPTERS = (
    Chapter("민원의 접수", (
        Section("접수 경로", "anonymous night proxy_papers", passages=(
            steps("민원은 다음 경로로 받는다.",
                  Item("방문", ("본사 고객 창구", "지점 창구")),
                  "전화와 전자우편", "회사 누리집의 민원 화면"),
        )),
        Section("접수의 확인", "receipt fields visit"),
        Section("민원의 취하", "withdraw", passages=(
            Passage("민원을 거둔 고객이 같은 내용으로 다시 내면 새 민원으로 본다."),
        )),
    )),
    Chapter("민원의 분류", (
        Section("보험금에 관한 민원", "delay denial short"),
        Section("계약에 관한 민원", "mis_selling premium cancel"),
        Section("응대에 관한 민원", "rude privacy app"),
        Section("분류가 어려운 민원", passages=(
            Passage("둘 이상의 분류에 걸치는 민원은 고객이 가장 크게 불편을 겪은 것으로 분류한다."),
            Passage("분류를 바꿀 때에는 바꾼 까닭을 적는다."),
        )),
    )),
    Chapter("민원의 처리", (
        Section("처리 기한", "simple complex written extension online"),
        Section("처리의 순서", passages=(
            steps("담당자는 다음 순서로 민원을 처리한다.",
                  "고객이 바라는 것을 확인한다.",
                  Item("관련 부서에 사실을 묻는다.", ("계약 자료", "상담 기록", "심사 의견")),
                  "처리안을 만들어 결재를 받는다.",
                  "고객에게 결과를 설명한다."),
        )),
        Section("보상의 제시", "agent leader", "offer", "민원 보상금 제시 권한"),
        Section("민원조정위원회", "committee committee_papers", "committee", "민원조정위원회 상정"),
    )),
    Chapter("상담원과 품질", (
        Section("상담원의 보호", "rest", passages=(
            steps("상담원은 다음 고객의 전화를 끊을 수 있다.",
                  "욕설을 멈추지 않는 고객", "성적인 말로 괴롭히는 고객", "해치겠다고 위협하는 고객"),
        )),
        Section("품질 목표", "on_time satisfied answer_rate again"),
        Section("품질 점검", "sample", passages=(
            Passage("점검 결과는 상담원을 벌하기 위해서가 아니라 돕기 위해서 쓴다."),
        )),
    )),
    Chapter("기록과 보고", (
        Section("민원 자료의 보관", "archive recording", "storage", "민원 자료 보관 기준"),
        Section("보고와 기념일", "report consumer_day"),
    )),
)  # fmt: skip
NOTES = (
    "담당자는 고객의 말을 끊지 않고 끝까지 듣는다.",
    "민원의 처리는 §처리의 순서§를 따른다.",
    "분류가 분명하지 않으면 §분류가 어려운 민원§에 따라 정한다.",
    "상담원은 §상담원의 보호§에 따라 도움을 요청할 수 있다.",
    "같은 고객이 같은 민원을 되풀이하면 먼저 답한 내용을 함께 알린다.",
    "민원의 대상이 된 직원은 그 민원의 처리에 참여하지 않는다.",
    "답변은 어려운 말을 피하고 근거가 되는 약관을 함께 적는다.",
    "고객이 법원에 소를 제기하면 법무팀에 넘긴다.",
    "다른 회사에 관한 민원은 그 회사의 창구를 안내한다.",
    "부서 사이에 의견이 다르면 소비자보호팀이 조정한다.",
    "고객의 개인정보는 처리에 필요한 만큼만 본다.",
    "고객이 기자나 시민 단체를 통해 제기한 민원은 홍보 담당자와 함께 답한다.",
    "답변이 늦어지면 늦어지는 까닭을 고객에게 알린다.",
    "제도를 고쳐야 할 민원은 관련 부서에 개선을 요청한다.",
    "미성년자의 민원은 보호자에게 알릴지 본인에게 먼저 묻는다.",
    "장애가 있는 고객에게는 편한 방법으로 답한다.",
    "민원 화면의 첨부 파일은 악성 코드를 검사한 뒤 연다.",
    "칭찬하는 글도 같은 화면에 등록하고 해당 직원에게 전한다.",
    "담당자는 고객에게 처리 결과를 약속하지 않는다.",
    "점검에서 나온 우수 사례는 교육 자료로 쓴다.",
)
STAGES = Grid("별표 민원 업무의 단계와 담당", ("단계", "할 일", "담당"), (
    ("접수", "민원 내용의 등록과 분류", "상담원"),
    ("", "급한 민원의 보고", "상담팀장"),
    ("조사", "관련 부서에 사실 확인", "민원 담당자"),
    ("", "비슷한 사례의 확인", "민원 담당자"),
    ("답변", "답변서의 작성과 검토", "소비자보호팀"),
    ("", "고객에게 설명", "민원 담당자"),
    ("개선", "제도 개선의 요청", "소비자보호팀"),
))  # fmt: skip
