"""Draws passages over all documents, and has a model propose questions, which filters look at."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from math import ceil
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeVar

from harness.records.keys import digest
from harness.retrieval.places import cite
from harness.retrieval.splitting import searchable
from harness.retrieval.terms import TERMS, resolve_terms
from harness.runs.questions.asking import Asker
from harness.runs.questions.filters import Documents, alike, first_reason, read, repeats
from harness.runs.questions.words import WORDS
from harness.types import Passage, Prompt, Section

if TYPE_CHECKING:
    from langchain_core.documents import Document

__all__ = ["KINDS", "Proposal", "Proposer", "spread"]

Of = TypeVar("Of")
KINDS = ("answerable", "near", "off topic")
"""What the documents answer; the same of something that they don't speak of; another subject."""
SHORTEST = 40  # characters of a passage of which something is asked
PROPOSED, ANSWERED = 120, 24  # tokens
FIRST_SHARE, LEAST = 0.5, 4  # of proposals that are kept, before any is known; proposals a round


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question that was proposed, where it comes from, and which filter dropped it."""

    kind: str  # of `KINDS`
    question: str
    answer: str  # empty where the documents don't answer it
    source: str = ""  # file of the passage
    place: str = ""  # that passage, for a person: file, page, article
    passage: str = ""
    chunk: str = ""  # its id
    dropped: str = ""  # of `harness.runs.questions.filters.FILTERS`; empty where it is kept

    @property
    def id(self) -> str:
        """Says kind and passage, and changes with what a person edits."""
        return f"{self.kind.split()[0]}-{self.chunk[:12] or 'none'}-{self.content}"

    @property
    def content(self) -> str:
        """Eight digits of question and answer."""
        return digest([self.question, self.answer])[:8]


def spread(chunks: Sequence[Document], seed: int) -> list[Document]:
    """Orders passages so that the first n are of all documents alike, drawn by the seed."""
    shuffled = random.Random(seed)
    by_source: dict[str, list[Document]] = {}
    for chunk in chunks:
        if len(chunk.page_content.strip()) >= SHORTEST:
            by_source.setdefault(str(chunk.metadata["source"]), []).append(chunk)
    for each in by_source.values():
        shuffled.shuffle(each)
    turns = list(by_source.values())
    shuffled.shuffle(turns)
    return [chunk for turn in zip_longest(*turns) for chunk in turn if chunk is not None]


class Proposer:
    """Proposes questions to passages, which are all that there are; filters are applied at once."""

    def __init__(
        self, asker: Asker, chunks: Sequence[Document], language: str, seed: int = 0
    ) -> None:
        self._asker, self._words, self._seed = asker, WORDS[language], seed
        self._terms = TERMS[resolve_terms("auto", language)]
        self._chunks = spread(chunks, seed)
        self._documents = Documents([set(self._terms(searchable(each))) for each in chunks])
        self.all: list[Proposal] = []  # dropped ones, too

    @property
    def kept(self) -> list[Proposal]:
        """What no filter dropped."""
        return [each for each in self.all if not each.dropped]

    def run(self, n: int, unanswerable: int) -> None:
        """Proposes until there are n questions, so many of them unanswerable, half of each sort.

        There are fewer where passages, kept questions or subjects run out.
        """
        near = ceil(unanswerable / 2)
        self._fill(n - unanswerable, self._chunks, self._answerable)
        base = [each for each in self.all if each.dropped in ("", "not needed")]
        topics = list(self._words.topics)
        random.Random(self._seed).shuffle(topics)
        self._fill(near, base, self._near)
        self._fill(unanswerable - near, topics, self._off_topic)

    def _fill(
        self, wanted: int, of: Sequence[Of], propose: Callable[[Sequence[Of]], list[Proposal]]
    ) -> None:
        """Proposes round after round, as many as should do, until as many as wanted are kept."""
        at = kept = 0
        while kept < wanted and at < len(of):
            share = kept / at if kept else FIRST_SHARE
            size = max(LEAST, ceil((wanted - kept) / share))
            for each in self._without_repeats(propose(of[at : at + size])):
                spare = not each.dropped and kept == wanted
                self.all.append(replace(each, dropped="not needed") if spare else each)
                kept += not self.all[-1].dropped
            at += size

    def _without_repeats(self, proposals: Sequence[Proposal]) -> list[Proposal]:
        open_ = [each for each in proposals if not each.dropped]
        before = [each.question for each in self.kept]
        marks = iter(repeats([each.question for each in open_], before))
        return [
            replace(each, dropped="repeated") if not each.dropped and next(marks) else each
            for each in proposals
        ]

    def _answerable(self, chunks: Sequence[Document]) -> list[Proposal]:
        prompts = [self._words.proposal(_shown(chunk)) for chunk in chunks]
        written = self._asker.texts("propose", prompts, PROPOSED)
        proposals = [self._read(chunk, text) for chunk, text in zip(chunks, written, strict=True)]
        proposals = self._checked("guess", proposals, given=False)
        return self._checked("confirm", proposals, given=True)

    def _read(self, chunk: Document, text: str | None) -> Proposal:
        about = {"source": str(chunk.metadata["source"]), "place": cite(chunk.metadata)}
        about |= {"passage": chunk.page_content, "chunk": chunk.id or ""}
        if (pair := read(text or "")) is None:
            return Proposal("answerable", text or "", "", **about, dropped=_unread(text))
        reason = first_reason(*pair, _shown(chunk), self._words.leaning)
        return Proposal("answerable", *pair, **about, dropped=reason)

    def _checked(self, label: str, proposals: Sequence[Proposal], *, given: bool) -> list[Proposal]:
        """Asks what isn't dropped, with its passage or without any, and drops by the answer."""
        prompts = [
            self._question(each, (Passage(each.passage, each.source),) if given else ())
            for each in proposals
            if not each.dropped
        ]
        texts = iter(self._asker.texts(label, prompts, ANSWERED))
        return [
            each if each.dropped else replace(each, dropped=_told(each, next(texts), given=given))
            for each in proposals
        ]

    def _question(self, proposal: Proposal, passages: tuple[Passage, ...]) -> Prompt:
        asked = Section("question", proposal.question, passages=passages)
        return Prompt((Section("instructions", self._words.answer), asked))

    def _near(self, bases: Sequence[Proposal]) -> list[Proposal]:
        prompts = [self._words.other(base.question) for base in bases]
        texts = self._asker.texts("near", prompts, PROPOSED)
        return [self._changed(base, text) for base, text in zip(bases, texts, strict=True)]

    def _changed(self, base: Proposal, text: str | None) -> Proposal:
        """Puts another thing in the place of what is asked about: its name has to be new."""
        base = replace(base, kind="near", answer="")
        pair = read(text or "", "thing", "other")
        if pair is None or pair[0] not in base.question or pair[0] == pair[1]:
            return replace(base, question=text or "", dropped=_unread(text))
        reason = "" if self._documents.lack(self._terms(pair[1])) else "in the documents"
        return replace(base, question=base.question.replace(*pair), dropped=reason)

    def _off_topic(self, topics: Sequence[str]) -> list[Proposal]:
        prompts = [self._words.off_topic(topic) for topic in topics]
        return list(self._outside(self._asker.texts("off topic", prompts, PROPOSED)))

    def _outside(self, texts: Sequence[str | None]) -> Iterator[Proposal]:
        for text in texts:
            if (pair := read(text or "")) is None:
                yield Proposal("off topic", text or "", "", dropped=_unread(text))
            else:
                touched = self._documents.touch(self._terms(pair[0]))
                yield Proposal("off topic", pair[0], "", dropped="in the documents" * touched)


def _unread(text: str | None) -> str:
    return "no answer" if text is None else "form"


def _told(proposal: Proposal, text: str | None, *, given: bool) -> str:
    """Says which filter drops a proposal by what was answered with its passage, or without."""
    if text is None:
        return "no answer"
    same = alike(text, proposal.answer, proposal.question)
    return "not confirmed" * (not same) if given else "guessable" * same


def _shown(chunk: Document) -> str:
    """Returns a passage below its document's name and the headings above it."""
    return f"{PurePath(str(chunk.metadata['source'])).name}\n{searchable(chunk)}"
