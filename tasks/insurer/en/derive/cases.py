"""What can be calculated: the facts that a case needs, its formula, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...world import Fact
from ..areas import leave, products
from .common import Base

NUMBERS_PER_CASE = 2  # so many questions with different numbers are made of each


@dataclass(frozen=True, slots=True)
class Case:
    """A calculation.

    Attributes:
        subject: Key of its subject.
        attribute: Names the sort of case.
        support: The facts that it needs; the formula takes the values of those that are asked.
        formula: From the question's number and those values to whole dollars.
        numbers: What the question's number is drawn from.
        texts: The slots of `sums.SUM`, with "{n}" for the number.
        money: Whether the number is an amount.
    """

    subject: str
    attribute: str
    support: tuple[Fact, ...]
    formula: Callable[..., int]
    numbers: Sequence[int]
    texts: dict[str, str]
    money: bool = True


def cases(base: Base) -> Iterator[Case]:
    """Yields every case that the base facts allow."""
    for number in range(1, NUMBERS_PER_CASE + 1):
        yield from _losses(base, number)
        yield from _pays(base, number)
        yield from _premiums(base, number)
        yield from _shares(base, number)
        yield from _counts(base, number)
    yield from _trips(base)


def _texts(story: str, what: str, tag: str, short: str, tale: str, question: str) -> dict[str, str]:
    return {"story": story, "what": what, "tag": tag, "short": short, "tale": tale,
            "question": question}  # fmt: skip


def _payment(loss: int, limit: int, deductible: int) -> int:
    return max(0, min(limit, loss - deductible))


def _losses(base: Base, number: int) -> Iterator[Case]:
    """The payment for a loss: below the limit, and for some coverages above it."""
    rule = base.find("claims", "rule_payout", "rule")
    for cover in products.COVERS:
        subject = f"{cover.product}-{cover.key}"
        limit = base.find("product", subject, "limit")
        deductible = base.find("product", subject, "deductible")
        if not (rule and limit and deductible and cover.deductible):
            continue
        name, step = limit.subject.partition(", ")[0], cover.limit[2]
        small = range(_round_up(2 * cover.deductible[1], step), cover.limit[0] + 1, step)
        large = range(cover.limit[1] + cover.deductible[1] + step, 2 * cover.limit[1], step)
        above = number == NUMBERS_PER_CASE and not base.draw.stream(f"above/{subject}").randrange(2)
        yield Case(
            subject, f"payment_{number}", (limit, deductible, rule), _payment,
            large if above or not small else small,
            _texts(
                f"A customer has a {cover.name} loss of {{n}} under {name}.", "what we pay",
                f"{name}, {cover.name}, loss of {{n}}", "our payment",
                f"{cover.event}, and the loss comes to {{n}}.", "How much do we pay out?",
            ),
        )  # fmt: skip


def _round_up(number: int, step: int) -> int:
    return -(-number // step) * step


def _share(number: int, percent: int) -> int:
    return number * percent // 100


def _less(number: int, percent: int) -> int:
    return number * (100 - percent) // 100


def _more(number: int, percent: int) -> int:
    return number * (100 + percent) // 100


def _pays(base: Base, number: int) -> Iterator[Case]:
    """A month's pay on leave."""
    for kind in leave.LEAVES:
        pay = base.find("leave", kind.key, "pay")
        if pay:
            yield Case(
                kind.key, f"monthly_{number}", (pay,), _share, range(2_800, 9_600, 100),
                _texts(
                    f"My base pay is {{n}} a month and I'm going on {kind.name}.",
                    "what I'll be paid each month",
                    f"{kind.name}, base pay {{n}}", "monthly pay",
                    f"I earn {{n}} a month in base pay and want time off {kind.why}.",
                    "How much will I get each month while I'm away?",
                ),
            )  # fmt: skip


def _premiums(base: Base, number: int) -> Iterator[Case]:
    """A premium after a product's discount, or with a class's surcharge."""
    rule = base.find("underwriting", "rule_discount", "rule")
    for product in products.PRODUCTS:
        discount = base.find("product", product.key, "discount")
        if rule and discount:
            yield Case(
                product.key, f"premium_{number}", (discount, rule), _less, range(300, 2_900, 100),
                _texts(
                    f"The basic premium for {product.name} is {{n}} and the customer gets the {product.discount}.",
                    "the premium after the discount",
                    f"{product.name}, basic premium {{n}}, {product.discount}", "discounted premium",
                    f"I'm quoting {product.name} at {{n}} to somebody who qualifies for the {product.discount}.",
                    "How much will the customer pay?",
                ),
            )  # fmt: skip
    rule = base.find("underwriting", "rule_surcharge", "rule")
    for surcharge in base.told("underwriting", "surcharge"):
        if rule and surcharge.asked:
            yield Case(
                surcharge.subject_key, f"loaded_{number}", (surcharge, rule), _more,
                range(400, 4_900, 100),
                _texts(
                    f"The basic premium is {{n}} and the risk is in {surcharge.subject}.",
                    "the premium with the surcharge",
                    f"{surcharge.subject}, basic premium {{n}}", "premium with surcharge",
                    f"The file came back as {surcharge.subject}, and the basic premium would be {{n}}.",
                    "How much will the applicant pay?",
                ),
            )  # fmt: skip


