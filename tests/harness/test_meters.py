"""Peak memory and energy of nested spans."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness import meters
from harness.devices import Device, meter
from harness.ledger import Ledger, read_ledger, totals
from harness.meters import CudaGauge, HostGauge, HostMeter, NoMeter, SpanMeter


@dataclass
class FakeGauge:
    """A device whose memory and energy a test sets."""

    memory: int = 0
    energy: float | None = 0.0
    awake: int = 0
    note: str = "fake counter"

    def wake(self) -> None:
        self.awake += 1

    def rest(self) -> None:
        self.awake -= 1

    def peak(self) -> int:
        return self.memory

    def joules(self) -> float | None:
        return self.energy


def test_an_inner_span_pauses_the_outer() -> None:
    gauge = FakeGauge()
    spans = SpanMeter(gauge)
    spans.start()
    gauge.memory, gauge.energy = 10, 5.0
    spans.start()
    gauge.memory, gauge.energy = 99, 25.0
    inner = spans.stop()
    gauge.memory, gauge.energy = 20, 27.0
    outer = spans.stop()
    assert (inner.peak_memory_bytes, inner.energy_joules) == (99, 20.0)
    assert (outer.peak_memory_bytes, outer.energy_joules) == (20, 7.0)
    assert outer.energy_note == "fake counter" and gauge.awake == 0


def test_what_is_used_between_spans_counts_nowhere() -> None:
    gauge = FakeGauge()
    spans = SpanMeter(gauge)
    for before, during in ((1.0, 3.0), (50.0, 51.0)):
        gauge.energy = before
        spans.start()
        gauge.energy = during
        reading = spans.stop()
    assert reading.energy_joules == 1.0


def test_no_counter_is_none_and_not_zero() -> None:
    spans = SpanMeter(FakeGauge(energy=None))
    spans.start()
    assert spans.stop().energy_joules is None


def test_in_a_ledger_spans_sum_to_the_counter(tmp_path: Path) -> None:
    gauge = FakeGauge()
    ledger = Ledger(tmp_path / "ledger.jsonl", meter=SpanMeter(gauge))
    with ledger.phase("train"):
        gauge.energy = 10.0
        with ledger.phase("validate"):
            gauge.energy = 14.0
        gauge.energy = 15.0
    by_phase = totals(read_ledger(tmp_path / "ledger.jsonl"))
    assert by_phase["train"].energy_joules == 11.0
    assert by_phase["validate"].energy_joules == 4.0


def test_no_meter() -> None:
    none = NoMeter()
    none.start()
    reading = none.stop()
    assert (reading.peak_memory_bytes, reading.energy_joules) == (None, None)
    assert reading.energy_note == "not measured"


def test_the_meter_of_a_device() -> None:
    assert isinstance(meter(Device("cpu")), HostMeter)
    assert isinstance(meter(Device("mps")), NoMeter)


def test_host_memory_rises_and_is_seen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "SAMPLE_SECONDS", 0.005)
    host = HostMeter()
    host.start()
    block = bytearray(b"x" * (64 * 2**20))
    host.start()
    inner = host.stop()
    del block
    outer = host.stop()
    host.start()
    later = host.stop()
    assert inner.peak_memory_bytes and outer.peak_memory_bytes and later.peak_memory_bytes
    assert inner.peak_memory_bytes - later.peak_memory_bytes > 48 * 2**20


# --- energy ---------------------------------------------------------------------------------


def _zone(root: Path, number: str, name: str, used: int) -> Path:
    folder = root / "sys/class/powercap" / f"intel-rapl:{number}"
    folder.mkdir(parents=True)
    for file, text in {"name": name, "energy_uj": str(used), "max_energy_range_uj": "999"}.items():
        (folder / file).write_text(text + "\n", encoding="utf-8")
    return folder / "energy_uj"


def test_rapl_adds_packages_and_memory_and_survives_its_wrap(tmp_path: Path) -> None:
    package = _zone(tmp_path, "0", "package-0", 900)
    core = _zone(tmp_path, "0:0", "core", 500)
    dram = _zone(tmp_path, "0:1", "dram", 0)
    host = SpanMeter(HostGauge(tmp_path))
    host.start()
    package.write_text("50", encoding="utf-8")  # wrapped: 150 used
    core.write_text("700", encoding="utf-8")
    dram.write_text("7", encoding="utf-8")
    reading = host.stop()
    assert reading.energy_joules == pytest.approx(157e-6)
    assert reading.energy_note.startswith("RAPL")


def test_rapl_that_is_missing_or_closed(tmp_path: Path) -> None:
    assert "aren't there" in HostGauge(tmp_path).note
    (tmp_path / "sys/class/powercap/intel-rapl:0").mkdir(parents=True)
    gauge = HostGauge(tmp_path)
    assert "can't be read" in gauge.note and gauge.joules() is None


class FakeTorchCuda:
    """`torch.cuda` as far as the gauge asks: an allocator whose peak is reset."""

    def __init__(self) -> None:
        self.current = self.top = 0

    def use(self, amount: int) -> None:
        self.current = amount
        self.top = max(self.top, amount)

    def get_device_properties(self, index: int) -> Any:
        return SimpleNamespace(uuid="1234")

    def synchronize(self, index: int) -> None:
        """Nothing runs."""

    def max_memory_allocated(self, index: int) -> int:
        return self.top

    def reset_peak_memory_stats(self, index: int) -> None:
        self.top = self.current


class FakeNvml:
    """`pynvml` with one GPU."""

    millijoules = 1000

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def nvmlInit(self) -> None:
        """Nothing to open."""

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        assert uuid == "GPU-1234"
        return uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:
        if self.error:
            raise self.error
        return self.millijoules


def test_cuda() -> None:
    cuda, nvml = FakeTorchCuda(), FakeNvml()
    cuda.use(1000)
    spans = SpanMeter(CudaGauge(0, cuda, nvml))
    cuda.use(100)
    spans.start()
    cuda.use(500)
    cuda.use(200)
    nvml.millijoules = 4000
    spans.start()
    cuda.use(300)
    inner, outer = spans.stop(), spans.stop()
    assert (inner.peak_memory_bytes, outer.peak_memory_bytes) == (300, 500)
    assert outer.energy_joules == 3.0 and outer.energy_note.startswith("NVML")


def test_cuda_without_energy(monkeypatch: pytest.MonkeyPatch) -> None:
    gauge = CudaGauge(0, FakeTorchCuda(), FakeNvml(RuntimeError("Not Supported")))
    assert gauge.joules() is None and gauge.note == "no energy: NVML says Not Supported"

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(meters.importlib, "import_module", missing)
    assert "nvidia-ml-py" in CudaGauge(0, FakeTorchCuda()).note
