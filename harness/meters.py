"""Peak memory and energy of a span of work.

Spans nest like a stack, and an inner one pauses the outer: peak and joules of a span exclude what
ran inside another, so that spans can be summed.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

__all__ = ["CudaMeter", "Gauge", "HostMeter", "Meter", "NoMeter", "Reading", "SpanMeter"]

SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter read over one span.

    Attributes:
        peak_memory_bytes: Highest memory while the span ran, or None.
        energy_joules: From a real counter, or None.
        energy_note: Which counter, or why there is none.
    """

    peak_memory_bytes: int | None
    energy_joules: float | None
    energy_note: str


class Meter(Protocol):
    """Measures spans that nest like a stack."""

    def start(self) -> None:
        """Opens a span; the one that was open pauses."""
        ...

    def stop(self) -> Reading:
        """Closes the innermost span."""
        ...


class NoMeter:
    """Measures nothing, and says so.

    Args:
        note: Why.
    """

    def __init__(self, note: str = "not measured") -> None:
        self._note = note

    def start(self) -> None:
        """Opens a span."""

    def stop(self) -> Reading:
        """Closes it, with an empty reading."""
        return Reading(None, None, self._note)


class Gauge(Protocol):
    """The thin part of a meter that touches a device.

    Attributes:
        note: Which energy counter there is, or why none.
    """

    note: str

    def wake(self) -> None:
        """Called when the first span opens."""
        ...

    def rest(self) -> None:
        """Called when the last span has closed."""
        ...

    def peak(self) -> int | None:
        """Returns the highest memory since the last call, in bytes."""
        ...

    def joules(self) -> float | None:
        """Returns a counter of joules that only rises."""
        ...


@dataclass(slots=True)
class _Open:
    peak: int | None = None
    joules: float | None = None


class SpanMeter:
    """A meter over a gauge.

    Args:
        gauge: Reads the device.
    """

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._stack: list[_Open] = []
        self._last: float | None = None

    def start(self) -> None:
        """Opens a span; the one that was open pauses."""
        if not self._stack:
            self._gauge.wake()
        self._settle()
        self._stack.append(_Open())

    def stop(self) -> Reading:
        """Closes the innermost span."""
        self._settle()
        span = self._stack.pop()
        if not self._stack:
            self._gauge.rest()
        return Reading(span.peak, span.joules, self._gauge.note)

    def _settle(self) -> None:
        """Gives what was used since the last change to the span that ran in it."""
        peak, now = self._gauge.peak(), self._gauge.joules()
        if self._stack:
            span = self._stack[-1]
            if peak is not None:
                span.peak = max(span.peak or 0, peak)
            if now is not None and self._last is not None:
                span.joules = (span.joules or 0.0) + now - self._last
        self._last = now


class HostMeter(SpanMeter):
    """Resident memory of this process, and Intel's RAPL counters where they can be read.

    Args:
        root: Where ``/sys`` is; replaced in tests.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        super().__init__(HostGauge(root))


class HostGauge:
    """Samples resident memory five times a second; RAPL's counters cover the whole machine."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._process = psutil.Process()
        self._zones = list(_rapl_zones(root))
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
        """Starts sampling."""
        for zone in self._zones:
            zone.advance()
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
            self._joules += sum(zone.advance() for zone in self._zones)

    def peak(self) -> int | None:
        """Returns the highest resident memory that was sampled since the last call."""
        self._sample()
        with self._lock:
            peak, self._peak = self._peak, 0
        return peak

    def joules(self) -> float | None:
        """Returns joules since the first span opened."""
        if not self._zones:
            return None
        self._sample()
        return self._joules


class _Zone:
    """One RAPL counter, which starts again at its range: hourly or so, hence the sampling."""

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


class CudaMeter(SpanMeter):
    """Memory that torch allocated on a GPU, and the energy counter of that GPU."""

    @classmethod
    def of_torch(cls, index: int) -> CudaMeter:
        """Returns the meter of the GPU that torch calls ``cuda:index``."""
        return cls(CudaGauge(index))


class CudaGauge:
    """Asks torch's allocator (without the context and other libraries) and NVML.

    Args:
        index: The GPU's number in torch.
        torch_cuda: ``torch.cuda``; replaced in tests.
        nvml: The module ``pynvml``; replaced in tests.
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
        uuid = f"GPU-{self._cuda.get_device_properties(self._index).uuid}"
        handle = self._nvml.nvmlDeviceGetHandleByUUID(uuid)
        self._nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
        return handle

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
        """Returns the GPU's joules since its driver was loaded."""
        if self._handle is None:
            return None
        return float(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)) / 1000
