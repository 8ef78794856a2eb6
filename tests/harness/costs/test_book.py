import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.costs.book import PriceBook, load_book
from harness.costs.tokens import api_price, token_usd, training_price
from harness.errors import DataError, UsageError
from harness.types import Usage

BOOK = load_book()


def own(tmp_path: Path, text: str) -> PriceBook:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return load_book(path)


PARTS = (
    "machines",
    "tokens",
    "training",
    "batch",
    "labels",
    "experts",
    "stores",
    "electricity",
    "currencies",
)
TODAY = dt.date(2026, 11, 25)


def test_every_shipped_price_says_from_whom_and_when() -> None:
    assert len(BOOK.machines) >= 25
    rows = [row for part in PARTS for row in getattr(BOOK, part)]
    assert len(rows) >= 35
    for row in rows:
        assert row.source and row.date
        if row.date != "unknown":
            assert row.age_days(TODAY) >= 0
    for gpu in BOOK.gpus:
        assert gpu.source and gpu.device_tokens


def test_seoul_stands_beside_us_east_1_and_every_tier_is_there() -> None:
    assert {"us-east-1", "ap-northeast-2", "asia-northeast3"} <= {r.region for r in BOOK.machines}
    assert {r.tier for r in BOOK.machines} == {"on-demand", "spot", "reserved"}
    seoul, spot = BOOK.machine("aws-l4-seoul"), BOOK.machine("aws-l4-seoul-spot")
    assert BOOK.machine("aws-l4").usd_per_hour < seoul.usd_per_hour
    assert spot.usd_per_hour < 0.5 * seoul.usd_per_hour
    years = [BOOK.machine(f"gcp-a100-40-seoul-{term}").usd_per_hour for term in ("3y", "1y")]
    assert years[0] < years[1] < BOOK.machine("gcp-a100-40-seoul").usd_per_hour


def test_what_is_old_undated_or_second_hand_says_so() -> None:
    assert BOOK.machine("aws-l4").warnings(TODAY) == ["second-hand"]
    assert BOOK.currency("krw").warnings(TODAY) == ["366 days old", "second-hand"]
    assert BOOK.machine("scp-s1v2m8").warnings(TODAY)[0] == "undated"
    assert BOOK.machine("aws-l4").warnings(dt.date(2027, 3, 1))[0] == "120 days old"
    assert BOOK.machine("aws-l4").warnings(dt.date(2026, 10, 1))[0] == "dated in the future"


def test_a_machine_of_one_s_own_is_computed(tmp_path: Path) -> None:
    book = own(
        tmp_path,
        """
machines:
  - {id: ours, kind: gpu, provider: us, date: 2026-11, source: invoice, gpu: l4, gpus: 2,
     owned: {price_usd: 17520, life_years: 4, watts: 500, pue: 1.5, usd_per_kwh: 0.2,
             maintenance_per_year: 0.1}}
""",
    )
    ours = book.machine("ours")
    # 17,520 over 4 years of 8,760 hours, a tenth of it a year, and 0.75 kWh an hour
    assert ours.usd_per_hour == pytest.approx(0.5 + 0.2 + 0.15)
    assert ours.usd_per_device_hour == pytest.approx(0.425) and ours.tier == "owned"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "usd_per_hour: 1, owned: {price_usd: 1, life_years: 1, watts: 1, pue: 1, usd_per_kwh: 1}",
            "is computed",
        ),
        (
            "owned: {price_usd: 1, life_years: 1, watts: 1, pue: 0.9, usd_per_kwh: 1}",
            "greater than or equal to 1",
        ),
        ("usd_per_hour: 1, tier: reserved", "term_years"),
        ("usd_per_hour: 1, term_years: 3", "term_years"),
        ("usd_per_hour: 1, tier: owned", "price and power under `owned`"),
        ("usd_per_hour: 1, date: 2026-13", "string should match"),
    ],
)
def test_a_machine_that_can_t_be_is_refused(tmp_path: Path, text: str, says: str) -> None:
    row = "{id: x, kind: cpu, provider: a, source: s, date: 2026-11, " + text + "}"
    if "date: 2026-13" in text:
        row = row.replace("date: 2026-11, ", "")
    with pytest.raises(DataError, match=f"(?i){says}"):
        own(tmp_path, f"machines: [{row}]")


def test_an_expert_s_minutes_have_the_price_of_a_named_row(tmp_path: Path) -> None:
    row = (
        "{id: ours, region: Seoul, per_hour: 50000, currency: KRW, date: 2026-11, source: payroll}"
    )
    book = own(tmp_path, f"experts: [{row}]")
    rate = book.currency("KRW").per_usd
    assert book.people_usd(30, "ours") == pytest.approx(25_000 / rate)
    assert book.people_usd(60, "us-claims-adjuster") == pytest.approx(36.07)
    assert book.people_usd(30, None) is None is book.people_usd(0, "ours"), "never 0"
    with pytest.raises(UsageError, match="no expert 'our'"):
        book.people_usd(30, "our")


