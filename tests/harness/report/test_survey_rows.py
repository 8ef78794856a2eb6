"""Each option of the survey, and each method of the lecture, finds the families that it is about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from harness.records.schema import StrategyRecord
from harness.report.published import FILE, _fits
from harness.report.rows import families_of, group_of
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Frozen, Pretraining
from harness.strategy.family import FAMILIES, Family
from harness.strategy.registry import create_strategy
from tests.documents import ROOT

OPEN = "open model: "
THIRD = "third-party model: "
PUBLISHED = yaml.safe_load(FILE.read_text(encoding="utf-8"))


class Row:
    """A row of the report, as far as published rows look at it."""

    def __init__(
        self, *families: str, labels: float = 500, api: bool = False, whole: bool = False
    ) -> None:
        self.families, self.labelled_rows, self.trains_all = families, labels, whole
        self.device = "api" if api else "cpu"


def found(row: Row, part: str = "options", title: str = "option") -> list[str]:
    fitting: Any = row
    return [each[title]["en"] for each in PUBLISHED[part] if _fits(fitting, each)]


def methods(row: Row) -> list[str]:
    return [name.partition(" (")[0] for name in found(row, "methods", "method")]


def test_there_are_all_nine_options_and_five_methods():
    assert len(PUBLISHED["options"]) == 9 and len(PUBLISHED["methods"]) == 5
    for row in (*PUBLISHED["options"], *PUBLISHED["methods"]):
        assert {*row["families"], *row.get("without", ())} <= {*FAMILIES}


@pytest.mark.parametrize(
    ("row", "option", "method"),
    [
        (Row("prompting", labels=0), OPEN + "zero-shot", "prompt engineering"),
        (Row("prompting"), OPEN + "few-shot", "prompt engineering"),
        (Row("tools", labels=0), OPEN + "tool-augmented", None),
        (Row("prompting", "retrieval"), OPEN + "tool-augmented", "retrieval-augmented generation"),
        (Row("prompting", labels=0, api=True), THIRD + "zero-shot", "prompt engineering"),
        (Row("prompting", api=True), THIRD + "few-shot", "prompt engineering"),
        (Row("tools", api=True), THIRD + "tool-augmented", None),
        (Row("low-rank"), OPEN + "fine-tuned", "parameter-efficient"),
        (Row("retrieval", "low-rank"), OPEN + "fine-tuned", "parameter-efficient"),
        (Row("soft prompts"), OPEN + "fine-tuned", "parameter-efficient"),
        (Row("third-party", api=True), THIRD + "fine-tuned", None),
        (Row("retrieval", "third-party", api=True), THIRD + "fine-tuned", None),
        (Row("adapters", api=True), THIRD + "fine-tuned", "parameter-efficient"),
        (Row("full", whole=True), OPEN + "fine-tuned", "full fine-tuning"),
        (Row("encoder", whole=True), OPEN + "fine-tuned", "full fine-tuning"),
        (Row("full", "pre-training", whole=True), OPEN + "fine-tuned", "full fine-tuning"),
        (Row("full", "from scratch", whole=True), "trained from scratch", "train from scratch"),
    ],
)
def test_a_configuration_is_found_by_its_families(row: Row, option: str, method: str | None):
    assert found(row) == [option]
    assert methods(row) == ([method] if method else [])


def test_a_baseline_is_no_option():
    assert found(Row("baseline")) == methods(Row("baseline")) == []


def test_every_family_but_the_baselines_is_in_an_option():
    told = {family for row in PUBLISHED["options"] for family in row["families"]}
    assert told == {*FAMILIES} - {"baseline"}


def test_a_combination_has_the_families_of_its_parts():
    assert create_strategy("few-shot+rag").families == ("prompting", "retrieval")
    assert create_strategy("qlora+rag").families == ("retrieval", "low-rank")
    assert create_strategy("tfidf").families == ("baseline",)


def test_a_pretraining_without_a_model_begins_from_scratch():
    class Continued(Pretraining):
        family: ClassVar[Family] = "pre-training"

    class Own(Continued):
        needs: ClassVar[frozenset[str]] = frozenset({"train"})

    for part, family in ((Continued(), "pre-training"), (Own(), "from scratch")):
        assert Adaptation(weights=Frozen(), pretraining=part).families == (family,)


def test_an_older_record_is_told_by_its_ledger():
    older = StrategyRecord(name="x", parameters={})
    assert families_of("tuning", older, whole=True) == ("full",)
    assert families_of("tuning-retrieval", older, whole=False) == ("retrieval", "low-rank")
    assert families_of("prompting", older, whole=False) == ("prompting",)
    told = StrategyRecord(name="x", parameters={}, families=("encoder",))
    assert families_of("baseline", told, whole=True) == ("encoder",)
    assert group_of([{"model": None}], told) == "encoder"
    assert group_of([{"model": None}], older) == "baseline"


@pytest.mark.slow  # all committed records
def test_every_row_has_what_was_measured_or_says_that_nothing_was(book: Any, tmp_path: Path):
    from harness.report import write_page
    from harness.report.build import build_report

    names = ("ways", "tuned", "fpb", "korean-insurance", "qwen2.5-coder-1.5b")
    data = build_report([ROOT / "results" / name for name in names], book).data
    found = {row.option.en: row.ours for row in data.survey} | {
        row.method.en: row.ours for row in data.methods
    }
    empty = {name for name, ours in found.items() if not ours}
    assert empty == {name for name in found if name.startswith(THIRD)}
    for ours in found.values():
        assert all(each.row.group != "ceiling" and each.row.gpu_hours == 0 for each in ours)
        tasks = [each.task for each in ours]
        assert tasks[: len(set(tasks))] == list(dict.fromkeys(tasks))  # one of each task first
    write_page(data, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    part = page[page.index('<section id="published"') : page.index('<section id="provenance"')]
    rows = re.findall(r'<th scope="rowgroup".*?</tbody>', part, flags=re.DOTALL)
    assert len(rows) == len(found) == 14
    for row, ours in zip(rows, found.values(), strict=True):
        assert row.count('class="text our"') == min(6, len(ours))
        assert ("not measured here" in row) == (not ours)
        assert row.count("CPU-h<") >= min(6, len(ours)) or "CPU-h" not in row
        assert not re.search(r'"num">[\d.]+ GPU-h', row)  # no GPU ran: a projection alone


def test_the_committed_records_fill_the_options_that_they_are_about(book: Any):
    from harness.report.build import build_report

    data = build_report([ROOT / "results" / "fpb"], book).data
    by_option = {row.option.en: {each.row.strategy for each in row.ours} for row in data.survey}
    assert by_option[OPEN + "zero-shot"] == {"zero-shot"}
    assert by_option[OPEN + "few-shot"] == {"few-shot"}
    assert {"lora", "qlora", "full-finetune"} <= by_option[OPEN + "fine-tuned"]
    by_method = {row.method.en: {each.row.strategy for each in row.ours} for row in data.methods}
    assert by_method["full fine-tuning"] == {"full-finetune"}
