"""``harness export``: what a run made, for peft, transformers and lm-eval."""

from __future__ import annotations

from pathlib import Path

import typer

from harness.cli.options import JSON, RESULTS
from harness.cli.output import Json, emit
from harness.cli.verbs import verb
from harness.text import size

__all__ = ["export"]

EPILOG = """Examples:

  harness export fpb_lora --to merged

  harness export fpb_lora --to peft --out adapter

Then: lm_eval --model hf --model_args pretrained=exports/RUN-merged --tasks arc_easy"""


@verb("export", epilog=EPILOG)
def export(
    run: str = typer.Argument(help="Id of a run, a part of it, or its folder."),
    to: str = typer.Option(..., "--to", metavar="lm-eval|peft|merged", help="What for."),
    out: Path | None = typer.Option(None, help="Empty folder to write; exports/RUN-KIND else."),
    model: str | None = typer.Option(None, help="Path of the run's model, where it was a folder."),
    results: Path = RESULTS,
    *,
    json_: bool = JSON,
) -> None:
    """Write a run's weights or figures as other programs read them."""
    from harness.records.store import Store
    from harness.runs.exports import export as export_run

    folder = Store(results).find(run)
    target = out or Path("exports") / f"{folder.name}-{to}"
    manifest = export_run(folder, to, target, model=model)
    emit({"path": str(target), **manifest}, json_, _show)


def _show(value: Json) -> None:
    print(value["path"])
    for name, file in value["files"].items():
        print(f"  {name:<44} {size(file['bytes']):>12}")
    if value["model"] and value["kind"] != "lm-eval":
        print(f"  licence of {value['model']['name']}: {value['model']['licence'] or 'unknown'}")
