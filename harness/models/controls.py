"""Control tokens (``<|im_end|>``) in rows, passages and answers: text, and never control tokens.

Whoever writes a row or a document could otherwise end the turn in which it stands and begin one of
his own. A text that holds none is tokenised as it is.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from harness.types import Prompt

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase

__all__ = ["Controls"]

_BRACKETED = re.compile(r"[<\[].*\w.*[>\]]")


class Controls:
    """The control tokens of a tokenizer, and how texts are tokenised that quote them.

    Content is marked before the chat template is rendered: what is a control token afterwards is
    the template's own. Those go, under names that nobody can guess, through a copy of the tokenizer
    that knows them by these names alone.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        self._numbers = _control_tokens(tokenizer)
        self._nonce = secrets.token_hex(8)
        self._lengths = sorted({len(token) for token in self._numbers}, reverse=True)
        firsts = {token[0] for token in self._numbers}
        self._first = re.compile("|".join(map(re.escape, firsts)) or r"(?!)")
        self._mark = re.compile(rf"q{self._nonce}m(\d+)q")
        self._name = re.compile(rf"q{self._nonce}n(\d+)q")
        self._tokens = {number: token for token, number in self._numbers.items()}

    def within(self, prompt: Prompt, answers: Sequence[str] = ()) -> bool:
        """Whether a text of a prompt, or one of its answers, holds a control token."""
        texts = [prompt.cue, prompt.input_cue, *answers]
        for section in prompt.sections:
            texts += (section.text, section.answer, *(each.text for each in section.passages))
        return any(self._places(text) for text in texts)

    def marked_prompt(self, prompt: Prompt) -> Prompt:
        """Returns a prompt whose texts are `marked`."""
        sections = [
            replace(
                section,
                text=self.marked(section.text),
                answer=self.marked(section.answer),
                passages=tuple(
                    replace(each, text=self.marked(each.text)) for each in section.passages
                ),
            )
            for section in prompt.sections
        ]
        cues = {"cue": self.marked(prompt.cue), "input_cue": self.marked(prompt.input_cue)}
        return replace(prompt, sections=tuple(sections), **cues)

    def marked(self, text: str) -> str:
        """Returns a text with a mark in place of each control token."""
        return self._replaced(text, "m")

    def quotes(self, text: str, ids: Sequence[int]) -> bool:
        """Whether a rendered text has a mark, or more control tokens than it spells out.

        The latter is what a tokenizer may make of other forms (``＜/s＞``) when it normalises them.
        """
        if self._nonce in text:
            return True
        found = sum(map(self._tokens.__contains__, ids))
        return found > 0 and found > len(self._places(text))

    def encode(self, text: str) -> list[int]:
        """Tokenises a rendered text: marks as the text that they stand for."""
        named = self._mark.sub(lambda found: self._tokens[int(found[1])], self._replaced(text, "n"))
        if not self._tokenizer.is_fast:
            return self._piecewise(named)
        tokenizer, numbers = self._copy
        ids = tokenizer.encode(named, add_special_tokens=False).ids
        return [numbers.get(number, number) for number in ids]

    def _piecewise(self, text: str) -> list[int]:
        """Tokenises with a tokenizer in Python, which cuts a text at control tokens first."""
        ids: list[int] = []
        for at, piece in enumerate(self._name.split(text)):
            if at % 2:
                ids.append(int(piece))
            elif piece:
                options = {"add_special_tokens": False, "split_special_tokens": True}
                ids += self._tokenizer(piece, **options).input_ids
        return ids

    @cached_property
    def _copy(self) -> tuple[Tokenizer, dict[int, int]]:
        """The tokenizer with other names of control tokens, and the numbers of those that are new."""
        names = {token: f"q{self._nonce}n{n}q" for token, n in self._numbers.items()}
        copy = _renamed(self._tokenizer, names)
        numbers = ((copy.token_to_id(name), self._numbers[t]) for t, name in names.items())
        return copy, {renamed: number for renamed, number in numbers if renamed is not None}

    def _replaced(self, text: str, kind: str) -> str:
        parts: list[str] = []
        end = 0
        for start, token in self._places(text):
            parts += (text[end:start], f"q{self._nonce}{kind}{self._numbers[token]}q")
            end = start + len(token)
        return "".join([*parts, text[end:]])

    def _places(self, text: str) -> list[tuple[int, str]]:
        """Returns the control tokens in a text with where they begin, the longest at each place."""
        places: list[tuple[int, str]] = []
        end = 0
        for found in self._first.finditer(text):
            start = found.start()
            for length in self._lengths if start >= end else ():
                if (token := text[start : start + length]) in self._numbers:
                    places.append((start, token))
                    end = start + length
                    break
        return places


def _control_tokens(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    """Returns the special tokens, and those in brackets that the chat template writes, by text."""
    template, special = str(tokenizer.chat_template or ""), set(tokenizer.all_special_ids)
    return {
        token.content: number
        for number, token in tokenizer.added_tokens_decoder.items()
        if token.special
        or number in special
        or (token.content in template and _BRACKETED.fullmatch(token.content))
    }


def _renamed(tokenizer: PreTrainedTokenizerBase, name: Mapping[str, str]) -> Tokenizer:
    """Copies a tokenizer, in which control tokens have other names; others keep their numbers."""
    from tokenizers import Tokenizer

    state = json.loads(tokenizer.backend_tokenizer.to_str())
    model, vocabulary = state["model"], state["model"].get("vocab", {})
    if isinstance(vocabulary, list):
        model["vocab"] = [[name.get(token, token), *rest] for token, *rest in vocabulary]
    else:
        model["vocab"] = {name.get(token, token): number for token, number in vocabulary.items()}
    if model.get("unk_token") in name:
        model["unk_token"] = name[model["unk_token"]]
    if "merges" in model:
        merges = model["merges"]
        model["merges"] = [
            pair
            for pair in merges
            if "".join(pair.split(" ", 1) if isinstance(pair, str) else pair) not in name
        ]
    for token in state["added_tokens"]:
        if token["content"] in name:
            token |= {"content": name[token["content"]], "special": False}
    state["padding"] = state["truncation"] = None
    return Tokenizer.from_str(json.dumps(state, ensure_ascii=False))
