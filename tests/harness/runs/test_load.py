"""`predict --rate`: a finished run is driven, its load.json written, and its price goes by that."""

import json

import pytest
from hostile_server import HostileServer
from two_labels import write_two_labels
from typer.testing import CliRunner

from harness.analysis.summary import summary
from harness.analysis.trials import read_trials
from harness.cli import app
from harness.config import run_config
from harness.costs.book import load_book
from harness.costs.options import PriceOptions
from harness.errors import DataError, UsageError
from harness.records.load import LOAD
from harness.records.reading import read_load, read_record, read_whole
from harness.runs.load import Traffic, measure_load
from harness.runs.runner import run

BOOK = load_book()


def predict(*words):
    return CliRunner().invoke(app, ["predict", *map(str, words)])


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return write_two_labels(tmp_path_factory.mktemp("table"), 60)


@pytest.fixture(scope="module")
def folder(table, tmp_path_factory):
    data = {"path": table, "input": "text", "target": "label"}
    results = tmp_path_factory.mktemp("results")
    return run(run_config(strategy="tfidf", data=data, latency=False, results=results)).folder


def test_a_run_is_timed_at_each_rate_and_priced_by_it(folder, table):
    before = summary(folder, BOOK)
    assert before["load"] == [] and before["cost"]["capacity_assumed"]
    made = predict(folder, "--data", table, "--rate", "50,200", "--requests", 40, "--json")
    assert made.exit_code == 0, made.output
    said = json.loads(made.stdout)
    assert [point["requests_per_second"] for point in said["points"]] == [50, 200]
    assert {point["requests"] for point in said["points"]} == {40}
    load = read_load(folder)
    assert [len(point.seconds) for point in load.points] == [40, 40]
    assert load.points[0].device_class == "cpu" and load.points[0].shared is False
    after = summary(folder, BOOK)
    assert "seconds" not in after["load"][0] and "p95" in after["load"][0]["latency"]
    assert not after["cost"]["capacity_assumed"]
    assert after["cost"]["requests_per_second"] == said["capacity"]["requests_per_second"]
    assert after["notes"]["requests_per_second"].startswith("measured under load at ")
    assert after["ledger"] == before["ledger"]  # measuring is no cost of the run
    strict = summary(folder, BOOK, PriceOptions(latency_target=1e-6))
    assert {month["usd"] for month in strict["cost"]["months"]} == {None}
    runs, _ = read_trials(folder.parent, read_record(folder).task.name)
    assert runs[0].load == load


def test_a_later_measurement_takes_the_place_of_that_rate_and_words_say_it(folder, table):
    measure_load(folder, Traffic((50.0,), requests=10), {"data": table})
    words = (folder, "--data", table, "--requests", 20, "-q", "--rate")
    predict(*words, "50,75")
    found = {point.requests_per_second: point.requests for point in read_load(folder).points}
    assert found[50.0] == found[75.0] == 20
    shown = CliRunner().invoke(app, ["show", str(folder)]).output
    assert "at 75 requests a second" in shown and "n 20" in shown
    told = " ".join(predict(*words, "60").output.split())
    assert "p95's bound isn't known" in told and "(--requests)" in told and "capacity" in told


@pytest.mark.parametrize("rate", ["fast", "0", "-1", "1,,2", "inf"])
def test_a_rate_that_is_none(folder, rate):
    found = predict(folder, "--rate", rate)
    assert isinstance(found.exception, UsageError) and "--rate" in found.exception.message


def test_what_has_nothing_prepared_is_refused(folder, tmp_path):
    with pytest.raises(UsageError, match="a table of one's own"):
        measure_load(folder, Traffic((1.0,)), {})
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "run.json").write_text(json.dumps(record | {"status": "failed"}), encoding="utf-8")
    with pytest.raises(UsageError, match="nothing prepared"):
        measure_load(tmp_path, Traffic((1.0,)), {})


def test_a_damaged_load_is_told_and_an_earlier_empty_field_is_read(folder, tmp_path):
    path = folder / LOAD
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"kept"', '"keeps"'), encoding="utf-8")
    with pytest.raises(DataError, match=r"load\.json is damaged"):
        read_whole(folder)
    path.write_text(text, encoding="utf-8")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "run.json").write_text(json.dumps(record | {"throughput": []}), encoding="utf-8")
    assert read_record(tmp_path) == read_record(folder)


def test_a_server_is_asked_as_requests_come_and_its_tokens_are_noted(table, tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_API_KEY", "k")
    server = HostileServer()
    try:
        where = {"model": "endpoint:m", "base_url": server.url}
        data = {"path": table, "input": "text", "target": "label"}
        config = {"strategy": "zero-shot", "data": data, "limit": 4, "results": tmp_path, **where}
        made = run(run_config(**config))
        asked = len(server.asked)
        assert read_record(made.folder).device.in_country is None
        again = run(run_config(**config, in_country="Seoul, contract of 2026-11"))
        assert again.reused and len(server.asked) == asked  # declared later, nothing asked
        (point,) = measure_load(
            made.folder, Traffic((40.0,), requests=12), {**where, "data": table}
        )
    finally:
        server.close()
    assert point.requests == 12 and point.in_flight and point.device_class == "api"
    assert point.tokens["input_tokens"] > 0
    assert read_record(made.folder).device.in_country == "Seoul, contract of 2026-11"
    assert len(server.asked) == asked + 2 + 12  # two warm up; no kept answer is taken
    assert summary(made.folder, BOOK)["load"][0]["requests"] == 12
