"""Peak memory and energy of nested spans."""

from __future__ import annotations

import mmap
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.devices import Device
from harness.records import gauges
from harness.records.ledger import Ledger, read_ledger, totals
from harness.records.meters import CudaGauge, HostGauge, NoMeter, SpanMeter, meter


@dataclass
class FakeGauge:
    """A device whose memory and energy a test sets: there is no GPU here."""

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


def test_a_counter_that_fails_on_the_way_leaves_no_part_behind() -> None:
    gauge = FakeGauge()
    spans = SpanMeter(gauge)
    spans.start()
    gauge.energy = 10.0
    spans.start()
    gauge.energy = None
    inner = spans.stop()
    gauge.energy = 99.0
    assert inner.energy_joules is None and spans.stop().energy_joules is None


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


def test_work_that_a_gpu_has_yet_to_finish_is_billed_to_the_phase_that_began_it(
    tmp_path: Path,
) -> None:
    """Kernels run on after Python's calls return; the meter waits for them."""
    now = 0.0
    waiting = 0.0

    class Asynchronous(FakeGauge):
        def peak(self) -> int:
            nonlocal now, waiting
            now, waiting = now + waiting, 0.0
            return 0

    meter = SpanMeter(Asynchronous())
    ledger = Ledger(tmp_path / "ledger.jsonl", meter=meter, clock=lambda: now)
    with ledger.phase("train"):
        waiting = 2.0
        with ledger.phase("validate"):
            waiting = 3.0
        waiting = 5.0
    by_phase = totals(read_ledger(tmp_path / "ledger.jsonl"))
    assert (by_phase["train"].seconds, by_phase["validate"].seconds) == (7.0, 3.0)


def test_no_meter() -> None:
    none = NoMeter()
    none.start()
    reading = none.stop()
    assert (reading.peak_memory_bytes, reading.energy_joules) == (None, None)
    assert reading.energy_note == "not measured"


def test_the_meter_of_a_device() -> None:
    assert isinstance(meter(Device("cpu")), SpanMeter)
    assert isinstance(meter(Device("mps")), NoMeter)


MIB = 2**20


def test_a_peak_between_two_looks_isn_t_missed() -> None:
    """The kernel keeps the mark: nothing is sampled, so nothing falls between two samples."""
    host = SpanMeter(HostGauge())
    host.start()
    block = bytearray(b"x" * (64 * MIB))
    del block
    high = host.stop()
    host.start()
    low = host.stop()
    assert high.peak_memory_bytes and low.peak_memory_bytes
    assert high.peak_memory_bytes - low.peak_memory_bytes > 60 * MIB


def test_an_inner_span_has_its_own_peak() -> None:
    host = SpanMeter(HostGauge())
    host.start()
    host.start()
    block = bytearray(b"x" * (64 * MIB))
    del block
    inner, outer = host.stop(), host.stop()
    assert inner.peak_memory_bytes and outer.peak_memory_bytes
    assert inner.peak_memory_bytes - outer.peak_memory_bytes > 60 * MIB


def test_what_was_freed_isn_t_held_against_the_next_phase() -> None:
    """The C library keeps freed blocks below its threshold for mapping."""
    host = SpanMeter(HostGauge())
    host.start()
    blocks = [bytearray(b"x" * 100_000) for _ in range(1000)]
    kept = blocks[::50]
    del blocks
    host.stop()
    host.start()
    later = host.stop()
    host.start()
    more = [bytearray(b"x" * 100_000) for _ in range(1000)]
    high = host.stop()
    assert later.peak_memory_bytes and high.peak_memory_bytes and kept and more
    assert high.peak_memory_bytes - later.peak_memory_bytes > 60 * MIB


def test_where_the_mark_can_t_be_set_back_memory_is_sampled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauges, "SAMPLE_SECONDS", 0.005)
    host = SpanMeter(HostGauge(tmp_path))  # without /proc
    host.start()
    with mmap.mmap(-1, 64 * MIB) as block:  # malloc may give what is resident already
        block.write(b"x" * (64 * MIB))
        time.sleep(0.1)
    high = host.stop()
    host.start()
    low = host.stop()
    assert high.peak_memory_bytes and low.peak_memory_bytes
    assert high.peak_memory_bytes - low.peak_memory_bytes > 48 * MIB


