import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StorageError, UsageError
from harness.records import ledger as module
from harness.records.files import read_lines
from harness.records.ledger import Ledger, Spend, read_ledger, totals
from harness.types import Usage


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.jsonl"


def test_a_nested_phase_pauses_the_outer_one(path, clock):
    ledger = Ledger(path, clock=clock)
    with ledger.phase("train"):
        clock.now += 5
        with ledger.phase("validate"):
            clock.now += 2
        clock.now += 1
    found = totals(read_ledger(path))
    assert found["train"].seconds == 6
    assert found["validate"].seconds == 2


def test_a_failed_phase_is_billed_and_not_finished(path, clock):
    ledger = Ledger(path, clock=clock)
    with pytest.raises(RuntimeError), ledger.phase("train"):
        clock.now += 3
        raise RuntimeError
    (spend,) = read_ledger(path)
    assert (spend.seconds, spend.finished) == (3, False)


def test_a_killed_phase_is_billed_to_its_last_heartbeat(path, monkeypatch):
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.02)
    with Ledger(path).phase("train") as spend:
        spend.usage.input_tokens = 7
        time.sleep(0.1)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-2])["event"] == "beat"
    path.write_text("\n".join(lines[:-1]) + '\n{"event": "end", "cut', encoding="utf-8")
    (spend,) = read_ledger(path)
    assert 0.01 < spend.seconds < 1
    assert (spend.finished, spend.usage.input_tokens) == (False, 7)


def test_a_second_attempt_is_added_to_the_first(path, clock):
    for _ in range(2):
        with Ledger(path, clock=clock).phase("train") as spend:
            spend.count(trainable_parameters=10, steps=3)
            clock.now += 4
    total = totals(read_ledger(path))["train"]
    assert (total.seconds, total.attempts) == (8, 2)
    assert total.quantities == {"trainable_parameters": 10, "steps": 6}


def test_energy_is_unknown_as_soon_as_one_span_has_no_counter():
    spends = [Spend("serve", energy_joules=3.0), Spend("serve")]
    assert totals(spends)["serve"].energy_joules is None
    assert totals(spends[:1])["serve"].energy_joules == 3.0


def test_an_unknown_phase_is_refused(path):
    with pytest.raises(UsageError, match="coffee"), Ledger(path).phase("coffee"):
        pass


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 8))
def test_device_seconds_are_devices_times_seconds(seconds, devices):
    found = totals([Spend("train", value, devices=devices) for value in seconds])["train"]
    assert found.device_seconds == pytest.approx(sum(seconds) * devices)


def test_a_spend_survives_the_file(path):
    spend = Spend("serve", 1.5, "cuda:NVIDIA L4", 2, Usage(5, 1, 3), {"requests": 4}, 99, 2.0)
    spend.finished = True
    Ledger(path).record(spend)
    assert read_ledger(path) == [spend]


def test_what_a_phase_did_is_counted_before_one_in_it_keeps_it(path, clock):
    ledger = Ledger(path, clock=clock)
    with ledger.phase("train") as spend:
        clock.now += 4
        spend.usage.input_tokens = 7
        with ledger.phase("save"):  # killed from here on, a checkpoint may be there
            killed = {span.phase: span for span in read_ledger(path)}
    assert (killed["train"].seconds, killed["train"].usage.input_tokens) == (4, 7)
    assert not killed["train"].finished and not killed["save"].finished


def test_a_sign_of_life_can_be_asked_for_and_none_is_written_too_soon(path, clock):
    ledger = Ledger(path, clock=clock)
    ledger.alive()
    assert not path.exists()
    with ledger.phase("serve"):
        for _ in range(10):
            clock.now += 0.3
            ledger.alive(1.0)
    events = [line["event"] for line in read_lines(path)]
    assert events == ["start", "beat", "beat", "end"]
    assert totals(read_ledger(path))["serve"].seconds == pytest.approx(3)


def test_what_comes_from_a_cache_costs_what_it_took_then(path, clock):
    ledger = Ledger(path, clock=clock)
    ledger.from_cache(5.0)  # in no phase
    with ledger.phase("serve"):
        clock.now += 1
        ledger.from_cache(2.0, 30)
        ledger.from_cache(2.5, 40)
    with ledger.phase("serve"):
        clock.now += 1
    spans = read_ledger(path)
    assert [(span.paid, span.seconds) for span in spans] == [
        ("paid", 1), ("cached", 4.5), ("paid", 1)
    ]  # fmt: skip
    total = totals(spans)["serve"]
    assert (total.seconds, total.usage.input_tokens, total.paid) == (6.5, 70, "partly cached")
    assert totals(spans[1:2])["serve"].paid == "cached"


def test_earlier_attempts_are_those_before_this_one(path):
    with Ledger(path).phase("train") as spend:
        spend.count(steps=3)
    ledger = Ledger(path)
    with ledger.phase("train"):
        assert [span.quantities for span in ledger.earlier("train")] == [{"steps": 3}]
    assert Ledger(path).earlier("serve") == []


def test_a_sign_of_life_that_can_t_be_written_raises_nothing_in_its_thread(
    path, monkeypatch, capsys
):
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.02)
    append = module.append_lines
    with pytest.raises(StorageError, match="full"), Ledger(path).phase("train"):

        def full(*_):
            raise StorageError("the disk is full")

        monkeypatch.setattr(module, "append_lines", full)
        time.sleep(0.1)
    monkeypatch.setattr(module, "append_lines", append)
    assert "Exception in thread" not in capsys.readouterr().err
