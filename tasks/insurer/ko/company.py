"""The fictional company's name."""

from __future__ import annotations

from ..draw import Draw
from .korean import listed


def company_name(draw: Draw) -> str:
    """Makes up a company that does not exist."""
    rng = draw.stream("company")
    head = rng.choice(listed("해|새|온|도|늘|맑|너|미|나|드"))
    tail = rng.choice(listed("솔|담|빛|울|찬|람|들|린|봄|슬"))
    return head + tail + rng.choice(("손해보험", "화재보험"))
