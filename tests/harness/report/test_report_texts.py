"""Texts that records leave out are shown only where they are the very ones, and may be shown."""

from dataclasses import replace

import pytest

from harness.analysis.trials import read_trials
from harness.config import run_config
from harness.records.reading import read_record
from harness.report import write_report
from harness.report.build import build_report
from harness.report.texts import passages_of, prompt_examples, texts_of
from harness.runs.runner import run

pytestmark = pytest.mark.slow  # the insurer's documents are written and indexed


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    for name in ("full", "masked", "ids"):
        run(run_config(strategy="majority", limit=20, results=folder / name, store_text=name))
    run(run_config(strategy="bm25-answer", limit=20, results=folder / "full"))
    return folder


def runs(folder):
    return read_trials(folder, "insurer-ko")[0]


def test_questions_are_those_that_were_answered(results):
    texts = texts_of(runs(results / "full"))
    rows = runs(results / "full")[0].rows
    assert set(rows.ids) <= texts.rows.keys()
    assert all(texts.rows[row.id].example.target == row.target for row in rows)


def test_other_rows_are_no_questions(results, tmp_path):
    one = runs(results / "full")[0]
    record = read_record(one.folder)
    record.task.digests["test"] = "of another world"
    changed = replace(one, record=record)
    assert not texts_of([changed]).rows


def test_a_record_opens_no_file_of_its_choice(results, tmp_path):
    one = runs(results / "full")[0]
    record = read_record(one.folder)
    record.task = record.task.model_copy(update={"name": str(tmp_path / "evil.yaml")})
    record.artifact = record.artifact.model_copy(update={"name": "../../elsewhere"})
    (tmp_path / "evil.yaml").write_text("name: evil", encoding="utf-8")
    changed = replace(one, record=record)
    assert not texts_of([changed]).rows
    assert not passages_of(changed) and not prompt_examples(changed)


@pytest.mark.parametrize(("stored", "shown"), [("full", True), ("masked", True), ("ids", False)])
def test_as_much_is_shown_as_a_record_stores(results, stored, shown):
    texts = texts_of(runs(results / stored))
    assert bool(texts.rows) == shown
    phone = "call 010-1234-5678"
    assert ("010-1234-5678" in texts.clean(phone)) == (stored != "masked")


def test_one_record_without_text_hides_all_questions(results):
    assert not texts_of([*runs(results / "full"), *runs(results / "ids")]).rows


def test_passages_come_from_the_index_and_gold_is_marked(results, tmp_path, book):
    built = build_report([results / "full"], book)
    examples = built.examples()["insurer-ko"]
    names = [setting["name"] for setting in examples.head["settings"]]
    found = [
        examples.head["passages"][number]
        for item in examples.items
        for number in item.value["answers"][names.index("bm25-answer")][7]
    ]
    assert found and all(text for _, text in found)
    assert any(item.value["gold"] for item in examples.items)
    assert all(item.value["question"] for item in examples.items)
    (file,) = write_report(built, tmp_path / "report.html")
    assert "isn't in the records" not in file.path.read_text(encoding="utf-8")
