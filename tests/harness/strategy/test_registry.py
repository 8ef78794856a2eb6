import subprocess
import sys

import pytest

from harness.config import run_config
from harness.errors import UsageError
from harness.runs.plan import make_plan
from harness.runs.work import divided
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Frozen
from harness.strategy.registry import create_strategy, strategies

PLUGIN = '''
from typing import ClassVar
from harness.strategy.base import Prompting

class Polite(Prompting):
    """Says please."""
    name: ClassVar[str] = "polite"
    summary: ClassVar[str] = "says please"
    word: str = "please"
'''


def test_built_in_strategies_are_found_without_problems():
    found = strategies()
    assert not found.problems
    wanted = {"majority", "tfidf", "zero-shot", "few-shot", "lora", "qlora", "full-finetune"}
    assert wanted <= set(found.parts)


def test_a_name_becomes_an_adaptation():
    strategy = create_strategy("few-shot", {"k": "3"})
    assert isinstance(strategy, Adaptation)
    assert isinstance(strategy.weights, Frozen)
    assert strategy.prompting[0].k == 3


def test_parts_combine_and_parameters_find_their_part():
    strategy = create_strategy("qlora+few-shot", {"few-shot.k": 2, "rank": "4"})
    assert strategy.weights.rank == 4
    assert strategy.prompting[0].k == 2
    assert strategy.required == {"model", "train"}


@pytest.mark.parametrize(
    ("expression", "parameters", "message"),
    [
        ("qlroa", {}, "Did you mean 'qlora'"),
        ("lora+qlora", {}, "can't be combined"),
        ("majority+few-shot", {}, "can't be combined"),
        ("few-shot+few-shot", {}, "no strategy"),
        ("lora+", {}, "no strategy"),
        ("few-shot", {"kk": 1}, "Did you mean 'k'"),
        ("few-shot", {"k": "many"}, "k = 'many'"),
        ("qlora", {"bits": 3}, "bits"),
        ("qlora", {"preset": "refrence"}, "Did you mean 'reference'"),
    ],
)
def test_mistakes_are_explained(expression, parameters, message):
    with pytest.raises(UsageError) as caught:
        create_strategy(expression, parameters)
    assert message in str(caught.value)


def test_the_reference_preset_is_the_published_study():
    weights = create_strategy("qlora", {"preset": "reference"}).weights
    assert (weights.rank, weights.alpha, weights.dropout, weights.bias) == (32, 32, 0.05, "none")
    assert weights.targets == ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj")
    assert (weights.optimizer, weights.learning_rate) == ("paged_adamw_32bit", 2e-4)
    assert (weights.max_steps, weights.batch_size, weights.accumulation) == (60, 2, 2)
    assert (weights.max_grad_norm, weights.warmup_ratio, weights.schedule) == (0.3, 0.03, "cosine")
    assert weights.checkpointing and weights.float32_rest
    assert create_strategy("qlora", {"preset": "reference", "rank": 8}).weights.rank == 8


def test_a_file_of_ones_own_is_a_strategy(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(PLUGIN, encoding="utf-8")
    strategy = create_strategy(f"lora+{path}:Polite", {"polite.word": "kindly"})
    assert strategy.prompting[0].word == "kindly"


@pytest.mark.parametrize(
    ("text", "message"),
    [("x = 1", "has no 'Polite'"), ("1/0", "ZeroDivisionError"), ("Polite = 3", "is no strategy")],
)
def test_a_broken_file_says_what_is_wrong(tmp_path, text, message):
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        create_strategy(f"{path}:Polite")


def test_a_folder_with_such_names_of_its_own_does_not_get_in_the_way(tmp_path):
    (tmp_path / "tasks.py").write_text("raise RuntimeError('mine')", encoding="utf-8")
    for name in ("strategies", "results"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    command = [sys.executable, "-m", "harness", "list", "strategies", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert '"qlora"' in done.stdout


ONLY_LABELS = '''
from typing import ClassVar
from harness.strategy.base import Prompting

class Sorted(Prompting):
    """For labels only."""
    name: ClassVar[str] = "sorted"
    summary: ClassVar[str] = "labels only"
    kinds: ClassVar[frozenset[str]] = frozenset({"classification"})
'''


def test_a_strategy_for_other_kinds_of_task_is_refused(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(ONLY_LABELS, encoding="utf-8")
    with pytest.raises(UsageError, match="insurer-ko is qa"):
        make_plan(run_config(strategy=f"{path}:Sorted"))


def test_how_an_adapter_is_served_decides_the_answers_and_not_what_is_trained():
    merged, beside = (divided(create_strategy("lora", {"merge": way})) for way in (True, False))
    assert merged[0] == beside[0]
    assert merged[1] != beside[1]
    other = divided(create_strategy("lora", {"rank": 8}))
    assert other[0] != merged[0] and other[1] == merged[1]
    assert divided(create_strategy("full-finetune"))[1] == {}


@pytest.mark.parametrize("value", ["true", True])
def test_4_bit_weights_take_no_merged_adapter(value):
    assert create_strategy("qlora", {"merge": "false"}).weights.merge is False
    with pytest.raises(UsageError, match="rounded away"):
        create_strategy("qlora", {"merge": value})
