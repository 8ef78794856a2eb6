"""Turns a `Prompt` into text and tokens, the same way for training and for serving."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import DataError, UsageError
from harness.models.controls import Controls
from harness.text import words
from harness.types import Prompt, Section, Tool

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["Encoded", "Encoder", "answer_text", "check_apart", "messages", "render_text"]

# Tokens that end an answer in the models that have them, as llama.cpp knows them.
ENDS = frozenset(
    words("""
        <|im_end|> <|endoftext|> <|eot_id|> <|eom_id|> <|end_of_text|> <end_of_turn> </s> <eos>
    """)
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A prompt in tokens, with an answer after it or without."""

    ids: list[int]  # all tokens, learnt ones and the beginning-of-sequence token included
    prompt_length: int  # how many of them are the prompt; what follows is the answer


def _numbered(section: Section) -> str:
    """Writes the passages of a section, one a line, numbered from 1."""
    return "".join(f"[{n}] {passage.text}\n" for n, passage in enumerate(section.passages, 1))


def _after_cue(cue: str, text: str) -> str:
    space = "" if not cue or cue.endswith((" ", "\n")) else " "
    return f"{cue}{space}{text}"


def render_text(prompt: Prompt) -> str:
    """Writes a prompt as plain text, for a model without a chat template.

    The text ends right after the cue: the space between cue and answer belongs to the answer,
    since most tokenizers join it with the word that follows.
    """
    parts: list[str] = []
    for section in prompt.sections:
        if section.kind == "instructions":
            parts.append(f"{section.text}\n\n")
        else:
            question = _numbered(section) + _after_cue(prompt.input_cue, section.text)
            parts.append((f"{question}\n{prompt.cue}" if prompt.cue else question).rstrip(" "))
            if section.kind == "example":
                parts.append(f"{answer_text(prompt, section.answer)}\n\n")
    return "".join(parts)


def answer_text(prompt: Prompt, answer: str) -> str:
    """Returns what follows `render_text` when the answer is given: a space, then the answer."""
    return answer if prompt.cue.endswith("\n") else f" {answer}"


def messages(prompt: Prompt, *, system: bool = True) -> list[dict[str, str]]:
    """Writes a prompt as the turns of a chat; cues are for plain text and don't appear.

    Without `system`, instructions begin the first turn of the user.
    """
    turns: list[dict[str, str]] = []
    instructions: list[str] = []
    for section in prompt.sections:
        if section.kind == "instructions":
            instructions.append(section.text)
            continue
        passages = f"{_numbered(section)}\n" if section.passages else ""
        turns.append(_turn("user", passages + section.text))
        if section.kind == "example":
            turns.append(_turn("assistant", section.answer))
    if not instructions:
        return turns
    text = "\n\n".join(instructions)
    if system:
        return [_turn("system", text), *turns]
    first, *rest = turns
    return [_turn("user", f"{text}\n\n{first['content']}"), *rest]


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


