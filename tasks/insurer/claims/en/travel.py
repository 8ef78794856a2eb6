"""Travel abroad: stolen baggage, treatment abroad, delayed flights."""

from __future__ import annotations

from ..model import Exclusion, Line, Peril, Scene

WINTER = (12, 1, 2)

LINE = Line(
    key="travel",
    name="Travel policy",
    years=0,
    days=(9, 24),
    perils=(
        Peril(
            "baggage", "stolen baggage", "purchase price", ("", ""),
            ("purchase receipt", "local police report", "passport copy"),
            (
                Scene("On {when} a pickpocket on the Barcelona metro cut <my|insured's> bag open and took the camera."),
                Scene("On {when} somebody got into <my|insured's> hotel room in Paris and took the laptop out of the safe."),
                Scene("On {when} a man on a scooter tore the camera bag off <my|insured's> shoulder at a night market in Hanoi."),
                Scene("On {when} <I|insured> got out of a taxi in Rome and only then noticed that the camera was still on the back seat.", "left"),
                Scene("On {when} <I|insured> put the tablet down on a chair at the Bangkok airport, walked to the gate, and found nothing there on coming back.", "left"),
                Scene("On {when} a pickpocket on a tram in Milan took the iPhone out of <my|insured's> jacket.", "phone"),
                Scene("On {when} <I|insured> was reading a text on the street in Istanbul when somebody grabbed the device and ran. <I|Insured> could not even call home.", "phone"),
            ),
            limits=(500, 750, 1_000),
            deductibles=(25, 50), rates=(80, 90, 100), depreciations=(5, 10, 15),
        ),
        Peril(
            "medical", "medical treatment abroad", "charge", ("exam", "medication"),
            ("itemized bill", "doctor's report", "passport copy"),
            (
                Scene("On {when} <I|insured> was treated for food poisoning at a clinic in Da Nang."),
                Scene("On {when} <I|insured> twisted an ankle on the subway stairs in Osaka and saw an orthopedist."),
                Scene("On {when} <I|insured> went to an emergency room in London with a high fever."),
                Scene("On {when} <I|insured> slipped on the ice in Prague and had a broken wrist set.", months=WINTER),
                Scene("On {when} <I|insured> was treated for a burst eardrum in Cebu. It happened sixty feet down, with a tank on <my|the> back.", "sport"),
                Scene("On {when} <I|insured> landed badly under a parachute in Interlaken and had a knee treated.", "sport"),
                Scene("On {when} <I|insured> saw a doctor in Kyoto about back pain, the same slipped disc that <I|insured> had been getting physical therapy for all spring at home.", "prior"),
                Scene("On {when} <I|insured> needed emergency care in Taipei for an asthma attack. <I have|Insured has> been on an inhaler for years.", "prior"),
            ),
            limits=(1_000, 2_000, 3_000),
            deductibles=(0, 50, 100), rates=(80, 90, 100),
        ),
        Peril(
            "delay", "flight delay expenses", "delay cost", ("hotel", "meals"),
            ("expense receipt", "airline delay notice", "boarding pass"),
            (
                Scene("On {when} <my|insured's> flight out of Frankfurt left {hours} hours late."),
                Scene("On {when} a mechanical problem held up <my|insured's> flight from Ho Chi Minh City by {hours} hours."),
                Scene("On {when} a blizzard kept <me|insured> at the Sapporo airport for {hours} hours before takeoff.", months=WINTER),
                Scene("On {when} <my|insured's> flight left {hours} hours late because the pilots had walked out over pay.", "strike"),
                Scene("On {when} <I|insured> overslept, got to the airport after the plane had left, and took the next one {hours} hours later.", "late"),
            ),
            limits=(200, 300, 400),
            rates=(80, 90, 100), minimums=(4, 6),
        ),
    ),
    exclusions=(
        Exclusion("left", "property left behind or lost", always=True),
        Exclusion("phone", "theft of cell phones"),
        Exclusion("sport", "scuba diving and skydiving"),
        Exclusion("prior", "conditions that existed before the trip"),
        Exclusion("strike", "delays caused by a strike"),
        Exclusion("late", "flights missed through the traveler's own lateness", always=True),
    ),
)  # fmt: skip
