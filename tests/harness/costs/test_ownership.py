"""Total cost of ownership: its formula, and what must hold whatever the numbers."""

import gzip
import json
import math
from dataclasses import replace

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from harness.cli import app
from harness.costs.book import load_book
from harness.costs.ownership import Demand, Deployment, total_cost
from harness.costs.sensitivity import Scenario, sensitivity
from harness.errors import UsageError
from tests.documents import ROOT

USD = st.floats(0, 1e7)
VOLUME = st.floats(0, 1e9)
DEPLOYMENTS = st.builds(
    Deployment,
    name=st.just("x"),
    development_usd=USD,
    update_usd=USD,
    fixed_usd_per_month=USD,
    usd_per_request=st.floats(0, 10),
    capacity=st.floats(0.01, 1000) | st.just(math.inf),
    base_usd_per_month=USD,
    error_rate=st.floats(0, 1),
    handover_rate=st.floats(0, 1),
    retires_after_months=st.none() | st.floats(1, 60),
)
DEMANDS = st.builds(
    Demand,
    peak_factor=st.floats(1, 20),
    redundancy=st.integers(0, 3),
    cost_per_error=st.floats(0, 100),
    cost_per_handover=st.floats(0, 100),
)


def usd(deployment: Deployment, **asked: object) -> float:
    total = total_cost(deployment, **{"months": 12, "requests_per_month": 1e6, **asked}).usd  # type: ignore[arg-type]
    assert total is not None
    return total


def test_the_formula_by_hand() -> None:
    served = Deployment(
        "lora",
        development_usd=1000,
        update_usd=50,
        fixed_usd_per_month=600,
        usd_per_request=0.001,
        capacity=2.0,
        base_usd_per_month=200,
        error_rate=0.1,
        handover_rate=0.05,
        loss_usd_per_request=0.3,
        retires_after_months=8,
    )
    demand = Demand(peak_factor=4, redundancy=1, cost_per_error=0.5, cost_per_handover=2)
    total = total_cost(
        served, months=12, requests_per_month=3_000_000, updates_per_month=2, demand=demand
    )
    # a machine carries 2 x 3600 x 730 / 4 = 1,314,000 requests a month: three, and one to spare
    assert total.machines == 4
    assert total.parts() == {
        "development": 1000,
        "retirements": 1000,
        "updates": 12 * 2 * 50,
        "machines_usd": 12 * 600 * 4,
        "base": 12 * 200,
        "requests": pytest.approx(36e6 * 0.001),
        "losses": pytest.approx(36e6 * 0.3),
        "errors": pytest.approx(36e6 * 0.5 * 0.1),
        "handovers": pytest.approx(36e6 * 2 * 0.05),
    }
    assert total.usd == pytest.approx(sum(total.parts().values()))  # type: ignore[arg-type]
    assert total.usd_per_request == pytest.approx(total.usd / 36e6)


@given(deployment=DEPLOYMENTS, demand=DEMANDS, volume=VOLUME, more=st.floats(0, 1e9))
def test_more_requests_never_cost_less(
    deployment: Deployment, demand: Demand, volume: float, more: float
) -> None:
    few = usd(deployment, requests_per_month=volume, demand=demand)
    assert usd(deployment, requests_per_month=volume + more, demand=demand) >= few * (1 - 1e-12)


@given(deployment=DEPLOYMENTS, months=st.integers(1, 60), updates=st.floats(0, 30))
def test_without_a_request_only_what_is_fixed_is_paid(
    deployment: Deployment, months: int, updates: float
) -> None:
    total = total_cost(deployment, months=months, requests_per_month=0, updates_per_month=updates)
    assert total.machines == 1 and total.usd_per_request is None
    development, update = deployment.development_usd or 0, deployment.update_usd or 0
    monthly = (deployment.fixed_usd_per_month or 0) + (deployment.base_usd_per_month or 0)
    life = deployment.retires_after_months
    again = math.ceil(months / life) - 1 if life else 0
    expected = development * (1 + again) + months * (updates * update + monthly)
    assert total.usd == pytest.approx(expected)


@given(
    deployment=DEPLOYMENTS,
    demand=DEMANDS,
    volume=VOLUME,
    a=st.integers(1, 30),
    b=st.integers(1, 30),
)
def test_months_add_up(
    deployment: Deployment, demand: Demand, volume: float, a: int, b: int
) -> None:
    lasting = replace(deployment, retires_after_months=None)
    asked = {"requests_per_month": volume, "updates_per_month": 2, "demand": demand}
    apart = usd(lasting, months=a, **asked) + usd(lasting, months=b, **asked)
    once = usd(lasting, months=a + b, **asked)
    assert apart == pytest.approx(once + (deployment.development_usd or 0), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("development_usd", "development"),
        ("update_usd", "updates"),
        ("fixed_usd_per_month", "machines_usd"),
        ("capacity", "machines_usd"),
        ("usd_per_request", "requests"),
        ("error_rate", "errors"),
        ("handover_rate", "handovers"),
        ("loss_usd_per_request", "losses"),
    ],
)
def test_a_part_without_a_price_makes_the_sum_unknown(field: str, part: str) -> None:
    whole = Deployment(
        "x",
        1,
        update_usd=1,
        fixed_usd_per_month=1,
        usd_per_request=1,
        capacity=1,
        error_rate=0.1,
        handover_rate=0.1,
    )
    asked = {"updates_per_month": 1, "demand": Demand(cost_per_error=1, cost_per_handover=1)}
    assert usd(whole, **asked) > 0
    total = total_cost(
        replace(whole, **{field: None}),
        months=12,
        requests_per_month=1e6,
        **asked,  # type: ignore[arg-type]
    )
    assert total.usd is None and total.unpriced == (part,) and getattr(total, part) is None


