from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.costs.book import TokenPrice, load_book
from harness.costs.options import PriceOptions
from harness.costs.pricing import Cost, price
from harness.costs.tokens import token_usd
from harness.records.ledger import PhaseTotal
from harness.records.model import Architecture, ModelInfo
from harness.types import Usage

BOOK = load_book()
CPU = BOOK.machine(BOOK.defaults.cpu)
SIZES = Architecture(
    parameters=134_515_008,
    trunk_parameters=106_203_456,
    layers=30,
    hidden=576,
    kv_heads=3,
    head_dim=64,
    vocabulary=49_152,
)
MODEL = ModelInfo("small", architecture=SIZES)
SECONDS = st.floats(0, 1e6)
DEVELOPED = ("label", "index", "tune", "train", "validate", "save", "load")


def phase(seconds: float = 0.0, devices: int = 1, **more: object) -> PhaseTotal:
    return PhaseTotal(seconds=seconds, device_seconds=seconds * devices, **more)  # type: ignore[arg-type]


def priced(
    development: dict[str, PhaseTotal] | None = None,
    deployment: dict[str, PhaseTotal] | None = None,
    *,
    device: str = "cpu",
    model: ModelInfo | None = None,
    **chosen: object,
) -> Cost:
    return price(
        development=development or {},
        deployment=deployment or {},
        device_class=device,
        model=model,
        book=BOOK,
        options=PriceOptions(**{"basis": "as-used", **chosen}),  # type: ignore[arg-type]
    )


def serve(seconds: float = 36.0, requests: int = 100, **usage: int) -> dict[str, PhaseTotal]:
    total = phase(seconds, quantities={"requests": requests}, usage=Usage(**usage))
    return {"serve": total}


def test_development_and_deployment_by_hand() -> None:
    cost = priced({"train": phase(3600), "save": phase(1800)}, serve(input_tokens=1500))
    assert cost.development_usd == pytest.approx(1.5 * CPU.usd_per_hour)
    assert cost.usd_per_1k_requests == pytest.approx(CPU.usd_per_hour * 36 * 1000 / (3600 * 100))
    assert cost.usd_per_1k_tokens == pytest.approx(CPU.usd_per_hour * 0.01 / 1.5)
    assert cost.by_phase["train"] == pytest.approx(CPU.usd_per_hour)
    assert cost.machine == CPU
    assert "seconds that requests took" in cost.notes["usd_per_1k_requests"]
    assert cost.basis == "as-used"


def test_nothing_generated_has_no_price_per_output_token_and_says_so() -> None:
    cost = priced(deployment=serve(input_tokens=10))
    assert cost.usd_per_1k_output_tokens is None
    assert "nothing is generated" in cost.notes["usd_per_1k_output_tokens"]
    generated = priced(deployment=serve(input_tokens=10, output_tokens=10))
    assert generated.usd_per_1k_output_tokens == pytest.approx(
        2 * (generated.usd_per_1k_tokens or 0)
    )


def test_answering_and_measuring_is_not_development() -> None:
    measured = {name: phase(99) for name in ("serve", "latency", "probe", "judge")}
    cost = priced({"train": phase(10), **measured})
    assert cost.development_usd == pytest.approx(10 / 3600 * CPU.usd_per_hour)
    assert cost.by_phase["judge"]


def test_nothing_developed_costs_nothing() -> None:
    cost = priced(deployment=serve())
    assert cost.development_usd == 0 and not cost.unpriced


def test_labels_are_unpriced_unless_they_have_a_price() -> None:
    label = {"label": phase(quantities={"train_rows": 900.0, "dev_rows": 100.0})}
    alone = priced(label)
    assert alone.development_usd is None and alone.unpriced == ("label",)
    assert "label" in alone.notes["development_usd"]
    part = priced({**label, "train": phase(3600)})
    assert part.development_usd == pytest.approx(CPU.usd_per_hour)
    assert part.by_phase["label"] is None and "without label" in part.notes["development_usd"]
    assert priced(label, label_usd=0.25).development_usd == pytest.approx(250)


def test_two_loads_are_two_rows() -> None:
    cost = priced({"load": phase(1), "train": phase(1)}, {"load": phase(2), **serve()})
    assert set(cost.by_phase) == {"load", "train", "serve load", "serve"}
    assert cost.development_usd == pytest.approx(2 / 3600 * CPU.usd_per_hour)


def test_gpu_hours_are_those_of_gpus_that_ran() -> None:
    on_cpu = priced({"train": phase(3600)})
    assert on_cpu.gpu_hours == 0 and on_cpu.device_hours == 1
    assert on_cpu.notes["device_hours"] == "CPU-machine hours"
    on_gpus = priced({"train": phase(3600, devices=4)}, device="cuda:NVIDIA L4")
    assert on_gpus.gpu_hours == 4
    assert on_gpus.development_usd == pytest.approx(4 * BOOK.machine("aws-l4").usd_per_hour)


