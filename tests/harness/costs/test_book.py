from pathlib import Path

import pytest

from harness.costs.book import PriceBook, load_book
from harness.costs.tokens import api_price, token_usd, training_usd
from harness.errors import DataError, UsageError
from harness.types import Usage

BOOK = load_book()


def own(tmp_path: Path, text: str) -> PriceBook:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return load_book(path)


def test_every_shipped_price_says_from_whom_and_when() -> None:
    assert len(BOOK.machines) >= 15
    for row in BOOK.machines:
        assert row.source and row.note and row.date == "2026-11"
    for gpu in BOOK.gpus:
        assert gpu.source and gpu.device_tokens


def test_the_spread_of_one_gpu_is_kept() -> None:
    prices = {row.usd_per_hour for row in BOOK.machines if row.gpu == "h100"}
    assert (min(prices), max(prices)) == (2.69, 12.29)


def test_defaults_are_a_cpu_machine_and_an_l4() -> None:
    assert BOOK.machine(BOOK.defaults.cpu).kind == "cpu"
    assert BOOK.machine(BOOK.defaults.projection).gpu == "l4"
    assert BOOK.machine("l4").id == BOOK.defaults.projection


@pytest.mark.parametrize(
    ("device", "gpu"),
    [
        ("cuda:NVIDIA L4", "l4"),
        ("cuda:NVIDIA L40S", "l40s"),
        ("cuda:NVIDIA A100-SXM4-40GB", "a100-40"),
        ("cuda:NVIDIA A100 80GB PCIe", "a100-80"),
        ("cuda:NVIDIA H100 80GB HBM3", "h100"),
        ("cuda:NVIDIA H200", "h200"),
        ("cuda:NVIDIA A10G", "a10g"),
        ("cuda:Tesla T4", "t4"),
    ],
)
def test_a_driver_s_name_finds_its_price(device: str, gpu: str) -> None:
    row = BOOK.machine_for(device)
    assert row is not None and row.gpu == gpu


@pytest.mark.parametrize(
    "device", ["cuda:NVIDIA GeForce RTX 4090", "mps:mps", "api", "cuda:NVIDIA H100 MIG 1g.10gb"]
)
def test_a_device_without_a_row_gets_nobody_else_s_price(device: str) -> None:
    assert BOOK.machine_for(device) is None


def test_a_turing_gpu_is_projected_in_float16() -> None:
    assert BOOK.gpu("t4").peak == 65e12


def test_an_unknown_row_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="aws-l4'"):
        BOOK.machine("aws-l5")
    with pytest.raises(UsageError, match="l40s"):
        BOOK.gpu("l40")


def test_the_user_s_rows_go_over_the_shipped_ones(tmp_path: Path) -> None:
    book = own(
        tmp_path,
        """
machines:
  - {id: aws-l4, kind: gpu, provider: us, usd_per_hour: 0.5, date: 2026-12-01, source: bill, gpu: l4}
  - {id: ours, kind: gpu, provider: us, usd_per_hour: 8, gpus: 8, date: 2026-12, source: bill, gpu: h100}
defaults: {cpu: aws-c7i.large}
""",
    )
    assert book.machine("aws-l4").usd_per_hour == 0.5
    assert book.machine("aws-l4").date == "2026-12-01"
    assert book.machine("ours").usd_per_device_hour == 1
    assert book.machine("h100").id == "ours"
    assert book.machine("aws-t4") == BOOK.machine("aws-t4")
    assert book.defaults.cpu == "aws-c7i.large"
    assert len(book.machines) == len(BOOK.machines) + 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("machines: [{id: x, kind: cpu, provider: a, date: 2026-12, source: s}]", "machines.x"),
        ("machines: [{id: x, usd_per_hour: 0}]", "machines.x"),
        ("machines: {id: x}", "isn't a list"),
        ("machines: [x]", "isn't a mapping"),
        ("machines: [{id: x}, {id: x}]", "two rows"),
        ("machine: []", "Did you mean 'machines'"),
        ("defaults: [1]", "isn't a mapping"),
        ("defaults: {cpu: aws-m7i.larg}", "Did you mean 'aws-m7i.large'"),
        ("- 1", "isn't a mapping"),
        ("machines: [", "can't read"),
        (
            "machines: [{id: x, kind: gpu, provider: a, usd_per_hour: 1, date: 2026-12, source: s}]",
            "names its gpu",
        ),
        (
            "machines: [{id: x, kind: gpu, provider: a, usd_per_hour: 1, date: 2026-12, source: s,"
            " gpu: l5}]",
            "no gpu row 'l5'",
        ),
    ],
)
def test_a_wrong_file_names_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        own(tmp_path, text)


def test_a_missing_file_is_the_user_s_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.yaml"):
        load_book(tmp_path / "nowhere.yaml")


def test_a_price_of_zero_is_refused(tmp_path: Path) -> None:
    row = "{id: x, kind: cpu, provider: a, usd_per_hour: 0, date: 2026-12, source: s}"
    with pytest.raises(DataError, match="greater than 0"):
        own(tmp_path, f"machines: [{row}]")


def test_a_known_model_is_priced_from_the_bundled_table() -> None:
    price = api_price("gpt-4o-mini")
    assert price is not None
    assert price.provider == "openai" and "genai-prices" in price.source
    assert 0 < (price.cached_usd_per_1m or 0) < price.input_usd_per_1m < price.output_usd_per_1m


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("no-such-model", None),
        ("gemma-3-270m", None),
        ("gpt-4o-mini", "no-such-vendor"),
        ("gpt-4o-mini-of-ours", "openai"),
        ("meta-llama/llama-3.3-70b-instruct:free", "openrouter"),
    ],
)
def test_an_unknown_model_is_unpriced_and_never_free(model: str, provider: str | None) -> None:
    assert api_price(model, provider) is None


def test_a_long_prompt_s_higher_tier_is_mentioned() -> None:
    price = api_price("gemini-2.5-pro")
    assert price is not None and "tier" in price.note


def test_the_user_s_token_price_comes_first(tmp_path: Path) -> None:
    book = own(
        tmp_path,
        "tokens: [{model: gpt-4o-mini, provider: us, input_usd_per_1m: 1, output_usd_per_1m: 2,"
        " training_usd_per_1m: 3, date: 2026-12, source: contract}]",
    )
    price = api_price("gpt-4o-mini", book=book)
    assert price is not None and price.provider == "us"
    usage = Usage(input_tokens=1_000_000, cached_tokens=400_000, output_tokens=500_000)
    assert token_usd(usage, price) == pytest.approx(2.0)  # no price for cached: no discount
    assert training_usd(2_000_000, price) == 6
    assert api_price("gpt-4o-mini", "openai", book).provider == "openai"  # type: ignore[union-attr]


def test_a_training_price_that_is_not_known_is_none() -> None:
    price = api_price("gpt-4o-mini")
    assert price is not None and training_usd(10, price) is None
