"""Choosing a device, and counting what this process may use, on made-up hardware."""

from __future__ import annotations

import gc
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from harness import devices
from harness.devices import Device, select
from harness.errors import MissingDependency, UsageError


@dataclass
class FakeHardware:
    """A machine as a test wants it."""

    gpus: int = 0
    gpu_bf16: bool = True
    apple: bool = False
    bf16: bool = False

    def cuda_count(self) -> int:
        return self.gpus

    def cuda_name(self, index: int) -> str:
        return f"GPU {index}"

    def cuda_bf16(self, index: int) -> bool:
        return self.gpu_bf16

    def mps(self) -> bool:
        return self.apple

    def cpu_bf16(self) -> bool:
        return self.bf16

    def why_no_cuda(self) -> str:
        return "No NVIDIA GPU was found here."


@pytest.mark.parametrize(
    ("asked", "hardware", "kind", "dtype"),
    [
        ("auto", FakeHardware(gpus=2), "cuda", "bfloat16"),
        ("auto", FakeHardware(gpus=1, gpu_bf16=False), "cuda", "float32"),
        ("auto", FakeHardware(apple=True, bf16=True), "mps", "float32"),
        ("auto", FakeHardware(bf16=True), "cpu", "bfloat16"),
        ("auto", FakeHardware(), "cpu", "float32"),
        ("cpu", FakeHardware(gpus=1), "cpu", "float32"),
        ("cuda:1", FakeHardware(gpus=2), "cuda", "bfloat16"),
    ],
)
def test_select(asked: str, hardware: FakeHardware, kind: str, dtype: str) -> None:
    device = select(asked, hardware=hardware)
    assert (device.kind, device.dtype) == (kind, dtype)
    assert device.is_gpu == (kind != "cpu")
    assert device.index == (1 if asked == "cuda:1" else 0)


def test_float16_is_only_taken_when_asked_for() -> None:
    assert select("cuda", "float16", FakeHardware(gpus=1)).dtype == "float16"


