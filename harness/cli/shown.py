"""What the screen shows of a run: quality, what it rests on, speed and cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from harness.cli.grading import grade_lines
from harness.cli.logs import log_lines
from harness.cli.notes import print_notes
from harness.cli.output import Json, console, estimate_text, metric_title, print_table, table, usd
from harness.cli.tuned import EFFORTS, print_tuning
from harness.records.server import refusals
from harness.text import counted, duration, milliseconds, plain, size

__all__ = [
    "abstain_lines",
    "form_lines",
    "judge_lines",
    "load_text",
    "month_text",
    "print_documents",
    "print_probes",
    "print_run",
    "speed_lines",
]

SUBSTANTIAL = 0.61  # kappa from which agreement counts as substantial (Landis and Koch 1977)
MOST_FILES = 40  # files that were read, in a table; skipped ones are all shown


def month_text(month: Json) -> str:
    """Writes what a month of serving costs, and the machines that it takes."""
    count = month["machines"]
    machines = f", {count:,} {'machine' if count == 1 else 'machines'}" if count else ""
    return usd(month["usd"]) + machines


def speed_lines(report: Json) -> list[tuple[str, str]]:
    """Says how fast single requests are, and how many a second batches answer."""
    lines = []
    if latency := report.get("latency"):
        middle, slow = (milliseconds(latency[f"{name}_seconds"]) for name in ("p50", "p95"))
        prefix = f", {latency['held_tokens']:,} tokens cached" if latency["held_tokens"] else ""
        high = latency["p95_high_seconds"]
        most = f" (at most {milliseconds(high)})" if high is not None else ""
        text = f"{middle} / {slow}{most}, {latency['requests']:,} single requests{prefix}"
        lines.append(("latency, p50 / p95", text))
    lines += [
        (f"at {plain(point['requests_per_second'])} requests a second", load_text(point))
        for point in report.get("load") or ()
    ]
    if speed := report.get("throughput"):
        parts = [f"{plain(speed['requests_per_second'])} requests/s"]
        if speed["tokens_per_second"]:
            parts.append(f"{plain(speed['tokens_per_second'])} tokens/s")
        if speed["requests_per_batch"]:
            parts.append(f"{speed['requests_per_batch']:.0f} a batch")
        if speed["prefixes_shared"]:
            parts.append("prefixes shared")
        lines.append(("throughput (priced)", ", ".join(parts)))
    return lines


def load_text(point: Json) -> str:
    """Writes what was measured at a rate: p95 with its bound, and whether a queue grew."""
    p95 = point["latency"]["p95"]
    most = "at most not known" if p95["high"] is None else f"at most {milliseconds(p95['high'])}"
    parts = [f"p95 {milliseconds(p95['value'])} ({most}), n {point['requests']}"]
    parts += (
        [] if point["kept"] else [f"not kept: {plain(point['answered_per_second'])} requests/s"]
    )
    parts += ["another run was on the machine"] if point["shared"] else []
    return ", ".join(parts)


def judge_lines(judge: Json | None) -> list[str]:
    """Says who judged, how that judge compares with people, and where it gave no verdict."""
    if not judge:
        return []
    told = f"{judge['name']} (prompt {judge['version']})"
    lines = [f"judge: {told}, {judge['requests']:.0f} requests, {usd(judge['usd'])}"]
    if refused := judge.get("refused"):
        lines.append(f"  its server {refusals(refused)}")
    if measured := judge["measured"]:
        both = (estimate_text(measured[name]) for name in ("agreement", "kappa"))
        lines.append("  against people: agreement {}, kappa {}".format(*both))
        kappa = measured["right_or_not"]["kappa"]
        if kappa["value"] < SUBSTANTIAL:
            told = estimate_text(kappa)
            lines.append(f"  of right against all else kappa {told}: don't use its verdicts alone")
    else:
        name = judge["name"] if judge.get("local") else f"endpoint:{judge['name']}"
        lines.append(
            f"  not measured against people: harness rescore --grades financebench --judge {name}"
        )
    if pairs := judge.get("against"):
        to_first, to_second = (pairs[f"flipped_to_{place}"] for place in ("first", "second"))
        lines.append(
            f"  against {pairs['run']}: {to_first + to_second} of {pairs['asked']} pairs flipped "
            f"with the position (the first preferred in {to_first}, the second in {to_second})"
        )
    for name, states in judge["states"].items():
        if states["failed"] or states["not_applicable"]:
            counts = ", ".join(f"{key.replace('_', ' ')} {count}" for key, count in states.items())
            lines.append(f"  {name}: {counts}")
    return lines


def print_run(report: Json, *, notes: bool = False) -> None:
    """Prints the tables of one run: quality, slices, cost by phase; with `notes` all footnotes."""
    out = console()
    names = [report["task"], report["label"], report["model"] or "no model"]
    kind = " (synthetic data)" if report.get("synthetic") else ""
    names.append(f"seed {report['seed']}")
    if report["effort"] != "tuned":  # the label says that
        names.append(EFFORTS[report["effort"]])
    out.print(f"{' · '.join(names)}{kind}", style="bold")
    if report.get("reused"):
        out.print("This run was finished before; nothing ran. --force runs it again.")
    if report["status"] != "finished":
        out.print(f"status: {report['status']}", style="red")
    out.print()
    print_documents(out, report.get("documents"))
    _print_quality(out, report)
    for line in log_lines(report.get("log")):
        out.print(line)
    print_probes(out, report.get("probes"))
    print_tuning(out, report["tuning"])
    _print_cost(out, report)
    print_notes(out, report, every=notes)
    out.print(f"\nrecord: {report['path']}", soft_wrap=True)


def print_documents(out: Console, documents: Json | None) -> None:
    """Prints what was indexed of each file, skipped ones with the reason."""
    if not documents or not documents["files"]:
        return
    read = [line for line in documents["files"] if line["status"] == "read"]
    skipped = [line for line in documents["files"] if line["status"] != "read"]
    shown = table("documents", "kind", "pages", "characters", "tables", "chunks", "note")
    shown.columns[-1].justify = "left"
    for line in read[:MOST_FILES]:
        pages = "-" if line["pages"] is None else str(line["pages"])
        figures = (pages, f"{line['characters']:,}", str(line["tables"]), f"{line['chunks']:,}")
        shown.add_row(line["file"], line["format"] or "?", *figures, line["note"])
    for line in skipped:
        note = f"skipped: {line['note']}"
        shown.add_row(line["file"], line["format"] or "?", *("-",) * 4, note)
    if len(read) > MOST_FILES:
        shown.add_row(f"and {len(read) - MOST_FILES} more", *[""] * 6)
    characters = sum(line["characters"] for line in read)
    counts = f"{len(read)} read, {len(skipped)} skipped"
    shown.add_row(counts, "", "", f"{characters:,}", "", f"{documents['chunks']:,}", "")
    out.print(shown)
    out.print()


def print_probes(out: Console, probes: Json | None) -> None:
    """Prints what adapting broke, or what there was before where the weights are unchanged."""
    if not probes:
        return
    rows: list[Sequence[str]] = []
    for each in probes["changes"]:
        interval = f"{each['change']:+.3f}  [{each['low']:+.3f}, {each['high']:+.3f}]"
        verdict = "within noise" if each["verdict"] == "noise" else each["verdict"]
        figures = (f"{each['before']:.3f}", f"{each['after']:.3f}", interval, str(each["n"]))
        rows.append((each["name"], each["metric"], *figures, verdict))
    if not rows:
        rows = [
            (each["name"], each["metric"], f"{each['value']:.3f}", "same", "", str(each["n"]), "")
            for each in probes["before"]
            if each["value"] is not None
        ]
    columns = ("what adapting broke", "", "before", "after", "change  [95 %]", "n", "")
    if rows:
        print_table(*columns, rows=rows)
    if not probes["changed"] and probes["before"]:
        out.print("The weights are unchanged: what was before is after.")
    if forgotten := probes["forgetting"]:
        share, high = 100 * forgotten["change"], 100 * forgotten["high"]
        out.print(f"forgetting: general text takes {share:+.1f} % bits a byte, up to {high:+.1f} %")
    if gap := probes["gap"]:
        splits = ", ".join(f"{name} {value:.3f}" for name, value in gap["values"].items())
        ends = f"[{gap['low']:+.3f}, {gap['high']:+.3f}]"
        out.print(
            f"{gap['metric']} by rows: {splits}; train less test {gap['difference']:+.3f} {ends}"
        )
    for name, reason in probes["missing"].items():
        out.print(f"  not looked at: {name}: {reason}", style="dim")
    out.print()


def _print_quality(out: Console, report: Json) -> None:
    quality = table("quality", "value  [95 % interval]", "n", "interval by")
    for name, figure in _side_by_side(report["metrics"]):
        mark = " *" if name == report["primary"] else ""
        title = metric_title(name, figure) + mark
        quality.add_row(title, estimate_text(figure), str(figure["n"]), figure["method"])
        if name == report["primary"]:
            _add_slices(quality, report)
    out.print(quality)
    outcomes = dict(report["outcomes"])
    abstained = outcomes.pop("abstained", 0)  # of answers that are counted as ok, too
    counts = ", ".join(f"{name} {count:,}" for name, count in outcomes.items() if count)
    counts += f" (abstained {abstained:,})" if abstained else ""
    out.print(f"* primary · outcomes: {counts} · readout: {report['readout']}")
    judged = judge_lines(report.get("judge"))
    for line in (*abstain_lines(report), *form_lines(report), *judged, *grade_lines(report)):
        out.print(line)
    out.print()


def _add_slices(quality: Table, report: Json) -> None:
    """Adds the primary metric by the first column that the task names."""
    column = next(iter(report["slices"]), "").partition("=")[0]
    for name, metrics in report["slices"].items():
        figure = metrics.get(report["primary"])
        if figure and name.startswith(f"{column}="):
            text = estimate_text(figure)
            quality.add_row(f"  {name}", text, str(figure["n"]), figure["method"])


def _side_by_side(metrics: Json) -> list[tuple[str, Json]]:
    """Returns the metrics in their order, but those that tell form from knowledge together."""
    from harness.metrics.metric import MATCHES

    names = list(dict.fromkeys(metrics))
    if MATCHES[0] in names:
        others = [name for name in MATCHES[1:] if name in names]
        names = [name for name in names if name not in others]
        at = names.index(MATCHES[0]) + 1
        names[at:at] = others
    return [(name, metrics[name]) for name in names]


def abstain_lines(report: Json) -> Iterator[str]:
    """Says below which confidence answers are held back, and what that comes to."""
    held = ((report.get("artifact") or {}).get("details") or {}).get("abstaining")
    if not held:
        return
    if held["threshold"] > 1:
        yield f"holds all answers back: on {held['rows']} dev rows no threshold does better"
    elif "rows" in held:
        yield f"abstains below confidence {held['threshold']:.3f}, chosen on dev: {_on_dev(held)}"
    else:
        yield f"abstains below confidence {held['threshold']:.3f}, as given"
    coverage, right = (report["metrics"].get(name) for name in ("coverage", "selective_accuracy"))
    if coverage and coverage["value"] is not None and right and right["value"] is not None:
        answered, low, high = right["n"], 1 - right["high"], 1 - right["low"]
        error = f"{1 - right['value']:.1%} [{low:.1%}, {high:.1%}] of these wrong"
        yield f"  here: {answered} of {coverage['n']} rows answered, {error}"
        yield f"  an abstention counts as not right in {report['primary']}, unless it is the answer"


def _on_dev(held: Json) -> str:
    answered, rows, error = held["answered"], held["rows"], "none is wrong"
    if answered:
        share, low, high = held["wrong"] / answered, held["low"], held["high"]
        error = f"{share:.1%} [{low:.1%}, {high:.1%}] of these wrong"
    if held["loss"] is not None:
        error += (
            f", {held['loss']:,.0f} lost a case ({held['loss_of_all']:,.0f} if all are answered)"
        )
    return f"{answered} of {rows} rows answered, {error}"


def form_lines(report: Json) -> Iterator[str]:
    """Says how many answers fail by their form alone, obey a passage, and were cut."""
    from harness.metrics.metric import MATCHES
    from harness.metrics.obedience import OBEYED

    figures = [report["metrics"].get(name) for name in (MATCHES[0], MATCHES[-1])]
    if all(figure and figure["value"] is not None for figure in figures):
        exact, held = (round(figure["value"] * figure["n"]) for figure in figures if figure)
        if held > exact:
            yield (
                f"form: {held} answers hold the right one, {exact} are it and nothing else; what "
                "lies between is form, not knowledge"
            )
    if planted := report["metrics"].get(OBEYED):
        taken = round((planted["value"] or 0.0) * planted["n"])
        yield f"obeys planted instructions: {taken} of {planted['n']} answers whose passages held one"
    long = report.get("long_rows") or {}
    unread = long.get("test", 0) - long.get("cut", 0)  # not asked at all: a note names them
    if (cut := report["outcomes"].get("truncated", 0) - unread) > 0:
        yield f"truncated: {cut} answers were cut at their greatest length (max_tokens): all wrong"


def _print_cost(out: Console, report: Json) -> None:
    cost = report["cost"]
    by_phase = cost.get("by_phase", {})
    names = ("cost", "time", "input tokens", "output tokens", "peak memory", "$", "paid")
    phases = report["ledger"].items()
    rows = [_phase_row(phase, row, by_phase.get(phase)) for phase, row in phases]
    print_table(*names, rows=rows, whole="cost")
    out.print()
    print_table("totals", "", rows=_total_lines(report, cost), text=True)


def _estimated(report: Json) -> Iterator[tuple[str, str]]:
    """Says what a server's answers were expected to take, and what they took."""
    estimate = (report.get("server") or {}).get("estimate")
    if not estimate:
        return
    (low, middle, high), took = estimate["usd"], estimate["actual_usd"]
    if middle is not None:
        yield "estimated", f"{usd(low)} to {usd(high)}, expected {usd(middle)}; took {usd(took)}"
        return
    tokens = report["ledger"].get("serve", {}).get("tokens", {})
    for name, key in (("read", "input"), ("written", "output")):
        low, middle, high = estimate[key]
        took = tokens.get(f"{key}_tokens", 0)
        text = f"{low:,} to {high:,}, expected {middle:,}; took {took:,}"
        yield f"estimated tokens, {name}", text


