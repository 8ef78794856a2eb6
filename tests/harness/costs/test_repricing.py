"""A record priced anew: another book, machine, basis or currency changes money and nothing else."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.analysis.summary import summary
from harness.cli import app
from harness.config import DataSource, run_config
from harness.costs.book import load_book
from harness.costs.money import Money, money
from harness.costs.options import PriceOptions
from harness.errors import UsageError
from harness.records.reading import read_record, write_record
from harness.records.schema import Latency
from harness.runs.runner import run

MONEY = {
    "development_usd",
    "basis",
    "usd_per_1k_requests",
    "usd_per_1k_tokens",
    "usd_per_1k_output_tokens",
    "by_phase",
    "machine",
    "development_machine",
    "usd_per_machine_month",
    "machine_requests_per_month",
    "months",
    "unpriced",
    "notes",
    "in_currency",
    "projection",
    "projected_gpu_hours",
    "energy_usd",
}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repricing")
    lines = [f"profit rose {n},up\nsales fell {n},down" for n in range(40)]
    table = folder / "rows.csv"
    table.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    data = DataSource(path=table, input="text", target="label")
    made = run(run_config(strategy="majority", data=data, results=folder / "results")).folder
    return took(made, 0.1)


def took(folder: Path, seconds: float) -> Path:
    """Says how long each phase of a record took: what was measured here differs by the minute."""
    for path in (folder / "ledger.jsonl", folder / "artifact-ledger.jsonl"):
        events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for event in events:
            event["seconds"] = 0.0 if event["phase"] == "label" else seconds
        lines = "".join(json.dumps(event) + "\n" for event in events)
        path.write_text(lines, encoding="utf-8")
    record = read_record(folder)
    record.latency = Latency(
        requests=100, p50_seconds=seconds, p95_seconds=seconds, seconds=(seconds,) * 100
    )
    write_record(folder, record)
    return folder


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def without_money(value: dict[str, Any]) -> dict[str, Any]:
    cost = {name: figure for name, figure in value["cost"].items() if name not in MONEY}
    return {**value, "cost": cost, "notes": None}


@pytest.mark.parametrize(
    "options",
    [
        PriceOptions(basis="as-used"),
        PriceOptions(machine="scp-s1v2m8"),
        PriceOptions(label_usd=0.5),
        PriceOptions(requests_per_month=10.0, latency_target=None),
        PriceOptions(project_to="h100"),
    ],
)
def test_only_money_changes(record: Path, options: PriceOptions) -> None:
    before, files = summary(record, load_book()), digest(record)
    after = summary(record, load_book(), options)
    assert after["cost"] != before["cost"] or options.project_to
    assert without_money(after) == without_money(before)
    assert digest(record) == files


def test_another_book_changes_the_price_in_proportion(record: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "machines: [{id: aws-m7i.large, kind: cpu, provider: us, usd_per_hour: 0.2016,"
        " date: 2026-12, source: bill}]",
        encoding="utf-8",
    )
    before = summary(record, load_book())["cost"]
    after = summary(record, load_book(own))["cost"]
    assert after["usd_per_1k_requests"] == pytest.approx(2 * before["usd_per_1k_requests"])
    assert after["machine"]["provider"] == "us"


def test_the_command_line_reprices_and_converts(record: Path) -> None:
    def show(*arguments: str) -> dict[str, Any]:
        done = CliRunner().invoke(app, ["show", str(record), "--json", *arguments])
        assert done.exit_code == 0, done.output
        value: dict[str, Any] = json.loads(done.stdout)
        return value

    plain = show()
    assert plain["cost"]["basis"] == "always-on"
    assert [each["requests"] for each in plain["cost"]["months"]] == [1e4, 1e5, 1e6]
    won = show("--currency", "krw", "--rate", "1400", "--vat", "10", "--machine", "scp-s1v2m8")
    cost = won["cost"]
    assert cost["machine"]["id"] == "scp-s1v2m8"
    assert cost["in_currency"]["currency"] == "KRW" and cost["in_currency"]["vat"] == 0.1
    assert cost["in_currency"]["per_1k_requests"] == pytest.approx(
        cost["usd_per_1k_requests"] * 1400 * 1.1
    )
    busy = show("--requests-per-month", "1000", "--redundancy", "1", "--peak-factor", "5")
    assert [each["machines"] for each in busy["cost"]["months"]] == [2]
    shown = [each["amount"] for each in cost["in_currency"]["months"]]
    assert shown == pytest.approx([each["usd"] * 1400 * 1.1 for each in cost["months"]])
    assert without_money(won) == without_money(plain)


def test_what_can_t_be_chosen_says_so(record: Path) -> None:
    for arguments in (["--basis", "sometimes"], ["--machine", "aws-l5"], ["--currency", "XXX"]):
        done = CliRunner().invoke(app, ["show", str(record), *arguments])
        assert done.exit_code != 0 and isinstance(done.exception, UsageError)


def test_won_by_a_dated_rate_and_unknown_stays_unknown() -> None:
    book = load_book()
    said = money(book, "KRW", vat_percent=10)
    assert said.per_usd == 1477.1 and said.date == "2025-11-24" and not said.plain
    assert said.of(2.0) == pytest.approx(2 * 1477.1 * 1.1)
    assert said.of(None) is None and said.text(None) == "unpriced"
    assert said.text(1.0) == "KRW 1,625" and Money().text(0.0042) == "$0.0042"
    assert Money().text(2.4e-8) == "< $0.0001" and Money().text(0.0001) == "$0.00010"
    assert Money().text(2.4e-8, least=True) == "at least $0.00" and Money().text(0.0) == "$0.00"
    assert Money().plain and money(book).plain
    for wrong in ({"rate": 0.0}, {"vat_percent": -1.0}):
        with pytest.raises(UsageError):
            money(book, "KRW", **wrong)


def test_the_table_shows_won(record: Path) -> None:
    done = CliRunner().invoke(app, ["show", str(record), "--currency", "KRW", "--vat", "10"])
    assert done.exit_code == 0
    assert "KRW, with 10% tax" in done.stdout and "1,477.10 KRW, 2025-11-24" in done.stdout


@pytest.fixture(scope="module")
def rival(record: Path) -> Path:
    data = DataSource(path=record.parents[1] / "rows.csv", input="text", target="label")
    made = run(run_config(strategy="tfidf", data=data, results=record.parent)).folder
    return took(made, 0.2)


def tco(*arguments: str) -> dict[str, Any]:
    asked = ["--requests-per-month", "100000", "--label-usd", "0.1", "--json"]
    done = CliRunner().invoke(app, ["prices", "tco", *asked, *arguments])
    assert done.exit_code == 0, done.output
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def test_total_cost_of_two_runs(record: Path, rival: Path) -> None:
    plain = tco(str(record), str(rival))
    assert [one["name"] for one in plain["deployments"]] == ["majority", "tfidf"]
    machine = 730 * load_book().machine("aws-m7i.large").usd_per_hour
    for total in plain["totals"]:
        assert total["machines"] == 1
        assert total["machines_usd"] == pytest.approx(12 * machine)
        assert total["usd"] == pytest.approx(
            sum(
                total[part]
                for part in (
                    "development",
                    "retirements",
                    "updates",
                    "machines_usd",
                    "base",
                    "requests",
                    "errors",
                    "handovers",
                )
            )
        )
    assert plain["break_even"][0]["text"].startswith("never")
    assert len(plain["sensitivity"]) == 6


def test_wrong_answers_and_people_have_a_price(record: Path, rival: Path) -> None:
    priced = tco(
        str(record),
        str(rival),
        "--cost-per-error",
        "2",
        "--setup-days",
        "3",
        "--day-rate",
        "500",
        "--ops-days-per-month",
        "1",
    )
    majority, tfidf = priced["totals"]
    wrong = priced["deployments"][0]["error_rate"]
    assert 0 < wrong < 1
    assert majority["errors"] == pytest.approx(12 * 100_000 * 2 * wrong)
    assert majority["errors"] > tfidf["errors"]
    assert majority["base"] == 12 * 500 and majority["development"] > 1500


def test_tables_and_mistakes(record: Path, rival: Path) -> None:
    shown = CliRunner().invoke(
        app, ["prices", "tco", str(record), str(rival), "--requests-per-month", "1000"]
    )
    assert shown.exit_code == 0 and "unpriced" in shown.stdout and "break-even" in shown.stdout
    without = CliRunner().invoke(app, ["prices", "vendors", str(record), "--model", "gpt-4o-mini"])
    assert isinstance(without.exception, UsageError) and "no tokens" in str(without.exception)
    nothing = CliRunner().invoke(app, ["prices", "calibrate", "--results", str(record.parent)])
    assert isinstance(nothing.exception, UsageError) and "language model" in str(nothing.exception)
