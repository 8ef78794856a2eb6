"""Leave of Absence Policy: what stands around the kinds of leave."""

from __future__ import annotations

from ...outline import Chapter, Item, Passage, Section, steps

BEFORE = (
    Chapter("Principles", (
        Section("Length of leave", "return total minimum", "general", "the general rules on leave", (
            Passage("Leave is counted by the calendar from its first day, weekends included."),
        )),
        Section("Requesting leave", passages=(
            steps("An employee who would like to take leave proceeds as follows:",
                  "talk to the manager about who will take over the work;",
                  Item("fill in the form for that kind of leave and attach the documents:",
                       ("copies are enough if the original can be shown;",
                        "documents in another language come with a translation;")),
                  "send both through the approval system."),
            Passage("Human Resources checks whether the conditions are met and lets the employee know."),
        )),
        Section("Duties during leave", passages=(
            steps("An employee on leave",
                  "uses the time for what it was granted for;",
                  "keeps Human Resources informed of a change of address;",
                  "takes no other job without the company's consent."),
        )),
    )),
)  # fmt: skip
LEAVES_TITLE = "Kinds of leave"
AFTER = (
    Chapter("Coming back", (
        Section("Steps of the return", passages=(
            steps("The return is prepared as follows:",
                  "the employee fills in the return form;",
                  "the manager plans the first tasks;",
                  Item("Human Resources arranges for",
                       ("a desk and a computer;",
                        "access to the systems;",
                        "a talk about what has changed."))),
        )),
        Section("Former position", passages=(
            Passage("Employees come back to their former position wherever it still exists."),
            Passage("Otherwise they are offered one that is as close to it as possible."),
        )),
        Section("Early return", passages=(
            Passage("When the reason for a leave falls away, the employee asks for an early return."),
            Passage("§Steps of the return§ applies to it as well."),
        )),
    )),
)  # fmt: skip
NOTES = (
    "Managers hold nothing against an employee for having been on leave.",
    "Borrowed equipment is handed back before the leave begins.",
    "The work is divided among colleagues who have agreed to it.",
    "How to ask for leave is described in §Requesting leave§.",
    "The employee remains bound by §Duties during leave§.",
    "If plans change, see §Early return§.",
    "The former position is dealt with in §Former position§.",
    "The employee may go on taking part in club activities.",
    "Human Resources sends news of the company to those who would like to have it.",
    "A miscalculated end of leave is corrected as soon as somebody notices.",
    "If two colleagues in one team ask for the same weeks, their manager finds a compromise.",
    "The e-mail account stays open but forwards nothing.",
    "An employee whose request is turned down is told why.",
    "Accidents during leave are reported to Human Resources.",
    "A request may be withdrawn as long as it has not been approved.",
    "Statistics on leave name nobody.",
    "Doubts about a document are cleared up with whoever issued it.",
    "Leave that was granted by mistake is not taken back once it has begun.",
)
