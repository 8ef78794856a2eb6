"""The insurer in Korean."""

from __future__ import annotations

from ..language import Language
from .areas import AREAS
from .company import company_name
from .plan import FILES, documents

KOREAN = Language("ko", AREAS, company_name, documents, FILES)

__all__ = ["KOREAN"]
