"""Claims: how they are checked, calculated and paid."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..outlines.claims import CHAPTERS
from ..pools import dates, dollars, lists, percentages, periods, shares, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

AMOUNT = Bank(
    polite=("Would you mind checking how much the {s} is?",),
    curt=("What's the {s}?", "{s}: how much?"),
    keywords=("{s} amount", "{s} in dollars"),
    indirect=("{indirect}",),
    slip=("how much is the {s}?", "what amount is the {s}?"),
)
PERIOD = Bank(
    polite=("Would you mind checking what the {s} is?",),
    curt=("What's the {s}?", "{s}: how long?"),
    keywords=("{s} info", "need the {s}"),
    indirect=("{indirect}",),
    slip=("what is the {s}?", "what is the {s} again?"),
)
SHARE = Bank(
    polite=("Would you mind checking what percentage the {s} is?",),
    curt=("What's the {s}?", "{s}: what percentage?"),
    keywords=("{s} percentage", "{s} percent"),
    indirect=("{indirect}",),
    slip=("what percent is the {s}?", "what percentage is the {s}?"),
)
DATE = Bank(
    polite=("Would you mind checking on which date we saw the {s}?",),
    curt=("{s}: since when?",),
    keywords=("{s} date",),
    indirect=("{indirect}",),
    slip=("when was the {s}?",),
)
LIST = Bank(
    polite=("Would you mind checking which {s} we ask for?",),
    curt=("Which {s}?", "{s}: what are they?"),
    keywords=("{s} list", "{s} checklist"),
    indirect=("{indirect}",),
    slip=("what {s} do we need?", "Which {s} do we ask for?"),
)
YES_NO = Bank(
    polite=("Would you mind checking whether {v}?",),
    curt=("{s}: OK or not?",),
    keywords=("{s} allowed",),
    indirect=("{indirect}",),
    slip=("is {s} allowed?",),
)

AMOUNTS = (
    Topic("simple", "ceiling for fast-track claims", "It's a tiny claim and I'd like to fast-track it. How small does it have to be?",
          dollars(200, 1_900, 25), "a claim of up to {x} goes on the fast track"),
    Topic("mobile", "ceiling for claims made in the mobile app", "The customer wants to claim on her phone. Up to what sum is that possible?",
          dollars(1_000, 4_900, 100), "claims of up to {x} may be made in the mobile app"),
    Topic("originals", "claim threshold for original documents", "When is a claim so large that copies won't do and I need the original papers?",
          dollars(2_000, 9_900, 100), "original documents are required for claims above {x}"),
    Topic("supervisor", "settlement authority of a claims supervisor", "What's the biggest claim a supervisor may sign off without going upstairs?",
          dollars(10_000, 49_000, 500), "a claims supervisor may settle claims of up to {x} alone"),
    Topic("manager", "settlement authority of a claims manager", "What's the biggest claim a claims manager may sign off without going upstairs?",
          dollars(50_000, 145_000, 1_000), "a claims manager may settle claims of up to {x} alone"),
    Topic("inspection", "loss threshold for an adjuster's visit", "When is a claim large enough for us to send somebody out to look?",
          dollars(3_000, 19_000, 250), "an adjuster visits the scene of any loss above {x}"),
    Topic("outside", "loss threshold for an independent adjuster", "When is a loss so big that we bring in an outside adjuster?",
          dollars(20_000, 98_000, 1_000), "an independent adjuster is hired for losses above {x}"),
    Topic("advance_cap", "ceiling for an advance payment", "The file will take a while, so the customer asks for money up front. What's the most I can send?",
          dollars(5_000, 39_000, 250), "an advance payment may not exceed {x}"),
    Topic("no_estimate", "ceiling for repairs without an estimate", "It's a scratch on a door and nobody has made an estimate. Up to what sum do I pay all the same?",
          dollars(150, 950, 25), "repairs of up to {x} are paid without an estimate", since=2),
    Topic("robot", "ceiling for claims settled without a human", "Up to what sum may the computer settle a claim all by itself?", NEAR_MISS),
    Topic("cash", "ceiling for paying a claim in cash", "The customer wants banknotes over the counter. Up to what sum may I do that?", ABSENT),
)  # fmt: skip
PERIODS = (
    Topic("pay", "payment deadline once the documents are complete", "I have every document I need. How fast must the claim be paid now?",
          periods("business day", 2, 9, 1, "within"), "a claim is paid within {x} of the last document coming in"),
    Topic("pay_inspected", "payment deadline for inspected claims", "An adjuster went out on this one. How fast must it be paid?",
          periods("business day", 10, 30, 1, "within"), "a claim that was inspected on the scene is paid within {x}"),
    Topic("supplement", "deadline for sending missing documents", "I told the customer that papers are missing. By when must she send them?",
          periods("day", 7, 45, 1, "within"), "a customer sends missing documents within {x} of being asked"),
    Topic("advance", "deadline for making an advance payment", "A customer has asked for money up front. How soon must I wire it?",
          periods("business day", 2, 12, 1, "within"), "an advance payment is made within {x} of the request"),
    Topic("appeal", "deadline for asking for a second review", "The customer disagrees with our decision. How long does she have to ask us to look again?",
          periods("day", 20, 120, 1, "within"), "a customer may ask for a second review within {x} of the decision"),
    Topic("denial", "deadline for sending a denial letter", "We're turning the claim down. How soon must the letter go out?",
          periods("business day", 2, 14, 1, "within"), "a denial letter is sent within {x} of the decision"),
    Topic("advice", "turnaround of a medical opinion", "I've asked a doctor for an expert opinion. How long can she take?",
          periods("day", 10, 50, 1, "within"), "a medical opinion is returned within {x}"),
    Topic("archive", "retention period of claim files", "The claim is closed. For how many years do we hang on to the file?",
          periods("year", 3, 20), "closed claim files are kept for {x}"),
    Topic("first_call", "deadline for the first call to a claimant", "An accident was just reported. How soon do I have to phone the customer?",
          periods("hour", 2, 23, 1, "within"), "the handler calls the claimant within {x} of the first report"),
    Topic("recovery", "deadline for deciding on recovery from a third party", "We've paid. How long do I have to decide whether to go after the person at fault?",
          periods("month", 2, 11, 1, "within"), "recovery from a third party is decided within {x} of the payment"),
    Topic("drone_survey", "turnaround of a drone survey", "A drone is filming the roof. How long may the report take?", ABSENT),
    Topic("lost_papers", "deadline for replacing papers that we lost", "We've mislaid a customer's papers. How soon must we get her new ones?", NEAR_MISS),
)  # fmt: skip
SHARES = (
    Topic("advance_rate", "advance payment rate", "What part of the estimated claim may I pay up front?",
          shares(25, 90), "an advance payment is at most {x} of the estimated claim"),
    Topic("disability_1", "grade 1 disability payout rate", "The doctor puts the customer in disability grade 1. What part of the sum insured is that?",
          percentages(82, 98, 2), "a disability of grade 1 pays {x} of the sum insured"),
    Topic("disability_2", "grade 2 disability payout rate", "The doctor puts the customer in disability grade 2. What part of the sum insured is that?",
          percentages(64, 80, 2), "a disability of grade 2 pays {x} of the sum insured"),
    Topic("disability_3", "grade 3 disability payout rate", "The doctor puts the customer in disability grade 3. What part of the sum insured is that?",
          percentages(46, 62, 2), "a disability of grade 3 pays {x} of the sum insured"),
    Topic("disability_4", "grade 4 disability payout rate", "The doctor puts the customer in disability grade 4. What part of the sum insured is that?",
          percentages(28, 44, 2), "a disability of grade 4 pays {x} of the sum insured"),
    Topic("disability_5", "grade 5 disability payout rate", "The doctor puts the customer in disability grade 5. What part of the sum insured is that?",
          percentages(10, 26, 2), "a disability of grade 5 pays {x} of the sum insured"),
    Topic("wear_clothes", "yearly depreciation of clothing", "I'm valuing a burned wardrobe. How much do coats and shirts lose each year?",
          percentages(15, 55), "clothing is depreciated by {x} a year"),
    Topic("wear_furniture", "yearly depreciation of furniture", "I'm valuing a scorched sofa. How much does it lose each year?",
          percentages(4, 30), "furniture is depreciated by {x} a year"),
    Topic("wear_phone", "yearly depreciation of cell phones", "I'm valuing a stolen cell. How much does it lose each year?",
          percentages(20, 60), "cell phones are depreciated by {x} a year"),
    Topic("wear_camera", "yearly depreciation of cameras", "I'm valuing a broken lens and body. How much do they lose each year?",
          percentages(10, 45), "cameras are depreciated by {x} a year"),
    Topic("late", "interest on late claim payments", "We paid too late. How much interest do I add?",
          percentages(4, 19), "late claim payments bear interest of {x} a year"),
    Topic("disclosure", "reduction for a minor misstatement in the application", "The customer got a small thing wrong on the application. How much do I cut the payment?",
          percentages(8, 48), "a minor misstatement in the application reduces the claim by {x}"),
    Topic("wear_guitar", "yearly depreciation of musical instruments", "I'm valuing a smashed guitar. How much does it lose each year?", NEAR_MISS),
)  # fmt: skip
DATES = (
    Topic("mobile_open", "launch of claims in the mobile app", "Since what day have customers been able to claim on their phones?",
          dates(2015, 2021), "claims have been taken in the mobile app since {x}"),
    Topic("line_open", "opening of the night claims line", "Since what day can customers report an accident at night?",
          dates(2009, 2018), "the night claims line was opened on {x}"),
    Topic("video_open", "launch of loss adjusting by video call", "Since what day have adjusters been looking at losses by video?", NEAR_MISS),
)  # fmt: skip
LISTS = (
    Topic("death", "documents for a death claim", "The insured has died. What papers do I ask the family for?",
          lists("death certificate|proof of inheritance|beneficiary's ID|obituary notice|coroner's report"),
          "a death claim requires the following documents: {x}"),
    Topic("hospital", "documents for a hospital stay claim", "The customer spent a week in the hospital. What papers do I ask for?",
          lists("discharge summary|admission record|itemized bill|nursing notes|attending physician's letter"),
          "a hospital stay claim requires the following documents: {x}"),
    Topic("outpatient", "documents for an outpatient claim", "The customer saw a doctor and went home. What papers do I ask for?",
          lists("visit summary|pharmacy receipt|doctor's bill|referral letter|lab results"),
          "an outpatient claim requires the following documents: {x}"),
    Topic("disability", "documents for a disability claim", "The customer will never walk properly again. What papers do I ask for?",
          lists("disability rating|medical records|x-ray images|rehabilitation report|employer's statement"),
          "a disability claim requires the following documents: {x}"),
    Topic("proxy", "extra documents when someone claims for another person", "A man is here to claim for his neighbor. What more do I need to see?",
          lists("power of attorney|representative's ID|notarized signature|policyholder's ID copy|proof of relationship"),
          "someone who claims for another person shows the following extra documents: {x}"),
    Topic("minor", "extra documents when a minor claims", "The claimant is only fifteen. What more do I need to see?",
          lists("parental consent|guardian's ID|birth certificate|custody order|guardian's bank details"),
          "a minor's claim requires the following extra documents: {x}"),
    Topic("abroad", "extra documents for a loss abroad", "It happened on vacation in another country. What more do I need to see?",
          lists("certified translation|entry stamp copy|foreign police report|consular letter|boarding pass"),
          "a loss abroad requires the following extra documents: {x}"),
    Topic("liability", "documents for a liability claim", "Our customer has to pay somebody damages. What papers do I ask for?",
          lists("demand letter|settlement agreement|accident sketch|court papers|photos of the damage"),
          "a liability claim requires the following documents: {x}"),
    Topic("storm", "documents for a storm claim", "A gale took half the roof off. What papers do I ask for?",
          lists("weather report|roofer's estimate|tarp receipt|tree surgeon's bill"),
          "a storm claim requires the following documents: {x}", since=2),
    Topic("scooter", "extra documents for a scooter accident", "The customer fell off an electric scooter. What more do I need to see?", NEAR_MISS),
)  # fmt: skip
RULES = (
    Topic("fax", "claiming by fax", "A customer wants to fax the claim form. Do I take it?", yes_or_no(),
          "claim forms may [not] be sent by fax"),
    Topic("weekend", "paying claims on weekends", "The customer asks for the money on Saturday. May I do that?", yes_or_no(),
          "claims may [not] be paid on weekends"),
    Topic("other_account", "paying a claim into a relative's account", "The customer wants the money in her brother's account. May I do that?", yes_or_no(),
          "claims may [not] be paid into a relative's account"),
    Topic("instalments", "taking a claim payment in installments", "The customer would like the money bit by bit. May we do that?", yes_or_no(),
          "claim payments may [not] be taken in installments"),
    Topic("crypto", "paying claims in cryptocurrency", "The customer wants bitcoin instead of dollars. May we do that?", ABSENT,
          "claims may [not] be paid in cryptocurrency"),
)  # fmt: skip
# How amounts are worked out; nobody asks for these rules alone.
METHODS = (
    ("payout", "a loss is paid after the deductible has been taken off, and never above the limit"),
    ("disability", "a disability payment is the sum insured times the rate of the grade"),
    ("wear", "depreciation is taken off the purchase price once for each full year"),
    ("advance", "the rate of an advance payment applies first, and its ceiling after that"),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("claims", "Claims", draw, groups(CHAPTERS))
    yield from area.topics(("amount", "amount"), AMOUNT, AMOUNTS)
    yield from area.topics(("period", "time"), PERIOD, PERIODS)
    yield from area.topics(("share", "percentage"), SHARE, SHARES)
    yield from area.topics(("date", "date"), DATE, DATES)
    yield from area.topics(("papers", "documents"), LIST, LISTS)
    yield from area.topics(("allowed", "permission"), YES_NO, RULES)
    for key, statement in METHODS:
        yield area.rule(key, statement)
