"""What the shape of rows says: options, tags, several marks a row, ids of passages, two texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from harness.errors import HarnessError, UsageError
from harness.metrics.answers.entities import entities_of
from harness.task.options import Asked, is_option, options_of, target_readings
from harness.task.proposing.guess import Draft, Wishes, named, names_in
from harness.task.proposing.hints import option_columns, words_of
from harness.task.proposing.lettered import lettered
from harness.task.proposing.loose import IOB
from harness.task.proposing.profile import Profile, is_true, text_of
from harness.task.proposing.shaping import ANSWERABLE
from harness.task.tables import Line
from harness.task.tables.turns import written_list

__all__ = [
    "context_of",
    "entities_in",
    "flags_of",
    "joined",
    "named_codes",
    "one_flag_each",
    "options_in",
    "passages_of",
    "several_marks",
    "tags_of",
]

RIGHT = {"answer", "label", "gold", "correct", "key", "target", "solution", "truth", "ans"}
SIGNS = "|;,/\n"  # between labels; a task's rows are read with the first two
UNNAMED = ("column", "col", "field", "unnamed", "v", "var")  # numbered since they have no name
_PLACE = re.compile(r"\d{1,2}$|^[ab]$")
FLAGS = 3  # columns of 0 and 1 that are marks of one row
SAME = 0.95  # share of rows whose answer stands in their context


def tags_of(
    draft: Draft, found: Mapping[str, Profile], names: Mapping[str, Mapping[str, str]]
) -> tuple[str, str] | None:
    """Returns the columns of tokens and of their tags; numbers become the names that are known.

    Raises:
        UsageError: The tags are numbers, and nothing says what they mean.
    """
    lists = [each for each in found.values() if each.lists > 0.9 and each.items]
    for tags in lists:
        others = [each for each in lists if each is not tags]
        tokens = next((t for t in others if _parallel(draft.lines, t.name, tags.name)), None)
        if tokens is None:
            continue
        if all(map(IOB.fullmatch, tags.items)):
            return tokens.name, tags.name
        known = named_codes(names, tags.name)
        if set(tags.items) <= known.keys() and all(map(IOB.fullmatch, known.values())):
            _name_tags(draft, tags.name, known)
            return tokens.name, tags.name
        if "tags" in words_of(tags.name)[-1:] and all(item.isdigit() for item in tags.items):
            raise UsageError(
                f"the tags in {tags.name!r} are numbers, and no file beside them says what they mean",
                "Write them as words (B-ORG, I-ORG, O), or put the set's dataset_info.json or README.md "
                "beside it.",
            )
    return None


def named_codes(names: Mapping[str, Mapping[str, str]], column: str) -> Mapping[str, str]:
    """Returns what the codes of a column mean; ``row.label`` is `label` where objects were flat."""
    return names.get(column) or names.get(column.rpartition(".")[2]) or {}


def _name_tags(draft: Draft, column: str, names: Mapping[str, str]) -> None:
    draft.lines = [
        Line({**r, column: [names[str(t)] for t in written_list(r[column]) or []]}, r.origin)
        for r in draft.lines
    ]
    draft.copied.append(f"the numbers in {column!r} became the tags that a file beside them names")


def entities_in(lines: Sequence[Line], found: Mapping[str, Profile]) -> str:
    """Returns the column that lists entities as objects with a text and a type; "" if none does."""
    for name, column in found.items():
        cells = [line[name] for line in lines] if column.lists > 0.9 else []
        several = [each for cell in cells for each in written_list(cell) or []]
        if several and all(isinstance(each, dict) for each in several) and entities_of(several):
            return name
    return ""


def _parallel(lines: Sequence[Line], one: str, other: str) -> bool:
    pairs = [
        (written_list(line[one]) or [], written_list(line[other]) or []) for line in lines[:200]
    ]
    return all(len(a) == len(b) for a, b in pairs) and max(len(a) for a, _ in pairs) > 2


def options_in(draft: Draft, found: Mapping[str, Profile], wishes: Wishes) -> tuple[str, ...]:
    """Returns the columns of options, or the one that lists them, and sets the right one.

    They count only where a column says for each row which of them is right.
    """
    columns = names_in(wishes.get("choices")) or option_columns(list(found))
    if not columns:
        columns = tuple(
            n
            for n, each in found.items()
            if "options" in each.roles and _lists_texts(draft.lines, n)
        )[:1]
    if not columns and not wishes.get("target") and (holder := _lettered_column(found)):
        columns = _divide_options(draft, found, holder)
    if not columns:
        return ()
    rest = [name for name in found if name not in columns]
    asked = [wishes["target"]] if wishes.get("target") else _right_columns(rest)
    small = [n for n in rest if found[n].is_plain and 1 < found[n].distinct <= 10]
    fitting = [n for n in small if _fits(draft.lines, columns, n)]
    asked = asked or (fitting if len(fitting) == 1 else [])
    for name in map(str, asked):
        if name in found and _fits(draft.lines, columns, name):
            draft.columns |= {"target": name, "choices": columns}
            _leave_out(draft, columns, name)
            why = f"says for each row which of the {len(columns)} options is right"
            if len(columns) == 1:
                _plain_options(draft, columns[0])
                why = f"says for each row which option of {columns[0]!r} is right"
            draft.say("target", name, why)
            return columns
    if wishes.get("choices"):
        raise UsageError(
            f"no column says which of {named(columns)} is right", "Name it: --target COLUMN."
        )
    return ()


def _lettered_column(found: Mapping[str, Profile]) -> str:
    """Returns the column of questions that hold their options, each behind its letter; else ""."""
    for name, column in found.items():
        texts_of = list(column.counts)[:100] if column.is_text else []
        read = [each for text in texts_of if (each := lettered(text)) and each[0]]
        if texts_of and len(read) > SAME * len(texts_of):
            return name
    return ""


def _divide_options(draft: Draft, found: Mapping[str, Profile], asked: str) -> tuple[str, ...]:
    """Makes a column of the options that stand in the questions, if one says which is right."""
    made = "options"
    while made in found:
        made += "_"
    rows = [(line, lettered(text_of(line[asked])) or ("", [])) for line in draft.lines]
    lines = [
        Line({**line, asked: stem, made: listed}, line.origin) for line, (stem, listed) in rows
    ]
    right = [n for n in _right_columns(list(found)) if _fits(lines, (made,), n)]
    if not right:
        return ()
    draft.lines = lines
    draft.copied.append(f"the options in {asked!r} became a column of their own")
    return (made,)


def _plain_options(draft: Draft, name: str) -> None:
    """Writes options as lists of texts, where they stand there in another way."""
    if all(isinstance(line[name], list) and isinstance(line[name][0], str) for line in draft.lines):  # type: ignore[index]
        return
    if all(isinstance(line[name], dict) and "text" in line[name] for line in draft.lines):  # type: ignore[operator]
        return  # Hugging Face's, which is read as it is
    draft.lines = [Line({**line, name: texts(line[name])}, line.origin) for line in draft.lines]
    draft.copied.append(f"the options in {name!r} became lists of texts")


def _lists_texts(lines: Sequence[Line], name: str) -> bool:
    cells = [line[name] for line in lines[:100]]
    return all(len(texts(cell)) > 1 for cell in cells)


def _right_columns(names: Sequence[str]) -> list[str]:
    korean = [name for name in names if "정답" in name or name in ("답", "정답번호")]
    return [*korean, *(name for name in names if RIGHT & set(words_of(name)))]


def _fits(lines: Sequence[Line], columns: Sequence[str], target: str) -> bool:
    """Whether nearly each row's target is one of its options, by text, letter or number."""
    asked = [row for line in lines if (row := _asked(line, columns, target))]
    if len(asked) < 0.8 * len(lines):
        return False
    try:
        target_readings(asked)
    except HarnessError:
        return False
    return True


