"""The report on the data: repeats and leaks are counted and named, and weak figures announced."""

import json
import os
import re
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import run_config
from harness.errors import DataError, UsageError
from harness.runs.plan import load_rows, open_task
from harness.task.near import near_texts
from harness.task.report import report_lines

DATA = os.environ.get("HARNESS_DATA")
SENTENCE = "The premiums of unit {} in the northern region grew by {} percent over the whole year."


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def load(path, *, strategy="majority", drop_leaked=False, limit=None, **source):
    data = {"path": path, "input": "text", "target": "label"} | source
    config = run_config(strategy=strategy, data=data, drop_leaked=drop_leaked, limit=limit)
    return load_rows(config, open_task(config))


def sentences(*numbers, label="up"):
    return [{"text": SENTENCE.format("A", number), "label": label} for number in numbers]


@pytest.fixture
def leaky(tmp_path):
    """A table whose test table repeats rows of it: exactly, respelled, nearly, with a number."""
    words = ["alder", "birch", "cedar", "maple", "aspen", "larch", "hazel", "elder", "rowan"]
    rows = [{"text": SENTENCE.format(word, 7), "label": "up"} for word in words]
    tested = [
        rows[0],
        {"text": rows[1]["text"].upper() + " ", "label": "down"},
        {"text": rows[2]["text"] + "!", "label": "up"},
        {"text": rows[3]["text"].replace("7", "8"), "label": "up"},
        {"text": "Something else altogether.", "label": "down"},
    ]
    return write(tmp_path / "rows.jsonl", rows), write(tmp_path / "test.jsonl", tested)


def test_leaks_are_counted_by_kind_and_named_by_their_places(leaky):
    path, test = leaky
    report = load(path, test=test, split="100/0/0").report()
    (leak,) = report.leaks
    assert (leak.exact, leak.spelling, leak.near, leak.other_numbers) == (1, 1, 1, 1)
    assert leak.also_in == {"train": 3, "dev": 0}
    assert leak.examples == tuple(
        f"test.jsonl, line {number} = rows.jsonl, line {number}" for number in (1, 2, 3)
    )
    warning = next(text for about, text in report_lines(report) if "stand in train" in text)
    assert "3 of 5" in warning and "test.jsonl, line 1 = rows.jsonl, line 1" in warning
    assert "--drop-leaked" in warning


def test_what_leaks_is_left_out_of_what_is_learned_and_the_test_stays(leaky):
    path, test = leaky
    before = load(path, test=test)
    after = load(path, test=test, drop_leaked=True)
    assert after.digests["test"] == before.digests["test"]
    assert after.digests["train"] != before.digests["train"]
    report = after.report()
    assert sum(report.dropped.values()) == 3
    assert not any(leak.rows for leak in report.leaks)
    assert any(about == "left out" for about, _ in report_lines(report))
    limited = load(path, test=test, drop_leaked=True, limit=1)
    assert limited.digests["train"] == after.digests["train"]


@pytest.mark.parametrize(("answer", "leaks"), [("2021", 0), ("2020", 1)])
def test_nearly_the_same_question_with_another_answer_is_another_question(tmp_path, answer, leaks):
    ask = (
        "When were the conditions of the {} cover last amended by the insurer, in which year, "
        "and who was told of it?"
    )
    rows, test = (
        write(tmp_path / name, [{"text": ask.format(cover), "label": label}])
        for name, cover, label in (("rows.jsonl", "golf", "2020"), ("test.jsonl", "gulf", answer))
    )
    report = load(rows, test=test, split="100/0/0").report()
    assert sum(leak.near for leak in report.leaks) == report.near_repeated == leaks


def test_the_test_rows_have_ids_that_do_not_hang_on_the_train_rows(leaky, tmp_path):
    path, test = leaky
    other = write(tmp_path / "other.jsonl", sentences(1, 2, 3))
    first, second = (load(each, test=test) for each in (path, other))
    assert [row.id for row in first.test] == [row.id for row in second.test]


