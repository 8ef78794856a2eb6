"""``harness run``: adapt a model, test it on a task, and say what it cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.forms import answer_forms, print_forms
from harness.cli.options import JSON, QUIET, Fields, Values
from harness.cli.output import Json, emit, usd
from harness.cli.shown import print_run
from harness.cli.update import ROWS, update_strategies
from harness.cli.verbs import refuse, verb
from harness.config import ADAPTING, RunConfig, run_config
from harness.errors import UsageError
from harness.text import counted, duration, plain, size

if TYPE_CHECKING:
    from harness.cli.progress import Terminal

__all__ = ["run"]

UPDATE = "When facts change"

EPILOG = """Examples:

  harness run --strategy qlora

  harness run --strategy lora --task fpb --train-limit 1000 --limit 500

  harness run --strategy lora --task fpb --train-limit 150 --probe default

  harness run --strategy qlora+few-shot --set few-shot.k=2 --set epochs=1

  harness run --dry-run --on l40s --strategy qlora --model mistralai/Mistral-7B-v0.1

  harness run --strategy few-shot --data rows.csv --input question --target answer --kind qa

  harness run --from fpb_lora --as merged,nf4

  harness run --update-to 2 --strategy zero-shot,rag,qlora --set rag.k=1"""


FROM = typer.Option(
    None,
    "--from",
    metavar="RUN",
    help="Answer a finished run's test rows again from what it prepared, in each form of --as.",
    rich_help_panel=ADAPTING,
)


@verb("run", epilog=EPILOG)
def run(
    *,
    values: Annotated[Values, Fields(RunConfig)],
    from_: str | None = FROM,
    update_to: int | None = typer.Option(
        None,
        metavar="VERSION",
        help="Afterwards move to this version of the task, and measure what that takes; "
        "--strategy then names one or several, with commas.",
        rich_help_panel=UPDATE,
    ),
    update_from: int = typer.Option(
        1, metavar="VERSION", help="The version that is adapted to first.", rich_help_panel=UPDATE
    ),
    update_rows: int = typer.Option(
        ROWS, help="Test rows of each group of facts, at most.", rich_help_panel=UPDATE
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would run, and stop."),
    on: str | None = typer.Option(
        None, "--on", help="With --dry-run: a GPU of the price book to put the run on (l40s)."
    ),
    show: int = typer.Option(
        0, "--show", min=0, help="With --dry-run: the first n requests to a server, byte by byte."
    ),
    json_: bool = JSON,
    quiet: bool = QUIET,
    log_format: str = typer.Option("text", help="Progress as text or json lines, on stderr."),
) -> None:
    """Adapt a model, test it on a task, and say what it cost."""
    from harness.cli.progress import terminal

    _check_dry(dry_run, on, show)
    _check_ways(values, from_, dry_run, update_to)
    if update_to is not None:
        update_strategies(values, update_from, update_to, update_rows, as_json=json_, quiet=quiet)
        return
    refuse(("update_from", "update_rows"), "--update-to")
    config = None if from_ else run_config(**values)
    printed = _show_estimate if dry_run else print_forms if from_ else print_run
    with terminal(quiet=quiet, log_format=log_format) as monitor:
        if config is None:
            value = answer_forms(str(from_), values, monitor)
        elif dry_run:
            from harness.runs.estimate import estimate

            value = estimate(config, monitor, on=on, show=show)
        else:
            value = _run(config, monitor)
    emit(value, json_, printed)


def _check_ways(values: Values, from_: str | None, dry_run: bool, update_to: int | None) -> None:
    if values["judge"] is None and from_ is None:
        refuse(("judge_url", "judge_max_cost"), "--judge")
    if update_to is not None:
        refuse(("log_format",), "a run without --update-to")
    if update_to is not None and (dry_run or values["probe"]):
        raise UsageError("--update-to has no --dry-run and no --probe", "Leave them out.")
    formed = from_ is not None or values["form"] != "trained"
    if formed and (dry_run or update_to is not None):
        raise UsageError("--from and --as have no --dry-run and no --update-to", "Leave them out.")


def _check_dry(dry_run: bool, on: str | None, show: int) -> None:
    if on is not None and not dry_run:
        raise UsageError("--on goes with --dry-run", "`--project-to` projects what has run.")
    if show and not dry_run:
        raise UsageError("--show goes with --dry-run", "What was answered: `harness show RUN`.")


def _run(config: RunConfig, monitor: Terminal) -> Json:
    from harness.analysis.summary import summary
    from harness.costs.book import load_book
    from harness.costs.options import PriceOptions
    from harness.runs.runner import run as run_once

    book = load_book(config.prices)
    chosen = PriceOptions.of(config, book)  # first: a wrong price shall not cost a run
    result = run_once(config, monitor)
    return summary(result.folder, book, chosen) | {"reused": result.reused}


def _show_estimate(values: Json) -> None:
    for key, value in values.items():
        if key == "notes":
            for name, reason in value.items():
                print(f"  {name}: {reason}")
        elif key not in ("on", "requests"):
            print(f"{key.removesuffix('_bytes').replace('_', ' '):<24} {_estimated(key, value)}")
    if "on" in values:
        _show_machine(values["on"])
    for each in values.get("requests", ()):
        print(f"\nPOST {each['url']}\n{each['body']}")


def _estimated(key: str, value: object) -> str:
    """Writes a figure of an estimate in the unit that its name says."""
    if key == "parameters":
        found: Json = json.loads(str(value))
        named = (
            f"{name}={each}" for name, each in found.items() if name not in ("name", "version")
        )
        return ", ".join(named) or "none"
    if value is None:
        return "none" if key == "model" else "unknown"
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return str(value)
    if key.endswith("seconds"):
        return duration(value)
    if key.endswith("bytes"):
        return size(value)
    if key.endswith("usd"):
        return usd(value)
    return counted(value) if isinstance(value, int) else plain(value)


def _show_machine(on: Json) -> None:
    print(f"\non {on['gpu']} ({on['machine']}, {usd(on['usd_per_gpu_hour'])}/h): not measured")
    capacity, rate = on["memory_bytes"], on["usd_per_gpu_hour"]
    for name in ("train", "serve"):
        needed, gpus = on[f"{name}_bytes"], on[f"gpus_{name}"]
        if needed is None:
            continue
        fit = "fits" if gpus == 1 else f"takes {gpus} GPUs"
        print(f"{name + ' memory':<24} {size(needed)} of {size(capacity)}: {fit}")
    print(f"{'train':<24} {duration(3600 * on['train_hours'])}, {usd(on['development_usd'])}")
    print(f"{'answer the test':<24} {duration(3600 * on['serve_hours'])}")
    print(
        f"{'GPU-hours':<24} {plain(on['gpu_hours'])} "
        f"({plain(on['gpu_hours_low'])} to {plain(on['gpu_hours_high'])}), {usd(on['usd'])} "
        f"({usd(on['gpu_hours_low'] * rate)} to {usd(on['gpu_hours_high'] * rate)})"
    )
    low, high = (usd(on[f"usd_per_1k_requests_{end}"]) for end in ("low", "high"))
    print(f"{'per 1,000 requests':<24} {usd(on['usd_per_1k_requests'])} ({low} to {high}), as used")
    for note in on["notes"]:
        print(f"  {note}")
