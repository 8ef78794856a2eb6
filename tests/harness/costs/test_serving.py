"""Whole machines that are always on, as used beside them, and what one machine sustains."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.costs.book import load_book
from harness.costs.deployment import Demand
from harness.costs.options import PriceOptions
from harness.costs.pricing import Cost, price
from harness.costs.rows import Machine
from harness.costs.serving import MeasuredSpeed, capacity, serving_cost
from harness.errors import UsageError
from harness.records.ledger import PhaseTotal
from harness.records.model import ModelInfo
from harness.records.schema import Throughput
from harness.types import Usage

BOOK = load_book()
CPU = BOOK.machine(BOOK.defaults.cpu)


def answered(
    seconds: float = 50.0, requests: int = 100, devices: int = 1, **usage: int
) -> PhaseTotal:
    return PhaseTotal(
        seconds=seconds,
        device_seconds=seconds * devices,
        quantities={"requests": requests},
        usage=Usage(**usage),
    )


def priced(
    total: PhaseTotal, device: str = "cpu", record: MeasuredSpeed | None = None, **chosen: Any
) -> Cost:
    return price(
        development={},
        deployment={"serve": total},
        device_class=device,
        model=None,
        book=BOOK,
        options=PriceOptions(**chosen),
        measured=record,
    )


def test_by_default_a_machine_is_paid_for_day_and_night() -> None:
    cost = priced(answered())
    # two requests a second, peaks three times the mean: a third of 2 x 3600 x 730 a month
    carried = 2 * 3600 * 730 / 3
    assert cost.basis == "always-on" and cost.requests_per_second == 2
    assert cost.usd_per_machine_month == pytest.approx(730 * CPU.usd_per_hour)
    assert cost.usd_per_1k_requests == pytest.approx(1000 * 730 * CPU.usd_per_hour / carried)
    assert cost.usd_per_1k_requests == pytest.approx(3 * (cost.usd_per_1k_requests_as_used or 0))
    assert "always on" in cost.notes["usd_per_1k_requests"]
    assert "1,752,000 requests a month" in cost.notes["usd_per_1k_requests"]


def test_a_named_volume_buys_whole_machines() -> None:
    few = priced(answered(), requests_per_month=10_000)
    assert few.machines == 1
    assert few.usd_per_1k_requests == pytest.approx(730 * CPU.usd_per_hour / 10)
    many = priced(answered(), requests_per_month=4_000_000, demand=Demand(redundancy=1))
    assert many.machines == 4  # 2.28 machines, whole, and one to spare
    assert many.usd_per_1k_requests == pytest.approx(4 * 730 * CPU.usd_per_hour / 4000)


def test_tokens_are_dearer_by_the_same_factor() -> None:
    total = answered(input_tokens=9000, output_tokens=1000)
    on, used = priced(total), priced(total, basis="as-used")
    assert on.usd_per_1k_tokens == pytest.approx(3 * (used.usd_per_1k_tokens or 0))
    assert on.usd_per_1k_output_tokens == pytest.approx(30 * (used.usd_per_1k_tokens or 0))
    assert used.usd_per_1k_requests == on.usd_per_1k_requests_as_used


def test_a_machine_with_more_gpus_than_needed_holds_the_model_several_times() -> None:
    row = BOOK.machine("aws-l40s-4-seoul")
    one = serving_cost(answered(devices=1), row, PriceOptions(), MeasuredSpeed())
    assert one.capacity.requests_per_second == pytest.approx(8)
    assert one.usd_per_month == pytest.approx(730 * row.usd_per_hour)
    eight = serving_cost(answered(devices=8), row, PriceOptions(), MeasuredSpeed())
    assert eight.capacity.requests_per_second == pytest.approx(2)
    assert eight.usd_per_month == pytest.approx(2 * 730 * row.usd_per_hour)


def test_capacity_is_a_measured_throughput_where_there_is_one() -> None:
    rows = (
        Throughput(requests_per_second=5.0, batch_size=1, p95_seconds=0.2),
        Throughput(requests_per_second=20.0, batch_size=16, p95_seconds=0.9),
        Throughput(requests_per_second=30.0, batch_size=64, p95_seconds=3.0),
    )
    record = MeasuredSpeed(0.18, rows)
    free = capacity(answered(), record, None)
    assert free.requests_per_second == 30 and "64" in free.note
    assert capacity(answered(), record, 1.0).requests_per_second == 20
    assert capacity(answered(), record, 0.5).requests_per_second == 5
    # nothing batched is quick enough: one request at a time
    assert capacity(answered(), record, 0.19).requests_per_second == pytest.approx(1 / 0.18)


def test_a_target_that_is_missed_or_wasn_t_measured_leaves_the_price_open() -> None:
    slow = priced(answered(), record=MeasuredSpeed(2.0), latency_target=1.0)
    assert slow.usd_per_1k_requests is None and slow.usd_per_1k_requests_as_used
    assert "longer than the target" in slow.notes["usd_per_1k_requests"]
    blind = priced(answered(input_tokens=5), latency_target=1.0)
    assert blind.usd_per_1k_requests is None and blind.usd_per_1k_tokens is None
    assert "no latency was measured" in blind.notes["usd_per_1k_tokens"]


def test_a_record_without_throughput_is_priced_by_its_batch_job() -> None:
    found = capacity(answered(), MeasuredSpeed(), None)
    assert found.requests_per_second == 2 and "batch job" in found.note


def test_nothing_served_has_no_capacity() -> None:
    assert capacity(None, MeasuredSpeed(), None).requests_per_second is None
    assert capacity(answered(requests=0), MeasuredSpeed(), None).requests_per_second is None


def test_an_api_isn_t_a_machine() -> None:
    cost = price(
        development={},
        deployment={"serve": answered(input_tokens=10**6)},
        device_class="api",
        model=ModelInfo("gemini-2.5-flash"),
        book=BOOK,
        options=PriceOptions(),
    )
    assert cost.basis == "per-token" and cost.usd_per_machine_month is None
    assert cost.usd_per_1k_requests == cost.usd_per_1k_requests_as_used
    waiting = price(
        development={},
        deployment={"serve": answered(input_tokens=10**6)},
        device_class="api",
        model=ModelInfo("gemini-2.5-flash"),
        book=BOOK,
        options=PriceOptions(wait=True),
    )
    assert waiting.usd_per_1k_requests == pytest.approx(0.5 * (cost.usd_per_1k_requests or 0))


def test_a_vendor_s_tuning_is_priced_by_the_book() -> None:
    train = PhaseTotal(usage=Usage(input_tokens=2_000_000))
    cost = price(
        development={"train": train},
        deployment={},
        device_class="api",
        model=ModelInfo("gpt-4o-mini-2024-07-18"),
        book=BOOK,
    )
    assert cost.development_usd == pytest.approx(6.0)


def test_energy_has_a_price_only_where_it_was_measured_everywhere() -> None:
    warm = answered()
    warm.energy_joules = 7.2e6
    named = priced(warm, electricity="kr-industrial", pue=1.5)
    assert named.energy_kwh == pytest.approx(2)
    assert named.energy_usd == pytest.approx(2 * 1.5 * 182.6 / 1477.1)
    open_ = priced(warm)
    assert open_.energy_kwh == 2 and open_.energy_usd is None
    assert "--electricity" in open_.notes["energy_usd"]
    cold = priced(answered(), electricity="kr-industrial")
    assert cold.energy_kwh is None and cold.energy_usd is None
    assert "no counter" in cold.notes["energy_kwh"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis": "always"},
        {"requests_per_month": 0},
        {"latency_target": -1},
        {"pue": 0.5},
        {"label_usd": -1},
    ],
)
def test_choices_that_can_t_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        PriceOptions(**wrong)


@given(
    volume=st.floats(1, 1e9),
    peak=st.floats(1, 20),
    price_=st.floats(0.01, 100),
    rate=st.floats(0.01, 1e4),
)
def test_always_on_is_never_cheaper_than_as_used(
    volume: float, peak: float, price_: float, rate: float
) -> None:
    row = Machine(id="m", kind="cpu", provider="p", usd_per_hour=price_, date="2026-11", source="s")
    total = answered(seconds=100 / rate)
    made = serving_cost(
        total, row, PriceOptions(requests_per_month=volume, demand=Demand(peak)), MeasuredSpeed()
    )
    assert made.usd_per_request is not None and made.usd_per_request_as_used is not None
    assert made.usd_per_request >= made.usd_per_request_as_used * (1 - 1e-9)
