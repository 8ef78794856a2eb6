"""The catalogue: what it must say about each model, and which model a language gets."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.models.sources import catalog as module
from harness.models.sources.catalog import CatalogEntry, catalog, default_model


@pytest.mark.parametrize("entry", catalog().values(), ids=catalog())
def test_an_entry_is_pinned_and_licensed(entry: CatalogEntry) -> None:
    assert entry.licence.name and entry.licence.url.startswith("https://")
    assert any(wheel.part for wheel in entry.wheels)
    beside = any(wheel.beside for wheel in entry.wheels)
    assert beside or entry.licence.url.endswith("/LICENSE"), "the licence's text can be read"
    assert entry.disk_bytes > entry.gguf.bytes + 2 * entry.parameters
    assert "GGUF" in entry.origin


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("ko", "gemma-3-270m"),
        ("ko-KR", "gemma-3-270m"),
        ("en", "smollm2-135m-instruct"),
        ("en-US", "smollm2-135m-instruct"),
        ("de", "gemma-3-270m"),
        ("zh", "gemma-3-270m"),
    ],
)
def test_each_language_has_a_default(language: str, name: str) -> None:
    assert default_model(language) == name


def test_no_default_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "catalog", dict)
    with pytest.raises(UsageError, match="No model is the default for 'ko'"):
        default_model("ko")


def test_a_key_that_is_unknown_is_refused() -> None:
    fields = catalog()["gemma-3-270m"].model_dump() | {"licens": "?"}
    with pytest.raises(ValueError, match="licens"):
        CatalogEntry(**fields)
