"""The real data sets as questions over a corpus, and a table of what each method finds in them.

    HARNESS_DATA=... python tests/harness/retrieval/retrieval_sets.py [--dense] [--grid] [SET ...]

The first run with ``--dense`` embeds the corpora (about two million tokens in all); later ones
read the cache. ``--grid`` prints what the fusion's parameters give on the sets to choose by.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.documents import Document

from harness.metrics.retrieval import retrieval_scores
from harness.retrieval.bm25 import BM25
from harness.retrieval.embedders import EmbedderConfig, open_embedder
from harness.retrieval.index import Index, IndexConfig
from harness.retrieval.retrievers import Retriever, RetrieverConfig, passages
from harness.retrieval.splitting import SplitConfig
from harness.types import Passage

METRICS = ("hit@1", "hit@5", "mrr", "ndcg@10")
WHOLE = SplitConfig(method="recursive", size=100_000)
"""A page, an article or an answer is one chunk, as it is in the published comparisons."""


@dataclass(frozen=True)
class Set:
    """Questions with the ids of the documents that answer them.

    Attributes:
        name: Of the set.
        language: Two-letter code.
        corpus: Text by id.
        queries: The questions.
        gold: Ids for each question.
    """

    name: str
    language: str
    corpus: dict[str, str]
    queries: list[str]
    gold: list[list[str]]

    def documents(self) -> Iterator[Document]:
        for name, text in self.corpus.items():
            if text.strip():
                yield Document(text, metadata={"source": name})

    def scores(self, rankings: Sequence[Sequence[Passage]]) -> dict[str, float]:
        lines = [
            retrieval_scores(found, [Passage("", name) for name in gold], (1, 5, 10))
            for found, gold in zip(rankings, self.gold, strict=True)
        ]
        return {name: sum(line[name] for line in lines) / len(lines) for name in lines[0]}


def _lines(folder: Path, name: str) -> list[dict[str, Any]]:
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _exam(folder: Path, name: str, keep: Callable[[dict[str, Any]], bool]) -> Set:
    rows = [row for row in _lines(folder, "ko_insurance_exam/commercial_act_mcq") if keep(row)]
    return Set(
        name,
        "ko",
        {row["id"]: row["text"] for row in _lines(folder, "ko_law/articles")},
        ["\n".join(str(row[key]) for key in ("question", *"ABCD")) for row in rows],
        [row["gold_articles"] for row in rows],
    )


def _ko_finance(folder: Path) -> Set:
    rows = _lines(folder, "ko_finance_rag/qa")
    corpus = {row["doc_id"]: row["text"] for row in _lines(folder, "ko_finance_rag/corpus")}
    queries, gold = [row["query"] for row in rows], [row["gold"] for row in rows]
    return Set("ko-finance-rag", "ko", corpus, queries, gold)


def _english(
    name: str, corpus: list[dict[str, Any]], rows: list[dict[str, Any]], gold: list[list[str]]
) -> Set:
    texts = {row["id"]: row["text"] for row in corpus}
    return Set(name, "en", texts, [row["question"] for row in rows], gold)


def _financebench_15(folder: Path) -> Set:
    rows = _lines(folder, "financebench/questions_15docs")
    pages = _lines(folder, "financebench/pages_15docs")
    return _english("financebench-15", pages, rows, [row["gold"] for row in rows])


def _financebench_gold(folder: Path) -> Set:
    rows = _lines(folder, "financebench/questions")
    gold = [[passage["passage_id"] for passage in row["gold"]] for row in rows]
    return _english("financebench-gold", _lines(folder, "financebench/passages"), rows, gold)


def _insuranceqa(folder: Path, name: str = "insuranceqa-200", half: int | None = None) -> Set:
    """Has no training questions for its corpus: one half, by a hash, is to choose by."""
    rows = [
        row
        for at, row in enumerate(_lines(folder, "insuranceqa/test200_questions"))
        if half is None or hashlib.sha256(f"iqa{at}".encode()).digest()[-1] % 2 == half
    ]
    corpus = _lines(folder, "insuranceqa/test200_passages")
    return _english(name, corpus, rows, [row["answers"] for row in rows])


def _fintextqa(folder: Path) -> Set:
    rows = _lines(folder, "fintextqa/regulation_qa")
    names = {text: f"r{at}" for at, text in enumerate(dict.fromkeys(r["reference"] for r in rows))}
    corpus = [{"id": name, "text": text} for text, name in names.items()]
    return _english("fintextqa", corpus, rows, [[names[row["reference"]]] for row in rows])


SETS: dict[str, Callable[[Path], Set]] = {
    # To choose by.
    "exam-train": lambda f: _exam(f, "exam-train", lambda row: row["split"] == "train"),
    "fintextqa": _fintextqa,
    "insuranceqa-dev": lambda f: _insuranceqa(f, "insuranceqa-dev", 0),
    # To report on.
    "exam-test": lambda f: _exam(f, "exam-test", lambda row: row["split"] != "train"),
    "exam-all": lambda f: _exam(f, "exam-all", lambda row: True),
    "ko-finance-rag": _ko_finance,
    "financebench-15": _financebench_15,
    "financebench-gold": _financebench_gold,
    "insuranceqa-test": lambda f: _insuranceqa(f, "insuranceqa-test", 1),
    "insuranceqa-200": _insuranceqa,
}


def data_folder() -> Path | None:
    folder = os.environ.get("HARNESS_DATA")
    return Path(folder) if folder else None


def load_set(name: str) -> Set:
    folder = data_folder()
    if folder is None:
        raise SystemExit("HARNESS_DATA isn't set: the folder with the data sets")
    return SETS[name](folder)


def bm25_rankings(data: Set, terms: str) -> list[list[Passage]]:
    index = BM25(terms)
    names = [name for name, text in data.corpus.items() if text.strip()]
    index.add(names, [data.corpus[name] for name in names])
    return [[Passage("", name) for name, _ in index.search(q, 50)] for q in data.queries]


def built(data: Set, terms: str = "auto") -> Index:
    config = IndexConfig(split=WHOLE, terms=terms, language=data.language)
    index = Index(config, embedder=open_embedder(EmbedderConfig()))
    index.update(data.documents())
    return index


def rankings(index: Index, data: Set, **config: Any) -> list[tuple[Passage, ...]]:
    retriever = Retriever(index, RetrieverConfig(k=50, **config))
    return [passages(hits) for hits in retriever.search_many(data.queries)]


def _line(data: Set, method: str, scores: dict[str, float], seconds: float) -> None:
    figures = "  ".join(f"{scores[name]:7.3f}" for name in METRICS)
    print(
        f"{data.name:18} {len(data.queries):4} {method:28} {figures}  {seconds:6.1f} s", flush=True
    )


def table(data: Set, dense: bool) -> None:
    kinds = ["bigrams", "morphemes"] if data.language == "ko" else ["bigrams", "words", "stems"]
    for terms in kinds:
        began = time.perf_counter()
        scores = data.scores(bm25_rankings(data, terms))
        _line(data, f"bm25-{terms}", scores, time.perf_counter() - began)
    if not dense:
        return
    index = built(data)
    for method, options in (
        ("dense", {"method": "dense"}),
        ("hybrid (linear)", {}),
        ("hybrid (rrf)", {"fusion": "rrf"}),
    ):
        began = time.perf_counter()
        scores = data.scores(rankings(index, data, **options))
        _line(data, method, scores, time.perf_counter() - began)


def grid(data: Set) -> None:
    index = built(data)
    for fusion, constant in (("rrf", 60), ("rrf", 20), ("rrf", 5), ("linear", 60)):
        for weight in (0.1, 0.2, 0.3, 0.4, 0.5):
            options = {"fusion": fusion, "rrf_constant": constant, "dense_weight": weight}
            began = time.perf_counter()
            scores = data.scores(rankings(index, data, **options))
            name = f"{fusion} c={constant} dense={weight}"
            _line(data, name, scores, time.perf_counter() - began)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--dense", action="store_true")
    parser.add_argument("--grid", action="store_true")
    options = parser.parse_args(arguments)
    print(f"{'set':18} {'n':>4} {'method':28} " + "  ".join(f"{name:>7}" for name in METRICS))
    for name in options.sets:
        data = load_set(name)
        table(data, options.dense)
        if options.grid:
            grid(data)


if __name__ == "__main__":
    main(sys.argv[1:])
