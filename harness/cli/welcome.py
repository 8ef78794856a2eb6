"""What a bare ``harness`` prints: commands that are ready to run, and what this machine is."""

from __future__ import annotations

from harness.cli.screen import Screen

__all__ = ["machine_line", "welcome"]

TEXT = """Prompt it, retrieve, or fine-tune? Each way of adapting a language model, measured with its cost.

Try the demo (a fictional insurer's questions in Korean; the model is fetched once):
  harness run --strategy qlora
  harness run --strategy few-shot
  harness report --results results --out reports/report.html

My spreadsheet (CSV, XLSX, JSONL or Parquet; says what to run next):
  harness init mine --data rows.xlsx

My folder of finished runs:
  harness list runs --results results

More: harness list strategies | harness list tasks | harness doctor | harness run --help
"""


def machine_line() -> str:
    """Says in one line what this machine is; doesn't load torch."""
    from harness import devices

    info = devices.machine_info()
    memory = info["memory_bytes"] / 2**30
    gpus = ", ".join(gpu["name"] for gpu in info.get("gpus", [])) or "no GPU seen"
    return f"This machine: {info['cpu']}, {info['threads']} threads, {memory:.0f} GiB, {gpus}."


def welcome() -> None:
    """Prints the ready commands."""
    out = Screen()
    out.print(TEXT)
    out.print(machine_line())
