"""What only a GPU can show. `make test-gpu` runs it; everywhere else it is skipped."""

import gc

import pytest

torch = pytest.importorskip("torch")

from benchmarks.gpu.agreement import agreement  # noqa: E402
from benchmarks.gpu.measure import Setting  # noqa: E402
from benchmarks.gpu.work import score_requests  # noqa: E402
from harness import devices  # noqa: E402
from harness.devices import Device  # noqa: E402
from harness.models.local import attention  # noqa: E402
from harness.models.local.attention import attend, causal_bias  # noqa: E402
from harness.models.local.model import load_local  # noqa: E402
from harness.models.local.tiny import tiny_llama  # noqa: E402
from harness.records.ledger import Ledger  # noqa: E402
from harness.records.meters import meter  # noqa: E402
from harness.training.checkpoints import load_checkpoint, save_checkpoint  # noqa: E402
from harness.training.optimizers import make_optimizer  # noqa: E402
from harness.training.recipe import Recipe  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that torch can use"),
]


@pytest.fixture
def setting(tmp_path):
    return Setting(devices.select("cuda", "float32"), tmp_path, dry=True)


@pytest.fixture
def folder(tmp_path):
    return tiny_llama(tmp_path / "model", context=2048)


def test_a_gpu_gives_what_the_cpu_gives(setting):
    assert agreement(setting)["details"]["same texts"] == 1


def test_weights_go_where_they_should_and_back(folder):
    device = devices.select("cuda")
    model = load_local(folder, device=device)
    assert {weight.device for weight in model.module.parameters()} == {device.torch}
    taken = torch.cuda.memory_allocated(device.index)
    del model
    gc.collect()
    assert torch.cuda.memory_allocated(device.index) < taken


def test_nf4_weights_are_freed_before_the_next_model_loads(folder):
    pytest.importorskip("bitsandbytes")
    device = devices.select("cuda")
    load_local(folder, device=device, quantization="nf4")
    taken = []
    for _ in range(3):
        load_local(folder, device=device, quantization="nf4")
        taken.append(torch.cuda.memory_allocated(device.index))
    assert max(taken) == min(taken)


def test_nf4_scores_are_those_of_the_cpu(folder):
    pytest.importorskip("bitsandbytes")
    found = []
    for device in (Device("cpu"), devices.select("cuda", "float32")):
        model = load_local(folder, device=device, quantization="nf4")
        scores = sorted(model.score(score_requests(4, 8)), key=lambda one: one.id)
        found.append([value for one in scores for value in one.logprobs])
    # a weight between two codes may be rounded to the other one
    assert found[1] == pytest.approx(found[0], abs=0.5)


def test_a_phase_has_the_memory_and_the_time_of_what_the_gpu_did(tmp_path):
    device = devices.select("cuda", "float32")
    ledger = Ledger(tmp_path / "ledger.jsonl", meter=meter(device), device="cuda")
    a = torch.randn(4096, 4096, device=device.torch)
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    with ledger.phase("serve") as spend:
        begin.record()
        for _ in range(200):
            a @ a  # queued, and not waited for
        block = torch.empty(2**28, dtype=torch.uint8, device=device.torch)
        end.record()
    assert spend.seconds >= begin.elapsed_time(end) / 1000
    assert spend.peak_memory_bytes >= block.numel() and spend.energy_note


@pytest.mark.parametrize("window", [None, 16])
def test_attention_of_shared_heads_runs_in_a_fused_kernel(monkeypatch, window):
    from torch.nn.attention import SDPBackend, sdpa_kernel

    monkeypatch.setattr(attention, "KEPT", 0)
    queries = torch.randn(2, 64, 8, 64, device="cuda", dtype=torch.bfloat16)
    keys = torch.randn(2, 2, 64, 64, device="cuda", dtype=torch.bfloat16)
    bias = causal_bias(torch.arange(64, device="cuda")[None], 64, window)
    fused = [SDPBackend.EFFICIENT_ATTENTION, SDPBackend.CUDNN_ATTENTION]
    with sdpa_kernel(fused):  # without the plain way, torch refuses what no kernel can do
        found = attend(queries, keys, keys, None, bias, 0.125)
    exact = attend(*(each.float().cpu() for each in (queries, keys, keys)), None, bias.cpu(), 0.125)
    assert torch.allclose(found.float().cpu(), exact, atol=0.05)


@pytest.mark.parametrize("name", ["adamw", "paged_adamw_32bit", "adamw_8bit"])
def test_an_optimizer_goes_on_from_its_checkpoint_on_the_gpu(tmp_path, name):
    if name != "adamw":
        pytest.importorskip("bitsandbytes")
    recipe = Recipe(optimizer=name, learning_rate=1e-2)
    ends = []
    for cut in (False, True):
        torch.manual_seed(0)
        weights = {"a": torch.nn.Parameter(torch.randn(400, 400, device="cuda"))}
        optimizer, _ = make_optimizer(weights, recipe)
        for step in range(4):
            if cut and step == 2:
                save_checkpoint(tmp_path, weights, optimizer, None, {"result": {}})
                weights = {"a": torch.nn.Parameter(torch.zeros(400, 400, device="cuda"))}
                optimizer, _ = make_optimizer(weights, recipe)
                load_checkpoint(tmp_path, weights, optimizer)
                state = optimizer.state[weights["a"]]
                if name.startswith("paged"):
                    assert state["state1"].is_paged and state["state2"].is_paged
            weights["a"].grad = torch.full((400, 400), 0.1 * step + 0.5, device="cuda")
            optimizer.step()
        ends.append(weights["a"].detach().cpu())
    assert torch.equal(*ends)
