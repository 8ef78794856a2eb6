"""Drawings as files by matplotlib: fonts, an empty frame, what its parts share, the same bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from harness.errors import UsageError, nearest, needs
from harness.report.figures.style import stacked
from harness.report.format import money

__all__ = ["FORMATS", "Axes", "dollars", "draw", "legend", "log_ticks", "name_lines", "plain"]

FORMATS = ("svg", "pdf")
Axes = Any
FONTS = [  # the first comes with matplotlib; what it lacks is taken from the next
    "DejaVu Sans",
    "Noto Sans CJK KR",
    "NanumGothic",
    "NanumBarunGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans KR",
]
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
WITHOUT_CLOCK: dict[str, dict[str, str | None]] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": "matplotlib"},
}


def draw(paint: Callable[[Axes], None], form: str, *, title: str, height: float) -> bytes:
    """Paints a frame of 6.4 by `height` inches and returns the file.

    Raises:
        MissingDependency: matplotlib isn't installed.
        UsageError: There is no such format.
    """
    if form not in FORMATS:
        raise UsageError(f"there is no figure format {form!r}", nearest(form, FORMATS))
    metadata = {"Creator": "adaptbench", **WITHOUT_CLOCK[form], "Title": title}
    with _settings(), warnings.catch_warnings():
        # a glyph that no font here has is a box in the PDF; in the SVG the reader's fonts have it
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, height))
        paint(figure.add_subplot())
        file = io.BytesIO()
        figure.savefig(file, format=form, bbox_inches="tight", metadata=metadata)
    return file.getvalue()


def _settings() -> AbstractContextManager[None]:
    """Sets matplotlib up for as long as the block takes; nothing of the user's own style counts."""
    with needs("a figure as a file", "figures"):
        import matplotlib as mpl
        from matplotlib import font_manager
    installed = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in FONTS if name in installed] or FONTS[:1]
    base = {name: mpl.rcParamsDefault[name] for name in mpl.rcParamsDefault if name != "backend"}
    return mpl.rc_context({**base, **SETTINGS, "font.family": fonts})


def name_lines(axes: Axes, labels: Sequence[str]) -> None:
    """Writes one line a configuration, the first one on top."""
    axes.set_yticks(range(len(labels)), [stacked(label) for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def legend(axes: Axes, columns: int = 3, middle: float = 0.5) -> None:
    """Writes the legend above the frame, where there is anything to name."""
    if axes.get_legend_handles_labels()[0]:
        place = {"loc": "lower center", "bbox_to_anchor": (middle, 1.0)}
        axes.legend(**place, ncols=columns, fontsize=8)


def log_ticks(axis: Any, values: Sequence[float], write: Callable[[float, int], str]) -> None:
    """Writes the decades of a logarithmic axis; where they are few, 2 and 5 between them too."""
    from matplotlib.ticker import LogLocator

    few = max(values, default=1) < 100 * min(values, default=1)
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=5))
    axis.set_major_formatter(write)
    axis.set_minor_formatter(lambda value, position: "")


def dollars(value: float, position: int = 0) -> str:
    """Writes a tick of a dollar axis."""
    if 0 < value < 0.01:
        return f"${value:.12f}".rstrip("0")
    return money(value).removesuffix(".00") if value > 0 else "$0" if value == 0 else ""


def plain(value: float, position: int = 0) -> str:
    """Writes a tick of a logarithmic axis without powers."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
