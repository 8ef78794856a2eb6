"""What decides only prices: checked before anything runs, and no part of the record."""

import json

import pytest

from harness.analysis.summary import cost_of
from harness.config import run_config
from harness.costs.book import load_book
from harness.costs.options import PriceOptions
from harness.errors import DataError, UsageError
from harness.records.reading import read_record, records_of
from harness.records.store import RUN
from harness.runs.runner import run

BOOK = load_book()
ELSEWHERE = {"machine": "aws-l4-seoul", "label_usd": 0.5, "project_to": "h100"}


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"machine": "l4s"}, UsageError),
        ({"project_to": "h10"}, UsageError),
        ({"label_usd": float("inf")}, UsageError),
        ({"prices": "nowhere.yaml"}, DataError),
    ],
)
def test_a_wrong_price_is_refused_before_anything_is_written(tmp_path, wrong, kind):
    config = run_config(strategy="majority", limit=4, results=tmp_path / "results", **wrong)
    with pytest.raises(kind):
        run(config)
    assert not config.results.exists()


def test_prices_are_not_kept_with_a_run(tmp_path):
    config = run_config(
        strategy="majority", limit=4, latency=False, results=tmp_path / "results", **ELSEWHERE
    )
    folder = run(config).folder
    text = json.loads((folder / RUN).read_text(encoding="utf-8"))
    assert not {*ELSEWHERE, "prices"} & ({*text} | {*text["config"]})
    chosen = PriceOptions.of(config, BOOK)
    assert cost_of(folder, BOOK, chosen).machine.id == "aws-l4-seoul"
    assert cost_of(folder, BOOK).machine.id == BOOK.defaults.cpu
    assert (
        cost_of(folder, BOOK, chosen).by_phase["label"]
        and not cost_of(folder, BOOK).by_phase["label"]
    )


def kept(folder, **prices):
    """As an earlier version wrote it."""
    value = json.loads((folder / RUN).read_text(encoding="utf-8"))
    value["config"] |= prices
    (folder / RUN).write_text(json.dumps(value), encoding="utf-8")


def test_what_an_earlier_version_kept_prices_its_run_as_before(write, tiny_model):
    folder = write("lora", [1, 0], train_rows=10, train_seconds=60.0, model_=tiny_model())
    wanted = cost_of(folder, BOOK, PriceOptions(**ELSEWHERE))
    assert wanted != cost_of(folder, BOOK)
    kept(folder, **ELSEWHERE)
    assert read_record(folder).prices.machine == "aws-l4-seoul"
    assert cost_of(folder, BOOK) == wanted
    assert cost_of(folder, BOOK, PriceOptions(label_usd=9.0)) == cost_of(
        folder, BOOK, PriceOptions(**ELSEWHERE | {"label_usd": 9.0})
    )


def test_a_row_that_the_book_lacks_stops_no_reader(write):
    folder = write("lora", [1, 0], train_seconds=60.0)
    usual = cost_of(folder, BOOK)
    kept(folder, machine="l4s", project_to="h10")
    assert cost_of(folder, BOOK) == usual
    assert [record.prices.machine for _, record in records_of(folder.parent)] == ["l4s"]
