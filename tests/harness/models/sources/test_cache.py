"""The cache: its place, its manifest and its room."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import StorageError
from harness.models.sources import cache


def _folder(tmp_path: Path) -> Path:
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_text(f"content of {name}", encoding="utf-8")
    cache.write_manifest(tmp_path, name="m")
    return tmp_path


def test_a_whole_folder_is_right(tmp_path: Path) -> None:
    assert cache.check(_folder(tmp_path)) == ""


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_changed_file_is_noticed(tmp_path: Path, name: str) -> None:
    file = _folder(tmp_path) / name
    file.write_text(file.read_text(encoding="utf-8").upper(), encoding="utf-8")
    assert cache.check(tmp_path) == f"{name} has another sha256"
    assert cache.check(tmp_path, sizes_only=True) == ""
    file.write_text("short", encoding="utf-8")
    assert cache.check(tmp_path, sizes_only=True) == f"{name} has another size"
    file.unlink()
    assert cache.check(tmp_path) == f"{name} is missing"


def test_a_broken_manifest_is_noticed(tmp_path: Path) -> None:
    (_folder(tmp_path) / cache.MANIFEST).write_text("{", encoding="utf-8")
    assert "manifest.json" in cache.check(tmp_path)


def test_the_digest_is_of_weights_and_tokenizer(tmp_path: Path) -> None:
    before = cache.digest_of(_folder(tmp_path))
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    assert cache.digest_of(tmp_path) == before
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert cache.digest_of(tmp_path) != before


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.cache_folder() == tmp_path / "xdg" / "adaptbench"
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "own"))
    assert cache.cache_folder() == tmp_path / "own"
    assert cache.cache_folder(tmp_path) == tmp_path


def test_space_is_checked(tmp_path: Path) -> None:
    cache.require_space(tmp_path, 1)
    with pytest.raises(StorageError, match="MiB are needed"):
        cache.require_space(tmp_path, 2**60)
