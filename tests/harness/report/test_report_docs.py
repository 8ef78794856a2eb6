"""The commands of docs/report.md write pages, and its program runs."""

import shlex
import subprocess
import sys

import pytest
from synthetic import STRATEGIES, write_records

from tests.documents import ROOT, blocks, commands

GUIDE = "docs/report.md"


def harness(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, timeout=120,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "COLUMNS": "200"},
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    write_records(tmp_path / "results", kinds=STRATEGIES[:4], tasks=("insurer-ko",), items=30)
    write_records(tmp_path / "elsewhere/results", kinds=STRATEGIES[4:6], tasks=("insurer-ko",))
    return tmp_path


@pytest.mark.slow
def test_every_command_writes_its_page(folder):
    shown = commands(GUIDE)
    assert len(shown) == 5
    for command in shown:
        words = shlex.split(command)[1:]
        done = harness(*words, cwd=folder)
        assert done.returncode == 0, done.stderr
        page = words[words.index("--out") + 1] if "--out" in words else "reports/report.html"
        text = (folder / page).read_text(encoding="utf-8")
        assert text.startswith("<!doctype html>")
        assert ('lang="ko" data-lang' in text) == ("--language" in words)


def test_the_program_runs(folder, monkeypatch, capsys):
    (code,) = blocks(GUIDE, "python")
    monkeypatch.chdir(folder)
    exec(compile(code, "report.md", "exec"), {})
    assert "tfidf" in capsys.readouterr().out
    assert (folder / "reports" / "report.html").is_file()


@pytest.mark.slow
def test_the_command_line_says_what_it_wrote(folder):
    done = harness("report", "--json", "--no-examples", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert '"runs": 4' in done.stdout and '"files"' in done.stdout
    page = (folder / "reports" / "report.html").read_text(encoding="utf-8")
    assert "harness report --no-examples" in page
    wrong = harness("report", "--language", "fr", cwd=folder)
    assert wrong.returncode == 2 and "'fr'" in wrong.stderr


@pytest.mark.slow
def test_nothing_heavy_is_imported(folder):
    code = (
        "import sys; sys.argv = ['harness', 'report', '--no-examples'];"
        "from harness.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'peft', 'datasets', 'lm_eval', 'langchain', 'chromadb'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""}, timeout=120,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
