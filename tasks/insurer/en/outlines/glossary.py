"""Company Glossary: how its terms are grouped into articles, and what stands around them."""

from __future__ import annotations

from ...outline import Chapter, Passage, Section, steps

CHAPTERS = (
    Chapter("Claims", (
        Section("From report to decision", "same_day two_eyes night_team hold veto"),
        Section("Fraud and catastrophes", "fraud fraud_list loss_map weather reserve"),
        Section("Teams and partners", "mobile_team partner_garage partner_clinic temp_pay quick_repair"),
        Section("Checks and sources", "sample_check library price_table spotter appeal_board"),
    )),
    Chapter("Customers and policies", (
        Section("Kinds of customers", "no_claim vip dormant score youth"),
        Section("Policies and premiums", "twin first_year floor seal grade_up"),
        Section("Talking to customers", "renewal_call plain_words call_back senior_desk paperless"),
        Section("Interest and certificates", "late_fee green"),
    )),
    Chapter("Working here", (
        Section("New and learning", "newcomer mentor drill"),
        Section("How we work", "short_hours quiet swap handover pool"),
        Section("Meetings and figures", "quarter dash idea"),
        Section("Prizes and giving", "branch_award adjuster_award charity"),
        Section("Life at work", "back_job farewell legal_aid whistle"),
    )),
    Chapter("Looking after the glossary", (
        Section("New words", passages=(
            steps("A department that needs a new word",
                  "checks whether there is one already;",
                  "explains it in a single sentence;",
                  "sends both to Facilities, which announces it."),
        )),
        Section("Where to use them", passages=(
            Passage("Letters to customers do without the company's own words."),
            Passage("Nobody needs to be ashamed of asking what a word means."),
        )),
    )),
)  # fmt: skip
NOTES = (
    "The word is used in internal papers only.",
    "Older words for the same thing are replaced when they turn up.",
    "When a word is unclear, Facilities will explain it.",
    "New words are added as laid down in §New words§.",
    "In front of customers, see §Where to use them§.",
    "Screens and menus use the same words.",
    "Capital letters are used as shown here.",
    "Foreign words are avoided where an English one will do.",
    "New hires go through this glossary together.",
    "Words that only one department uses are not listed.",
    "How a word came about is told in the staff magazine from time to time.",
    "A word that nobody uses any more is dropped.",
    "Press releases do without these words.",
    "The plural is formed in the usual way.",
)
