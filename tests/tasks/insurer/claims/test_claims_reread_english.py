"""Every English answer again, from the text alone: terms, dates, amounts, papers, circumstances."""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction

import pytest
from claims_rules import ReadClaim, ReadCover, full_years, number, papers, second_opinion

from harness.metrics.amounts import find_amounts
from tasks.insurer.claims import rows

LINES = {"Golf": "golf", "Auto": "car", "Travel": "travel", "Supplemental": "health",
         "Homeowners": "home", "Personal liability": "liability"}  # fmt: skip
COVERS = {
    "hole-in-one celebration": "ace", "broken clubs": "breakage", "stolen golf equipment": "theft",
    "collision": "collision", "flood": "flood", "stolen car parts": "theft",
    "stolen baggage": "baggage", "medical treatment abroad": "medical",
    "flight delay expenses": "delay", "cancer diagnosis": "cancer", "hospital stay": "inpatient",
    "outpatient treatment": "outpatient", "fire": "fire", "water from pipes": "water",
    "burglary": "burglary", "damage to other people's property": "property",
    "injury to other people": "injury", "civil lawsuits": "legal",
}  # fmt: skip
# The first pattern of a line that the story matches names what happened.
STORIES = {
    "golf": [("theft", "golf bag|bag disappeared|walked off with"), ("ace", "aced|went (straight )?in|hole-in-one|saw it drop|holed"), ("breakage", "snapped|crack|broke|bent|split")],
    "car": [("flood", "water|flood|under\\.|a pool|poured"), ("theft", "taken off|stolen|cut out|was gone|took the dash"), ("collision", "rear-ended|hit|backed|slid|crushed|drove into|ran into|sideswiped|spun")],
    "travel": [("delay", r"\d+ hours"), ("medical", "treated|orthopedist|emergency|wrist|doctor"), ("baggage", "camera|laptop|tablet|iPhone|device")],
    "health": [("inpatient", r"\d+ days"), ("cancer", "cancer|malignant"), ("outpatient", "treated|tests|injections|laser|eyelid|implant|crown")],
    "home": [("burglary", "took the|left with|take the"), ("fire", "fire|burned"), ("water", "pipe|line|hose")],
    "liability": [("legal", "attorney"), ("injury", "arm|hand on|shoulder|wrist|knee|the foot"), ("property", "laptop|door|TV|phone|tablet|handbag|marble|bumper|projector")],
}  # fmt: skip
CIRCUMSTANCES = {
    "events on indoor simulators": "big screen|projector at the mall",
    "people who play or teach golf for a living": "giving lessons|prize money",
    "borrowed or rented property": "a friend's|pro shop|on loan",
    "accidents at a driving range": "buckets of balls|hitting bay",
    "theft of property left outdoors with nobody watching": "outside the clubhouse|beside the car",
    "driving under the influence or without a license": "beers",
    "drivers under 25": "nineteen-year-old|twenty-two",
    "carrying goods or people for pay": "pizza orders|parcel",
    "driving on a race track": "track day",
    "flooding through a window or sunroof left open": "sunroof|rear window",
    "flooding on a road closed to traffic": "police barrier",
    "theft while the car is lent to others": "handed the keys",
    "theft from an unlocked car": "engine on|just pushed shut",
    "property left behind or lost": "still on the back seat|put the tablet down",
    "theft of cell phones": "iPhone|call home",
    "scuba diving and skydiving": "a tank on|parachute",
    "conditions that existed before the trip": "slipped disc|inhaler",
    "delays caused by a strike": "walked out",
    "flights missed through the traveler's own lateness": "overslept",
    "thyroid cancer": "thyroid|butterfly",
    "diseases diagnosed before the policy was bought": "a year before this policy",
    "hospital stays for a checkup": "head to toe",
    "pregnancy and childbirth": "C-section|contractions",
    "cosmetic treatment": "freckles|eyelid",
    "crowns, bridges and implants": "implant|crown",
    "a home left empty for more than 30 days": "three months into|more than two months|five weeks",
    "business use of the home": "short-stay app|candles",
    "wear and corrosion": "thirty-year-old",
    "freezing of pipes": "iced up|below zero",
    "theft from an unlocked home": "front door open|only pulled to",
    "theft of jewelry": "necklace",
    "intended acts and fights": "argument",
    "harm to relatives in the same household": "lives with|shares the apartment",
    "acts in the course of work": "waiting tables|been hired for|coached at",
    "driving cars, motorcycles or e-scooters": "scooter",
    "things that were borrowed": "take it home for three days",
    "lawsuits about a business": "sandwich shop",
    "lawsuits between relatives": "cousin sued",
}  # fmt: skip
NAMES = (
    "expense receipt|hole-in-one certificate|playing partners' statement|repair estimate|photos of the damage|"
    "photos|course statement|purchase receipt|police report|copy of the driver's license|flood statement|"
    "local police report|passport copy|itemized bill|doctor's report|airline delay notice|boarding pass|"
    "pathology report|copy of photo ID|discharge summary|visit summary|prescription|contractor's estimate|"
    "fire department report|plumber's report|owner's statement|settlement agreement|"
    "injured person's medical report|medical bills|attorney's invoice|copy of the complaint|"
    "engagement letter"
)
CAME = "Attached:|I am attaching|With this message|Received:|Docs on file|Insured sent"
NOT_YET = "to follow|will follow|as soon as|requested the|promised for"
ASIDE = "premium|last year|same thing new|ospital bills|for the day|an hour|hired for|booked|policy number"
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
SHORT = "|".join(month[:3] for month in MONTHS.split("|"))
DAYS = (
    rf"(?P<month>{MONTHS}|{SHORT}) (?P<d>\d+), (?P<y>\d{{4}})",
    r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)",
    r"(?<!\d)(?P<m>\d+)/(?P<d>\d+)/(?P<y>\d{4}|\d\d)(?!\d)",
    rf"(?P<month>{MONTHS}|{SHORT}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)",
)