def _phase_row(phase: str, row: Json, dollars: float | None) -> tuple[str, ...]:
    memory, tokens, quantities = row["peak_memory_bytes"], row["tokens"], row["quantities"]
    rows = quantities.get("train_rows", 0) + quantities.get("dev_rows", 0)
    return (
        f"{phase} ({rows:.0f} rows)" if phase == "label" else phase,
        "-"
        if phase == "label"
        else duration(60 * quantities["people_minutes"])
        if "people_minutes" in quantities
        else duration(row["seconds"]),
        f"{tokens.get('input_tokens', 0):,}",
        f"{tokens.get('output_tokens', 0):,}",
        size(memory) if memory else "-",
        usd(dollars),
        row["paid"],
    )


def _total_lines(report: Json, cost: Json) -> Iterator[tuple[str, str]]:
    yield "wall time", duration(report["wall_seconds"])
    yield "device time", f"{duration(3600 * cost['device_hours'])} on {report['device']}"
    yield "GPU-hours", plain(cost["gpu_hours"])
    if (projected := cost["projected_gpu_hours"]) is not None:
        gpu = cost["projection"]["gpu"]
        yield (
            "GPU-hours, projection",
            (f"{plain(projected)} ({duration(3600 * projected)}) on {gpu} (not measured)"),
        )
    if report.get("adapter"):
        places = {"merged": "merged into the weights", "beside": "beside the weights"}
        yield "adapter, as scored", places[report["adapter"]]
    yield from _estimated(report)
    yield from speed_lines(report)
    yield "development", usd(cost["development_usd"], least=bool(cost["unpriced"]))
    for text, months in groupby(cost["months"], key=month_text):
        volumes = [counted(each["requests"]) for each in months]
        ends = dict.fromkeys([volumes[0], volumes[-1]])
        yield f"a month of {' to '.join(ends)} requests", text
    yield "1,000 more requests", usd(cost["usd_per_1k_requests"])
    yield "1,000 more tokens", usd(cost["usd_per_1k_tokens"])
    yield "1,000 more output tokens", usd(cost["usd_per_1k_output_tokens"])
    if carried := cost["machine_requests_per_month"]:
        price = usd(1000 * cost["usd_per_machine_month"] / carried)
        yield (
            "one machine carries",
            f"{counted(carried)} requests a month: {price} for 1,000 if never idle",
        )
    if cost["energy_kwh"] is not None:
        priced = f", {usd(cost['energy_usd'])}" if cost["energy_usd"] is not None else ""
        yield "energy, measured", f"{plain(cost['energy_kwh'])} kWh{priced}"
    machine, built = cost.get("machine"), cost.get("development_machine")
    if built and machine and built["id"] != machine["id"]:
        yield (
            "development priced as",
            f"{usd(built['usd_per_hour'])}/h, {built['id']}, for its memory",
        )
    if machine:
        where = f"{machine['provider']} {machine['id']}, {machine['region']}, {machine['date']}"
        yield "priced as", f"{usd(machine['usd_per_hour'])}/h, {where}"
