"""Home: fire, water from pipes, burglary."""

from __future__ import annotations

from ..model import Exclusion, Line, Peril, Scene

WINTER = (12, 1, 2)

LINE = Line(
    key="home",
    name="Homeowners policy",
    perils=(
        Peril(
            "fire", "fire", "repair cost", ("walls and floor", "cabinets"),
            ("contractor's estimate", "fire department report", "photos of the damage"),
            (
                Scene("On {when} a fire in the range hood burned the kitchen ceiling and cabinets."),
                Scene("On {when} the motor of a box fan caught fire and scorched the living room wall.", months=(5, 6, 7, 8, 9)),
                Scene("On {when} a fire next door spread and blackened the back porch and kitchen wall."),
                Scene("On {when} a wall outlet caught fire and burned the living room floor. <We were|Insured was> three months into a stay with family overseas and heard about it from a neighbor.", "vacant"),
                Scene("On {when} an electric blanket burned in the guest room, which was booked that night through a short-stay app at $95.", "business"),
                Scene("On {when} a pot of wax caught fire in the kitchen. <I sell|Insured sells> two or three hundred candles a month online.", "business"),
            ),
            limits=(4_000, 6_000, 9_000),
            deductibles=(250, 500, 750), rates=(80, 90, 100),
        ),
        Peril(
            "water", "water from pipes", "repair cost", ("plumbing", "flooring"),
            ("contractor's estimate", "plumber's report", "photos of the damage"),
            (
                Scene("On {when} a supply line under the kitchen sink burst and soaked the hardwood floor."),
                Scene("On {when} the washing machine hose came off and water ran into the living room."),
                Scene("On {when} a heating pipe came loose at a joint and leaked under the bedroom carpet."),
                Scene("On {when} a pipe inside the bathroom wall leaked and ruined the wallpaper. The plumber said the thirty-year-old pipe had rusted through.", "wear"),
                Scene("On {when} a pipe on the porch iced up and split, and water got in as far as the hardwood.", "frost", WINTER),
                Scene("On {when}, a night at five below zero, the line by the meter cracked and the hallway flooded.", "frost", WINTER),
                Scene("On {when} a heating pipe leaked into the bedroom floor. A job out of state had kept everybody away for more than two months.", "vacant"),
            ),
            limits=(2_000, 3_000, 4_500),
            deductibles=(100, 250, 500), rates=(70, 80, 90, 100), waits=(30, 60),
        ),
        Peril(
            "burglary", "burglary", "purchase price", ("", ""),
            ("purchase receipt", "police report", "photos of the damage"),
            (
                Scene("On {when}, while <we were|insured was> out for dinner, somebody smashed the patio door and took the laptop."),
                Scene("On {when} a burglar broke the front door lock and left with the camera."),
                Scene("On {when} somebody forced a window upstairs and took the tablet from the study."),
                Scene("On {when} <I|insured> took out the trash with the front door open, and in those minutes somebody took the tablet.", "unlocked"),
                Scene("On {when} somebody walked in and took the laptop. The door pad's batteries had been dead for days, so the door was only pulled to.", "unlocked"),
                Scene("On {when} a burglar broke a window and took the gold necklace from the dresser.", "jewelry"),
                Scene("On {when} somebody pried open the patio door and took the laptop, while the whole family was in Europe for five weeks.", "vacant"),
            ),
            limits=(1_000, 2_000, 3_000),
            deductibles=(50, 100, 200), rates=(70, 80, 90, 100), depreciations=(5, 10, 15),
        ),
    ),
    exclusions=(
        Exclusion("vacant", "a home left empty for more than 30 days"),
        Exclusion("business", "business use of the home"),
        Exclusion("wear", "wear and corrosion"),
        Exclusion("frost", "freezing of pipes"),
        Exclusion("unlocked", "theft from an unlocked home"),
        Exclusion("jewelry", "theft of jewelry"),
    ),
)  # fmt: skip
