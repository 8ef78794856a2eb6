"""The decision procedure on claims that were worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tasks.insurer.claims.decide import decide, full_years
from tasks.insurer.claims.ko import KOREAN
from tasks.insurer.claims.model import Cover, Exclusion, Facts, Peril, Person, Policy, Scene

PERSON = Person("홍", "", "", "", "", "")
LINES = {line.key: line for line in KOREAN.lines}


def peril(line: str, key: str) -> Peril:
    return next(one for one in LINES[line].perils if one.key == key)


BREAKAGE, THEFT = peril("golf", "breakage"), peril("golf", "theft")
COVER = Cover(BREAKAGE, 600_000, 50_000, 80, 30, 0, 0, 0, ("수리 견적서", "파손 사진"))
STOLEN = Cover(THEFT, 1_000_000, 100_000, 90, 0, 10, 0, 0, ("구입 영수증", "도난신고 확인서"))
POLICY = Policy(
    "golf-00", LINES["golf"], PERSON, "GF24-0000-000000", date(2024, 3, 1), date(2025, 2, 28),
    (COVER, STOLEN), (Exclusion("borrowed", "빌린 물건의 손해"),),
)  # fmt: skip
FACTS = Facts(
    peril=BREAKAGE, scene=Scene("{when}"), event=date(2024, 6, 1), received=date(2024, 6, 5),
    losses=(300_000,), days=0, hours=0, bought=None, enclosed=("수리 견적서", "파손 사진"),
    later=(), claimed=0,
)  # fmt: skip


def decided(policy: Policy = POLICY, unit: int = 1, **changes: object) -> tuple[str, int, str]:
    made = decide(policy, replace(FACTS, **changes), unit)
    return made.label, made.amount, made.reason


def test_the_loss_less_the_deductible_at_the_rate() -> None:
    # (300,000 - 50,000) x 80 % = 200,000
    assert decided() == ("pay", 200_000, "payable")
    # (180,500 + 99,999 - 50,000) x 80 % = 184,399.2, rounded down to the won
    assert decided(losses=(180_500, 99_999)) == ("pay", 184_399, "payable")


def test_never_more_than_the_limit() -> None:
    # (800,000 - 50,000) x 80 % = 600,000, and 1,000 more
    assert decided(losses=(800_000,)) == ("pay", 600_000, "limit")
    assert decided(losses=(801_000,)) == ("pay", 600_000, "limit")
    assert decided(losses=(799_000,)) == ("pay", 599_200, "payable")


def test_a_loss_that_is_not_above_the_deductible() -> None:
    assert decided(losses=(50_000,)) == ("deny", 0, "deductible")
    assert decided(losses=(50_500,)) == ("pay", 400, "payable")


@pytest.mark.parametrize(
    ("event", "label"),
    [
        (date(2024, 2, 29), "deny"),
        (date(2024, 3, 1), "deny"),  # the first of thirty days of waiting
        (date(2024, 3, 30), "deny"),  # the thirtieth
        (date(2024, 3, 31), "pay"),
        (date(2025, 2, 28), "pay"),
        (date(2025, 3, 1), "deny"),
    ],
)
def test_days_at_the_edges(event: date, label: str) -> None:
    assert decided(event=event)[0] == label


def test_papers_are_asked_for_only_where_something_would_be_due() -> None:
    assert decided(enclosed=("파손 사진",)) == ("documents", 0, "documents")
    assert decided(enclosed=("파손 사진",), later=("수리 견적서",))[0] == "documents"
    assert decided(enclosed=("파손 사진",), losses=(40_000,))[0] == "deny"
    assert decided(enclosed=(), event=date(2024, 3, 2))[0] == "deny"
    more = ("골프장 확인서", "파손 사진", "수리 견적서")
    assert decided(enclosed=more)[0] == "pay"


def test_an_exclusion_counts_where_the_policy_has_it() -> None:
    borrowed = Scene("{when}", "borrowed")
    assert decided(scene=borrowed) == ("deny", 0, "exclusion")
    assert decided(replace(POLICY, exclusions=()), scene=borrowed)[0] == "pay"


def test_what_no_cover_names() -> None:
    assert decided(peril=peril("golf", "ace")) == ("deny", 0, "uncovered")


def test_depreciation_by_full_years() -> None:
    papers = ("구입 영수증", "도난신고 확인서")
    bought = date(2022, 4, 15)  # two full years before 1 June 2024
    # 1,000,000 less 20 % = 800,000; less 100,000; x 90 % = 630,000
    stolen = {"peril": THEFT, "enclosed": papers, "losses": (1_000_000,)}
    assert decided(bought=bought, **stolen) == ("pay", 630_000, "payable")
    # seven years: 50 % at most: (500,000 - 100,000) x 90 %
    assert decided(bought=date(2017, 4, 15), **stolen) == ("pay", 360_000, "payable")
    # 140,000 less 30 % is 98,000, not above 100,000
    assert decided(bought=date(2021, 4, 15), **stolen | {"losses": (140_000,)})[0] == "deny"
    assert [full_years(date(2021, 6, day), date(2024, 6, 2)) for day in (1, 2, 3)] == [3, 3, 2]


def test_days_in_hospital() -> None:
    inpatient = peril("health", "inpatient")
    cover = Cover(inpatient, 500_000, 0, 100, 0, 0, 3, 50_000, ("입퇴원 확인서",))
    policy = replace(POLICY, covers=(cover, STOLEN))
    stay = {"peril": inpatient, "losses": (), "enclosed": ("입퇴원 확인서",)}
    assert decided(policy, days=8, **stay) == ("pay", 250_000, "payable")
    assert decided(policy, days=3, **stay) == ("deny", 0, "deductible")
    assert decided(policy, days=40, **stay) == ("pay", 500_000, "limit")


def test_a_fixed_sum_and_a_delay() -> None:
    cancer, delay = peril("health", "cancer"), peril("travel", "delay")
    fixed = Cover(cancer, 5_000_000, 0, 100, 0, 0, 0, 0, ("진단서",))
    late = Cover(delay, 300_000, 0, 90, 0, 0, 4, 0, ("비용 영수증",))
    policy = replace(POLICY, covers=(fixed, late))
    sick = {"peril": cancer, "losses": (), "enclosed": ("진단서",)}
    assert decided(policy, **sick) == ("pay", 5_000_000, "limit")
    wait = {"peril": delay, "losses": (100_000,), "enclosed": ("비용 영수증",)}
    assert decided(policy, hours=4, **wait) == ("pay", 90_000, "payable")
    assert decided(policy, hours=3, **wait) == ("deny", 0, "minimum")


def test_dollars_are_rounded_down_to_whole_ones() -> None:
    cover = replace(COVER, limit=60_000, deductible=5_000)  # in cents
    policy = replace(POLICY, covers=(cover, STOLEN))
    # (387.55 - 50) x 80 % = 270.04
    assert decided(policy, 100, losses=(38_755,)) == ("pay", 27_000, "payable")
