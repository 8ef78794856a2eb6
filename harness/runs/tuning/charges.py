"""What the settings of a search took, charged to the run that takes the best one.

The best setting's artifact has a ledger of its own where the run takes it; all else is the phase
``tune``: what the other settings took to prepare, and what all of them took to answer dev rows. A
run of another seed than the search's prepares the best setting anew, and is charged both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.costs.book import PriceBook
from harness.costs.options import PriceOptions
from harness.costs.rates import Rates, rates_of
from harness.errors import UsageError
from harness.records.keys import SEARCH_SEED
from harness.records.ledger import Ledger, PhaseTotal, Spend, read_ledger, totals
from harness.records.model import ModelInfo
from harness.records.store import ARTIFACT_LEDGER, LEDGER
from harness.records.tuning import Tuning
from harness.runs.plan import Plan

__all__ = ["charge", "check_price", "usd_of"]


def charge(tries: Path, tuning: Tuning, ledger: Path, *, seed: int) -> None:
    """Adds a search to a copy of its best setting's ledger.

    Labels are paid once: dev rows all, and training rows as many as the setting that read most.
    """
    taken = Ledger(ledger)
    before = totals(read_ledger(ledger)).get("label", PhaseTotal()).quantities
    rows = {"train_rows": 0.0, "dev_rows": float(tuning.rows)}
    for number, setting in enumerate(tuning.tried):
        home = tries / str(number)
        prepared = read_ledger(home / ARTIFACT_LEDGER)
        read = totals(prepared).get("label", PhaseTotal()).quantities
        rows = {name: max(rows[name], read.get(name, 0)) for name in rows}
        own = number == tuning.best and seed == SEARCH_SEED
        for spend in () if own else _others(prepared, f"{number}", setting.reused or tuning.reused):
            taken.record(spend)
        for spend in _others(read_ledger(home / LEDGER), f"{number}/dev", tuning.reused):
            taken.record(spend)
    label = Spend("label", device="people", devices=0, finished=True, energy_note="people's work")
    label.count(**{name: max(0, count - before.get(name, 0)) for name, count in rows.items()})
    taken.record(label)


def _others(spends: list[Spend], work: str, reused: bool) -> Iterator[Spend]:
    """Yields the spans of a setting as those of tuning; labels are counted apart."""
    for spend in spends:
        if spend.phase != "label":
            paid = "reused" if reused else spend.paid
            yield replace(spend, phase="tune", work=f"{work}/{spend.phase}", paid=paid)


def usd_of(plan: Plan, home: Path, book: PriceBook) -> float:
    """Returns the dollars of a setting; what has no price, such as labels, is left out."""
    rates = _rates(plan, book)
    files = (home / ARTIFACT_LEDGER, home / LEDGER)
    spent = [totals(read_ledger(file)) for file in files]
    return sum(
        rates.usd(phase, total) or 0.0
        for phases in spent
        for phase, total in phases.items()
        if phase != "label"
    )


def check_price(plan: Plan, book: PriceBook) -> None:
    """Refuses a budget in dollars where nothing says what the work costs.

    Raises:
        UsageError: There is no price.
    """
    rates = _rates(plan, book)
    if (rates.tokens if rates.api else rates.machine) is None:
        raise UsageError(f"--tune-usd needs a price: {rates.reason}", "--tune N needs none.")


def _rates(plan: Plan, book: PriceBook) -> Rates:
    model = ModelInfo(plan.model.name) if plan.model else None
    options = PriceOptions.of(plan.config, book)
    return rates_of(plan.device.device_class, model, book, options)
