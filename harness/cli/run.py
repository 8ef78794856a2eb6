"""``harness run``: adapt a model, test it on a task, and say what it cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from harness.cli.output import print_json, print_run, usd
from harness.cli.progress import terminal
from harness.config import DataSource, RunConfig, run_config
from harness.errors import UsageError
from harness.text import duration

__all__ = ["register"]

_FIELDS = RunConfig.model_fields
_DATA = DataSource.model_fields

EPILOG = """Examples:

  harness run --strategy qlora

  harness run --strategy lora --task fpb --train-limit 1000 --limit 500

  harness run --strategy qlora+few-shot --set few-shot.k=2 --set epochs=1

  harness run --dry-run --on l40s --strategy qlora --model mistralai/Mistral-7B-v0.1

  harness run --strategy few-shot --data rows.csv --input question --target answer --kind qa"""


def _help(name: str) -> str:
    return str((_FIELDS | _DATA)[name].description)


def pairs(values: list[str] | None, flag: str) -> dict[str, Any]:
    """Reads ``key=value`` options; a value with commas is a list.

    Raises:
        UsageError: There is no ``=``.
    """
    found: dict[str, Any] = {}
    for text in values or []:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{flag} {text!r} is no key=value", f"Example: {flag} k=3")
        found[key.strip()] = value.split(",") if "," in value else value
    return found


def register(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("run", epilog=EPILOG)(run)


def run(
    strategy: str = typer.Option("qlora", "--strategy", "-s", help=_help("strategy")),
    task: str = typer.Option("insurer-ko", "--task", "-t", help=_help("task")),
    model: str | None = typer.Option(None, "--model", "-m", help=_help("model")),
    base_url: str | None = typer.Option(None, help=_help("base_url"), envvar="HARNESS_BASE_URL"),
    max_cost: float | None = typer.Option(None, help=_help("max_cost")),
    judge: str | None = typer.Option(None, help=_help("judge")),
    judge_url: str | None = typer.Option(None, help=_help("judge_url"), envvar="HARNESS_JUDGE_URL"),
    judge_max_cost: float | None = typer.Option(None, help=_help("judge_max_cost")),
    ragas: str = typer.Option("auto", help=_help("ragas")),
    revision: str | None = typer.Option(None, help=_help("revision")),
    seed: int = typer.Option(0, help=_help("seed")),
    limit: int | None = typer.Option(None, help=_help("limit")),
    train_limit: int | None = typer.Option(None, help=_help("train_limit")),
    set_: list[str] | None = typer.Option(
        None, "--set", help=_help("set"), metavar="[PART.]KEY=VALUE"
    ),
    task_set: list[str] | None = typer.Option(None, help=_help("task_set"), metavar="KEY=VALUE"),
    readout: str = typer.Option("auto", help=_help("readout")),
    metric: list[str] | None = typer.Option(None, help=_help("metrics")),
    latency: bool = typer.Option(True, "--latency/--no-latency", help=_help("latency")),
    data: Path | None = typer.Option(None, help=_help("path")),
    input_: str | None = typer.Option(None, "--input", help=_help("input")),
    target: str | None = typer.Option(None, help=_help("target")),
    kind: str = typer.Option("classification", help=_help("kind")),
    accepted: str | None = typer.Option(None, help=_help("accepted")),
    group: str | None = typer.Option(None, help=_help("group")),
    time: str | None = typer.Option(None, help=_help("time")),
    prompt: Path | None = typer.Option(None, help=_help("prompt")),
    docs: Path | None = typer.Option(None, help=_help("docs")),
    results: Path = typer.Option(
        Path("results"), "--results", help=_help("results"), envvar="HARNESS_RESULTS"
    ),
    data_dir: Path | None = typer.Option(None, help=_help("data_dir"), envvar="HARNESS_DATA"),
    device: str = typer.Option("auto", help=_help("device")),
    dtype: str = typer.Option("auto", help=_help("dtype")),
    offline: bool = typer.Option(False, help=_help("offline"), envvar="HARNESS_OFFLINE"),
    store_text: str = typer.Option("full", help=_help("store_text")),
    label_usd: float | None = typer.Option(None, help=_help("label_usd")),
    machine: str | None = typer.Option(None, help=_help("machine")),
    project_to: str | None = typer.Option(None, help=_help("project_to")),
    prices: Path | None = typer.Option(None, help=_help("prices")),
    force: bool = typer.Option(False, "--force", help=_help("force")),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would run, and stop."),
    on: str | None = typer.Option(
        None, "--on", help="With --dry-run: a GPU of the price book to put the run on (l40s)."
    ),
    json_: bool = typer.Option(False, "--json", help="Print one JSON object."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
    log_format: str = typer.Option("text", help="Progress as text or json lines, on stderr."),
) -> None:
    """Adapt a model, test it on a task, and say what it cost."""
    if on is not None and not dry_run:
        raise UsageError("--on goes with --dry-run", "`--project-to` projects what has run.")
    config = run_config(
        strategy=strategy, task=task, model=model, base_url=base_url, max_cost=max_cost, judge=judge, judge_url=judge_url,
        judge_max_cost=judge_max_cost, ragas=ragas, revision=revision, seed=seed, limit=limit,
        train_limit=train_limit, set=pairs(set_, "--set"), task_set=pairs(task_set, "--task-set"),
        readout=readout, metrics=tuple(metric or ()), latency=latency,
        data=_data(data, input_, target, kind=kind, accepted=accepted, group=group, time=time,
                   prompt=prompt),
        docs=docs, results=results, data_dir=data_dir, device=device, dtype=dtype, offline=offline,
        store_text=store_text, label_usd=label_usd, machine=machine, project_to=project_to,
        prices=prices, force=force,
    )  # fmt: skip
    with terminal(quiet=quiet, log_format=log_format) as monitor:
        if dry_run:
            from harness.runs.estimate import estimate

            _show_estimate(estimate(config, monitor, on=on), json_)
            return
        from harness.analysis.summary import summary
        from harness.costs.book import load_book
        from harness.runs.runner import run as run_once

        book = load_book(config.prices)
        result = run_once(config, monitor)
    report = summary(result.folder, book) | {"reused": result.reused}
    if json_:
        print_json(report)
    else:
        print_run(report)


def _data(path: Path | None, input_: str | None, target: str | None, **rest: Any) -> Any:
    if path is None:
        if input_ or target:
            raise UsageError("--input and --target go with --data FILE", "Or use --task FILE.yaml.")
        return None
    if not input_ or not target:
        raise UsageError(
            "--data needs --input COLUMN and --target COLUMN",
            f"Example: --data {path.name} --input question --target answer --kind qa",
        )
    return {"path": path, "input": input_, "target": target, **rest}


def _show_estimate(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(values)
        return
    for key, value in values.items():
        if key == "notes":
            for name, reason in value.items():
                print(f"  {name}: {reason}")
        elif key != "on":
            print(f"{key.replace('_', ' '):<24} {value if value is not None else 'unknown'}")
    if "on" in values:
        _show_hardware(values["on"])


def _show_hardware(on: dict[str, Any]) -> None:
    """Prints whether it fits there, how long it takes and what it costs."""
    print(f"\non {on['gpu']} ({on['machine']}, ${on['usd_per_gpu_hour']:g}/h): not measured")
    capacity = on["memory_bytes"] / 1e9
    for name in ("train", "serve"):
        needed, gpus = on[f"{name}_bytes"], on[f"gpus_{name}"]
        if needed is None:
            continue
        fit = "fits" if gpus == 1 else f"takes {gpus} GPUs"
        print(f"{name + ' memory':<24} {needed / 1e9:.1f} GB of {capacity:.0f} GB: {fit}")
    print(f"{'train':<24} {duration(3600 * on['train_hours'])}, {usd(on['development_usd'])}")
    print(f"{'answer the test':<24} {duration(3600 * on['serve_hours'])}")
    print(
        f"{'GPU-hours':<24} {on['gpu_hours']:.3g} "
        f"({on['gpu_hours_low']:.3g} to {on['gpu_hours_high']:.3g}), {usd(on['usd'])}"
    )
    print(f"{'per 1,000 requests':<24} {usd(on['usd_per_1k_requests'])}, as used")
    for note in on["notes"]:
        print(f"  {note}")
