"""The English documents, read again: every fact once, and nothing that answers anything else."""

from __future__ import annotations

import re

import pytest

from tasks.insurer import build
from tasks.insurer import write_documents as write_company
from tasks.insurer.documents import extract, locate, write_documents
from tasks.insurer.documents.blocks import Article, Document, Grid, Heading, Line
from tasks.insurer.en.layout import Layout
from tasks.insurer.en.plan import FILES, documents
from tasks.insurer.outline import Chapter, Passage, Section

FORMATS = {".pdf", ".docx", ".html", ".txt", ".csv"}
CHARACTERS_PER_PAGE = 1_800  # of the PDF and DOCX files, counted


@pytest.fixture(scope="module", params=[(7, 1), (8, 1), (7, 2)], ids=str)
def world(request):
    seed, version = request.param
    return build(seed, version, "en")


@pytest.fixture(scope="module")
def texts(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    return {path.name: extract(path) for path in write_documents(documents(world, 2), folder)}


def test_five_formats_and_more_than_twenty_pages(texts):
    assert set(texts) == set(FILES.values())
    assert {name[name.rindex(".") :] for name in texts} == FORMATS
    assert sum(map(len, texts.values())) > 20 * CHARACTERS_PER_PAGE


def test_each_fact_stands_once_in_the_document_that_it_names(world, texts):
    for fact in world.facts:
        if fact.statement:
            found = [name for name, text in texts.items() if locate(text, fact.statement)]
            assert found == [FILES[fact.area]], fact.id
            first, last = locate(texts[found[0]], fact.statement)
            assert locate(texts[found[0]][last:], fact.statement) is None
            said = texts[found[0]][first:last]
            assert fact.value.kind in ("yes_no", "stated") or locate(said, fact.value.text)


def test_what_is_not_answered_is_not_there(world, texts):
    told = {(fact.subject, fact.attribute) for fact in world.facts if fact.statement}
    everything = "\n".join(texts.values()).lower()
    for fact in world.facts:
        if not fact.answerable and fact.value.sort != "removed":
            assert (fact.subject, fact.attribute) not in told
            if fact.value.sort == "absent":
                assert fact.subject.lower() not in everything, fact.id


def test_a_wording_of_a_question_does_not_stand_in_a_document(world, texts):
    everything = re.sub(r"\s+", " ", "\n".join(texts.values()))
    for fact in world.facts:
        assert not any(wording.text in everything for wording in fact.wordings), fact.id


def test_articles_have_paragraphs_items_and_references(texts):
    text = texts["Claims Manual.txt"]
    assert re.search(r"^Article \d+ \(First steps\)$", text, re.MULTILINE)
    assert re.search(r"^5\.1 ", text, re.MULTILINE)
    assert re.search(r"^  \(a\) .+\n", text, re.MULTILINE)
    assert re.search(r"^    \(ii\) ", text, re.MULTILINE)
    for name, text in texts.items():
        assert "§" not in text and "{" not in text, name
        numbers = [int(number) for number in re.findall(r"\bArticle (\d+) \(", text)]
        assert {int(n) for n in re.findall(r"\bArticle (\d+)\b", text)} <= set(numbers)


def test_a_reference_leads_to_the_article_of_that_title(texts):
    text = texts["Claims Manual.txt"]
    number = re.search(r"Article (\d+) \(Signs of fraud\)", text)[1]
    assert f"Suspicions are handled under Article {number}." in text


def test_a_fact_without_an_article_and_a_lost_reference_are_refused():
    facts = [fact for fact in build(7, 1, "en").facts if fact.area == "claims"][:1]
    layout = Layout(facts, ("Note.",), 0, "stream", {})
    with pytest.raises(ValueError, match=f"holds {facts[0].subject_key}"):
        layout.lay([Chapter("One", (Section("Here", passages=(Passage("Text."),)),))])
    lost = Section("Here", facts[0].subject_key, passages=(Passage("See §There§."),))
    with pytest.raises(ValueError, match="'There'"):
        layout.lay([Chapter("One", (lost,))])


def test_the_products_cell_is_merged_over_its_coverages(world, tmp_path):
    import docx

    write_documents(documents(world, 2), tmp_path)
    file = docx.Document(str(tmp_path / "Product Summaries.docx"))
    column = next(t for t in file.tables if t.cell(0, 0).text == "Product").columns[0].cells
    assert column[1]._tc is column[2]._tc is column[3]._tc
    assert column[1]._tc is not column[4]._tc


def test_a_page_has_headings_indented_items_and_merged_cells(tmp_path):
    grid = Grid("Table", ("A", "B"), (("one & two", "1"), ("", "2"), ("three", "3")))
    article = Article("Article 1 (Title)", (Line("First <b>"), Line("(a) item", 1)))
    document = Document("p.html", "Page", "Firm", "en", "Firm | Page", "End",
                        (Heading("Chapter 1. C"), article, grid))  # fmt: skip
    (path,) = write_documents([document], tmp_path)
    page = path.read_text(encoding="utf-8")
    assert '<html lang="en">' in page and "<h2>Chapter 1. C</h2>" in page
    assert '<p style="margin-left:2em">(a) item</p>' in page
    assert '<td rowspan="2">one &amp; two</td><td>1</td></tr>\n<tr><td>2</td></tr>' in page
    text = extract(path)
    assert "First <b>" in text and "one & two\t1\t\n2\t\nthree" in text
    assert "margin" not in text


def test_equal_seeds_give_equal_bytes(tmp_path):
    for folder in ("a", "b"):
        write_company(tmp_path / folder, 7, language="en")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(FILES.values())
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_look_alikes_stand_in_the_documents_and_answer_nothing_asked():
    plain, more = build(7, 1, "en"), build(7, 1, "en", 3)
    asked = {fact.id: fact.value for fact in plain.facts if fact.asked}
    assert asked == {fact.id: fact.value for fact in more.facts if fact.asked}
    twins = [fact for fact in more.facts if fact.id not in {fact.id for fact in plain.facts}]
    assert len(twins) >= 3 * 6 * 5
    assert not any(fact.wordings for fact in twins)
    assert len({fact.statement for fact in twins}) == len(twins)
    amounts = {fact.value.text for fact in plain.facts if fact.value.kind == "amount"}
    for twin in twins:
        if twin.attribute_key in ("limit", "deductible"):
            assert not any(twin.statement.rstrip(".").endswith(f" {text}") for text in amounts)


def test_a_later_version_keeps_what_it_does_not_change(tmp_path):
    lines = []
    for version in (1, 2):
        write_company(tmp_path / str(version), 7, version, "en")
        path = tmp_path / str(version) / "Complaints Procedure.pdf"
        lines.append(set(extract(path).splitlines()))
    assert len(lines[0] & lines[1]) > 0.8 * len(lines[0])
    assert lines[0] != lines[1]
