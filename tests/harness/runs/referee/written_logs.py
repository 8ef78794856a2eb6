"""Logs of other packages, written by these packages on invented rows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["ASKED", "inspect_log", "lm_eval_log", "promptfoo_log"]

ASKED = [
    (f"How many days of leave does plan {n} of Nordstern give?", f"{10 + n} days") for n in range(5)
]
"""Questions about a company that doesn't exist, and their answers."""
HEAD = """task: {name}
dataset_path: json
dataset_kwargs: {{data_files: {{test: rows.jsonl}}}}
output_type: {output}
test_split: test
doc_to_text: "Question: {{{{question}}}}\\nAnswer:"
"""
CHOICE = """doc_to_choice: "{{choices}}"
doc_to_target: "{{right}}"
metric_list: [{metric: acc}, {metric: acc_norm}]
"""
WRITTEN = """doc_to_target: "{{answer}}"
generation_kwargs: {until: ["\\n"], max_gen_toks: 8}
metric_list: [{metric: exact_match}]
"""
INSPECT = """
import sys
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import match
from inspect_ai.solver import generate

def answered(messages, tools, tool_choice, config):
    n = int(messages[-1].text.split("plan ")[1].split()[0])
    text = f"It is {10 + n} days." if n == 1 else f"{10 + n} days" if n % 3 else "99 days"
    output = ModelOutput.from_content("mockllm/model", text)
    output.usage = ModelUsage(
        input_tokens=20 + n, output_tokens=4, total_tokens=29 + n, input_tokens_cache_read=5
    )
    return output

rows = [
    Sample(id=f"leave-{n}", input=f"How many days of leave does plan {n} of Nordstern give?",
           target=f"{10 + n} days")
    for n in range(5)
]
task = Task(name="leave", dataset=rows, solver=generate(), scorer=match())
model = get_model("mockllm/model", custom_outputs=answered)
eval(task, model=model, epochs=2, log_dir=".", log_format=sys.argv[1], display="none")
"""
PROVIDER = """
module.exports = class {
  constructor(options) { this.name = options.config.name; }
  id() { return `invented:${this.name}`; }
  async callApi(prompt) {
    const n = Number(/plan (\\d+)/.exec(prompt)[1]);
    const tokenUsage = { total: 24 + n, prompt: 20 + n, completion: 4 };
    if (this.name === 'large' && n === 2) return { error: 'API error: 500 Internal Server Error' };
    const wrong = n % (this.name === 'small' ? 3 : 2) === 0;
    const output = n === 1 ? `It is ${10 + n} days.` : wrong ? '99 days' : `${10 + n} days`;
    return { output, tokenUsage, cost: 0.0001 * (n + 1) };
  }
};
"""
COMPARED = {
    "description": "days of leave",
    "prompts": ["Answer briefly: {{question}}"],
    "providers": [{"id": "file://provider.js", "config": {"name": n}} for n in ("small", "large")],
    "tests": [
        {
            "vars": {"question": question, "expected": answer},
            "assert": [
                {"type": "equals", "value": "{{expected}}"}
                if number < 3
                else {"type": "icontains", "value": answer.upper()}
            ],
        }
        for number, (question, answer) in enumerate(ASKED)
    ],
}


def lm_eval_log(folder: Path, model: Path) -> Path:
    """Asks a model two small tasks by lm-eval's command, and returns the folder of its files."""
    rows = [
        {"question": asked, "answer": answer, "choices": [answer, "99 days", "none"], "right": 0}
        for asked, answer in ASKED
    ]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for name, kind, text in (
        ("leave_choice", "multiple_choice", CHOICE),
        ("leave_written", "generate_until", WRITTEN),
    ):
        (folder / f"{name}.yaml").write_text(HEAD.format(name=name, output=kind) + text)
    (folder / "tiny").symlink_to(model)  # so that no path of this machine is in the log
    words = ["--model", "hf", "--model_args", "pretrained=tiny,dtype=float32"]
    words += ["--tasks", "leave_choice.yaml,leave_written.yaml", "--device", "cpu"]
    words += ["--log_samples", "--output_path", "out", "--batch_size", "5"]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(folder / "cache")}
    _run([sys.executable, "-m", "lm_eval", "run", *words], folder, offline)
    return folder / "out" / "tiny"


def inspect_log(folder: Path, kind: str) -> Path:
    """Writes a log of inspect_ai's offline model: ``eval`` or ``json``."""
    python = os.environ.get("HARNESS_TEST_INSPECT", sys.executable)
    found = subprocess.run([python, "-c", "import inspect_ai"], capture_output=True, check=False)
    if found.returncode:
        pytest.skip("inspect_ai isn't installed: HARNESS_TEST_INSPECT names a Python that has it")
    (folder / "asked.py").write_text(INSPECT)
    _run([python, "asked.py", kind], folder, {"HOME": str(folder)})
    return next(folder.glob(f"*.{kind}"))


def promptfoo_log(folder: Path) -> Path:
    """Writes the results of promptfoo's command on two invented providers."""
    command = os.environ.get("HARNESS_TEST_PROMPTFOO") or shutil.which("promptfoo")
    if command is None:
        pytest.skip("promptfoo isn't installed: HARNESS_TEST_PROMPTFOO names its command")
    (folder / "provider.js").write_text(PROVIDER)
    (folder / "asked.json").write_text(json.dumps(COMPARED))
    quiet = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1"}
    quiet |= {"PROMPTFOO_CONFIG_DIR": str(folder / "config")}
    words = ["eval", "-c", "asked.json", "-o", "results.json", "--no-cache", "--no-table"]
    _run([command, *words], folder, quiet, fails=100)  # its exit code where a test failed
    return folder / "results.json"


def _run(words: list[str], folder: Path, extra: dict[str, str], fails: int = 0) -> None:
    done = subprocess.run(
        words, cwd=folder, env=os.environ | extra, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, fails), done.stderr[-2000:] + done.stdout[-2000:]
