"""From rows to a proposed task: each guess with its reason, each doubt with its options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from harness.errors import UsageError, nearest
from harness.metrics.kind import Marked, Misread
from harness.metrics.registry import check_kind, kinds
from harness.task.proposing.around import choose_cluster, choose_id, choose_split, personal
from harness.task.proposing.codes import CodeBook, codes_named
from harness.task.proposing.columns import choose_input, choose_target, same_language
from harness.task.proposing.guess import Draft, Wishes, named, names_in
from harness.task.proposing.hints import words_of
from harness.task.proposing.profile import Profile, language_of, profiles, text_of
from harness.task.proposing.reading import read_rows
from harness.task.proposing.scoring import decide_kind, decide_labels, decide_scores
from harness.task.proposing.shaping import ANSWERABLE, FILE_SPLIT
from harness.task.proposing.structure import (
    context_of,
    entities_in,
    flags_of,
    joined,
    named_codes,
    one_flag_each,
    options_in,
    passages_of,
    several_marks,
    tags_of,
)
from harness.task.tables import Line
from harness.task.tables.turns import written_list

__all__ = ["FILE_SPLIT", "Beside", "Proposal", "propose"]

LABELLED = ("classification", "multi_label", "extraction")
NOTHING = {"-", "--", "?", "n/a", "#n/a", "na", "nan", "null", "\\n"}  # words for no label
OR, SOME = "||", 0.2  # between answers, and the share of rows that have it
LABEL = "label"  # column that is made of several
OWN = {"intent", "label", "sentiment", "의도", "라벨", "감정"}  # of a whole row
MISREAD = 0.1  # share of answers that the kind can't read, above which it isn't the kind


@dataclass(frozen=True)
class Proposal:
    """A draft, how its rows are divided, and what is weak about them."""

    draft: Draft
    shares: str = ""
    warnings: list[str] = field(default_factory=list)
    corpus: tuple[str, ...] = ()  # id, text and title of the table of documents


@dataclass(frozen=True)
class Beside:
    """What lies beside the rows: names of codes, and ids of documents by their column."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by column
    documents: Mapping[str, Collection[str]] = field(default_factory=dict)
    books: Sequence[CodeBook] = ()  # tables that could name codes


def propose(
    lines: Sequence[Line],
    wishes: Wishes | None = None,
    *,
    splits: Sequence[str] = ("all",),  # of the files
    beside: Beside | None = None,
    copied: str = "",  # why the rows have to be written anew, if they have
) -> Proposal:
    """Looks at rows and proposes a task; `wishes` are what the user says, and hold.

    Raises:
        UsageError: Something can't be decided; the message has the options.
    """
    wishes, beside = wishes or {}, beside or Beside()
    draft, found, used = read_rows(lines, wishes, copied)
    _check_wishes(wishes, found)
    _decide(draft, found, used, wishes, beside)
    used |= _names(draft)
    about = _with_context(draft, found, used, wishes)
    if _drop_empty(draft):
        found = profiles(draft.lines)
        found.pop(FILE_SPLIT, None)
    if draft.kind in LABELLED:
        names = dict(named_codes(beside.names, draft.target))
        source = "a file beside the rows"
        if not names and draft.target in found:
            names, source = codes_named(found[draft.target], beside.books)
        decide_labels(draft, found, wishes, names, source)
    draft.language = language_of([_sample(line, draft) for line in draft.lines[:300]])
    draft.say("language", draft.language, f"the letters of {draft.input!r}")
    if "split" not in wishes and "time" not in wishes and len(set(splits)) < 2:
        used |= {name for name, column in found.items() if column.is_split}
    choose_id(draft, found, used)
    used |= _names(draft)
    choose_cluster(draft, found, used, wishes.get("group"), about)
    shares = choose_split(draft, found, wishes, splits)
    decide_scores(draft)
    if wishes.get("metric"):
        draft.primary = str(wishes["metric"])
        draft.metrics = tuple(dict.fromkeys((draft.primary, *draft.metrics)))
    draft.longest = max((len(_sample(line, draft)) for line in draft.lines), default=0)
    warnings = [*draft.notes, *personal(draft, _texts(draft))]
    return Proposal(draft, shares, warnings)


