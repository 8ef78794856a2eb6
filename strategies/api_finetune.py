"""Fine-tuning by a vendor: a file of chats, a job, and the model that it made, by OpenAI's protocol.

The vendor holds the weights and doesn't say what it trains. A job's training is paid once: it is
found again after a kill.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.errors import UsageError
from harness.models.base import Model, TunedThere
from harness.models.endpoint.jobs import FILE, paid
from harness.records.ledger import Spend
from harness.strategy.base import Pairs, Weights
from harness.strategy.context import Context
from harness.strategy.family import Family
from harness.types import Usage

UNMETERED = "unmetered_requests"


class ApiFinetune(Weights):
    """Has a vendor train on prompts as they will be asked, and asks what it made."""

    name: ClassVar[str] = "api-finetune"
    summary: ClassVar[str] = "a vendor trains its own model, behind OpenAI's interface"
    family: ClassVar[Family] = "third-party"
    trains: ClassVar[str] = "what the vendor trains"
    memory: ClassVar[str] = "no model: the vendor's"
    needs: ClassVar[frozenset[str]] = frozenset({"model", "train"})
    by_vendor: ClassVar[bool] = True

    # A vendor's own choice of epochs could cost any amount, so one is always sent.
    epochs: int = Field(3, ge=1, le=50, description="How often the job reads each training row.")
    batch_size: int | None = Field(None, ge=1, description="Rows a step; by default the vendor's.")
    learning_rate_multiplier: float | None = Field(
        None, gt=0, description="Of the vendor's own rate; by default what it takes."
    )

    def fit(self, context: Context, pairs: Pairs) -> None:
        """Uploads the training rows, asks for a job, and waits for it; each is found again."""
        model = context.loader()
        if not isinstance(model, TunedThere):
            raise UsageError(
                f"{self.name} is for a model behind a server", "Name one: --model endpoint:NAME"
            )
        rows = pairs.train()
        with context.ledger.phase("train") as spend:
            try:
                told = model.tune(
                    rows, self._settings(context), context.artifact, context.monitor.message
                )
            finally:  # also what a failed job took
                _bill(context, spend)
        context.details["job"] = {**told, "rows": len(rows)}
        if told["stand_in"]:
            context.monitor.message(
                "the server is a stand-in for a vendor: this run enters no table of results"
            )

    def _settings(self, context: Context) -> dict[str, object]:
        chosen = {
            "n_epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate_multiplier": self.learning_rate_multiplier,
        }
        given = {name: value for name, value in chosen.items() if value is not None}
        return {"hyperparameters": given, "seed": context.stream("job") % 2**31}

    def load(self, context: Context) -> Model:
        """Returns the model that the vendor made; requests are those of any other endpoint."""
        return context.load_model(adapter=context.artifact)


def _bill(context: Context, spend: Spend) -> None:
    """Adds the tokens of all jobs that stand in no span of an earlier attempt."""
    tokens, unknown = paid(context.artifact / FILE)
    earlier = context.ledger.earlier("train")
    spend.usage.add(Usage(tokens - sum(each.usage.input_tokens for each in earlier)))
    unknown -= sum(int(each.quantities.get(UNMETERED, 0)) for each in earlier)
    if unknown:
        spend.count(**{UNMETERED: float(unknown)})
