"""The command line as a process: exit codes, messages, `--json`, and what isn't imported."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import blocks

ROOT = Path(__file__).resolve().parents[3]


def harness(*arguments, cwd, **environment):
    """Runs the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"HARNESS_OFFLINE": "1"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rows.csv"
    lines = [f"profit rose {n},up\nsales fell {n},down" for n in range(60)]
    path.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


DATA = ("--data", "rows.csv", "--input", "text", "--target", "label")


def test_a_run_prints_one_object(table, tmp_path):
    done = harness("run", "--strategy", "tfidf", *DATA, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    promised = (
        "schema_version run_id path strategy task model weights_origin seed n outcomes primary "
        "readout metrics slices ledger cost latency throughput wall_seconds finished notes"
    )
    assert set(promised.split()) <= set(value)
    costs = (
        "development_usd usd_per_1k_requests usd_per_1k_tokens usd_per_1k_output_tokens gpu_hours "
        "device_hours projected_gpu_hours"
    )
    assert set(costs.split()) <= set(value["cost"])
    for name, figure in value["cost"].items():
        there = figure is not None or name in ("tokens", "expert", "projection")
        assert there or name in value["notes"]
    again = harness("run", "--strategy", "tfidf", *DATA, "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["reused"] is True


def test_the_tables_name_quality_cost_and_the_record(table, tmp_path):
    done = harness("run", "--strategy", "majority", *DATA, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for word in (
        "accuracy",
        "95 % interval",
        "GPU-hours",
        "1,000 more requests",
        "record: results",
    ):
        assert word in done.stdout


@pytest.mark.slow  # each is a process of its own
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("run", "--strategy", "qlroa"), 2, "Did you mean 'qlora'"),
        (("run", "--task", "insurer"), 2, "Did you mean 'insurer-ko'"),
        (("run", "--strategy", "zero-shot", "--model", "gemma"), 2, "gemma"),
        (("run", "--strategy", "majority", "--data", "no.csv", "--input", "a"), 2, "no.csv"),
        (("run", "--data", "no.csv", "--input", "a", "--target", "b"), 2, "no.csv"),
        (("run", "--set", "rank"), 2, "no key=value"),
        (("run", "--strategy", "majority", "--limit", "-1"), 2, "--limit"),
        (("run", "--strategy", "zero-shot", "--device", "cuda:99"), 3, "cuda"),
        (("run", "--strategy", "majority", "--data", "empty.csv", "--input", "a", "--target", "b"),
         2, "empty.csv"),
        (("show", "nothing"), 2, "nothing"),
        (("report", "--results", "nowhere"), 2, "nowhere"),
        (("validate", "broken.yaml"), 2, "kind"),
        (("validate", "broken.py:Mine"), 2, "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_mistakes_have_a_message_and_a_code(tmp_path, arguments, code, message):
    (tmp_path / "empty.csv").touch()
    (tmp_path / "broken.py").write_text("1 / 0", encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("name: x\nkind: essay\n", encoding="utf-8")
    done = harness(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message.lower() in (done.stderr + done.stdout).lower()
    assert "Traceback" not in done.stderr


def run_of_a_task_file(folder, rows, **fields):
    """Runs `majority` on a task file that lies beside its rows."""
    text = "\n".join(json.dumps({"s": str(n), "l": label}) for n, label in enumerate(rows))
    (folder / "rows.jsonl").write_text(text, encoding="utf-8")
    task = {
        "name": "mine", "source": {"files": [{"path": "rows.jsonl"}]},
        "columns": {"input": "s", "target": "l"}, **fields,
    }  # fmt: skip
    (folder / "task.yaml").write_text(json.dumps(task), encoding="utf-8")  # JSON is YAML
    return harness("run", "--strategy", "majority", "--task", "task.yaml", cwd=folder)


def test_an_unknown_label_names_the_row_and_the_labels(tmp_path):
    done = run_of_a_task_file(
        tmp_path, ["up", "sideways"], kind="classification", labels={"up": "up", "down": "down"},
        metrics=["accuracy"], primary="accuracy",
    )  # fmt: skip
    assert done.returncode == 2
    assert "rows.jsonl, line 2" in done.stderr and "sideways" in done.stderr and "up" in done.stderr


def test_a_metric_that_does_not_exist_is_found_before_anything_runs(tmp_path):
    done = run_of_a_task_file(
        tmp_path, ["up"], kind="qa", metrics=["exact_mach"], primary="exact_mach"
    )
    assert done.returncode == 2
    assert "exact_match" in done.stderr


WITHOUT_TORCH = """
import importlib.util, runpy, sys
HIDDEN = {"torch", "transformers", "peft", "bitsandbytes", "accelerate", "gguf", "safetensors"}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in HIDDEN else find(name, *rest)
sys.argv = ["harness", *sys.argv[1:]]
runpy.run_module("harness", run_name="__main__")
"""


@pytest.mark.slow
def test_the_core_works_without_torch(table, tmp_path):
    def core(*arguments):
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_TORCH, *arguments],
            cwd=tmp_path, env=os.environ | {"HARNESS_OFFLINE": "1"}, capture_output=True, text=True,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    for arguments in (
        ["--help"],
        ["list", "strategies"],
        ["list", "tasks"],
        ["list", "models"],
        ["run", "--strategy", "tfidf", *DATA],
        ["list", "runs"],
        ["report", "--out", "report.html"],
        ["doctor"],
        [],
    ):
        code, text = core(*arguments)
        assert code == 0, (arguments, text)
    code, text = core("run", "--strategy", "zero-shot", *DATA)
    assert code == 3 and "adaptbench[local]" in text


VERBS = [
    "run",
    "show",
    "compare",
    "rescore",
    "report",
    "score",
    "list",
    "doctor",
    "recommend",
    "validate",
    "init",
]


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(verb, tmp_path):
    done = harness(verb, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert re.search(rf"harness {verb} \S", done.stdout), done.stdout


@pytest.mark.slow
def test_the_documented_strategy_passes_the_contract(tmp_path):
    pytest.importorskip("torch")
    (code,) = blocks("docs/strategies.md", "python")
    (tmp_path / "brief.py").write_text(code, encoding="utf-8")
    done = harness("validate", "brief.py:Brief", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_documented_task_commands_run(tmp_path):
    """The task file is named relative to a checkout, so from there."""
    done = harness("validate", "tasks/insurer-ko.yaml", cwd=ROOT)
    assert done.returncode == 0, done.stdout
    results = ("--results", tmp_path)
    run = ("run", "--strategy", "tfidf", "--task", "tasks/insurer-ko.yaml", "--limit", "20")
    assert harness(*run, *results, cwd=ROOT).returncode == 0
    done = harness("rescore", "insurer-ko", *results, cwd=ROOT)
    assert "0 rows changed" in done.stdout
    assert "tfidf" in harness("list", "runs", *results, cwd=ROOT).stdout


@pytest.mark.parametrize("name", ["harness", "adaptbench"])
def test_the_console_scripts_are_there(name, tmp_path):
    script = Path(sys.executable).parent / name
    done = subprocess.run([script, "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.startswith("adaptbench "), done.stderr


@pytest.mark.slow
def test_a_world_is_written_to_look_at(tmp_path):
    done = harness("build", "insurer", "--seed", "9", "--out", "w", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["documents"] == len(list((tmp_path / "w" / "documents").iterdir())) == 8
    done = harness("build", "insurer", "--language", "fr", "--out", "w", cwd=tmp_path)
    assert done.returncode == 2 and "'fr'" in done.stderr
    assert harness("build", "bank", "--out", "w", cwd=tmp_path).returncode == 2
