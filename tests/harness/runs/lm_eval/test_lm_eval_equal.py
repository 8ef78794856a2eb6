from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("lm_eval")

from tiny_models import tiny_of, with_adapter

from harness.devices import Device
from harness.errors import DataError, MissingDependency, UsageError
from harness.models.local import rolling
from harness.models.local.model import LocalModel, load_local
from harness.runs.lm_eval import evaluate
from harness.runs.lm_eval.evaluator import evaluated, figures_of
from harness.runs.lm_eval.tasks import library, load_tasks
from harness.types import Usage

CPU = Device("cpu", 0, "", "float32")
MODELS = ["tiny_gemma3", *(pytest.param(name, marks=pytest.mark.slow) for name in ("gpt2", "base"))]
LONG = "the claim was denied, 복직 신청은 30일 전에. " * 60


@pytest.fixture
def model(tiny_llama: Path) -> LocalModel:
    return load_local(tiny_llama, device=CPU)


def pair(model: LocalModel) -> tuple[Any, Any]:
    """Returns lm-eval's own model, and ours."""
    with library():
        from lm_eval.models.huggingface import HFLM

        from harness.runs.lm_eval.model import HarnessLM

        return HFLM(model.module, tokenizer=model.tokenizer, batch_size=1), HarnessLM(model)


def same(theirs: Any, ours: Any) -> None:
    assert theirs["results"].keys() == ours["results"].keys()
    for task in theirs["results"]:
        expected = {each.metric: each for each in figures_of(theirs, task)}
        assert expected
        for figure in figures_of(ours, task):
            there = expected[figure.metric]
            assert figure.value == pytest.approx(there.value, rel=1e-4)
            errors = figure.stderr, there.stderr
            assert errors == (None, None) or errors[0] == pytest.approx(errors[1], rel=1e-3)
            assert figure.n == there.n == 5
        for one, other in zip(theirs["samples"][task], ours["samples"][task], strict=True):
            assert one["prompt_hash"] == other["prompt_hash"]
            alike(one["resps"], other["resps"])


def alike(theirs: Any, ours: Any) -> None:
    if isinstance(theirs, (list, tuple)):
        assert len(theirs) == len(ours)
        for one, other in zip(theirs, ours, strict=True):
            alike(one, other)
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, abs=1e-4, rel=2e-6)
    else:
        assert theirs == ours


@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_task_is_answered_as_by_lm_eval(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, tasks: dict[str, str]
) -> None:
    fixtures = {"tiny_gemma3": "tiny_gemma3", "base": "tiny_llama_base"}
    given = fixtures.get(name)
    folder = request.getfixturevalue(given) if given else tiny_of(name, tmp_path / name)
    lms = pair(load_local(folder, device=CPU))
    with library():
        names = list(tasks.values())
        same(*(evaluated(each, load_tasks(names, shots=2)) for each in lms))


def test_chats_are_asked_as_by_lm_eval(model: LocalModel, tasks: dict[str, str]) -> None:
    lms = pair(model)
    with library():
        theirs, ours = (
            evaluated(
                each, load_tasks([tasks["choice"]], shots=1), chat=True, system="Be brief.", limit=5
            )
            for each in lms
        )
    same(theirs, ours)
    assert "<|start|>system\nBe brief." in ours["samples"]["own_choice"][0]["arguments"][0][0]


def instances(kind: str, *args: tuple[Any, ...]) -> list[Any]:
    from lm_eval.api.instance import Instance

    return [Instance(kind, {}, each, number) for number, each in enumerate(args)]


