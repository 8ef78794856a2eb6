"""``harness models``: fetch models."""

from __future__ import annotations

import typer

from harness.cli.options import JSON, of
from harness.cli.output import print_json
from harness.cli.verbs import group, refuse, verb
from harness.config import RunConfig
from harness.errors import needs

__all__ = ["fetch"]


MODELS = group("models", "Fetch models.")


@verb("fetch", epilog="Example: harness models fetch gemma-3-270m", within=MODELS)
def fetch(
    name: str = typer.Argument(help="Catalogue name, minilm, or a hub id."),
    revision: str | None = of(RunConfig, "revision"),
    offline: bool = of(RunConfig, "offline"),
    json_: bool = JSON,
) -> None:
    """Fetch a model into the cache, and show its licence."""
    from harness.cli.progress import terminal

    with needs("a local model", "local"):
        from harness.models.sources.encoders import ENCODERS, encoder_of
        from harness.models.sources.fetch import resolve
    with terminal() as monitor:
        if name in ENCODERS:
            refuse(("revision",), "a name of the catalogue or the hub")
            name = str(encoder_of(name, offline=offline, notify=monitor.message))
        folder = resolve(name, revision=revision, offline=offline, notify=monitor.message)
    value = {"name": folder.name, "digest": folder.digest, "origin": folder.origin}
    if json_:
        print_json(value | {"path": str(folder.path)})
    else:
        print(f"{folder.name} is ready: {folder.path}")
