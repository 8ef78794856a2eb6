"""Personal liability: other people's things, other people's injuries, lawsuits."""

from __future__ import annotations

from ..model import Exclusion, Line, Peril, Scene

LINE = Line(
    key="liability",
    name="Personal liability policy",
    perils=(
        Peril(
            "property", "damage to other people's property", "repair cost", ("parts", "labor"),
            ("repair estimate", "owner's statement", "photos of the damage"),
            (
                Scene("On {when} <I|insured> spilled coffee over the laptop of the person at the next table."),
                Scene("On {when} <my|insured's> shopping cart rolled away and dented the door of a parked car."),
                Scene("On {when} <my|insured's> seven-year-old knocked over the TV at a friend's house and cracked the screen."),
                Scene("On {when} <my|insured's> bicycle fell over and scratched the door of a car parked next to it."),
                Scene("On {when} <I|insured> stepped on the phone of <my|insured's> mother, who lives with <us|insured>, and cracked the screen.", "family"),
                Scene("On {when} <I|insured> dropped the tablet of a brother who shares the apartment, and the screen went dark.", "family"),
                Scene("On {when} <I|insured> spilled soup into a diner's handbag while waiting tables at the restaurant that employs <me|insured>.", "work"),
                Scene("On {when} <I|insured> cracked a marble floor at a house where <I|insured> had been hired for $300 to put in an air conditioner.", "work"),
                Scene("On {when} <I|insured> ran into the bumper of a parked car on a rented electric scooter.", "ride"),
                Scene("On {when} <I|insured> dropped a projector and broke the lens. A coworker had let <me|insured> take it home for three days.", "borrowed"),
            ),
            limits=(1_000, 2_000, 3_000),
            deductibles=(50, 100, 250), rates=(80, 90, 100),
        ),
        Peril(
            "injury", "injury to other people", "settlement", ("medical bills", "pain and suffering"),
            ("settlement agreement", "injured person's medical report", "medical bills"),
            (
                Scene("On {when} <I|insured> ran into a pedestrian in the park on a bicycle and broke his arm."),
                Scene("On {when} <my|insured's> dog bit a neighbor's hand on a walk."),
                Scene("On {when} <I|insured> could not avoid the skier in front, who hurt her shoulder in the fall.", months=(12, 1, 2, 3)),
                Scene("On {when} an argument over a parking space ended with <me|insured> shoving the other man, who fell and hurt his wrist.", "fight"),
                Scene("On {when} <I|insured> hit a pedestrian in a crosswalk on a rented electric scooter and injured her knee.", "ride"),
                Scene("On {when} <I|insured> lost hold of a plate and it hit the foot of a gym member <I was|being> coached at $50 an hour.", "work"),
                Scene("On {when} <I|insured> dropped a flower pot, which hurt the foot of <my|insured's> mother, who lives with <us|insured>.", "family"),
            ),
            limits=(2_000, 3_000, 5_000),
            deductibles=(0, 50, 100), rates=(80, 90, 100),
        ),
        Peril(
            "legal", "civil lawsuits", "legal fee", ("retainer", "court fees"),
            ("attorney's invoice", "copy of the complaint", "engagement letter"),
            (
                Scene("On {when} <I|insured> hired an attorney after the downstairs neighbors sued over noise."),
                Scene("On {when} <I|insured> hired an attorney: somebody who bought <my|insured's> old bicycle at a yard sale is suing for a refund."),
                Scene("On {when} <I|insured> hired an attorney because the former landlord sued over paint on the walls."),
                Scene("On {when} <I|insured> hired an attorney after a contractor sued over the remodeling bill of the sandwich shop <I run|insured runs>.", "business"),
                Scene("On {when} <I|insured> hired an attorney after a cousin sued to reopen the division of their grandfather's land.", "kin"),
            ),
            limits=(2_000, 3_000, 5_000),
            deductibles=(100, 250, 500), rates=(70, 80, 90), waits=(60, 90),
        ),
    ),
    exclusions=(
        Exclusion("fight", "intended acts and fights", always=True),
        Exclusion("family", "harm to relatives in the same household"),
        Exclusion("work", "acts in the course of work"),
        Exclusion("ride", "driving cars, motorcycles or e-scooters"),
        Exclusion("borrowed", "things that were borrowed"),
        Exclusion("business", "lawsuits about a business"),
        Exclusion("kin", "lawsuits between relatives"),
    ),
)  # fmt: skip
