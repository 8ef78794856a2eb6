"""What a search says while it runs."""

from __future__ import annotations

from harness.records.tuning import TriedSetting, Tuning
from harness.strategy.context import Monitor
from harness.text import duration

__all__ = ["Once", "outcome", "progress"]


class Once(Monitor):
    """Passes on progress, and each message once: every setting gives the same ones."""

    def __init__(self, monitor: Monitor) -> None:
        self.progress = monitor.progress  # type: ignore[method-assign]
        self.stopping = monitor.stopping  # type: ignore[method-assign]
        self.graceful = monitor.graceful  # type: ignore[method-assign]
        self._tell, self._told = monitor.message, set[str]()

    def message(self, text: str) -> None:
        """Passes on a message that wasn't passed on before."""
        if text not in self._told:
            self._told.add(text)
            self._tell(text)


def _named(setting: TriedSetting) -> str:
    return ", ".join(f"{key}={value}" for key, value in setting.parameters.items()) or "defaults"


def progress(
    setting: TriedSetting, number: int, most: int | None, metric: str, rows: int, usd: float
) -> str:
    """Says what a setting came to, and what all took so far."""
    came = f"{metric} {setting.value:.3f}" if setting.value is not None else ""
    if setting.status == "pruned":
        came += f", stopped after {setting.rows} of {rows} rows"
    if setting.status == "failed":
        came = f"failed: {setting.error}"
    took = "prepared by an earlier run, " * setting.reused + duration(setting.seconds)
    of = f"/{most}" if most else ""
    spent = f"; ${usd:.4f} so far" if usd else ""  # nothing has a price
    return f"setting {number}{of}: {_named(setting)}: {came} ({took}{spent})"


def outcome(tuning: Tuning, usd: float) -> str:
    """Says what was found, what it took, and what ended the search."""
    best, defaults = tuning.tried[tuning.best], tuning.tried[0].value
    before = "" if defaults is None or not tuning.best else f" (defaults {defaults:.3f})"
    counts = ", ".join(f"{count} {name}" for name, count in tuning.counts().items() if count)
    text = (
        f"Tuned: {_named(best)}: {tuning.metric} {best.value:.3f}{before} on {tuning.rows} dev "
        f"rows. {counts}; {duration(tuning.seconds)}{f', ${usd:.4f}' if usd else ''}"
    )
    if tuning.stopped == "space":
        return f"{text}; nothing was left to try."
    if tuning.stopped == "usd" and usd <= (tuning.usd or 0):
        return f"{text}; the next would exceed ${tuning.usd:g}."
    if tuning.usd and usd > tuning.usd:
        return f"{text}: more than ${tuning.usd:g}, since a setting's cost is known when it ends."
    return f"{text}."
