"""README.md: what its first command prints, what it found."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.projection import gpu_hours
from tests.docs.recomputed.records import Run, machine, month, run, runs
from tests.docs.recomputed.statistics import f1, scored

INSURER, KOREAN, LARGER = "insurer-ko", "korean-insurance", "qwen2.5-coder-1.5b"


def first() -> Run:
    """The run of the same strategy in the study."""
    return run(KOREAN, INSURER, "qlora")


def screen() -> Run:
    """The record of the first command, as the README shows it."""
    return run("first-run", INSURER, "qlora")


def of(seen: str):  # type: ignore[no-untyped-def]
    return lambda row: row["columns"]["slice"] == seen


def tied(one: Run) -> float:
    """Weights of a model, a table that is also the head counted once."""
    sizes = one.record["model"]["architecture"]
    return sizes["trunk_parameters"] + sizes["vocabulary"] * sizes["hidden"]


def times_as_large() -> float:
    return tied(run(LARGER, INSURER, "zero-shot")) / tied(first())


def line(metric: str, keep=lambda row: True):  # type: ignore[no-untyped-def]
    return [scored(first(), metric, keep), len(first().values(metric, keep))]


def bill(phase: str, part: int) -> Says:
    """A row of the screen's table of costs."""
    one, seconds = screen(), screen().seconds(phase, part=part)
    time = [seconds // 60, round(seconds % 60)] if seconds >= 60 else [seconds]
    tokens = [one.total(phase, f"{kind}_tokens", part) for kind in ("input", "output")]
    usd = seconds * machine()["usd_per_hour"] / 3600
    written = "{} min {} s" if len(time) == 2 else "{} s"
    return Says(
        f"\n    {phase} {written} {{}} {{}} {{}} GiB {{}} paid",
        lambda: [*time, *tokens, one.peak_mib(phase, part) / 1024, usd],
    )


def latency() -> Says:
    """p95 has an upper bound by rank, where there are requests enough."""
    seconds = screen().record["latency"]["seconds"]
    figures = [1000 * float(np.quantile(seconds, share)) for share in (0.5, 0.95)]
    rank = int(stats.binom.ppf(0.95, len(seconds), 0.95))
    bound = [1000 * sorted(seconds)[rank]] if rank < len(seconds) else []
    most = " (at most {} ms)" * len(bound)
    figures += [*bound, len(seconds), screen().record["latency"]["held_tokens"]]
    return Says(f"{{}} ms / {{}} ms{most}, {{}} single requests, {{}} tokens", lambda: figures)


def throughput() -> list[float]:
    one, seconds = screen(), screen().seconds("serve")
    tokens = one.total("serve", "input_tokens") + one.total("serve", "output_tokens")
    batches = one.total("serve", "passes") - one.total("serve", "decode_steps")
    requests = one.total("serve", "requests")
    return [requests / seconds, tokens / seconds, requests / batches]


COMMAND: list[Rule] = [
    Says("answers {} test questions", lambda: [len(screen().rows)]),
    Says("exact_match * {} [{}, {}] {} cluster", lambda: line("exact_match")),
    Says("abstention_recall {} [{}, {}] {} cluster", lambda: line("abstention_recall")),
    Says("slice=seen {} [{}, {}] {} wilson", lambda: line("exact_match", of("seen"))),
    Says("slice=unseen {} [{}, {}] {} cluster", lambda: line("exact_match", of("unseen"))),
    bill("train", 0),
    Says("label ({} rows)", lambda: [screen().labels]),
    Says("- {} {} - unpriced", lambda: [0, 0]),
    bill("serve", 1),
    Says("GPU-hours {}\n", lambda: [0]),
    Says("GPU-hours, projection {} ({} s) on NVIDIA L4", lambda: [
        gpu_hours(screen()), 3600 * gpu_hours(screen())]),
    latency(),
    Says("{} requests/s, {} tokens/s, {} a batch", throughput),
    Says("at least {}\n", lambda: [screen().once]),
    Says("a month of {} to {} {} requests {}, {} machine", lambda: [
        1e4, 1, 1e6, month(screen().capacity, 1e6), 1]),
    Says("{} more requests {}", lambda: [1000, screen().per_1k]),
    Says("up to {} answers", lambda: [
        max(span["quantities"]["requests"] for span in screen().ledgers[1] if span["phase"] == "serve")]),
]  # fmt: skip


def exact(name: str) -> list[list[object]]:
    one = run(KOREAN, INSURER, name)
    shown = one.record["config"]["set"].get("few-shot.k")
    return [[shown] if shown else [], [scored(one, "exact_match")], [len(one.rows)]]


def taught(cell: str) -> list[list[object]]:
    value, n = line("exact_match", of("seen" if "training showed" in cell else "unseen"))
    return [[], [value], [n]]


def news(name: str) -> list[list[object]]:
    one = run(KOREAN, "fpb-ko", name)
    return [[], [f1(one, "macro")], [len(one.rows)]]


def larger(_: str) -> list[list[object]]:
    one = run(LARGER, INSURER, "few-shot+rag")
    return [[times_as_large()], [], [scored(one, "exact_match")], [len(one.rows)]]


def exam(name: str) -> list[list[object]]:
    one, tried = run(KOREAN, "ko-insurance-exam", name), runs(KOREAN, "ko-insurance-exam")
    assert max(tried, key=lambda each: scored(each, "accuracy")[0].value) == one
    return [[1 / 4], [len(tried)], [scored(one, "accuracy")], [len(one.rows)]]


def claims(name: str) -> list[list[object]]:
    one = run(KOREAN, "insurer-claims-ko", name)
    right = scored(one, "decision_accuracy")[0]
    asked = [right] if name == "qlora" else []
    return [asked, [], [scored(one, "expected_loss")], [len(one.rows)]]


RESULTS = {
    "Look up": exact,
    "Or prompt": larger,
    "Does fine-tuning teach": taught,
    "Fine-tune or prompt": news,
    "Can it apply": exam,
    "Does equal accuracy": claims,
}


def table(cells: list[str]) -> list[list[object]]:
    """A row of the table of findings, by the question that it belongs to."""
    (figures,) = (row for question, row in RESULTS.items() if cells[0].startswith(question))
    return figures(cells[1].split("`")[1] if "`" in cells[1] and figures != taught else cells[1])


FOUND: list[Rule] = [
    Says("{} tasks of a Korean insurer", lambda: [len({
        one.record["task"]["name"] for one in runs(KOREAN, "*")})]),
    Table("| question | strategy | result | n |", table),
    Says("commands gave {}, {}, {} and {} in the first {} rows", lambda: [*(
        scored(run("again", INSURER, name, model="[gn]*"), "exact_match")[0]
        for name in ("qlora+rag", "few-shot+rag", "qlora", "tfidf")), 4]),
    Says("another processor, {} in the exam, and\n{} KRW for `qlora`", lambda: [
        scored(run("again", "ko-insurance-exam", "lora"), "correct")[0],
        scored(run("again", "insurer-claims-ko", "qlora"), "expected_loss")[0]]),
    Says("always on,\n{}, whether {} or a {} requests come", lambda: [
        month(first().capacity, 1e6), 1e4, 1e6]),
    Says("the seconds that {} more requests take", lambda: [1000]),
    Says("dollars for {} more requests, {} strategies]", lambda: [
        1000, len({one.folder.name.split("_")[1] for one in runs(KOREAN, INSURER)})]),
]  # fmt: skip

SECTIONS = {"Two commands": COMMAND, "What it found": FOUND}
