"""GPU-hours that recorded work would take on a GPU, by the formulas of docs/costs.md."""

from __future__ import annotations

from tests.docs.recomputed.records import Run, book

REACHED = 0.3, 0.5  # of the peak, and of the bandwidth


def gpu_hours(run: Run) -> float:
    """Training with a frozen trunk, reading and decoding; loading and saving left out."""
    row = next(row for row in book()["machines"] if row["id"] == book()["defaults"]["projection"])
    gpu = next(gpu for gpu in book()["gpus"] if gpu["id"] == row["gpu"])
    peak = gpu["tflops"]["bf16"] * 1e12 * REACHED[0]
    bandwidth = gpu["bandwidth_gb_s"] * 1e9 * REACHED[1]
    seconds = _training(run) / peak
    for phase in ("serve", "latency"):
        seconds += _answering(run, phase, peak, bandwidth)
    return seconds / 3600


def _sizes(run: Run) -> tuple[float, float, float]:
    """Weights of the trunk, of the head, and what attention takes for each pair of positions."""
    a = run.record["model"]["architecture"]
    head = a["vocabulary"] * a["hidden"]
    return a["trunk_parameters"], head, 4 * a["layers"] * a["heads"] * a["head_dim"]


def _training(run: Run) -> float:
    """4 N D + 6 Na D, and 4 V h for each position that is scored."""
    trunk, head, attention = _sizes(run)
    positions, sequences = (run.total("train", n, 0) for n in ("computed_tokens", "sequences"))
    products = 4 * trunk + 6 * (run.weights or 0) + 3 * attention * positions / sequences
    return positions * products + run.total("train", "scored_positions", 0) * 4 * head


def _answering(run: Run, phase: str, peak: float, bandwidth: float) -> float:
    """Reading by the peak; a step of decoding by the slower of the peak and the bandwidth."""
    trunk, head, attention = _sizes(run)
    names = "computed_tokens", "output_tokens", "input_tokens", "scored_positions", "decode_steps"
    computed, output, read, scored, steps = (run.total(phase, name) for name in names)
    requests = run.total(phase, "requests")
    reading = (computed - output) * (2 * trunk + attention * read / requests)
    reading += (scored - output) * 2 * head
    batch, context = output / steps, (read + output / 2) / requests
    operations = batch * (2 * trunk + 2 * head + attention * context)
    a = run.record["model"]["architecture"]
    cache = batch * context * 2 * 2 * a["layers"] * a["kv_heads"] * a["head_dim"]
    return reading / peak + steps * max(operations / peak, (2 * (trunk + head) + cache) / bandwidth)
