"""What weights a finished run's artifact holds: the one place that knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.errors import UsageError
from harness.records.reading import read_record
from harness.records.schema import RunRecord
from harness.records.store import ARTIFACT, FINISHED
from harness.training.weights import ADAPTER

__all__ = ["ArtifactWeights", "weights_of"]

Kind = Literal["whole", "peft", "beside", "none"]
WHOLE, PEFT = "config.json", "adapter_config.json"


@dataclass(frozen=True, slots=True)
class ArtifactWeights:
    """Trained weights, in the form in which they lie in an artifact."""

    record: RunRecord
    kind: Kind  # a whole model; an adapter of peft's; one that stays beside the weights; nothing
    folder: Path | None
    base: Path | None = None  # a whole model that was made before; None: it is the run's model


def weights_of(run: Path) -> ArtifactWeights:
    """Returns the weights that a run trained, of the kind ``none`` where it left them as they were.

    Raises:
        UsageError: The run isn't finished, its artifact is gone, or it has no language model.
    """
    record = read_record(run)
    artifact = run.parent / "artifacts" / (record.artifact.name if record.artifact else "none")
    made = record.artifact is None or (artifact / ARTIFACT).is_file()
    if record.status != FINISHED or not made:
        raise UsageError(
            f"{run.name} has nothing prepared to export", "Run it to its end; keep `artifacts`."
        )
    if record.artifact is None and record.model:
        return ArtifactWeights(record, "none", None)
    parts = record.strategy.parameters.get("parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if not isinstance(first, dict) or record.model is None:
        raise UsageError(
            f"{run.name} has no weights of a language model", "--to lm-eval exports its figures."
        )
    trained = artifact / str(first["name"]) / ADAPTER
    before = [
        path.parent
        for path in sorted(artifact.glob(f"*/**/{WHOLE}"))
        if trained not in (path.parent, *path.parents) and "checkpoints" not in path.parts
        if any(path.parent.glob("*.safetensors"))
    ]
    base = before[0] if before else None
    if trained.is_dir():
        kinds: dict[str, Kind] = {WHOLE: "whole", PEFT: "peft"}
        found = (kinds[name] for name in kinds if (trained / name).is_file())
        kind: Kind = next(found, "beside")
        return ArtifactWeights(record, kind, trained, base)
    if base is not None:
        return ArtifactWeights(record, "whole", base)
    return ArtifactWeights(record, "none", None)
