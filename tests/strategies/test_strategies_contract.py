"""Every strategy that is registered keeps the public contract, on a tiny random model."""

import pytest

from harness.errors import UsageError
from harness.models.endpoint import jobs
from harness.runs.contract import check_strategy
from harness.strategy.base import Labelling, Pretraining, Weights
from harness.strategy.registry import find_part, strategies
from tests.harness.tuning_stand_in import TuningStandIn

LIGHT = [
    name
    for name, part in sorted(strategies().parts.items())
    if "model" not in part.needs and not issubclass(part, Pretraining)
]
THERE = [
    name
    for name, part in sorted(strategies().parts.items())
    if issubclass(part, Weights) and part.by_vendor
]
HEAVY = [name for name in sorted(strategies().parts) if name not in (*LIGHT, *THERE)]


@pytest.mark.parametrize("name", LIGHT)
def test_a_strategy_without_a_model_passes(name):
    value = check_strategy(name)
    assert value["passed"], value["checks"]


@pytest.mark.parametrize("name", [*THERE, *(f"{name}+few-shot" for name in THERE)])
def test_a_strategy_that_a_vendor_trains_passes(name, monkeypatch):
    monkeypatch.setattr(jobs, "POLL_SECONDS", (0.01, 0.01))
    with pytest.raises(UsageError, match="a real one asks for money"):
        check_strategy(name)
    monkeypatch.setenv("OPENAI_BASE_URL", TuningStandIn().url)
    value = check_strategy(name)
    assert value["passed"], value["checks"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*HEAVY, "lora+few-shot", "continued-pretraining+lora"])
def test_a_strategy_with_a_model_passes(name):
    if issubclass(find_part(name.partition("+")[0]), Labelling):
        name = f"{name}+lora"  # alone it is refused: nothing would learn
    value = check_strategy(name)
    assert value["passed"], value["checks"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "parameters",
    [
        {"bits": 8, "max_steps": 2},
        {"optimizer": "paged_adamw_32bit", "max_steps": 2},
        {"preset": "reference", "max_steps": 2},
        {"checkpointing": True, "dora": True, "max_steps": 2},
    ],
    ids=lambda parameters: ",".join(f"{key}={value}" for key, value in parameters.items()),
)
def test_qlora_passes_in_its_other_forms(parameters):
    value = check_strategy("qlora", parameters)
    assert value["passed"], value["checks"]
