"""The documents are real files: read again, they hold every fact once, and answer nothing else."""

import json
import re
import zipfile

import pytest

from tasks.insurer import build, write, write_documents
from tasks.insurer.documents import extract, locate
from tasks.insurer.ko.articles import write_articles
from tasks.insurer.ko.outlines import (
    claims,
    complaints,
    general,
    glossary,
    guide,
    leave,
    products,
    underwriting,
    welfare,
)
from tasks.insurer.ko.plan import FILES, documents
from tasks.insurer.outline import Section, steps

FORMATS = {".pdf", ".docx", ".hwpx", ".txt", ".csv"}
OUTLINES = (claims, complaints, general, glossary, leave, products, underwriting, welfare)


@pytest.fixture(scope="module", params=[7, 8])
def world(request):
    return build(request.param)


@pytest.fixture(scope="module")
def folder(world, tmp_path_factory):
    place = tmp_path_factory.mktemp("world")
    write(place, world.seed)
    return place


@pytest.fixture(scope="module")
def texts(folder):
    return {path.name: extract(path) for path in (folder / "documents").iterdir()}


def stated(world):
    return [fact for fact in world.facts if fact.statement]


def test_the_documents_are_those_of_an_insurer(texts):
    named = {"근무 복지 기준.docx", "지급보험금계산.txt", "휴직 및 복직 관리기준.pdf",
             "회사생활가이드(QA형).csv"}  # fmt: skip
    assert named <= set(texts) == set(FILES.values())
    assert {name[name.rindex(".") :] for name in texts} == FORMATS
    # A page of the PDF and DOCX files holds about 750 characters.
    assert (
        sum(len(text) for name, text in texts.items() if name.endswith((".pdf", ".docx"))) > 30_000
    )


def test_each_fact_stands_once_in_the_document_that_it_names(world, texts):
    for fact in stated(world):
        found = [name for name, text in texts.items() if locate(text, fact.statement)]
        assert found == [FILES[fact.area]], fact.id
        text = texts[FILES[fact.area]]
        first, last = locate(text, fact.statement)
        assert locate(text[last:], fact.statement) is None
        assert fact.value.kind == "yes_no" or locate(text[first:last], fact.value.text)


def test_gold_spans_hold_every_passage_of_every_fact(world, folder, texts):
    """Each file is extracted again, and the span holds the sentence and nothing else."""
    by_id = {fact.id: fact for fact in world.facts}
    found = {}
    for line in map(json.loads, (folder / "gold.jsonl").read_text("utf-8").splitlines()):
        span = texts[line["document"]][line["start"] : line["end"]]
        assert re.sub(r"\s", "", span) == re.sub(r"\s", "", line["text"])
        found.setdefault(line["id"], []).append(line["text"])
    for fact in world.facts:
        if fact.asked and fact.answerable:
            support = fact.support or (fact.id,)
            assert found.pop(fact.id) == [by_id[name].statement for name in support]
    assert found == {}


def test_what_is_not_answered_is_not_there(world, texts):
    """The subject is absent, or it is there without that attribute."""
    told = {(fact.subject, fact.attribute) for fact in world.facts if fact.answerable}
    everything = "\n".join(texts.values())
    for fact in world.facts:
        if not fact.answerable:
            assert (fact.subject, fact.attribute) not in told
            if fact.value.sort == "absent":
                assert fact.subject not in everything, fact.id


def test_nothing_is_said_about_dress(texts):
    for word in ("복장", "옷차림", "반바지", "유니폼"):
        assert not any(word in text for text in texts.values())


def test_a_wording_of_a_question_does_not_stand_in_a_document(world, texts):
    everything = "\n".join(texts.values())
    for fact in world.facts:
        assert not any(wording.text in everything for wording in fact.wordings)


