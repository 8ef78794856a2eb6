"""Devices that models run on: which there is, its dtype, threads and memory."""

from __future__ import annotations

import errno
import gc
import logging
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from harness.errors import HarnessError, MissingDependency, UsageError, nearest, needs

__all__ = [
    "Device",
    "TorchHardware",
    "capacity_bytes",
    "free_memory_bytes",
    "machine_info",
    "make_room",
    "memory_limit_bytes",
    "out_of_memory",
    "select",
    "threads",
]

if TYPE_CHECKING:
    from torch import device as TorchDevice
    from torch import dtype as TorchDtype

log = logging.getLogger(__name__)

DTYPES = ("bfloat16", "float32", "float16")
BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # the last one is aarch64's


@dataclass(frozen=True, slots=True)
class Device:
    """Where a model runs."""

    kind: str  # ``cuda``, ``mps`` or ``cpu``; ``api`` where the model is behind a server
    index: int = 0  # which of several; 0 for a CPU
    name: str = ""  # of the hardware (``NVIDIA L4``)
    dtype: str = "float32"  # type of the weights (``bfloat16``)

    @property
    def is_gpu(self) -> bool:
        """Whether the weights are in a GPU's reach."""
        return self.kind not in ("cpu", "api")

    @property
    def device_class(self) -> str:
        """The device without its number: what makes two runs comparable."""
        return f"{self.kind}:{self.name}" if self.is_gpu else self.kind

    @property
    def torch(self) -> TorchDevice:
        """The ``torch.device``."""
        import torch

        return (
            torch.device(self.kind, self.index) if self.kind == "cuda" else torch.device(self.kind)
        )

    @property
    def torch_dtype(self) -> TorchDtype:
        """The ``torch.dtype``."""
        import torch

        return getattr(torch, self.dtype)


class TorchHardware:
    """Asks torch and the operating system what there is; replaced in tests."""

    def __init__(self) -> None:
        with needs("running a model on this machine", "local"):
            import torch
        self._torch = torch

    def cuda_count(self) -> int:
        """Returns the number of GPUs that torch can use."""
        return self._torch.cuda.device_count() if self._torch.cuda.is_available() else 0

    def cuda_name(self, index: int) -> str:
        """Returns a GPU's name."""
        return str(self._torch.cuda.get_device_name(index))

    def cuda_bf16(self, index: int) -> bool:
        """Whether a GPU computes in bfloat16 itself: Ampere (8.0) and later."""
        return bool(self._torch.cuda.get_device_capability(index) >= (8, 0))

    def mps(self) -> bool:
        """Whether there is an Apple GPU."""
        return bool(self._torch.backends.mps.is_available())

    def cpu_bf16(self) -> bool:
        """Whether the CPU has bfloat16 instructions."""
        return cpu_has_bf16()

    def why_no_cuda(self) -> str:
        """Returns why torch can't use a GPU, with the next step."""
        if not gpu_on_machine():
            return "No NVIDIA GPU was found here. Use --device cpu."
        if self._torch.version.cuda is None:
            return (
                f"There is a GPU, but torch {self._torch.__version__} is a build without CUDA. "
                "Install one with it: https://pytorch.org/get-started/locally/"
            )
        return (
            f"There is a GPU, but torch {self._torch.__version__} (CUDA {self._torch.version.cuda})"
            " can't use it: compare with the driver's version in nvidia-smi, and check "
            "CUDA_VISIBLE_DEVICES."
        )


