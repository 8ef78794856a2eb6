"""Rows as they come, nested or of a chat format, with what their format tells of their columns."""

from __future__ import annotations

from collections.abc import Sequence

from harness.task.proposing.guess import Draft, Wishes, named
from harness.task.proposing.hints import roles_of
from harness.task.proposing.profile import Profile, profiles, text_of
from harness.task.proposing.shapes import shaped
from harness.task.proposing.shaping import ANSWERABLE, FILE_SPLIT
from harness.task.proposing.written import with_objects
from harness.task.tables import Chat, Line, read_chat
from harness.task.tables.turns import turns_of

__all__ = ["read_rows"]

SYSTEM = ("response", "answer", "output", "prediction", "actual_output", "model_answer")
RIGHT = ("ground_truth", "reference_answer", "expected_output", "expected_answer")
EVALUATED = (*((name, SYSTEM) for name in RIGHT), ("reference", ("response",)))


def read_rows(
    lines: Sequence[Line], wishes: Wishes, copied: str
) -> tuple[Draft, dict[str, Profile], set[str]]:
    """Reads rows of nested and of chat formats as flat ones.

    Returns:
        A draft of them with the columns that the format tells, all columns, and those it tells.
    """
    lines, why = with_objects(lines)
    draft, known = Draft(list(lines)), dict[str, str]()
    draft.copied += filter(None, (copied, why))
    if (flat := shaped(lines)) is not None:
        draft.lines, known = flat.lines, dict(flat.columns)
        draft.copied.append(flat.note)
    elif not wishes.get("target") and (chat := _chat(lines)) is not None:
        draft.lines, draft.instructions = chat.lines, chat.instructions
        known = {"input": chat.input, "target": chat.target}
        draft.notes.append(chat.note)
    if not known.get("target") and not wishes.get("target"):
        known |= _right_answer(draft)
    _give_way(known, wishes)
    draft.columns |= known
    for name, column in known.items():
        preferred = name == "target" and "rejected" in draft.lines[0]
        why = "the format says it"
        if preferred:
            why = "the preferred answer of a pair, which needn't be right; 'rejected' isn't used"
        draft.say(name, column, why, doubtful=preferred)
    if ANSWERABLE in known:
        unsaid = next(r for r in draft.lines if r[ANSWERABLE] == "false")
        draft.abstain = text_of(unsaid[draft.target])
    found = profiles(draft.lines)
    found.pop(FILE_SPLIT, None)
    return draft, found, set(known.values())


def _give_way(known: dict[str, str], wishes: Wishes) -> None:
    """Leaves out what a format tells where the user says another column."""
    if wishes.get("input"):
        known.pop("input", None)
    if wishes.get("target") and wishes["target"] != known.get("target"):
        for name in ("target", "accepted", ANSWERABLE):
            known.pop(name, None)


def _chat(lines: Sequence[Line]) -> Chat | None:
    """Reads a chat format; a conversation may have its answer in another column (OpenAI's evals)."""
    if (chat := read_chat(lines)) is not None:
        return chat
    asked = next((n for n in lines[0] if turns_of(lines[0][n])), None)
    answers = [n for n in lines[0] if "answer" in roles_of(n) and isinstance(lines[0][n], str)]
    return read_chat(lines, asked, answers[0]) if asked and answers else None


def _right_answer(draft: Draft) -> dict[str, str]:
    """Returns the right answer, where rows of an evaluation hold a system's answer beside it."""
    for right, made in EVALUATED:
        if right in draft.lines[0] and (system := set(made) & draft.lines[0].keys()):
            draft.notes.append(
                f"{right!r} is the right answer, and {named(sorted(system))} a system's"
            )
            return {"target": right}
    return {}
