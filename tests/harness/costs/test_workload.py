"""A run in quantities on hardware that nobody here has: does it fit, how long, for how much."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.costs.book import load_book
from harness.costs.known import known_architecture
from harness.costs.memory import TrainingSetup, activation_bytes, training_memory
from harness.costs.workload import OnGpu, Serving, Training, Workload, in_other_tokens, on_gpu
from harness.records.model import Architecture

BOOK = load_book()


def sizes(name: str) -> Architecture:
    found = known_architecture(name)
    assert found is not None
    return found


MISTRAL = sizes("mistral-7b")
# 60 steps of 2 x 2 sequences: the settings of a Korean insurer's published study
REFERENCE = Training(
    "qlora",
    tokens=60 * 4 * 500,
    steps=60,
    micro_batches=120,
    batch=2,
    length=700,
    mean_length=500,
    scored_fraction=0.2,
    rank=32,
    targets=("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj"),
    quantization="nf4",
    kbit_prepared=True,
    recompute=True,
)
ASK = Serving(requests=400, prompt=500, longest=700, generated=64)


def put(
    workload: Workload, gpu: str = "a100-40", architecture: Architecture = MISTRAL, **more: float
) -> OnGpu:
    machine = BOOK.machine(gpu)
    return on_gpu(workload, architecture, machine=machine, gpu=BOOK.gpu(machine.gpu or ""), **more)


def test_a_7b_model_is_tuned_on_one_a100_of_the_book() -> None:
    made = put(Workload(REFERENCE, ASK))
    assert made.fits and made.gpus_train == made.gpus_serve == 1
    assert 5e9 < (made.train_bytes or 0) < 9e9  # NF4 and recomputation: a small GPU would do
    assert made.kind == "projection" and not made.lower_bound
    assert made.usd == pytest.approx(made.gpu_hours * 2.75)
    assert made.gpu_hours_low < made.gpu_hours < made.gpu_hours_high
    assert 30 < 3600 * made.train_hours < 120


def test_training_time_by_hand() -> None:
    long = replace(REFERENCE, tokens=10**7, steps=1, micro_batches=1)
    made = put(Workload(long, ASK), mfu=0.4, mbu=0.6)
    moved = long.trainable(MISTRAL) * (2 * 12 + 4) / (1555e9 * 0.6)
    assert 3600 * made.train_hours == pytest.approx(long.flops(MISTRAL) / (312e12 * 0.4) + moved)


def test_small_micro_batches_wait_for_the_weights() -> None:
    few = replace(REFERENCE, tokens=120.0)
    weights = 2 * (MISTRAL.trunk_parameters + MISTRAL.vocabulary * MISTRAL.hidden)
    made = put(Workload(few, ASK), mbu=0.5)
    assert 3600 * made.train_hours >= 120 * 3 * weights / (1555e9 * 0.5)


def test_what_doesn_t_fit_takes_several_gpus() -> None:
    full = replace(REFERENCE, method="full", rank=0, quantization=None, recompute=False)
    made = put(Workload(full, ASK), "l4")
    assert not made.fits and made.gpus_train is not None and made.gpus_train >= 5
    assert any("split" in note for note in made.notes)
    seventy = put(Workload(None, ASK), "h100", sizes("meta-llama/Llama-2-70b-hf"))
    assert seventy.gpus_train is None and seventy.train_bytes is None and seventy.gpus_serve == 3


def test_a_small_model_s_figures_are_a_lower_bound() -> None:
    made = put(Workload(None, ASK), "l4", sizes("gemma-3-270m"))
    assert made.lower_bound and made.as_dict()["notes"]


def test_memory_of_others_trainings_on_a_gpu() -> None:
    """PEFT's comparison on an L40S: Llama-3.2-3B, batch 4, up to 768 tokens, everything scored."""
    three = sizes("meta-llama/Llama-3.2-3B")
    targets = ("q_proj", "v_proj")
    common = {"batch": 4, "length": 768}
    lora = training_memory(
        three,
        TrainingSetup("lora", trainable=9_175_040, targets=targets, **common),  # type: ignore[arg-type]
    )
    full = training_memory(three, TrainingSetup("full-bf16", **common))  # type: ignore[arg-type]
    assert lora.total == pytest.approx(22_273_851_392, rel=0.1)
    assert full.total == pytest.approx(37_241_225_216, rel=0.1)


@pytest.mark.parametrize(
    ("name", "method", "measured"),
    [
        ("smollm2-135m-instruct", "lora", 37_561 * 30),
        ("smollm2-135m-instruct", "full", 44_950 * 30),
        ("gemma-3-270m", "lora", 60_196 * 18),
    ],
)
def test_what_a_position_keeps_was_counted_on_saved_tensors(
    name: str, method: str, measured: float
) -> None:
    """Bytes of a position in all layers, by torch's hooks on saved tensors, 16 x 64 positions."""
    assert activation_bytes(sizes(name), TrainingSetup(method)) == pytest.approx(measured, rel=0.06)


@given(
    tokens=st.floats(1e3, 1e9),
    requests=st.integers(1, 10**5),
    generated=st.integers(0, 500),
    gpu=st.sampled_from(["l4", "l40s", "a100-80", "h100"]),
)
def test_more_work_never_takes_less(tokens: float, requests: int, generated: int, gpu: str) -> None:
    def hours(tokens: float, requests: int, generated: int) -> float:
        serving = replace(ASK, requests=requests, generated=generated)
        return put(Workload(replace(REFERENCE, tokens=tokens), serving), gpu).gpu_hours

    base = hours(tokens, requests, generated)
    for more in (
        hours(2 * tokens, requests, generated),
        hours(tokens, requests + 32, generated),
        hours(tokens, requests, generated + 8),
    ):
        assert more >= base * (1 - 1e-9)


def test_another_tokenizer_widens_the_range_by_its_tokens() -> None:
    """Half to twice the tokens: about half to twice the hours, beside what is assumed of speed."""
    work = Workload(None, Serving(requests=100, prompt=1000, longest=1200))
    machine, gpu, own = BOOK.machine("l40s"), BOOK.gpu("l40s"), put(work, "l40s")
    other = in_other_tokens(work, MISTRAL, (0.5, 2.0, "x"), machine=machine, gpu=gpu)
    assert other.gpu_hours == own.gpu_hours and other.usd_per_1k_requests == own.usd_per_1k_requests
    assert other.gpu_hours_low == pytest.approx(own.gpu_hours_low / 2, rel=0.1)
    assert other.gpu_hours_high == pytest.approx(own.gpu_hours_high * 2, rel=0.1)
    assert other.usd_per_1k_requests_high == pytest.approx(
        own.usd_per_1k_requests_high * 2, rel=0.1
    )
    assert own.gpu_hours_low < own.gpu_hours < own.gpu_hours_high
