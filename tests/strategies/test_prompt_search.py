"""Prompt search: what is tried, how the better ones go on, and what that costs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from sentences import configured

from harness.errors import UsageError
from harness.records.ledger import Ledger, read_ledger, totals
from harness.records.reading import read_record
from harness.runs.estimate import estimate
from harness.runs.plan import make_plan
from harness.runs.prepare import context_of
from harness.runs.runner import run
from harness.strategy.registry import create_strategy, find_part
from harness.types import Output

SMALL = {"k": "0,2", "draws": 2, "candidates": 6, "rows": 2, "most_rows": 6}


def prepared(folder: Path, model: Path, strategy: str = "prompt-search", seed: int = 0, **values):
    """The strategy and its context, and the plan of a run."""
    named = {f"prompt-search.{name}": value for name, value in (SMALL | values).items()}
    if "rag" in strategy:
        named |= {"rag.retriever": "bm25", "rag.k": 1}
    plan = make_plan(configured(folder, strategy, model, set=named, seed=seed))
    artifact = folder / f"artifact-{seed}"
    artifact.mkdir(exist_ok=True)
    context = context_of(plan, artifact, Ledger(folder / f"ledger-{seed}.jsonl"))
    return plan.strategy, context


class Knowing:
    """Takes the model's place: right for every row where the instructions say so."""

    asked: list[tuple[str, str]] = []

    def __init__(self, model, render, context):
        self.render, self.right = render, {row.query.id: row.target for row in context.dev._rows}

    def predict(self, queries):
        for query in queries:
            prompt = self.render(query)
            said = prompt.sections[0].text
            shown = "".join(each.text + each.answer for each in prompt.sections[:-1])
            self.asked.append((shown, query.id))
            yield Output(query.id, self.right[query.id] if "expert" in said else "no", chosen=True)


@pytest.fixture
def knowing(monkeypatch: pytest.MonkeyPatch):
    module = sys.modules[find_part("prompt-search").__module__]
    monkeypatch.setattr(module, "ModelPredictor", Knowing)
    Knowing.asked = []
    return Knowing.asked


def test_the_better_half_goes_on_with_twice_as_many_rows(tmp_path, tiny_llama, knowing):
    strategy, context = prepared(tmp_path, tiny_llama, candidates=8, draws=1, rows=1, most_rows=8)
    strategy.fit_prompting(context)
    told = context.details["prompts"]
    rounds = [trial["n"] for trial in told["trials"]]
    assert rounds == [1] * 8 + [2] * 4 + [4] * 2
    assert "expert" in told["chosen"]["instructions"] and told["chosen"]["value"] == 1.0
    assert told["chosen"]["k"] == 0  # as good as with examples, and shorter
    assert len(knowing) == len({*knowing}) == 8 + 4 + 2 * 2  # no row twice for a prompt
    assert context.dev.rows_read == 4
    assert {id_ for _, id_ in knowing} <= {query.id for query in context.dev.queries}
    assert {trial["origin"] for trial in told["trials"]} == {"task", "variant"}
    tuned = totals(read_ledger(tmp_path / "ledger-0.jsonl"))["tune"]
    assert tuned.quantities["requests"] == len(knowing)


def test_the_chosen_prompt_is_the_one_that_was_tried(tmp_path, tiny_llama, knowing):
    strategy, context = prepared(tmp_path, tiny_llama)
    strategy.fit_prompting(context)
    chosen = json.loads((tmp_path / "artifact-0/prompt-search/prompt.json").read_text())["prompt"]
    sections = strategy.render(context)(context.dev.queries[0]).sections
    assert [section.kind for section in sections[:1]] == ["instructions"]
    assert sections[0].text == chosen["instructions"]
    assert [s.answer for s in sections[1:-1]] == [line["answer"] for line in chosen["examples"]]


