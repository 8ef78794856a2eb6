"""Rows as chat models are tuned with: `messages`, ShareGPT, Alpaca, prompt and completion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import DataError
from harness.task.tables.table import Line
from harness.task.tables.turns import Conversation, conversation, turns_of

__all__ = ["Chat", "asked_text", "read_chat"]

CONVERSATIONS = ("messages", "conversations", "conversation", "chosen")
PAIRS = (("prompt", "completion"), ("prompt", "response"), ("prompt", "chosen"))
INSTRUCTION, CONTEXTS, OUTPUTS = "instruction", ("input", "context"), ("output", "response")


@dataclass(frozen=True)
class Chat:
    """Lines whose columns `input` and `target` hold texts."""

    lines: list[Line]
    input: str
    target: str
    instructions: str  # the system prompt that all rows have; "" where they differ
    note: str  # how the rows were read


def read_chat(
    lines: Sequence[Line],
    input: str | None = None,
    target: str | None = None,
    instructions: str | None = None,
) -> Chat | None:
    """Reads rows of a known chat format; None where they are others.

    The columns are those that the user names, if any. A system prompt that all rows have is taken
    out of them, and stays before each input where `instructions` are given that lack it.

    Raises:
        DataError: A conversation can't be read as text with an answer.
    """
    columns = lines[0]
    output = next((name for name in OUTPUTS if name in columns), "")
    named_so = {input, target} <= {None, "", INSTRUCTION, *CONTEXTS, output}
    if named_so and output and INSTRUCTION in columns:
        return _alpaca(lines, output, instructions)
    named = [input] if input else [name for name in CONVERSATIONS if name in columns]
    for name in named:
        if any(turns_of(line.get(name)) for line in lines):
            return _conversations(lines, name, target, instructions)
    pair = next((pair for pair in PAIRS if not input and set(pair) <= columns.keys()), None)
    if pair is None or target not in (None, "", pair[1]):
        return None
    if turns_of(columns[pair[0]]):
        return _conversations(lines, *pair, instructions)
    note = f"the columns {pair[0]!r} and {pair[1]!r} were read as input and answer"
    return Chat(list(lines), *pair, "", note)


def _conversations(
    lines: Sequence[Line], column: str, target: str | None, instructions: str | None
) -> Chat:
    answer = f"{column}.answer"
    within = target in (None, "", column, answer)
    read = [_conversation(line, column, within) for line in lines]
    made = []
    for line, each in zip(lines, read, strict=True):
        said = each.answer if within else _answer(line, str(target))
        made.append({column: each.text, answer if within else str(target): said})
    systems = [
        "\n".join(filter(None, (_plain(line, "system"), each.system)))
        for line, each in zip(lines, read, strict=True)
    ]
    ending = "its last turn the answer" if within else f"{target!r} the answer"
    note = f"the column {column!r} was read as conversations, {ending}"
    if several := sum(each.earlier > 0 for each in read):
        note += f"; {several} of {len(lines)} inputs are transcripts of several turns"
    return _chat(lines, made, systems, instructions, note)


def _conversation(line: Line, column: str, within: bool) -> Conversation:
    turns = turns_of(line[column])
    if not turns:
        turns = [{"role": "user", "content": line.text(column)}]
    return conversation(turns, f"{line.origin}: {column!r}", answered=within)


def _answer(line: Line, column: str) -> str:
    """Returns a target: text, or the last turn of a list."""
    turns = turns_of(line[column])
    if not turns:
        return line.text(column)
    question: dict[str, object] = {"role": "user", "content": "?"}
    return conversation([question, *turns], f"{line.origin}: {column!r}", answered=True).answer


def _plain(line: Line, *columns: str) -> str:
    return next((line.text(column) for column in columns if column in line), "")


def _alpaca(lines: Sequence[Line], output: str, instructions: str | None) -> Chat:
    """Reads an instruction, perhaps an input, and an output; an instruction of all rows is shared."""
    asked = [(line.text(INSTRUCTION), _plain(line, *CONTEXTS)) for line in lines]
    is_shared = len({first for first, _ in asked}) == 1 and all(second for _, second in asked)
    made, systems = [], []
    for line, (instruction, text) in zip(lines, asked, strict=True):
        whole = text if is_shared else "\n\n".join(filter(None, (instruction, text)))
        made.append({INSTRUCTION: _earlier(line) + whole, output: line.text(output)})
        system = (_plain(line, "system"), instruction if is_shared else "")
        systems.append("\n".join(filter(None, system)))
    note = f"the rows were read as Alpaca's ({INSTRUCTION}, input, {output})"
    return _chat(lines, made, systems, instructions, note, INSTRUCTION)


def _earlier(line: Line) -> str:
    """Returns the turns before, which `history` holds as pairs, as the beginning of a transcript."""
    pairs = line.get("history") or []
    if not isinstance(pairs, list) or any(not isinstance(p, list) or len(p) != 2 for p in pairs):
        raise DataError(
            f"{line.origin}: 'history' is no list of pairs", 'It is: [["question", "answer"], ...]'
        )
    said = "".join(f"User: {question}\nAssistant: {answer}\n" for question, answer in pairs)
    return f"{said}User: " if said else ""


def _chat(
    lines: Sequence[Line],
    made: Sequence[dict[str, str]],  # an input and a target each
    systems: Sequence[str],
    instructions: str | None,
    note: str,
    what: str = "system prompt",
) -> Chat:
    shared = systems[0] if len(set(systems)) == 1 else ""
    kept = len(set(systems)) > 1 or (instructions is not None and shared not in instructions)
    input, target = made[0]
    if kept and any(systems):
        note += f"; the {what}s stand before the inputs"
    elif shared:
        note += f"; the {what} that all rows have became the instructions"
    rows = []
    for line, cells, system in zip(lines, made, systems, strict=True):
        text = f"{system}\n\n{cells[input]}" if kept and system else cells[input]
        rows.append(Line({**line, **cells, input: text}, line.origin))
    return Chat(rows, input, target, shared, note)


def asked_text(line: Line, column: str, target: str, instructions: str) -> str:
    """Returns what a row without an answer asks: the text of a column, or its conversation.

    ``target`` and ``instructions`` are the task's: a system prompt that the instructions hold isn't
    said again, and others stand before.

    Raises:
        DataError: The cell is no text, and no conversation that a user speaks in.
    """
    if turns := turns_of(line[column]):
        read = conversation(turns, f"{line.origin}: {column!r}", answered=False)
        system = "\n".join(filter(None, (_plain(line, "system"), read.system)))
        return f"{system}\n\n{read.text}" if system and system not in instructions else read.text
    text = line.text(column)
    if column != INSTRUCTION or target not in OUTPUTS:
        return text
    context = _plain(line, *CONTEXTS)  # Alpaca's
    shared = bool(instructions) and text in instructions
    whole = context if shared else "\n\n".join(filter(None, (text, context)))
    return _earlier(line) + whole
