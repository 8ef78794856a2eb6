"""The insurer in English: a company of its own, not a translation of the Korean one."""

from __future__ import annotations

from ..language import Language
from .areas import AREAS
from .areas.base import REMOVED
from .company import company_name
from .derive import derive
from .plan import FILES, documents
from .twins import twins

ENGLISH = Language("en", AREAS, company_name, derive, twins, REMOVED, documents, FILES)

__all__ = ["ENGLISH"]