def test_references_point_at_the_article_that_they_mean():
    sections = (Section("하나", passages=(steps("§셋§를 따른다.", "가나", "§둘§에 적는다."),)),
                Section("둘"), Section("셋"))  # fmt: skip
    written = write_articles([("장", sections)], [], ["쪽지"], 3, "stream", {})
    article = written.blocks[1]
    assert written.names == ("제1조(하나)", "제2조(둘)", "제3조(셋)")
    assert [line.text for line in article.lines] == [
        "제3조를 따른다.",
        "1. 가나",
        "2. 제2조에 적는다.",
    ]
    assert [line.level for line in article.lines] == [0, 1, 1]
    with pytest.raises(KeyError):
        write_articles([("장", (Section("하나", passages=(steps("§넷§"),)),))], [], [], 0, "", {})


def test_articles_are_numbered_through_and_referred_to(world):
    n_references = 0
    for document in documents(world, 2):
        titles = [block.title for block in document.blocks if hasattr(block, "lines")]
        assert [int(title[1 : title.index("조")]) for title in titles] == list(
            range(1, len(titles) + 1)
        )
        for block in document.blocks:
            for line in getattr(block, "lines", ()):
                for number in re.findall(r"제(\d+)조", line.text):
                    assert int(number) <= len(titles)
                    n_references += 1
    assert n_references > 40


def test_notes_are_many_and_state_nothing():
    notes = [note for outline in OUTLINES for note in outline.NOTES]
    notes += [*general.OFFICE_NOTES, *(answer for _, answer in guide.NOTES)]
    assert len(set(notes)) == len(notes) >= 150
    assert not any(re.search(r"\d", note) for note in notes)


def test_tables_have_merged_cells(world, folder):
    import docx

    place = folder / "documents"
    limits, _, history = docx.Document(str(place / "보험상품 요약서.docx")).tables
    column = limits.columns[0].cells
    assert column[1]._tc is column[2]._tc is column[3]._tc
    assert column[1]._tc is not column[4]._tc
    assert len({cell._tc for cell in history.columns[0].cells}) <= len(history.rows)
    with zipfile.ZipFile(place / "인수 심사 지침.hwpx") as archive:
        section = archive.read("Contents/section0.xml").decode()
    assert re.search(r'rowSpan="[2-9]"', section)


def test_pages_have_headers_and_footers(world, folder):
    import docx
    import pypdf

    place = folder / "documents"
    section = docx.Document(str(place / "근무 복지 기준.docx")).sections[0]
    assert section.header.paragraphs[0].text == f"{world.company} | 근무 복지 기준"
    assert section.footer.paragraphs[0].text.startswith("사내 한정 | 주관 인사팀")
    for number, page in enumerate(pypdf.PdfReader(place / "민원 처리 기준.pdf").pages, start=1):
        text = page.extract_text()
        assert f"{world.company} | 민원 처리 기준" in text
        assert "사내 한정 | 주관 소비자보호팀" in text and f"- {number} -" in text
    with zipfile.ZipFile(place / "인수 심사 지침.hwpx") as archive:
        hangul = archive.read("Contents/section0.xml").decode()
    assert "<hp:header" in hangul and "<hp:footer" in hangul and "사내 한정" in hangul


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder, world, tmp_path):
    write(tmp_path / "again", world.seed)
    for path in sorted(folder.rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(folder)).read_bytes()
    write_documents(tmp_path / "other", world.seed + 1)
    for path in (folder / "documents").iterdir():
        assert path.read_bytes() != (tmp_path / "other" / path.name).read_bytes()


def test_knobs_add_passages_and_take_none_away(world):
    def lines(distractors, near_twins):
        company = build(world.seed, 1, "ko", near_twins)
        found = [line.text for document in documents(company, distractors)
                 for block in document.blocks for line in getattr(block, "lines", ())]  # fmt: skip
        return found, company

    n_lines = [len(lines(distractors, 0)[0]) for distractors in range(4)]
    assert n_lines == sorted(set(n_lines))
    plain, _ = lines(0, 0)
    for twins in (1, 2, 3):
        some, company = lines(0, twins)
        assert build(world.seed).facts == tuple(
            fact for fact in company.facts if not fact.id.startswith("product.twin")
        )
        assert len(some) - len(plain) >= 15 * twins
        assert any("골프보험(실속형) 골프용품 손해 담보의 자기부담금" in line for line in some)