def test_repeats_and_contradictions_are_counted(tmp_path):
    rows = [*sentences(1, 2, 3, 1), *sentences(2, label="down")]
    report = load(write(tmp_path / "rows.jsonl", rows)).report()
    assert (report.repeated, report.near_repeated) == (2, 0)
    assert report.conflicting == 1
    assert report.conflicts == ("rows.jsonl, line 2 = rows.jsonl, line 5",)


def test_classes_and_what_makes_a_figure_weak_are_said(tmp_path):
    rows = [{"text": f"row {n}", "label": "up", "split": "train"} for n in range(8)]
    rows += [{"text": f"fall {n}", "label": "down", "split": "train"} for n in range(8)]
    rows += [{"text": f"new {n}", "label": "up", "split": "test"} for n in range(4)]
    rows += [{"text": "odd", "label": "side", "split": "test"}]
    report = load(write(tmp_path / "rows.jsonl", rows)).report()
    assert report.rows["test"] == 5 and report.read == 21
    assert report.classes["up"]["test"] == 4
    assert report.classes["side"] == {"train": 0, "dev": 0, "test": 1}
    text = "\n".join(report.warnings)
    for words in (
        "5 test rows: a 95 % interval reaches up to 33 points",
        "no test row has the label 'down'",
        "no train row has the label 'side'",
        "macro_f1 is a mean over the 2 of 3 labels",
        "4 of 5 test rows have the label 'up'",
    ):
        assert words in text, text
    assert any("column 'split'" in note for note in report.notes)


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="HARNESS_DATA names no folder of real data")
def test_the_right_options_of_a_multiple_choice_are_counted_by_letter():
    config = run_config(strategy="majority", task="ko-insurance-exam", data_dir=Path(DATA))
    classes = load_rows(config, open_task(config)).report().classes
    assert {letter: counts["test"] for letter, counts in classes.items()} == {
        "A": 18,
        "B": 19,
        "C": 19,
        "D": 19,
    }


def test_a_table_of_one_class_says_so(tmp_path):
    report = load(write(tmp_path / "rows.jsonl", sentences(*range(150)))).report()
    assert "every test row has the label 'up': nothing can be told apart" in report.warnings


@pytest.mark.parametrize(
    ("cell", "split"),
    [("Validation", "dev"), ("val", "dev"), ("valid", "dev"), ("eval", "dev"), ("TEST", "test")],
)
def test_names_of_splits(tmp_path, cell, split):
    rows = [{"text": f"row {n}", "label": "up", "split": "train"} for n in range(4)]
    rows += [
        {"text": "t", "label": "up", "split": "test"},
        {"text": "x", "label": "up", "split": cell},
    ]
    rows = load(write(tmp_path / "rows.jsonl", rows))
    assert "x" in {row.example.query.text for row in getattr(rows, split)}


def test_a_cell_that_names_no_split_is_refused_with_its_row(tmp_path):
    rows = [{"text": f"row {n}", "label": "up", "split": "train"} for n in range(3)]
    rows[2]["split"] = "holdout"
    with pytest.raises(DataError, match=r"rows.jsonl, line 3: 'split' has 'holdout'"):
        load(write(tmp_path / "rows.jsonl", rows))


def test_a_column_called_split_that_names_none_is_a_column_like_others(tmp_path):
    rows = [{"text": f"row {n}", "label": "up", "split": f"{n}/1"} for n in range(10)]
    assert len(load(write(tmp_path / "rows.jsonl", rows)).test) == 2