def test_a_gpu_without_a_price_is_unpriced_not_free() -> None:
    cost = priced({"train": phase(5)}, serve(), device="cuda:NVIDIA GeForce RTX 4090")
    assert cost.development_usd is None and cost.usd_per_1k_requests is None
    assert cost.by_phase == {"train": None, "serve": None}
    assert "--machine" in cost.notes["usd_per_1k_requests"]
    named = priced({"train": phase(5)}, device="cuda:NVIDIA GeForce RTX 4090", machine="runpod-l4")
    assert named.development_usd


def test_another_device_s_price_on_these_seconds_is_said() -> None:
    moved = priced({"train": phase(60)}, machine="aws-l4-seoul")
    assert "seconds were measured on cpu" in moved.notes["machine"]
    assert "--project-to" in moved.notes["machine"]
    for machine in ("scp-s1v2m8", None):
        assert "machine" not in priced({"train": phase(60)}, machine=machine).notes
    gpu = priced({"train": phase(60)}, device="cuda:NVIDIA L4", machine="runpod-l4")
    assert "machine" not in gpu.notes
    other = priced({"train": phase(60)}, device="cuda:NVIDIA L4", machine="h100")
    assert "NVIDIA L4" in other.notes["machine"]


def test_reused_work_is_counted_and_marked() -> None:
    cost = priced({"train": phase(3600, paid="reused")}, serve())
    assert cost.development_usd == pytest.approx(CPU.usd_per_hour)
    assert cost.notes["reused"].startswith("train:")
    warm = serve()
    warm["serve"] = replace(warm["serve"], paid="cached")
    assert (
        priced(deployment=warm).usd_per_1k_requests
        == priced(deployment=serve()).usd_per_1k_requests
    )


def test_an_api_is_priced_by_tokens() -> None:
    usage = {"input_tokens": 2_000_000, "cached_tokens": 1_000_000, "output_tokens": 500_000}
    model = ModelInfo("gpt-4o-mini")
    cost = priced(deployment=serve(requests=1000, **usage), device="api", model=model)
    assert cost.tokens is not None
    assert cost.usd_per_1k_requests == pytest.approx(0.15 + 0.075 + 0.3)
    assert cost.usd_per_1k_output_tokens == pytest.approx(0.525 / 500)
    assert cost.gpu_hours == 0 and "vendor" in cost.notes["gpu_hours"]
    assert cost.projection is None and "vendor" in cost.notes["projected_gpu_hours"]


def test_an_api_model_without_a_price_is_unpriced() -> None:
    cost = priced(
        deployment=serve(input_tokens=10**6), device="api", model=ModelInfo("nobody-knows-it")
    )
    assert cost.usd_per_1k_requests is None and cost.usd_per_1k_tokens is None
    assert "token price" in cost.notes["usd_per_1k_requests"]


def test_a_vendor_s_training_without_a_price_is_named() -> None:
    train = {"train": phase(60, usage=Usage(input_tokens=10**6))}
    cost = priced(train, device="api", model=ModelInfo("gpt-4.1-mini"))
    assert cost.development_usd is None and cost.unpriced == ("train",)


def test_no_request_is_said() -> None:
    cost = priced(deployment={"serve": phase(10)})
    assert cost.usd_per_1k_requests is None and "how many" in cost.notes["usd_per_1k_requests"]
    assert "nothing was served" in priced({"train": phase(1)}).notes["usd_per_1k_requests"]


def test_a_cost_is_json() -> None:
    import json

    train = phase(60, usage=Usage(input_tokens=1000), quantities={"trainable_parameters": 10.0})
    value = priced({"train": train}, serve(input_tokens=10), model=MODEL).as_dict()
    read = json.loads(json.dumps(value))
    assert read["machine"]["id"] == CPU.id and read["projection"]["kind"] == "projection"


@given(seconds=SECONDS, factor=st.floats(0.1, 100))
def test_prices_are_linear_in_seconds(seconds: float, factor: float) -> None:
    once = priced({"train": phase(seconds)}, serve(seconds))
    more = priced({"train": phase(factor * seconds)}, serve(factor * seconds))
    assert more.development_usd == pytest.approx(factor * (once.development_usd or 0))
    assert more.usd_per_1k_requests == pytest.approx(factor * (once.usd_per_1k_requests or 0))


