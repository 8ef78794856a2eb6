"""The files of a proposal: a task and a study, each line with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from harness.metrics.registry import kinds
from harness.task.proposing.guess import Draft, Guess, names_in
from harness.task.proposing.proposal import Proposal
from harness.task.tables import Line

__all__ = ["Rows", "copy_of", "study_text", "task_text"]

ORIGIN = "from"
PLAIN = re.compile(r"[^\W\d][\w가-힣 ./+-]*\w|[^\W\d]")
CUES = {"classification": ("Text:", "Label:", "글:", "분류:")}
CUES |= {
    "multi_label": ("Text:", "Labels:", "글:", "분류:"),
    "extraction": ("Text:", "Entities:", "글:", "개체:"),
}
UNSAID = ("If it does not say, answer: {}", "글에 답이 없으면 이렇게 쓴다: {}")
USUAL = ("Question:", "Answer:", "질문:", "답:")


@dataclass(frozen=True)
class Rows:
    """A file of rows, as the task file names it."""

    path: str
    split: str = "all"
    header_row: int | None = None
    sheet: str | int | None = None


def task_text(
    name: str,
    proposal: Proposal,
    files: Sequence[Rows],
    corpus: Mapping[str, object] | None,
    of: str,  # what was looked at
) -> str:
    """Writes the task file."""
    return "\n".join(_task(name, proposal, files, corpus, of)) + "\n"


def _task(
    name: str,
    proposal: Proposal,
    files: Sequence[Rows],
    corpus: Mapping[str, object] | None,
    of: str,
) -> Iterator[str]:
    draft = proposal.draft
    guesses = {guess.field: guess for guess in draft.guesses}
    yield f"# Proposed by `harness init` from {of}, with the reason of each choice."
    yield f"# Change what is wrong, then: harness validate {name}.yaml"
    for why in draft.copied:
        yield f"# The rows were written anew: {_line(why)}"
    yield f"name: {scalar(name)}"
    yield "version: 1"
    yield from _why(guesses.get("kind"))
    yield f"kind: {draft.kind}"
    yield 'summary: ""  # one sentence: what is asked of whom'
    yield f"language: {draft.language}"
    yield "licence: unknown  # whose are the rows, and what may be done with them?"
    yield "source:"
    yield "  files:  # relative to this file, or to --data-dir"
    for file in files:
        yield f"    - path: {scalar(file.path)}"
        if file.split != "all":
            yield f"      split: {file.split}"
        if file.header_row is not None:
            yield f"      header_row: {file.header_row}"
        if file.sheet is not None:
            yield f"      sheet: {scalar(str(file.sheet))}"
    yield "columns:"
    for key, value in draft.columns.items():
        yield from _why(guesses.get(key), "  ")
        yield f"  {key}: {flow(value)}"
    if corpus:
        yield "corpus:"
        yield from (f"  {key}: {flow(value)}" for key, value in corpus.items())
    yield from _labels(draft, guesses.get("labels"))
    yield from _why(guesses.get("split"))
    if proposal.shares:
        yield f"split: {proposal.shares}"
    yield from _asking(draft, guesses.get("metric"))
    if draft.longest > 20_000:
        yield f"max_input_chars: {10_000 * (draft.longest // 10_000 + 1)}  # the longest row has {draft.longest:,}"


def _labels(draft: Draft, guess: Guess | None) -> Iterator[str]:
    if draft.labels:
        yield from _why(guess)
        yield "labels:  # what stands in the column, and the label that it means"
        yield from (f"  {quoted(code)}: {quoted(label)}" for code, label in draft.labels.items())


def _asking(draft: Draft, guess: Guess | None) -> Iterator[str]:
    korean = draft.language == "ko"
    english, other = kinds()[draft.kind].instructions
    names = dict.fromkeys(draft.labels.values())
    text = (other if korean else english).format(", ".join(names))
    if draft.abstain:
        text += f" {UNSAID[korean].format(draft.abstain)}"
    cues = CUES.get(draft.kind, USUAL)[2 * korean : 2 * korean + 2]
    if draft.kind != "ranking":
        yield "prompt:  # in the language of the rows; a better one is worth trying first"
        yield f"  instructions: {quoted(chr(10).join(filter(None, (draft.instructions, text))))}"
        yield f"  input_cue: {quoted(cues[0])}"
        yield f"  cue: {quoted(cues[1])}"
        if draft.abstain:
            yield f"abstain: {quoted(draft.abstain)}  # the answer where the text doesn't say"
        yield f"max_tokens: {draft.max_tokens}  # of an answer"
        if draft.multiline:
            yield "stop: []  # answers have several lines"
    yield from _why(guess)
    yield f"metrics: {flow(draft.metrics)}"
    yield f"primary: {draft.primary}"


def _why(guess: Guess | None, indent: str = "") -> Iterator[str]:
    if guess is not None:
        doubt = "DOUBTFUL: " if guess.doubtful else ""
        others = f" Others: {', '.join(guess.options[:5])}." if guess.options else ""
        yield f"{indent}# {doubt}{_line(guess.why)}.{_line(others)}"


def _line(text: str) -> str:
    return " ".join(text.split()) if text.strip() == text else " " + " ".join(text.split())


def quoted(text: str) -> str:
    """Writes a text that YAML reads as the same text."""
    return json.dumps(text, ensure_ascii=False)


def scalar(text: str) -> str:
    """Writes a text plainly where YAML reads it as a text."""
    plain = PLAIN.fullmatch(text) and yaml.safe_load(text) == text
    return text if plain else quoted(text)


def flow(value: object) -> str:
    """Writes a text, a truth value, a list or an object on one line."""
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {flow(v)}" for k, v in value.items()) + "}"
    assert isinstance(value, Iterable)
    return (
        "["
        + ", ".join(scalar(each) if isinstance(each, str) else flow(each) for each in value)
        + "]"
    )


def study_text(
    name: str, task: str, strategies: Sequence[str], fields: Mapping[str, object], file: str
) -> str:
    """Writes a study: the cheap ways first, the dear ones last."""
    lines = [
        "# From this folder:",
        f"#   harness study {file} --list     what each takes",
        f"#   harness study {file}            runs what isn't finished",
        f"name: {scalar(name)}",
        f"summary: {scalar(f'Several ways of answering {task}, from cheap to dear.')}",
        f"defaults: {flow({'task': task} | dict(fields))}",
        "matrix:",
        "  strategy:",
        *(f"    - {each}" for each in strategies),
    ]
    return "\n".join(lines) + "\n"


def copy_of(draft: Draft) -> str:
    """Writes the rows as JSON Lines: the columns of the task alone, and where each comes from."""
    names = list(dict.fromkeys(n for each in draft.columns.values() for n in names_in(each)))
    return "".join(_row(line, names) for line in draft.lines)


def _row(line: Line, names: Sequence[str]) -> str:
    kept = {name: line[name] for name in names}
    row = {ORIGIN: line.origin, **kept} if ORIGIN not in kept else kept
    return json.dumps(row, ensure_ascii=False, default=str) + "\n"
