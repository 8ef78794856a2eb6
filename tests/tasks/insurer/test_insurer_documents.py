"""The documents are real files: read again, they hold every fact once, and answer nothing else."""

import json

import pytest

from tasks.insurer import build, write
from tasks.insurer.documents import extract, locate, write_documents
from tasks.insurer.ko.plan import FILES, documents

FORMATS = {".pdf", ".docx", ".hwpx", ".txt", ".csv"}


@pytest.fixture(scope="module", params=[7, 8])
def world(request):
    return build(request.param)


@pytest.fixture(scope="module")
def texts(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    return {path.name: extract(path) for path in write_documents(documents(world, 2), folder)}


def test_the_documents_are_those_of_an_insurer(texts):
    named = {"근무 복지 기준.docx", "지급보험금계산.txt", "휴직 및 복직 관리기준.pdf",
             "회사생활가이드(QA형).csv"}  # fmt: skip
    assert named <= set(texts) == set(FILES.values())
    assert {name[name.rindex(".") :] for name in texts} == FORMATS
    # A page holds about 800 characters with the spacing of the PDF files.
    assert sum(map(len, texts.values())) > 40 * 800


def test_each_fact_stands_once_in_the_document_that_it_names(world, texts):
    for fact in world.facts:
        if fact.answerable:
            found = [name for name, text in texts.items() if locate(text, fact.statement)]
            assert found == [FILES[fact.area]], fact.id
            text = texts[FILES[fact.area]]
            first, last = locate(text, fact.statement)
            assert locate(text[last:], fact.statement) is None
            assert fact.value.kind == "yes_no" or locate(text[first:last], fact.value.text)


def test_what_is_not_answered_is_not_there(world, texts):
    """The subject is absent, or it is there without that attribute."""
    told = {(fact.subject, fact.attribute) for fact in world.facts if fact.answerable}
    everything = "\n".join(texts.values())
    for fact in world.facts:
        if not fact.answerable:
            assert (fact.subject, fact.attribute) not in told
            if fact.value.sort == "absent":
                assert fact.subject not in everything, fact.id


def test_a_wording_of_a_question_does_not_stand_in_a_document(world, texts):
    everything = "\n".join(texts.values())
    for fact in world.facts:
        assert not any(wording.text in everything for wording in fact.wordings)


def test_the_products_cell_is_merged_over_its_covers(world, tmp_path):
    import docx

    paths = write_documents(documents(world, 2), tmp_path)
    (path,) = [path for path in paths if path.name == "보험상품 요약서.docx"]
    column = docx.Document(str(path)).tables[0].columns[0].cells
    assert column[1]._tc is column[2]._tc is column[3]._tc
    assert column[1]._tc is not column[4]._tc


def test_the_same_seed_gives_the_same_text_and_another_seed_another(tmp_path):
    def all_of(seed, folder):
        write(tmp_path / folder, seed)
        files = sorted((tmp_path / folder / "documents").iterdir())
        return [(path.name, extract(path)) for path in files]

    first = all_of(7, "a")
    assert first == all_of(7, "b") != all_of(8, "c")
    rows = (tmp_path / "a" / "rows.jsonl").read_bytes()
    assert rows == (tmp_path / "b" / "rows.jsonl").read_bytes()
    row = json.loads(rows.splitlines()[0])
    assert {"passages", "change"} <= set(row)
