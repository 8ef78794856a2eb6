"""The GPU benchmark on the CPU: every part in tiny shapes, and what happens where one can't run."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.gpu import run as running
from benchmarks.gpu.child import report, setting_of
from benchmarks.gpu.halving import SHARE, CudaCap
from benchmarks.gpu.parts import PARTS
from benchmarks.gpu.run import benchmark, save, target
from benchmarks.gpu.shapes import LARGE, SMALL, tiny
from harness.costs.gpu_runs import GpuRun, gpu_runs
from harness.devices import Device
from harness.errors import MissingDependency, UsageError


def in_this_process(name, work, dry, left):
    """A process each would take longer to start than its part takes."""
    return report(name, setting_of(work, dry=dry))


def dry_run(*parts, budget=1e4, execute=in_this_process, **more):
    lines = []
    run = benchmark(
        parts, dry_run=True, budget=budget, notify=lines.append, execute=execute, **more
    )
    return run, lines


@pytest.fixture(scope="module")
def whole():
    pytest.importorskip("bitsandbytes")
    return dry_run()[0]


@pytest.mark.slow
def test_a_dry_run_goes_through_every_part(whole):
    assert {part.name: (part.status, part.reason) for part in whole.parts} == dict.fromkeys(
        PARTS, ("ok", "dry run")
    )


def test_a_dry_run_is_no_measurement_of_a_gpu(whole):
    assert whole.dry_run and whole.gpu is None and not whole.ran
    assert [whole.gpu_hours, *(part.gpu_hours for part in whole.parts)] == [0.0] * 8
    assert all(part.mfu is None for part in whole.parts)


@pytest.mark.parametrize("name", ["full", "qlora", "lora", "scoring", "generation"])
def test_a_part_says_what_it_did(whole, name):
    part = next(part for part in whole.parts if part.name == name)
    assert part.tokens > 0 and part.flops > 0 and part.seconds > 0
    assert part.tokens_per_second == pytest.approx(part.tokens / part.seconds)
    assert part.peak_memory_bytes and part.predicted_memory_bytes
    assert part.energy_note and part.other_seconds > 0
    assert part.weights == ("nf4" if name == "qlora" else "float32")
    assert part.phase == ("serve" if name in ("scoring", "generation") else "train")


def test_qlora_is_the_reference_recipe(whole):
    part = next(part for part in whole.parts if part.name == "qlora")
    assert part.details["optimizer"] == "paged_adamw_32bit"
    assert part.details["rows_of_a_step"] == 4
    assert part.details["quantities"]["recompute"] == 1.0


def test_memory_runs_out_in_each_kind_of_work(whole):
    part = next(part for part in whole.parts if part.name == "halving")
    for work in ("scoring", "generation", "training"):
        assert part.details[work]["out_of_memory"] >= 1 and part.details[work]["alike"] == 1


def test_the_cpu_agrees_with_itself(whole):
    part = next(part for part in whole.parts if part.name == "agreement")
    assert part.details["same texts"] == 1 and part.details["likelihoods"] == 0
    assert len({part.details[name] for name in ("lora losses", "full losses")}) == 1


def test_the_file_is_read_again_as_it_was(whole, tmp_path):
    path = tmp_path / "gpu" / "run.json"
    save(whole, path)
    assert GpuRun.model_validate_json(path.read_text(encoding="utf-8")) == whole
    assert gpu_runs(tmp_path) == []  # a dry run is nothing to calibrate with


def test_a_dry_run_leaves_no_file_beside_the_records(whole):
    assert target(whole, None) is None and target(whole, Path("a.json")) == Path("a.json")
    real = whole.model_copy(update={"dry_run": False, "device": "cuda:NVIDIA L4"})
    found = target(real, None)
    assert found.parent == Path("results/gpu") and found.name.startswith("nvidia-l4-")


def test_without_bitsandbytes_only_what_needs_it_is_left_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    run, _ = dry_run("qlora", "generation")
    left, done = run.parts
    assert left.status == "not run" and left.reason.startswith("NF4: ")
    assert "needs the package bitsandbytes" in left.reason and done.status == "ok"


def test_a_part_that_fails_takes_no_other_along(monkeypatch):
    monkeypatch.setattr("benchmarks.gpu.halving.halving", lambda setting: 1 / 0)
    run, _ = dry_run("halving", "scoring")
    assert [part.status for part in run.parts] == ["failed", "ok"]
    assert run.parts[0].reason == "halving: ZeroDivisionError: division by zero"


def test_parts_for_which_no_time_is_left_are_said_to_be_not_run():
    now = 0.0

    def slow(name, work, dry, left):
        nonlocal now
        now += 200.0
        part = {"name": name, "status": "ok", "seconds": 150.0}
        return {"part": part, "device": "cpu", "versions": {"torch": "x"}}

    run, lines = dry_run("agreement", "full", "lora", budget=390.0, execute=slow, clock=lambda: now)
    assert [part.status for part in run.parts] == ["ok", "ok", "not run"]
    assert "the budget of 390 s is used" in run.parts[2].reason
    assert run.parts[0].other_seconds == 50.0 and run.seconds == 400.0
    assert lines[2] == "full: begins, 190 s left"


def test_a_process_that_takes_too_long_is_ended(tmp_path):
    ended = running._execute("agreement", tmp_path, True, 0.2)["part"]
    assert ended["status"] == "not run" and "the budget ended" in ended["reason"]


@pytest.mark.slow
def test_a_process_that_dies_leaves_its_last_words(tmp_path):
    died = running._execute("no such part", tmp_path, True, 100.0)["part"]
    assert died["status"] == "failed" and "ended with 1" in died["reason"]
    assert "KeyError: 'no such part'" in died["reason"]


def test_an_unknown_part_is_refused_before_anything_runs():
    with pytest.raises(UsageError, match="no part 'lore'"):
        dry_run("lore")


def test_without_a_gpu_the_next_step_is_a_dry_run(monkeypatch):
    monkeypatch.setattr(running.TorchHardware, "cuda_count", lambda self: 0)
    with pytest.raises(MissingDependency, match="needs a GPU"):
        benchmark([], dry_run=False, budget=480.0, notify=print)


def test_shapes_are_those_of_the_models_they_are_named_after(tmp_path):
    """Their parameters as the hub counts them, without drawing a weight."""
    import torch
    import transformers

    for shape, parameters in ((LARGE, 7_241_732_096), (SMALL, 1_235_814_400)):
        with torch.device("meta"):
            config = getattr(transformers, f"{shape.family}Config")(**shape.sizes)
            module = transformers.AutoModelForCausalLM.from_config(config)
        assert sum(weight.numel() for weight in module.parameters()) == parameters


def test_a_drawn_model_is_drawn_once_and_needs_room_on_the_disk(tmp_path, monkeypatch):
    shape, device = tiny(SMALL), Device("cpu")
    folder = shape.folder(tmp_path, device)
    before = (folder / "config.json").stat().st_mtime_ns
    assert shape.folder(tmp_path, device) == folder
    assert (folder / "config.json").stat().st_mtime_ns == before
    places = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
    assert "lm_head.weight" not in places["weight_map"]  # tied
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(MissingDependency, match="of disk are needed"):
        shape.folder(tmp_path / "elsewhere", device)


def test_the_allocator_is_capped_at_a_share_of_what_was_needed_and_let_go(monkeypatch):
    fractions, ooms = [], iter([3, 5])
    cuda = SimpleNamespace(
        memory_stats=lambda index: {"num_ooms": next(ooms)},
        synchronize=lambda index: None,
        empty_cache=lambda: None,
        reset_peak_memory_stats=lambda index: None,
        memory_allocated=lambda index: 1000,
        max_memory_allocated=lambda index: 2000,
        get_device_properties=lambda index: SimpleNamespace(total_memory=8000),
        set_per_process_memory_fraction=lambda share, index: fractions.append((share, index)),
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    cap = CudaCap(1)
    cap.watch(None)
    with pytest.raises(KeyboardInterrupt), cap.tight(None):
        raise KeyboardInterrupt
    assert fractions == [((1000 + SHARE * 1000) / 8000, 1), (1.0, 1)] and cap.failures == 2


@pytest.mark.slow
def test_the_command_line(tmp_path):
    import subprocess

    out = tmp_path / "run.json"
    command = [sys.executable, "-m", "benchmarks", "gpu", "--dry-run", "--parts", "agreement"]
    done = subprocess.run([*command, "--json", "--out", str(out)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(out.read_text(encoding="utf-8"))
    assert "agreement: begins" in done.stderr
