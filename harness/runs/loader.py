"""The loaders that a strategy gets for the run's model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness import devices
from harness.errors import HarnessError, UsageError
from harness.models.base import Model
from harness.records.files import Json
from harness.records.model import ModelInfo
from harness.runs.deployed import load_as
from harness.runs.servers import by_vendor, refuse_changes
from harness.runs.serving import Paid
from harness.strategy.base import NamesModel, Predictor
from harness.strategy.context import Loader
from harness.types import Form

if TYPE_CHECKING:
    from harness.costs.book import TokenPrice
    from harness.costs.budget import Budget
    from harness.models.endpoint import Endpoint, Limits
    from harness.models.sources.catalog import ModelFolder
    from harness.runs.plan import Plan

__all__ = ["RESPONSES", "ModelNote", "loader_of"]

RESPONSES = "responses.jsonl"
"""The journal of an endpoint's responses, in the run's folder."""


@dataclass
class ModelNote:
    """The model that a loader loaded last; None before the first."""

    info: ModelInfo | None = None
    paid: Paid | None = None  # what its answers took; None where no journal says it
    described: Callable[[], Json] | None = None  # what its server was asked; None: there is none
    close: Callable[[], object] = lambda: None  # ends its server, if that was started here
    quoting: set[str] = field(default_factory=set)  # what its `Encoder` says of control tokens

    def __enter__(self) -> ModelNote:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def quoted(self) -> str:
        """A sentence on prompts that hold control tokens; empty where none does."""
        count = len(self.quoting)
        held = f"{count} prompt holds" if count == 1 else f"{count} prompts hold"
        return f"{held} control tokens of the model; they are read as text" if count else ""

    def of(self, predictor: Predictor | None) -> ModelInfo | None:
        """Returns the model that was loaded, else the one that the predictor names."""
        if self.info is not None or predictor is None:
            return self.info
        return predictor.model_info if isinstance(predictor, NamesModel) else None


@dataclass(frozen=True)
class _LocalLoader:
    """Loads models on one device. It holds nothing else, since strategies can look into it."""

    strategy: str
    model: ModelFolder | None
    device: devices.Device
    note: ModelNote
    others: Mapping[str, ModelFolder] = field(default_factory=dict)  # that the strategy names
    form: Form = "trained"  # another one loads whole weights, whatever a strategy asks for

    def other(self, name: str | None) -> Loader:
        """Returns what loads another model; the run's record doesn't take it for the run's."""
        if name is not None and name not in self.others:
            raise HarnessError(f"{self.strategy} loads {name}, but its `models` don't name it")
        model = self.model if name is None else self.others[name]
        return replace(self, model=model, note=ModelNote(), form="trained")

    def __call__(
        self,
        *,
        quantization: str | None = None,
        adapter: Path | None = None,
        merge: bool = False,
        base: Path | None = None,
    ) -> Model:
        from harness.models.local.model import LocalModel, load_local
        from harness.models.serving.model import ServedModel

        model: LocalModel | ServedModel
        if self.form == "trained":
            model = load_local(
                self._folder(base),
                device=self.device,
                quantization=quantization,
                adapter=adapter,
                merge=merge,
            )
        else:
            model = load_as(self.form, self._folder(base), self.device, adapter, quantization)
            if isinstance(model, ServedModel):
                self.note.described, self.note.close = model.described, model.close
        self.note.info = model.info
        model.encoder.quoting = self.note.quoting
        return model

    def _folder(self, base: Path | None) -> ModelFolder:
        """Returns the run's model, with the weights that were made of it or of nothing."""
        from harness.models.sources.catalog import ModelFolder

        if self.model is not None:
            return replace(self.model, path=base) if base else self.model
        if base is None:
            raise HarnessError(f"{self.strategy} loads a model, but its needs lack 'model'")
        return ModelFolder(base, base.name, origin="made by the run", licence="your own")


@dataclass(frozen=True)
class _EndpointLoader:
    """Loads the model behind a server."""

    endpoint: Endpoint
    journal: Path | None
    budget: Budget
    note: ModelNote
    notify: Callable[[str], None]
    deadline: float
    limits: Limits
    price: Callable[[Endpoint], TokenPrice | None]  # of a model that a vendor made
    wait: bool = False

    def other(self, name: str | None) -> Loader:
        """Refuses: there is no device to run another model on."""
        raise UsageError(
            "no other model can run beside one behind a server", "Name a local model with --model."
        )

    def __call__(self, *, adapter: Path | None = None, **changes: object) -> Model:
        from harness.models.endpoint import EndpointModel
        from harness.models.endpoint.jobs import FILE

        endpoint = self.endpoint
        if adapter is not None and (adapter / FILE).is_file():
            endpoint = self._tuned(adapter / FILE)
        else:
            changes["adapter"] = adapter
        refuse_changes(changes)
        model = EndpointModel(
            endpoint,
            self.journal,
            self.budget,
            notify=self.notify,
            deadline=self.deadline,
            limits=self.limits,
            wait=self.wait,
        )
        self.note.info, self.note.described = model.info, model.described
        if self.journal is not None:
            self.note.paid = model.paid
        return model

    def _tuned(self, jobs: Path) -> Endpoint:
        """Returns the model that a vendor made; the limit of money holds for its training, too."""
        from harness.models.endpoint.jobs import paid, tuned_model

        made = tuned_model(jobs)
        endpoint = replace(self.endpoint, tuned=made["model"], stand_in=made["stand_in"])
        self.budget.reprice(self.price(endpoint))
        self.budget.trained(*paid(jobs))
        return endpoint


def loader_of(
    plan: Plan,
    note: ModelNote | None = None,  # takes which model is loaded
    journal: Path | None = None,  # the file that keeps an endpoint's responses
    notify: Callable[[str], None] = lambda text: None,  # told where that is damaged
    *,
    form: Form | None = None,  # ``trained`` to prepare; None: as the plan's answers are made
) -> Loader:
    """Returns a loader of the run's model."""
    from harness.costs.budget import Budget
    from harness.models.endpoint import Endpoint, Limits

    note = note or ModelNote()
    if not isinstance(plan.model, Endpoint):
        strategy, form = plan.config.strategy, form or plan.config.form
        return _LocalLoader(strategy, plan.model, plan.device, note, plan.others, form)
    from harness.costs.book import load_book
    from harness.costs.budget import price_of, price_of_training
    from harness.costs.tokens import NO_BATCH_PRICE, batch_factor

    config, book = plan.config, load_book(plan.config.prices)
    known = partial(price_of, book=book, unpriced=config.allow_unpriced)
    price = known(plan.model)
    share = batch_factor(price, book) if config.wait and price else 1.0
    if share is None:
        notify(NO_BATCH_PRICE)
    budget = Budget(price, config.max_cost, share=share or 1.0, most_seconds=config.run_deadline)
    if by_vendor(plan.strategy):
        budget.training = price_of_training(plan.model, book, unpriced=config.allow_unpriced)
    limits = Limits(config.rpm, config.tpm)
    return _EndpointLoader(
        *(plan.model, journal, budget, note, notify, config.deadline, limits, known, config.wait)
    )
