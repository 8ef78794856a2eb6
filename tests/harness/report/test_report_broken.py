"""The table of what adapting broke: changes with intervals, noise said, over-fitting, unchanged."""

import re

import pytest
from synthetic import Kind, report_data, write_records

from harness.report.page import render
from harness.report.tables import broken_info

LORA, PLAIN = Kind("lora", 0.7, trains=True), Kind("zero-shot", 0.3)


def score(name, metric, **figures):
    about = {"probe": "default", "name": name, "metric": metric, "adapted": False, "n": 40}
    return about | {"higher_is_better": metric != "bits_per_byte", "value": 0.5} | figures


def after(name, metric, before, change, half):
    ends = {"change": change, "low": change - half, "high": change + half}
    return [
        score(name, metric, value=before),
        score(name, metric, adapted=True, value=before + change, **ends),
    ]


def probe(scores, changed=True):
    return [{"name": "default", "version": 1, "changed": changed, "scores": scores}]


TRAINED = [
    *after("general-text-en", "bits_per_byte", 1.25, 0.05, 0.01),
    *after("general-choice-en", "accuracy", 0.5, -0.05, 0.1),
    *after("task:other", "exact_match", 0.25, -0.25, 0.1),
    score("rows-train", "exact_match", adapted=True, value=0.95, stderr=0.01),
    score("rows-test", "exact_match", adapted=True, value=0.7, stderr=0.02),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory, book):
    results = tmp_path_factory.mktemp("probed")
    write_records(results, kinds=[LORA], probes=probe(TRAINED))
    before = [score("general-text-en", "bits_per_byte", value=1.25)]
    write_records(results, kinds=[PLAIN], probes=probe(before, changed=False))
    return report_data([results], book)


def test_changes_are_points_or_per_cent_with_what_they_are_made_of(data):
    info = broken_info(data.tasks[0])
    assert info.titles == ["probes.text_en", "probes.choice_en"] and info.overfits
    cells = {row.strategy: (cells, gap) for row, cells, gap in info.rows}
    (text, choice), gap = cells["lora"]
    assert (text.change, text.interval, text.verdict) == ("+4.0 %", "[+3.2, +4.8]", "worse")
    assert (choice.change, choice.verdict) == ("-5.0", "noise")
    assert (gap.change, gap.before, gap.after, gap.verdict) == ("+25.0", "0.950", "0.700", "worse")
    assert cells["zero-shot"] == ([None, None], None)
    (line,) = info.others[1]
    assert line[1:7] == ["task:other", "exact_match", 40, 0.25, 0.0, -0.25]


def test_the_page_has_it_beside_quality(data):
    page = render(data, {}, language="en")
    table = page[page.index('id="broken-t0"') :]
    table = table[: table.index("</figure>")]
    plain = " ".join(re.sub(r"<[^>]+>", " ", table).split())
    assert "What adapting broke" in plain and "within noise" in plain and "+4.0 %" in plain
    assert "the weights are unchanged" in plain and "가중치가 그대로" in plain
    assert plain.index("lora") < plain.index("zero-shot") and "task:other" in plain


def test_without_probes_there_is_no_table(tmp_path, book):
    write_records(tmp_path, kinds=[LORA])
    data = report_data([tmp_path], book)
    assert broken_info(data.tasks[0]) is None
    assert 'id="broken-' not in render(data, {}, language="en")