def test_all_rows_are_the_test_where_nothing_trains(tmp_path):
    path = write(tmp_path / "rows.jsonl", sentences(*range(10)))
    rows = load(path, split="0/0/100")
    assert (len(rows.train), len(rows.dev), len(rows.test)) == (0, 0, 10)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"split": "50/50"}, "isn't train/dev/test in percent"),
        ({"split": "50/20/20"}, "isn't train/dev/test in percent"),
        ({"split": "a/b/c"}, "isn't train/dev/test in percent"),
        ({"test": "rows.jsonl", "split": "80/0/20"}, "--test names the test rows"),
        ({"test": "rows.jsonl", "time": "text"}, "--test and --time"),
        ({"date_format": "DMY"}, "--date-format goes with --time"),
    ],
)
def test_options_that_contradict_each_other_are_refused(tmp_path, source, message):
    path = write(tmp_path / "rows.jsonl", sentences(*range(10)))
    if "test" in source:
        source = source | {"test": path}
    with pytest.raises(UsageError, match=message):
        load(path, **source)


@pytest.mark.parametrize("strategy", ["majority", "tfidf", "zero-shot", "few-shot", "lora"])
def test_the_test_rows_are_the_same_for_every_strategy(tmp_path, strategy):
    path = write(tmp_path / "rows.jsonl", sentences(*range(30)))
    rows, usual = load(path, strategy=strategy, limit=4), load(path, limit=4)
    assert rows.digests == usual.digests


def test_other_numbers_are_another_row():
    texts = [SENTENCE.format("A", n) for n in (10, 11)]
    assert near_texts(texts) == [[], []]
    assert near_texts([texts[0], f"{texts[0]}!"]) == [[1], [0]]
    assert near_texts(["ab", "abc", ""]) == [[], [], []]


@given(st.lists(st.text("abc 1", min_size=1, max_size=40), unique=True, max_size=12))
def test_near_texts_are_those_of_the_plain_computation(texts):
    texts = [
        *texts,
        *(f"{text * 3} end" for text in texts),
        *(f"{text * 3} end." for text in texts),
    ]
    texts = list(dict.fromkeys(texts))
    grams = [{text.ljust(5)[at : at + 5] for at in range(max(1, len(text) - 4))} for text in texts]
    numbers = [re.findall(r"\d+", text) for text in texts]
    expected = [
        {
            other
            for other in range(len(texts))
            if other != number
            and numbers[other] == numbers[number]
            and len(grams[number] & grams[other]) >= 0.9 * len(grams[number] | grams[other])
        }
        for number in range(len(texts))
    ]
    assert [set(each) for each in near_texts(texts)] == expected


@pytest.mark.slow
@pytest.mark.parametrize("vocabulary", [50, 2000])
def test_ten_thousand_rows_are_compared_in_a_second(vocabulary):
    random = Random(0)
    words = ["".join(random.choices("abcdefghijklmnopqrst", k=6)) for _ in range(vocabulary)]
    texts = [" ".join(random.choices(words, k=12)) for _ in range(10_000)]
    texts = [*dict.fromkeys(texts), f"{texts[5]}!"]
    start = time.process_time()
    near = near_texts(texts)
    assert time.process_time() - start < 4  # 0.5 to 1 s where nothing else runs
    assert near[-1] == [5]


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="HARNESS_DATA names no folder of real data")
@pytest.mark.parametrize(
    ("folder", "tested", "exact"), [("fiqa_sa_flare", 235, 16), ("banking77", 3080, 6)]
)
def test_known_test_rows_that_stand_in_train_are_found(folder, tested, exact):
    place = Path(DATA) / folder
    report = load(place / "train.jsonl", test=place / "test.jsonl").report()
    leak = report.leaks[0]
    assert (report.rows["test"], leak.split, leak.exact) == (tested, "test", exact)
    assert leak.examples[0].startswith("test.jsonl, line ")
    assert f"{leak.rows} of {tested:,}" in "\n".join(report.warnings)


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="HARNESS_DATA names no folder of real data")
def test_the_repeats_of_the_headlines_are_found():
    """488 are the same to the last blank; one more has a blank at its end."""
    path = Path(DATA) / "headlines" / "headlines.jsonl"
    report = load(path, input="news", target="DirectionUp", split="0/0/100").report()
    assert (report.read, report.repeated) == (11_412, 489)
    with pytest.raises(DataError, match=r"line 66: 'date' has '0201-04-27', no date"):
        load(path, input="news", target="DirectionUp", time="date")
