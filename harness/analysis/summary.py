"""What a record says: metrics derived from predictions, and one summary for table and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.costs.book import PriceBook
from harness.costs.choices import Choices
from harness.costs.pricing import Cost, price
from harness.costs.tokens import api_price, token_usd
from harness.metrics.aggregate import KNOWN, aggregate, outcomes, slices
from harness.metrics.ragas import count_states
from harness.models.base import Architecture, ModelInfo
from harness.records.ledger import PhaseTotal, Spend, read_ledger, totals
from harness.records.predictions import from_line
from harness.records.store import METRICS, PREDICTIONS, RUN, read_json, read_lines, write_json
from harness.types import Estimate, Scored

if TYPE_CHECKING:
    from harness.task.task import Task

__all__ = [
    "SCHEMA_VERSION",
    "label_of",
    "scored_rows",
    "sharing",
    "spends",
    "summary",
    "write_metrics",
]

SCHEMA_VERSION = 1
BUSY = 0.1
"""Share of the machine's processor time taken by others, from which a record says so."""


def scored_rows(folder: Path) -> list[Scored]:
    """Reads the scored predictions of a run."""
    return [from_line(line) for line in read_lines(folder / PREDICTIONS)]


def write_metrics(folder: Path, task: Task, metrics: Sequence[str]) -> None:
    """Derives metrics.json from the predictions; needs no model.

    Args:
        folder: The run's folder.
        task: For the labels and the columns to slice by.
        metrics: Names of the metrics.
    """
    scored = scored_rows(folder)
    options: dict[str, Any] = {"kind": task.kind, "labels": task.labels, "metrics": metrics}
    by_slice = slices(scored, task.slices, **options)
    currency = task.spec.decision.currency if task.spec.decision else ""
    value = {
        "outcomes": outcomes(scored),
        "n": sum(row.outcome != "error" for row in scored),
        "primary": task.primary,
        "metrics": _plain(aggregate(scored, **options), currency),
        "slices": {name: _plain(estimates, currency) for name, estimates in by_slice.items()},
        "judged": count_states([row.judged for row in scored]),
    }
    write_json(folder / METRICS, value)


def _plain(estimates: dict[str, Estimate], currency: str) -> dict[str, Any]:
    """Estimates as JSON values, each with its direction, and with its unit where it is money."""
    found: dict[str, Any] = {}
    for name, estimate in estimates.items():
        info = KNOWN.get(name)
        told = {"higher_is_better": info.higher_is_better if info else None}
        unit = {"unit": f"{currency} per 1,000 cases"} if info and info.money else {}
        found[name] = asdict(estimate) | told | unit
    return found


def spends(folder: Path) -> tuple[list[Spend], list[Spend]]:
    """Reads what a run spent.

    Args:
        folder: The run's folder.

    Returns:
        What its artifact took (marked ``reused`` where an earlier run paid for it), and what
        answering took.
    """
    record = read_json(folder / RUN)
    artifact = read_ledger(folder / "artifact-ledger.jsonl")
    if record.get("artifact", {}).get("reused"):
        artifact = [replace(spend, paid="reused") for spend in artifact]
    return artifact, read_ledger(folder / "ledger.jsonl")


def model_info(record: dict[str, Any]) -> ModelInfo | None:
    """Reads which model a run used."""
    if not record.get("model"):
        return None
    values = dict(record["model"])
    sizes = values.pop("architecture")
    return ModelInfo(**values, architecture=Architecture(**sizes) if sizes else None)


def cost_of(folder: Path, book: PriceBook, choices: Choices | None = None) -> Cost:
    """Prices a run by the price book of today; the record itself holds only quantities.

    Args:
        folder: The run's folder.
        book: Prices.
        choices: How to price it; machine, projection and price of a label are the run's own
            where they aren't chosen.
    """
    record = read_json(folder / RUN)
    developed, served = spends(folder)
    cost = price(
        development=totals(developed),
        deployment=totals(served),
        device_class=record["device"]["class"],
        model=model_info(record),
        book=book,
        choices=(choices or Choices()).over(record["config"]),
        measured=record,
    )
    if judge := record.get("judge"):
        usd = _judge_usd(judge["name"], totals(served).get("judge"), book)
        cost.by_phase["judge"] = usd
    return cost


def _judge_usd(name: str, spent: PhaseTotal | None, book: PriceBook) -> float | None:
    """What a judge's tokens cost: by the judge's price, whatever the run's own model costs."""
    found = api_price(name, book=book)
    return token_usd(spent.usage, found) if spent and found else None


def _judge(
    record: dict[str, Any], derived: dict[str, Any], cost: Cost, served: list[Spend]
) -> dict[str, Any] | None:
    """Says who judged, what that took, and how many answers got no verdict."""
    judge: dict[str, Any] | None = record.get("judge")
    if not judge:
        return None
    spent = totals(served).get("judge", PhaseTotal())
    return judge | {
        "tokens": spent.usage.as_dict(),
        "requests": spent.quantities.get("judge_requests", 0),
        "failed": spent.quantities.get("judge_failed", 0),
        "usd": cost.by_phase.get("judge"),
        "states": derived.get("judged", {}),
    }


