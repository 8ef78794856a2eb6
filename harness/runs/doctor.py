"""What this machine can do: versions, device, what fits, what is cached; and a small real test."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness import devices
from harness.errors import HarnessError, MissingDependency
from harness.records.meters import meter
from harness.runs.checks import Check, CheckReport, Status, check
from harness.version import __version__

__all__ = ["diagnose", "self_test_report"]

EXTRAS = {
    "local": ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "gguf"),
    "tables": ("openpyxl", "pyarrow"),
    "hub": ("datasets",),
    "rag": ("langchain",),
    "judge": ("ragas",),
    "lm-eval": ("lm-eval",),
    "api": ("langchain-openai",),
}


def diagnose() -> CheckReport:
    """Looks at the machine without running anything."""
    checks: list[Check] = []
    for part in (_packages, _machine, _gpu, _gpu_runs, _models, _network):
        try:
            checks.extend(part())
        except HarnessError as error:
            checks.append(check(part.__name__.strip("_"), "warning", error.message, error.hint))
    return {"harness": __version__, "checks": checks}


def _packages() -> Iterator[Check]:
    for extra, names in EXTRAS.items():
        for name in names:
            try:
                yield check(name, "ok", version(name))
            except PackageNotFoundError:
                yield check(name, "info", "not installed", f"pip install 'adaptbench[{extra}]'")
    if importlib.util.find_spec("kernels"):
        detail = "with it, bitsandbytes on the CPU asks a hub for a kernel"
        yield check("kernels", "warning", detail, "pip uninstall kernels")


def _machine() -> Iterator[Check]:
    info = devices.machine_info()
    memory = info["memory_bytes"] / 2**30
    bf16 = "bf16 in hardware" if info["bf16"] else "no bf16 in hardware: float32 is used"
    detail = f"{info['cpu']}, {info['threads']} threads, {memory:.1f} GiB, {bf16}"
    yield check("machine", "ok", detail)
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    status: Status = "ok" if free > 2 else "warning"
    yield check("disk", status, f"{free:.1f} GiB free here", "" if free > 2 else "Make room.")


def _gpu() -> Iterator[Check]:
    if importlib.util.find_spec("torch") is None:
        hint = "pip install 'adaptbench[local]'"
        yield check("device", "info", "no torch: records and reports only", hint)
        return
    import torch

    if devices.gpu_on_machine() and not torch.cuda.is_available():
        detail = f"there is a GPU, but torch {torch.__version__} can't use it"
        hint = "Install the CUDA build of torch: https://pytorch.org/get-started/locally"
        yield check("device", "warning", detail, hint)
    device = devices.select()
    free = devices.free_memory_bytes(device)
    detail = f"{device.device_class}, {device.dtype}, {free / 2**30:.1f} GiB free"
    yield check("device", "ok", detail)
    yield check("fits", "info", _fits(free))


def _gpu_runs() -> Iterator[Check]:
    from harness.costs.gpu_runs import described

    parts = described(Path("results"))
    nothing = "the CUDA paths have not been run by us"
    yield check("ran on a GPU", "info", parts or nothing, "" if parts else "make test-gpu")


def _fits(free: int) -> str:
    """Names the largest model by method, from bytes for a parameter with its optimizer state."""
    sizes = {"full-finetune": 16.0, "lora": 2.1, "qlora": 0.7, "prompting": 2.0}
    usable = 0.8 * free
    words = [f"{name} up to about {usable / size / 1e9:.1f} B" for name, size in sizes.items()]
    return "parameters, before activations: " + ", ".join(words)


def _models() -> Iterator[Check]:
    from harness.models.sources.catalog import catalog
    from harness.models.sources.fetch import is_cached

    for name in catalog():
        hint = "" if is_cached(name) else f"harness models fetch {name}"
        yield check(name, "ok" if not hint else "info", "not cached" if hint else "cached", hint)


def _network() -> Iterator[Check]:
    offline = os.environ.get("HARNESS_OFFLINE", "") not in ("", "0")
    yield check("network", "info", "HARNESS_OFFLINE is set" if offline else "may be used")


def self_test_report() -> CheckReport:
    """Trains and scores a tiny random model, and adds the outcomes to what `diagnose` reports.

    Raises:
        MissingDependency: There is no torch.
    """
    if importlib.util.find_spec("torch") is None:
        raise MissingDependency("the self-test needs torch", "pip install 'adaptbench[local]'")
    from harness.models.local.tiny import tiny_llama

    report = diagnose()
    with tempfile.TemporaryDirectory(prefix="adaptbench-") as folder:
        root = Path(folder)
        model = tiny_llama(root / "model")
        report["checks"] += [_outcome(name, part, root, model) for name, part in PARTS.items()]
    return report


def _outcome(name: str, part: Callable[[Path, Path], str], root: Path, model: Path) -> Check:
    since = time.monotonic()
    try:
        detail = part(root, model)
        status: Status = "info" if detail.startswith("not run") else "ok"
    except Exception as error:  # a self-test reports whatever goes wrong
        detail, status = f"{type(error).__name__}: {error}", "failed"
    return check(f"self-test: {name}", status, f"{detail} ({time.monotonic() - since:.1f} s)")


def _run(root: Path, model: Path, strategy: str, **options: object) -> dict[str, Any]:
    from harness.analysis.summary import summary
    from harness.config import run_config
    from harness.costs.book import load_book
    from harness.runs.runner import run

    limits = {"limit": 16, "train_limit": 32, "offline": True}
    run_options = {"strategy": strategy, "model": str(model), "results": root / "results"}
    config = run_config(**run_options, **limits, **options)
    return summary(run(config).folder, load_book(None))


def _train_and_score(root: Path, model: Path) -> str:
    report = _run(root, model, "lora", set={"max_steps": 4, "batch_size": 8})
    tokens = report["ledger"]["train"]["tokens"]["input_tokens"]
    return f"4 steps on {tokens} tokens, {report['n']} rows answered"


def _nf4(root: Path, model: Path) -> str:
    report = _run(root, model, "qlora", set={"max_steps": 2, "batch_size": 8})
    return f"{report['quantization']}, {report['n']} rows answered"


def _bf16(root: Path, model: Path) -> str:
    import torch

    a = torch.randn(256, 256, device=devices.select().torch)
    error = ((a.bfloat16() @ a.bfloat16()).float() - a @ a).abs().max().item()
    if error > 2.0:
        raise HarnessError(f"a bf16 product is off by {error:.2f}")
    return f"largest deviation from float32 {error:.3f}"


def _meters(root: Path, model: Path) -> str:
    import torch

    device = devices.select()
    gauge = meter(device)
    gauge.start()
    block = torch.ones(64 << 20, dtype=torch.uint8, device=device.torch)
    time.sleep(0.5)
    reading = gauge.stop()
    del block
    energy = f"{reading.energy_joules:.1f} J" if reading.energy_joules is not None else "no energy"
    peak = reading.peak_memory_bytes
    memory = f"{peak / 2**20:.0f} MiB" if peak is not None else "no memory"
    return f"{memory}, {energy}: {reading.energy_note}"


def _agreement(root: Path, model: Path) -> str:
    if not devices.select().is_gpu:
        return "not run: there is no GPU"
    options = {"readout": "loglikelihood", "task": "insurer-ko", "dtype": "float32"}
    reports = [_run(root, model, "zero-shot", device=name, **options) for name in ("cpu", "auto")]
    if reports[0]["metrics"] != reports[1]["metrics"]:
        raise HarnessError("CPU and GPU give different scores")
    return "the same scores"


PARTS: dict[str, Callable[[Path, Path], str]] = {
    "train and score": _train_and_score,
    "NF4": _nf4,
    "bf16": _bf16,
    "meters": _meters,
    "CPU against GPU": _agreement,
}
