"""What a month costs on whole machines, 1,000 more requests beside it, and what one sustains."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.costs.book import load_book
from harness.costs.deployment import Demand
from harness.costs.options import PriceOptions
from harness.costs.pricing import Cost, price
from harness.costs.rows import Machine
from harness.costs.serving import MeasuredSpeed, capacity, months, serving_cost
from harness.errors import UsageError
from harness.records.ledger import PhaseTotal
from harness.records.load import Load, OperatingPoint, Percentile
from harness.records.machine import Machine as Hardware
from harness.records.model import ModelInfo
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


def test_by_default_a_month_is_priced_at_three_volumes() -> None:
    cost = priced(answered())
    # 0.7 of two requests a second, peaks three times the mean: a third of 1.4 x 3600 x 730 a month
    carried, month = 0.7 * 2 * 3600 * 730 / 3, 730 * CPU.usd_per_hour
    assert cost.basis == "always-on" and cost.requests_per_second == pytest.approx(1.4)
    assert cost.machine_requests_per_month == pytest.approx(carried)
    assert cost.usd_per_machine_month == pytest.approx(month)
    assert [each.requests for each in cost.months] == [10_000, 100_000, 1_000_000]
    assert [each.machines for each in cost.months] == [1, 1, 1]
    assert [each.usd for each in cost.months] == [pytest.approx(month)] * 3
    assert (
        "always on" in cost.notes["months"]
        and "70% of the batch job" in cost.notes["requests_per_second"]
    )


def test_a_thousand_more_requests_cost_the_seconds_that_they_take() -> None:
    cost = priced(answered(input_tokens=9000, output_tokens=1000))
    second = CPU.usd_per_hour / 3600
    assert cost.usd_per_1k_requests == pytest.approx(500 * second)
    assert cost.usd_per_1k_tokens == pytest.approx(5 * second)
    assert cost.usd_per_1k_output_tokens == pytest.approx(50 * second)
    paid = priced(answered(input_tokens=9000, output_tokens=1000), basis="as-used")
    assert paid.usd_per_1k_requests == cost.usd_per_1k_requests
    assert [each.usd for each in paid.months] == pytest.approx(
        [5e3 * second, 5e4 * second, 5e5 * second]
    )
    assert [each.machines for each in paid.months] == [None] * 3


def test_a_named_volume_buys_whole_machines() -> None:
    (few,) = priced(answered(), requests_per_month=10_000).months
    assert (few.machines, few.usd) == (1, pytest.approx(730 * CPU.usd_per_hour))
    (many,) = priced(answered(), requests_per_month=4_000_000, demand=Demand(redundancy=1)).months
    assert many.machines == 5  # 3.26 machines, whole, and one to spare
    assert many.usd == pytest.approx(5 * 730 * CPU.usd_per_hour)


def test_a_machine_with_more_gpus_than_needed_holds_the_model_several_times() -> None:
    row = BOOK.machine("aws-l40s-4-seoul")
    one = serving_cost(answered(devices=1), row, PriceOptions(), MeasuredSpeed())
    assert one.capacity.requests_per_second == pytest.approx(0.7 * 8)
    assert one.usd_per_month == pytest.approx(730 * row.usd_per_hour)
    eight = serving_cost(answered(devices=8), row, PriceOptions(), MeasuredSpeed())
    assert eight.capacity.requests_per_second == pytest.approx(0.7 * 2)
    assert eight.usd_per_month == pytest.approx(2 * 730 * row.usd_per_hour)


def point(
    rate: float,
    high: float | None = 0.5,
    kept: bool = True,
    batch_limit: int = 8,
    shared: bool = False,
) -> OperatingPoint:
    """What was measured at a rate, with the upper bound of its p95."""
    return OperatingPoint(
        requests_per_second=rate,
        wanted=200,
        requests=200,
        errors=0,
        kept=kept,
        answered_per_second=rate,
        batch_limit=batch_limit,
        mean_batch=1.0,
        in_flight=None,
        latency={"p95": Percentile(value=0.1, low=0.1, high=high)},
        independent=150.0,
        seconds=(),
        tokens={},
        seed=0,
        device_class="cpu",
        machine=Hardware(),
        shared=shared,
        measured="2026-11-30",
    )


def sustained(
    points: Sequence[OperatingPoint], target: float | None = None
) -> tuple[float | None, str]:
    found = capacity(answered(), MeasuredSpeed(0.18, tuple(points)), target)
    assert not found.assumed
    return found.requests_per_second, found.note


def test_capacity_is_the_highest_rate_that_keeps_the_target_under_load() -> None:
    rows = [point(2, 0.2), point(4, 0.9), point(8, 3.0), point(16, None, kept=False)]
    assert sustained(rows) == (
        8,
        "measured under load at 8 a second, p95 at most 3 s of 200 requests",
    )
    rate, note = sustained(rows, 1.0)
    assert rate == 4 and "p95 at most 0.9 s" in note and "within 1 s" in note
    assert sustained(rows, 0.5)[0] == 2
    none, why = sustained(rows, 0.1)
    assert none is None and "no rate is shown to be kept: at 2 a second, p95 at most 0.2 s" in why
    # what isn't known isn't kept, and a faster rate that keeps the target had luck
    assert sustained([point(2, 0.2), point(4, None), point(8, 0.4)], 1.0)[0] == 2
    assert sustained([point(1, 0.2, batch_limit=1), point(2, 0.3, batch_limit=8)], 1.0)[0] == 2
    assert "no higher rate was tried" in sustained([point(2, 0.2)])[1]
    assert sustained([point(2, 0.2, kept=False)])[0] is None


def test_what_was_measured_on_a_shared_machine_sets_no_capacity() -> None:
    found = capacity(answered(), MeasuredSpeed(0.18, (point(5, shared=True),)), None)
    assert found.assumed and found.requests_per_second == pytest.approx(0.7 * 2)
    assert "another run was on the machine" in found.note


def test_a_measured_operating_point_prices_the_month() -> None:
    record = MeasuredSpeed(0.18, (point(0.5, 0.9), point(4, 3.0)))
    cost = priced(answered(), record=record, latency_target=1.0, requests_per_month=1_000_000)
    # the busiest second has three times the mean of a million a month: 2.28 machines of 0.5 a second
    assert cost.requests_per_second == 0.5 and not cost.capacity_assumed
    assert cost.months[0].machines == 3
    assert "measured under load at 0.5 a second" in cost.notes["requests_per_second"]


def test_without_a_load_a_target_leaves_head_room_over_single_requests() -> None:
    found = capacity(answered(), MeasuredSpeed(0.2), 0.5)
    assert found.requests_per_second == pytest.approx(0.7 / 0.2) and found.assumed
    assert "harness predict" in found.note


def test_later_points_take_the_place_of_earlier_ones() -> None:
    first = Load(points=(point(4, 0.1), point(1, 0.1)))
    again = first.with_points((point(4, 0.7), point(4, 0.2, batch_limit=1)))
    found = [(each.requests_per_second, each.latency["p95"].high) for each in again.points]
    assert found == [(1, 0.1), (4, 0.7), (4, 0.2)]


def test_a_target_that_is_missed_or_wasn_t_measured_leaves_the_price_open() -> None:
    slow = priced(answered(), record=MeasuredSpeed(2.0), latency_target=1.0)
    assert {each.usd for each in slow.months} == {None} and slow.usd_per_1k_requests
    assert "longer than the target" in slow.notes["months"]
    blind = priced(answered(input_tokens=5), latency_target=1.0)
    assert {each.usd for each in blind.months} == {None}
    assert blind.machine_requests_per_month is None
    assert "no latency was measured" in blind.notes["machine_requests_per_month"]


def test_a_record_without_throughput_is_priced_by_its_batch_job_with_head_room() -> None:
    found = capacity(answered(), MeasuredSpeed(), None)
    assert found.requests_per_second == pytest.approx(0.7 * 2)
    assert "batch job" in found.note and "an assumption" in found.note


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
    assert [each.usd for each in cost.months] == pytest.approx(
        [(cost.usd_per_1k_requests or 0) * thousands for thousands in (10, 100, 1000)]
    )
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
def test_whole_machines_are_never_cheaper_than_the_seconds_used(
    volume: float, peak: float, price_: float, rate: float
) -> None:
    row = Machine(id="m", kind="cpu", provider="p", usd_per_hour=price_, date="2026-11", source="s")
    total = answered(seconds=100 / rate)
    options = PriceOptions(requests_per_month=volume, demand=Demand(peak))
    made = serving_cost(total, row, options, MeasuredSpeed())
    used = price_ / 3600 / rate
    (whole,) = months(made, options, used)
    assert whole.usd is not None and whole.usd >= volume * used * (1 - 1e-9)
    (paid,) = months(made, replace(options, basis="as-used"), used)
    assert paid.usd == pytest.approx(volume * used)
