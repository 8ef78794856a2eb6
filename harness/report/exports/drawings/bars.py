"""Drawings with a line a setting: cost stacks, slices, differences, updates."""

from __future__ import annotations

from harness.analysis.words import Language, word
from harness.report.exports.drawings.frame import Axes, dollars
from harness.report.figures import CostStack, DifferenceInfo, SliceInfo, UpdateInfo
from harness.report.figures.style import PHASES, SERIES, short
from harness.report.format import money

__all__ = ["cost_stack", "differences", "slices", "updates"]


def _settings(axes: Axes, labels: list[str]) -> None:
    """One line a setting, the first one on top."""
    axes.set_yticks(range(len(labels)), [short(label) for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def _legend(axes: Axes, most: int = 4) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=most, fontsize=8)


def cost_stack(axes: Axes, info: CostStack, language: Language) -> None:
    """Draws dollars by part, the dearest setting on top."""
    places = range(len(info.bars))
    start = [0.0 for _ in info.bars]
    for part in info.parts:
        widths = [bar.parts.get(part, 0.0) for bar in info.bars]
        axes.barh(places, widths, left=start, height=0.6, color=PHASES.get(part, "#7d8590"),
                  label=word(f"phase.{part}", language))  # fmt: skip
        start = [a + b for a, b in zip(start, widths, strict=True)]
    for place, bar in zip(places, info.bars, strict=True):
        more = f" + {word('unpriced', language)}" if bar.unpriced else ""
        axes.annotate(f"{money(bar.total)}{more}", (bar.total, place), (4, 0), va="center",
                      textcoords="offset points", fontsize=8)  # fmt: skip
    _settings(axes, [bar.label for bar in info.bars])
    axes.xaxis.set_major_formatter(dollars)
    axes.set_xlabel(word(f"figure.{info.kind}", language))
    axes.margins(x=0.12)
    _legend(axes)


def slices(axes: Axes, info: SliceInfo, language: Language) -> None:
    """Draws a dot with its interval a part and setting."""
    spread = 0.5 / max(1, len(info.parts))
    for number, part in enumerate(info.parts):
        for place, label in enumerate(info.labels):
            figure = part.figures.get(label)
            if figure is None or figure.value is None:
                continue
            low = figure.value if figure.low is None else figure.low
            high = figure.value if figure.high is None else figure.high
            at = place + (number - (len(info.parts) - 1) / 2) * spread
            axes.errorbar([figure.value], [at], xerr=[[figure.value - low], [high - figure.value]],
                          fmt="o", markersize=4, elinewidth=0.8, capsize=1.5,
                          color=SERIES[number % len(SERIES)])  # fmt: skip
        axes.plot([], [], "o", color=SERIES[number % len(SERIES)], label=short(part.value, 20))
    _settings(axes, list(info.labels))
    unit = f", {info.unit}" if info.unit else ""
    axes.set_xlabel(f"{info.metric}{unit} · {word('figure.interval', language)}")
    _legend(axes, 5)


def differences(axes: Axes, info: DifferenceInfo, language: Language) -> None:
    """Draws each setting's difference to the best beside the line of none."""
    scale = 1 if info.unit else 100
    axes.axvline(0, color="#7d8590", lw=0.8)
    for differs, colour in ((False, "#7d8590"), (True, "#d55e00")):
        some = [(at, row) for at, row in enumerate(info.rows) if row.differs == differs]
        if some:
            axes.errorbar(
                [scale * row.difference for _, row in some], [at for at, _ in some],
                xerr=[[scale * (row.difference - row.low) for _, row in some],
                      [scale * (row.high - row.difference) for _, row in some]],
                fmt="o", markersize=5, elinewidth=1.1, capsize=2, color=colour,
                label=word("differs" if differs else "not_shown", language),
            )  # fmt: skip
    _settings(axes, [row.label for row in info.rows])
    unit = info.unit or word("figure.points", language)
    axes.set_xlabel(f"{word('figure.behind', language)}, {info.metric}, {unit}")
    _legend(axes)


def updates(axes: Axes, info: UpdateInfo, language: Language) -> None:
    """Draws quality on changed facts, before and after."""
    for when, colour, shift in (("before", "#b8bec6", -0.19), ("after", "#0072b2", 0.19)):
        values = []
        for row in info.rows:
            figure = row.groups.get("changed", {}).get(when)
            values.append((figure.value if figure else None) or 0.0)
        places = [at + shift for at in range(len(values))]
        axes.barh(places, values, height=0.36, color=colour, label=word(when, language))
    _settings(axes, [row.strategy for row in info.rows])
    axes.set_xlabel(f"{info.metric} · {word('change.changed', language)}")
    _legend(axes)
