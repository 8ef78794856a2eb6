"""What every regulation says around its rules. It answers no question."""

from __future__ import annotations

from ...outline import Passage, Section, steps

# {kind} what the document calls itself, {company}, {matter} what it is about, {team} who keeps it.
PURPOSE = Section("목적", passages=(
    Passage("이 {kind}[은/는] {company}의 {matter}에 필요한 사항을 정하여 업무를 바르고 고르게 처리하는 것을 목적으로 한다."),
))  # fmt: skip
OPENING = (
    Section("적용 범위", passages=(
        Passage("이 {kind}[은/는] 회사의 모든 부서와 지점에 적용한다."),
        Passage("관계 법령이나 상위 규정에 달리 정한 것이 있으면 그것을 먼저 따른다."),
    )),
    Section("해석", passages=(
        Passage("이 {kind}의 해석에 다툼이 있으면 {team}의 해석을 따른다."),
        steps("{team}[은/는] 해석을 할 때 다음 순서로 살핀다.",
              "조문에 쓰인 말의 뜻", "조문을 만든 까닭", "비슷한 일을 처리한 전례"),
    )),
    Section("책임", passages=(
        Passage("부서장은 소속 직원이 이 {kind}[을/를] 알고 지키도록 안내하여야 한다."),
        Passage("담당자는 맡은 업무를 성실하게 처리하고 그 과정을 §기록의 보관§에 따라 기록으로 남긴다."),
    )),
)  # fmt: skip
CLOSING = (
    Section("기록의 보관", passages=(
        Passage("담당 부서는 처리 기록을 전산에 보관하고 함부로 고치거나 지우지 않는다."),
        Passage("열람이 필요한 직원은 그 까닭을 밝히고 담당 부서의 승인을 받는다."),
    )),
    Section("비밀 유지", passages=(
        Passage("직원은 업무에서 알게 된 고객과 동료의 정보를 밖에 알리지 않는다."),
        Passage("퇴직하거나 부서를 옮긴 뒤에도 같다."),
    )),
    Section("위임", passages=(
        Passage("이 {kind}의 시행에 필요한 세부 사항은 {team}의 장이 따로 정할 수 있다."),
    )),
    Section("시행과 경과 조치", passages=(
        Passage("이 {kind}의 개정은 개정 이력에 적은 날부터 시행한다."),
        Passage("시행하기 전에 접수한 일은 접수한 때의 {kind}[을/를] 따른다."),
        Passage("다른 문서가 이 {kind}의 옛 조문을 가리키면 그에 해당하는 새 조문을 가리키는 것으로 본다."),
    )),
)  # fmt: skip
# Any document may hold the first; the second suit those that regulate what people apply for.
NOTES = (
    "이 조에서 정하지 않은 사항은 §적용 범위§를 따른다.",
    "이 조의 뜻이 분명하지 않으면 §해석§에 따라 {team}에 묻는다.",
    "세부 서식은 §위임§에 따라 {team}의 장이 정한 것을 쓴다.",
    "이 조가 바뀌기 전의 일은 §시행과 경과 조치§를 따른다.",
)
OFFICE_NOTES = (
    "신청한 내용이 사실과 다르면 승인을 취소할 수 있다.",
    "부득이한 사정이 있으면 {team}[과/와] 미리 협의한다.",
    "예외를 인정할 때에는 부서장의 결재를 받는다.",
    "담당자가 자리를 비우면 대리자가 같은 권한으로 처리한다.",
    "제출받은 자료는 §비밀 유지§에 따라 다룬다.",
    "처리를 마치면 그 내용을 §기록의 보관§에 따라 남긴다.",
    "담당자는 §책임§에 적은 바에 따라 처리 과정을 빠짐없이 남긴다.",
    "잘못 처리한 것을 알게 된 담당자는 바로 부서장에게 보고하고 바로잡는다.",
    "전산 장애가 있으면 종이 서식으로 먼저 처리하고 나중에 전산에 옮긴다.",
)  # fmt: skip
HISTORY = (
    "용어를 쉬운 말로 고침",
    "조문의 순서를 바로잡음",
    "서식과 표를 정리함",
    "담당 부서의 이름을 바꿈",
    "맞춤법에 어긋난 표현을 고침",
    "다른 규정과 겹치는 문장을 지움",
    "절차를 알기 쉽게 풀어 씀",
    "상위 규정의 개정을 반영함",
)
