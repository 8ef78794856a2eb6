"""Office guide: departments, systems, money and dates of working life."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..company import company_name
from ..outlines.guide import CHAPTERS
from ..pools import (
    coined,
    dates,
    dollars,
    extensions,
    lists,
    monthly,
    periods,
    spans,
    yearly,
    yes_or_no,
)
from ..values import Name
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

EXTENSION = Bank(
    polite=("Could you tell me the phone extension of {s}?", "Could you please give me the extension for {s}?"),
    curt=("{s}, which extension?", "Extension of {s}?"),
    keywords=("{s} phone extension", "{s} ext"),
    indirect=("{indirect} What extension do I dial?",),
    slip=("what is the extension of {s}?", "what number do I dial for {s}?"),
    states="the phone extension of {s} is {x}",
)  # fmt: skip
SYSTEM = Bank(
    polite=("Could you tell me the name of the system for {s}?",),
    curt=("{s}, in which system?", "System for {s}?"),
    keywords=("{s} system name", "{s} which system"),
    indirect=("{indirect} Which system do I log in to?",),
    slip=("what is the system for {s} called?", "which system do we use for {s}?"),
    states="{s} is done in the system “{x}”",
)
NAME = Bank(
    polite=("Could you tell me what the {s} is?",),
    curt=("What's the {s}?",),
    keywords=("{s} pls", "need the {s}"),
    indirect=("{indirect}",),
    slip=("what is the {s}?", "What's the {s}, please?"),
)
AMOUNT = Bank(
    polite=("Could you tell me how high the {s} is?",),
    curt=("What's the {s}?", "{s}: how many dollars?"),
    keywords=("{s} amount", "{s} in dollars"),
    indirect=("{indirect}",),
    slip=("how much is the {s}?", "what amount is the {s}?"),
)
PERIOD = Bank(
    polite=("Could you tell me what the {s} is?",),
    curt=("What's the {s}?", "The {s}?"),
    keywords=("{s} info", "need the {s}"),
    indirect=("{indirect}",),
    slip=("what is the {s}?", "please, what is the {s}?"),
)
DATE = Bank(
    polite=("Could you tell me the date of the {s}?",),
    curt=("{s}: on which day?",),
    keywords=("{s} date", "{s} when"),
    indirect=("{indirect}",),
    slip=("when is the {s}?", "what date is the {s}?"),
)
LIST = Bank(
    polite=("Could you tell me what the {s} are?",),
    curt=("Which {s}?",),
    keywords=("{s} list",),
    indirect=("{indirect}",),
    slip=("what exactly are the {s}?", "What are the {s}, please?"),
)
YES_NO = Bank(
    polite=("Could you tell me whether {v}?",),
    curt=("{s}: OK?", "{s}, yes or no?"),
    keywords=("{s} allowed",),
    indirect=("{indirect}",),
    slip=("is {s} allowed?",),
)
RULE = Bank(
    polite=("Could you tell me what the {s} is?",),
    curt=("What's the {s}?",),
    keywords=("{s} info", "{s} information"),
    indirect=("{indirect}",),
    slip=("what is the {s}?",),
)

TEAMS = (
    Topic("hr", "Human Resources", "I want to ask Human Resources about my transfer.", extensions()),
    Topic("facilities", "Facilities", "My chair is broken and Facilities should know.", extensions()),
    Topic("finance", "Finance", "I have a tax question for Finance.", extensions()),
    Topic("legal", "Legal", "Somebody is suing us and Legal should know.", extensions()),
    Topic("compliance", "Compliance", "I'm afraid we broke a rule and want to talk to Compliance.", extensions()),
    Topic("security", "Information Security", "I got a strange e-mail and want to tell Information Security.", extensions()),
    Topic("it", "the IT Help Desk", "My computer won't start and I need the IT Help Desk.", extensions()),
    Topic("product", "Product Development", "I'd like to ask Product Development about something new.", extensions()),
    Topic("underwriting", "Underwriting", "I want to ask Underwriting about an application.", extensions()),
    Topic("claims", "Claims Support", "I want to ask Claims Support how to value a loss.", extensions()),
    Topic("customer", "Customer Relations", "I have an angry customer for Customer Relations.", extensions()),
    Topic("training", "Learning and Development", "I'd like to take a class with Learning and Development.", extensions()),
    Topic("data", "the Data Office", "I need figures that only the Data Office has.", extensions(), since=2),
    Topic("audit", "Internal Audit", "I want to report a theft to Internal Audit.", NEAR_MISS),
    Topic("overseas", "International Operations", "I have a question about our foreign branches for International Operations.", NEAR_MISS),
)  # fmt: skip
_NAMES = coined(
    "Otter Pebble Clover Badger Heron Sparrow Acorn Willow Cricket Maple Moss Turnip",
    "Desk Path Track Base Link Point Flow Dock Room Works",
)
SYSTEMS = (
    Topic("expenses", "travel expense reporting", "I'm back from a trip and want my money.", _NAMES),
    Topic("leave", "requesting vacation", "I'd like next Thursday off.", _NAMES),
    Topic("approval", "getting documents approved", "My boss has to sign a memo electronically.", _NAMES),
    Topic("accident", "registering a new claim", "A customer reports a crash and I have to record it.", _NAMES),
    Topic("contract", "looking up policies", "I need to see what a customer has bought from us.", _NAMES),
    Topic("review", "examining claims", "I have to decide whether we pay a claim.", _NAMES),
    Topic("complaint", "logging complaints", "A customer complained and I have to write it down.", _NAMES),
    Topic("course", "online training", "I still have to take the mandatory classes on the web.", _NAMES),
    Topic("room", "booking meeting rooms", "I need a room for tomorrow's meeting.", _NAMES),
    Topic("points", "spending wellness credit", "I want to buy running shoes with my wellness credit.", _NAMES),
    Topic("archive", "storing documents", "The project is over and I want to file the papers away.", _NAMES),
    Topic("quote", "quoting premiums", "I need to work out what a customer would pay.", _NAMES),
    Topic("carpool", "finding a carpool", "I'd like to share a ride with somebody from my part of town.", NEAR_MISS),
    Topic("used_goods", "selling used goods to colleagues", "I want to sell my old bike to a colleague.", NEAR_MISS),
)  # fmt: skip
NAMES = (
    Topic("magazine", "name of the staff magazine", "What do they call the magazine that we all get?",
          coined("Blue Warm Open Bright Broad", "Roof Umbrella Morning Bridge Shore Window", " "), "the name of the staff magazine is “{x}”"),
    Topic("daycare", "name of the company daycare", "I have to write down the daycare that my son goes to at work. What's it called?",
          coined("Little Happy Sunny Busy Cozy Merry", "Nest Garden Hill Village Grove", " "), "the name of the company daycare is “{x}”"),
    Topic("lodge", "name of the summer lodge", "What was the company's place for summer vacations called?",
          coined("Pine Wave Pebble Oak Mist Heather", "Cottage Lodge Retreat House", " "), "the name of the summer lodge is “{x}”"),
    Topic("mascot", "name of the company mascot", "Who's that furry fellow in our brochures?",
          coined("Dandy Fluffy Steady Sparky Sturdy Snug", "Bear Bird Bean Star Fox", " "), "the name of the company mascot is “{x}”"),
    Topic("song", "title of the company song", "What's that tune called that everybody sings at the party?", ABSENT),
)  # fmt: skip
AMOUNTS = (
    Topic("badge", "fee for a replacement badge", "I've lost my badge. What will a new one cost me?",
          dollars(4, 29, 1), "the fee for a replacement badge is {x}"),
    Topic("hotel_city", "hotel limit per night in New York", "I'm traveling to New York. What may one night in a hotel cost?",
          dollars(180, 420, 5), "in New York a hotel may cost up to {x} per night"),
    Topic("hotel_other", "hotel limit per night in Chicago", "I'm traveling to Chicago. What may one night in a hotel cost?",
          dollars(120, 340, 5), "in Chicago a hotel may cost up to {x} per night"),
    Topic("per_diem", "daily meal allowance on business trips", "On a business trip, what do I get for food each day?",
          dollars(25, 95, 1), "the meal allowance on business trips is {x} a day"),
    Topic("dinner", "team dinner limit per person", "I'm taking my team out. What may I spend on each of them?",
          dollars(26, 95, 1), "a team dinner may cost up to {x} per person"),
    Topic("taxi", "limit for a late-night taxi", "I worked until midnight. Up to what sum is the cab home paid?",
          dollars(15, 75, 1), "a late-night taxi is reimbursed up to {x}"),
    Topic("parking", "monthly parking fee at headquarters", "I want to leave my car at headquarters every day. What does that cost a month?",
          dollars(30, 190, 2), "the parking fee at headquarters is {x} a month"),
    Topic("card", "company card limit per purchase", "What's the most I can charge to the company card in one go?",
          dollars(500, 4_900, 50), "the company card is limited to {x} per purchase"),
    Topic("farewell", "price limit of a farewell gift", "A colleague is leaving us. What may her present cost?",
          dollars(20, 150, 5), "a farewell gift may cost up to {x}", since=2),
    Topic("locker", "monthly locker fee", "I'd like a locker. What does that cost a month?", ABSENT),
)  # fmt: skip
PERIODS = (
    Topic("password", "interval between password changes", "How often does the computer want a new password from me?",
          spans("day 30 40 45 50 60 70 75 80 90 100 110 120 150 180", "every"), "a password has to be changed every {x}"),
    Topic("badge_time", "waiting time for a replacement badge", "I've asked for a new badge. How many days until I have it?",
          periods("business day", 2, 10), "a replacement badge is ready after {x}"),
    Topic("card_settle", "deadline for settling company card charges", "I've used the company card. How soon must I hand in the receipt?",
          periods("day", 3, 40, 1, "within"), "company card charges are settled within {x}"),
    Topic("room_max", "longest booking of a meeting room", "How long can I keep a meeting room for myself?",
          periods("minute", 70, 290, 10, "most"), "a meeting room may be booked for up to {x} at a time"),
    Topic("remote", "notice for a day of remote work", "I'd like to work from home. How many days ahead do I have to ask?",
          periods("business day", 2, 12, 1, "before"), "a day of remote work is requested {x} in advance"),
    Topic("parking_valid", "validity period of a parking permit", "My car is registered with the garage. When do I have to register it again?",
          periods("month", 5, 30), "a parking permit is valid for {x}"),
    Topic("visitor", "validity period of a visitor pass", "My guest has a visitor pass. How many hours will it open the doors?",
          periods("hour", 2, 14), "a visitor pass is valid for {x}"),
    Topic("probation", "probation period of new hires", "I've just started. How many weeks am I on trial?",
          spans("week 8 10 12 13 14 16 18 20 24 26"), "the probation period of new hires is {x}"),
    Topic("gym", "time limit in the company gym", "How long may I stay on the treadmill downstairs?", NEAR_MISS),
)  # fmt: skip
DATES = (
    Topic("payday", "monthly payday", "On what day of the month is my salary in the bank?",
          monthly(9, 28), "salaries are paid on {x}"),
    Topic("card_day", "monthly due date of the company card", "On what day of the month does the company card get settled with the bank?",
          monthly(2, 28), "the bank collects company card charges on {x}"),
    Topic("founding", "company anniversary", "On what day of the year do we celebrate that the company was founded?",
          yearly(2, 3, 4, 5, 6), "the company anniversary is {x}"),
    Topic("review_start", "start of performance reviews", "On what day of the year do they begin to rate our work?",
          yearly(10, 11), "performance reviews start on {x}"),
    Topic("promotion", "announcement of promotions", "On what day of the year do we learn who moves up?",
          yearly(12, 1, 2), "promotions are announced on {x}"),
    Topic("leave_plan", "due date of vacation plans", "By what day of the year do they want to know when I'll be off?",
          yearly(1, 2, 3), "vacation plans are handed in by {x}"),
    Topic("security_class", "deadline for the security training", "By what day of the year must I have watched the security videos?",
          yearly(4, 5, 6, 9), "the security training is to be finished by {x}"),
    Topic("fire_drill", "fire drill at headquarters", "On what day of the year do we practice leaving the building?",
          yearly(3, 5, 9, 11), "the fire drill at headquarters takes place on {x}"),
    Topic("plan", "due date of department plans", "By what day of the year does my department send in what it wants to do next?",
          yearly(9, 10, 11), "department plans for the next year are due on {x}"),
    Topic("move_in", "move into the present headquarters", "On what day did we move into this building?",
          dates(2009, 2018), "the company moved into its present headquarters on {x}"),
    Topic("party", "summer party", "On what day of the year do we all meet for sausages and music?",
          yearly(6, 7, 8), "the summer party is held on {x}", since=2),
    Topic("picnic", "executive retreat", "On what day do the top people go off on their own?", ABSENT),
)  # fmt: skip
LISTS = (
    Topic("badge_papers", "documents for a replacement badge", "I've lost my badge. What do I bring to get a new one?",
          lists("loss report|passport photo|ID copy|manager's note|badge request"),
          "a replacement badge is issued against the following documents: {x}"),
    Topic("trip_papers", "attachments of an expense report", "I'm back from a trip. What do I staple to my claim for expenses?",
          lists("trip report|hotel bill|train tickets|travel order|card slips"),
          "an expense report comes with the following attachments: {x}"),
    Topic("visitor_papers", "entries on a visitor request", "A client is coming to see me. What do I have to fill in beforehand?",
          lists("visitor's name|reason for the visit|license plate|arrival time|visitor's company|host's phone number"),
          "a visitor request states the following: {x}"),
    Topic("laptop_papers", "documents for taking a laptop home", "I'd like to carry my work laptop home. What do I hand in?",
          lists("removal form|security pledge|manager's approval|asset tag check|virus scan log"),
          "a laptop may be taken home with the following documents: {x}"),
    Topic("plant", "documents for bringing a plant", "I'd like a ficus on my desk. What do I hand in?", ABSENT),
)  # fmt: skip
RULES = (
    Topic("guest_meal", "taking guests to the cafeteria", "A client is here at noon. May I take her to lunch downstairs?", yes_or_no(),
          "guests may [not] eat in the cafeteria"),
    Topic("personal_laptop", "connecting a private laptop to the company network", "May I plug in the computer that I brought from home?", yes_or_no(),
          "private laptops may [not] be connected to the company network"),
    Topic("half_hour", "taking vacation by the half hour", "I need thirty minutes for the dentist. May I use vacation for that?", yes_or_no(),
          "vacation may [not] be taken by the half hour"),
    Topic("side_job", "teaching for pay outside the company", "A college would pay me to teach on Saturdays. May I accept?", yes_or_no(),
          "employees may [not] teach for pay outside the company"),
)  # fmt: skip
ABSENT_RULES = (
    Topic("dress", "dress code", "Can I come to the office in shorts, or is there a rule about clothes?", ABSENT),
    Topic("shuttle", "route of the commuter shuttle", "Which parts of town does the commuter shuttle go through?", ABSENT),
    Topic("smoking", "place for smokers", "Where do I go for a cigarette?", ABSENT),
    Topic("menu", "cafeteria menu of this week", "What are they cooking downstairs today?", ABSENT),
    Topic("tattoo", "policy on visible tattoos", "I have a tattoo on my arm. Must I cover it?", ABSENT),
    Topic("music", "policy on headphones", "May I listen to music at my desk?", ABSENT),
)  # fmt: skip
# Who sees to what, one of the departments named; documents say so, and nobody asks which.
MATTERS = (
    ("pay slips", "My pay slip looks wrong.", "hr finance"),
    ("employment letters", "My landlord wants a letter saying that I work here.", "hr legal"),
    ("air conditioning", "It's freezing at my desk.", "facilities it"),
    ("lost keys", "I've lost the key to my drawer.", "facilities security"),
    ("vendor invoices", "A supplier wants to know where his money is.", "finance facilities"),
    ("budget transfers", "I need to move money from one budget to another.", "finance hr"),
    ("subpoenas", "A court has sent me a subpoena.", "legal compliance"),
    ("contract drafts", "Somebody should read this contract before I sign.", "legal compliance"),
    ("gifts from vendors", "A supplier has sent me a case of wine.", "compliance hr"),
    ("conflicts of interest", "My sister's firm is bidding for a job here.", "compliance legal"),
    ("lost phones", "I've left my work phone on the bus.", "security it"),
    ("door alarms", "The alarm at the back door keeps going off.", "security facilities"),
    ("printer trouble", "The printer eats every page.", "it facilities"),
    ("software licenses", "I need a license for a drawing program.", "it finance"),
    ("brochure texts", "There's a mistake in one of our brochures.", "product customer"),
    ("new coverage ideas", "I have an idea for a new kind of coverage.", "product underwriting"),
    ("unusual risks", "Somebody wants to insure a circus.", "underwriting product"),
    ("declined applications", "An applicant wants to know why we turned her down.", "underwriting customer"),
    ("repair shop rates", "A body shop charges twice the usual rate.", "claims finance"),
    ("salvage sales", "There's a wreck to be sold.", "claims facilities"),
    ("praise from customers", "A customer has written to thank us.", "customer hr"),
    ("social media posts", "Somebody is badmouthing us on social media.", "customer legal"),
    ("license exams", "I'd like to sit for my adjuster's license.", "training claims"),
    ("trainee placements", "A student would like to spend the summer with us.", "training hr"),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("guide", "Office guide", draw, groups(CHAPTERS))
    company = company_name(draw)
    own_name = Topic(
        "company",
        "full legal name of the company",
        "I'm drawing up a contract. What do I write as our own name?",
        (Name(f"{company} Company", (company, f"The {company} Company")),),
        "the full legal name of the company is {x}",
    )
    yield from area.topics(("extension", "extension"), EXTENSION, TEAMS)
    yield from area.topics(("system", "system"), SYSTEM, SYSTEMS)
    yield from area.topics(("name", "name"), NAME, (own_name, *NAMES))
    yield from area.topics(("amount", "amount"), AMOUNT, AMOUNTS)
    yield from area.topics(("period", "time"), PERIOD, PERIODS)
    yield from area.topics(("date", "date"), DATE, DATES)
    yield from area.topics(("list", "list"), LIST, LISTS)
    yield from area.topics(("allowed", "permission"), YES_NO, RULES)
    yield from area.topics(("rule", "rule"), RULE, ABSENT_RULES)
    teams = {topic.key: topic.phrase for topic in TEAMS}
    for matter, _, keys in MATTERS:
        team = draw.stream(f"guide/{matter}").choice(keys.split())
        subject, text = matter.replace(" ", "_"), f"questions about {matter} go to {teams[team]}"
        yield area.stated((subject, matter), ("contact", team), text)