def select(
    device: str = "auto", dtype: str = "auto", hardware: TorchHardware | None = None
) -> Device:
    """Chooses where a model runs (``auto``, ``cpu``, ``cuda:1``, ...), and in which type.

    ``auto`` takes CUDA, then MPS, then the CPU; and bfloat16 where the hardware computes in it
    (CPU flags avx512_bf16, amx_bf16 or aarch64 bf16; CUDA from Ampere on), else float32. An older
    GPU could do float16, but training in it without loss scaling diverges, and not every Apple GPU
    computes in bfloat16: both have to be asked for.

    Raises:
        UsageError: There is no such device or dtype.
        MissingDependency: The device isn't there, or torch isn't.
    """
    if dtype not in ("auto", *DTYPES):
        raise UsageError(f"Unknown dtype '{dtype}'", nearest(dtype, ["auto", *DTYPES]))
    kind, _, number = device.partition(":")
    if kind not in ("auto", "cuda", "mps", "cpu") or (number and not number.isdecimal()):
        raise UsageError(
            f"Unknown device '{device}'", nearest(device, ["auto", "cuda", "mps", "cpu"])
        )
    hardware = hardware or TorchHardware()
    place = _find(kind, int(number or 0), hardware)
    chosen = _auto_dtype(place, hardware) if dtype == "auto" else dtype
    return Device(place.kind, place.index, place.name, chosen)


def _find(kind: str, index: int, hardware: TorchHardware) -> Device:
    count = hardware.cuda_count()
    if kind == "cuda" and not count:
        raise MissingDependency("CUDA isn't available", hardware.why_no_cuda())
    if kind == "cuda" and index >= count:
        raise MissingDependency(
            f"There is no cuda:{index}", f"torch sees {count} GPU(s), numbered from 0."
        )
    if count and kind in ("auto", "cuda"):
        return Device("cuda", index, hardware.cuda_name(index))
    if kind == "mps" and not hardware.mps():
        raise MissingDependency("MPS isn't available", "It needs an Apple GPU. Use --device cpu.")
    if kind != "cpu" and hardware.mps():
        return Device("mps", 0, platform.processor() or "Apple GPU")
    if kind == "auto" and gpu_on_machine():
        log.warning("Running on the CPU. %s", hardware.why_no_cuda())
    return Device("cpu", 0, cpu_name())


def _auto_dtype(device: Device, hardware: TorchHardware) -> str:
    native = {
        "cuda": lambda: hardware.cuda_bf16(device.index),
        "mps": lambda: False,
        "cpu": hardware.cpu_bf16,
    }
    return "bfloat16" if native[device.kind]() else "float32"


