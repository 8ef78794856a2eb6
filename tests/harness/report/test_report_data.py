"""What a report shows, against records with known answers."""

import json

import numpy as np
import pytest
from synthetic import STRATEGIES, Kind, report_data, write_records

from harness.errors import UsageError
from harness.report.build import build_report
from harness.report.data import Scenario

FEW = tuple(kind for kind in STRATEGIES if kind.name in ("tfidf", "zero-shot", "lora+rag"))


def change(folder, **values):
    path = folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), encoding="utf-8")


def lines(folder):
    return [json.loads(x) for x in (folder / "predictions.jsonl").read_text("utf-8").splitlines()]


def by_label(data, task=0):
    return {row.label: row for row in data.tasks[task].rows}


def test_a_setting_is_the_mean_over_its_seeds(tmp_path, book):
    folders = write_records(tmp_path, kinds=FEW, seeds=3, items=80)
    rows = by_label(report_data([tmp_path], book))
    assert set(rows) == {kind.name for kind in FEW}
    for kind, some in zip(FEW, np.array(folders, dtype=object).reshape(3, 3), strict=True):
        row = rows[kind.name]
        right = [np.mean([line["correct"] for line in lines(folder)]) for folder in some]
        assert row.seeds == (0, 1, 2) and len(row.runs) == 3
        assert row.quality.value == pytest.approx(np.mean(right))
        assert row.quality.low < row.quality.value < row.quality.high
        assert sum(row.outcomes.values()) == 3 * 80


def test_what_the_records_say_of_the_rows_is_named_once(tmp_path, book):
    for folder in write_records(tmp_path, kinds=FEW, seeds=1, items=80):
        change(folder, data={"read": 90, "rows": {"test": 80}, "warnings": ["16 rows leak"]})
    (task,) = report_data([tmp_path], book).tasks
    assert [note.say("en") for note in task.notes].count("The rows: 16 rows leak.") == 1


def test_pairs_are_differences_of_the_rows_and_letters_follow(tmp_path, book):
    write_records(tmp_path, kinds=FEW, items=200)
    task = report_data([tmp_path], book).tasks[0]
    rows = {row.label: row for row in task.rows}
    assert len(task.pairs) == 3
    for pair in task.pairs:
        gap = rows[pair.a].quality.value - rows[pair.b].quality.value
        assert pair.difference == pytest.approx(gap)
        assert pair.low <= pair.difference <= pair.high
        shared = set(rows[pair.a].letters) & set(rows[pair.b].letters)
        assert bool(shared) != pair.differs
    best = task.rows[0]
    assert best.to_best is None
    assert all(row.to_best.a == best.label for row in task.rows[1:])


def test_groups_are_told_from_the_ledger_alone(tmp_path, book):
    kinds = (
        Kind("a", 0.1, model=False), Kind("b", 0.2), Kind("c", 0.3, retrieves=True),
        Kind("d", 0.4, trains=True), Kind("e", 0.5, trains=True, retrieves=True),
    )  # fmt: skip
    write_records(tmp_path, kinds=kinds, items=40)
    rows = by_label(report_data([tmp_path], book))
    found = [rows[name].group for name in "abcde"]
    assert found == ["baseline", "prompting", "retrieval", "tuning", "tuning-retrieval"]


def test_a_cpu_has_no_gpu_hours_and_projections_are_apart(tmp_path, book):
    write_records(tmp_path, kinds=FEW, items=60)
    data = report_data([tmp_path], book)
    rows = by_label(data)
    assert not data.gpu_ran
    assert all(row.gpu_hours == 0 and row.cpu_hours > 0 for row in rows.values())
    assert rows["lora+rag"].projected_gpu_hours > 0 and rows["lora+rag"].projected_is_least
    assert rows["tfidf"].projected_gpu_hours is None
    assert any(price.projected for price in data.prices)


def test_labels_are_unpriced_until_they_have_a_price(tmp_path, book):
    write_records(tmp_path, kinds=FEW, items=60)
    row = by_label(report_data([tmp_path], book))["lora+rag"]
    assert row.unpriced == ("label",) and row.once["label"] is None
    priced = by_label(report_data([tmp_path], book, scenario=Scenario(label_usd=2.0)))["lora+rag"]
    assert priced.once["label"] == 1000 and not priced.unpriced
    assert priced.development_usd == pytest.approx(row.development_usd + 1000)
    assert priced.quality == row.quality


def test_folders_of_two_machines_are_joined_but_seconds_arent(tmp_path, book):
    write_records(tmp_path / "here", kinds=FEW, items=60)
    write_records(tmp_path / "there", kinds=FEW[:1], items=60, cpu="another processor", seeds=2)
    gpu = write_records(tmp_path / "gpu", kinds=FEW[2:], items=60, device="cuda:NVIDIA L4")
    data = report_data([tmp_path / name for name in ("here", "there", "gpu")], book)
    rows = by_label(data)
    assert len(data.machines) == 3
    on_gpu = next(row for row in rows.values() if gpu[0].name in row.runs)
    assert on_gpu.gpu_hours > 0 and on_gpu.cpu_hours == 0 and not on_gpu.seconds_compare
    assert not on_gpu.frontier and on_gpu.quality.value is not None
    assert any("different machines" in note.en for note in data.tasks[0].notes)
    pairs = {frozenset((pair.a, pair.b)) for pair in data.tasks[0].pairs}
    assert any(on_gpu.label in pair for pair in pairs)  # quality compares


