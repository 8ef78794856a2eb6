"""The loop around a model that calls tools: a scripted model, and a real one that calls nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.records.model import ModelInfo
from harness.records.predictions import to_line
from harness.strategy.context import Monitor
from harness.strategy.tools.calls import wording
from harness.strategy.tools.loop import Toolbox, ToolPredictor
from harness.task.view import TaskView
from harness.types import Call, Generation, GenRequest, Output, Passage, Query, Scored, Usage

VIEW = TaskView("t", "qa", "ko", (), ("\n",), 24, "짧게.", "질문:", "답:", "모른다")
LEAVE = Passage("육아휴직은 최대 2년으로 한다.", "휴직.pdf", (0, 18), "휴직.pdf, 제2조")


class Scripted:
    """A test double of a model: it says what the script says to what it is asked."""

    info = ModelInfo("scripted")

    def __init__(self, say) -> None:
        self.say, self.asked = say, list[GenRequest]()

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        for request in requests:
            self.asked.append(request)
            said = self.say(request)
            usage = Usage(input_tokens=10, output_tokens=2)
            if isinstance(said, Generation):
                yield said
            else:
                yield Generation(request.id, said, "stop", usage)


def answer(say, *queries: str, steps: int = 3, search=lambda text: (LEAVE,)):
    model = Scripted(say)
    context = SimpleNamespace(
        task=VIEW, readout="generate", monitor=Monitor(), confidence=False, structured=False
    )
    box = Toolbox(wording("ko"), steps, 64, search)
    predictor = ToolPredictor(model, VIEW.base_prompt, context, box)
    asked = [Query(text, text) for text in queries or ("기간?",)]
    return {output.id: output for output in predictor.predict(asked)}, model


def test_results_come_back_and_every_turn_is_counted():
    def say(request: GenRequest) -> str:
        question = request.prompt.sections[-1]
        if not question.passages:
            return "검색: 육아휴직"
        return "24개월" if "= 24" in question.text else "계산: 2 * 12"

    found, model = answer(say)
    output: Output = found["기간?"]
    assert output.text == "24개월"
    assert output.evidence == (LEAVE,)
    assert [(c.tool, c.input, c.output) for c in output.calls] == [
        ("search", "육아휴직", LEAVE.place), ("calculate", "2 * 12", "24"),
    ]  # fmt: skip
    assert [call.usage.input_tokens for call in output.calls] == [10, 10]
    assert (output.usage.input_tokens, output.usage.output_tokens) == (30, 6)
    assert len(model.asked) == 3


def test_the_loop_is_bounded_and_one_call_too_many_is_no_answer():
    count = iter(range(100))
    found, model = answer(lambda request: f"계산: 1 + {next(count)}", steps=2)
    (output,) = found.values()
    assert (output.text, len(output.calls), len(model.asked)) == ("", 2, 3)
    assert model.asked[-1].prompt.sections[-1].text.endswith("이제 답만 쓴다.")
    assert [request.max_tokens for request in model.asked] == [64, 64, 24]


def test_a_repeated_call_ends_the_loop():
    found, model = answer(lambda r: "2년" if "이제" in r.prompt.sections[-1].text else "검색: 휴직")
    (output,) = found.values()
    assert (output.text, len(output.calls), len(model.asked)) == ("2년", 1, 3)


def test_what_fails_is_told_to_the_model():
    def say(request: GenRequest) -> str:
        text = request.prompt.sections[-1].text
        if "찾은 자료 없음" in text:
            return "모른다"
        return "검색: 없는 말" if "계산할 수 없음 (division by zero)" in text else "계산: 1 / 0"

    found, _ = answer(say, search=lambda text: ())
    (output,) = found.values()
    assert (output.text, len(output.calls)) == ("모른다", 2)


def test_questions_take_turns_together_and_keep_their_own():
    def say(request: GenRequest) -> str:
        question = request.prompt.sections[-1].text
        return question.rpartition("= ")[2] if "=" in question else f"계산: {question} * 2"

    found, model = answer(say, *map(str, range(1, 9)))
    assert {id_: output.text for id_, output in found.items()} == {
        str(n): str(2 * n) for n in range(1, 9)
    }
    assert [request.id for request in model.asked] == [str(n) for n in range(1, 9)] * 2


def test_an_error_ends_its_question_with_what_was_spent():
    def say(request: GenRequest):
        if request.prompt.evidence:
            return Generation(request.id, "", "stop", Usage(), error="server")
        return "검색: 휴직"

    (output,) = answer(say)[0].values()
    assert (output.text, output.error, output.usage.input_tokens) == (None, "server", 10)


@pytest.mark.slow
def test_a_run_with_a_calculator_alone_needs_no_documents(tmp_path: Path, tiny_llama: Path):
    import json

    from harness.config import run_config
    from harness.records.files import read_json, read_lines
    from harness.records.store import PREDICTIONS
    from harness.runs.runner import run

    rows = [{"q": f"{n} * 2?", "a": str(2 * n)} for n in range(60)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    data = {"path": tmp_path / "rows.jsonl", "input": "q", "target": "a", "kind": "qa"}
    config = run_config(strategy="tools", data=data, model=str(tiny_llama), results=tmp_path / "r",
                        set={"search": "false"}, limit=3, latency=False)  # fmt: skip
    folder = run(config).folder
    assert read_json(folder / "run.json")["readout"] == "generate"
    assert len(read_lines(folder / PREDICTIONS)) == 3


@pytest.mark.parametrize("store_text", ["full", "masked", "ids"])
def test_the_record_has_each_call_with_its_tokens(store_text: str):
    call = Call("search", "900101-1234567 씨의 휴직", "휴직.pdf", Usage(input_tokens=10))
    scored = Scored("q", "ok", "2년", "2년", True)
    line = to_line(Output("q", "2년", calls=(call,)), scored, store_text)
    (kept,) = line["calls"]
    assert (kept["tool"], kept["usage"]) == ("search", {"input_tokens": 10})
    assert ("input" in kept) == (store_text != "ids")
    assert ("1234567" in str(kept)) == (store_text == "full")