# Area, subject, stated rule ("" if its sentence says enough), formula, range in hundreds, texts.
SHARES: tuple[tuple[str, str, str, Callable[..., int], tuple[int, int], dict[str, str]], ...] = (
    *(("claims", f"disability_{grade}", "disability", _share, (500, 4_900), _texts(
        f"A customer insured for {{n}} has a grade {grade} disability.", "the payment",
        f"grade {grade} disability, sum insured {{n}}", "payment",
        f"The doctor says disability grade {grade}, and the sum insured is {{n}}.", "How much does the customer get?",
    )) for grade in range(1, 6)),
    ("claims", "wear_clothes", "wear", _less, (3, 29), _texts(
        "A coat was bought exactly a year ago for {n}.", "its value today", "coat bought a year ago for {n}", "value today",
        "It's a year to the day since a customer paid {n} for the coat that burned.", "How much is it worth now?")),
    ("claims", "wear_furniture", "wear", _less, (5, 69), _texts(
        "A sofa was bought exactly a year ago for {n}.", "its value today", "sofa bought a year ago for {n}", "value today",
        "It's a year to the day since a customer paid {n} for the sofa that burned.", "How much is it worth now?")),
    ("claims", "wear_phone", "wear", _less, (3, 19), _texts(
        "A cell phone was bought exactly a year ago for {n}.", "its value today", "cell phone bought a year ago for {n}", "value today",
        "It's a year to the day since a customer paid {n} for the cell phone that was stolen.", "How much is it worth now?")),
    ("claims", "wear_camera", "wear", _less, (4, 49), _texts(
        "A camera was bought exactly a year ago for {n}.", "its value today", "camera bought a year ago for {n}", "value today",
        "It's a year to the day since a customer paid {n} for the camera that broke.", "How much is it worth now?")),
    ("claims", "late", "", _share, (20, 900), _texts(
        "We paid a claim of {n} exactly a year late.", "the interest that we owe", "claim of {n} paid a year late", "interest owed",
        "A customer should have had {n} from us a year ago to the day.", "How much interest do we add?")),
    ("claims", "disclosure", "", _less, (20, 600), _texts(
        "There was a minor misstatement in the application, and the claim would be {n}.", "what we pay", "claim of {n}, minor misstatement", "reduced payment",
        "The customer got a small thing wrong on the application and claims {n}.", "How much do we pay out?")),
    ("welfare", "language", "", _share, (3, 29), _texts(
        "My language course costs {n}.", "how much the company refunds", "language course of {n}", "refund",
        "I've paid {n} for Italian classes.", "How much do I get back from the company?")),
    ("welfare", "graduate", "", _share, (40, 390), _texts(
        "Graduate school costs me {n} in tuition.", "how much the company pays", "graduate school tuition of {n}", "company share",
        "My evening master's program charges {n}.", "How much of that does the company pay?")),
    ("welfare", "club", "", _share, (2, 39), _texts(
        "Our employee club has expenses of {n}.", "how much is refunded", "club expenses of {n}", "refund",
        "Our chess club has spent {n} on boards and clocks.", "How much of that do we get back?")),
    ("welfare", "retirement", "", _share, (5, 89), _texts(
        "I make an extra retirement contribution of {n}.", "how much the company adds", "extra retirement contribution of {n}", "company match",
        "I'm putting another {n} into my retirement account.", "How much does the company add to that?")),
    ("welfare", "staff_discount", "", _less, (4, 29), _texts(
        "One of our policies costs {n} before the employee discount.", "what I pay", "our policy of {n}, employee discount", "employee price",
        "I'd like to buy one of our own policies, which is {n} for everybody else.", "How much will I pay?")),
    ("welfare", "hotel", "", _less, (2, 19), _texts(
        "A stay at a partner hotel costs {n} before the employee discount.", "what I pay", "partner hotel stay of {n}", "employee price",
        "We've found a partner hotel that charges other guests {n}.", "How much will we pay?")),
    ("welfare", "clinic", "", _less, (1, 19), _texts(
        "My bill at a partner clinic is {n} before the employee discount.", "what I pay", "partner clinic bill of {n}", "employee price",
        "The partner clinic wants {n} from people who don't work here.", "How much will I pay?")),
)  # fmt: skip