def test_the_same_work_twice_counts_once(tmp_path, book):
    write_records(tmp_path / "a", kinds=FEW, items=60)
    write_records(tmp_path / "b", kinds=FEW, items=60)
    data = report_data([tmp_path / "a", tmp_path / "b"], book)
    assert len(data.runs) == 3


def test_a_run_beside_another_is_left_out_of_cost_comparisons(tmp_path, book):
    folders = write_records(tmp_path, kinds=FEW, items=60)
    before = by_label(report_data([tmp_path], book))
    assert before["tfidf"].frontier
    change(folders[[kind.name for kind in FEW].index("tfidf")], shared=True)
    data = report_data([tmp_path], book)
    after = by_label(data)["tfidf"]
    assert after.shared and not after.frontier and not after.seconds_compare
    assert after.ranked and after.quality == before["tfidf"].quality
    assert any("tfidf" in note.en for note in data.tasks[0].notes)


def test_a_ceiling_is_shown_and_never_ranked(tmp_path, book):
    folders = write_records(tmp_path, kinds=FEW, items=60)
    about = {"name": "lora+rag", "parameters": {"name": "lora+rag"}, "ceiling": True}
    change(folders[[kind.name for kind in FEW].index("lora+rag")], strategy=about)
    data = report_data([tmp_path], book)
    row = data.tasks[0].rows[-1]
    assert (row.group, row.ranked, row.letters) == ("ceiling", False, "")
    assert "ceiling" in row.why_not.en and "상한선" in row.why_not.ko
    assert all("lora+rag" not in (pair.a, pair.b) for pair in data.tasks[0].pairs)
    assert data.left_out


def test_curves_come_from_what_the_records_have(tmp_path, book):
    for number, limit in enumerate((50, 200)):
        kinds = (Kind("lora", 0.4 + 0.3 * number, trains=True),)
        (folder,) = write_records(tmp_path / str(limit), kinds=kinds, items=80)
        record = json.loads((folder / "run.json").read_text("utf-8"))
        change(folder, key=str(limit), config=record["config"] | {"train_limit": limit})
        ledger = folder / "artifact-ledger.jsonl"
        ledger.write_text(ledger.read_text("utf-8").replace("500", str(limit)), encoding="utf-8")
    write_records(tmp_path / "50", kinds=FEW[-1:], items=80)
    task = report_data([tmp_path / "50", tmp_path / "200"], book).tasks[0]
    learning = [curve for curve in task.curves if curve.kind == "learning"]
    assert [[point.x for point in curve.points] for curve in learning] == [[50, 200]]
    retrieval = [curve for curve in task.curves if curve.kind == "retrieval"]
    assert [point.x for point in retrieval[0].points] == [1, 3, 5, 10]


def test_a_retrieval_curve_ends_where_the_passages_end(tmp_path, book):
    (folder,) = write_records(tmp_path, kinds=FEW[-1:], items=40)
    path = folder / "predictions.jsonl"

    def up_to(k):
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for line in lines:
            line["values"] |= {
                f"hit@{n}": line["values"][f"hit@{k}"] for n in (1, 3, 5, 10) if n > k
            }
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        curves = report_data([tmp_path], book).tasks[0].curves
        return [[point.x for point in curve.points] for curve in curves]

    assert up_to(3) == [[1, 3]]
    assert up_to(1) == []


def test_an_update_that_was_stored_is_shown(tmp_path, book):
    write_records(tmp_path, kinds=FEW, items=40)
    figure = {"value": 0.2, "low": 0.1, "high": 0.3, "n": 20}
    spent = {"seconds": 3.0, "usd": 0.01, "rows_labelled": 0}
    value = {
        "strategy": "rag", "task": "made", "model": "synthetic-1b", "from": 1, "to": 2,
        "primary": "exact_match", "first": spent, "catching_up": spent | {"rows_relabelled": 7},
        "groups": {"changed": {"before": figure, "after": figure | {"value": 0.6}}},
    }  # fmt: skip
    folder = tmp_path / "updates" / "one"
    folder.mkdir(parents=True)
    (folder / "update.json").write_text(json.dumps(value), encoding="utf-8")
    (row,) = report_data([tmp_path], book).tasks[0].updates
    assert (row.strategy, row.rows_labelled, row.usd) == ("rag", 7, 0.01)
    assert row.groups["changed"]["after"].value == 0.6


def test_the_task_of_the_first_fold_can_be_chosen(tmp_path, book):
    write_records(tmp_path, kinds=FEW, tasks=("one", "two"), items=40)
    data = report_data([tmp_path], book, lead="two")
    assert [task.name for task in data.tasks] == ["two", "one"]
    assert len(data.records) == 3 and set(data.records[0].by_task) == {"one", "two"}
    for tally in data.records:
        assert tally.wins + tally.ties + tally.losses == 4
    with pytest.raises(UsageError, match="there is no run of 'three'"):
        report_data([tmp_path], book, lead="three")


def test_nothing_to_report_says_so(tmp_path, book):
    with pytest.raises(UsageError, match="there is no run"):
        report_data([tmp_path / "nowhere"], book)


def test_only_a_baseline_has_no_comparison_but_a_page(tmp_path, book):
    write_records(tmp_path, kinds=FEW[:1], items=40)
    data = build_report([tmp_path], book).data
    assert data.tasks[0].pairs == () and len(data.tasks[0].advice) == 1
    assert data.made == "2026-01-01T00:01:00+00:00"
