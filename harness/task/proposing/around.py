"""What stands around question and answer: ids, groups, splits, dates, personal data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from harness.records.personal import KINDS
from harness.task.policy import named_split, shares_of
from harness.task.proposing.guess import Draft, Wishes, named
from harness.task.proposing.hints import groups_nothing, words_of
from harness.task.proposing.profile import Profile, is_true, text_of
from harness.task.tables import Line

__all__ = ["choose_cluster", "choose_id", "choose_split", "personal"]

NUMBERS = {"no", "num", "number", "seq", "번호", "순번", "연번", "index", "idx"}  # of rows alone
SHARED = 1.15  # rows that share a value, on average, for it to be a cluster
LEAST = 5  # values of a cluster's column


def choose_id(draft: Draft, found: Mapping[str, Profile], used: Collection[str]) -> None:
    """Takes a column as the rows' ids where each row has its own."""
    for name, column in found.items():
        if name in used or not column.is_unique or not column.is_plain:
            continue
        if "id" in column.roles and column.words <= 3 and not column.is_date:
            draft.columns["id"] = name
            draft.say("id", name, "each row has a value of its own")
            return


def choose_cluster(
    draft: Draft,
    found: Mapping[str, Profile],
    used: Collection[str],
    wish: object = None,
    about: str = "",
) -> None:
    """Takes the column whose equal rows belong together, so that they stay in one split."""
    if wish == "-":
        draft.say("cluster", "-", "as you say")
        return
    if wish:
        draft.columns["cluster"] = str(wish)
        draft.say("cluster", str(wish), "as you say")
        return
    points = {name: _cluster_points(column) for name, column in found.items() if name not in used}
    if about and found[about].repeats >= SHARED:
        points[about] = 3.0
    ranked = sorted((n for n in points if points[n] > 0), key=lambda n: -points[n])
    if not ranked:
        draft.say("cluster", "-", "no column repeats over rows as a customer or a document does")
        return
    best, column = ranked[0], found[ranked[0]]
    sure = points[best] >= 2
    why = (
        f"{column.distinct:,} values over {column.filled:,} rows: rows that share one stay in one "
        "split and are resampled together"
    )
    draft.columns["cluster"] = best
    draft.say("cluster", best, why, [*ranked[1:4], "-"], doubtful=not sure)


def _cluster_points(column: Profile) -> float:
    if column.filled < column.rows or not column.is_plain or column.is_constant or column.is_split:
        return 0.0
    bare = column.name.casefold() in NUMBERS or groups_nothing(column.name)
    if "other" in column.roles:
        return 0.0
    repeats = column.repeats >= SHARED and column.distinct >= LEAST
    if bare or not repeats or column.is_date or column.repeats > max(30, column.rows / 8):
        return 0.0
    if "group" in column.roles:
        return 2.0 + (column.distinct / column.rows)
    if "id" in column.roles and len(words_of(column.name)) < 4 and column.is_code:
        return 2.0
    if "context" in column.roles or (column.is_text and column.words > 20):
        return 1.5 if "context" not in column.roles else 2.0
    return 1.0 if column.is_code and column.numeric < 0.5 and column.distinct > 9 else 0.0


def choose_split(
    draft: Draft, found: Mapping[str, Profile], wishes: Wishes, files: Sequence[str]
) -> str:
    """Says what divides the rows; returns shares, where the user gives some."""
    if wishes.get("time"):
        draft.columns["time"] = str(wishes["time"])
        draft.say("split", f"by {wishes['time']}", "the latest rows are the test, as you say")
        return str(wishes.get("split") or "")
    if wishes.get("split"):
        shares_of(str(wishes["split"]))  # refuses what are no shares
        draft.say("split", str(wishes["split"]), "as you say")
        return str(wishes["split"])
    if len(set(files)) > 1:
        draft.say("split", ", ".join(dict.fromkeys(files)), "the names of the files say it")
        return ""
    if draft.kind == "ranking":
        draft.say("split", "0/0/100", "nothing is trained by a ranking: all rows are the test")
        return "0/0/100"
    columns = [column for column in found.values() if column.is_split]
    for column in columns:
        names = {named_split(text) for text in column.counts}
        if "test" in names and "train" in names:
            draft.columns["split"] = column.name
            draft.say("split", f"column {column.name}", f"it says {named(sorted(column.counts))}")
            return ""
    for column in found.values():
        if column.is_binary and (split := named_split("".join(words_of(column.name)[-1:]))):
            return _flagged(draft, column, split)
    why = "a share of the groups, by hash: the same for every strategy and seed"
    unread = [c.name for c in found.values() if "split" in c.roles and c.is_class_like]
    dated = [column.name for column in found.values() if column.is_date and column.distinct > 9]
    if columns or unread:
        name = columns[0].name if columns else unread[0]
        said = f"the column {name!r} has {named(list(found[name].counts))}, and none is the test"
        draft.say("split", "70/10/20", f"{why}; {said}", doubtful=True)
        return ""
    if dated:
        why += f"; to test on the latest rows instead: --time {dated[0]}"
    draft.say("split", "70/10/20", why)
    return ""


def _flagged(draft: Draft, column: Profile, split: str) -> str:
    """Makes a column of splits of one that says of each row whether it is in a split: ``is_test``."""
    other = "train" if split == "test" else "test"
    name, said = f"split_by_{column.name}", column.name
    draft.lines = [
        Line({**line, name: split if is_true(text_of(line[said])) else other}, line.origin)
        for line in draft.lines
    ]
    draft.columns["split"] = name
    draft.copied.append(f"{said!r} became a column that says {split} or {other}")
    draft.say("split", f"column {said}", f"it says which rows are {split}; the others are {other}")
    return ""


def personal(draft: Draft, columns: Sequence[str]) -> Iterator[str]:
    """Says in which columns of the task something looks like personal data, and where first."""
    for name in columns:
        for kind, pattern in KINDS.items():
            held = [line for line in draft.lines if pattern.search(text_of(line.get(name, "")))]
            if held:
                yield (
                    f"personal: {name!r} looks like holding a {kind} in {len(held):,} of "
                    f"{len(draft.lines):,} rows ({held[0].origin} first); --store-text masked keeps "
                    "it out of the records"
                )
