"""The insurer in Korean."""

from __future__ import annotations

from ..language import Language
from .areas import AREAS
from .areas.base import REMOVED
from .company import company_name
from .derive import derive
from .plan import FILES, documents
from .twins import twins

# Questions that people really typed: two that the documents answer, one that they don't.
ALWAYS = frozenset(("휴직 기간에 대하여 알려줘", "육아 휴직 기간 알려줘!", "근무복장 규정 알려줘!"))
KOREAN = Language("ko", AREAS, company_name, derive, twins, REMOVED, documents, FILES, ALWAYS)

__all__ = ["KOREAN"]
