"""``harness run --from RUN --as FORMS``: a trained model in the forms in which it is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.options import Values
from harness.cli.output import Json, console, estimate_text, metric_title, print_table, usd
from harness.config import DataSource, RunConfig, RunSettings, spelling_of
from harness.errors import UsageError
from harness.text import milliseconds, plain, size

if TYPE_CHECKING:
    from harness.costs.book import PriceBook
    from harness.costs.options import PriceOptions
    from harness.runs.parity import Forms
    from harness.strategy.context import Monitor

__all__ = ["answer_forms", "print_forms"]

OTHER = "The run decides it; leave the option out."


def answer_forms(run: str, values: Values, monitor: Monitor) -> Json:
    """Answers a run's test rows in other forms, and returns each beside the run.

    Raises:
        UsageError: An option that the run decides.
    """
    from harness.costs.book import load_book
    from harness.costs.options import PriceOptions
    from harness.records.store import Store
    from harness.runs.parity import answer_as

    changes, data, task = _changes(values)
    book = load_book(values["prices"])
    chosen = PriceOptions.of(RunConfig(**changes), book)
    forms = answer_as(
        Store(values["results"]).find(run),
        values["form"].split(","),
        changes,
        data=data,
        task=task,
        monitor=monitor,
    )
    return _beside(forms, book, chosen)


def _changes(values: Values) -> tuple[Values, Path | None, str | None]:
    """Divides options into what is changed, and the places of the run's table and task file."""
    from harness.runs.parity import CHANGED

    changes: Values = {}
    for name, field in RunConfig.model_fields.items():
        value, usual = values[name], field.get_default(call_default_factory=True)
        if name not in RunSettings.model_fields or (name in CHANGED and value != usual):
            changes[name] = value
        elif name not in (*CHANGED, "form", "data", "task") and value != usual:
            raise UsageError(f"{spelling_of(name, field)} doesn't go with --from", OTHER)
    data, task = values["data"], values["task"]
    for name, field in DataSource.model_fields.items() if data else ():
        if name != "path" and data[name] != field.default:
            raise UsageError(f"{spelling_of(name, field)} doesn't go with --from", OTHER)
    other = task if task != RunConfig.model_fields["task"].default else None
    return changes, Path(data["path"]) if data else None, other


def _beside(forms: Forms, book: PriceBook, chosen: PriceOptions) -> Json:
    from harness.analysis.compare import compare_runs
    from harness.analysis.summary import summary
    from harness.metrics.registry import known
    from harness.metrics.statistics.counts import METRICS

    reference = summary(forms.reference, book, chosen)
    primary = known().get(reference["primary"])
    metric = primary.name if primary and (primary.row or primary.name in METRICS) else None
    return {
        "reference": reference,
        "forms": [
            {
                "form": form,
                "compared": compare_runs(folder, forms.reference, metric=metric),
                "run": summary(folder, book, chosen),
            }
            for form, folder in forms.records.items()
        ],
    }


def print_forms(value: Json) -> None:
    """Prints a table with a line a form, the run first."""
    out, reference = console(), value["reference"]
    title = f"{reference['task']} · {reference['label']} · {reference['model']}"
    out.print(f"{title}, the same rows in each form", style="bold", markup=False)
    primary = reference["primary"]
    head = (
        *("form", f"{metric_title(primary, reference['metrics'].get(primary))}  [95 % interval]"),
        *("difference", "same answer", "flipped", "tokens/s", "p50 / p95", "memory", "$ for 1,000"),
    )
    rows = [(reference["form"], _quality(reference), "-", "-", "-", *_costs(reference))]
    for each in value["forms"]:
        compared, run = each["compared"], each["run"]
        change = estimate_text({"value": compared["difference"], **compared})
        same = compared["agreement"]
        rows.append(
            (
                *(each["form"], _quality(run), change),
                "-" if same is None else f"{same['value']:.3f}",
                str(compared["flipped"]),
                *_costs(run),
            )
        )
    print_table(*head, rows=rows, stack=True)
    notes = {note for each in value["forms"] for note in each["compared"]["warnings"]}
    for note in sorted(notes):
        out.print(f"note: {note}", style="yellow", markup=False)
    for run in (reference, *(each["run"] for each in value["forms"])):
        out.print(f"record: {run['path']}", soft_wrap=True, markup=False)
    out.print("\na gate: harness compare RUN_IN_A_FORM RUN --fail-on quality=-0.02", markup=False)


def _quality(run: Json) -> str:
    return estimate_text(run["metrics"][run["primary"]])


def _costs(run: Json) -> tuple[str, ...]:
    speed, latency = run["throughput"] or {}, run["latency"]
    tokens = speed.get("tokens_per_second")
    memory = run["ledger"].get("serve", {}).get("peak_memory_bytes")
    times = [milliseconds(latency[f"{name}_seconds"]) for name in ("p50", "p95")] if latency else []
    return (
        plain(tokens) if tokens else "-",
        " / ".join(times) or "-",
        size(memory) if memory else "-",
        usd(run["cost"]["usd_per_1k_requests"]),
    )
