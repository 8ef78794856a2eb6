"""A threshold below which nothing was found: how it is chosen, and what a strategy does then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.summary import summary
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import UsageError
from harness.records.files import read_lines
from harness.records.store import PREDICTIONS
from harness.retrieval.tuning import choose_threshold
from harness.runs.ask import Answer, ask_run
from harness.runs.runner import run

scores = st.floats(-5, 5).map(lambda value: round(value, 2))


def test_the_cut_is_between_the_two_kinds():
    found = choose_threshold([0.9, 0.8, 0.3, None], [True, True, False, False])
    assert (found.value, found.balanced_accuracy) == (pytest.approx(0.55), 1.0)
    assert (found.abstention_recall, found.false_abstention) == (1.0, 0.0)
    assert (found.answerable, found.unanswerable) == (2, 2)


def test_without_a_difference_there_is_no_threshold():
    assert choose_threshold([0.5, 0.5], [True, False]).value is None
    assert choose_threshold([0.1, 0.9], [True, False]).value is None


def test_of_equally_good_ones_the_lowest_abstains_least():
    found = choose_threshold([1.0, 3.0, 2.0, 4.0], [False, True, True, True])
    assert found.value == 1.5


@given(st.lists(st.tuples(scores, st.booleans()), min_size=2, max_size=40))
def test_no_other_threshold_is_better(pairs: list[tuple[float, bool]]):
    if len({can for _, can in pairs}) < 2:
        return
    found = choose_threshold([score for score, _ in pairs], [can for _, can in pairs])
    for cut in (score + 0.005 for score, _ in pairs):
        bad = [score < cut for score, can in pairs if not can]
        good = [score < cut for score, can in pairs if can]
        other = (sum(bad) / len(bad) + 1 - sum(good) / len(good)) / 2
        assert other <= found.balanced_accuracy + 1e-12


@pytest.mark.parametrize("can", [True, False])
def test_one_kind_of_question_is_too_few(can: bool):
    with pytest.raises(UsageError, match="nothing to tune"):
        choose_threshold([0.1, 0.2], [can, can])


@pytest.fixture
def task(tmp_path: Path) -> str:
    docs = tmp_path / "docs"
    docs.mkdir()
    kinds = [f"{a}{b}" for a in "가나다라마바사아자차" for b in "산들물길숲"]
    rules = "\n".join(f"{kind}휴직 기간은 {n}일로 한다." for n, kind in enumerate(kinds))
    (docs / "규정.txt").write_text(rules, encoding="utf-8")
    (docs / "빈.txt").write_text("", encoding="utf-8")
    rows = [{"q": f"{kind}휴직 기간은?", "a": f"{n}일", "ok": True}
            for n, kind in enumerate(kinds)]  # fmt: skip
    rows += [{"q": f"{kind} 구내식당 메뉴?", "a": "모른다", "ok": False} for kind in kinds]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    declared = {"name": "t", "kind": "qa", "language": "ko", "abstain": "모른다",
                "columns": {"input": "q", "target": "a", "answerable": "ok"},
                "source": {"files": [{"path": "rows.jsonl"}]}, "corpus": {"folder": "docs"},
                "metrics": ["exact_match", "abstention_recall", "false_abstention"],
                "primary": "exact_match"}  # fmt: skip
    (tmp_path / "t.yaml").write_text(json.dumps(declared), encoding="utf-8")
    return str(tmp_path / "t.yaml")


def settled(strategy: str, task: str, tmp_path: Path, **more: Any) -> tuple[Path, dict[str, Any]]:
    config = run_config(strategy=strategy, task=task, results=tmp_path / "r", latency=False,
                        ragas="off", **more)  # fmt: skip
    folder = run(config).folder
    return folder, summary(folder, load_book())


def test_a_tuned_threshold_is_in_the_record_with_its_cost(task: str, tmp_path: Path):
    given = {"threshold": "tune", "chunk_size": "20"}
    _, found = settled("bm25-answer", task, tmp_path, set=given)
    chosen = found["artifact"]["details"]["threshold"]
    assert chosen["value"] > 0
    assert chosen["balanced_accuracy"] > 0.9
    assert found["metrics"]["abstention_recall"]["value"] > 0.8
    assert found["metrics"]["false_abstention"]["value"] < 0.2
    assert found["ledger"]["tune"]["quantities"]["questions"] == found["rows"]["dev"]
    assert found["ledger"]["label"]["quantities"]["dev_rows"] == found["rows"]["dev"]
    _, plain = settled("bm25-answer", task, tmp_path, set={"chunk_size": "20"})
    assert plain["metrics"]["abstention_recall"]["value"] < 0.5


def test_where_nothing_is_found_no_model_is_asked(task: str, tmp_path: Path, tiny_llama: Path):
    given = {"retriever": "bm25", "threshold": "1000", "k": "1", "chunk_size": "20"}
    folder, found = settled("rag", task, tmp_path, set=given, model=str(tiny_llama), limit=6)
    assert found["ledger"]["serve"]["tokens"] == {}
    assert {line["text"] for line in read_lines(folder / PREDICTIONS)} == {"모른다"}
    assert found["metrics"]["false_abstention"]["value"] == 1.0


def test_what_became_of_each_file_is_shown(task: str, tmp_path: Path, capsys: Any):
    from harness.cli.shown import print_run

    _, found = settled("bm25-answer", task, tmp_path)
    read, skipped = found["documents"]["files"]
    assert (read["file"], read["status"], read["format"]) == ("규정.txt", "read", "txt")
    assert read["chunks"] == found["documents"]["chunks"] > 0
    assert (skipped["status"], skipped["kind"], skipped["chunks"]) == ("skipped", "empty", 0)
    print_run(found)
    shown = capsys.readouterr().out
    assert "1 read, 1 skipped" in shown
    assert "skipped: is empty" in " ".join(shown.split())


ASKED = ("휴직 기간에 대하여 알려줘", "육아 휴직 기간 알려줘!", "근무복장 규정 알려줘!")


def ask_the_three(strategy: str, model: str, results: Path, **more: str) -> list[Answer]:
    """Asks the questions of a published study on the invented insurer's documents.

    Two are in the rules about leave; no document says what to wear at work. The threshold is
    tuned on the insurer's dev questions.
    """
    given = {"rag.retriever": "dense", "rag.threshold": "tune", "rag.k": "1", **more}
    config = run_config(strategy=strategy, task="insurer-ko", model=model, set=given, limit=1,
                        results=results, latency=False, ragas="off", device="cpu",
                        dtype="float32")  # fmt: skip
    folder = run(config).folder
    if Path(model).is_dir():  # a record holds no path
        with pytest.raises(UsageError, match="a model of one's own, 'model'") as refused:
            ask_run(folder, list(ASKED), {"device": "cpu"})
        assert "--model PATH" in refused.value.hint
    found = ask_run(folder, list(ASKED), {"device": "cpu", "model": model})
    leave, parental, clothes = found
    assert leave.passages[0].place.startswith("휴직 및 복직 관리기준.pdf, p. 1, 제5조")
    assert parental.passages[0].place == "휴직 및 복직 관리기준.pdf, p. 2, 제8조(육아휴직)"
    assert (clothes.text, clothes.abstained, clothes.output_tokens) == ("모른다", True, 0)
    assert clothes.passages == ()
    return found


@pytest.mark.slow
def test_the_three_questions_of_the_published_study(tmp_path: Path):
    from harness.models.local.tiny import tiny_llama

    model = tiny_llama(tmp_path / "model", context=16_384)
    found = ask_the_three("rag", str(model), tmp_path / "r")
    assert all(answer.output_tokens > 0 for answer in found[:2])


@pytest.mark.slow
@pytest.mark.model
def test_a_real_model_answers_them_from_its_passages(tmp_path: Path):
    found = ask_the_three("few-shot+rag", "gemma-3-270m", tmp_path, **{"few-shot.k": "4"})
    leave, parental, _ = found
    assert not leave.abstained
    assert parental.text in parental.passages[0].text
    assert any(letter.isdigit() for letter in parental.text)
