"""Which setting is tried next: the defaults, random ones, then those that optuna's TPE proposes.

TPE models the better and the worse settings so far, and proposes what is likely under the better
ones (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"). With the same seed and the
same values it proposes the same, so a search that was stopped goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.errors import needs
from harness.strategy.space import Range, Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial

__all__ = ["DRAWN", "Proposal", "Sampler"]

DRAWN = 10
"""Settings that are drawn at random before TPE takes over; a shorter search is random."""


@dataclass(frozen=True)
class Proposal:
    """A setting to try."""

    parameters: dict[str, object]
    origin: Literal["default", "random", "tpe"]
    trial: Trial | None = None  # optuna's; None of the defaults


class Sampler:
    """Proposes settings of a space, and is told what they came to."""

    def __init__(self, space: Space, seed: int) -> None:
        with needs("tuning", "tune"):
            import optuna
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._space = space
        self._study = optuna.create_study(
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=seed % 2**32, n_startup_trials=DRAWN),
        )
        self._known = 0  # values that were told
        self._begun = False

    def next(self) -> Proposal:
        """Returns the next setting; the first one is the defaults."""
        if not self._begun:
            self._begun = True
            return Proposal({}, "default")
        origin: Literal["random", "tpe"] = "random" if self._known < DRAWN else "tpe"
        ways = {name: _distribution(each) for name, each in self._space.items()}
        trial = self._study.ask(ways)
        drawn = {name: _value(each, trial.params[name]) for name, each in self._space.items()}
        return Proposal(drawn, origin, trial)

    def tell(self, proposal: Proposal, value: float | None) -> None:
        """Takes what a setting came to, higher is better; None where it failed.

        The defaults may lie outside the space: nothing is concluded from them.
        """
        if proposal.trial is None:
            return
        from optuna.trial import TrialState

        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        self._study.tell(proposal.trial, value, state=state)
        self._known += value is not None


def _value(each: Range | tuple[object, ...], drawn: float) -> object:
    """Returns what was drawn; of a number three digits, as one writes it."""
    if not isinstance(each, Range):
        return each[int(drawn)]
    return int(drawn) if each.whole else float(f"{drawn:.3g}")


def _distribution(each: Range | tuple[object, ...]) -> BaseDistribution:
    """Returns a parameter's distribution; of values to choose from their position is drawn."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not isinstance(each, Range):
        return CategoricalDistribution(range(len(each)))
    if each.whole:
        return IntDistribution(int(each.low), int(each.high), log=each.log)
    return FloatDistribution(each.low, each.high, log=each.log)