def test_a_search_that_was_killed_goes_on(tmp_path, tiny_llama, knowing, monkeypatch):
    strategy, context = prepared(tmp_path, tiny_llama)
    real, calls = Knowing.predict, []

    def killed(self, queries):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        yield from real(self, queries)

    monkeypatch.setattr(Knowing, "predict", killed)
    with pytest.raises(KeyboardInterrupt):
        strategy.fit_prompting(context)
    before = [*knowing]
    strategy, context = prepared(tmp_path, tiny_llama)
    strategy.fit_prompting(context)
    assert len(before) == 6 and len(knowing) == len({*knowing})
    read = context.train.rows_read, context.dev.rows_read
    strategy, context = prepared(tmp_path, tiny_llama)
    strategy.fit_prompting(context)  # nothing is left to do, and the labels are counted as before
    assert (context.train.rows_read, context.dev.rows_read) == read


def test_passages_stand_in_the_prompts_that_are_tried(tmp_path, tiny_llama, knowing, monkeypatch):
    seen = []
    real = Knowing.predict

    def predict(self, queries):
        prompts = [self.render(query) for query in queries]
        seen.extend((len(p.evidence), len(p.sections), p.sections[-2].passages) for p in prompts)
        yield from real(self, queries)

    monkeypatch.setattr(Knowing, "predict", predict)
    for strategy in ("prompt-search+rag", "rag+prompt-search"):
        folder = tmp_path / strategy
        folder.mkdir()
        made, context = prepared(folder, tiny_llama, strategy)
        made.fit_prompting(context)
        assert seen and all(count == 1 for count, *_ in seen)
        assert all(passages for _, length, passages in seen if length > 2)
        seen.clear()


def test_seeds_draw_other_prompts(tmp_path, tiny_llama, knowing):
    trials = []
    for seed in (0, 0, 1):
        folder = tmp_path / str(len(trials))
        folder.mkdir()
        strategy, context = prepared(folder, tiny_llama, seed=seed, candidates=4)
        strategy.fit_prompting(context)
        trials.append(json.dumps(context.details["prompts"]["trials"]))
    assert trials[0] == trials[1] != trials[2]


def test_instructions_of_a_file_are_tried_and_in_the_key(tmp_path, tiny_llama, knowing):
    file = tmp_path / "mine.txt"
    file.write_text("An expert says up or down.\n\n", encoding="utf-8")
    strategy, context = prepared(tmp_path, tiny_llama, instructions=str(file), candidates=4)
    before = strategy.describe()
    strategy.fit_prompting(context)
    assert context.details["prompts"]["chosen"]["origin"] == "file"
    file.write_text("Up or down?", encoding="utf-8")
    assert strategy.describe() != before and str(tmp_path) not in json.dumps(before)
    file.unlink()
    with pytest.raises(UsageError, match="can't be read"):
        strategy.describe()


def test_a_run_charges_every_call_and_leaves_the_weights(tmp_path, tiny_llama):
    named = {f"prompt-search.{name}": value for name, value in (SMALL | {"propose": 2}).items()}
    weights = (tiny_llama / "model.safetensors").read_bytes()
    folder = run(configured(tmp_path, "prompt-search", tiny_llama, set=named)).folder
    record = read_record(folder)
    trials = record.artifact.details.prompts["trials"]
    assert sorted({trial["n"] for trial in trials}) == [2, 4, 6]
    spent = totals(read_ledger(folder / "artifact-ledger.jsonl"))
    asked = 6 * 2 + 3 * 2 + 2 * 2
    assert spent["tune"].quantities["requests"] == asked + 2
    assert spent["tune"].usage.input_tokens > 0 and spent["tune"].usage.output_tokens > 0
    assert spent["label"].quantities["dev_rows"] == 6
    assert (tiny_llama / "model.safetensors").read_bytes() == weights


def test_an_estimate_says_what_it_leaves_out(tmp_path, tiny_llama):
    named = {f"prompt-search.{name}": value for name, value in SMALL.items()}
    value = estimate(configured(tmp_path, "prompt-search", tiny_llama, set=named), history=())
    assert value["notes"]["without"] == "the search: not estimated"
    assert value["shared_prefix_tokens"] > 20  # examples are in it


def test_one_number_of_examples_is_enough():
    assert create_strategy("prompt-search", {"k": "4"}).prompting[0].k == (4,)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["prompt-search+rag", "lora+prompt-search"])
def test_combinations_keep_the_contract(strategy):
    from harness.runs.contract import check_strategy

    small = {"rag.retriever": "bm25"} if "rag" in strategy else {"max_steps": 2}
    value = check_strategy(strategy, small)
    assert value["passed"], value["checks"]