def gpu_on_machine(root: Path = Path("/")) -> bool:
    """Whether the operating system knows an NVIDIA GPU, whatever torch says."""
    return (root / "dev/nvidia0").exists() or (root / "proc/driver/nvidia/version").exists()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _cpuinfo(root: Path, key: str) -> str:
    for line in _read(root / "proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def cpu_name(root: Path = Path("/")) -> str:
    """Returns the processor's model name."""
    return _cpuinfo(root, "model name") or platform.processor() or platform.machine()


def cpu_has_bf16(root: Path = Path("/")) -> bool:
    """Whether the CPU has bfloat16 instructions; with plain AVX-512 they would be emulated."""
    flags = _cpuinfo(root, "flags") or _cpuinfo(root, "Features")
    return bool(BF16_FLAGS & set(flags.split()))


def _cgroup_files(root: Path, controller: str, name: str) -> Iterator[str]:
    """Yields a control file's text for this process' group and every group above it."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, controllers, group = line.split(":", 2)
        mounts = [""] if number == "0" else [controllers, controller]  # v2, or v1
        if number != "0" and controller not in controllers.split(","):
            continue
        for mount in dict.fromkeys(mounts):
            base = root / "sys/fs/cgroup" / mount
            inner = base / group.lstrip("/")
            for folder in (inner, *inner.parents):
                if text := _read(folder / name).strip():
                    yield text
                if folder == base:
                    break


def _cpu_quotas(root: Path) -> Iterator[float]:
    for text in _cgroup_files(root, "cpu", "cpu.max"):
        quota, period = text.split()
        if quota != "max":
            yield int(quota) / int(period)
    quotas = _cgroup_files(root, "cpu", "cpu.cfs_quota_us")
    periods = _cgroup_files(root, "cpu", "cpu.cfs_period_us")
    for quota, period in zip(quotas, periods, strict=False):
        if int(quota) > 0:
            yield int(quota) / int(period)


def _affinity() -> list[int]:
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(psutil.cpu_count() or 1))  # macOS has neither affinity nor cgroups


def threads(root: Path = Path("/")) -> int:
    """Returns how many threads this process may really use.

    The least of the scheduler's affinity, the cgroup's CPU quota (v1 and v2),
    ``SLURM_CPUS_PER_TASK`` and ``OMP_NUM_THREADS``; at least one.
    """
    limits: list[float] = [len(_affinity()), *_cpu_quotas(root)]
    for variable in ("SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS"):
        value = os.environ.get(variable, "").split(",")[0].strip()
        if value.isdecimal() and int(value):
            limits.append(int(value))
    return max(1, int(min(limits)))


def physical_cores(root: Path = Path("/")) -> int:
    """Returns the cores behind the usable logical processors; hyper-threads count once."""
    cores = set()
    for cpu in _affinity():
        topology = root / f"sys/devices/system/cpu/cpu{cpu}/topology"
        core = _read(topology / "core_id").strip()
        cores.add((_read(topology / "physical_package_id").strip(), core or f"cpu{cpu}"))
    return min(len(cores), threads(root))


def memory_limit_bytes(root: Path = Path("/")) -> int:
    """Returns the memory of the machine, or of the cgroup where that is less."""
    texts = [*_cgroup_files(root, "memory", "memory.max")]
    texts += _cgroup_files(root, "memory", "memory.limit_in_bytes")
    limits = [int(text) for text in texts if text.isdecimal()]
    return min([int(psutil.virtual_memory().total), *limits])


def free_memory_bytes(device: Device) -> int:
    """Returns the memory that a model could still take on a device."""
    if device.kind == "cuda":
        import torch

        return int(torch.cuda.mem_get_info(device.index)[0])
    free = int(psutil.virtual_memory().available)
    own = int(psutil.Process().memory_info().rss)
    return max(0, min(free, memory_limit_bytes() - own))


def capacity_bytes(device: Device) -> int:
    """Returns the memory that a device has, free or not: the same at every call."""
    if device.kind == "cuda":
        import torch

        return int(torch.cuda.get_device_properties(device.index).total_memory)
    return memory_limit_bytes()


def make_room(device: Device) -> None:
    """Frees what unused models take on a GPU, and makes it the current device.

    Packed weights and their layer refer to each other, so only a search for reference cycles frees
    them. Libraries that take no device, and a checkpoint's random numbers, use the current one.
    """
    if device.kind != "cuda":
        return
    import torch

    torch.cuda.set_device(device.index)
    gc.collect()
    torch.cuda.empty_cache()


def machine_info() -> dict[str, Any]:
    """Describes the machine, for a record; no host or user name is in it."""
    return {
        "os": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "cpu": cpu_name(),
        "architecture": platform.machine(),
        "physical_cores": physical_cores(),
        "threads": threads(),
        "memory_bytes": memory_limit_bytes(),
        "bf16": cpu_has_bf16(),
        "gpus": _gpus(),
    }


def _gpus() -> list[dict[str, Any]]:
    """Lists GPUs without importing torch, which takes seconds: a run without a model needs none."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return []
    gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    return [
        {
            "name": gpu.name,
            "memory_bytes": int(gpu.total_memory),
            "capability": f"{gpu.major}.{gpu.minor}",
        }
        for gpu in gpus
    ]


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on any device."""
    torch = sys.modules.get("torch")
    known = getattr(torch, "OutOfMemoryError", MemoryError)
    if isinstance(error, (MemoryError, known)):
        return True
    if isinstance(error, (HarnessError, ValueError, TypeError)):
        return False  # somebody's words about memory
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    # Libraries have exceptions of their own; safetensors' has the system's number in its text.
    texts = [
        "out of memory",
        "can't allocate memory",
        "Cannot allocate memory",
        "not enough memory",
        "STATUS_ALLOC_FAILED",
        "std::bad_alloc",
    ]
    return any(text in str(error) for text in texts)
