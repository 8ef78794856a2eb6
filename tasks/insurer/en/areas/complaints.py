"""Complaint handling."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...outline import groups
from ...world import Fact
from ..outlines.complaints import CHAPTERS
from ..pools import codes, dollars, lists, percentages, periods, yearly, yes_or_no
from .base import ABSENT, NEAR_MISS, Area, Bank, Topic

PERIOD = Bank(
    polite=("Please could you tell me what the {s} is?",),
    curt=("What's the {s}?", "{s}: how long?"),
    keywords=("{s} info", "{s} time limit"),
    indirect=("{indirect}",),
    slip=("what is the {s}?", "what is the {s} these days?"),
)
AMOUNT = Bank(
    polite=("Please could you tell me how much the {s} is?",),
    curt=("{s}: how much?",),
    keywords=("{s} amount", "{s} in dollars"),
    indirect=("{indirect}",),
    slip=("how much is the {s}?",),
)
SHARE = Bank(
    polite=("Please could you tell me what percentage the {s} is?",),
    curt=("What's the {s}?", "{s}: what percent?"),
    keywords=("{s} percentage",),
    indirect=("{indirect}",),
    slip=("what percentage is the {s}?",),
)
CODE = Bank(
    polite=("Please could you tell me the code for complaints about {s}?",),
    curt=("Code for {s} complaints?", "{s} complaint, which code?"),
    keywords=("{s} complaint code", "complaint code {s}"),
    indirect=("{indirect} What code do I file that under?",),
    slip=("what is the complaint code for {s}?", "which code do I use for a complaint about {s}?"),
    states="complaints about {s} are filed under code {x}",
)
DATE = Bank(
    polite=("Please could you tell me when the {s} is?",),
    curt=("{s}: when?",),
    keywords=("{s} date",),
    indirect=("{indirect}",),
    slip=("when is the {s}?",),
)
LIST = Bank(
    polite=("Please could you tell me what the {s} are?",),
    curt=("Which {s}?",),
    keywords=("{s} list",),
    indirect=("{indirect}",),
    slip=("what exactly are the {s}?", "What are the {s}, please?"),
)
YES_NO = Bank(
    polite=("Please could you tell me whether {v}?",),
    curt=("{s}: OK?", "{s}, yes or no?"),
    keywords=("{s} allowed",),
    indirect=("{indirect}",),
    slip=("is {s} allowed?",),
)

PERIODS = (
    Topic("receipt", "deadline for acknowledging a complaint", "A complaint just came in. How soon must the customer hear that we have it?",
          periods("hour", 3, 23, 1, "within"), "a complaint is acknowledged within {x}"),
    Topic("simple", "deadline for answering a simple complaint", "Only our team is involved in this complaint. How soon must it be answered?",
          periods("business day", 3, 12, 1, "within"), "a complaint that concerns one team is a simple complaint and is answered within {x}"),
    Topic("complex", "deadline for answering a complex complaint", "Half the company is involved in this complaint. How soon must it be answered?",
          periods("business day", 13, 35, 1, "within"), "a complaint that concerns several teams is a complex complaint and is answered within {x}"),
    Topic("letter", "deadline for answering a complaint by mail", "The customer complained in an old-fashioned letter. How soon must I write back?",
          periods("day", 8, 60, 1, "within"), "a complaint that came by mail is answered within {x}"),
    Topic("archive", "retention period of complaint records", "For how many years do we hang on to what we wrote down about a complaint?",
          periods("year", 3, 18), "complaint records are kept for {x}"),
    Topic("recording", "retention period of complaint call recordings", "When are the tapes of complaint calls erased?",
          periods("month", 8, 59), "recordings of complaint calls are kept for {x}"),
    Topic("extension", "longest extension of a complaint deadline", "I won't make the deadline for this complaint. How many more days can I get?",
          periods("day", 5, 40, 1, "most"), "a complaint deadline may be extended by up to {x}"),
    Topic("rest", "break after an abusive call", "A customer swore at one of my agents. How long a break does she get?",
          periods("minute", 20, 95, 5), "after an abusive call the agent has a break of {x}"),
    Topic("visit", "longest wait at the complaint desk", "Somebody has walked in to complain. What's the longest he may sit there?",
          periods("minute", 6, 59, 1, "most"), "a visitor waits at the complaint desk for {x} at most"),
    Topic("social", "deadline for answering a complaint on social media", "Somebody is complaining about us on social media. How soon must I reply?",
          periods("minute", 20, 240, 5, "within"), "a complaint on social media is answered within {x}", since=2),
    Topic("swap", "deadline for replacing a complaint handler", "The customer can't stand her handler. How soon must somebody else take over?", NEAR_MISS),
    Topic("lawsuit", "deadline for preparing a complaint file for court", "The complaint has turned into a lawsuit. How soon must the file be ready?", NEAR_MISS),
)  # fmt: skip
AMOUNTS = (
    Topic("agent", "goodwill limit of an agent", "I'm on the phones. How much can I offer an angry customer without asking anyone?",
          dollars(15, 145, 5), "an agent may offer a goodwill payment of up to {x} alone"),
    Topic("leader", "goodwill limit of a team leader", "I lead a call team. How much can I offer an angry customer without asking anyone?",
          dollars(150, 950, 10), "a team leader may offer a goodwill payment of up to {x} alone"),
    Topic("committee", "dispute threshold for the complaints committee", "When is a dispute about so much money that the committee has to see it?",
          dollars(3_000, 24_000, 500), "disputes over more than {x} go to the complaints committee"),
    Topic("gift", "price limit of a gift for a customer who complained", "I'd like to send flowers to a customer who complained. What may they cost?", NEAR_MISS),
)  # fmt: skip
SHARES = (
    Topic("on_time", "target share of complaints answered on time", "How many complaints in a hundred should we answer before the deadline?",
          percentages(80, 99), "the target is to answer {x} of complaints on time"),
    Topic("satisfied", "target satisfaction rate after a complaint", "How many in a hundred should be happy with the way we handled their complaint?",
          percentages(65, 95), "the target is that {x} of customers are satisfied after a complaint"),
    Topic("pickup", "target pickup rate of the complaint line", "How many calls in a hundred on the complaint line should we pick up?",
          percentages(75, 99), "the target is to pick up {x} of calls on the complaint line"),
    Topic("again", "ceiling for repeat complaints", "How many in a hundred complaints may come back a second time?",
          percentages(2, 38), "repeat complaints are to stay below {x}"),
    Topic("sample", "share of complaint calls that are reviewed", "How many complaint calls in a hundred does quality control listen to?",
          percentages(5, 40), "quality control reviews {x} of complaint calls"),
    Topic("chatbot", "target resolution rate of the chatbot", "How many complaints in a hundred should the bot settle alone?", ABSENT),
)  # fmt: skip
KINDS = (
    Topic("delay", "slow payment", "A customer says his money takes forever to arrive.", codes("CC", 11, 99)),
    Topic("denial", "a denied claim", "A customer won't accept that we aren't paying.", codes("CC", 11, 99)),
    Topic("short", "underpayment", "A customer says we paid less than the damage.", codes("CC", 11, 99)),
    Topic("mis_selling", "misleading sales talk", "A customer says nobody explained what he was buying.", codes("CC", 11, 99)),
    Topic("rude", "rude staff", "A customer says one of us was short with her.", codes("CC", 11, 99)),
    Topic("privacy", "data privacy", "A customer says somebody leaked her address.", codes("CC", 11, 99)),
    Topic("premium", "a premium increase", "A customer says the renewal has become far too expensive.", codes("CC", 11, 99)),
    Topic("cancel", "a slow cancellation", "A customer wants out and says we're dragging our feet.", codes("CC", 11, 99)),
    Topic("app", "the mobile app", "A customer says our app keeps crashing.", codes("CC", 11, 99), since=2),
    Topic("parking", "parking at a branch", "A customer says there's nowhere to leave the car at the branch.", NEAR_MISS),
    Topic("advert", "advertising texts", "A customer says we text her too many offers.", NEAR_MISS),
)  # fmt: skip
DATES = (
    Topic("report", "due date of the yearly complaints report", "On what day of the year do we hand in the analysis of complaints?",
          yearly(1, 2, 3), "the yearly complaints report is due on {x}"),
    Topic("customer_day", "customer fairness day", "On what day of the year do we all think about treating customers fairly?",
          yearly(4, 5, 6, 9, 10), "the company's customer fairness day is {x}"),
    Topic("role_play", "complaint role-play contest", "On what day do agents compete at calming people down?", ABSENT),
)  # fmt: skip
LISTS = (
    Topic("fields", "required entries when a complaint is logged", "What do I have to type in before the complaint can be saved?",
          lists("customer name|phone number|policy number|gist of the complaint|desired outcome|date of loss", (3,)),
          "when a complaint is logged, the following entries are required: {x}"),
    Topic("committee_papers", "documents for the complaints committee", "I'm taking a complaint to the committee. What do I put in the folder?",
          lists("timeline|call transcript|reviewer's opinion|policy wording|legal memo|customer statement"),
          "a case for the complaints committee contains the following documents: {x}"),
    Topic("proxy_papers", "documents from someone complaining for a customer", "A daughter complains for her mother. What do I ask her for?",
          lists("letter of authority|agent's ID|customer's ID copy|proof of kinship|notarized signature"),
          "someone who complains for a customer provides the following documents: {x}"),
    Topic("group_papers", "documents for a group complaint", "Twenty customers complain together. What do I ask them for?", NEAR_MISS),
)  # fmt: skip
RULES = (
    Topic("anonymous", "an anonymous complaint", "The caller won't give a name. May I log the complaint?", yes_or_no(),
          "anonymous complaints may [not] be logged"),
    Topic("night", "taking complaints by phone at night", "It's midnight and a customer wants to complain on the phone. May I take it?", yes_or_no(),
          "complaints may [not] be taken by phone at night"),
    Topic("withdraw", "withdrawing a complaint by word of mouth", "The customer says to forget the complaint but writes nothing. May I close it?", yes_or_no(),
          "a complaint may [not] be withdrawn by word of mouth"),
    Topic("sign_language", "complaining in sign language by video", "A deaf customer would like to complain by video. May I take it?", ABSENT,
          "complaints may [not] be made in sign language by video"),
)  # fmt: skip


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("complaint", "Complaints", draw, groups(CHAPTERS))
    yield from area.topics(("period", "time"), PERIOD, PERIODS)
    yield from area.topics(("amount", "amount"), AMOUNT, AMOUNTS)
    yield from area.topics(("share", "percentage"), SHARE, SHARES)
    yield from area.topics(("code", "code"), CODE, KINDS)
    yield from area.topics(("date", "date"), DATE, DATES)
    yield from area.topics(("list", "list"), LIST, LISTS)
    yield from area.topics(("allowed", "permission"), YES_NO, RULES)