def _check_wishes(wishes: Wishes, found: Mapping[str, Profile]) -> None:
    for key in ("input", "target", "group", "time"):
        name = wishes.get(key)
        if name and name != "-" and str(name) not in found:
            raise UsageError(f"the rows have no column {name!r}", nearest(str(name), found))
    kind = wishes.get("kind")
    if kind:
        check_kind(str(kind), [name for name in kinds() if name not in ("decision", "description")])


def _decide(
    draft: Draft,
    found: dict[str, Profile],
    used: set[str],
    wishes: Wishes,
    beside: Beside,
) -> None:
    """Decides kind, input and target."""
    if _marked(draft, found, wishes, beside):
        return
    if not draft.target and (options := options_in(draft, found, wishes)):
        draft.kind = "multiple_choice"
        draft.say("kind", draft.kind, f"the options of a row stand in {named(options)}")
        choose_input(draft, found, {*used, *_names(draft)}, wishes.get("input"))
        return
    if not draft.target and (name := entities_in(draft.lines, found)):
        draft.kind, draft.columns["target"] = "extraction", name
        draft.say("kind", draft.kind, f"{name!r} lists pieces of the text with their type")
        choose_input(draft, found, {*used, name}, wishes.get("input"))
        return
    if not draft.target and (gold := passages_of(found, beside.documents)):
        _ranking(draft, found, gold, wishes)
        return
    flags = flags_of(found) if not (draft.target or wishes.get("target")) else ()
    if flags:
        _marks_by_column(draft, found, {*used, *flags}, flags, wishes)
        return
    _one_answer(draft, found, used, wishes)


def _marks_by_column(
    draft: Draft,
    found: Mapping[str, Profile],
    used: set[str],
    flags: Sequence[str],
    wishes: Wishes,
) -> None:
    """Takes columns of 0 and 1 for the labels of rows, or for the one label of each."""
    several = f"{len(flags)} columns are 0 or 1: {named(flags)}"
    if (names := one_flag_each(draft.lines, flags)) is not None:
        draft.lines = [
            Line({**line, LABEL: name}, line.origin)
            for line, name in zip(draft.lines, names, strict=True)
        ]
        draft.kind, draft.columns["target"] = "classification", LABEL
        why = f"{several}, and each row is 1 in one of them, whose name is its label"
        draft.copied.append(why)
        draft.say("kind", draft.kind, why, ["multi_label"])
    else:
        draft.kind, draft.columns["flags"] = "multi_label", tuple(flags)
        draft.say("kind", draft.kind, several)
    choose_input(draft, found, used, wishes.get("input"))


def _marked(draft: Draft, found: dict[str, Profile], wishes: Wishes, beside: Beside) -> bool:
    """Decides whether entities are marked, as places in a text or as tags of its words."""
    _either(draft, found, wishes)
    if draft.columns.get("entities"):
        draft.columns["target"] = draft.columns.pop("entities")
        draft.kind = "extraction"
        draft.say("kind", draft.kind, "places in the text are marked with a type")
        return True
    known = draft.columns.get("tags")
    pair = None if known else tags_of(draft, found, beside.names)
    if pair:
        draft.columns |= {"input": pair[0], "tags": pair[1]}
    if pair or known:
        draft.kind = "extraction"
        columns = f"{draft.input!r} and {draft.columns['tags']!r}"
        draft.say("kind", draft.kind, f"{columns} are words and a tag for each")
    return bool(pair or known)


