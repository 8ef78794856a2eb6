"""Korean orthography that templates need: particles by final consonant, and natural slips."""

from __future__ import annotations

import random
import re

_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3
_VOWELS, _FINALS = 21, 28
_RIEUL = 8  # index of the final consonant ㄹ within a syllable block

# How a word ends when its last character is read aloud: "" vowel, "ㄹ" rieul, "x" any other final.
# A trailing 0 is read 영, 십, 백, 천 or 만: each ends in a consonant other than ㄹ.
_READ_ALOUD = {
    **dict(zip("0123456789", ("x", "ㄹ", "", "x", "", "", "x", "ㄹ", "ㄹ", ""), strict=True)),
    **dict.fromkeys("abcdefghijkopqstuvwxyz", ""),
    **dict(zip("lmnr%", ("ㄹ", "x", "x", "ㄹ", ""), strict=True)),
}
_MARK = re.compile(r"\[([가-힣]*)/([가-힣]*)\]")


def listed(text: str, mark: str | None = "|") -> tuple[str, ...]:
    """Splits a list that is written in one string: "a|b|c", or with blanks when `mark` is None."""
    return tuple(text.split(mark))


def final_sound(word: str) -> str:
    """Says how a word ends when it is read aloud.

    Args:
        word: Hangul, digits or Latin letters; closing quotes, brackets and spaces are skipped.

    Returns:
        "" after a vowel, "ㄹ" after rieul, "x" after any other consonant.

    Raises:
        ValueError: The word holds nothing that can be read aloud.
    """
    for character in reversed(word):
        code = ord(character)
        if _FIRST_SYLLABLE <= code <= _LAST_SYLLABLE:
            final = (code - _FIRST_SYLLABLE) % _FINALS
            return "" if final == 0 else "ㄹ" if final == _RIEUL else "x"
        if character.lower() in _READ_ALOUD:
            return _READ_ALOUD[character.lower()]
    raise ValueError(
        f"cannot tell how {word!r} is read aloud; end it in Hangul, a digit or a letter"
    )


def josa(word: str, pair: str) -> str:
    """Chooses the particle that follows a word.

    Args:
        word: The word before the particle.
        pair: Both forms, the one after a consonant first: "은/는", "으로/로", "이/가".

    Returns:
        The right form, without the word.
    """
    after_consonant, after_vowel = pair.split("/")
    sound = final_sound(word)
    if after_consonant.startswith("으로") and sound == "ㄹ":
        return after_vowel
    return after_consonant if sound else after_vowel


def fill(template: str, **slots: str) -> str:
    """Fills a template's slots and then its particles.

    Args:
        template: Text with slots ("{s}") and particle marks ("[은/는]"): "{s}[은/는] 얼마인가요?".
        **slots: The text of each slot.

    Returns:
        The sentence.
    """
    text = template.format(**slots)
    while mark := _MARK.search(text):
        before = text[: mark.start()]
        text = before + josa(before, f"{mark[1]}/{mark[2]}") + text[mark.end() :]
    return text


# Slips that Korean writers really make, by confusion of sound or by a neighbouring key.
_SLIPS = (
    ("며칠", "몇일"),
    ("궁금", "궁굼"),
    ("뭐예요", "뭐에요"),
    ("얼마예요", "얼마에요"),
    ("언제예요", "언제에요"),
    ("어떻게", "어떻해"),
    ("돼요", "되요"),
    ("되나요", "돼나요"),
    ("됐나요", "됬나요"),
    ("있나요", "잇나요"),
    ("주세요", "주세여"),
    ("인가요", "인가여"),
    ("할게요", "할께요"),
    ("퍼센트", "퍼샌트"),
    ("서류", "서루"),
    ("날짜", "날자"),
    ("금액", "금엑"),
    ("제출", "재출"),
    ("신청", "신쳥"),
    ("얼마나", "얼나마"),
)


def slip(text: str, rng: random.Random) -> str:
    """Misspells one word and sometimes drops one space, as a hurried writer does.

    A space alone would not do: scorers and split checks remove white space.

    Args:
        text: A sentence that holds at least one word of the table of slips.
        rng: Chooses the slip.

    Returns:
        The sentence with its slip; always different from `text` when spaces are ignored.

    Raises:
        ValueError: No slip fits the sentence.
    """
    fitting = [pair for pair in _SLIPS if pair[0] in text]
    if not fitting:
        raise ValueError(f"no slip fits {text!r}; give it a word from the table of slips")
    right, wrong = rng.choice(fitting)
    text = text.replace(right, wrong, 1)
    spaces = [at for at, character in enumerate(text) if character == " "]
    if spaces and rng.random() < 0.5:
        at = rng.choice(spaces)
        text = text[:at] + text[at + 1 :]
    return text
