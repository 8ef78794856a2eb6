"""A deployment of a record: badges, reasons, people, rates of wrong answers."""

import math
from dataclasses import replace

import pytest

from harness.analysis.deployment import answer_rates, deployment_of, with_people
from harness.costs.book import load_book
from harness.costs.deployment import Demand, Deployment
from harness.costs.options import PriceOptions
from harness.costs.ownership import total_cost
from harness.costs.pricing import Cost, price
from harness.costs.sensitivity import Scenario, sensitivity
from harness.errors import UsageError
from harness.records.ledger import PhaseTotal
from harness.records.model import ModelInfo
from harness.types import Scored, Usage

BOOK = load_book()


def cost(device: str = "cpu", label_rows: float = 100.0, **chosen: object) -> Cost:
    serve = PhaseTotal(
        seconds=50, device_seconds=50, quantities={"requests": 100},
        usage=Usage(input_tokens=10_000),
    )  # fmt: skip
    return price(
        development={
            "train": PhaseTotal(seconds=3600, device_seconds=3600),
            "label": PhaseTotal(quantities={"train_rows": label_rows}),
        },
        deployment={"serve": serve},
        device_class=device,
        model=ModelInfo("gpt-4o-mini") if device == "api" else None,
        book=BOOK,
        options=PriceOptions(**{"label_usd": 0.5, **chosen}),  # type: ignore[arg-type]
    )


def test_always_on_is_a_machine_and_as_used_a_request() -> None:
    on = deployment_of(cost(), name="lora", error_rate=0.1)
    assert on.fixed_usd_per_month == pytest.approx(730 * 0.1008)
    assert on.usd_per_request == 0 and on.capacity == pytest.approx(0.7 * 2) and on.labels_usd == 50
    assert on.development_usd == pytest.approx(50 + 0.1008)
    assert on.badge("capacity") == "assumed" and "70%" in on.notes["capacity"]
    assert "usd_per_request" not in on.notes and on.badge("update_usd") == "assumed"
    used = deployment_of(cost(basis="as-used"), name="lora")
    assert used.fixed_usd_per_month == 0 and used.capacity == math.inf
    assert used.usd_per_request == pytest.approx(0.1008 / 7200)


def test_an_api_has_no_machines() -> None:
    vendor = deployment_of(cost("api", machine="aws-m7i.large"), name="api", declared=True)
    assert vendor.capacity == math.inf and vendor.fixed_usd_per_month == 0
    assert vendor.usd_per_request == pytest.approx(100 * 0.15 / 1e6)
    assert vendor.badge("usd_per_request") == "quoted"


def test_a_part_without_a_price_is_no_smaller_sum() -> None:
    bare = deployment_of(cost(label_usd=None), name="lora")
    assert bare.development_usd is None and "label" in bare.notes["development_usd"]
    total = total_cost(bare, months=12, requests_per_month=100)
    assert total.usd is None and total.unpriced == ("development",)


def test_a_missed_latency_target_leaves_the_machines_open() -> None:
    blind = deployment_of(cost(latency_target=0.5), name="lora")
    assert blind.capacity is None and "no latency was measured" in blind.notes["capacity"]
    assert total_cost(blind, months=1, requests_per_month=10).unpriced == ("machines_usd",)


def test_people_cost_days() -> None:
    base = deployment_of(cost(), name="lora")
    staffed = with_people(base, setup_days=5, ops_days_per_month=0.5, day_rate=800)
    assert (staffed.development_usd or 0) - (base.development_usd or 0) == pytest.approx(4000)
    assert staffed.base_usd_per_month == 400
    assert staffed.badge("development_usd") == "assumed"
    assert with_people(base) is base
    with pytest.raises(UsageError, match="rate"):
        with_people(base, setup_days=1)
    with pytest.raises(UsageError):
        with_people(base, setup_days=-1, day_rate=1)


def test_wrong_answers_and_handovers_are_told_apart() -> None:
    rows = [
        Scored("1", "ok", "a", "a", True),
        Scored("2", "ok", "a", "b", False),
        Scored("3", "unparsed", "a", None, False),
        Scored("4", "ok", "a", None, False, abstained=True),
        Scored("5", "ok", "", None, True, abstained=True, answerable=False),
        Scored("6", "error", "a", None, False),
    ]
    assert answer_rates(rows) == (0.4, 0.4)
    assert answer_rates([]) == (None, None)


API = Deployment("api", 0, update_usd=0, usd_per_request=0.002)
OWN = Deployment("own", 2000, update_usd=50, fixed_usd_per_month=600, capacity=5, labels_usd=1500)


def test_each_assumption_is_moved_alone() -> None:
    asked = Scenario(12, 500_000, updates_per_month=1)
    swings = {one.assumption: one for one in sensitivity([API, OWN], asked)}
    assert set(swings) == {
        "volume", "utilisation", "price of machines and tokens", "update rate", "price of a label",
        "losses by wrong answers",
    }  # fmt: skip
    # 12,000 for the vendor, 9,800 for the machine: half the volume turns it
    volume = swings["volume"]
    assert volume.low == {"api": pytest.approx(6000), "own": pytest.approx(9800)}
    assert (volume.cheapest_low, volume.cheapest_high) == ("api", "own") and volume.flips
    labels = swings["price of a label"]
    assert labels.low["own"] == pytest.approx(9800 - 750)
    assert labels.high["own"] == pytest.approx(9800 + 1500)
    assert labels.low["api"] == labels.high["api"] == pytest.approx(12_000)
    updates = swings["update rate"]
    assert (updates.high["own"] or 0) - (updates.low["own"] or 0) == pytest.approx(12 * 1.5 * 50)


def test_a_busier_machine_never_costs_more() -> None:
    busy = Scenario(12, 5_000_000, demand=Demand(peak_factor=4))
    swing = next(s for s in sensitivity([OWN], busy) if s.assumption == "utilisation")
    assert (swing.low["own"] or 0) > (swing.high["own"] or 0)


def test_what_has_no_price_can_t_be_the_cheapest() -> None:
    swing = sensitivity([API, replace(OWN, development_usd=None)], Scenario(12, 10**6))[0]
    assert swing.high["own"] is None and swing.cheapest_high == "api"
    for wrong in (
        lambda: sensitivity([API, API], Scenario(1, 1)),
        lambda: sensitivity([API], Scenario(1, 1), factor=1),
    ):
        with pytest.raises(UsageError):
            wrong()
