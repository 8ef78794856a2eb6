"""What this machine can do: versions, device, what fits, what is cached; and a real small test."""

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
from harness.version import __version__

__all__ = ["diagnose", "self_test_report"]

Check = dict[str, Any]

EXTRAS = {
    "torch": "local",
    "transformers": "local",
    "peft": "local",
    "bitsandbytes": "local",
    "accelerate": "local",
    "gguf": "local",
    "openpyxl": "tables",
    "pyarrow": "tables",
    "datasets": "hub",
    "langchain": "rag",
    "lm_eval": "judge",
    "ragas": "judge",
    "openai": "api",
}


def _check(name: str, status: str, detail: str, hint: str = "") -> Check:
    return {"name": name, "status": status, "detail": detail, "hint": hint}


def diagnose() -> dict[str, Any]:
    """Looks at the machine without running anything.

    Returns:
        ``checks`` with name, status (``ok``, ``info``, ``warning``, ``failed``), detail and hint.
    """
    found: list[Check] = []
    for part in (_packages, _machine, _gpu, _gpu_runs, _models, _network):
        try:
            found.extend(part())
        except HarnessError as error:
            found.append(_check(part.__name__.strip("_"), "warning", error.message, error.hint))
    return {"harness": __version__, "checks": found}


def _packages() -> Iterator[Check]:
    for module, extra in EXTRAS.items():
        name = module.replace("_", "-")
        try:
            yield _check(name, "ok", version(name))
        except PackageNotFoundError:
            hint = f"pip install 'adaptbench[{extra}]'"
            yield _check(name, "info", "not installed", hint)
    if importlib.util.find_spec("kernels"):
        yield _check(
            "kernels",
            "warning",
            "with it, bitsandbytes on the CPU asks a hub for a kernel",
            "pip uninstall kernels",
        )


def _machine() -> Iterator[Check]:
    info = devices.machine_info()
    memory = info["memory_bytes"] / 2**30
    bf16 = "bf16 in hardware" if info["bf16"] else "no bf16 in hardware: float32 is used"
    detail = f"{info['cpu']}, {info['threads']} threads, {memory:.1f} GiB, {bf16}"
    yield _check("machine", "ok", detail)
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    status = "ok" if free > 2 else "warning"
    yield _check("disk", status, f"{free:.1f} GiB free here", "" if free > 2 else "Make room.")


def _gpu() -> Iterator[Check]:
    if importlib.util.find_spec("torch") is None:
        yield _check("device", "info", "no torch: records and reports only", "adaptbench[local]")
        return
    import torch

    if devices.gpu_on_machine() and not torch.cuda.is_available():
        yield _check(
            "device",
            "warning",
            f"there is a GPU, but torch {torch.__version__} can't use it",
            "Install the CUDA build of torch: https://pytorch.org/get-started/locally",
        )
    device = devices.select()
    free = devices.free_memory_bytes(device)
    detail = f"{device.device_class}, {device.dtype}, {free / 2**30:.1f} GiB free"
    yield _check("device", "ok", detail)
    yield _check("fits", "info", _fits(free))


def _gpu_runs() -> Iterator[Check]:
    from harness.costs.gpu_runs import described

    parts = described(Path("results"))
    nothing = "the CUDA paths have not been run by us"
    yield _check("ran on a GPU", "info", parts or nothing, "" if parts else "make test-gpu")


def _fits(free: int) -> str:
    """Largest models by method, from bytes a parameter (optimizer and gradients included)."""
    sizes = {"full-finetune": 16.0, "lora": 2.1, "qlora": 0.7, "prompting": 2.0}
    usable = 0.8 * free
    words = [f"{name} up to about {usable / size / 1e9:.1f} B" for name, size in sizes.items()]
    return "parameters, before activations: " + ", ".join(words)


def _models() -> Iterator[Check]:
    from harness.models.sources.catalog import catalog
    from harness.models.sources.fetch import is_cached

    for name in catalog():
        hint = "" if is_cached(name) else f"harness models fetch {name}"
        yield _check(name, "ok" if not hint else "info", "not cached" if hint else "cached", hint)


def _network() -> Iterator[Check]:
    offline = os.environ.get("HARNESS_OFFLINE", "") not in ("", "0")
    yield _check("network", "info", "HARNESS_OFFLINE is set" if offline else "may be used")


def self_test_report() -> dict[str, Any]:
    """Trains and scores a tiny random model for real, in a temporary folder.

    Returns:
        As `diagnose`, with one check for each part, to be pasted into a report of a problem.

    Raises:
        MissingDependency: There is no torch.
    """
    if importlib.util.find_spec("torch") is None:
        raise MissingDependency("the self-test needs torch", "pip install 'adaptbench[local]'")
    found = diagnose()["checks"]
    with tempfile.TemporaryDirectory(prefix="adaptbench-") as folder:
        root = Path(folder)
        from harness.models.local.tiny import tiny_llama

        model = tiny_llama(root / "model")
        parts: dict[str, Callable[[Path, Path], str]] = {
            "train and score": _train_and_score,
            "NF4": _nf4,
            "bf16": _bf16,
            "meters": _meters,
            "CPU against GPU": _agreement,
        }
        for name, part in parts.items():
            since = time.monotonic()
            try:
                detail = part(root, model)
                status = "info" if detail.startswith("not run") else "ok"
            except Exception as error:  # a self-test reports whatever goes wrong
                detail, status = f"{type(error).__name__}: {error}", "failed"
            detail += f" ({time.monotonic() - since:.1f} s)"
            found.append(_check(f"self-test: {name}", status, detail))
    return {"harness": __version__, "checks": found}


def _run(root: Path, model: Path, strategy: str, **options: Any) -> dict[str, Any]:
    from harness.analysis.summary import summary
    from harness.config import run_config
    from harness.costs.book import load_book
    from harness.runs.runner import run

    config = run_config(
        strategy=strategy,
        model=str(model),
        results=root / "results",
        limit=16,
        train_limit=32,
        offline=True,
        **options,
    )
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
    values = [
        _run(
            root,
            model,
            "zero-shot",
            readout="loglikelihood",
            task="insurer-ko",
            device=device,
            dtype="float32",
        )["metrics"]
        for device in ("cpu", "auto")
    ]
    if values[0] != values[1]:
        raise HarnessError("CPU and GPU give other scores")
    return "the same scores"
