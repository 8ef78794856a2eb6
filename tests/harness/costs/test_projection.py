import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.costs.book import load_book
from harness.costs.flops import decode_seconds, inference_flops, training_flops
from harness.costs.options import PriceOptions
from harness.costs.pricing import price
from harness.costs.projection import MFU, Projection, project
from harness.errors import UsageError
from harness.records.ledger import PhaseTotal
from harness.records.model import Architecture, ModelInfo
from harness.types import Usage

BOOK = load_book()
SMALL = Architecture(134_515_008, 106_203_456, 30, 576, 3, 64, 49_152)
SEVEN = Architecture(7_241_732_096, 6_979_588_096, 32, 4096, 8, 128, 32_000)


def total(seconds: float = 1.0, usage: Usage | None = None, **amounts: float) -> PhaseTotal:
    return PhaseTotal(seconds, seconds, usage or Usage(), dict(amounts))


def projected(
    sizes: Architecture | None = SEVEN,
    machine: str = "aws-l4",
    mfu: float = MFU,
    quantization: str | None = None,
    **phases: PhaseTotal,
) -> Projection:
    serve = {"serve": phases.pop("serve")} if "serve" in phases else {}
    row = BOOK.machine(machine)
    made = project(
        phases,
        serve,
        ModelInfo("m", architecture=sizes, quantization=quantization),
        machine=row,
        gpu=BOOK.gpu(row.gpu or ""),
        mfu=mfu,
    )
    assert made is not None
    return made


def test_full_training_is_6nd_and_8nd_when_recomputing() -> None:
    once = training_flops(SEVEN, tokens=1e6, method="full")
    assert once == 6 * SEVEN.trunk_parameters * 1e6
    again = training_flops(SEVEN, tokens=1e6, method="full", recompute=True)
    last = SEVEN.layers * SEVEN.hidden * SEVEN.inner_width  # nothing needs its result again
    assert again == (8 * SEVEN.trunk_parameters - 2 * last) * 1e6
    assert again == pytest.approx(8 * SEVEN.trunk_parameters * 1e6, rel=0.1)


def test_lora_is_4nd_and_6nd_when_recomputing() -> None:
    n, own = SEVEN.trunk_parameters, 1e7
    assert training_flops(SEVEN, tokens=10, trainable=own) == 10 * (4 * n + 6 * own)
    assert training_flops(SEVEN, tokens=10, method="qlora", trainable=own, recompute=True) == (
        10 * (6 * n + 8 * own)
    )


def test_prompt_tuning_multiplies_nothing_more() -> None:
    assert training_flops(SEVEN, tokens=10, method="prompt-tuning", trainable=1e9) == (
        40 * SEVEN.trunk_parameters
    )


def test_a_misspelled_method_is_named() -> None:
    with pytest.raises(UsageError, match="'qlora'"):
        training_flops(SEVEN, tokens=1, method="qlor")


@pytest.mark.parametrize(
    ("method", "recompute", "measured"),
    [("lora", False, 4.45), ("lora", True, 5.79), ("full", False, 6.20), ("full", True, 7.45)],
)
def test_counts_measured_on_a_small_model(method: str, recompute: bool, measured: float) -> None:
    """Measured on SmolLM2-135M in units of all its weights times positions, all scored."""
    flops = training_flops(
        SMALL,
        tokens=1,
        method=method,
        trainable=9_768_960,
        recompute=recompute,
        scored_positions=1,
    )
    assert flops / SMALL.parameters == pytest.approx(measured, rel=0.1)


def test_decoding_one_sequence_is_bound_by_memory() -> None:
    gpu = BOOK.gpu("l4")
    limits = {"peak": gpu.peak * 0.3, "bandwidth": gpu.bandwidth * 0.5}
    one = decode_seconds(SEVEN, batch=1, context=500, **limits)
    # reading 14 GB at 150 GB/s takes about a tenth of a second, whatever the operations take
    assert one == pytest.approx(0.095, rel=0.05)
    slower = limits | {"peak": limits["peak"] / 50}
    assert one == decode_seconds(SEVEN, batch=1, context=500, **slower)
    many, wider = {"batch": 2048, "context": 1}, limits | {"bandwidth": 1e15}
    assert decode_seconds(SEVEN, **many, **limits) == decode_seconds(SEVEN, **many, **wider)


def test_four_bit_weights_are_not_taken_to_be_faster() -> None:
    """They are fewer bytes, but nobody has measured that unpacking them costs less."""
    answered = total(usage=Usage(input_tokens=1000, output_tokens=500), requests=10)
    plain, packed = (projected(quantization=each, serve=answered) for each in (None, "nf4"))
    assert plain.gpu_hours == packed.gpu_hours > 0