class Encoder:
    """Renders and tokenises prompts for one model, by its chat template where there is one."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, chat: bool | None = None) -> None:
        self._tokenizer = tokenizer
        self.before: list[int] = []  # learnt tokens, which stand before each text
        self._controls = Controls(tokenizer)
        # Questions that were asked with control tokens of this tokenizer in their text.
        self.quoting: set[str] = set()
        self.chat = bool(tokenizer.chat_template) if chat is None else chat
        self._system = self.chat and self._takes_system()
        first = tokenizer("a").input_ids[:1]
        # A template writes the BOS token itself, where the model wants one.
        self._bos = first if first == [tokenizer.bos_token_id] and not self.chat else []
        # Ends an answer: of the template's turn, or of the sequence.
        self.end_id: int | None = self._end_of_turn() if self.chat else None
        if self.end_id is None:
            self.end_id = tokenizer.eos_token_id
        self.other_ends = self._other_ends() if self.chat else frozenset()

    def text(self, prompt: Prompt) -> str:
        """Returns what the model reads, up to the answer and the space before it."""
        return self._opening(prompt).rstrip(" ")

    def _opening(self, prompt: Prompt, tools: Sequence[Tool] = ()) -> str:
        if not self.chat:
            return render_text(prompt)
        return self._template(messages(prompt, system=self._system), ask=True, tools=tools)

    def _quoted(self, prompt: Prompt, answers: Sequence[str]) -> tuple[Prompt, Sequence[str]]:
        """Marks control tokens in what a model is asked: they are text there."""
        if not self._controls.within(prompt, answers):
            return prompt, answers
        question = prompt.sections[-1]
        self.quoting.add(question.query.id if question.query else question.text)
        return self._controls.marked_prompt(prompt), list(map(self._controls.marked, answers))

    def offer(self, prompt: Prompt, tools: Sequence[Tool]) -> Encoded:
        """Tokenises a prompt that offers tools, in the words of the chat template.

        Raises:
            UsageError: The model has no chat template, or one without tools.
        """
        prompt, _ = self._quoted(prompt, ())
        text = self._opening(prompt, tools) if self.chat else ""
        if not all(json.dumps(tool.name) in text for tool in tools):
            raise UsageError(
                "The model has no chat template that offers tools",
                "Let it call them by lines of text: --set tools.calling=text.",
            )
        ids = self._ids([text.rstrip(" ")])[0]
        return Encoded(ids, len(ids))

    def encode(self, prompt: Prompt, target: str | None = None, *, end: bool = True) -> Encoded:
        """Tokenises a prompt and its answer as one text; `end` closes it, as training needs."""
        if target is None:
            ids = self._ids([self.text(self._quoted(prompt, ())[0])])[0]
            return Encoded(ids, len(ids))
        (_, (encoded,)) = self.encode_all([(prompt, (target,))])[0]
        return Encoded(encoded.ids + (self._closing if end else []), encoded.prompt_length)

    def encode_all(
        self, requests: Iterable[tuple[Prompt, Sequence[str]]], ended: Sequence[bool] = ()
    ) -> list[tuple[int, list[Encoded]]]:
        """Tokenises prompts at once; returns of each its length in tokens and its continuations.

        Each text is tokenised whole, and cut after as many tokens as the prompt alone has, as
        lm-evaluation-harness does: a cut text gives tokens that the model never met in training.
        The continuations of a request that is `ended` are closed, as in training.

        Raises:
            DataError: Two continuations of a request are the same tokens.
        """
        asked: list[Sequence[str]] = []
        texts: list[str] = []
        for asked_for, continuations in requests:
            if not all(continuations):
                question = asked_for.sections[-1].text
                raise DataError(
                    f"There is an empty answer to {question[:60]!r}", "Check the labels."
                )
            prompt, answers = self._quoted(asked_for, continuations)
            opening = self._opening(prompt)
            texts.append(opening.rstrip(" "))
            texts += [opening + self._answer(prompt, answer) for answer in answers]
            asked.append(continuations)
        ids = iter(self._ids(texts))
        lengths = []
        for number, answers in enumerate(asked):
            length = len(next(ids))
            closing = self._closing if ended and ended[number] else []
            cut = [_cut(next(ids), length) for _ in answers]
            own = [Encoded(each.ids + closing, each.prompt_length) for each in cut]
            check_apart(answers, [each.ids[max(0, length - 8) :] for each in own])
            lengths.append((length, own))
        return lengths

    @property
    def _closing(self) -> list[int]:
        return [] if self.end_id is None else [self.end_id]

    def _answer(self, prompt: Prompt, answer: str) -> str:
        return answer if self.chat else answer_text(prompt, answer)

    def _ids(self, texts: list[str]) -> list[list[int]]:
        bos, quotes = self._bos, self._controls.quotes
        encoded = [
            self._controls.encode(text) if quotes(text, ids) else ids
            for text, ids in zip(texts, self._tokens(texts), strict=True)
        ]
        if bos:
            encoded = [ids if ids[:1] == bos else bos + ids for ids in encoded]
        return [self.before + ids for ids in encoded] if self.before else encoded

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        if not texts:
            return []
        if not self._tokenizer.is_fast:
            ids: list[list[int]] = self._tokenizer(texts, add_special_tokens=False).input_ids
            return ids
        # Without offsets and masks, which nobody needs, it takes two thirds of the time.
        backend = self._tokenizer.backend_tokenizer
        backend.no_padding()
        backend.no_truncation()
        return [e.ids for e in backend.encode_batch_fast(texts, add_special_tokens=False)]

    def _template(
        self, turns: list[dict[str, str]], *, ask: bool, tools: Sequence[Tool] = ()
    ) -> str:
        schemas = [tool.schema for tool in tools] or None
        return str(
            self._tokenizer.apply_chat_template(
                turns, tools=schemas, tokenize=False, add_generation_prompt=ask
            )
        )

    def _takes_system(self) -> bool:
        """Whether the template writes a system turn: some raise an error, some drop it."""
        try:
            text = self._template([_turn("system", "S#1"), _turn("user", "U#1")], ask=True)
        except Exception:  # one that fails without a system turn, too, is refused
            return False
        return "S#1" in text

    def _end_of_turn(self) -> int | None:
        """Returns the first token after an assistant's turn, where the template writes one."""
        turns = [_turn("user", "U#1"), _turn("assistant", "A#1")]
        try:
            text = self._template(turns, ask=False)
        except Exception as error:  # jinja's, and what a template computes
            why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            raise DataError(
                f"the model's chat template can't be used: {why}",
                "Correct chat_template.jinja, or chat_template in tokenizer_config.json.",
            ) from error
        after = text.rpartition("A#1")[2].lstrip()
        special = set(self._tokenizer.all_special_ids) | set(self._tokenizer.added_tokens_decoder)
        ids: list[int] = self._tokenizer(after, add_special_tokens=False).input_ids
        return ids[0] if ids and ids[0] in special else None

    def _other_ends(self) -> frozenset[int]:
        """Returns the other tokens with which a chat model may end; files name one of them."""
        special = self._tokenizer.added_tokens_decoder.items()
        return frozenset(number for number, token in special if token.content in ENDS)


def check_apart(answers: Sequence[str], ends: Sequence[list[int]]) -> None:
    """Raises `DataError` where two answers have the same last tokens, the prompt's end included."""
    seen: dict[tuple[int, ...], str] = {}
    for answer, ids in zip(answers, ends, strict=True):
        other = seen.setdefault(tuple(ids), answer)
        if other != answer:
            raise DataError(
                f"this model reads {other!r} and {answer!r} as the same tokens",
                "Rename one of them, or let it write the answer: --readout generate.",
            )


def _cut(ids: list[int], length: int) -> Encoded:
    """Cuts after the prompt, and leaves at least one token where prompt and answer merged."""
    return Encoded(ids, min(length, len(ids) - 1))