def summary(folder: Path, book: PriceBook, choices: Choices | None = None) -> dict[str, Any]:
    """Returns everything that the table and ``--json`` show of a run.

    Args:
        folder: The run's folder.
        book: Prices.
        choices: How to price it.

    Returns:
        JSON values; what is unknown is None, with the reason under ``notes``.
    """
    record = read_json(folder / RUN)
    derived = read_json(folder / METRICS) if (folder / METRICS).is_file() else {}
    cost = cost_of(folder, book, choices)
    developed, served = spends(folder)
    notes = dict(cost.notes)
    if not derived:
        notes["metrics"] = f"the run is {record['status']}, not finished"
    model = record.get("model") or {}
    if said := sharing(record):
        notes["shared"] = said
    if not model:
        notes["weights_origin"] = "no language model takes part"
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": record["run_id"],
        "path": str(folder),
        "status": record["status"],
        "strategy": record["strategy"]["name"],
        "label": label_of(record),
        "parameters": record["strategy"]["parameters"],
        "task": record["task"]["name"],
        "language": record["task"].get("language"),
        "synthetic": record["task"].get("synthetic", False),
        "model": model.get("name"),
        "weights_origin": model.get("weights_origin"),
        "quantization": model.get("quantization"),
        "adapter": model.get("adapter"),
        "seed": record["config"]["seed"],
        "n": derived.get("n"),
        "rows": record["task"]["rows"],
        "outcomes": derived.get("outcomes", {}),
        "primary": derived.get("primary"),
        "readout": record["readout"],
        "metrics": derived.get("metrics", {}),
        "slices": derived.get("slices", {}),
        "judge": _judge(record, derived, cost, served),
        "ledger": _ledger(developed, served),
        "cost": cost.as_dict(),
        "latency": _latency(record, notes),
        "throughput": throughput(totals(served).get("serve")),
        "device": record["device"]["class"],
        "shared": record.get("shared"),
        "machine_use": record.get("machine_use"),
        "artifact": record.get("artifact"),
        "documents": (record.get("artifact") or {}).get("details", {}).get("documents"),
        "wall_seconds": record["wall_seconds"],
        "finished": record["finished"],
        "notes": notes,
    }


def label_of(record: Mapping[str, Any]) -> str:
    """Returns the strategy with the parameters that were set, which tells its runs apart."""
    values = record["config"].get("set") or {}
    chosen = ", ".join(f"{key}={value}" for key, value in values.items())
    name: str = record["strategy"]["name"]
    return f"{name} ({chosen})" if chosen else name


def sharing(record: Mapping[str, Any]) -> str | None:
    """Says that a run wasn't alone on its machine; None where it was, or nobody knows.

    Args:
        record: Its run.json.
    """
    if record.get("shared"):
        phases = ", ".join(record.get("shared_phases") or ["some phases"])
        return f"another run was on the machine during {phases}: the seconds don't compare"
    share = (record.get("machine_use") or {}).get("others_cpu_share") or 0.0
    if share >= BUSY:
        return f"other programs took {share:.0%} of the machine's processor time"
    return None


def _latency(record: dict[str, Any], notes: dict[str, str]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = record.get("latency")
    if not found:
        notes["latency"] = "not measured"
        return None
    if found["stopped_by"] == "time":
        notes["latency"] = f"only {found['requests']} requests were timed: each takes long"
    return {name: value for name, value in found.items() if name != "seconds"}


def throughput(served: PhaseTotal | None) -> dict[str, Any] | None:
    """Returns what answering the test came to in a second. It is what the costs are priced by.

    Args:
        served: The phase ``serve``; None where nothing was answered.

    Returns:
        Requests and tokens a second, the mean number of requests that were read together (None
        where a model isn't run by us), and whether what prompts begin with ran once for several.
    """
    requests = served.quantities.get("requests", 0) if served else 0
    if served is None or not served.seconds or not requests:
        return None
    usage = served.usage
    batches = usage.passes - usage.decode_steps
    return {
        "requests_per_second": requests / served.seconds,
        "tokens_per_second": (usage.input_tokens + usage.output_tokens) / served.seconds,
        "output_tokens_per_second": usage.output_tokens / served.seconds,
        "requests_per_batch": requests / batches if batches > 0 else None,
        "prefixes_shared": 0 < usage.computed_tokens < usage.input_tokens,
        "priced": True,
    }


def _ledger(developed: list[Spend], served: list[Spend]) -> dict[str, Any]:
    """Phases with seconds and tokens; loading for training and for serving apart."""
    table: dict[str, Any] = {}
    for suffix, part in (("", developed), ("serve ", served)):
        for phase, total in totals(part).items():
            name = phase if phase not in table else f"{suffix}{phase}"
            table[name] = {
                "seconds": round(total.seconds, 3),
                "device_seconds": round(total.device_seconds, 3),
                "tokens": total.usage.as_dict(),
                "quantities": total.quantities,
                "peak_memory_bytes": total.peak_memory_bytes,
                "energy_joules": total.energy_joules,
                "attempts": total.attempts,
                "paid": total.paid,
            }
    return table