@given(
    seconds=st.dictionaries(st.sampled_from(DEVELOPED), SECONDS),
    extra=st.sampled_from(DEVELOPED),
    more=SECONDS,
    label=st.none() | st.floats(0, 10),
)
def test_another_phase_never_lowers_the_cost(
    seconds: dict[str, float], extra: str, more: float, label: float | None
) -> None:
    before = {name: phase(s, quantities={"rows": 10.0}) for name, s in seconds.items()}
    after = before if extra in before else before | {extra: phase(more, quantities={"rows": 10.0})}
    low = priced(before, label_usd=label).development_usd
    high = priced(after, label_usd=label).development_usd
    assert high is None or low is None or high >= low
    assert high is not None or set(after) <= {"label"}


@given(
    device=st.sampled_from(["mps:mps", "cuda:NVIDIA RTX 2000", "api"]),
    seconds=SECONDS,
    tokens=st.integers(1, 10**9),
)
def test_an_unknown_price_is_never_zero(device: str, seconds: float, tokens: int) -> None:
    cost = priced(
        {"train": phase(seconds)},
        serve(seconds, input_tokens=tokens, output_tokens=tokens),
        device=device,
        model=ModelInfo("nobody-knows-it"),
    )
    figures = [
        cost.development_usd,
        cost.usd_per_1k_requests,
        cost.usd_per_1k_tokens,
        cost.usd_per_1k_output_tokens,
        *cost.by_phase.values(),
    ]
    assert figures == [None] * len(figures)


COUNT = st.integers(0, 10**9)


@given(given_tokens=COUNT, cached=COUNT, output=COUNT, discount=st.floats(0, 1))
def test_cached_tokens_are_not_billed_twice(
    given_tokens: int, cached: int, output: int, discount: float
) -> None:
    row = TokenPrice(
        model="m",
        provider="p",
        input_usd_per_1m=2.0,
        cached_usd_per_1m=2.0 * discount,
        output_usd_per_1m=8.0,
        date="2026-11",
        source="test",
    )
    cold = token_usd(Usage(input_tokens=given_tokens, output_tokens=output), row)
    warm = token_usd(
        Usage(input_tokens=given_tokens, cached_tokens=cached, output_tokens=output), row
    )
    saved = min(cached, given_tokens) * 2.0 * (1 - discount) / 1e6
    assert warm == pytest.approx(cold - saved)
    assert warm <= cold * (1 + 1e-12)


def with_peak(total: PhaseTotal, gibibytes: float) -> PhaseTotal:
    total.peak_memory_bytes = int(gibibytes * 2**30)
    return total


def test_the_machine_is_the_cheapest_that_holds_the_work() -> None:
    cost = priced(
        {"train": with_peak(phase(3600), 7.5)},
        deployment={"serve": with_peak(serve()["serve"], 2)},
        basis="always-on",
    )
    larger = BOOK.machine("aws-r7i.large")
    assert cost.machine == CPU and cost.development_machine == larger
    assert cost.by_phase["train"] == pytest.approx(larger.usd_per_hour)
    assert cost.months[0].usd == pytest.approx(730 * CPU.usd_per_hour)
    assert "aws-m7i.large is too small for 7.5 GiB" in cost.notes["development_machine"]
    assert "machine" not in cost.notes, "the usual one answers"
    fits = priced({"train": with_peak(phase(3600), 7.1)})
    assert fits.development_machine == CPU


def test_a_machine_that_does_not_hold_the_work_prices_nothing() -> None:
    train = {"train": with_peak(phase(3600), 7.5)}
    small = priced(train, machine="aws-c7i.large")
    assert small.development_usd is None and small.development_machine is None
    assert "7.5 GiB of memory, and aws-c7i.large has 4 GiB" in small.notes["development_usd"]
    huge = priced({"train": with_peak(phase(3600), 900)})
    assert huge.development_usd is None and "no CPU machine" in huge.notes["development_usd"]


def test_a_machine_that_does_not_say_its_memory_is_never_the_default_and_named_says_so(
    tmp_path: Path,
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "machines: [{id: cheap, kind: cpu, provider: AWS, region: us-east-1, usd_per_hour: 0.01,"
        " date: 2026-11, source: s}]",
        encoding="utf-8",
    )
    book, train = load_book(own), {"train": with_peak(phase(3600), 7.5)}

    def cost(**chosen: str) -> Cost:
        return price(
            development=train, deployment={}, device_class="cpu", model=None, book=book,
            options=PriceOptions(**chosen),
        )  # fmt: skip

    usual = cost().development_machine
    assert usual is not None and usual.id == "aws-r7i.large"
    named = cost(machine="cheap")
    assert named.development_usd == pytest.approx(0.01)
    assert "doesn't say its memory" in named.notes["development_machine"]
