"""Question templates of the products.

Slots: {p} product, {c} cover, {event} what happened, {d} name of the discount.
"""

from __future__ import annotations

from .base import Bank

LIMIT = Bank(
    polite=(
        "{p} {c} 담보의 보상 한도가 얼마인지 알려 주실 수 있나요?",
        "{p}의 {c} 담보는 최대 얼마까지 보상되는지 안내 부탁드립니다.",
    ),
    curt=("{p} {c} 한도는?", "{p} {c}, 최대 얼마까지?"),
    keywords=("{p} {c} 보상 한도 알려줘!", "{p} {c} 담보 한도액"),
    indirect=("{event}, 최대 얼마까지 보상받을 수 있죠?", "{event}, 보험금은 얼마가 상한인가요?"),
    slip=("{p} {c} 보상 한도 금액이 얼마예요?", "{p}에서 {c} 한도가 얼마나 되나요?"),
)
DEDUCTIBLE = Bank(
    polite=(
        "{p} {c} 담보의 자기부담금이 얼마인지 알려 주실 수 있나요?",
        "{p}의 {c} 담보에서 고객이 부담하는 금액을 안내 부탁드립니다.",
    ),
    curt=("{p} {c} 자기부담금은?", "{p} {c}, 고객 부담은 얼마?"),
    keywords=("{p} {c} 자기부담금 알려줘!", "{p} {c} 담보 본인 부담금"),
    indirect=("{event}, 고객이 자기 돈으로 내야 하는 금액은 얼마죠?",),
    slip=("{p} {c} 자기부담금이 얼마예요?", "{p} {c} 자기부담금 금액이 궁금해요"),
)
WAITING = Bank(
    polite=(
        "{p} {c} 담보의 면책기간이 얼마나 되는지 알려 주실 수 있나요?",
        "{p}의 {c} 담보는 면책기간이 얼마인지 안내 부탁드립니다.",
    ),
    curt=("{p} {c} 면책기간은?",),
    keywords=("{p} {c} 면책기간 알려줘!", "{p} {c} 담보 면책기간"),
    indirect=("{event}, 면책기간에 걸리는지 보려고요. 면책기간이 얼마나 되죠?",),
    slip=("{p} {c} 면책기간이 얼마나 되나요?", "{p} {c} 담보 면책기간 궁금해요"),
)
EXCLUSIONS = Bank(
    polite=("{p} {c} 담보에서 보상하지 않는 손해를 알려 주실 수 있나요?",),
    curt=("{p} {c}, 보상 안 되는 경우는?", "{p} {c} 면책 사유는?"),
    keywords=("{p} {c} 면책 사유 알려줘!", "{p} {c} 보상 제외 항목"),
    indirect=("{event}, 어떤 경우라면 보험금을 못 받게 되죠?",),
    slip=("{p} {c} 담보에서 보상 안 해 주는 게 뭐예요?",),
)
PAPERS = Bank(
    polite=("{p} {c} 보험금을 청구할 때 필요한 서류를 알려 주실 수 있나요?",),
    curt=("{p} {c} 청구 서류는?", "{p} {c} 청구에 필요한 서류는?"),
    keywords=("{p} {c} 청구 서류 알려줘!", "{p} {c} 보험금 구비 서류"),
    indirect=("{event}, 보험금을 받으려면 어떤 서류를 준비해야 하죠?",),
    slip=("{p} {c} 청구할 때 제출할 서류가 뭐예요?",),
)
LAUNCHED = Bank(
    polite=("우리 회사가 {p}[을/를] 처음 판매한 날짜를 알려 주실 수 있나요?",),
    curt=("{p} 판매 개시일은?",),
    keywords=("{p} 출시일 알려줘!", "{p} 판매 시작 날짜"),
    indirect=("{p}[을/를] 팔기 시작한 게 언제부터였죠?",),
    slip=("{p} 처음 판매한 날짜가 언제예요?",),
)
AMENDED = Bank(
    polite=("{p} 약관이 가장 최근에 개정된 날짜를 알려 주실 수 있나요?",),
    curt=("{p} 약관 최근 개정일은?",),
    keywords=("{p} 약관 개정일 알려줘!", "{p} 약관 최종 개정 날짜"),
    indirect=("고객이 {p} 약관이 언제 마지막으로 바뀌었는지 묻는데, 언제였죠?",),
    slip=("{p} 약관 마지막으로 개정된 날짜가 언제예요?",),
)
CODE = Bank(
    polite=("{p}의 상품 코드를 알려 주실 수 있나요?",),
    curt=("{p} 상품 코드는?",),
    keywords=("{p} 상품 코드 알려줘!",),
    indirect=("전산에 {p}[을/를] 입력해야 하는데 상품 코드로 뭘 넣으면 되죠?",),
    slip=("{p} 상품 코드가 뭐예요?",),
)
DISCOUNT = Bank(
    polite=("{p}의 {d}[이/가] 몇 퍼센트인지 알려 주실 수 있나요?",),
    curt=("{p} {d}[은/는]?", "{p} {d}, 몇 %?"),
    keywords=("{p} {d} 알려줘!",),
    indirect=("{p} 보험료를 안내하려는데, {d}[을/를] 몇 퍼센트로 적용하면 되죠?",),
    slip=("{p} {d}[이/가] 몇 퍼센트인가요?",),
)
