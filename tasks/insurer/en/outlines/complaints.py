"""Complaints Procedure: its articles, and passages that answer nothing."""

from __future__ import annotations

from ...outline import Chapter, Item, Passage, Section, steps

CHAPTERS = (
    Chapter("Taking a complaint", (
        Section("What to note down", "fields anonymous night", passages=(
            steps("Whoever takes a complaint",
                  "lets the customer finish;",
                  "repeats in other words what the trouble is;",
                  Item("asks what the customer would like us to do:", ("an apology;", "an explanation;", "something else;")),
                  "thanks the customer."),
        )),
        Section("Acknowledgment and visitors", "receipt visit"),
        Section("Complaining for a customer", "proxy_papers"),
        Section("Codes", "delay denial short mis_selling rude privacy premium cancel app", passages=(
            Passage("A complaint about two things gets the code of the more serious one."),
        )),
    )),
    Chapter("Answering", (
        Section("Deadlines", "simple complex letter social extension"),
        Section("Goodwill", "agent leader", "goodwill", "goodwill payments", (
            Passage("A goodwill payment is not an admission that we were wrong."),
        )),
        Section("The answer", passages=(
            steps("Every answer says",
                  "what the customer complained about;",
                  "what we found out;",
                  "what we will do, or why we can do nothing."),
        )),
        Section("Withdrawing a complaint", "withdraw"),
    )),
    Chapter("Complaints committee", (
        Section("Cases for the committee", "committee committee_papers", "committee", "the complaints committee"),
        Section("Meetings of the committee", passages=(
            Passage("The committee meets when there is a case, and hears the customer if the customer likes."),
        )),
    )),
    Chapter("Looking after people", (
        Section("Abusive callers", "rest", passages=(
            Passage("An agent may end a call after one warning."),
        )),
        Section("Learning from complaints", "report customer_day"),
    )),
    Chapter("Quality", (
        Section("Targets", "on_time satisfied pickup again", "target", "the targets for complaints"),
        Section("Calls that are reviewed", "sample"),
        Section("Keeping records", "archive recording", "keeping", "how long complaint records are kept"),
    )),
)  # fmt: skip
NOTES = (
    "Customers are called by their name.",
    "A complaint is a chance to put something right.",
    "Nobody is passed on more than once.",
    "What has to be noted is laid down in §What to note down§.",
    "What an answer has to say is laid down in §The answer§.",
    "How the committee works is laid down in §Meetings of the committee§.",
    "The employee complained about is heard, too.",
    "Letters avoid jargon and abbreviations.",
    "A complaint in another language is translated first.",
    "Complaints in online reviews are answered publicly and politely, without details.",
    "The handler calls back at the hour that the customer has chosen.",
    "Agents may ask a colleague to listen in.",
    "Praise is passed on to whoever earned it.",
    "A complaint does no harm to the customer's policy.",
    "If the customer is upset, the handler suggests a meeting in person.",
    "A complaint that is really a question is answered as a question.",
    "What was promised is written down and done.",
    "An apology costs nothing.",
    "Reporters and lawyers are referred to Legal.",
    "A customer who complains again gets another handler where possible.",
)