def test_a_won_price_of_electricity_is_in_dollars() -> None:
    assert BOOK.usd_per_kwh("kr-industrial") == pytest.approx(182.6 / 1477.1)
    with pytest.raises(UsageError, match="KRW"):
        BOOK.currency("KRV")


def test_fine_tuning_is_priced_where_it_is_known_and_nowhere_else() -> None:
    mini = BOOK.training_for("gpt-4o-mini-2024-07-18")
    assert mini is not None and mini.usd_per_1m == 3 and mini.no_new_jobs_after == "2027-01-06"
    assert BOOK.training_for("gpt-4.1-mini") is None
    assert BOOK.training_for("any", provider="ori") is not None


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
        ("- 1", "line 1: a price book begins with fields"),
        ("machines: [", "line 1: no YAML"),
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


def test_embeddings_are_priced_by_what_they_read() -> None:
    price = api_price("text-embedding-3-small", "openai")
    assert price is not None and price.output_usd_per_1m is None
    assert token_usd(Usage(input_tokens=10**6), price) == pytest.approx(0.02)
    assert token_usd(Usage(input_tokens=1, output_tokens=1), price) is None


def test_cached_input_never_costs_more_and_a_batch_about_half(tmp_path: Path) -> None:
    row = "model: m, provider: p, output_usd_per_1m: 2, date: 2026-11, source: s"
    with pytest.raises(DataError, match="cached input costs more"):
        own(tmp_path, f"tokens: [{{{row}, input_usd_per_1m: 1, cached_usd_per_1m: 1.5}}]")
    for discount in BOOK.batch:
        assert 0.4 <= discount.factor <= 0.6
    assert BOOK.batch_factor("google") == 0.5 and BOOK.batch_factor("nobody") is None


@pytest.mark.slow
def test_the_bundled_table_keeps_to_that_too() -> None:
    from genai_prices.data_snapshot import get_snapshot

    found = 0
    for provider in get_snapshot().providers:
        if provider.id in {"openai", "anthropic", "google", "mistral", "cohere", "voyageai"}:
            # a row that breaks the rule is refused with a ValidationError
            found += sum(api_price(m.id, provider.id) is not None for m in provider.models)
    assert found > 100


@given(
    read=st.integers(0, 10**7),
    cached=st.integers(0, 10**7),
    made=st.integers(0, 10**7),
    batch=st.floats(0.01, 1),
)
def test_tokens_are_priced_in_proportion(read: int, cached: int, made: int, batch: float) -> None:
    price = api_price("gpt-4o-mini")
    assert price is not None
    usage = Usage(input_tokens=read, cached_tokens=cached, output_tokens=made)
    usd = token_usd(usage, price)
    assert usd is not None
    bare = token_usd(Usage(input_tokens=read, output_tokens=made), price)
    assert bare is not None and 0 <= usd <= bare * (1 + 1e-12)
    assert token_usd(usage, price, batch=batch) == pytest.approx(batch * usd)


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
    assert training_price("gpt-4o-mini", None, book) == 3, "before the shipped row"
    assert api_price("gpt-4o-mini", "openai", book).provider == "openai"  # type: ignore[union-attr]


def test_a_training_price_that_is_not_known_is_none() -> None:
    assert training_price("gpt-4.1-mini", None, BOOK) is None
    assert training_price("gpt-4o-mini", None, BOOK) == 3


def test_a_tuned_model_is_priced_as_what_it_is() -> None:
    price, plain = api_price("ft:gpt-4o-mini-2024-07-18:acme::x"), api_price("gpt-4o-mini")
    assert price is not None and plain is not None and price.provider == "openai"
    assert price.output_usd_per_1m == 2 * plain.output_usd_per_1m  # type: ignore[operator]
    assert api_price("ft:nobody-knows:acme::x") is None


def test_what_a_price_of_training_does_not_hold_is_said() -> None:
    mini, ori = BOOK.training_for("gpt-4o-mini"), BOOK.training_for("any", provider="ori")
    assert mini is not None and "after 2027-01-06" in mini.limits["retirement"]
    assert ori is not None and list(ori.limits) == ["hosting"]
    assert "an unknown price" in ori.limits["hosting"]
    dear = ori.model_copy(update={"hosting_usd_per_hour": 1.7})
    assert "$1.7 an hour" in dear.limits["hosting"]
