"""What all drawings by matplotlib share: fonts, an empty frame, and the same bytes each time."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from harness.errors import MissingDependency, UsageError, nearest

__all__ = ["FORMATS", "Axes", "draw", "dollars", "plain", "styled"]

FORMATS = ("svg", "pdf")
Axes = Any
FONTS = ["DejaVu Sans", "Noto Sans CJK KR", "NanumGothic", "NanumBarunGothic", "Malgun Gothic",
         "Apple SD Gothic Neo", "Noto Sans KR"]  # fmt: skip
"""The first one comes with matplotlib; what it lacks is taken from the next one that is there."""
SETTINGS = {
    "svg.hashsalt": "adaptbench",  # ids in the file don't change from one time to the next
    "svg.fonttype": "none",  # text stays text: searched, copied, and read aloud
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a dollar in a name is a dollar
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e6ea",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "axes.edgecolor": "#7d8590",
}
METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "adaptbench"},
    "pdf": {
        "CreationDate": None,
        "ModDate": None,
        "Creator": "adaptbench",
        "Producer": "matplotlib",
    },
}


def styled() -> AbstractContextManager[Any]:
    """Sets matplotlib up for as long as the block takes; nothing of the user's own style counts.

    Raises:
        MissingDependency: matplotlib isn't installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib import font_manager
    except ImportError as error:
        raise MissingDependency(
            "figures as files need matplotlib", "pip install 'adaptbench[figures]'"
        ) from error
    there = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in FONTS if name in there] or ["DejaVu Sans"]
    base = {name: mpl.rcParamsDefault[name] for name in mpl.rcParamsDefault if name != "backend"}
    return mpl.rc_context({**base, **SETTINGS, "font.family": fonts})


def draw(
    paint: Callable[[Axes], None], form: str, *, title: str, width: float = 6.4, height: float = 4.0
) -> bytes:
    """Paints a frame and returns the file.

    Args:
        paint: Draws into an axes.
        form: One of `FORMATS`.
        title: Of the document; what the figure shows.
        width: Inches.
        height: Inches.

    Raises:
        UsageError: There is no such format.
    """
    if form not in FORMATS:
        raise UsageError(f"there is no figure format {form!r}", nearest(form, FORMATS))
    with styled(), warnings.catch_warnings():
        # a glyph that no font here has is a box in the PDF; in the SVG the reader's fonts have it
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width, height))
        axes = figure.add_subplot()
        paint(axes)
        out = io.BytesIO()
        figure.savefig(
            out, format=form, bbox_inches="tight", metadata={**METADATA[form], "Title": title}
        )
    return out.getvalue()


def dollars(value: float, position: int = 0) -> str:
    """Writes a tick of a dollar axis."""
    from harness.report.format import money

    return money(value) if value > 0 else "$0" if value == 0 else ""


def plain(value: float, position: int = 0) -> str:
    """Writes a tick of a logarithmic axis without powers."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