def _asked(line: Line, columns: Sequence[str], target: str) -> Asked | None:
    """Returns a row's options and its target; None where the target is none of them."""
    try:
        several = len(columns) > 1
        cells = [line.text(name) for name in columns] if several else texts(line[columns[0]])
        options, right = options_of(cells, line.origin), text_of(line[target])
    except HarnessError:
        return None
    return (options, right, line.origin) if right and is_option(options, right) else None


def _leave_out(draft: Draft, columns: Sequence[str], target: str) -> None:
    """Leaves out rows with several right options, with none, or with options that are equal."""
    out = [line for line in draft.lines if _asked(line, columns, target) is None]
    if out:
        count = f"{len(out):,} of {len(draft.lines):,} rows"
        why = f"whose {target!r} isn't one of their options, or whose options aren't all different"
        draft.copied.append(f"{count} {why}, are left out ({out[0].origin} first)")
        gone = {id(line) for line in out}
        draft.lines = [line for line in draft.lines if id(line) not in gone]


def texts(cell: object) -> list[str]:
    """Returns the options that a cell lists."""
    several = cell.get("text") if isinstance(cell, dict) else written_list(cell)
    if isinstance(cell, dict) and option_columns(list(cell)) == tuple(sorted(cell)):
        several = [cell[key] for key in sorted(cell)]  # {"A": ..., "B": ...}
    if not isinstance(several, list):
        divided = lettered(cell) if isinstance(cell, str) else None
        return divided[1] if divided and not divided[0] else []
    return [str(each.get("text", "")) if isinstance(each, dict) else str(each) for each in several]


