"""The claims in English, in US dollars; nothing here is translated."""

from __future__ import annotations

from ..model import Language
from . import car, golf, health, home, liability, travel
from .reports import STYLES, report
from .wording import answer, person, terms

ENGLISH = Language(
    code="en",
    unit=100,
    steps=(1, 50, 500, 1_000),
    lines=(golf.LINE, car.LINE, travel.LINE, health.LINE, home.LINE, liability.LINE),
    person=person,
    terms=terms,
    report=report,
    styles=tuple(STYLES),
    answer=answer,
)
