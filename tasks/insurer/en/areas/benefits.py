"""Employee benefits: what employees get beside their pay."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..outlines.benefits import CHAPTERS
from ..pools import dollars, lists, percentages, periods, spans, yearly, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

AMOUNT = Bank(
    polite=(
        "Could you please tell me how much the {s} is?",
        "I would be grateful to know how much the {s} is.",
    ),
    curt=("{s}: how much?", "How much is the {s}?"),
    keywords=("{s} amount", "{s} dollar amount"),
    indirect=("{indirect}",),
    slip=("How much is the {s}, please?", "what is the amount of the {s}?"),
)
PERIOD = Bank(
    polite=("Could you please tell me how long the {s} is?",),
    curt=("{s}: how long?", "How long is the {s}?"),
    keywords=("{s} length", "length of {s}"),
    indirect=("{indirect}",),
    slip=("what is the length of the {s}?", "How long is the {s}, please?"),
)
SHARE = Bank(
    polite=("Could you please tell me the {s}, as a percentage?",),
    curt=("{s}: what percentage?", "{s} in percent?"),
    keywords=("{s} percentage", "{s} percent"),
    indirect=("{indirect}",),
    slip=("what percentage is the {s}?", "what is the {s} in percent?"),
)
DATE = Bank(
    polite=("Could you please tell me when the {s} is?",),
    curt=("{s}: which day?", "When's the {s}?"),
    keywords=("{s} date", "{s} when"),
    indirect=("{indirect}",),
    slip=("when is the {s}?", "what date is the {s}?"),
)
LIST = Bank(
    polite=("Could you please list the {s} for me?",),
    curt=("{s}: which ones?", "What are the {s}?"),
    keywords=("{s} list", "list of {s}"),
    indirect=("{indirect}",),
    slip=("what are the {s}?", "which are the {s}?"),
)
YES_NO = Bank(
    polite=("Could you please tell me whether {v}?",),
    curt=("{s}: allowed?",),
    keywords=("{s} allowed or not",),
    indirect=("{indirect}",),
    slip=("is {s} allowed?",),
)

AMOUNTS = (
    Topic("wedding", "wedding gift for an employee", "I'm getting married next month. What does the company give me?",
          dollars(200, 1_500, 25), "an employee who marries receives {x} from the company"),
    Topic("wedding_child", "gift for the wedding of an employee's child", "My daughter is getting married. What sum will the company give?",
          dollars(100, 900, 10), "an employee whose child marries receives {x} from the company"),
    Topic("baby_first", "baby bonus for a first child", "Our first baby just arrived. What bonus do I get from work?",
          dollars(300, 950, 25), "the baby bonus for a first child is {x}"),
    Topic("baby_second", "baby bonus for a second child", "We've just had our second. What bonus do I get from work?",
          dollars(1_000, 2_400, 25), "the baby bonus for a second child is {x}"),
    Topic("baby_third", "baby bonus for a third child", "Number three was born last night. What bonus do I get from work?",
          dollars(2_500, 5_900, 50), "the baby bonus for a third child is {x}"),
    Topic("death_parent", "condolence payment for the death of a parent", "My father passed away. What will the company pay toward the funeral?",
          dollars(500, 2_900, 50), "on the death of a parent the employee receives {x} as a condolence payment"),
    Topic("death_spouse", "condolence payment for the death of a spouse", "A colleague has lost her husband. What sum does the company pay her?",
          dollars(2_000, 9_500, 100), "on the death of a spouse the employee receives {x} as a condolence payment"),
    Topic("college", "tuition aid per semester for a child in college", "My son starts college. What will the company chip in every semester?",
          dollars(1_500, 5_900, 100), "tuition aid for a child in college is up to {x} per semester"),
    Topic("school", "tuition aid per semester for a child in high school", "My daughter goes to a private high school. What will the company chip in every semester?",
          dollars(200, 1_400, 20), "tuition aid for a child in high school is up to {x} per semester"),
    Topic("points", "yearly wellness credit", "How many dollars' worth of wellness credit is loaded for me each year?",
          dollars(400, 2_900, 20), "each employee is given a wellness credit of {x} a year"),
    Topic("checkup", "health screening allowance", "I've booked a physical. Up to what sum does the company pay for it?",
          dollars(150, 950, 10), "the company pays up to {x} toward an employee's health screening"),
    Topic("gym", "monthly gym allowance", "If I join a fitness studio, what will the company refund every month?",
          dollars(20, 140, 2), "gym fees are reimbursed up to {x} a month"),
    Topic("actuary", "bonus for qualifying as an actuary", "I've just passed my last actuarial exam. Is there a reward, and how big is it?",
          dollars(1_000, 9_500, 100), "an employee who qualifies as an actuary receives a bonus of {x}"),
    Topic("adjuster", "bonus for a claims adjuster license", "I got my adjuster's license. What does the company pay me for that?",
          dollars(400, 3_900, 50), "an employee who obtains a claims adjuster license receives a bonus of {x}"),
    Topic("phone", "monthly cell phone allowance", "I use my own cell phone for work. What does the company put toward the bill each month?",
          dollars(15, 90, 1), "the cell phone allowance is {x} a month"),
    Topic("home_loan", "limit of the home loan for employees", "I want to buy a house. How much can I borrow from the company?",
          dollars(20_000, 140_000, 1_000), "the home loan for employees is limited to {x}"),
    Topic("hardship_loan", "limit of the hardship loan", "Money is tight at home. How much can the company lend me to tide me over?",
          dollars(2_000, 19_000, 100), "the hardship loan is limited to {x}"),
    Topic("home_office", "home office allowance", "I'm buying a monitor for working at home. What does the company pay toward it?",
          dollars(150, 950, 10), "an employee who works at home receives a home office allowance of {x}"),
    Topic("counseling", "allowance per counseling session", "I'm seeing a counselor because I can't sleep. What does the company pay for each hour?",
          dollars(30, 180, 2), "the company pays up to {x} for each counseling session", since=2),
    Topic("parents_trip", "gift for a parent's seventieth birthday", "Mom turns seventy. What does the company give for the occasion?", NEAR_MISS),
    Topic("moving", "moving allowance", "I'm moving house. What does the company pay toward the movers?", ABSENT),
    Topic("pet_food", "pet adoption bonus", "We've adopted a puppy. What bonus does the company pay for that?", ABSENT),
)  # fmt: skip
PERIODS = (
    Topic("wedding_leave", "wedding leave", "I'm getting married. How many days off do I get for that?",
          periods("day", 3, 15), "an employee who marries has {x} of wedding leave"),
    Topic("birth_leave", "leave for a partner giving birth", "My wife is about to have our baby. How many days do I get off?",
          periods("day", 8, 29), "an employee whose partner gives birth has {x} of leave"),
    Topic("parent_leave", "bereavement leave for a parent", "My mother has died. How many days may I stay home?",
          periods("day", 3, 15), "bereavement leave for a parent is {x}"),
    Topic("tenth_leave", "sabbatical after ten years of service", "I'll have been here a decade. How long a break do I get?",
          spans("week 2 3 4 5 6 7|day 15 18 24 32 36 45|business day 16 18 22 24"), "after ten years of service an employee may take a sabbatical of {x}"),
    Topic("twentieth_leave", "sabbatical after twenty years of service", "I've worked here for two decades. How long a break do I get?",
          periods("day", 55, 120, 5), "after twenty years of service an employee may take a sabbatical of {x}"),
    Topic("home_repay", "repayment term of the home loan", "If I borrow from the company for a house, how many years do I have to pay it back?",
          periods("year", 5, 19), "the home loan is repaid over {x}"),
    Topic("hardship_repay", "repayment term of the hardship loan", "If the company helps me out with a loan for living costs, how many months do I have to pay it back?",
          periods("month", 10, 59), "the hardship loan is repaid over {x}"),
    Topic("points_life", "waiting time of new hires for wellness credit", "I've only just joined. How long until I get any wellness credit?",
          periods("month", 2, 20), "new hires get wellness credit for the first time after {x}"),
    Topic("cousin_leave", "leave for a cousin's wedding", "My cousin is getting married. How many days off do I get?", NEAR_MISS),
    Topic("exam_leave", "leave for a child's graduation", "My daughter graduates on Friday. How many days off do I get for it?", ABSENT),
)  # fmt: skip
SHARES = (
    Topic("home_rate", "interest rate of the home loan", "If I borrow from the company for a house, what interest do I pay?",
          percentages(1, 6), "interest on the home loan is {x} a year"),
    Topic("hardship_rate", "interest rate of the hardship loan", "What interest does the company charge on a loan for living costs?",
          percentages(2, 9), "interest on the hardship loan is {x} a year"),
    Topic("language", "share of language course fees refunded", "I take Spanish classes after work. What part of the fees does the company pay?",
          percentages(30, 95), "the company refunds {x} of the fees of a language course"),
    Topic("graduate", "share of graduate school tuition paid by the company", "I've been admitted to an evening master's program. What part of the tuition does the company pay?",
          percentages(20, 95), "the company pays {x} of the tuition of graduate school"),
    Topic("staff_discount", "employee discount on our policies", "If I buy one of our own policies, how much comes off the premium for staff?",
          percentages(3, 35), "employees receive a discount of {x} on the company's policies"),
    Topic("hotel", "discount at partner hotels", "We're staying at a partner hotel on vacation. How much less do staff pay?",
          percentages(15, 75), "partner hotels give employees a discount of {x}"),
    Topic("clinic", "discount at partner clinics", "I'm going to a partner clinic. How much comes off my bill?",
          percentages(5, 45), "partner clinics give employees a discount of {x}"),
    Topic("club", "share of club expenses refunded", "Our chess club bought new boards. What part of that does the company pay back?",
          percentages(25, 95), "employee clubs are refunded {x} of their expenses"),
    Topic("retirement", "employer match on extra retirement contributions", "If I pay more into my retirement account, how much does the company add?",
          percentages(10, 70), "the company matches {x} of an employee's extra retirement contributions"),
    Topic("books", "share of the price of work books refunded", "I've bought a manual on Python for work. What part of that does the company pay back?",
          percentages(30, 98), "the company refunds {x} of the price of books for work", since=2),
    Topic("cinema", "discount at partner cinemas", "I'm off to a partner cinema. How much less do staff pay?", NEAR_MISS),
)  # fmt: skip
DATES = (
    Topic("points_day", "day on which the wellness credit is loaded", "On what day of the year do I get my new wellness credit?",
          yearly(1, 2, 3), "the wellness credit is loaded on {x}"),
    Topic("points_end", "deadline for wellness credit receipts", "By what day of the year do they want the receipts for my wellness credit?",
          yearly(10, 11, 12), "receipts for wellness credit are handed in by {x}"),
    Topic("checkup_end", "sign-up deadline for the health screening", "I haven't registered for the yearly physical. By what day must I?",
          yearly(5, 6, 7, 8), "employees sign up for the health screening by {x}"),
    Topic("tuition_spring", "deadline for spring tuition aid", "By what day must I ask for help with tuition for the spring semester?",
          yearly(3, 4), "tuition aid for the spring semester is requested by {x}"),
    Topic("tuition_fall", "deadline for fall tuition aid", "By what day must I ask for help with tuition for the fall semester?",
          yearly(9, 10), "tuition aid for the fall semester is requested by {x}"),
    Topic("lodge", "first day for booking the summer lodge", "We'd like a week at the company's lake place this summer. From what day can we book?",
          yearly(5, 6), "bookings for the summer lodge are taken from {x}"),
    Topic("flu", "flu shot day", "On what day does the nurse come to vaccinate us?",
          yearly(10, 11), "flu shots are given at the office on {x}"),
    Topic("sports", "company sports day", "On what day of the year do we all meet for races and games?",
          yearly(4, 5, 9), "the company sports day is {x}"),
    Topic("daycare", "first day of daycare enrollment", "I'd like a place for my toddler at the company daycare. From what day can I enroll her?",
          yearly(9, 10, 11), "enrollment at the company daycare opens on {x}"),
    Topic("service_award", "long-service award ceremony", "On what day do they hand out the prizes for long service?",
          yearly(3, 6, 12), "the long-service award ceremony is held on {x}"),
    Topic("concert", "staff talent show", "On what day do colleagues sing and dance on stage?", ABSENT),
)  # fmt: skip
LISTS = (
    Topic("tuition_papers", "documents for tuition aid", "I want help with my kid's tuition. What paperwork do I send in?",
          lists("tuition bill|proof of enrollment|payment receipt|transcript|birth certificate copy|aid request form"),
          "a request for tuition aid must include the following documents: {x}"),
    Topic("family_papers", "documents for wedding gifts and condolence payments", "There's been a death in my family. What paperwork do I send in to get the payment?",
          lists("family event form|marriage or death certificate|direct deposit slip|proof of kinship|supervisor's signature"),
          "wedding gifts and condolence payments are paid against the following documents: {x}"),
    Topic("home_papers", "documents for a home loan", "I want the company to lend me money for a house. What paperwork do I send in?",
          lists("purchase contract|loan application|proof of employment|title search report|appraisal report|credit report"),
          "an application for a home loan must include the following documents: {x}"),
    Topic("daycare_papers", "documents for the company daycare", "My toddler starts at the company daycare. What paperwork do I bring?",
          lists("enrollment form|immunization record|health report|emergency consent|pickup authorization"),
          "a child is admitted to the company daycare with the following documents: {x}"),
    Topic("points_ban", "things that wellness credit can't buy", "What sort of purchases will be rejected if I pay with wellness credit?",
          lists("alcohol|tobacco|jewelry|gift cards|lottery tickets|cosmetic surgery", (2, 3)),
          "wellness credit may not be spent on {x}"),
    Topic("car_papers", "documents for a car loan", "I want the company to lend me money for a car. What paperwork do I send in?", NEAR_MISS),
)  # fmt: skip
RULES = (
    Topic("points_carry", "carrying wellness credit over", "I have wellness credit left this year. May I use it next year?", yes_or_no(),
          "wellness credit may [not] be carried over to the next year"),
    Topic("points_temp", "use of wellness credit by temps", "I'm here on a temporary contract. May I use wellness credit?", yes_or_no(),
          "temporary employees may [not] use wellness credit"),
    Topic("spouse_check", "health screening for spouses", "May my husband come along to the physical that the company pays for?", yes_or_no(),
          "spouses may [not] take part in the health screening"),
    Topic("hotel_retired", "use of partner hotels by retirees", "A retired colleague asks for the partner hotel rate. May he have it?", yes_or_no(),
          "retired employees may [not] use the partner hotel rates"),
    Topic("pool_guest", "bringing family to the company pool", "May I take the kids to the company pool on Saturday?", ABSENT,
          "family members may [not] use the company pool"),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("welfare", "Employee benefits", draw, groups(CHAPTERS))
    yield from area.topics(("amount", "amount"), AMOUNT, AMOUNTS)
    yield from area.topics(("period", "length"), PERIOD, PERIODS)
    yield from area.topics(("share", "percentage"), SHARE, SHARES)
    yield from area.topics(("date", "date"), DATE, DATES)
    yield from area.topics(("list", "list"), LIST, LISTS)
    yield from area.topics(("allowed", "permission"), YES_NO, RULES)
