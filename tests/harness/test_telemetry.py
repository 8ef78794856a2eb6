"""No library reports its use: in a namespace without network, nothing even asks for a name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OFF = {
    "ANONYMIZED_TELEMETRY": "False", "DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1", "RAGAS_DO_NOT_TRACK": "true", "RAY_USAGE_STATS_ENABLED": "0",
}  # fmt: skip
# Python reads this at its start, in every process of a command: it writes down each attempt.
WATCH = """
import os, sys

def note(event, arguments):
    if event == "socket.connect" and not isinstance(arguments[1], (str, bytes)):
        where = str(arguments[1][0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        where = str(arguments[0])
    else:
        return
    if where not in ("127.0.0.1", "::1", "localhost", "None", "", "0.0.0.0"):
        with open(os.environ["ATTEMPTS"], "a") as file:
            file.write(event + " " + where + "\\n")

sys.addaudithook(note)
"""
# One process for all commands: the libraries are loaded once.
DRIVER = """
import json, sys
from harness.cli import main

for arguments in json.loads(sys.argv[1]):
    sys.argv = ["harness", *arguments]
    try:
        main()
    except SystemExit as done:
        print("exit", done.code or 0, flush=True)
    else:
        print("exit 0", flush=True)
"""


def _namespaces() -> bool:
    unshare = shutil.which("unshare")
    return (
        bool(unshare)
        and not subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode
    )  # type: ignore[list-item]


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    """The environment of a process whose attempts to reach anybody are written down."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in OFF and "OFFLINE" not in name and not name.lower().endswith("_proxy")
    }
    return kept | {
        "PYTHONPATH": f"{tmp_path / 'watch'}{os.pathsep}{ROOT}",
        "ATTEMPTS": str(tmp_path / "attempts.txt"),
        "HARNESS_CACHE": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }


def test_the_variables_are_set_before_any_library_is_loaded() -> None:
    code = "import harness, json, os; print(json.dumps(dict(os.environ)))"
    shown = {}
    for more in ({}, {"DO_NOT_TRACK": "0"}):
        bare = {name: value for name, value in os.environ.items() if name not in OFF}
        done = subprocess.run(
            [sys.executable, "-c", code], env=bare | {"PYTHONPATH": str(ROOT)} | more,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        shown = json.loads(done.stdout)
        assert OFF.items() - shown.items() <= OFF.items() & {("DO_NOT_TRACK", "1")}
    assert shown["DO_NOT_TRACK"] == "0"  # who wants it says so


def test_an_attempt_is_seen(tmp_path: Path, watched: dict[str, str]) -> None:
    code = "import socket\ntry: socket.getaddrinfo('hub.invalid', 443)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", code], env=watched, check=True)
    assert "hub.invalid" in (tmp_path / "attempts.txt").read_text()


@pytest.mark.slow
@pytest.mark.skipif(not _namespaces(), reason="this system permits no network namespace")
def test_no_verb_asks_for_anybody(
    tmp_path: Path, tiny_llama: Path, watched: dict[str, str]
) -> None:
    for package in ("chromadb", "ragas", "plotly"):
        pytest.importorskip(package)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "leave.txt").write_text("Parental leave lasts two years.")
    lines = [{"q": f"How long is leave {n}?", "a": f"{n} days"} for n in range(60)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)))
    common = ["--results", "r", "--model", str(tiny_llama), "--no-latency"]
    data = ["--data", "rows.jsonl", "--input", "q", "--target", "a", "--kind", "qa"]
    rag = ["run", "--strategy", "rag", *data, "--docs", "docs", "--set", "store=chroma",
           "--set", "embedder=hashed", "--set", "retriever=dense", "--limit", "6", *common]  # fmt: skip
    (tmp_path / "s.yaml").write_text(json.dumps({
        "name": "s", "matrix": {"strategy": ["majority", "tfidf"]},
        "defaults": {"data": {"path": "rows.jsonl", "input": "q", "target": "a", "kind": "qa"}},
    }))  # fmt: skip
    commands = [
        [*rag, "--ragas", "on"],
        [*rag, "--seed", "1", "--offline"],
        ["ask", "--docs", "docs", "--set", "embedder=hashed", "--set", "store=chroma",
         "--results", "r", "--model", str(tiny_llama), "How long is leave?"],
        ["study", "s.yaml", "--results", "r"],
        ["report", "--results", "r", "--out", "page.html"],
    ]  # fmt: skip
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", DRIVER, json.dumps(commands)],
        cwd=tmp_path, env=watched, capture_output=True, text=True, check=False,
    )  # fmt: skip
    exits = [line for line in done.stdout.splitlines() if line.startswith("exit ")]
    assert exits == ["exit 0"] * len(commands), done.stdout[-3000:] + done.stderr[-3000:]
    attempts = tmp_path / "attempts.txt"
    assert not attempts.exists(), attempts.read_text()
