"""Golf: an ace's celebration, broken clubs, stolen clubs."""

from __future__ import annotations

from ..model import Exclusion, Line, Peril, Scene

LINE = Line(
    key="golf",
    name="Golf policy",
    perils=(
        Peril(
            "ace", "hole-in-one celebration", "bar and gift bill", ("drinks", "gifts"),
            ("expense receipt", "hole-in-one certificate", "playing partners' statement"),
            (
                Scene("On {when} <I|insured> aced the 7th at <my|the> home club during the Saturday medal."),
                Scene("On {when}, halfway through a regular eighteen with friends, <my|insured's> tee shot on the 12th went straight in."),
                Scene("On {when} <I|insured> had a hole-in-one on 14. All three of <my|the> playing partners saw it drop."),
                Scene("On {when} <I|insured> won closest-to-the-pin at the company outing the hard way: the ball went in."),
                Scene("On {when} <I|insured> holed the tee shot on the 3rd at Pebble Beach, or rather on the big screen at the bar downtown.", "simulator"),
                Scene("On {when}, during league night in front of the projector at the mall, <my|insured's> tee shot was scored as a hole-in-one.", "simulator"),
                Scene("On {when} <I|insured> had a hole-in-one on 16. <I make my|Insured makes a> living giving lessons at a golf academy.", "professional"),
                Scene("On {when} <I|insured> aced the 11th while preparing for next week's tour event, where <I am|insured is> playing for prize money again.", "professional"),
            ),
            limits=(800, 1_000, 1_500, 2_000),
            deductibles=(0, 50, 100), rates=(80, 90, 100), waits=(30, 60),
        ),
        Peril(
            "breakage", "broken clubs", "repair cost", ("shaft", "labor"),
            ("repair estimate", "photos", "course statement"),
            (
                Scene("On {when} the shaft of <my|insured's> driver snapped on the 5th hole."),
                Scene("On {when} <my|insured's> 7-iron hit a rock in the rough and the head cracked."),
                Scene("On {when} the cart stopped short, the bag flew off, and <my|insured's> 3-wood broke."),
                Scene("On {when} <I|insured> caught the rake coming out of a bunker and bent a wedge."),
                Scene("On {when} <my|insured's> driver head split on the edge of the mat while playing on the big screen at a sports bar.", "simulator"),
                Scene("On {when} the 6-iron <I|insured> was using broke at the neck on the back nine. <I|Insured> had left <my|the> own clubs at home and was playing a friend's.", "borrowed"),
                Scene("On {when} a driver head cracked during a round. The clubs came from the pro shop, $40 for the day.", "borrowed"),
                Scene("On {when}, two buckets of balls into an after-work session off the mats, <my|insured's> 5-iron snapped.", "range"),
                Scene("On {when} <my|insured's> driver broke while hitting balls toward the net from a hitting bay.", "range"),
            ),
            limits=(300, 500, 700, 900),
            deductibles=(25, 50, 75), rates=(70, 80, 90, 100),
        ),
        Peril(
            "theft", "stolen golf equipment", "purchase price", ("", ""),
            ("purchase receipt", "police report", "course statement"),
            (
                Scene("On {when} somebody broke the lock on <my|insured's> locker at the club and took the golf bag."),
                Scene("On {when} <my|insured's> bag disappeared from the club's locked storage room. The camera shows a stranger walking out with it."),
                Scene("On {when} the trunk of <my|insured's> locked car was pried open in the course parking lot and the golf bag taken."),
                Scene("On {when} <I|insured> left the golf bag on the rack outside the clubhouse and went in for lunch; when <I|insured> came out it was gone.", "unattended"),
                Scene("On {when} <I|insured> set the bag down beside the car and went to the restroom, and somebody walked off with it.", "unattended"),
                Scene("On {when} a thief broke into the locker room and took the golf bag <I|insured> had on loan from a cousin for the week.", "borrowed"),
            ),
            limits=(800, 1_200, 1_500, 2_000),
            deductibles=(50, 100, 150), rates=(70, 80, 90, 100), depreciations=(5, 10, 15),
        ),
    ),
    exclusions=(
        Exclusion("simulator", "events on indoor simulators", always=True),
        Exclusion("professional", "people who play or teach golf for a living"),
        Exclusion("borrowed", "borrowed or rented property"),
        Exclusion("range", "accidents at a driving range"),
        Exclusion("unattended", "theft of property left outdoors with nobody watching"),
    ),
)  # fmt: skip