def test_who_hands_everything_over_is_not_cheap_for_want_of_a_price() -> None:
    """Wrong answers have a price; a person's answers have none, which is not 0."""
    timid = Deployment("timid", 0, error_rate=0.0, handover_rate=1.0)
    priced = Demand(cost_per_error=2)
    total = total_cost(timid, months=1, requests_per_month=10, demand=priced)
    assert total.usd is None and total.unpriced == ("handovers",)
    assert priced.per_request(timid) is None
    assert usd(timid, demand=replace(priced, cost_per_handover=0.0)) == 0
    assert usd(replace(timid, handover_rate=0.0), demand=priced) == 0


def test_what_never_happens_needs_no_price() -> None:
    bare = Deployment("x", 10, update_usd=None, error_rate=None)
    assert usd(bare, requests_per_month=5) == 10


def test_full_machines_need_no_further_one() -> None:
    demand = Demand(peak_factor=3)
    one = Deployment("x", 0, capacity=0.7)
    each = demand.requests_per_machine(0.7)
    assert [demand.machines(one, k * each) for k in range(1, 200)] == list(range(1, 200))
    assert demand.machines(one, each + 1) == 2


def test_a_vendor_s_machines_aren_t_doubled() -> None:
    assert Demand(redundancy=2).machines(Deployment("api", 0), 1e12) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Deployment("x", -1),
        lambda: Deployment("x", float("nan")),
        lambda: Deployment("x", 1, capacity=0),
        lambda: Demand(peak_factor=0.5),
        lambda: Demand(cost_per_error=-1),
        lambda: total_cost(Deployment("x", 1), months=0, requests_per_month=1),
        lambda: total_cost(Deployment("x", 1), months=1, requests_per_month=-1),
    ],
)
def test_amounts_that_can_t_be(wrong: object) -> None:
    with pytest.raises(UsageError):
        wrong()  # type: ignore[operator]


def test_a_deployment_as_json_says_what_is_measured() -> None:
    made = Deployment("api", 1, badges={"usd_per_request": "quoted"})
    value = made.as_dict()
    assert value["capacity"] is None and "vendor" in value["notes"]["capacity"]
    assert made.badge("usd_per_request") == "quoted" and made.badge("update_usd") == "assumed"


CLAIMS = ROOT / "results" / "korean-insurance"
DECIDED = {
    "majority": "insurer-claims-ko_majority_none_s0_3df7e4b5-1",
    "qlora": "insurer-claims-ko_qlora_gemma-3-270m_s0_a53ce12c-1",
}


def claims(*more: str) -> Result:
    """The totals of two committed runs of a task that declares what its mistakes cost."""
    asked = ["--requests-per-month", "1000", "--label-usd", "0.5", "--results", str(CLAIMS)]
    return CliRunner().invoke(app, ["prices", "tco", *DECIDED.values(), *asked, *more])


def test_tco_counts_the_losses_that_the_task_declares() -> None:
    """Both decide as many claims rightly; one loses 129 times as much."""
    value = json.loads(claims("--json").stdout)
    totals = {each["deployment"]: each for each in value["totals"]}
    rate = load_book().currency("KRW").per_usd
    for name, folder in DECIDED.items():
        kept = gzip.decompress((CLAIMS / folder / "predictions.jsonl.gz").read_bytes())
        lines = kept.decode().splitlines()
        won = [json.loads(line)["values"]["expected_loss"] for line in lines]
        lost = 12 * 1000 * sum(won) / len(won) / rate
        assert totals[name]["losses"] == pytest.approx(lost)
        assert totals[name]["usd"] > lost
    assert totals["qlora"]["losses"] > 100 * totals["majority"]["losses"]
    assert value["break_even"][0]["cheaper_at_zero"] is not None
    assert f"a dollar is {rate:,g} KRW" in value["deployments"][0]["notes"]["losses"]


def test_a_smaller_loss_turns_who_is_cheapest() -> None:
    """30 dollars of losses against 40 of labels: doubled, the labels are worth it."""
    careful = Deployment("careful", 40, loss_usd_per_request=0.01)
    quick = Deployment("quick", 0, loss_usd_per_request=0.04)
    swings = sensitivity([careful, quick], Scenario(1, 1000))
    (swing,) = (each for each in swings if each.assumption == "losses by wrong answers")
    assert swing.low == {"careful": 45, "quick": 20} and swing.high == {"careful": 60, "quick": 80}
    assert (swing.cheapest_low, swing.cheapest_high, swing.flips) == ("quick", "careful", True)


def test_tco_counts_no_hand_over_twice() -> None:
    """`majority` hands every claim over: at a price of its own that is all that it loses."""
    value = json.loads(claims("--cost-per-handover", "2", "--json").stdout)
    (majority,) = (each for each in value["totals"] if each["deployment"] == "majority")
    assert majority["losses"] == 0 and majority["handovers"] == 12 * 1000 * 2
    refused = claims("--cost-per-error", "1")
    assert isinstance(refused.exception, UsageError) and "itself declares" in str(refused.exception)
