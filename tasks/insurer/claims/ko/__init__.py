"""The claims in Korean, in won."""

from __future__ import annotations

from ..model import Language
from . import car, golf, health, home, liability, travel
from .reports import STYLES, report
from .wording import answer, person, terms

KOREAN = Language(
    code="ko",
    unit=1,
    steps=(500, 1_000, 10_000),
    lines=(golf.LINE, car.LINE, travel.LINE, health.LINE, home.LINE, liability.LINE),
    person=person,
    terms=terms,
    report=report,
    styles=tuple(STYLES),
    answer=answer,
)
