"""What AdaLoRA does around a step: ranks move to where they matter (arXiv 2303.10512)."""

from __future__ import annotations

import torch

from harness.errors import UsageError

__all__ = ["RankAllocation"]


class RankAllocation:
    """Keeps the matrices near orthogonal, and takes ranks away, on the schedule of peft's model.

    What the importance of a weight is averaged from is part of a checkpoint.
    """

    def __init__(self, module: torch.nn.Module) -> None:
        self._model = module.base_model
        self._config = module.active_peft_config
        allocator = self._allocator = self._model.rankallocator
        for name, weight in self._model.model.named_parameters():
            if weight.requires_grad and "lora_" in name:
                for table in (allocator.ipt, allocator.exp_avg_ipt, allocator.exp_avg_unc):
                    table[name] = torch.zeros_like(weight)

    def before(self, step: int, steps: int) -> None:
        """Adds the gradient of the regulariser: how far factors are from orthogonal ones.

        Raises:
            UsageError: Nothing is left of the steps in which ranks may move.
        """
        config = self._config
        if config.tinit >= steps - config.tfinal or config.target_r >= config.init_r:
            raise UsageError(
                f"AdaLoRA's schedule doesn't fit: {steps} steps with tinit={config.tinit} and "
                f"tfinal={config.tfinal}, from init_r={config.init_r} to target_r={config.target_r}",
                "More steps than tinit and tfinal together, and init_r above target_r.",
            )
        terms = []
        for name, weight in self._model.model.named_parameters():
            if weight.requires_grad and ("lora_A" in name or "lora_B" in name):
                product = weight @ weight.T if "lora_A" in name else weight.T @ weight
                terms.append((product - torch.eye(len(product), device=weight.device)).norm())
        if terms and config.orth_reg_weight:
            (config.orth_reg_weight * torch.stack(terms).mean()).backward()

    def after(self, step: int, steps: int) -> None:
        """Shares the ranks out anew, after the optimizer's step number `step` (from 1)."""
        config = self._config
        config.total_step = steps
        if step > steps - config.tfinal and config.rank_pattern is None:  # it was resumed here
            config.rank_pattern = {
                name: weight.detach().ne(0).flatten().tolist()
                for name, weight in self._model.model.named_parameters()
                if "lora_E" in name
            }
        self._model.update_and_allocate(step)

    def state(self) -> dict[str, torch.Tensor]:
        """Returns the averages, for a checkpoint; what is copied into them goes on from there."""
        tables = {"mean": self._allocator.exp_avg_ipt, "spread": self._allocator.exp_avg_unc}
        return {
            f"{kind}/{name}": value
            for kind, table in tables.items()
            for name, value in table.items()
        }