def flags_of(found: Mapping[str, Profile]) -> tuple[str, ...]:
    """Returns the columns of 0 and 1, if they are the answers: several, and no other label.

    All are written in one way: where most have 0 and 1, one with true and false is something else.
    """
    by_writing: dict[frozenset[str], list[str]] = defaultdict(list)
    for column in found.values():
        if column.is_binary and "split" not in column.roles:
            by_writing[frozenset(column.counts)].append(column.name)
    written, flags = max(
        by_writing.items(), key=lambda pair: len(pair[1]), default=(frozenset(), [])
    )
    sparse = [
        each.name
        for each in found.values()
        if each.is_plain and len(each.counts) == 1 and set(each.counts) < written
    ]
    others = [
        each
        for each in found.values()
        if each.name not in flags and each.is_class_like and "label" in each.roles
    ]
    if len(flags) < FLAGS or others:
        return ()
    return tuple(name for name in found if name in {*flags, *sparse})


def one_flag_each(lines: Sequence[Line], flags: Sequence[str]) -> list[str] | None:
    """Returns the one column that is 1 in each row; None where a row has another number of them."""
    marked = [[n for n in flags if is_true(text_of(line[n]))] for line in lines]
    return [each[0] for each in marked] if all(len(each) == 1 for each in marked) else None


def several_marks(found: Mapping[str, Profile], target: str) -> tuple[str, str]:
    """Says how a column holds several labels a row, and by which sign; "" where it holds one."""
    column = found[target]
    if column.lists_labels:
        return "lists of labels", ""
    for sign in SIGNS:
        parts = [[p.strip() for p in text.split(sign)] for text in column.counts]
        labels = {part for each in parts for part in each}
        singles = {each[0] for each in parts if len(each) == 1}
        if not any(len(each) > 1 for each in parts) or max(map(len, labels)) > 60:
            continue
        # A comma also stands inside labels: theirs are labels that stand alone, too.
        sure = sign in "|;" or (len(singles & labels) > len(labels) / 2 and "" not in labels)
        if sure and len(labels) < len(column.counts) + (sign in "|;"):
            return f"labels divided by {sign!r}", sign
    return "", ""


def passages_of(
    found: Mapping[str, Profile], documents: Mapping[str, Collection[str]]
) -> tuple[str, str] | None:
    """Returns the column whose cells are ids of documents, and the documents' column of ids."""
    for column in found.values():
        items = set(column.items) if column.lists > 0.9 else set()
        for name, ids in documents.items():
            if items and len(items & set(ids)) > 0.9 * len(items):
                return column.name, name
    return None


def context_of(
    draft: Draft, found: Mapping[str, Profile], used: Collection[str]
) -> tuple[str, bool]:
    """Returns the column with the text that a row is about, and whether answers stand in it."""
    best, copied = "", False
    said = [line for line in draft.lines if line.get(ANSWERABLE) != "false"]
    for name, column in found.items():
        if name in used or not column.is_plain or not column.is_text:
            continue
        within = _within(said, name, draft.target) if draft.target else False
        named_so = "context" in column.roles and column.words > 5
        if (named_so or within) and (not best or within > copied):
            best, copied = name, within
    return best, copied


def _within(lines: Sequence[Line], context: str, target: str) -> bool:
    filled = [line for line in lines if text_of(line[context]) and text_of(line[target])]
    there = sum(text_of(line[target]) in text_of(line[context]) for line in filled)
    longer = sum(len(text_of(line[context])) > 3 * len(text_of(line[target])) for line in filled)
    return len(filled) > 0.5 * len(lines) and min(there, longer) > SAME * len(filled)