def test_a_projection_by_hand() -> None:
    usage = Usage(input_tokens=900_000, computed_tokens=1_000_000)
    made = projected(train=total(usage=usage, trainable_parameters=0, full=1))
    hours = 6 * SEVEN.trunk_parameters * 1e6 / (121e12 * 0.3 * 3600)
    assert made.gpu_hours == pytest.approx(hours)
    assert made.usd == made.development_usd == pytest.approx(hours * 0.80)
    assert made.gpu_hours_by_phase == {"train": made.gpu_hours}
    assert made.gpu_hours_low == pytest.approx(hours * 0.3 / 0.5)
    assert made.gpu_hours_high == pytest.approx(hours * 2)


def test_a_projection_says_that_it_is_one() -> None:
    made = projected(SMALL, train=total(usage=Usage(input_tokens=10), full=1))
    assert made.kind == "projection" and made.as_dict()["kind"] == "projection"
    assert made.lower_bound and any("lower bound" in text for text in made.assumptions)
    assert not projected(train=total(usage=Usage(input_tokens=10), full=1)).lower_bound


def test_serving_gives_a_unit_cost_and_decoding_dominates_it() -> None:
    usage = Usage(
        input_tokens=50_000,
        computed_tokens=53_200,
        output_tokens=3_200,
        scored_positions=3_200,
        decode_steps=3_200,
    )
    made = projected(serve=total(usage=usage, requests=100))
    prefill = inference_flops(SEVEN, tokens=50_000, mean_length=500) / (121e12 * 0.3 * 3600)
    assert made.gpu_hours > 10 * prefill
    assert made.usd_per_1k_requests == pytest.approx(made.usd * 10)
    assert made.development_usd == 0


def test_batches_make_decoding_cheaper() -> None:
    def hours(steps: int) -> float:
        usage = Usage(
            input_tokens=10, computed_tokens=3_210, output_tokens=3_200, decode_steps=steps
        )
        return projected(serve=total(usage=usage, requests=100)).gpu_hours

    assert hours(3_200) > 10 * hours(100)
    assert hours(0) == hours(3_200)


def test_work_of_other_models_and_without_tokens_is_left_out_and_said() -> None:
    tokens = Usage(input_tokens=1000)
    made = projected(
        index=total(usage=tokens), validate=total(), save=total(), train=total(usage=tokens, full=1)
    )
    assert set(made.gpu_hours_by_phase) == {"train"}
    said = " ".join(made.assumptions)
    assert "index: another model" in said and "validate: no tokens" in said and "saving" in said


def test_weights_counted_once_an_attempt_stay_within_the_model() -> None:
    usage = Usage(input_tokens=1000)
    capped = projected(SMALL, train=total(usage=usage, trainable_parameters=1e12))
    most = training_flops(SMALL, tokens=1000, trainable=SMALL.parameters)
    assert capped.gpu_hours == pytest.approx(most / (121e12 * 0.3 * 3600))


@given(mfu=st.floats(0.05, 0.9), tokens=st.integers(1, 10**9))
def test_the_range_holds_the_value(mfu: float, tokens: int) -> None:
    made = projected(mfu=mfu, train=total(usage=Usage(input_tokens=tokens), full=1))
    assert 0 < made.gpu_hours_low <= made.gpu_hours <= made.gpu_hours_high


@pytest.mark.parametrize(
    ("model", "device", "project_to", "reason"),
    [
        (None, "cpu", None, "no language model"),
        (ModelInfo("m"), "cpu", None, "sizes of m"),
        (ModelInfo("m", architecture=SEVEN), "cpu", "aws-m7i.large", "no GPU"),
        (ModelInfo("m", architecture=SEVEN), "cuda:NVIDIA L4", None, "measured"),
    ],
)
def test_no_projection_has_a_reason(
    model: ModelInfo | None, device: str, project_to: str | None, reason: str
) -> None:
    phases = {"train": total(usage=Usage(input_tokens=10), full=1)}
    cost = price(
        development=phases,
        deployment={},
        device_class=device,
        model=model,
        book=BOOK,
        options=PriceOptions(project_to=project_to),
    )
    assert cost.projection is None and cost.projected_gpu_hours is None
    assert reason in cost.notes["projected_gpu_hours"]


def test_a_run_on_a_cpu_is_projected_to_the_book_s_gpu_or_the_one_named() -> None:
    phases = {"train": total(usage=Usage(input_tokens=10**6), full=1)}
    model = ModelInfo("m", architecture=SEVEN)
    common = {"development": phases, "deployment": {}, "device_class": "cpu", "book": BOOK}
    first = price(model=model, **common)  # type: ignore[arg-type]
    other = price(model=model, options=PriceOptions(project_to="h100"), **common)  # type: ignore[arg-type]
    assert first.projection is not None and first.projection.gpu == "NVIDIA L4"
    assert other.projection is not None and other.projection.machine == "aws-h100"
    assert first.gpu_hours == 0 and (first.projected_gpu_hours or 0) > 0
    assert "not measured" in first.notes["projected_gpu_hours"]
