"""The thin part of a meter that touches a device: the operating system's counters, or a GPU's."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

__all__ = ["CudaGauge", "HostGauge"]

SAMPLE_SECONDS = 0.2
SLICE = "no energy: a slice of a GPU (MIG) has no counter of its own"
SHARED = "no energy: another process computes on this GPU"


class HostGauge:
    """The kernel's own high-water mark of resident memory, and RAPL.

    The mark (``VmHWM``) is set back through ``/proc/self/clear_refs``, so no peak between two
    looks is missed. Where that isn't allowed, memory is sampled five times a second. RAPL's
    counters cover the whole machine; they overflow about hourly, hence they are sampled too.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._process = psutil.Process()
        self._zones = list(_rapl_zones(root))
        self._mark = _HighWater(root)
        self._lock = threading.Lock()
        self._peak = 0
        self._joules = 0.0
        self._awake: threading.Event | None = None
        self.note = "RAPL: processor and memory of the whole machine"
        if not self._zones:
            there = (root / "sys/class/powercap").exists()
            why = "can't be read by this user" if there else "aren't there"
            self.note = f"no energy: RAPL counters {why}"

    def wake(self) -> None:
        """Starts sampling, where something has to be sampled."""
        self._advance()
        if self._zones or not self._mark.works:
            self._awake = threading.Event()
            threading.Thread(target=self._run, args=(self._awake,), daemon=True).start()

    def rest(self) -> None:
        """Ends sampling."""
        if self._awake:
            self._awake.set()

    def _run(self, stopped: threading.Event) -> None:
        while not stopped.wait(SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        with self._lock:
            self._peak = max(self._peak, int(self._process.memory_info().rss))
            self._joules += self._advance()

    def _advance(self) -> float:
        """Reads every counter; one that can't be read any more ends all of them."""
        try:
            return sum(zone.advance() for zone in self._zones)
        except (OSError, ValueError) as error:
            self._zones, self.note = [], f"no energy: a RAPL counter failed ({error})"
            return 0.0

    def peak(self) -> int | None:
        """Returns the highest resident memory since the last call."""
        self._sample()
        marked = self._mark.take()
        with self._lock:
            peak, self._peak = max(self._peak, marked or 0), 0
        return peak

    def joules(self) -> float | None:
        """Returns joules since the first span opened; None without a counter."""
        if not self._zones:
            return None
        self._sample()
        return self._joules if self._zones else None


class _HighWater:
    """Linux's high-water mark of this process' resident memory."""

    # The C library keeps what was freed: before the mark is set back it gives that to the system,
    # or every later phase would seem to need what the first one did.
    def __init__(self, root: Path) -> None:
        self._status, self._reset = root / "proc/self/status", root / "proc/self/clear_refs"
        self._give_back = _malloc_trim()
        self.works = True
        self.works = self.take() is not None

    def take(self) -> int | None:
        """Returns the mark in bytes and sets it back to what is resident now."""
        if not self.works:
            return None
        try:
            text = self._status.read_text(encoding="utf-8")
            self._give_back(0)
            self._reset.write_text("5", encoding="utf-8")
            return 1024 * next(
                int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM:")
            )
        except (OSError, StopIteration, ValueError):
            self.works = False
            return None


def _malloc_trim() -> Callable[[int], object]:
    """Returns glibc's function that gives freed memory back; elsewhere one that does nothing."""
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return lambda pad: 0
    return trim


class _Zone:
    """One RAPL counter, which overflows about hourly."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "energy_uj"
        self._range = int((folder / "max_energy_range_uj").read_text(encoding="utf-8"))
        self._last = int(self._file.read_text(encoding="utf-8"))

    def advance(self) -> float:
        now = int(self._file.read_text(encoding="utf-8"))
        used, self._last = (now - self._last) % (self._range + 1), now
        return used / 1e6


def _rapl_zones(root: Path) -> list[_Zone]:
    """Opens the counters of packages and DRAM; cores and the platform would count twice."""
    zones = []
    for folder in sorted((root / "sys/class/powercap").glob("intel-rapl:*")):
        with contextlib.suppress(OSError, ValueError):
            name = (folder / "name").read_text(encoding="utf-8").strip()
            if name.startswith(("package", "dram")):
                zones.append(_Zone(folder))
    return zones


class CudaGauge:
    """Asks torch's allocator (without the context and other libraries) and NVML.

    Energy is the counter of a whole GPU: on a slice of one, or beside another process, it would
    be somebody else's too, and is left out with the reason.
    """

    def __init__(self, index: int, torch_cuda: Any = None, nvml: Any = None) -> None:
        self._cuda = torch_cuda or importlib.import_module("torch").cuda
        self._index = index
        self._handle: Any = None
        self.note = "NVML: total energy counter of the whole GPU"
        try:
            self._nvml = nvml or importlib.import_module("pynvml")
            self._handle = self._open()
        except ImportError:
            self.note = "no energy: pip install nvidia-ml-py to read it"
        except Exception as error:  # pynvml raises a class a code; old GPUs have no counter
            self._handle, self.note = None, f"no energy: NVML says {error}"

    def _open(self) -> Any:
        """Finds the GPU by UUID: NVML's numbers ignore CUDA_VISIBLE_DEVICES."""
        self._nvml.nvmlInit()
        # torch gives the UUID bare, a slice's too
        uuid = str(self._cuda.get_device_properties(self._index).uuid).removeprefix("GPU-")
        handle = None if uuid.startswith("MIG-") else self._whole(uuid)
        if handle is None or self._sliced(handle):
            self.note = SLICE
            return None
        self._nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
        return handle

    def _whole(self, uuid: str) -> Any:
        """Returns the GPU of a UUID; None where that is a slice of one."""
        try:
            return self._nvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
        except Exception:  # raised again where no slice is called so either
            self._nvml.nvmlDeviceGetHandleByUUID(f"MIG-{uuid}")
            return None

    def _sliced(self, handle: Any) -> bool:
        """Whether the GPU is cut into slices (MIG); most GPUs can't be, and NVML says so."""
        try:
            return bool(self._nvml.nvmlDeviceGetMigMode(handle)[0])
        except Exception:
            return False

    def _shared(self) -> bool:
        """Whether a second process computes on it; in a container their numbers mean nothing."""
        try:
            return len(self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle)) > 1
        except Exception:  # not every driver lists processes; then nobody is known of
            return False

    def wake(self) -> None:
        """Forgets the peak of what was before."""
        self._cuda.reset_peak_memory_stats(self._index)

    def rest(self) -> None:
        """Nothing runs between spans."""

    def peak(self) -> int | None:
        """Returns the allocator's peak since the last call; waits for the GPU first."""
        self._cuda.synchronize(self._index)
        peak = int(self._cuda.max_memory_allocated(self._index))
        self._cuda.reset_peak_memory_stats(self._index)
        return peak

    def joules(self) -> float | None:
        """Returns the GPU's joules since its driver was loaded; None from when it is shared."""
        if self._handle is None:
            return None
        if self._shared():
            self._handle, self.note = None, SHARED
            return None
        try:
            return float(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)) / 1000
        except Exception as error:  # a GPU that fell off the bus: the run's own error says more
            self._handle, self.note = None, f"no energy: NVML says {error}"
            return None
