from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from harness.training import losses  # noqa: E402


@pytest.mark.parametrize("part", [1, 100, 2**22])
def test_cross_entropy_and_its_gradient_are_torchs(part: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(losses, "PART", part)
    torch.manual_seed(0)
    logits = (5 * torch.randn(7, 50)).requires_grad_()
    targets = torch.randint(0, 50, (7,))
    expected = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    (slopes,) = torch.autograd.grad(3 * expected, logits)
    found = losses.summed_cross_entropy(logits, targets)
    (mine,) = torch.autograd.grad(3 * found, logits)
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)
    assert torch.allclose(mine, slopes, atol=1e-6)


def test_narrow_logits_are_summed_in_float32():
    torch.manual_seed(0)
    logits = torch.randn(64, 300, dtype=torch.bfloat16)
    targets = torch.randint(0, 300, (64,))
    exact = torch.nn.functional.cross_entropy(logits.float(), targets, reduction="sum")
    found = losses.summed_cross_entropy(logits, targets)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(exact.item(), rel=1e-6)


def test_gradients_of_narrow_logits_are_narrow():
    logits = torch.randn(4, 30, dtype=torch.bfloat16).requires_grad_()
    losses.summed_cross_entropy(logits, torch.tensor([1, 2, 3, 4])).backward()
    assert logits.grad is not None and logits.grad.dtype == torch.bfloat16
    assert torch.allclose(logits.grad.float().sum(-1), torch.zeros(4), atol=0.02)