def joined(
    draft: Draft, found: Mapping[str, Profile], used: Collection[str]
) -> tuple[tuple[str, ...], str]:
    """Returns columns that belong to the input, and why: without them one input has many answers."""
    name = draft.input
    texts = [n for n in found if n not in used and found[n].is_text]
    if family := [n for n in texts if n != name and _are_pair(n, name)]:
        return tuple(family), f"the {len(family) + 1} texts are asked together"
    if draft.kind not in ("classification", "multiple_choice"):
        return (), ""
    for other in texts:
        if "context" in found[other].roles and found[other].words > 5:
            return (other,), f"{name!r} is about it"
    if draft.kind == "multiple_choice":
        return (), ""
    for first in texts:
        if first != name and (others := [n for n in texts if n != name and _numbered(n, first)]):
            return (first, *others), f"{name!r} is about {len(others) + 1} texts"
    return _telling_apart(draft, found, used)


def _telling_apart(
    draft: Draft, found: Mapping[str, Profile], used: Collection[str]
) -> tuple[tuple[str, ...], str]:
    """Returns the columns by which rows of one input have different answers."""
    name = draft.input
    free = {n: each for n, each in found.items() if n not in used and each.is_plain and each.filled}
    aspects = [n for n, each in free.items() if "aspect" in each.roles and each.amounts < 0.5]
    aspects = [n for n in aspects if not free[n].is_constant]
    inside = [n for n in aspects if _stands_in(draft.lines, n, name)]
    if len(inside) > 1:
        return tuple(inside), f"they stand in {name!r}, and the label is about them"
    share = _conflicting(draft.lines, (name,), draft.target)
    if aspects and found[name].repeats > 1.15:
        return _until_clear(draft, aspects), f"rows repeat {name!r} with another {aspects[0]!r}"
    if share < 0.1:
        return (), ""
    rest = [n for n, each in free.items() if not each.is_unique]
    rest.sort(key=lambda n: not {"aspect", "question"} & found[n].roles)
    for other in rest:
        if _conflicting(draft.lines, (name, other), draft.target) < 0.2 * share:
            why = f"{share:.0%} of the rows repeat {name!r} with another answer without it"
            return (other,), why
    return (), ""


def _until_clear(draft: Draft, aspects: Sequence[str]) -> tuple[str, ...]:
    """Returns the first aspect, and others as long as each tells more answers apart."""
    taken = [aspects[0]]
    share = _conflicting(draft.lines, (draft.input, *taken), draft.target)
    for other in aspects[1:]:
        now = _conflicting(draft.lines, (draft.input, *taken, other), draft.target)
        if now < 0.5 * share:
            taken, share = [*taken, other], now
    return tuple(taken)


def _stands_in(lines: Sequence[Line], part: str, whole: str) -> bool:
    pairs = [(text_of(line[part]), text_of(line[whole])) for line in lines]
    there = sum(0 < len(one) < len(text) and one in text for one, text in pairs)
    return there > SAME * len(lines)


def _are_pair(one: str, other: str) -> bool:
    return _numbered(one, other) or {one.casefold(), other.casefold()} == {"premise", "hypothesis"}


def _numbered(one: str, other: str) -> bool:
    """Whether names differ in a number or letter alone: ``sentence1``, ``#1 String``, ``text_a``."""
    apart = [(a, b) for a, b in zip(words_of(one), words_of(other), strict=False) if a != b]
    if len(apart) != 1 or len(words_of(one)) != len(words_of(other)):
        return False
    (a, b), *_ = apart
    if _PLACE.sub("", a) in UNNAMED:
        return False
    return _PLACE.sub("", a) == _PLACE.sub("", b) and bool(_PLACE.search(a) and _PLACE.search(b))


def _conflicting(lines: Sequence[Line], names: Sequence[str], target: str) -> float:
    answers = defaultdict[tuple[str, ...], set[str]](set)
    keys = [tuple(text_of(line[name]) for name in names) for line in lines]
    for key, line in zip(keys, lines, strict=True):
        answers[key].add(text_of(line[target]))
    return sum(len(answers[key]) > 1 for key in keys) / max(1, len(lines))