def _shares(base: Base, number: int) -> Iterator[Case]:
    for area, subject, method, formula, (low, high), texts in SHARES:
        fact = base.find(area, subject, "share")
        rule = base.find("claims", f"rule_{method}", "rule") if method else None
        if fact:
            support = (fact, rule) if rule else (fact,)
            hundreds = range(100 * low, 100 * high + 1, 100)
            yield Case(subject, f"share_{number}", support, formula, hundreds, texts)


# Area, subject, most units, texts; the fact's amount is for one unit.
COUNTS = (
    ("guide", "hotel_city", 9, _texts(
        "I'm spending {n} nights in New York on business.", "how much my hotel may cost in all", "{n} nights in New York", "hotel limit",
        "New York wants me there for {n} nights.", "How much can I spend on the hotel altogether?")),
    ("guide", "hotel_other", 9, _texts(
        "I'm spending {n} nights in Chicago on business.", "how much my hotel may cost in all", "{n} nights in Chicago", "hotel limit",
        "Chicago wants me there for {n} nights.", "How much can I spend on the hotel altogether?")),
    ("guide", "per_diem", 14, _texts(
        "I'm on a business trip of {n} days.", "my meal allowance for the whole trip", "business trip of {n} days", "meal allowance",
        "I'll be traveling for the company for {n} days.", "How much do I get for food altogether?")),
    ("guide", "dinner", 14, _texts(
        "There will be {n} of us at the team dinner.", "how much it may cost in all", "team dinner, {n} people", "total limit",
        "I've booked a table for my team, {n} people in all.", "How much can we spend altogether?")),
    ("guide", "parking", 11, _texts(
        "I'm parking at headquarters for {n} months.", "what I pay in all", "headquarters parking, {n} months", "total fee",
        "My car will stand at headquarters for the next {n} months.", "How much will that cost me altogether?")),
    ("guide", "badge", 9, _texts(
        "My team has lost {n} badges.", "what the new ones cost in all", "{n} replacement badges", "total fee",
        "The {n} of us left our badges on the train.", "How much will new ones cost altogether?")),
    ("welfare", "gym", 11, _texts(
        "I've been paying for a gym for {n} months.", "the most I can be reimbursed", "gym, {n} months", "most reimbursed",
        "I joined a fitness studio {n} months ago and kept every bill.", "How much can I get back at the very most?")),
    ("welfare", "phone", 11, _texts(
        "I've used my own cell phone for work for {n} months.", "my allowance in all", "cell phone allowance, {n} months", "total",
        "It's been {n} months that I call customers on my own phone.", "How much is the company to pay me for that?")),
    ("welfare", "college", 8, _texts(
        "My child is in college for {n} semesters.", "the most tuition aid we can get", "college, {n} semesters", "most tuition aid",
        "My son will need {n} semesters to finish college.", "How much tuition aid is that at the very most?")),
    ("welfare", "school", 8, _texts(
        "My child is in high school for {n} semesters.", "the most tuition aid we can get", "high school, {n} semesters", "most tuition aid",
        "My daughter has {n} semesters of high school ahead of her.", "How much tuition aid is that at the very most?")),
    ("welfare", "points", 9, _texts(
        "I've had the yearly wellness credit {n} times.", "how much I have been given in all", "wellness credit, {n} times", "total credit",
        "They've loaded my wellness credit {n} times since I started.", "How much have I been given altogether?")),
)  # fmt: skip


def _counts(base: Base, number: int) -> Iterator[Case]:
    for area, subject, most, texts in COUNTS:
        fact = base.find(area, subject, "amount")
        if fact:
            counts = range(
                2 if number == 1 else most // 2 + 1, most // 2 + 1 if number == 1 else most + 1
            )
            yield Case(
                subject, f"times_{number}", (fact,), lambda count, each: count * each, counts, texts,
                money=False,
            )  # fmt: skip


def _trips(base: Base) -> Iterator[Case]:
    """Hotel and meals of a trip: a night less than days."""
    meals = base.find("guide", "per_diem", "amount")
    for key, city in (("hotel_city", "New York"), ("hotel_other", "Chicago")):
        hotel = base.find("guide", key, "amount")
        if hotel and meals:
            yield Case(
                key, "trip", (hotel, meals),
                lambda days, night, meal: (days - 1) * night + days * meal, range(3, 8),
                _texts(
                    f"I'm in {city} on business for {{n}} days and stay one night less.",
                    "the most that hotel and meals may cost in all",
                    f"{city}, {{n}} days, one night less", "hotel and meals",
                    f"{city} it is: {{n}} days, but I fly home on the last evening.",
                    "How much are hotel and meals at the very most?",
                ), money=False,
            )  # fmt: skip