def _either(draft: Draft, found: dict[str, Profile], wishes: Wishes) -> None:
    """Leaves marked places out where a row has a label of its own, or the user names another target."""
    if not draft.columns.get("entities") or wishes.get("kind") == "extraction":
        return
    own = [n for n, each in found.items() if each.is_class_like and OWN & set(words_of(n))]
    if own and not wishes.get("target"):
        why = (
            f"the rows have a label, {own[0]!r}; --kind extraction takes the places marked in them"
        )
        draft.say("kind", "classification", why, ["extraction"], doubtful=True)
    if own or wishes.get("target"):
        found.pop(str(draft.columns.pop("entities")))


def _ranking(
    draft: Draft, found: Mapping[str, Profile], gold: tuple[str, str], wishes: Wishes
) -> None:
    column, ids = gold
    draft.columns["passages"] = column
    draft.kind = "ranking"
    why = f"{column!r} names documents by the ids that stand in {ids!r} beside it"
    answers = [n for n, each in found.items() if "answer" in each.roles and each.is_plain]
    draft.say("kind", "ranking", why, ["qa"] if answers else (), doubtful=bool(answers))
    choose_input(draft, found, {column, *answers}, wishes.get("input"))
    if wishes.get("kind") == "qa":
        draft.kind = "qa"
        choose_target(draft, found, {draft.input}, wishes.get("target"))


def _one_answer(draft: Draft, found: dict[str, Profile], used: set[str], wishes: Wishes) -> None:
    if not draft.target:
        taken = {*used, draft.input, str(wishes.get("input", ""))}
        choose_target(draft, found, taken, wishes.get("target"))
    if not draft.input:
        choose_input(draft, found, {*used, draft.target}, wishes.get("input"))
    if not wishes.get("target"):
        same_language(draft, found)
    column = _without_words_for_nothing(draft, found[draft.target])
    marks, sign = several_marks(found, draft.target)
    if wishes.get("kind"):
        draft.kind = str(wishes["kind"])
        draft.say("kind", draft.kind, "as you say")
    elif marks:
        draft.kind = "multi_label"
        draft.say("kind", draft.kind, f"{draft.target!r} holds {marks}", ["classification"])
        _divide(draft, sign)
    else:
        context, copied = context_of(draft, found, {draft.input, draft.target})
        decide_kind(draft, column, context, copied)
    if draft.kind == "qa":
        _accept_others(draft)


def _without_words_for_nothing(draft: Draft, column: Profile) -> Profile:
    """Empties cells of labels that say that there is none: ``-``, ``N/A``."""
    name = column.name
    said = [text for text in column.counts if text.casefold() in NOTHING]
    if not said or not column.is_class_like:
        return column
    draft.lines = [
        Line({**line, name: ""}, line.origin) if text_of(line[name]) in said else line
        for line in draft.lines
    ]
    count = sum(column.counts[text] for text in said)
    draft.copied.append(f"{named(said)} in {name!r} counts as no answer ({count:,} rows)")
    return profiles([Line({name: line[name]}, line.origin) for line in draft.lines])[name]


def _accept_others(draft: Draft) -> None:
    """Divides answers that stand in one cell with ``||`` between: each of them is right."""
    name, made = draft.target, "accepted"
    cells = [text_of(line[name]).split(OR) for line in draft.lines]
    if made in draft.lines[0] or sum(len(each) > 1 for each in cells) < SOME * len(cells):
        return
    draft.lines = [
        Line({**line, name: each[0].strip(), made: [a.strip() for a in each[1:]]}, line.origin)
        for line, each in zip(draft.lines, cells, strict=True)
    ]
    draft.columns[made] = made
    draft.copied.append(f"of answers with {OR} between, the first is asked, others are accepted")


def _divide(draft: Draft, sign: str) -> None:
    """Makes lists of labels that are divided by a sign by which a task doesn't divide them."""
    if sign in ("", "|", ";"):
        return
    name = draft.target
    cells = [[part.strip() for part in text_of(line[name]).split(sign)] for line in draft.lines]
    draft.lines = [
        Line({**line, name: list(filter(None, parts))}, line.origin)
        for line, parts in zip(draft.lines, cells, strict=True)
    ]
    draft.copied.append(f"the labels in {name!r} were divided by {sign!r}")


