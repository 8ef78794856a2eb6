"""Which column is asked, and which one is the answer: by names, decided by values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from harness.errors import UsageError
from harness.task.proposing.guess import Draft, named
from harness.task.proposing.hints import CANONICAL, is_final, language_suffix, words_of
from harness.task.proposing.profile import Profile, language_of
from harness.task.proposing.telling import TOLD, told
from harness.task.tables import Line

__all__ = ["choose_input", "choose_target", "refuse_target", "same_language"]

CLOSE = 1.0  # points between two candidates that could both be meant
LEAST = 2.0  # points of a column that can be the target
HINTED = 4.0  # points of a name that says label or answer
WEAK = 1.5  # fewer, for a few answers where nothing is asked: a company's response to a complaint
MADE = 3.0  # fewer, for what a model or one of several people answered
SAID = 3.0  # points of a column that a text's words tell
WEIGHTS = {"id": -4.0, "group": -2.0, "other": -3.0, "context": -2.0}
WEIGHTS |= {"question": -4.0, "time": -3.0, "measure": -2.0, "input": -1.0, "aspect": -1.0}
APART = {"id", "group", "other", "time", "split"}  # roles of columns that no text is asked for
MEASURED = 12  # different numbers above which a column measures something
STRONG = {"label", "sentiment", "polarity", "emotion", "stance"}
ASKED = {
    "question": 4.0,
    "input": 3.0,
    "context": 1.0,
    "other": -3.0,
    "answer": -2.0,
    "label": -1.0,
}


def _target_points(column: Profile, last: bool, asks: bool) -> float | None:
    """Returns how much a column looks like an answer; None where it can't be one.

    ``asks`` says whether there is a question, so that a column of answers is what is asked for.
    """
    odd = column.is_constant or column.is_split or column.dates > 0.9 and column.numeric < 0.9
    roles = column.roles
    hinted = "label" in roles or "answer" in roles
    odd = odd or ("split" in roles and not hinted)
    plain = column.is_plain or (hinted and column.lists_labels)
    if not column.filled or odd or column.objects > 0.5 or not plain:
        return None
    if hinted:
        weak = "label" not in roles and column.is_class_like and not asks
        points = HINTED - WEAK * weak - MADE * ("other" in roles)
        points += column.name.casefold() in CANONICAL or is_final(column.name)
    else:
        points = min((WEIGHTS[role] for role in roles if role in WEIGHTS), default=0.0)
    if column.is_class_like or not column.is_plain:
        points += 2.5 if column.distinct <= 20 else 2.0
    elif column.is_unique and column.is_code:
        points -= 0 if "answer" in roles else 4.0
    else:
        points += 0.5
    points += 2.5 * (asks and "answer" in roles)
    return points + 0.5 * last - 4.0 * (column.filled < 0.5 * column.rows)


def choose_target(
    draft: Draft, found: Mapping[str, Profile], used: Collection[str], wish: object = None
) -> None:
    """Puts the column of the answer into a draft.

    Raises:
        UsageError: None looks like one, or several do alike.
    """
    if wish:
        draft.columns["target"] = str(wish)
        draft.say("target", str(wish), "as you say")
        return
    names = [name for name in found if name not in used]
    asks = any("question" in each.roles and each.is_text for each in found.values())
    points = {
        name: score
        for name in names
        if (score := _target_points(found[name], name == names[-1], asks)) is not None
    }
    _demote_aspect(points, found)
    likely = [name for name in points if points[name] >= LEAST]
    if not likely:
        raise refuse_target(found, "no column looks like the answer")
    shares = _told(draft.lines, found, points)
    free = {n for n in points if asks and "answer" in found[n].roles and not found[n].is_class_like}
    said = dict.fromkeys(free, 1.0) | shares  # no words tell an answer of its own
    ranked = sorted(points, key=lambda name: -points[name] - SAID * said.get(name, 0))
    best = _rather_words(ranked, found, draft.lines)
    close = [
        name
        for name in ranked
        if name != best and _could_be_meant(name, best, ranked[0], points, shares, found)
    ]
    close = [name for name in close if not _same_partition(draft.lines, name, best)]
    hinted = {"label", "answer"} & found[best].roles
    alone = shares.get(best, 0) >= TOLD > max((shares.get(name, 0) for name in close), default=0)
    if close and not hinted and not alone:
        raise refuse_target(found, f"{named([best, *close])} could each be the answer")
    draft.columns["target"] = best
    why = _target_reason(found[best], bool(hinted))
    if shares.get(best, 0) >= TOLD:
        why += ", and the words of the text tell it"
    if close:
        why += f"; {named(close)} could be meant, too"
    others = [name for name in ranked if name != best and points[name] >= 0]
    figures = not hinted and found[best].numeric > 0.9 and shares.get(best, 0) < TOLD
    why += "; it may be a figure that isn't asked for" if figures else ""
    draft.say("target", best, why, others, doubtful=bool(close) or figures)


def _could_be_meant(
    name: str,
    best: str,
    first: str,  # of all by its points
    points: Mapping[str, float],
    shares: Mapping[str, float],
    found: Mapping[str, Profile],
) -> bool:
    """Whether another column than the best could be meant: by its name, its text, or its purpose."""
    alike = abs(points[first] - points[name]) < CLOSE
    sorts = points[name] >= LEAST and _is_other_task(found[name], found[best])
    return alike or shares.get(name, 0) >= TOLD or sorts


def _demote_aspect(points: dict[str, float], found: Mapping[str, Profile]) -> None:
    """Takes ``target`` for the company that a sentiment is about, where both stand in a row."""
    strong = any(STRONG & set(words_of(name)) for name in points)
    for name in points:
        aspect = "aspect" in found[name].roles and "answer" in found[name].roles
        if strong and aspect and found[name].numeric < 0.5:
            points[name] -= HINTED


def _told(
    lines: Sequence[Line], found: Mapping[str, Profile], names: Collection[str]
) -> dict[str, float]:
    """Returns how much the text of a row tells of each column that could be a label."""
    asked = {name: _asked(column) or 0 for name, column in found.items() if column.is_text}
    text = max((n for n in asked if not found[n].is_class_like), key=asked.__getitem__, default="")
    if not text:
        return {}
    each = {n for n in names if n != text and _could_be_told(found[n])}
    return {name: told(lines, text, name) for name in each}


def _could_be_told(column: Profile) -> bool:
    few = column.numeric < 0.5 or column.distinct <= MEASURED
    return column.is_class_like and few and not APART & column.roles


def _is_other_task(column: Profile, answer: Profile) -> bool:
    """Whether a column sorts what another one answers: the category of an FAQ."""
    of_question = {"question", "문제", "질문"} & set(words_of(column.name))
    sorts = "label" in column.roles and column.is_class_like and not of_question
    return sorts and "answer" in answer.roles and not answer.is_class_like


def _target_reason(column: Profile, hinted: bool) -> str:
    values = f"{column.distinct} different values in {column.filled:,} rows"
    return f"its name, and {values}" if hinted else f"{values}, and no other column is like that"


def _rather_words(
    ranked: Sequence[str], found: Mapping[str, Profile], lines: Sequence[Line]
) -> str:
    """Returns the best target, in words where another column spells its codes out."""
    best = ranked[0]
    if found[best].numeric > 0.9 and found[best].is_class_like:
        for name, column in found.items():
            spelt = column.is_class_like and column.numeric < 0.1 and name != best
            if (
                spelt
                and column.distinct == found[best].distinct
                and _same_partition(lines, name, best)
            ):
                return name
    return best


def _same_partition(lines: Sequence[Line], one: str, other: str) -> bool:
    """Whether two columns say the same in other words."""
    pairs = {(str(line[one]), str(line[other])) for line in lines}
    firsts, seconds = {a for a, _ in pairs}, {b for _, b in pairs}
    return len(pairs) == len(firsts) == len(seconds)


def refuse_target(found: Mapping[str, Profile], why: str) -> UsageError:
    """Returns the error that says which columns there are."""
    listed = "; ".join(
        f"{column.name} ({column.distinct} different)"
        if column.is_plain
        else f"{column.name} (lists)"
        for column in list(found.values())[:20]
    )
    return UsageError(
        f"{why}: {listed}",
        "Name them: --input COLUMN --target COLUMN. Rows without any answer are documents: "
        "--docs takes them.",
    )


def choose_input(
    draft: Draft, found: Mapping[str, Profile], used: Collection[str], wish: object = None
) -> None:
    """Puts the column of the question into a draft.

    Raises:
        UsageError: No column holds text.
    """
    if wish:
        draft.columns["input"] = str(wish)
        draft.say("input", str(wish), "as you say")
        return
    asked = {name: _asked(column) for name, column in found.items() if name not in used}
    points = {name: score for name, score in asked.items() if score is not None}
    if not points:
        raise UsageError(
            f"no column holds text that can be asked: {named(list(found), 12)}",
            "Figures alone are no task for a language model. If one is text: --input COLUMN.",
        )
    ranked = sorted(points, key=lambda name: -points[name])
    best, pair = _of_languages(ranked, found)
    close = [n for n in ranked if n != best and points[best] - points[n] < CLOSE and n not in pair]
    why = "its name" if {"question", "input", "context"} & found[best].roles else "its texts"
    why += f", {found[best].words:.0f} words in the middle"
    if pair:
        why += f"; {named(pair)} says the same in another language"
    elif close:
        why += f"; {named(close)} could be meant, too"
    draft.columns["input"] = best
    others = [name for name in ranked if name != best]
    draft.say("input", best, why, others, doubtful=bool(close or pair))


def _asked(column: Profile) -> float | None:
    """Returns how much a column looks like a question; None where it can't be one."""
    if not column.filled or not column.is_plain or column.is_constant or column.is_split:
        return None
    if column.is_date or column.amounts > 0.5 or (column.is_code and column.words < 2):
        return None
    hints = [ASKED[role] for role in column.roles if role in ASKED]
    hinted = ASKED["other"] if "other" in column.roles else max(hints, default=0.5)
    if {"id", "time", "split"} & column.roles and not column.is_text:
        return None
    if column.is_class_like and not hinted > 0.5:
        return None
    short = 0 if column.is_text else -2.0
    labels = -1.5 if column.is_class_like and column.distinct < 50 and not column.words > 8 else 0
    length = min(1.0, column.length / 100)
    return hinted + short + labels + length + column.distinct / max(1, column.filled)


def _of_languages(ranked: Sequence[str], found: Mapping[str, Profile]) -> tuple[str, list[str]]:
    """Returns the input, and the columns that hold it in other languages: Korean before English."""
    best = ranked[0]
    stem, said = language_suffix(best)
    divided = {n: language_suffix(n) for n in ranked if n != best}
    same = [n for n, (own, other) in divided.items() if own == stem and (said or other)]
    if not same:
        return best, []
    every = [best, *same]
    spoken = {name: language_of(list(found[name].counts)[:200]) for name in every}
    first = next((name for name in every if spoken[name] != "en"), best)
    return first, [name for name in every if name != first]


def same_language(draft: Draft, found: Mapping[str, Profile]) -> None:
    """Takes the answer in the language of the question, where a table has both in several."""
    stem, said = language_suffix(draft.target)
    asked = language_suffix(draft.input)[1]
    twin = next((n for n in found if asked and language_suffix(n) == (stem, asked)), "")
    if said and said != asked and twin:
        draft.columns["target"] = twin
        draft.guesses = [guess for guess in draft.guesses if guess.field != "target"]
        draft.say("target", twin, f"in the language of {draft.input!r}", [f"{stem}_{said}"])
