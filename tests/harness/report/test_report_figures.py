"""Drawings' data, against the rows that they are made of; and that all of them can be drawn."""

import itertools
import json

import pytest
from synthetic import STRATEGIES, report_data, write_records

from harness.costs.deployment import Demand
from harness.costs.ownership import total_cost
from harness.report.data import Scenario
from harness.report.drawn import draw, infos_of
from harness.report.figures.break_even import break_even_info
from harness.report.figures.cost_stacks import cost_month_info, cost_once_info
from harness.report.figures.differences import differences_info
from harness.report.figures.predicted import predicted_info
from harness.report.figures.quality_cost import quality_cost_figure, quality_cost_info
from harness.report.figures.slices import slices_info
from harness.report.figures.style import log_axis


@pytest.fixture(scope="module")
def data(tmp_path_factory, book):
    folder = tmp_path_factory.mktemp("results")
    write_records(folder, kinds=STRATEGIES, items=120)
    return report_data([folder], book, scenario=Scenario(label_usd=0.1))


@pytest.fixture(scope="module")
def task(data):
    return data.tasks[0]


def test_the_frontier_dominates_what_is_hollow(task):
    info = quality_cost_info(task)
    assert len(info.points) == len(STRATEGIES)
    for point in info.points:
        better = [
            other
            for other in info.points
            if other.usd <= point.usd
            and other.value >= point.value
            and (other.usd, other.value) != (point.usd, point.value)
        ]
        assert point.frontier == (not better)
    along = [next(p for p in info.points if p.label == name) for name in info.frontier]
    assert all(a.usd < b.usd and a.value < b.value for a, b in itertools.pairwise(along))
    assert along[-1].label in info.finding.en and along[-1].label in info.finding.ko


def test_names_are_set_apart(task):
    places = {point.place for point in quality_cost_info(task).points}
    assert len(places) > 1  # points that lie close have their names on different sides


def test_stacks_add_up_to_the_rows(task, data):
    rows = {row.label: row for row in task.rows}
    for bar in cost_once_info(task).bars:
        assert sum(bar.parts.values()) == pytest.approx(rows[bar.label].development_usd or 0)
    volume = data.asked.requests_per_month
    for bar in cost_month_info(task, volume).bars:
        row = rows[bar.label]
        (usd,) = (month.usd for month in row.months if month.requests == volume)
        assert sum(bar.parts.values()) == pytest.approx(usd)
        assert bar.parts["working"] == pytest.approx(volume * row.usd_per_1k_requests / 1000)


def test_break_even_curves_are_the_total_cost(task, data):
    info = break_even_info(task, data.asked)
    assert {series.utilisation for series in info.series} == {0.1, 0.5, 1.0}
    for series in info.series:
        deployment = task.deployments[series.label]
        for volume, usd in list(zip(series.requests, series.usd, strict=True))[::17]:
            total = total_cost(
                deployment, months=12, requests_per_month=volume,
                demand=Demand(peak_factor=1 / series.utilisation),
            )  # fmt: skip
            assert usd == pytest.approx(total.usd / 12)
        assert list(series.usd) == sorted(series.usd)
    for cross in info.crossings:
        below, above = (task.deployments[x] for x in (cross.cheaper_below, cross.cheaper_above))
        terms = Demand(peak_factor=1 / cross.utilisation)
        costs = [
            [total_cost(d, months=12, requests_per_month=cross.requests * f, demand=terms).usd
             for d in (below, above)]
            for f in (0.9999, 1.0001)
        ]  # fmt: skip
        assert costs[0][0] <= costs[0][1] and costs[1][1] <= costs[1][0]


def test_differences_are_to_the_best(task):
    info = differences_info(task)
    assert len(info.rows) == len(task.rows) - 1
    assert {each.best for each in info.rows} == {task.rows[0].label}
    assert all(each.low <= each.difference <= each.high for each in info.rows)
    tied = sum(not each.differs for each in info.rows)
    assert str(tied) in info.finding.en or tied == 0


def test_slices_name_the_widest_gap(task):
    (info,) = slices_info(task)
    assert info.column == "slice" and {part.value for part in info.parts} == {"seen", "unseen"}
    gaps = {
        label: abs(info.parts[0].figures[label].value - info.parts[1].figures[label].value)
        for label in info.labels
    }
    widest = max(gaps, key=gaps.get)
    assert widest in info.finding.en and f"{100 * gaps[widest]:.1f}" in info.finding.en


def test_predictions_leave_the_predicted_out(task):
    info = predicted_info(task)
    assert info.rows and all(row.others > 0 for row in info.rows)
    for row in info.rows:
        assert row.error == pytest.approx(row.predicted / row.measured - 1)


def test_everything_is_drawn_in_both_languages_and_has_a_table(task, data):
    infos = infos_of(task, data)
    packed, heights = draw(data, {task.name: infos})
    assert packed and len(heights) == 10 and all(height > 200 for height in heights.values())
    for name, info in infos.items():
        for each in info if name == "slices" else [info] if info else []:
            titles, rows = each.table()
            assert rows and all(len(row) == len(titles) for row in rows), name
    for language, phrase in (("en", "requests"), ("ko", "비용")):
        drawn = quality_cost_figure(infos["quality_cost"], language)
        assert phrase in drawn["layout"]["xaxis"]["title"]["text"]


def test_a_name_brings_no_markup_into_a_drawing(tmp_path, book):
    from dataclasses import replace

    folder = tmp_path / "results"
    kinds = [replace(kind, name=f"<a href='x'>{kind.name}") for kind in STRATEGIES[:3]]
    write_records(folder, kinds=kinds, items=40)
    task = report_data([folder], book).tasks[0]
    text = json.dumps(quality_cost_figure(quality_cost_info(task)))
    assert "<a" not in text and "&lt;a" in text


def test_ticks_of_a_logarithmic_axis_are_written_out():
    few, many = log_axis("rows", 10, 300), log_axis("requests", 1e3, 1e7)
    assert [text for text, value in zip(few["ticktext"], few["tickvals"], strict=True) if 10 <= value <= 300] == [
        "10", "20", "50", "100", "200",
    ]  # fmt: skip
    assert [text for text, value in zip(many["ticktext"], many["tickvals"], strict=True) if 1e3 <= value <= 1e7] == [
        "1,000", "10k", "100k", "1M", "10M",
    ]  # fmt: skip
    small = log_axis("cost", 0.0000003, 0.0054, "$")
    assert small["ticktext"][small["tickvals"].index(1e-4)] == "$0.0001"
    assert all(value > 0 for value in small["tickvals"])
