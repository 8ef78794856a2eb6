"""English answers: canonical texts, variants that mean the same, and the scorer's view of them."""

from __future__ import annotations

import pytest

from harness.metrics.abstention import is_abstention
from harness.metrics.qa import exact_match
from tasks.insurer import build
from tasks.insurer.en.values import Amount, Day, Items, Name, Percentage, Period, Unknown, YesNo
from tasks.insurer.world import Value, accepted


@pytest.mark.parametrize(
    ("value", "text", "also"),
    [
        (Amount(1_500), "$1,500", ["1,500 dollars", "USD 1,500", "fifteen hundred dollars", "one thousand five hundred dollars"]),
        (Amount(25), "$25", ["25 dollars", "twenty-five dollars"]),
        (Amount(1_500_000), "$1,500,000", ["$1.5 million", "1.5 million dollars"]),
        (Amount(2_000_000), "$2,000,000", ["$2 million"]),
        (Period(24, "month"), "24 months", ["2 years", "two years"]),
        (Period(2, "year"), "2 years", ["24 months", "twenty-four months"]),
        (Period(18, "month"), "18 months", ["a year and a half", "1 year and 6 months"]),
        (Period(6, "month"), "6 months", ["half a year", "six months"]),
        (Period(14, "day", "before"), "14 days", ["2 weeks", "at least 14 days", "14 days in advance"]),
        (Period(7, "day"), "7 days", ["1 week", "one week", "a week"]),
        (Period(5, "business day", "within"), "5 business days", ["five working days", "within 5 business days"]),
        (Period(1, "month", "most"), "1 month", ["one month", "up to a month"]),
        (Percentage(35, "base pay"), "35%", ["35 percent", "thirty-five percent", "35% of base pay"]),
        (Day(2021, 3, 2), "March 2, 2021", ["2 March 2021", "2021-03-02", "03/02/2021", "March 2nd 2021"]),
        (Day(0, 3, 2), "March 2", ["2nd of March", "03/02", "March 2 each year"]),
        (Day(0, 0, 21), "the 21st of each month", ["the 21st", "the 21st of every month"]),
        (Items(("police report", "estimate")), "police report and estimate", ["estimate, police report", "a police report and an estimate"]),
    ],
)  # fmt: skip
def test_canonical_text_and_variants(value: Value, text: str, also: list[str]) -> None:
    assert value.text == text
    assert accepted(value)[0] == text
    assert set(also) <= set(accepted(value))
    assert all(exact_match(other.upper() + ".", accepted(value)) for other in also)


def test_a_code_may_be_called_one() -> None:
    facts = {fact.id: fact.value for fact in build(7, 1, "en").facts}
    form, code = facts["leave.parental.form"], facts["complaint.rude.code"]
    assert exact_match(f"Form {form.text}.", accepted(form))
    assert exact_match(f"code {code.text}", accepted(code))
    assert not exact_match(f"code {form.text}", accepted(code))


def test_values_that_mean_the_same_share_a_key() -> None:
    assert Period(24, "month").key == Period(2, "year").key
    assert Period(14, "day").key == Period(2, "week").key
    assert Items(("a", "b")).key == Items(("b", "a")).key


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (Period(5, "business day"), "5 days"),
        (Period(30, "day"), "one month"),
        (Period(1, "month"), "30 days"),
        (Period(12, "hour"), "half a day"),
        (Percentage(15), "1.5%"),
        (Percentage(5), "15%"),
        (Amount(1_500_000), "$15 million"),
        (Amount(1_500), "$15.00"),
        (Day(2021, 3, 2), "February 3, 2021"),
        (Day(0, 11, 2), "1/12"),
        (Name("HR-214"), "HR-241"),
        (YesNo(True), "no"),
        (YesNo(False), "yes, it is not"),
    ],
)
def test_what_means_something_else_is_wrong(value: Value, wrong: str) -> None:
    assert not exact_match(wrong, accepted(value))


def test_the_scorer_takes_every_accepted_text_and_no_other_facts() -> None:
    """Facts of one kind share no text, even when the scorer has normalised it."""
    facts = [fact for fact in build(7, 1, "en").facts if fact.asked and not fact.support]
    for fact in facts:
        texts = accepted(fact.value)
        assert all(exact_match(text, texts) for text in texts[:9]), fact.id
    kinds = ("amount", "period", "percentage", "date", "name", "definition")
    for kind in kinds:
        some = [fact for fact in facts if fact.value.kind == kind]
        for fact in some[:5]:
            for other in some:
                if other is not fact:
                    assert not exact_match(fact.value.text, accepted(other.value))


def test_abstentions_are_recognised_and_refusals_are_none() -> None:
    assert all(map(is_abstention, accepted(Unknown("absent"))))
    for yes in (True, False):
        assert not any(map(is_abstention, accepted(YesNo(yes))))
    assert not set(accepted(YesNo(True))) & set(accepted(YesNo(False)))
