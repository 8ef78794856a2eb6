"""The command line of the benchmarks: parse, measure, print."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

import typer
from rich.console import Console

from benchmarks.contract import Benchmark, Options
from benchmarks.report import show
from benchmarks.rounds import compare
from harness.cli.output import print_json
from harness.errors import HarnessError, UsageError, nearest
from harness.records.files import write_json

__all__ = ["app", "main"]

app = typer.Typer(
    name="benchmarks",
    help="The harness against its peers: the same work, on the same machine, in turns.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
MODEL = "smollm2-135m-instruct"


def _notify(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _register(name: str, summary: str) -> None:
    """Makes a command of a benchmark; its module is imported when it is asked for."""

    @app.command(name, help=summary)
    def command(
        workload: str = typer.Option("", help="Which work; empty for the benchmark's first."),
        peer: str = typer.Option(
            "", help="Whom to compare with, such as vllm; empty for the usual one."
        ),
        model: str = typer.Option(MODEL, help="Catalogue name or folder of the model."),
        rounds: int = typer.Option(3, min=1, help="How often both sides run, in turns."),
        items: int = typer.Option(0, min=0, help="Items of the work; 0 for all that it names."),
        dtype: str = typer.Option("bfloat16", help="Type of the weights while it is timed."),
        threads: int = typer.Option(
            0, min=0, help="Threads of torch, kept; 0 for all that are free."
        ),
        clock: str = typer.Option(
            "wall", help="wall, or cpu: processor time, on a shared machine."
        ),
        json: bool = typer.Option(False, "--json", help="Print one JSON object."),
    ) -> None:
        benchmark: Benchmark = importlib.import_module(f"benchmarks.{name}").BENCHMARK
        options = Options(
            workload or next(iter(benchmark.workloads)),
            model,
            peer or benchmark.peers[0],
            dtype,
            items or None,
            threads or None,
            clock,
        )
        report = compare(benchmark, options, rounds, _notify)
        if json:
            print_json(report.as_dict())
        else:
            show(report, benchmark.unit)


_register("scoring", "Likelihoods of labels, against lm-evaluation-harness, vLLM or llama.cpp.")
_register("lm_task", "A task of lm-evaluation-harness by our model, against its own.")
_register("training", "LoRA and QLoRA on labelled rows, against TRL or a plain loop.")
_register("generation", "Answers as text, against generate of transformers, vLLM or llama.cpp.")


@app.command("profile", help="Where the processor time of our side goes.")
def _profile(
    benchmark: str = typer.Argument(help="scoring or generation."),
    workload: str = typer.Option("", help="Which work; empty for the benchmark's first."),
    model: str = typer.Option(MODEL, help="Catalogue name or folder of the model."),
    items: int = typer.Option(0, min=0, help="Items of the work; 0 for all that it names."),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    from benchmarks import profile

    if benchmark not in ("scoring", "generation"):
        raise UsageError(f"there is no profile of '{benchmark}'", "Take scoring or generation.")
    work: Benchmark = importlib.import_module(f"benchmarks.{benchmark}").BENCHMARK
    name = workload or next(iter(work.workloads))
    options = Options(name, model, work.peers[0], items=items or work.workloads[name], threads=1)
    found = profile.measure(work, options)
    if json:
        print_json(found.as_dict())
    else:
        profile.show(found)


@app.command("overhead", help="What a run spends outside the model.")
def _overhead(
    items: int = typer.Option(100_000, min=10, help="Items; a tenth of them is measured as well."),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    from benchmarks import overhead

    found = overhead.measure(items, _notify)
    if json:
        print_json(overhead.as_dict(found))
    else:
        overhead.show(found)


@app.command("cluster", help="What a Ray cluster of three raylets adds to a study of light cells.")
def _cluster(
    cells: int = typer.Option(20, min=2, help="Cells; half of each of two baselines."),
    rounds: int = typer.Option(3, min=1, help="How often both engines run, in turns."),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    from benchmarks import cluster

    found = cluster.measure(cells, rounds, _notify)
    if json:
        print_json(cluster.as_dict(found))
    else:
        cluster.show(found)


@app.command("scale", help="Verbs over 2,000 records, over two of 1,000,000 rows, and tfidf.")
def _scale(
    kinds: str = typer.Option("", help="runs, rows, tfidf, with commas between; empty for all."),
    items: int = typer.Option(0, min=0, help="How many of each; 0 for the usual numbers."),
    out: Path | None = typer.Option(
        None, help="File for the figures, such as results/scale/X.json."
    ),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    from benchmarks import scale

    names = [name.strip() for name in kinds.split(",") if name.strip()] or list(scale.KINDS)
    for name in names:
        if name not in scale.KINDS:
            raise UsageError(f"there is no kind {name!r}", nearest(name, scale.KINDS))
    found = scale.measure({name: items or scale.KINDS[name] for name in names}, _notify)
    if out:
        write_json(out, scale.as_dict(found))
    if json:
        print_json(scale.as_dict(found))
    else:
        scale.show(found)


@app.command("gpu", help="Everything that CUDA touches, in under 8 minutes, into one file.")
def _gpu(
    out: Path | None = typer.Option(None, help="File; by default one under results/gpu."),
    dry_run: bool = typer.Option(False, "--dry-run", help="On the CPU, with tiny shapes."),
    parts: str = typer.Option("", help="Names with commas between; empty for all."),
    budget_seconds: float = typer.Option(480.0, min=1.0, help="Seconds for all parts together."),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    from benchmarks.gpu.run import benchmark, save, target
    from benchmarks.gpu.show import show as show_gpu

    names = [name.strip() for name in parts.split(",") if name.strip()]
    run = benchmark(names, dry_run=dry_run, budget=budget_seconds, notify=_notify)
    path = target(run, out)
    if path is not None:
        save(run, path)
        _notify(f"written to {path}")
    if json:
        print_json(run.model_dump(mode="json"))
    else:
        show_gpu(run)


@app.command("published", help="Trainings that others published, predicted by the formulas here.")
def _published() -> None:
    from benchmarks.published import tables

    print(tables())


@app.command("contention", help="Few-shot answers beside one and two busy neighbours.")
def _contention(
    model: str = typer.Option(MODEL, help="Catalogue name or folder of the model."),
    rounds: int = typer.Option(3, min=1, help="How often each cell runs, in turns."),
    items: int = typer.Option(200, min=1, help="Answers, after eight examples each."),
    spinning: bool = typer.Option(
        False, "--spinning", help="The code before beside neighbours, too: takes minutes."
    ),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    from benchmarks import contention

    options = Options("fpb", model, "spinning", items=items)
    report = contention.measure(options, rounds, _notify, spinning=spinning)
    if json:
        print_json(report.as_dict())
    else:
        contention.show(report)


@app.command("questions", help="Proposed questions to the invented insurer, against its gold.")
def _questions(
    world: Path = typer.Argument(help="Folder that `harness build insurer` wrote."),
    sheet: Path = typer.Argument(help="What `harness build questions` wrote of its documents."),
    out: Path = typer.Option(..., help="File for the proposals with gold's verdicts, as JSON."),
) -> None:
    from benchmarks.questions import judge
    from harness.runs.questions.build import work_of
    from harness.runs.questions.sheet import read_sheet

    write_json(out, judge(world, work_of(sheet), read_sheet(sheet)[1]))


@app.command("chaos", help="Kills in every phase, on two hosts; what is left is compared.")
def _chaos(
    kills: int = typer.Option(50, min=1, help="How often a process is killed."),
    seed: int = typer.Option(0, help="Of the moments and the hosts."),
    out: Path | None = typer.Option(None, help="File for the figures, as JSON."),
    folder: Path | None = typer.Option(
        None, help="Empty folder that keeps all results and outputs; by default a temporary one."
    ),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    from benchmarks.chaos.run import chaos, show
    from harness.records.files import write_json

    with tempfile.TemporaryDirectory() as scratch:
        place = (folder or Path(scratch)).resolve()
        place.mkdir(parents=True, exist_ok=True)
        found = chaos(place, kills, seed, _notify)
    if out is not None:
        write_json(out, found.as_dict())
    if json:
        print_json(found.as_dict())
    else:
        show(found)
    raise SystemExit(0 if found.holds else 1)


def main() -> None:
    """Runs the command line; errors become a message, a next step and an exit code."""
    try:
        app()
    except HarnessError as error:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"error: {error.message}", style="bold red", markup=False)
        if error.hint:
            console.print(f"  {error.hint}", markup=False)
        raise SystemExit(error.exit_code) from None
