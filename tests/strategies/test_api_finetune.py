"""Fine-tuning by a vendor, against a stand-in that answers by look-up: no vendor is asked here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.analysis.compare import compare_runs
from harness.analysis.summary import summary
from harness.analysis.trials import read_trials
from harness.cli.records import _list_row
from harness.costs.book import load_book
from harness.errors import BudgetExceeded, DataError, HarnessError, MissingDependency, UsageError
from harness.models.endpoint import client, jobs
from harness.records.files import read_lines
from harness.records.reading import read_record
from harness.runs.estimate import estimate
from harness.runs.runner import run
from tests.harness.server_runs import Made, priced_runs
from tests.harness.tuning_stand_in import JOBS, TuningStandIn
from tests.heard import Heard

ROWS = 20
PRICES = """
tokens:
- {model: m, provider: p, input_usd_per_1m: 1000, output_usd_per_1m: 2000, date: 2026-11-01,
   source: invented}
- {model: "ft:m*", provider: p, input_usd_per_1m: 3000, output_usd_per_1m: 6000, date: 2026-11-01,
   source: invented}
training:
- {id: m, provider: p, model: m, usd_per_1m: 500, date: 2026-11-01, source: invented,
   no_new_jobs_after: 2027-01-06}
"""


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> TuningStandIn:
    monkeypatch.setenv("HARNESS_API_KEY", "sk-invented-key")
    monkeypatch.setattr(jobs, "POLL_SECONDS", (0.01, 0.05))
    monkeypatch.setattr(client, "PAUSES", (0.01, 0.02))
    return TuningStandIn()


@pytest.fixture
def config(stand_in: TuningStandIn, tmp_path: Path) -> Made:
    prices = tmp_path / "book.yaml"
    prices.write_text(PRICES, encoding="utf-8")
    made = priced_runs(stand_in.url, tmp_path, ROWS, strategy="api-finetune", prices=prices)
    data = made().model_dump()["data"] | {"split": "50/0/50"}
    return lambda **more: made(**{"data": data, **more})


def test_it_trains_on_the_prompts_that_are_asked_and_asks_what_was_made(
    stand_in: TuningStandIn, config: Made
) -> None:
    folder = run(config(strategy="api-finetune+few-shot", set={"few-shot.k": 2})).folder
    assert len(stand_in.jobs) == len(stand_in.files) == 1
    assert stand_in.bodies[0]["model"] == "m" and stand_in.bodies[0]["hyperparameters"] == {
        "n_epochs": 3
    }
    chats, asked = stand_in.chats_in("file-0"), stand_in.chats[0]
    assert {each["model"] for each in stand_in.chats} == {"ft:m:stand-in::ftjob-0"}
    trained, answered = [turn["role"] for turn in chats[0]], [t["role"] for t in asked["messages"]]
    assert trained == [*answered, "assistant"] and len(answered) > 4, "two examples in both"
    assert all(chat[-1]["content"] in chat[-2]["content"] for chat in chats)
    record = read_record(folder)
    assert record.model is not None
    assert (record.model.name, record.model.tuned) == ("m", "ft:m:stand-in::ftjob-0")
    found = summary(folder, load_book(config().prices))
    rows = record.task.rows
    tokens = 100 * 3 * rows.train
    assert found["ledger"]["train"]["tokens"]["input_tokens"] == tokens
    assert found["cost"]["by_phase"]["train"] == pytest.approx(tokens * 500 / 1e6)
    assert found["cost"]["by_phase"]["serve"] == pytest.approx(
        rows.test * (10 * 3000 + 5 * 6000) / 1e6
    ), "answers cost what the tuned model's do"
    assert found["ledger"]["label"]["quantities"]["train_rows"] == rows.train
    assert "2027-01-06" in found["notes"]["retirement"] and "in no sum" in found["notes"]["hosting"]
    assert run(config(strategy="api-finetune+few-shot", set={"few-shot.k": 2})).reused
    assert len(stand_in.jobs) == 1


def test_a_stand_ins_run_enters_no_table_of_results(config: Made) -> None:
    told = Heard()
    folder = run(config(), told).folder
    record = read_record(folder)
    assert record.server.stand_in and "no table of results" in record.server.note
    assert any("enters no table of results" in text for text in told.said)
    assert _list_row(summary(folder, load_book(None)))[2] == "stand-in: no result"
    assert "its answers are no result" in " ".join(compare_runs(folder, folder)["warnings"])
    with pytest.raises(UsageError, match="a stand-in for a vendor trained it"):
        read_trials(config().results, record.task.name)
    run(config(strategy="zero-shot"))
    runs, excluded = read_trials(config().results, record.task.name)
    assert [each.record.strategy.name for each in runs] == ["zero-shot"]
    assert [each.reason.code for each in excluded] == ["stand_in"]


def test_other_test_rows_pay_no_second_training(stand_in: TuningStandIn, config: Made) -> None:
    run(config(limit=4))
    run(config(limit=6))
    assert len(stand_in.jobs) == 1


def test_the_estimate_holds_training_and_shows_its_bytes(
    stand_in: TuningStandIn, config: Made
) -> None:
    found = estimate(config(), show=2)
    assert not stand_in.calls, "an estimate asks nobody"
    low, middle, high = (found[f"{end}_train_tokens"] for end in ("low", "expected", "high"))
    assert 0 < low < middle < high and found["train_tokens"] == middle
    assert found["high_train_usd"] == pytest.approx(high * 500 / 1e6)
    assert "2027-01-06" in found["notes"]["retirement"]
    run(config())
    lines = stand_in.files["file-0"].splitlines()
    assert [each["body"].encode() for each in found["requests"][:2]] == lines[:2]
    asked = [json.loads(each["body"])["messages"] for each in found["requests"][2:]]
    assert all(each in [chat["messages"] for chat in stand_in.chats] for each in asked)


def test_max_cost_holds_for_training_and_answers_together(
    stand_in: TuningStandIn, config: Made
) -> None:
    with pytest.raises(BudgetExceeded, match=r"training may cost .*--max-cost"):
        run(config(max_cost=0.01))
    assert not stand_in.files, "it was uploaded"
    with pytest.raises(BudgetExceeded, match="are spent"):  # 1.5 dollars of training, 0.06 a row
        run(config(max_cost=1.6, limit=0))
    assert len(stand_in.jobs) == 1 and 0 < len(stand_in.chats) < 10
    with pytest.raises(BudgetExceeded, match="are spent"):
        run(config(max_cost=1.6))
    run(config(max_cost=9.0))
    assert len(stand_in.jobs) == 1 and len(stand_in.chats) == 10, "something was paid twice"


def test_an_unknown_price_of_training_is_refused(
    config: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "none.yaml"
    book.write_text(PRICES.partition("training:")[0], encoding="utf-8")
    with pytest.raises(UsageError, match="what training m at vendor.example costs"):
        run(config(prices=book, base_url="https://vendor.example/v1"))
    with pytest.raises(UsageError, match="--max-cost needs a price for training"):
        run(config(prices=book, max_cost=5.0))
    assert "train_usd" in estimate(config(prices=book))["notes"]


def test_personal_data_is_masked_in_what_is_uploaded(
    stand_in: TuningStandIn, config: Made, tmp_path: Path
) -> None:
    table = tmp_path / "personal.jsonl"
    lines = [
        {"question": f"Call 010-1234-56{n:02}", "answer": f"a{n}@example.com"} for n in range(9)
    ]
    table.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    data = config().model_dump()["data"] | {"path": table}
    folder = run(config(mask_pii=True, data=data)).folder
    sent = stand_in.files["file-0"].decode()
    assert "[phone]" in sent and "[e-mail]" in sent and "010-" not in sent and "@" not in sent
    record = read_record(folder)
    masked = record.artifact.details.model_extra["job"]["masked"]
    assert masked == {"e-mail": record.task.rows.train, "phone": record.task.rows.train}


@pytest.mark.parametrize(
    ("status", "error", "kind", "said"),
    [
        ("failed", None, DataError, "line 3 has no assistant turn invalid_training_file"),
        ("failed", {"code": "insufficient_quota", "message": "pay"}, BudgetExceeded, "pay"),
        ("failed", "odd", DataError, "doesn't say why"),
        ("cancelled", None, UsageError, "was cancelled at the server"),
    ],
)
def test_a_failed_job_is_an_error_with_a_next_step(
    stand_in: TuningStandIn,
    config: Made,
    status: str,
    error: Any,
    kind: type[HarnessError],
    said: str,
) -> None:
    stand_in.status, stand_in.error = status, error or stand_in.error
    with pytest.raises(kind, match=said) as raised:
        run(config())
    assert raised.value.hint
    stand_in.status = "succeeded"
    folder = run(config()).folder
    assert len(stand_in.jobs) == 2, "the same command begins anew"
    found = summary(folder, load_book(config().prices))
    jobs_paid = 2 if status == "cancelled" else 1
    assert found["ledger"]["train"]["tokens"]["input_tokens"] == jobs_paid * 3000


@pytest.mark.parametrize(
    ("reply", "kind", "hint"),
    [
        ((401, {"error": {"message": "wrong key"}}), UsageError, "HARNESS_API_KEY"),
        ((403, {"error": {"message": "closed to new organisations"}}), UsageError, "may fine-tune"),
        ((404, {"error": {"message": "no"}}), UsageError, "/fine_tuning/jobs"),
        ((429, {"error": {"code": "insufficient_quota"}}), BudgetExceeded, "Add to the account"),
        ((400, {"error": {"message": "m can't be tuned"}}), UsageError, "Do what it says"),
    ],
)
def test_a_job_that_isnt_taken_says_what_to_do(
    stand_in: TuningStandIn, config: Made, reply: Any, kind: type[HarnessError], hint: str
) -> None:
    stand_in.refuses = reply
    with pytest.raises(kind, match="takes no fine-tuning job") as raised:
        run(config())
    assert hint in raised.value.hint and type(raised.value) is kind
    stand_in.refuses = None
    run(config())
    assert len(stand_in.jobs) == 1


def test_a_part_of_a_file_is_no_file(stand_in: TuningStandIn, config: Made) -> None:
    stand_in.cut = 7
    with pytest.raises(HarnessError, match=r"the server has [\d,]+ of the [\d,]+ bytes"):
        run(config())
    assert not stand_in.jobs
    stand_in.cut = 0
    run(config())
    assert len(stand_in.jobs) == 1


def test_a_lost_answer_trains_nothing_twice(stand_in: TuningStandIn, config: Made) -> None:
    stand_in.lose_next = 1
    run(config())
    assert len(stand_in.jobs) == 1, "a list shows what was begun"


def test_where_no_list_shows_it_nothing_is_trained_blindly(
    stand_in: TuningStandIn, config: Made
) -> None:
    stand_in.lose_next, stand_in.lists = 1, False
    with pytest.raises(UsageError, match="nobody knows whether there is a job on file-0") as raised:
        run(config())
    with pytest.raises(UsageError, match="nobody knows whether there is a job"):
        run(config())
    path = next(config().results.glob("artifacts/*/api-finetune/jobs.jsonl"))
    assert str(path) in raised.value.hint
    with path.open("a", encoding="utf-8") as file:
        file.write('{"job": "ftjob-0"}\n')
    run(config())
    assert len(stand_in.jobs) == 1


def test_a_server_that_is_down_for_a_while_is_waited_for(
    stand_in: TuningStandIn, config: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RETRIES", 1)
    stand_in.looks, stand_in.down = 3, 1
    run(config())
    assert len(stand_in.jobs) == 1


def test_tokens_that_arent_told_are_unpriced(stand_in: TuningStandIn, config: Made) -> None:
    stand_in.per_row = None
    found = summary(run(config()).folder, load_book(config().prices))
    assert found["cost"]["by_phase"]["train"] is None and "train" in found["cost"]["unpriced"]
    with pytest.raises(UsageError, match="doesn't say how many tokens"):
        run(config(max_cost=9.0, limit=3))


def test_weights_here_and_weights_there_arent_mixed_up(config: Made) -> None:
    with pytest.raises(UsageError, match="has a vendor train a model behind its server"):
        run(config(model="any-model-here"))
    with pytest.raises(UsageError, match="behind an endpoint can't be changed"):
        run(config(strategy="lora"))


@pytest.mark.usefixtures("stand_in")
def test_no_server_and_no_allowed_host_are_said(
    config: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingDependency, match="takes no fine-tuning job"):
        run(config(base_url="http://127.0.0.1:9/v1"))
    monkeypatch.setenv("HARNESS_ALLOWED_HOSTS", "vendor.example")
    with pytest.raises(UsageError, match="isn't among the hosts"):
        run(config())


CODE = """if True:
    import json, sys
    from harness.config import run_config
    from harness.models.endpoint import jobs
    from harness.runs.runner import run
    jobs.POLL_SECONDS = (0.02, 0.05)
    run(run_config(**json.loads(sys.argv[1])))
"""


@pytest.mark.slow
def test_killed_at_any_time_it_goes_on_with_the_job_that_was_begun(
    stand_in: TuningStandIn, config: Made
) -> None:
    stand_in.looks = 10**9
    values = config().model_dump(mode="json", exclude_unset=True)
    command = [sys.executable, "-c", CODE, json.dumps(values)]
    for stage in ("POST /files", f"POST {JOBS}", f"GET {JOBS}/ftjob-0"):
        process = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while stage not in stand_in.calls and time.monotonic() < until:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -9
        stand_in.calls.clear()
    assert len(stand_in.jobs) == 1, "training was paid twice"
    stand_in.looks = 0
    folder = run(config()).folder
    assert len(stand_in.jobs) == 1
    found = summary(folder, load_book(config().prices))
    assert found["ledger"]["train"]["tokens"]["input_tokens"] == 3000
    assert len(read_lines(folder / "predictions.jsonl")) == 10
