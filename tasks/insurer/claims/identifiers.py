"""Strings that look like identifiers and can be nobody's.

They stand in reports so that masking can be tested. Each breaks a rule that every real one keeps:

- resident registration number: a day that no month has (31 June), and a wrong check digit;
- social security number: area 000 or 666, which were never issued;
- Korean mobile: 010-0... or 010-1..., as no subscriber's number begins with 0 or 1;
- American phone: 555-0100 to 555-0199, kept for fiction;
- card: begins with 0, which no payment scheme has, and fails Luhn's test;
- account: at a bank that does not exist; the American routing number begins with 99, which was
  never assigned, and fails its check digit;
- e-mail: at example.com (RFC 2606);
- policy number: of an insurer that does not exist.
"""

from __future__ import annotations

from random import Random

IMPOSSIBLE_DAYS = ("0230", "0431", "0631", "0931", "1131")
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_LINES = {"golf": "GF", "car": "AU", "travel": "TR", "health": "HL", "home": "HM"}
AREA_CODES = ("212", "312", "415", "503", "617", "713")


def policy_number(line: str, year: int, rng: Random) -> str:
    """Makes a policy number of the fictional insurer: ``GF24-0381-552907``."""
    return f"{_LINES.get(line, 'LB')}{year % 100}-{rng.randrange(10_000):04d}-{digits(6, rng)}"


def digits(count: int, rng: Random) -> str:
    """Draws so many digits."""
    return "".join(str(rng.randrange(10)) for _ in range(count))


def resident_number(year: int, sex: str, rng: Random) -> str:
    """Makes what looks like a Korean resident registration number, ``850631-1234568``.

    Args:
        year: Of birth, without the century.
        sex: ``1`` or ``2``, as the number tells it.
        rng: For the rest.
    """
    head = f"{year}{rng.choice(IMPOSSIBLE_DAYS)}{sex}{digits(5, rng)}"
    return f"{head[:6]}-{head[6:]}{(check_digit(head) + rng.randint(1, 9)) % 10}"


def check_digit(head: str) -> int:
    """The right last digit of a resident registration number with these twelve."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, head, strict=True))
    return (11 - total % 11) % 10


def social_security_number(rng: Random) -> str:
    """Makes what looks like an American social security number, ``666-12-3456``."""
    return f"{rng.choice(('000', '666'))}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}"


def korean_phone(rng: Random) -> str:
    """Makes a mobile number that can't be assigned, ``010-0123-4567``."""
    return f"010-{rng.choice('01')}{digits(3, rng)}-{digits(4, rng)}"


def american_phone(rng: Random) -> str:
    """Makes a number out of the range for fiction, ``(312) 555-0142``."""
    area, last = rng.choice(AREA_CODES), rng.randint(100, 199)
    return rng.choice((f"({area}) 555-0{last}", f"{area}-555-0{last}"))


def card(rng: Random) -> str:
    """Makes a card number that no scheme has, ``0412-3456-7890-1234``."""
    head = f"0{digits(14, rng)}"
    number = head + str((luhn_digit(head) + rng.randint(1, 9)) % 10)
    return "-".join(number[at : at + 4] for at in range(0, 16, 4))


def luhn_digit(head: str) -> int:
    """The right last digit of a card number with these fifteen."""
    doubled = [int(digit) * (1 + (at % 2 == 0)) for at, digit in enumerate(reversed(head))]
    return -sum(value - 9 * (value > 9) for value in doubled) % 10


def korean_account(rng: Random) -> str:
    """Makes an account number, ``000-21-483920``."""
    return f"000-{digits(2, rng)}-{digits(6, rng)}"


def american_account(rng: Random) -> str:
    """Makes a routing and an account number, ``routing 990000017, account 000482910337``."""
    head = f"9900{digits(4, rng)}"
    total = sum(weight * int(digit) for weight, digit in zip((3, 7, 1) * 3, head, strict=False))
    wrong = (-total + rng.randint(1, 9)) % 10
    return f"routing {head}{wrong}, account 000{digits(9, rng)}"


def email(name: str, rng: Random) -> str:
    """Makes an address at a domain that is kept for examples."""
    return f"{name}{rng.randint(10, 99)}@example.com"
