"""Health: a sum on a diagnosis of cancer, a benefit for each day in hospital, outpatient bills."""

from __future__ import annotations

from ..model import Exclusion, Line, Peril, Scene

LINE = Line(
    key="health",
    name="Supplemental health policy",
    years=3,
    born=(82, 97),
    perils=(
        Peril(
            "cancer", "cancer diagnosis", "", ("", ""),
            ("doctor's report", "pathology report", "copy of photo ID"),
            (
                Scene("On {when} <I|insured> was diagnosed with stomach cancer at the university hospital."),
                Scene("On {when} the tissue taken at <my|insured's> colonoscopy came back as colon cancer."),
                Scene("On {when} the biopsy confirmed that <I have|insured has> breast cancer. Chemo starts next month."),
                Scene("On {when} the lump in <my|insured's> throat was confirmed as thyroid cancer.", "thyroid"),
                Scene("On {when} <I|insured> was told that the nodule in the butterfly-shaped gland at the front of the neck is malignant.", "thyroid"),
                Scene("On {when} <I|insured> received a lung cancer diagnosis. A doctor had put the same disease in writing a year before this policy was bought.", "prior"),
            ),
            limits=(3_000, 5_000, 7_500, 10_000), waits=(60, 90), basis="fixed",
        ),
        Peril(
            "inpatient", "hospital stay", "", ("", ""),
            ("discharge summary", "doctor's report", "itemized bill"),
            (
                Scene("Starting {when} <I|insured> was in the hospital for {days} days with pneumonia."),
                Scene("On {when} <I|insured> fell on the stairs, broke a hip, and was kept in the hospital for {days} days."),
                Scene("On {when} <I|insured> had an appendix out and spent {days} days in the hospital."),
                Scene("Starting {when} <I|insured> spent {days} days in the hospital. Nothing hurt; it was to be looked over from head to toe.", "checkup"),
                Scene("On {when} <my|insured's> second child arrived by C-section, and <I|insured> stayed in the hospital for {days} days.", "birth"),
                Scene("Starting {when} <I|insured> was in the hospital for {days} days with early contractions, two months before the due date.", "birth"),
            ),
            limits=(50, 75, 100), waits=(30, 60), minimums=(1, 2, 3),
            longest=(10, 15, 20), basis="days",
        ),
        Peril(
            "outpatient", "outpatient treatment", "charge", ("treatment", "medication"),
            ("itemized bill", "visit summary", "prescription"),
            (
                Scene("On {when} <I|insured> fell on the stairs and had a wrist treated at an orthopedic clinic."),
                Scene("On {when} <I|insured> saw a doctor and had tests for a stomach bug."),
                Scene("On {when} <I|insured> threw out <my|the> back and got injections and physical therapy."),
                Scene("On {when} <I|insured> had laser treatment at a skin clinic so the freckles would be gone for the wedding.", "cosmetic"),
                Scene("On {when} <I|insured> had an eyelid procedure because <I|she> wanted the eyes to look bigger.", "cosmetic"),
                Scene("On {when} <I|insured> had an implant put in where a molar was missing.", "dental"),
                Scene("On {when} <I|insured> had a porcelain crown fitted on a front tooth.", "dental"),
            ),
            limits=(250, 400, 600),
            deductibles=(10, 20, 40), rates=(70, 80, 90), waits=(0, 30),
        ),
    ),
    exclusions=(
        Exclusion("thyroid", "thyroid cancer"),
        Exclusion("prior", "diseases diagnosed before the policy was bought", always=True),
        Exclusion("checkup", "hospital stays for a checkup"),
        Exclusion("birth", "pregnancy and childbirth"),
        Exclusion("cosmetic", "cosmetic treatment"),
        Exclusion("dental", "crowns, bridges and implants"),
    ),
)  # fmt: skip
