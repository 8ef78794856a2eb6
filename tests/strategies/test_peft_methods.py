"""Each method of peft: trained, saved, loaded, resumed, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

from soft_bench import Bench  # noqa: E402

from harness.costs.flops import training_flops  # noqa: E402
from harness.costs.memory import lora_parameters, vera_parameters  # noqa: E402
from harness.errors import UsageError  # noqa: E402
from harness.models.local.sizes import architecture_of_folder  # noqa: E402
from harness.models.local.soft_prompt import learnt_ids  # noqa: E402
from harness.records.ledger import read_ledger, totals  # noqa: E402
from harness.runs.contract import check_strategy  # noqa: E402
from harness.runs.workloads import training_of  # noqa: E402
from harness.strategy.registry import create_strategy, find_part  # noqa: E402
from harness.training.peft_layers import attach  # noqa: E402
from harness.training.peft_methods import METHODS, REFUSED  # noqa: E402
from harness.types import Prompt, ScoreRequest, Section  # noqa: E402

SMALL = {
    "vera": {"r": 8}, "prefix": {"num_virtual_tokens": 4}, "p-tuning": {"num_virtual_tokens": 4},
    "shira": {"r": 4}, "waveft": {"n_frequency": 64}, "fourierft": {"n_frequency": 64},
    "adalora": {"init_r": 4, "target_r": 2, "tinit": 1, "tfinal": 2}, "randlora": {"r": 8},
}  # fmt: skip
CORE = ("prefix", "p-tuning", "ia3", "adalora", "vera", "dora", "rslora", "pissa")
QUICK = ("prefix",)
STEPS = 6


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), "llama")


def _options(method: str, **values: Any) -> dict[str, Any]:
    options = {"method": method, "max_steps": STEPS, "learning_rate": 0.02, "checkpoint_every": 1}
    return options | SMALL.get(method, {}) | values


@pytest.mark.parametrize(
    "method", [m if m in QUICK else pytest.param(m, marks=pytest.mark.slow) for m in METHODS]
)
def test_a_method_keeps_the_promises(bench: Bench, method: str, monkeypatch: Any):
    before, trained, save = bench.digest(), [], find_part("peft").save
    monkeypatch.setattr(
        find_part("peft"),
        "save",
        lambda self, model, to: (trained.append(model), save(self, model, to)),
    )
    made = bench.prepared("peft", **_options(method))
    training = made.training
    losses = [line["loss"] for line in training["history"]]
    assert min(losses[3:]) < losses[0]
    assert training["packed"] and training["adapted"] and training["trainable_parameters"] > 0
    assert bench.digest() == before
    scores = made.scores()  # merged, where a method merges
    assert made.scores(batch=1) == pytest.approx(scores, abs=2e-4)
    beside = made.context.load_model(adapter=made.adapter)
    expected = _scores(trained[0])
    assert _scores(beside) == pytest.approx(expected, abs=2e-4)  # what was trained is what is saved
    assert _scores(made.load()) == pytest.approx(expected, abs=5e-4)
    for name, weight in bench.load().module.named_parameters():
        found = [v for k, v in beside.module.named_parameters() if _plain(k).endswith(name)]
        assert not found or found[0].equal(weight), name
    resumed = bench.prepared("peft", stop_after=3, **_options(method))
    assert resumed.scores() == pytest.approx(scores, abs=1e-6)
    assert bench.prepared("peft", seed=1, **_options(method)).scores() != scores


def _plain(name: str) -> str:
    return name.replace(".base_layer", "")


def _scores(model: Any) -> list[float]:
    """Log-likelihoods of a few answers."""
    model.module.eval()
    prompts = [Prompt((Section("question", f"profit {'rose ' * n}"),)) for n in range(1, 4)]
    asked = [ScoreRequest(str(n), prompt, ("up", "down")) for n, prompt in enumerate(prompts)]
    return [value for scores in sorted(model.score(asked), key=lambda s: s.id)
            for value in scores.logprobs]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("method", CORE)
def test_a_method_passes_the_contract(method: str):
    own = {} if method == "adalora" else SMALL.get(method, {})  # in two steps
    value = check_strategy("peft", {"method": method, **own})
    assert value["passed"], value["checks"]


def test_every_method_of_peft_is_known():
    kinds = {each.value for each in peft.PeftType}
    named = {method.kind for method in METHODS.values()}
    refused = {name.upper().replace("-", "_") for name in REFUSED}
    assert kinds <= named | refused
    for name in REFUSED:
        with pytest.raises(UsageError, match="isn't run: "):
            create_strategy("peft", {"method": name})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"method": "verra"}, "Did you mean 'vera'"),
        ({"method": "vera", "lora_alpha": 3}, "neither the recipe nor peft's VeraConfig"),
        ({"method": "vera", "learning_rte": 3}, "Did you mean 'learning_rate'"),
        ({"method": "vera", "r": "many"}, "r = 'many' isn't what peft's VeraConfig takes"),
        ({"method": "dora", "use_dora": "false"}, "method=dora is use_dora=True"),
        ({"method": "lora", "init_lora_weights": "eva"}, "needs data of its own"),
        ({"method": "vera", "task_type": "CAUSAL_LM"}, "neither the recipe"),
        ({}, "method"),
    ],
)
def test_a_wrong_parameter_is_refused(values: dict[str, Any], said: str):
    with pytest.raises(UsageError) as found:
        create_strategy("peft", values)
    assert said in f"{found.value.message} {found.value.hint}"


def test_parameters_of_peft_are_typed_and_in_the_key():
    one = create_strategy(
        "peft", {"peft.method": "lora", "peft.r": "4", "target_modules": "q_proj"}
    )
    other = create_strategy("peft", {"method": "lora", "r": 4, "target_modules": ["q_proj"]})
    assert one.describe() == other.describe()
    (part,) = one.describe()["parts"]
    assert (part["r"], part["target_modules"]) == (4, ["q_proj"])
    assert create_strategy("peft", {"method": "prefix"}).parts[0].own_family == "soft prompts"
    assert create_strategy("peft", {"method": "ia3"}).parts[0].own_family == "adapters"
    with pytest.raises(UsageError, match="no parameter"):
        create_strategy("lora", {"r": 4})


def test_what_peft_refuses_is_said(bench: Bench):
    with pytest.raises(UsageError, match="no layer 'q_prj'"):
        bench.prepared("peft", **_options("vera", target_modules="q_prj"))
    with pytest.raises(UsageError, match="peft can't put shira on this model"):
        bench.prepared("peft", method="shira", r=500, max_steps=1)
    with pytest.raises(UsageError, match="AdaLoRA's schedule doesn't fit: 3 steps with tinit=2"):
        bench.prepared("peft", method="adalora", tinit=2, tfinal=1, max_steps=3)


def test_a_rate_of_no_paper_is_said(bench: Bench):
    said = bench.prepared("peft", method="loha", max_steps=1).said
    assert any("the learning rate of loha" in text for text in said)
    assert not bench.prepared("peft", method="ia3", max_steps=1).said


@pytest.mark.slow
def test_what_positions_are_multiplied_with_is_in_the_ledger(bench: Bench):
    def amounts(**options: Any) -> dict[str, float]:
        made = bench.prepared("peft", max_steps=1, **options)
        return totals(read_ledger(made.ledger))["train"].quantities

    vera = amounts(method="vera", r=8, target_modules="q_proj")
    assert vera["frozen_matrices"] == 2 * 8 * (64 + 64)  # of two layers
    assert (vera["trained_matrices"], vera["trainable_parameters"]) == (0, 2 * (8 + 64))
    sizes = architecture_of_folder(bench.model)
    assert vera_parameters(sizes, 8, ("q_proj",)) == vera["trainable_parameters"]
    all_ = amounts(method="vera", r=8)
    assert vera_parameters(sizes, 8) == all_["trainable_parameters"]
    assert lora_parameters(sizes, 8) == all_["frozen_matrices"]
    assert amounts(method="ia3")["trained_matrices"] == 0
    assert amounts(method="loha", target_modules="q_proj")["trained_matrices"] == 2 * 64 * 64
    assert "trained_matrices" not in amounts(method="dora")


def test_operations_by_method(bench: Bench):
    sizes = architecture_of_folder(bench.model)
    trunk, tokens = sizes.trunk_parameters, 1000

    def flops(method: str, **options: float) -> float:
        return training_flops(sizes, tokens=tokens, method=method, **options)

    assert flops("lora", trainable=50) == tokens * (4 * trunk + 6 * 50)
    assert flops("vera", trainable=50, frozen=300) == tokens * 4 * (trunk + 300)
    assert flops("prefix-tuning", trainable=50) == tokens * 4 * trunk
    planned = create_strategy("peft", {"method": "vera", "r": 8, "max_steps": 2}).weights.workload()
    training = training_of(planned, 10, [20, 30], [2, 2], None)
    assert training.frozen(sizes) == lora_parameters(sizes, 8)
    assert training.trainable(sizes) == vera_parameters(sizes, 8)
    assert create_strategy("peft", {"method": "loha"}).weights.workload() is None
    for strategy, values in (("prompt-tuning", {"tokens": 7}),
                             ("peft", {"method": "prefix", "num_virtual_tokens": 7})):  # fmt: skip
        plan = create_strategy(strategy, {**values, "max_steps": 2, "batch_size": 4}).weights
        learnt = training_of(plan.workload(), 10, [20, 30], [2, 2], None)
        assert (learnt.tokens, learnt.length) == (2 * 4 * (25 + 7), 37)


def test_a_prefix_begins_as_words(bench: Bench):
    model = bench.load()
    torch.manual_seed(3)
    attach(model, "prefix", {"num_virtual_tokens": 4}, merged=False)
    model.encoder.before = learnt_ids(model.module)
    torch.manual_seed(3)
    torch.nn.Embedding(4, 2 * 2 * 32)  # random numbers, of which none is kept
    words = torch.randint(model.vocabulary, (4,)).tolist()
    plain = bench.load()
    plain.encoder.before = words
    assert _scores(model) == pytest.approx(_scores(plain), abs=1e-4)