@pytest.mark.parametrize(
    ("device", "dtype", "error", "text"),
    [
        ("cuda", "auto", MissingDependency, "No NVIDIA GPU was found"),
        ("cuda:3", "auto", MissingDependency, "no cuda:3|CUDA isn't available"),
        ("mps", "auto", MissingDependency, "Apple"),
        ("cida", "auto", UsageError, "Did you mean 'cuda'"),
        ("cuda:x", "auto", UsageError, "Unknown device"),
        ("cpu", "bf16", UsageError, "Did you mean 'bfloat16'|Known"),
    ],
)
def test_what_is_not_there(device: str, dtype: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        select(device, dtype, FakeHardware())


def test_a_gpu_that_is_out_of_range() -> None:
    with pytest.raises(MissingDependency, match=r"1 GPU\(s\)"):
        select("cuda:1", hardware=FakeHardware(gpus=1))


def test_auto_says_so_when_a_gpu_stays_unused(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(devices, "gpu_on_machine", lambda: True)
    with caplog.at_level(logging.WARNING):
        assert select("auto", hardware=FakeHardware()).kind == "cpu"
    assert "Running on the CPU" in caplog.text


@pytest.mark.parametrize(
    ("cuda", "there", "text"),
    [(None, True, "without CUDA"), ("12.8", True, "driver"), (None, False, "No NVIDIA GPU")],
)
def test_why_torch_sees_no_gpu(
    monkeypatch: pytest.MonkeyPatch, cuda: str | None, there: bool, text: str
) -> None:
    fake = SimpleNamespace(__version__="2.13.0", version=SimpleNamespace(cuda=cuda))
    monkeypatch.setitem(sys.modules, "torch", fake)
    monkeypatch.setattr(devices, "gpu_on_machine", lambda: there)
    assert text in devices.TorchHardware().why_no_cuda()


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingDependency, match="pip install"):
        select()


def test_the_device_class_has_no_number() -> None:
    assert Device("cuda", 3, "NVIDIA L4").device_class == "cuda:NVIDIA L4"
    assert Device("cpu", 0, "AMD EPYC").device_class == "cpu"


def test_what_torch_calls_it() -> None:
    torch = pytest.importorskip("torch")
    device = Device("cpu", dtype="bfloat16")
    assert device.torch == torch.device("cpu") and device.torch_dtype is torch.bfloat16
    assert Device("cuda", 1).torch == torch.device("cuda", 1)


# --- processors and memory ------------------------------------------------------------------


def _machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight logical processors, and no variables that limit them."""
    monkeypatch.setattr(devices, "_affinity", lambda: list(range(8)))
    for variable in ("SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS"):
        monkeypatch.delenv(variable, raising=False)


V2 = {"proc/self/cgroup": "0::/a/b\n"}
V1 = {"proc/self/cgroup": "3:cpuset:/\n2:cpu,cpuacct:/job\n1:memory:/job\n"}
V1_CPU = "sys/fs/cgroup/cpu,cpuacct/job"


@pytest.mark.usefixtures("eight")
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 8),
        (V2 | {"sys/fs/cgroup/a/b/cpu.max": "max 100000"}, 8),
        (V2 | {"sys/fs/cgroup/a/b/cpu.max": "250000 100000"}, 2),
        (V2 | {"sys/fs/cgroup/a/cpu.max": "300000 100000"}, 3),
        (V2 | {"sys/fs/cgroup/a/b/cpu.max": "50000 100000"}, 1),
        (V2 | {"sys/fs/cgroup/cpu.max": "400000 100000"}, 4),
        (V1 | {f"{V1_CPU}/cpu.cfs_quota_us": "-1", f"{V1_CPU}/cpu.cfs_period_us": "100000"}, 8),
        (V1 | {f"{V1_CPU}/cpu.cfs_quota_us": "500000", f"{V1_CPU}/cpu.cfs_period_us": "100000"}, 5),
    ],
)
def test_threads_in_a_cgroup(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    assert devices.threads(_machine(tmp_path, files)) == expected


@pytest.mark.usefixtures("eight")
@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SLURM_CPUS_PER_TASK", "4", 4),
        ("OMP_NUM_THREADS", "3", 3),
        ("OMP_NUM_THREADS", "2,4", 2),
        ("OMP_NUM_THREADS", "many", 8),
        ("OMP_NUM_THREADS", "0", 8),
        ("OMP_NUM_THREADS", "64", 8),
    ],
)
def test_threads_by_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: int
) -> None:
    monkeypatch.setenv(variable, value)
    assert devices.threads(tmp_path) == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_threads_follow_the_affinity(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert devices.threads(tmp_path) == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.usefixtures("eight")
def test_hyperthreads_count_once(tmp_path: Path) -> None:
    root = "sys/devices/system/cpu"
    files = {f"{root}/cpu{cpu}/topology/core_id": str(cpu // 2) for cpu in range(8)}
    files |= {f"{root}/cpu{cpu}/topology/physical_package_id": "0" for cpu in range(8)}
    assert devices.physical_cores(_machine(tmp_path, files)) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flags\t: fpu avx512f avx512_bf16\n", True),
        ("flags\t: fpu avx512f\n", False),
        ("Features\t: fp asimd bf16\n", True),
        ("", False),
    ],
)
def test_bf16_flags(tmp_path: Path, text: str, expected: bool) -> None:
    assert devices.cpu_has_bf16(_machine(tmp_path, {"proc/cpuinfo": text})) is expected


@pytest.mark.parametrize(
    "files",
    [
        V2 | {"sys/fs/cgroup/a/memory.max": "1048576", "sys/fs/cgroup/a/b/memory.max": "max"},
        V1 | {"sys/fs/cgroup/memory/job/memory.limit_in_bytes": "1048576"},
    ],
)
def test_memory_limit(tmp_path: Path, files: dict[str, str]) -> None:
    assert devices.memory_limit_bytes(tmp_path) == psutil.virtual_memory().total
    assert devices.memory_limit_bytes(_machine(tmp_path, files)) == 2**20


def test_machine_info_names_nobody() -> None:
    info = devices.machine_info()
    assert info["threads"] >= 1 and info["memory_bytes"] > 0 and info["cpu"]
    assert os.uname().nodename not in str(info).split()
    assert 0 < devices.free_memory_bytes(Device("cpu")) <= info["memory_bytes"]


def test_gpus_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = SimpleNamespace(name="NVIDIA L4", total_memory=24 * 2**30, major=8, minor=9)
    cuda = SimpleNamespace(
        is_available=lambda: True, device_count=lambda: 1, get_device_properties=lambda i: gpu
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert devices.machine_info()["gpus"] == [
        {"name": "NVIDIA L4", "memory_bytes": 24 * 2**30, "capability": "8.9"}
    ]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("shape mismatch"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_out_of_memory(error: Exception, expected: bool) -> None:
    assert devices.out_of_memory(error) is expected


def test_before_a_model_goes_to_a_gpu_that_one_is_current_and_emptied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[object] = []
    cuda = SimpleNamespace(set_device=calls.append, empty_cache=lambda: calls.append(len(alive)))
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    alive: list[None] = [None]

    class Layer:
        """Refers to itself, as packed weights do."""

        def __init__(self) -> None:
            self.own = self

        def __del__(self) -> None:
            alive.clear()

    gc.disable()
    Layer()
    devices.make_room(Device("cpu"))
    assert alive and not calls
    devices.make_room(Device("cuda", 1))
    gc.enable()
    assert calls == [1, 0]


def test_torchs_own_error() -> None:
    torch = pytest.importorskip("torch")
    assert devices.out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert devices.out_of_memory(caught.value)
