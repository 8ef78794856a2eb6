"""Tasks of lm-eval with local rows, one of each kind of request."""

from __future__ import annotations

import json
from pathlib import Path

QUESTIONS = [
    ("Is theft abroad covered?", ["yes", "no", "only with the deductible"], 0),
    ("Did the net profit fall?", ["yes", "no"], 1),
    ("육아 휴직 기간은?", ["최대 1년", "30일", "모른다"], 0),
    ("Was the premium paid for three months?", ["no", "yes, it was", "it was not"], 2),
    ("  Which sentiment is it? ", ["positive", "negative", "neutral"], 1),
]
HEAD = """task: {name}
dataset_path: json
dataset_kwargs:
  data_files:
    train: train.jsonl
    test: test.jsonl
output_type: {output}
training_split: train
fewshot_split: train
test_split: test
"""
CHOICE = """doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_choice: "{{choices}}"
doc_to_target: "{{answer}}"
metric_list:
  - metric: acc
  - metric: acc_norm
"""
LIKELIHOOD = """doc_to_text: "{{context}}"
doc_to_target: "{{choices[0]}}"
metric_list:
  - metric: perplexity
  - metric: acc
"""
ROLLING = """doc_to_text: ""
doc_to_target: "{{text}}"
metric_list:
  - metric: word_perplexity
  - metric: bits_per_byte
"""
WRITTEN = """doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "{{choices[0]}}"
generation_kwargs:
  until: ["\\n", "Question"]
  max_gen_toks: 12
metric_list:
  - metric: exact_match
  - metric: bleu
"""
KINDS = {
    "choice": ("multiple_choice", CHOICE),
    "likelihood": ("loglikelihood", LIKELIHOOD),
    "rolling": ("loglikelihood_rolling", ROLLING),
    "written": ("generate_until", WRITTEN),
}


def write_tasks(folder: Path) -> dict[str, str]:
    """Writes the tasks, and returns the path of each one's YAML file."""
    rows = [
        {
            "question": question,
            "choices": choices,
            "answer": answer,
            "context": "" if number == 1 else question,
            "text": (question + " " + " ".join(choices) + "\n") * (40 if number == 2 else number),
        }
        for number, (question, choices, answer) in enumerate(QUESTIONS)
    ]
    for name in ("train", "test"):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    files = {}
    for name, (output, text) in KINDS.items():
        path = folder / f"{name}.yaml"
        path.write_text(HEAD.format(name=f"own_{name}", output=output) + text, encoding="utf-8")
        files[name] = str(path)
    return files
