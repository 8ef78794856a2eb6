"""``harness export``: what a run made, for peft, transformers, vLLM, llama.cpp and lm-eval."""

from __future__ import annotations

from pathlib import Path

import typer

from harness.cli.grading import show_sheets, write_sheets
from harness.cli.options import DATA_DIR, JSON, RESULTS
from harness.cli.output import Json, emit
from harness.cli.verbs import refuse, verb
from harness.errors import UsageError
from harness.text import size

__all__ = ["export"]

EPILOG = """Examples:

  harness export fpb_lora --to merged

  harness export fpb_lora --to peft --out adapter

  harness export fpb_lora --to gguf --type q4_0

  harness export insurer-ko_qlora insurer-ko_rag --to grades --rows 60 --raters 2

Then: lm_eval --model hf --model_args pretrained=exports/RUN-merged --tasks arc_easy"""


@verb("export", epilog=EPILOG)
def export(
    run: list[str] = typer.Argument(help="Id of a run, a part of it, or its folder."),
    to: str = typer.Option(
        ..., "--to", metavar="lm-eval|peft|merged|vllm|gguf|grades", help="What for."
    ),
    out: Path | None = typer.Option(
        None, help="Empty folder to write, exports/RUN-KIND else; of grades a file, grades.xlsx."
    ),
    model: str | None = typer.Option(None, help="Path of the run's model, where it was a folder."),
    type_: str | None = typer.Option(
        None,
        "--type",
        metavar="q8_0|q4_0|bf16|f16|f32",
        help="Of a GGUF file's weights; q8_0 else.",
    ),
    merge_quantised: bool = typer.Option(
        False,
        "--merge-quantised",
        help="Add what was trained to de-quantised weights all the same.",
    ),
    results: Path = RESULTS,
    rows: int = typer.Option(60, help="Of grades: rows that are drawn."),
    raters: int = typer.Option(1, help="Of grades: people, each with a file of their own."),
    data: Path | None = typer.Option(None, help="Of grades: your table, if the run was of one."),
    task: str | None = typer.Option(None, help="Of grades: the task file, if it lies elsewhere."),
    data_dir: Path | None = DATA_DIR,
    *,
    json_: bool = JSON,
) -> None:
    """Write a run's weights or figures as other programs read them, or answers for people to grade."""
    from harness.records.store import Store
    from harness.runs.exports import export as export_run
    from harness.runs.exports.commands import serve_commands

    _check(to)
    folder, *others = map(Store(results).find, run)
    if to == "grades":
        places, file = (data_dir, data, task), out or Path("grades.xlsx")
        sheets = write_sheets([folder, *others], results, file, rows, raters, places)
        emit(sheets, json_, show_sheets)
        return
    if others:
        raise UsageError(f"--to {to} is of one run", "Only --to grades takes several.")
    target = out or Path("exports") / f"{folder.name}-{to}"
    manifest = export_run(
        folder, to, target, model=model, type_=type_, merge_quantised=merge_quantised
    )
    commands = serve_commands(folder, manifest, target)
    emit({"path": str(target), **manifest, "commands": commands}, json_, _show)


def _check(to: str) -> None:
    """Refuses options that would have no effect."""
    if to in ("grades", "lm-eval"):
        refuse(("model",), "weights: --to peft, merged, vllm or gguf")
    if to in ("grades", "lm-eval", "peft"):
        refuse(("merge_quantised",), "--to merged, vllm or gguf")
    if to == "grades":
        refuse(("type_",), "--to gguf")
    else:
        refuse(("rows", "raters", "data", "task", "data_dir"), "--to grades")


def _show(value: Json) -> None:
    print(value["path"])
    for name, file in value["files"].items():
        print(f"  {name:<44} {size(file['bytes']):>12}")
    if value["model"] and value["kind"] != "lm-eval":
        print(f"  licence of {value['model']['name']}: {value['model']['licence'] or 'unknown'}")
    for name in ("differs", "tokens"):
        if value.get(name):
            print(f"  {name}: {value[name]}")
    for command in value["commands"]:
        print(f"\n{command}")
