"""English orthography that templates need: articles, capitals, numbers in words, natural slips."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

_WORD = re.compile(r"[A-Za-z]+")
_ARTICLE = re.compile(r"\[(A|a)\] (?=(\w+))")
# Words whose first letter misleads: a vowel that sounds like a consonant, an h that is silent.
_SOUNDS_LIKE_CONSONANT = re.compile(r"(?:uni|use|usu|eur|one\b|ubiq|utili)", re.IGNORECASE)
_AFTER_NOUN = re.compile(
    r" (?:of|by|with|without|before|between|under|from|in|on|to|off|left|played|during)\b"
)
_SOUNDS_LIKE_VOWEL = re.compile(r"(?:hour|hono|heir|8|11\b|18\b|x\b|hr\b)", re.IGNORECASE)


def listed(text: str, mark: str | None = "|") -> tuple[str, ...]:
    """Splits a list that is written in one string: "a|b|c", or with blanks when `mark` is None."""
    return tuple(text.split(mark))


_SMALL = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
    None,
)
_TENS = listed("- - twenty thirty forty fifty sixty seventy eighty ninety", None)
_GROUPS = ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))


def article(word: str) -> str:
    """Chooses the indefinite article by how a word sounds.

    Args:
        word: What follows the article.

    Returns:
        "a" or "an".
    """
    if _SOUNDS_LIKE_VOWEL.match(word):
        return "an"
    vowel = word[:1].lower() in "aeiou" and not _SOUNDS_LIKE_CONSONANT.match(word)
    return "an" if vowel else "a"


def with_article(item: str) -> str:
    """Puts the indefinite article before an item of a list; a plural stays bare."""
    noun = _AFTER_NOUN.split(item)[0]
    plural = noun.endswith("s") and not noun.endswith(("ss", "'s"))
    return item if plural else f"{article(item)} {item}"


def sentence(text: str) -> str:
    """Begins a text with a capital letter."""
    return text[:1].upper() + text[1:]


def fill(template: str, **slots: str) -> str:
    """Fills a template's slots and then its articles.

    Args:
        template: Text with slots ("{s}") and articles to be chosen ("[a] {s}").
        **slots: The text of each slot.

    Returns:
        The text.
    """
    text = template.format(**slots)
    return _ARTICLE.sub(lambda found: _like(found[1], article(found[2])) + " ", text)


def _like(model: str, text: str) -> str:
    return sentence(text) if model.isupper() else text


def in_words(number: int) -> str:
    """Writes a whole number in words: 1500 as "one thousand five hundred".

    Args:
        number: From 0 up to 999,999,999.

    Returns:
        The words, without "and"; tens and ones are joined by a hyphen.
    """
    if number < len(_SMALL):
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
    size, name = next(group for group in _GROUPS if number >= group[0])
    head, rest = divmod(number, size)
    return f"{in_words(head)} {name}" + (f" {in_words(rest)}" if rest else "")


def ordinal(number: int) -> str:
    """Writes a day of the month as an ordinal: 22 as "22nd"."""
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


# Slips that writers of English really make: a common misspelling, or letters in the wrong order.
_SLIPS = dict(
    pair.split("/")
    for pair in listed(
        "accepted/excepted advance/advence allowance/allowence allowed/alowed amount/ammount "
        "before/befor bonus/bouns business/buisness called/caled committee/comittee company/compnay "
        "complaint/compliant complaints/compliants coverage/covrage customer/costumer "
        "deadline/dealine deductible/deductable depreciation/depreciaton discount/discout "
        "document/docuemnt documents/docuemnts does/dose employee/employe employees/emplyees "
        "extension/extention extra/exrta form/from independent/independant insurance/insurence "
        "interest/intrest introduced/intorduced leave/leav length/lenght liability/liabilty "
        "limit/limt loan/laon maximum/maximun medical/medcial much/mcuh needed/neded number/nubmer "
        "payment/payement percent/precent percentage/percantage period/peroid please/plese "
        "policy/polciy premium/premuim product/prodcut receive/recieve replacement/replacment "
        "request/reqeust retention/retension return/retrun surcharge/surchage system/sytem "
        "threshold/threshhold tuition/tution waiting/wating wellness/welness which/wich yearly/yealry",
        None,
    )
)
# Taken where a question holds none of those words.
_COMMON_SLIPS = {"what": "waht", "when": "wehn", "how": "hwo", "the": "teh"}


def slip(text: str, rng: random.Random) -> str:
    """Misspells one word, and sometimes drops the capital and the question mark.

    Those alone would not do: scorers and split checks ignore case and punctuation.

    Args:
        text: A question that holds at least one word of the table of slips.
        rng: Chooses the slip.

    Returns:
        The question with its slip.

    Raises:
        ValueError: No slip fits the question.
    """
    for slips in (_SLIPS, _COMMON_SLIPS):
        fitting = [found for found in _WORD.finditer(text) if found[0].lower() in slips]
        if fitting:
            return _misspelled(text, rng.choice(fitting), slips, rng)
    raise ValueError(f"no slip fits {text!r}; give it a word from the table of slips")


def _misspelled(
    text: str, found: re.Match[str], slips: Mapping[str, str], rng: random.Random
) -> str:
    wrong = slips[found[0].lower()]
    wrong = sentence(wrong) if found[0][0].isupper() else wrong
    text = text[: found.start()] + wrong + text[found.end() :]
    if rng.random() < 0.5:
        text = text[:1].lower() + text[1:].removesuffix("?")
    return text
