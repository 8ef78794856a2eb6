"""Office Guide: its groups, and rows of the table that answer nothing."""

from __future__ import annotations

from ...outline import Chapter, Section

CHAPTERS = (
    Chapter("Office life", (
        Section("Replacement badge", "badge badge_time badge_papers", "badge", "replacement badges"),
        Section("Company card", "card card_settle card_day", "card", "the company card"),
        Section("Parking", "parking parking_valid", "parking", "parking at headquarters"),
        Section("Visitors", "visitor visitor_papers", "visitor", "visitors"),
    )),
)  # fmt: skip
# Subject, and an answer that states nothing anybody asks for.
NOTES = (
    ("Answering the phone", "Say your department and your name, and put callers through rather than sending them away."),
    ("Meetings", "Begin on time, end on time, and write down what was decided."),
    ("Lost property", "Take what you have found to the front desk, and ask there for what you have lost."),
    ("Mail", "Letters are brought around twice a day by the mail room."),
    ("Copiers", "Open the lid and pull gently; if that doesn't help, tell Facilities."),
    ("Heating", "Each floor agrees on a temperature; heaters from home stay at home."),
    ("Business cards", "Order them on the intranet, and again when your title changes."),
    ("Last one out", "Whoever leaves last turns off the lights and closes the windows."),
    ("Hallways", "Hallways and emergency exits stay clear."),
    ("Bulletin board", "Sign what you post."),
    ("Taking pictures", "No pictures where a customer's papers can be seen."),
    ("Elevators", "Let people get out before you get in."),
    ("Kitchens", "Wash your own dishes, and don't eat what isn't yours."),
    ("Recycling", "Paper goes in the blue bin, and everything else in the gray one."),
    ("Fire alarm", "Take the stairs, not the elevator, and wait outside until you have been counted."),
    ("After a trip", "Tell your manager how it went before you write it up."),
    ("Chat", "Messages that can wait are sent during working hours."),
    ("Newspapers", "Put them back where you found them."),
)  # fmt: skip
