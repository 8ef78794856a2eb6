"""Employee Benefits Handbook: its articles, and passages that answer nothing."""

from __future__ import annotations

from ...outline import Chapter, Item, Passage, Section, steps

CHAPTERS = (
    Chapter("Family events", (
        Section("Weddings", "wedding wedding_child wedding_leave", "wedding", "the support for weddings"),
        Section("New babies", "baby_first baby_second baby_third birth_leave", "baby", "the support for new babies"),
        Section("Bereavement", "death_parent death_spouse parent_leave", "bereavement", "the support in a bereavement"),
        Section("Claiming a family payment", "family_papers", passages=(
            steps("A payment is claimed as follows:",
                  "tell your manager what has happened;",
                  "fill in the form on the intranet;",
                  Item("attach the documents and send everything to Human Resources:",
                       ("photos taken with a phone are fine;",
                        "couples who both work here hand in one form."))),
        )),
    )),
    Chapter("Learning", (
        Section("Tuition aid", "college school tuition_spring tuition_fall tuition_papers", "tuition", "tuition aid for children", (
            Passage("Tuition aid is paid for as long as the child is enrolled."),
        )),
        Section("Professional qualifications", "actuary adjuster", "qualification", "the bonuses for qualifications"),
        Section("Courses and books", "language graduate books", passages=(
            Passage("Courses during working hours need the manager's blessing."),
        )),
    )),
    Chapter("Health and leisure", (
        Section("Health screening", "checkup checkup_end spouse_check", "checkup", "the health screening"),
        Section("Staying healthy", "gym flu clinic counseling"),
        Section("Getting away", "hotel hotel_retired lodge"),
        Section("Events and clubs", "sports service_award club"),
    )),
    Chapter("Wellness credit", (
        Section("Wellness credit", "points points_life points_day points_end points_ban points_carry points_temp",
                "points", "wellness credit"),
        Section("Checking your wellness credit", passages=(
            Passage("What you have spent is shown on the intranet."),
            Passage("Wellness credit can be neither sold nor turned into cash."),
        )),
    )),
    Chapter("Loans", (
        Section("Home loan", "home_loan home_rate home_repay home_papers", "home_loan", "the home loan"),
        Section("Hardship loan", "hardship_loan hardship_rate hardship_repay", "hardship_loan", "the hardship loan"),
        Section("Applying for a loan", passages=(
            steps("A loan is granted in these steps:",
                  "the employee applies to Finance;",
                  "Finance looks at the outstanding debts;",
                  "both sign the agreement."),
            Passage("An employee who leaves the company pays back what is still owed."),
        )),
    )),
    Chapter("Working life", (
        Section("Sabbaticals", "tenth_leave twentieth_leave", "sabbatical", "sabbaticals"),
        Section("Allowances", "phone home_office"),
        Section("Discounts and savings", "staff_discount retirement"),
        Section("Company daycare", "daycare daycare_papers", "daycare", "the company daycare"),
    )),
)  # fmt: skip
NOTES = (
    "What you have received is shown on your benefits page.",
    "Please tell Human Resources if another employer supports you for the same reason.",
    "Payments go to the account that your salary goes to.",
    "If a document can't be read, you will be asked for a better picture.",
    "If you are married to a colleague, only one of you claims.",
    "Stepchildren count as children, and foster parents as parents.",
    "Anything received without being entitled to it is paid back.",
    "Benefits during a leave of absence are dealt with in the Leave of Absence Policy.",
    "Before a benefit is changed, employees are heard.",
    "If you break something in a shared place, please say so.",
    "Those who book and don't show up go to the end of the line next time.",
    "If the budget runs low, whoever asked first is served first.",
    "New partners are announced on the intranet.",
    "Vouchers that you haven't used are handed back when you leave.",
    "Please set up an out-of-office reply before you go.",
    "Family members use shared places together with the employee.",
    "Borrowers tell Finance when they move.",
    "How to claim is described in §Claiming a family payment§.",
    "How a loan is granted is described in §Applying for a loan§.",
    "Pictures of events may appear in the staff magazine unless you object.",
    "If a figure on your benefits page looks wrong, see §Checking your wellness credit§ and call Human Resources.",
    "Benefits are taxed where the law says so.",
)
