"""The layout that `make lint` holds: what may import what, and how large it may grow."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code, with the contracts, to plant faults in."""
    for name in ("harness", "strategies", ".ci"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def _contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("lint-imports")
    return _run([str(script), "--no-logo", "--no-cache"], folder)


def _plant(path: Path, line: str) -> None:
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("records/keys.py", "import harness.runs.plan", "only what stands below"),
        ("report/format.py", "import harness.runs.plan", "only what stands below"),
        ("strategy/registry.py", "import strategies.lora", "no strategy by name"),
    ],
)
def test_a_forbidden_import_fails_the_contracts(
    copy: Path, file: str, line: str, contract: str
) -> None:
    _plant(copy / "harness" / file, line)
    result = _contracts(copy)
    assert result.returncode == 1
    assert any(contract in row and "BROKEN" in row for row in result.stdout.splitlines())


@pytest.mark.slow
def test_the_layout_is_printed_and_a_circle_is_named(copy: Path) -> None:
    command = [sys.executable, ".ci/structure.py"]
    clean = _run(command, copy)
    assert clean.returncode == 0, clean.stderr
    assert "13 packages" in clean.stdout
    assert "0 circles" in clean.stdout
    _plant(copy / "harness" / "errors.py", "import harness.text")
    _plant(copy / "harness" / "text.py", "import harness.errors")
    broken = _run(command, copy)
    assert broken.returncode == 1
    assert "circle: harness.errors, harness.text" in broken.stderr
