"""The insurer's own documents: each fact stands in one loaded document, and in a chunk of it."""

from __future__ import annotations

import pytest

from harness.metrics.retrieval import hits
from harness.retrieval.loaders import LoadReport, load_folder
from harness.retrieval.splitting import SplitConfig, Splitter
from harness.types import Passage
from tasks.insurer import World, build
from tasks.insurer.documents import write_documents
from tasks.insurer.ko.plan import FILES, documents


@pytest.fixture(scope="module", params=[7, 12])
def world(request: pytest.FixtureRequest) -> World:
    return build(request.param)


@pytest.fixture(scope="module")
def report(world: World, tmp_path_factory: pytest.TempPathFactory) -> LoadReport:
    folder = tmp_path_factory.mktemp("insurer")
    write_documents(documents(world, 2), folder)
    return load_folder(folder)


def test_all_eight_files_are_read(report: LoadReport) -> None:
    assert {line.file for line in report.files} == set(FILES.values())
    assert not report.skipped
    assert {line.format for line in report.files} == {"pdf", "docx", "hwpx", "txt", "csv"}
    assert all(line.pages for line in report.files if line.format == "pdf")


def test_each_fact_stands_in_exactly_one_document(world: World, report: LoadReport) -> None:
    texts = {d.metadata["source"]: "".join(d.page_content.split()) for d in report.documents}
    for fact in world.facts:
        if fact.statement:
            wanted = "".join(fact.statement.split())
            found = {name: text.count(wanted) for name, text in texts.items() if wanted in text}
            assert found == {FILES[fact.area]: 1}, fact.id


@pytest.mark.parametrize("preset", ["auto", "recursive-300"])
def test_each_fact_stands_in_a_chunk(world: World, report: LoadReport, preset: str) -> None:
    config = SplitConfig(**SplitConfig.presets.get(preset, {}))
    chunks: dict[str, list[Passage]] = {}
    for chunk in Splitter(config).split(report.documents):
        source = chunk.metadata["source"]
        chunks.setdefault(source, []).append(Passage(chunk.page_content, source))
    facts = [fact for fact in world.facts if fact.statement]
    for fact in facts:
        gold = Passage(fact.statement, FILES[fact.area])
        assert any(hits(chunk, gold) for chunk in chunks[gold.source]), fact.id


def test_chunks_are_cited_by_article_page_or_row(report: LoadReport) -> None:
    kinds = {
        document.metadata["source"]: document.metadata["format"] for document in report.documents
    }
    for chunk in Splitter(SplitConfig()).split(report.documents):
        about, kind = chunk.metadata, kinds[chunk.metadata["source"]]
        assert (
            "row" in about
            if kind == "csv"
            else about["start"] < 60 or ("article" in about or "section" in about)
        )
        assert kind != "pdf" or about["page"] >= 1
