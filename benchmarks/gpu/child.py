"""The process of one part: what it does to the GPU, or to itself, ends with it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.gpu.measure import Setting
from benchmarks.gpu.parts import run_part
from harness import devices
from harness.records.files import write_json
from harness.records.provenance import collect

__all__ = ["report", "setting_of"]

KEPT = ("harness", "commit", "python", "libraries")


def setting_of(work: Path, *, dry: bool) -> Setting:
    """Returns where the parts run: the first GPU in its best type, or the CPU in a dry run."""
    import torch

    torch.set_num_threads(devices.threads())
    device = devices.select("cpu", "float32") if dry else devices.select("cuda")
    return Setting(device, work, dry)


def report(name: str, setting: Setting) -> dict[str, Any]:
    """Runs a part, and describes the machine as only a process that uses the GPU can."""
    part = run_part(name, setting)
    about = collect()
    gpus = about.machine.gpus
    gpu = gpus[setting.device.index] if setting.device.is_gpu and gpus else None
    return {
        "part": part.model_dump(mode="json"),
        "device": setting.device.device_class,
        "capability": gpu.capability if gpu else "",
        "memory_bytes": gpu.memory_bytes if gpu else None,
        "commit": about.commit,
        "versions": {
            "harness": about.harness,
            "python": about.python,
            **about.libraries,
            **_cuda_versions(),
        },
    }


def _cuda_versions() -> dict[str, str]:
    import torch

    found = torch.version.cuda
    return {"cuda": str(found)} if found else {}


def main() -> None:
    """Takes one JSON object as its argument, and writes another where that says."""
    asked = json.loads(sys.argv[1])
    setting = setting_of(Path(asked["work"]), dry=asked["dry"])
    write_json(Path(asked["out"]), report(asked["part"], setting))


if __name__ == "__main__":
    main()