@pytest.mark.parametrize("name", ["tiny_llama", "tiny_llama_base"])
def test_unusual_contexts_are_read_as_by_lm_eval(name: str, request: pytest.FixtureRequest) -> None:
    theirs, ours = pair(load_local(request.getfixturevalue(name), device=CPU))
    starts = ["Question:", "It is", "Theft", "net profit", "the claim was", "복직 신청은", "Up 8 %"]
    asked = instances("generate_until", *((each, {"max_gen_toks": 1}) for each in starts))
    greedy = theirs.generate_until(asked)
    assert ours.generate_until(asked) == greedy
    given = instances(
        "loglikelihood",
        ("", "a claim"),
        *((each, text) for each, text in zip(starts, greedy, strict=True) if text),
        ("Question:", " theft"),
        ("Question:  ", "theft"),
        ("<s>Question:", " theft"),
        ("", "<s>Question"),
        (LONG, "paid"),  # longer than the context
        (LONG, LONG[: len(LONG) // 3]),
        ("pol", "icy"),  # one token together
    )
    expected = theirs.loglikelihood(given)
    assert {is_greedy for _, is_greedy in expected} == {True, False}
    alike(expected, ours.loglikelihood(given))
    assert ours.shortened == 2
    alike(*(each._loglikelihood_tokens([(None, [5, 6], [7])]) for each in (theirs, ours)))


def test_generation_stops_and_is_cut_as_by_lm_eval(model: LocalModel) -> None:
    theirs, ours = pair(model)
    (text,) = theirs.generate_until(instances("generate_until", ("It is", {"max_gen_toks": 20})))
    stop = text[len(text) // 2 :][:2]
    given = instances(
        "generate_until",
        ("It is", {"max_gen_toks": 20, "until": stop}),
        ("It is", {"max_gen_toks": 20, "until": [stop, text[3]]}),
        ("It is", {"max_tokens": 1, "do_sample": False, "top_k": 5, "num_beams": 1}),
        (LONG, {"max_gen_toks": 400, "until": [" "]}),
        ("It is", {"max_gen_toks": 5, "do_sample": False, "temperature": 0.7}),
    )
    assert ours.generate_until(given) == theirs.generate_until(given)
    assert ours.shortened == 1
    sampled = instances(
        "generate_until",
        *[("It is", {"do_sample": True, "temperature": 2.0, "max_gen_toks": 9})] * 2,
    )
    one, other = ours.generate_until(sampled)
    assert one != other and [one, other] == ours.generate_until(sampled)
    for options, name in (({"num_beams": 4}, "num_beams=4"), ({"max_gen_toks": 512}, "512 tokens")):
        with pytest.raises(UsageError, match=name):
            ours.generate_until(instances("generate_until", ("It is", options)))


@pytest.mark.parametrize("length", [0, 1, 5, 11, 12, 13, 24, 25, 40])
def test_windows_are_those_of_lm_eval(length: int) -> None:
    from lm_eval.utils import get_rolling_token_windows, make_disjoint_window

    ids = list(range(length))
    expected = map(make_disjoint_window, get_rolling_token_windows(ids, 99, 12, 1))
    found = [
        (w.ids[: w.prompt_length], w.ids[w.prompt_length :]) for w in rolling.windows(ids, 99, 12)
    ]
    assert found == list(expected)


def test_texts_in_pieces_have_the_same_likelihood(model: LocalModel, monkeypatch: Any) -> None:
    texts = [LONG, "", "Theft is covered."]
    whole = sorted(model.logprobs(texts), key=lambda each: each.id)
    monkeypatch.setattr(rolling, "LOGITS", 0)  # a piece for each token
    assert [each.id for each in whole] == ["0", "2"]
    pieces = sorted(model.logprobs([texts[1], texts[2]]), key=lambda each: each.id)
    for one, other in zip(whole[1:], pieces, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)
        assert one.n_tokens == other.n_tokens
    assert (
        whole[0].usage.input_tokens
        == whole[0].n_tokens[0]
        == len(model.tokenizer.encode(LONG, add_special_tokens=False))
    )


def test_a_model_with_virtual_tokens_has_less_room(tiny_llama_base: Path, tmp_path: Path) -> None:
    wrapped = with_adapter(load_local(tiny_llama_base, device=CPU).module, "prompt")
    wrapped.save_pretrained(str(tmp_path))
    model = load_local(tiny_llama_base, device=CPU, adapter=tmp_path)
    _, ours = pair(model)
    assert ours.max_length == 507
    (found,) = ours.loglikelihood(instances("loglikelihood", (LONG, " paid")))
    assert found[0] < 0


def test_evaluate_gives_scores_for_a_probe(model: LocalModel, tasks: dict[str, str]) -> None:
    usage = Usage()
    scores = evaluate([f"lm-eval:{tasks['choice']}"], model, limit=3, usage=usage, adapted=True)
    assert [(each.name, each.metric, each.n) for each in scores] == [
        ("own_choice", "acc", 3),
        ("own_choice", "acc_norm", 3),
    ]
    assert all(each.adapted and each.stderr is not None for each in scores)
    assert usage.computed_tokens and usage.passes and usage.input_tokens


def test_what_cannot_be_loaded_is_said(tmp_path: Path, model: LocalModel) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        evaluate([str(tmp_path / "no.yaml")], model)
    path = tmp_path / "hub.yaml"
    path.write_text("task: hub\ndataset_path: someone/something\ntest_split: test\n")
    with pytest.raises(MissingDependency, match="lies on a hub, and this run is offline"):
        evaluate([str(path)], model, offline=True)
    path.write_text("task: broken\ndataset_path: json\ndataset_kwargs:\n  data_files: a.jsonl\n")
    with pytest.raises(DataError, match=r"hub.yaml can't be loaded: FileNotFoundError"):
        evaluate([str(path)], model)
