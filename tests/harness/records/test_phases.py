"""The table of phases."""

import json
import logging

import pytest

from harness.analysis.words import word
from harness.errors import UsageError
from harness.records import phases
from harness.records.ledger import Ledger, Spend, read_ledger
from harness.records.phases import PHASES, Phase, known_phase, phase_of
from harness.report.figures.style import PARTS


def test_which_phases_are_development_and_which_an_update_repeats():
    measuring = {name for name, phase in PHASES.items() if not phase.development}
    assert measuring == {"serve", "latency", "probe", "judge", "grade"}
    once = {name for name, phase in PHASES.items() if not phase.repeats_on_update}
    assert once == {"label", "tune"}


def test_every_phase_has_a_colour_in_the_charts():
    assert PHASES.keys() < PARTS.keys()


def test_an_unknown_phase_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(UsageError, match="no phase 'trian'") as caught:
        known_phase("trian")
    assert caught.value.hint == "Did you mean 'train'?"
    with pytest.raises(UsageError), Ledger(tmp_path / "ledger.jsonl").phase("trian"):
        pass


def test_a_new_phase_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(phases.PHASES, "distil", Phase("distil", uses_model="run"))
    path = tmp_path / "ledger.jsonl"
    with Ledger(path).phase("distil") as spend:
        spend.count(rows=1)
    assert [spend.phase for spend in read_ledger(path)] == ["distil"]
    assert word("phase.distil", "ko") == "distil"


def test_an_unknown_phase_of_a_record_is_named(tmp_path, caplog):
    path = tmp_path / "ledger.jsonl"
    line = {"event": "end", "span": "1", "time": 0.0, **Spend("brew", seconds=3).as_dict()}
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        (spend,) = read_ledger(path)
    assert (spend.phase, spend.seconds) == ("brew", 3)
    assert "'brew'" in caplog.text and str(path) in caplog.text
    assert phase_of("brew").development