def amount(text: str) -> Fraction:
    """The only amount in a text."""
    (found,) = find_amounts(text, "USD")
    return Fraction(found.value)


def cover(line: str) -> tuple[str, ReadCover]:
    name, rest = re.fullmatch(r"Cover \d\. (.+?): (.+)", line).groups()
    body, papers = rest.split(". Documents: ")
    read = ReadCover(name, papers.split(", "))
    read.wait = number(r"waiting period (\d+) days", body)
    read.hours = number(r"delays of (\d+) hours", body)
    read.yearly = number(r"depreciation (\d+)%", body)
    if daily := re.search(r"(\$[\d,]+) a day for up to (\d+) days; the first (\d+ )?da", body):
        read.daily, read.unpaid_days = amount(daily[1]), int(daily[3] or 1)
        read.limit = read.daily * int(daily[2])
    elif fixed := re.search(r"(\$[\d,]+) on a confirmed", body):
        read.limit = amount(fixed[1])
    else:
        limit, bears, percent = re.search(
            r"up to (\$[\d,]+) per event, (.+?), pays (\d+)%", body
        ).groups()
        read.limit, read.percent = amount(limit), int(percent)
        read.deductible = Fraction(0) if bears == "no deductible" else amount(bears)
    return COVERS[name], read


def month(name: str) -> int:
    return datetime.strptime(name[:3], "%b").month  # noqa: DTZ007


def event_day(story: str, received: date) -> date:
    for form in DAYS:
        if found := re.search(form, story):
            got = found.groupdict()
            year = int(got.get("y") or received.year)
            number = int(got["m"]) if got.get("m") else month(got["month"])
            return date(year + 2000 * (year < 100), number, int(got["d"]))
    raise AssertionError(f"no day in {story}")


def loss(sentences: list[str]) -> Fraction:
    """What the papers say; of a sentence with a demand the other amount."""
    total = Fraction(0)
    for sentence in sentences:
        if re.search(ASIDE, sentence) or "claiming" in sentence:
            continue
        sentence = re.sub(r"but .+? is fair.*", "", sentence)
        total += sum(Fraction(found.value) for found in find_amounts(sentence, "USD"))
    return total


def years(text: str, event: date) -> int:
    if found := re.search(r"(a|\d+) years? and \d+ months before the theft", text):
        return 1 if found[1] == "a" else int(found[1])
    if found := re.search(rf"in ({MONTHS}) (\d{{4}})", text):
        return full_years((int(found[2]), month(found[1])), event)
    return 0


def read(text: str) -> ReadClaim:
    terms, report = text.split("\n\n", 1)
    head, first, second, refused = terms.split("\n")
    line = next(key for word, key in LINES.items() if word in head)
    start, end = map(date.fromisoformat, re.findall(r"\d{4}-\d\d-\d\d", head))
    header = r"(Received: |Chat |Call |note |Claim \()(?P<day>\d{4}-\d\d-\d\d)"
    received = date.fromisoformat(re.search(header, report)["day"])
    report = re.sub(header, "", report)
    sentences = [part for part in re.split(r"(?<=[A-Za-z\d)][.!])\s+|\n", report) if part]
    came = [part for part in sentences if re.search(CAME, part)]
    story = " ".join(part for part in sentences if not re.search(f"{CAME}|{NOT_YET}", part))
    purchase = rf"in ({MONTHS}) \d{{4}}"
    return ReadClaim(
        start=start, end=end, covers=dict(map(cover, (first, second))),
        refused=refused.removeprefix("Not covered: ").split("; "),
        event=event_day(re.sub(purchase, "", report), received),
        peril=next(peril for peril, words in STORIES[line] if re.search(words, story)),
        circumstances={word for word, signs in CIRCUMSTANCES.items() if re.search(signs, story)},
        loss=loss(sentences), days=number(r"(\d+) days", story),
        hours=number(r"(\d+) hours", story), years=years(report, event_day(story, received)),
        enclosed=papers(came, NAMES.split("|")),
    )  # fmt: skip


@pytest.mark.parametrize(("world", "version"), [(7, 1), (7, 2), (8, 1)])
def test_the_text_alone_gives_every_answer(world, version):
    labels = {"pay": "pay", "deny": "deny", "documents": "ask for documents"}
    for row in rows(world, version, "en"):
        label, due = second_opinion(read(row["input"]))
        answer = labels[label] + (f" ${int(due):,}" if label == "pay" else "")
        assert answer == row["answer"], f"{row['id']} ({row['trap']})\n{row['input']}"