def test_measuring_takes_less_than_a_hundredth(tmp_path: Path) -> None:
    """Of a phase of a second: a span with its lines in the ledger, and five samples."""
    ledger = Ledger(tmp_path / "ledger.jsonl", meter=SpanMeter(HostGauge()))
    spans = 100
    since = time.process_time()
    for _ in range(spans):
        with ledger.phase("serve"):
            pass
    span = (time.process_time() - since) / spans
    gauge = HostGauge(tmp_path)  # samples, as it must where there are RAPL counters
    since = time.process_time()
    for _ in range(spans):
        gauge._sample()
    sample = (time.process_time() - since) / spans
    assert span + sample / gauges.SAMPLE_SECONDS < 0.01


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


def test_rapl_that_fails_on_the_way_is_absent_and_says_why(tmp_path: Path) -> None:
    package = _zone(tmp_path, "0", "package-0", 0)
    gauge = HostGauge(tmp_path)
    host = SpanMeter(gauge)
    host.start()
    package.write_text("500", encoding="utf-8")
    gauge._sample()
    package.unlink()
    reading = host.stop()
    assert reading.energy_joules is None and "counter failed" in reading.energy_note


def test_rapl_that_is_missing_or_closed(tmp_path: Path) -> None:
    assert "aren't there" in HostGauge(tmp_path).note
    (tmp_path / "sys/class/powercap/intel-rapl:0").mkdir(parents=True)
    gauge = HostGauge(tmp_path)
    assert "can't be read" in gauge.note and gauge.joules() is None


class FakeTorchCuda:
    """`torch.cuda` as far as the gauge asks: an allocator whose peak is reset."""

    def __init__(self, uuid: str = "1234") -> None:
        self.current = self.top = 0
        self.uuid = uuid

    def use(self, amount: int) -> None:
        self.current = amount
        self.top = max(self.top, amount)

    def get_device_properties(self, index: int) -> Any:
        return SimpleNamespace(uuid=self.uuid)

    def synchronize(self, index: int) -> None:
        """Nothing runs."""

    def max_memory_allocated(self, index: int) -> int:
        return self.top

    def reset_peak_memory_stats(self, index: int) -> None:
        self.top = self.current


class FakeNvml:
    """`pynvml` with one GPU."""

    millijoules = 1000

    def __init__(self, error: Exception | None = None, mig: int | None = None) -> None:
        self.error, self.mig = error, mig
        self.processes = 1

    def nvmlInit(self) -> None:
        """Nothing to open."""

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        if uuid not in ("GPU-1234", "MIG-77"):
            raise RuntimeError("Not Found")
        return uuid

    def nvmlDeviceGetMigMode(self, handle: str) -> tuple[int, int]:
        if self.mig is None:
            raise RuntimeError("Not Supported")
        return self.mig, self.mig

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> list[int]:
        return [0] * self.processes

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


@pytest.mark.parametrize("cuda", [FakeTorchCuda(), FakeTorchCuda("GPU-1234")])
def test_a_gpu_is_found_by_its_uuid_and_not_by_its_number(cuda: FakeTorchCuda) -> None:
    assert CudaGauge(3, cuda, FakeNvml()).joules() == 1.0


def test_a_slice_of_a_gpu_has_no_energy() -> None:
    for gauge in (
        CudaGauge(0, FakeTorchCuda("MIG-77"), FakeNvml()),
        CudaGauge(0, FakeTorchCuda("77"), FakeNvml()),  # as torch has it: bare
        CudaGauge(0, FakeTorchCuda(), FakeNvml(mig=1)),
    ):
        assert gauge.joules() is None and "MIG" in gauge.note
    assert CudaGauge(0, FakeTorchCuda(), FakeNvml(mig=0)).joules() == 1.0
    unknown = CudaGauge(0, FakeTorchCuda("5"), FakeNvml())
    assert unknown.joules() is None and unknown.note == "no energy: NVML says Not Found"


def test_a_gpu_that_another_process_joins_has_no_energy() -> None:
    nvml = FakeNvml()
    spans = SpanMeter(CudaGauge(0, FakeTorchCuda(), nvml))
    spans.start()
    nvml.millijoules, nvml.processes = 9000, 2
    spans.start()
    nvml.processes = 1
    inner, outer = spans.stop(), spans.stop()
    assert inner.energy_joules is None and outer.energy_joules is None
    assert "another process" in outer.energy_note


def test_cuda_without_energy(monkeypatch: pytest.MonkeyPatch) -> None:
    gauge = CudaGauge(0, FakeTorchCuda(), FakeNvml(RuntimeError("Not Supported")))
    assert gauge.joules() is None and gauge.note == "no energy: NVML says Not Supported"

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(gauges.importlib, "import_module", missing)
    assert "nvidia-ml-py" in CudaGauge(0, FakeTorchCuda()).note
