"""One conversation: turns as OpenAI (`role`, `content`) or ShareGPT (`from`, `value`) has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.decoding import literal
from harness.errors import DataError

__all__ = ["Conversation", "conversation", "turns_of", "written_list"]

LEAVE_OUT = "Leave the row out, or write it as text."
KEYS = (("role", "content"), ("from", "value"))
ROLES = {
    "system": ("system", "developer"),
    "user": ("user", "human"),
    "assistant": ("assistant", "gpt", "chatgpt", "model", "bing", "bard"),
    "tool": ("tool", "function", "observation", "function_response", "ipython"),
    "call": ("function_call", "tool_call"),
}
ROLE_OF = {name: role for role, names in ROLES.items() for name in names}


@dataclass(frozen=True)
class Conversation:
    """What is asked in a conversation, and what its last turn answers."""

    system: str
    text: str  # the user's turn, or a transcript where there are several turns
    answer: str  # "" where the conversation ends before it
    earlier: int  # turns before the last one of the user


def turns_of(cell: object) -> list[dict[str, object]]:
    """Returns the turns of a cell, which may be written as JSON or as Python; [] where none are."""
    if isinstance(cell, str) and not cell.lstrip().startswith("[{"):
        return []
    listed = written_list(cell) or []
    turns = [turn for turn in listed if isinstance(turn, dict)]
    known = any(all(key in turn for turn in turns) for key, _ in KEYS)
    return turns if known and len(turns) == len(listed) else []


def written_list(cell: object) -> list[object] | None:
    """Returns a cell that is a list, or is one written as JSON or as Python; None where it is none."""
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        cell = literal(cell)
    return cell if isinstance(cell, list) else None


def conversation(
    turns: Sequence[dict[str, object]], origin: str, *, answered: bool
) -> Conversation:
    """Divides a conversation; where it is `answered`, its last turn is the answer.

    Raises:
        DataError: A turn isn't text, or the conversation doesn't end as it has to.
    """
    read = [_turn(turn, f"{origin}, turn {number}") for number, turn in enumerate(turns, 1)]
    system = "\n".join(text for role, text in read if role == "system")
    spoken = [(role, text) for role, text in read if role != "system"]
    answer = ""
    if answered:
        if not spoken or spoken[-1][0] != "assistant":
            last = f"the last turn is the {spoken[-1][0]}'s" if spoken else "there is no turn"
            raise DataError(f"{origin}: {last}, not an assistant's answer", LEAVE_OUT)
        answer = spoken.pop()[1]
    if not any(role == "user" for role, _ in spoken):
        raise DataError(f"{origin}: no turn is a user's before the answer", LEAVE_OUT)
    if len(spoken) == 1:
        return Conversation(system, spoken[0][1], answer, 0)
    transcript = "\n".join(f"{role.capitalize()}: {text}" for role, text in spoken)
    return Conversation(system, transcript, answer, len(spoken) - 1)


def _turn(turn: dict[str, object], where: str) -> tuple[str, str]:
    """Returns a turn's role, in one of five names, and its text."""
    key, content = next(names for names in KEYS if names[0] in turn)
    role = ROLE_OF.get(str(turn[key]).strip().lower())
    if role is None:
        raise DataError(f"{where}: unknown role {turn[key]!r}", f"Known: {', '.join(ROLE_OF)}.")
    return role, _content(turn, content, role, where)


def _content(turn: dict[str, object], key: str, role: str, where: str) -> str:
    if role == "call" or turn.get("tool_calls") or turn.get("function_call"):
        raise DataError(f"{where} calls a tool, which is no text", LEAVE_OUT)
    content = turn.get(key, "")
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    if any(not isinstance(text, str) for text in texts):
        kinds = [str(part.get("type")) for part in parts if isinstance(part, dict)]
        what = next((kind for kind in kinds if kind != "text"), "an object")
        raise DataError(f"{where} holds {what}, which is no text", LEAVE_OUT)
    text = "\n".join(map(str, texts)).strip()
    if not text and role in ("user", "assistant"):
        raise DataError(f"{where} ({role}) is empty", "Fill it in, or leave the row out.")
    return text
