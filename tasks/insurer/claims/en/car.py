"""Car, own damage: collisions, floods, stolen parts."""

from __future__ import annotations

from ..model import Exclusion, Line, Peril, Scene

RAINY = (4, 5, 6, 7, 8, 9, 10)

LINE = Line(
    key="car",
    name="Auto policy, physical damage",
    perils=(
        Peril(
            "collision", "collision", "repair cost", ("parts", "labor"),
            ("repair estimate", "photos of the damage", "copy of the driver's license"),
            (
                Scene("On {when} <I|insured> rear-ended a car that was waiting at a red light."),
                Scene("On {when} <I|insured> backed into a concrete pillar in a parking garage and tore the bumper."),
                Scene("On {when} <my|insured's> car slid on a wet road and hit the guardrail, denting the right door."),
                Scene("On {when} a cab pulled out of an alley and <I|insured> could not stop in time; the front fender is crushed."),
                Scene("On {when} <I|insured> hit a garden wall on the way home. There had been a few beers at the office party, but <I|insured> waited two hours before driving.", "drunk"),
                Scene("On {when} <my|insured's> nineteen-year-old, home from college, took the car out and hit a tree.", "young"),
                Scene("On {when} <my|insured's> daughter, who turned twenty-two in spring, drove into a parking post.", "young"),
                Scene("On {when} <I|insured> ran into the car ahead with two pizza orders from the app on the back seat.", "hire"),
                Scene("On {when} <I|insured> sideswiped a utility pole halfway through a morning's parcel drop-offs.", "hire"),
                Scene("On {when} <I|insured> spun into the tire wall at an open track day.", "track"),
            ),
            limits=(3_000, 4_000, 5_000),
            deductibles=(100, 250, 500), rates=(80, 90, 100),
        ),
        Peril(
            "flood", "flood", "repair cost", ("parts", "cleaning and labor"),
            ("repair estimate", "photos of the damage", "flood statement"),
            (
                Scene("On {when} the creek came over its banks and <my|insured's> parked car stood in water above the wheels.", months=RAINY),
                Scene("On {when} overnight rain filled the underground garage of <my|insured's> building and the car went under.", months=RAINY),
                Scene("On {when} a storm drain backed up into the store's parking lot and water got into the cabin of <my|insured's> car."),
                Scene("On {when} a water main broke under the street and flooded <my|insured's> parked car to the seats."),
                Scene("On {when} a cloudburst turned the inside of <my|insured's> car into a pool. <I|Insured> had left the sunroof tilted to let the heat out.", "open", RAINY),
                Scene("On {when} it poured and <my|insured's> car filled up; the rear window had been down all night.", "open", RAINY),
                Scene("On {when} <my|insured's> car stalled in deep water on the river road. <I|Insured> had steered around the police barrier to save time.", "closed", RAINY),
            ),
            limits=(3_000, 4_500, 6_000),
            deductibles=(200, 300, 500), rates=(70, 80, 90, 100),
        ),
        Peril(
            "theft", "stolen car parts", "replacement cost", ("parts", "labor"),
            ("repair estimate", "police report", "photos of the damage"),
            (
                Scene("On {when} all four wheels were taken off <my|insured's> car in front of the house overnight."),
                Scene("On {when} both side mirrors were stolen from <my|insured's> car in a public lot."),
                Scene("On {when} somebody crawled under <my|insured's> car and cut out the catalytic converter."),
                Scene("On {when} the wheels were stolen during a week in which <I|insured> had handed the keys to a colleague who needed a car.", "lent"),
                Scene("On {when} <I|insured> ran into a gas station with the engine on, and the navigation unit was gone a minute later.", "unlocked"),
                Scene("On {when} somebody reached in and took the dash cam and stereo. The key fob was dead the night before, so the doors were just pushed shut.", "unlocked"),
            ),
            limits=(1_000, 1_500, 2_000),
            deductibles=(50, 100, 200), rates=(70, 80, 90, 100),
        ),
    ),
    exclusions=(
        Exclusion("drunk", "driving under the influence or without a license", always=True),
        Exclusion("young", "drivers under 25"),
        Exclusion("hire", "carrying goods or people for pay"),
        Exclusion("track", "driving on a race track"),
        Exclusion("open", "flooding through a window or sunroof left open"),
        Exclusion("closed", "flooding on a road closed to traffic"),
        Exclusion("lent", "theft while the car is lent to others"),
        Exclusion("unlocked", "theft from an unlocked car"),
    ),
    born=(60, 78),
)  # fmt: skip
