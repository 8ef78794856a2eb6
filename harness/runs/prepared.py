"""A finished run that answers again, from what it prepared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.config import NO_SEARCH, DataSource, run_config
from harness.errors import UsageError
from harness.models.endpoint import is_endpoint
from harness.records.reading import read_record
from harness.records.store import ARTIFACT, FINISHED
from harness.runs.kept_task import kept_task
from harness.runs.plan import Plan, make_plan
from harness.strategy.context import Monitor

__all__ = ["prepared"]

UNSCORED: Mapping[str, object] = {"metrics": (), "judge": None, "ragas": "off"}
"""Nothing is scored: an own metric's file, or a judge's server, may be gone."""


def prepared(
    folder: Path,  # of the run
    config: Mapping[str, object],  # options of this machine
    monitor: Monitor | None = None,  # told where what the run was made of was edited since
) -> tuple[Plan, Path]:
    """Returns the plan of a finished run, and the folder of what it prepared.

    `config` holds ``model`` and ``data``, the paths of the run's model and of its table where these
    were of one's own: no record keeps them. Without its table the plan of such a run has no rows.

    Raises:
        UsageError: The run isn't finished, or of another model, or its table isn't named.
    """
    record = read_record(folder)
    name = record.artifact.name if record.artifact else "none"
    artifact = folder.parent / "artifacts" / name
    if record.status != FINISHED or not (artifact / ARTIFACT).is_file():
        raise UsageError(f"{folder.name} has nothing prepared to ask", "Run it to its end first.")
    source, path = record.config.data, config.get("data")
    kept = kept_task(artifact, record) if source is not None and path is None else None
    table = source if kept else _table(source, path)
    if not config.get("model") and _lay_in_a_folder(record.config.model):
        raise UsageError(
            f"{folder.name} is a run of a model of one's own, {record.config.model!r}",
            "Name its folder or file: --model PATH. A record holds no path.",
        )
    # what was searched for is among what is set
    options = {**record.config.model_dump(), **NO_SEARCH, **config, "results": folder.parent}
    options |= {"data": table, **UNSCORED}
    given = (kept.task, kept.rows) if kept else None
    plan = make_plan(run_config(**options), given=given, made_of=kept.trained if kept else None)
    if plan.keys.artifact != record.keys.artifact:
        if config.get("model"):
            model = config["model"]
            raise UsageError(f"{model} isn't the model of {folder.name}", "Name that one.")
        (monitor or Monitor()).message(
            f"{folder.name} answers as it was prepared: its task, documents or code aren't the "
            "same now. Run it again, or ask --docs FOLDER."
        )
    return plan, artifact


def _table(table: DataSource | None, path: object) -> DataSource | None:
    """Puts the path of a table of one's own in its place."""
    if table is None:
        if path is not None:
            raise UsageError("the run isn't of a table of one's own", "Leave --data out.")
        return None
    if path is None:
        raise UsageError(
            "an earlier version prepared this run, and kept nothing in its table's place",
            "Give its `harness run` command again: that keeps it, and runs nothing anew.",
        )
    if table.prompt:
        raise UsageError("the run's prompt is in a file of its own", "Give it a task file.")
    test = table.test and Path(str(path)).parent / table.test  # beside it, as far as a record says
    return table.model_copy(update={"path": Path(str(path)), "test": test})


def _lay_in_a_folder(model: str | None) -> bool:
    """Whether a record's model was a folder or a file, of which only the name is kept."""
    from harness.models.sources.catalog import catalog

    named = model is None or is_endpoint(model) or "/" in model or model in catalog()
    return not named and not Path(str(model)).exists()