def _with_context(
    draft: Draft, found: Mapping[str, Profile], used: set[str], wishes: Wishes
) -> str:
    """Adds the text that a question is about; returns its column."""
    known = str(draft.columns.get("context", ""))
    if draft.kind in ("qa", "spans", "numeric_qa"):
        context = known or context_of(draft, found, used)[0]
        if context:
            draft.columns["context"] = context
        if context and not known:
            draft.say("context", context, "questions are about it", ["-"])
        if context:
            return context
    if draft.kind in ("spans", "extraction", "ranking"):
        return ""
    others, why = joined(draft, found, used)
    if not others:
        return ""
    first = draft.input
    _join(draft, others, why)
    longest = sorted((first, *others), key=lambda n: -found[n].length)
    texts = [name for name in longest if found[name].is_text]
    return next((n for n in texts if found[n].repeats > 1.1), "")


def _join(draft: Draft, others: Sequence[str], why: str) -> None:
    """Makes one input of several columns, in the order in which they stand in the table."""
    name = draft.input
    names = [each for each in draft.lines[0] if each in (name, *others)]
    made = " + ".join(names)
    draft.lines = [
        Line({**line, made: "\n".join(f"{n}: {text_of(line[n])}" for n in names)}, line.origin)
        for line in draft.lines
    ]
    draft.columns |= {"input": made}
    draft.columns.pop("context", None)
    draft.copied.append(f"{', '.join(map(repr, names))} became one input")
    draft.guesses = [guess for guess in draft.guesses if guess.field != "input"]
    draft.say("input", made, why, [name], doubtful=True)


def _names(draft: Draft) -> set[str]:
    return {name for each in draft.columns.values() for name in names_in(each)}


def _texts(draft: Draft) -> list[str]:
    return [str(draft.columns[k]) for k in ("input", "context", "target") if k in draft.columns]


def _sample(line: Line, draft: Draft) -> str:
    cell = line[draft.input]
    return " ".join(map(str, cell)) if isinstance(cell, list) else text_of(cell)


def _drop_empty(draft: Draft) -> int:
    """Leaves out rows without a question or a readable answer, and says how many."""
    needed = [
        str(draft.columns[key]) for key in ("input", "target", "passages") if draft.columns.get(key)
    ]
    kind = kinds()[draft.kind]
    if kind.parts is not None:  # an empty cell is an answer there: none of the labels
        needed = [draft.input]
    kept, empty, misread = list[Line](), list[Line](), list[Line]()
    for line in draft.lines:
        if not all(_holds(line[name]) for name in needed):
            empty.append(line)
        elif (
            draft.kind == "numeric_qa"
            and kind.right
            and line.get(ANSWERABLE) != "false"
            and not _reads(kind.right, line[draft.target])
        ):
            misread.append(line)
        else:
            kept.append(line)
    if not kept or len(misread) > MISREAD * len(draft.lines):
        raise UsageError(
            f"{len(kept):,} of {len(draft.lines):,} rows have a question and an answer that is one",
            "Name the columns and the kind: --input, --target, --kind.",
        )
    for rows, why in ((empty, f"without {named(needed)}"), (misread, "whose answer is no number")):
        if rows:
            count = f"{len(rows):,} of {len(draft.lines):,} rows {why}"
            draft.copied.append(f"{count} are left out ({rows[0].origin} first)")
    draft.lines = kept
    if (
        draft.kind == "numeric_qa"
        and kind.right
        and (also := str(draft.columns.get("accepted", "")))
    ):
        draft.lines = [
            Line(
                {**r, also: [a for a in written_list(r[also]) or [] if _reads(kind.right, a)]},
                r.origin,
            )
            for r in kept
        ]
    return len(empty) + len(misread)


def _holds(cell: object) -> bool:
    several = written_list(cell)
    return bool(several) if several is not None else bool(text_of(cell))


def _reads(right: Callable[[Marked], str], cell: object) -> bool:
    try:
        return bool(right(Marked(cell)))
    except Misread:
        return False
