"""Calculations: an amount that follows from a rule, its values, and a number in the question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ...derived import Derived, choose
from ...world import SHORT, Fact, Recast, Value
from ..areas.base import ABSENT, NEAR_MISS, Bank
from ..values import Amount, Unknown
from .cases import Case, cases
from .common import Base

KIND = "calculation"
ATTEMPTS = 20
# Slots: {story} and {tale} name the number; {tag} and {short} say it in keywords.
SUM = Bank(
    polite=("{story} Could you please work out {what}?",),
    curt=("{tag}: {short}?",),
    keywords=("{short}, {tag}", "{short} for {tag}"),
    indirect=("{tale} {question}",),
    slip=("{question} {story}",),
)


def sums(base: Base, slices: Mapping[str, str]) -> Iterator[Derived]:
    """Yields calculations for both slices, and such that have no answer."""
    candidates = [made for case in cases(base) if (made := _calculation(base, case))]
    rng = base.draw.stream(KIND)
    yield from choose(candidates, slices, rng, spread=lambda each: each.fact.attribute_key)
    yield from _without_answer(base)


def _calculation(base: Base, case: Case) -> Derived | None:
    """Words a case with a number that doesn't give the answer away; None if there is none."""
    rng = base.draw.stream(f"{KIND}/{case.subject}/{case.attribute}")

    for _ in range(ATTEMPTS):
        number = rng.choice(case.numbers)

        def answer(facts: Mapping[str, Fact], number: int = number) -> Value:
            values = [_number(facts[fact.id]) for fact in case.support if fact.asked]
            return Recast(KIND, Amount(case.formula(number, *values)))

        shown = Amount(number).text if case.money else str(number)
        slots = {name: text.format(n=shown) for name, text in case.texts.items()}
        if not _gives_away(answer(base.facts).text, slots.values()):
            names = (case.subject, case.attribute)
            return base.derived(names, SUM, case.support, answer, (), SHORT, "", **slots)
    return None


def _number(fact: Fact) -> int:
    key = fact.value.key
    assert isinstance(key, int)
    return key


def _gives_away(answer: str, texts: Iterable[str]) -> bool:
    digits = re.sub(r"\D", "", answer)
    return any(digits in re.sub(r"[^\w]", "", text) for text in texts)


# Key, area and its name, what is absent or missing, the texts, why it has no answer.
NO_ANSWER: tuple[tuple[str, str, str, str, dict[str, str], Unknown], ...] = (
    ("pet_pay", "leave", "Leave of absence", "pet care leave", {
        "story": "My base pay is $4,200 a month and I'm going on pet care leave.", "what": "what I'll be paid each month",
        "tag": "pet care leave, base pay $4,200", "short": "monthly pay", "tale": "I earn $4,200 a month in base pay and have a sick dog to nurse.",
        "question": "How much will I get each month while I'm away?"}, ABSENT),
    ("travel_pay", "leave", "Leave of absence", "world travel leave", {
        "story": "My base pay is $5,100 a month and I'm going on world travel leave.", "what": "what I'll be paid each month",
        "tag": "world travel leave, base pay $5,100", "short": "monthly pay", "tale": "I earn $5,100 a month in base pay and mean to sail around the world.",
        "question": "How much will I get each month while I'm away?"}, ABSENT),
    ("ski_premium", "product", "Products", "ski insurance", {
        "story": "The basic premium for ski insurance is $700 and the customer gets a discount.", "what": "the premium after the discount",
        "tag": "ski insurance, basic premium $700", "short": "discounted premium", "tale": "I'm quoting ski insurance at $700 before the discount.",
        "question": "How much will the customer pay?"}, ABSENT),
    ("bicycle_loss", "product", "Products", "bicycle insurance", {
        "story": "A customer has a bicycle theft loss of $1,900 under bicycle insurance.", "what": "what we pay",
        "tag": "bicycle insurance, bicycle theft, loss of $1,900", "short": "our payment", "tale": "A bicycle insurance customer's bike was stolen, and the loss comes to $1,900.",
        "question": "How much do we pay out?"}, ABSENT),
    ("flood_loss", "product", "Products", "homeowners insurance, river flood", {
        "story": "A customer has a river flood loss of $31,000 under homeowners insurance.", "what": "what we pay",
        "tag": "homeowners insurance, river flood, loss of $31,000", "short": "our payment",
        "tale": "The river rose into a homeowners insurance customer's living room, and the loss comes to $31,000.",
        "question": "How much do we pay out?"}, NEAR_MISS),
    ("cinema_price", "welfare", "Employee benefits", "discount at partner cinemas", {
        "story": "A ticket at a partner cinema costs $20 before the employee discount.", "what": "what I pay",
        "tag": "partner cinema ticket of $20", "short": "my price", "tale": "I'm off to a partner cinema where seats are $20.",
        "question": "How much will I pay as an employee?"}, NEAR_MISS),
    ("grade_six", "claims", "Claims", "grade 6 disability payout rate", {
        "story": "A customer insured for $200,000 has a grade 6 disability.", "what": "the payment",
        "tag": "grade 6 disability, sum insured $200,000", "short": "payment", "tale": "The doctor says disability grade 6, and the sum insured is $200,000.",
        "question": "How much does the customer get?"}, NEAR_MISS),
    ("guitar_value", "claims", "Claims", "yearly depreciation of musical instruments", {
        "story": "A violin was bought exactly a year ago for $2,400.", "what": "its value today",
        "tag": "violin bought a year ago for $2,400", "short": "value today", "tale": "It's a year to the day since a customer paid $2,400 for the violin that was crushed.",
        "question": "How much is it worth now?"}, NEAR_MISS),
    ("locker_year", "guide", "Office guide", "monthly locker fee", {
        "story": "I'm renting a locker for 7 months.", "what": "what it costs in all",
        "tag": "locker for 7 months", "short": "total cost", "tale": "My gym bag needs a locker for the next 7 months.",
        "question": "How much will that cost me altogether?"}, ABSENT),
    ("boston_hotel", "guide", "Office guide", "hotel limit per night in Boston", {
        "story": "I'm spending 3 nights in Boston on business.", "what": "how much my hotel may cost in all",
        "tag": "3 nights in Boston", "short": "hotel limit", "tale": "Boston wants me there for 3 nights.",
        "question": "How much can I spend on the hotel altogether?"}, ABSENT),
)  # fmt: skip


def _without_answer(base: Base) -> Iterator[Derived]:
    for key, area, category, subject, texts, why in NO_ANSWER:
        yield base.unanswered((area, category), (key, "sum"), why, SUM, subject, **texts)
