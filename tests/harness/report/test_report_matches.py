"""Exact match, value match and contains side by side: form told from knowledge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from synthetic import Kind, report_data, write_records

from harness.cli.output import console
from harness.cli.shown import _print_quality, form_lines
from harness.costs.book import PriceBook
from harness.report.build import build_report
from harness.report.page import render
from harness.report.tables import MatchInfo, matches_info

ITEMS = 100
EXTRACT, CHAT, TRAINED = (
    Kind("bm25-answer", 0.0, model=False, retrieves=True),
    Kind("rag", 0.3, retrieves=True),
    Kind("qlora+rag", 0.6, trains=True, retrieves=True),
)
RIGHT: Mapping[str, tuple[int, int, int]] = {
    "bm25-answer": (0, 0, 70),
    "rag": (20, 45, 50),
    "qlora+rag": (60, 62, 64),
}
"""Answers of 100 that are right by exact match, value match and contains."""


def write(folder: Path, kinds: list[Kind], right: Mapping[str, tuple[int, int, int]]) -> None:
    for run in write_records(folder, kinds=kinds, items=ITEMS, seeds=2):
        name = json.loads((run / "run.json").read_text())["strategy"]["name"]
        if name in right:
            _set(run, right[name])


def _set(run: Path, counts: tuple[int, int, int]) -> None:
    """Makes the first answers right; four rows share a cluster."""
    shares = dict(zip(("exact_match", "value_match", "contains"), counts, strict=True))
    lines = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    for row, line in enumerate(lines):
        line["values"] |= {name: float(row < count) for name, count in shares.items()}
        line |= {"correct": row < counts[0], "outcome": "ok" if row < 95 else "truncated"}
    (run / "predictions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    derived = json.loads((run / "metrics.json").read_text())
    figure = derived["metrics"]["exact_match"]
    derived["metrics"] = {
        name: {**figure, "value": count / ITEMS, "low": 0.0, "high": 1.0, "n": ITEMS}
        for name, count in shares.items()
    }
    derived["outcomes"] = {"ok": 95, "truncated": 5, "abstained": 3}
    (run / "metrics.json").write_text(json.dumps(derived))


def info(folder: Path, book: PriceBook) -> MatchInfo | None:
    (task,) = report_data([folder], book).tasks
    return matches_info(task)


def test_the_three_stand_side_by_side_with_n_and_interval(tmp_path: Path, book: PriceBook) -> None:
    write(tmp_path, [EXTRACT, CHAT, TRAINED], RIGHT)
    table = info(tmp_path, book)
    assert table is not None and table.matches and not table.grounds
    assert table.metrics == ("exact_match", "value_match", "contains")
    rows = {row.name: row for row in table.rows}
    for name, counts in RIGHT.items():
        figures = [rows[name].metrics[metric] for metric in table.metrics]
        assert [round(100 * (figure.value or 0)) for figure in figures] == list(counts)
        for figure in figures:  # two seeds that are alike: an interval of the rows' clusters
            assert figure.n == ITEMS and figure.low is not None and figure.high is not None
            assert figure.low <= (figure.value or 0) <= figure.high
    assert rows["rag"].outcomes["truncated"] == 2 * 5


def test_the_sentences_name_who_lacks_form_and_what_becomes_of_the_lead(
    tmp_path: Path, book: PriceBook
) -> None:
    write(tmp_path, [EXTRACT, CHAT, TRAINED], RIGHT)
    table = info(tmp_path, book)
    assert table is not None
    assert "bm25-answer loses most by its form: 70 % of its answers hold" in table.finding.en
    assert "60.0 points ahead of bm25-answer by exact match, but 6.0 points behind" in (
        table.finding.en
    )
    assert "60.0%p 앞서지만 contains로는 6.0%p 뒤집니다" in table.finding.ko


def test_a_lead_that_shrinks_is_said_with_both_figures(tmp_path: Path, book: PriceBook) -> None:
    write(tmp_path, [CHAT, TRAINED], RIGHT)
    table = info(tmp_path, book)
    assert table is not None
    assert "40.0 points ahead of rag by exact match and 14.0 points by contains" in table.finding.en


def test_equal_figures_say_that_form_makes_no_difference(tmp_path: Path, book: PriceBook) -> None:
    write(tmp_path, [CHAT, TRAINED], {"rag": (50, 50, 50), "qlora+rag": (60, 60, 60)})
    table = info(tmp_path, book)
    assert table is not None and table.finding.en.startswith("Form makes no difference")


def test_records_without_them_show_no_table(tmp_path: Path, book: PriceBook) -> None:
    write_records(tmp_path, kinds=[CHAT, TRAINED], items=40)
    assert info(tmp_path, book) is None


def test_a_record_that_lacks_them_has_a_dash_and_no_zero(tmp_path: Path, book: PriceBook) -> None:
    write(tmp_path, [CHAT, TRAINED], {"qlora+rag": RIGHT["qlora+rag"]})
    built = build_report([tmp_path], book)
    table = matches_info(built.data.tasks[0])
    assert table is not None
    old = next(row for row in table.rows if row.name == "rag")
    assert "contains" not in old.metrics
    page = render(built.data, {})
    section = page[page.index('id="matches-t0"') :]
    row = section[section.index(">rag</th>") : section.index("</tr>", section.index(">rag</th>"))]
    assert row.count('<td class="dim" data-v="">–</td>') == 2
    assert "Form or knowledge" in section and "형식인가 지식인가" in section


def test_what_answers_rest_on_stands_beside_them_for_those_with_passages(
    tmp_path: Path, book: PriceBook
) -> None:
    write(tmp_path, [CHAT, TRAINED], RIGHT)
    for run in tmp_path.glob("made_rag_*"):
        derived = json.loads((run / "metrics.json").read_text())
        figure = {**derived["metrics"]["contains"], "value": 0.75, "n": 40}
        derived["metrics"] |= {"grounded": figure, "source_grounded": {**figure, "value": None}}
        (run / "metrics.json").write_text(json.dumps(derived))
    built = build_report([tmp_path], book)
    table = matches_info(built.data.tasks[0])
    assert table is not None and table.grounds
    assert table.metrics[-2:] == ("grounded", "source_grounded")
    section = render(built.data, {}).partition('id="matches-t0"')[2].partition("</figure>")[0]
    rows = {text.partition("</th>")[0]: text for text in section.split('class="text">')[1:]}
    assert "0.750" in rows["rag"] and rows["rag"].count('data-v="">–') == 1
    assert rows["qlora+rag"].count('data-v="">–') == 2 and "No judge takes part" in section


def test_show_puts_the_three_one_below_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("hit@1", "exact_match", "token_f1", "value_match", "contains")
    figure = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10, "method": "wilson"}
    report = {"metrics": dict.fromkeys(names, figure), "primary": "exact_match", "slices": {}}
    _print_quality(console(), report | {"outcomes": {"ok": 10}, "readout": "generate"})
    first = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:6]]
    assert first == ["hit@1", "exact_match", "value_match", "contains", "token_f1"]


@pytest.mark.parametrize(
    ("values", "outcomes", "expected"),
    [
        ((0.0, 0.709), {}, ["form: 284 answers hold the right one, 0 are it"]),
        ((0.5, 0.5), {"truncated": 3}, ["truncated: 3 answers were cut"]),
        ((0.5, None), {"truncated": 0}, []),
    ],
)
def test_show_says_what_form_and_length_cost(
    values: tuple[float, float | None], outcomes: dict[str, int], expected: list[str]
) -> None:
    names = ("exact_match", "contains")
    metrics: dict[str, Any] = {
        name: {"value": value, "n": 400} for name, value in zip(names, values, strict=True)
    }
    lines = list(form_lines({"metrics": metrics, "outcomes": outcomes}))
    assert len(lines) == len(expected)
    assert all(line.startswith(start) for line, start in zip(lines, expected, strict=True))
    assert list(form_lines({"metrics": {}, "outcomes": {}})) == []


def test_who_obeys_planted_instructions_stands_beside_the_matches(
    tmp_path: Path, book: PriceBook
) -> None:
    write(tmp_path, [EXTRACT, CHAT], RIGHT)
    for path in tmp_path.glob("made_*/metrics.json"):
        derived = json.loads(path.read_text())
        figure = {**derived["metrics"]["contains"], "value": 0.25, "n": 40}
        if "bm25" in path.parent.name:  # none reached it
            figure |= {"value": None, "low": None, "high": None, "n": 0}
        derived["metrics"]["injections_obeyed"] = figure
        path.write_text(json.dumps(derived))
        assert ("obeys planted instructions: 10 of 40" in " ".join(form_lines(derived))) == (
            figure["n"] == 40
        )
    built = build_report([tmp_path], book)
    table = matches_info(built.data.tasks[0])
    assert table is not None and table.metrics[-1] == "injections_obeyed" and table.planted
    assert "rag obeys planted instructions: 10 of 40." in table.finding.en
    assert "bm25-answer obeys" not in table.finding.en
    assert "심어 둔 지시를 따른 답 40개 중 10개" in table.finding.ko
    assert "the share whose answer does as it says" in render(built.data, {})
