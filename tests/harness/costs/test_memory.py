import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.costs.known import known_models
from harness.costs.memory import (
    HOST_CHURN,
    HOST_LIBRARIES,
    HOST_SLACK,
    TrainingSetup,
    gpus_needed,
    inference_memory,
    kv_bytes_per_token,
    lora_parameters,
    training_memory,
    weight_bytes,
)
from harness.errors import UsageError
from harness.records.model import Architecture

SMOL, GEMMA, SEVEN = (
    known_models()[name] for name in ("smollm2-135m-instruct", "gemma-3-270m", "mistral-7b")
)


@pytest.mark.parametrize(
    ("sizes", "nf4", "prepared", "plain"), [(SMOL, 110, 166, 269), (GEMMA, 386, 721, 536)]
)
def test_weights_that_were_measured(
    sizes: Architecture, nf4: float, prepared: float, plain: float
) -> None:
    def megabytes(quantization: str | None, prepare: bool = False) -> float:
        return weight_bytes(sizes, quantization, kbit_prepared=prepare) / 1e6

    assert megabytes("nf4") == pytest.approx(nf4, rel=0.02)
    assert megabytes("nf4", True) == pytest.approx(prepared, rel=0.02)
    assert megabytes(None) == pytest.approx(plain, rel=0.01)


def test_quantising_a_small_model_with_many_words_can_cost_memory_and_says_so() -> None:
    gemma = training_memory(GEMMA, TrainingSetup("qlora"))
    assert gemma.weights > training_memory(GEMMA, TrainingSetup("lora")).weights
    assert "vocabulary" in gemma.note
    assert not training_memory(SEVEN, TrainingSetup("qlora")).note


def test_methods_are_ordered_as_the_papers_say() -> None:
    setup = {"trainable": 40_000_000, "recompute": True}
    sizes = [
        training_memory(SEVEN, TrainingSetup(method, **setup)).total  # type: ignore[arg-type]
        for method in ("qlora", "lora", "full-bf16", "full")
    ]
    assert sizes == sorted(sizes)
    assert sizes[3] - sizes[2] == pytest.approx(8 * SEVEN.parameters, abs=2)


def test_recomputing_saves_activations() -> None:
    kept = training_memory(SEVEN, TrainingSetup(length=2048))
    again = training_memory(SEVEN, TrainingSetup(length=2048, recompute=True))
    assert again.activations < kept.activations / 5


def test_logits_only_where_they_are_scored() -> None:
    everywhere = training_memory(GEMMA, TrainingSetup(batch=8))
    answers = training_memory(GEMMA, TrainingSetup(batch=8, scored_fraction=0.05))
    assert answers.logits == pytest.approx(everywhere.logits / 20)


def test_serving_holds_weights_and_cache() -> None:
    assert kv_bytes_per_token(SEVEN) == 131_072
    memory = inference_memory(SEVEN, batch=4, length=1000)
    assert memory.cache == 4000 * 131_072
    assert memory.weights == pytest.approx(14.5e9, rel=0.01)


def test_a_gpu_is_never_filled_to_the_brim() -> None:
    assert gpus_needed(20e9, 24e9) == 1
    assert gpus_needed(22e9, 24e9) == 2
    assert gpus_needed(0, 24e9) == 1
    with pytest.raises(ValueError, match="0 bytes"):
        gpus_needed(1, 0)


def test_misspelled_names_are_named() -> None:
    with pytest.raises(UsageError, match="'lora'"):
        training_memory(SMOL, TrainingSetup("lara"))
    with pytest.raises(UsageError, match="'nf4'"):
        weight_bytes(SMOL, "nf-4")


@given(batch=st.integers(1, 64), length=st.integers(1, 4096), more=st.integers(1, 64))
def test_more_work_never_needs_less(batch: int, length: int, more: int) -> None:
    small, large = (
        TrainingSetup(batch=batch, length=length),
        TrainingSetup(batch=batch + more, length=length),
    )
    assert training_memory(SMOL, small).total < training_memory(SMOL, large).total
    served, longer = (
        inference_memory(SMOL, batch=batch, length=positions).total
        for positions in (length, length + more)
    )
    assert served < longer


MIB = 2**20
MEASURED = [  # model, method, positions of 16 rows, recomputed, peak of the process in MiB
    (SMOL, "lora", 64, False, 2428),
    (SMOL, "lora", 160, False, 4873),
    (SMOL, "full", 64, False, 4106),
    (SMOL, "qlora", 64, False, 2556),
    (SMOL, "lora", 64, True, 1574),
    (GEMMA, "lora", 64, False, 2956),
    (GEMMA, "lora", 160, False, 5128),
    (GEMMA, "full", 64, False, 7384),
    (GEMMA, "lora", 96, True, 2373),
]


@pytest.mark.parametrize(("sizes", "method", "length", "recompute", "peak"), MEASURED)
def test_peaks_that_were_measured_on_a_cpu(
    sizes: Architecture, method: str, length: int, recompute: bool, peak: int
) -> None:
    """VmHWM over steps of 16 rows with two scored positions each; rank 16, all projections."""
    setup = TrainingSetup(
        method,
        trainable=sizes.parameters if method == "full" else lora_parameters(sizes, 16),
        batch=16,
        length=length,
        recompute=recompute,
        kbit_prepared=False,
        scored_fraction=2 / length,
        process=435 * MIB + HOST_LIBRARIES,
        slack=HOST_SLACK,
        churn=HOST_CHURN,
    )
    assert training_memory(sizes, setup).total / MIB == pytest.approx(peak, rel=0.1)
