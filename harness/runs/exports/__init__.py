"""What a run made, for other programs: weights to load or to serve, results for lm-eval."""

from __future__ import annotations

import contextlib
from pathlib import Path

from harness.errors import HarnessError, UsageError, nearest
from harness.records.files import Json, storage_errors, write_json
from harness.records.keys import sha256_of
from harness.records.reading import read_metrics, read_record
from harness.runs.exports.figures import export_results
from harness.runs.exports.gguf import TYPES
from harness.runs.exports.models import export_gguf, export_merged, export_peft
from harness.runs.exports.weights import weights_of
from harness.version import __version__

__all__ = ["KINDS", "MANIFEST", "export"]

KINDS = ("lm-eval", "peft", "merged", "vllm", "gguf")
MANIFEST = "export.json"


def export(
    run: Path,
    kind: str,
    out: Path,
    *,
    model: str | None = None,
    type_: str | None = None,
    merge_quantised: bool = False,
) -> Json:
    """Exports a run into an empty folder, and returns its manifest, which is written as well.

    Args:
        run: The run's folder.
        kind: One of `KINDS`.
        out: The folder to write.
        model: The path of the run's model, where it was a folder.
        type_: Of a GGUF file: one of `TYPES`, by default the first.
        merge_quantised: See `export_merged`.

    Raises:
        UsageError: An unknown kind, a folder that isn't empty, or a run that has no such thing.
    """
    _check(kind, out, type_)
    weights = None if kind == "lm-eval" else weights_of(run)
    if weights and weights.kind == "none" and kind in ("peft", "merged"):
        raise UsageError(
            f"{run.name} has no weights of its own: {weights.record.strategy.name} leaves the "
            "model as it is",
            f"--to lm-eval exports its figures, --to vllm or gguf {weights.record.model_name}.",
        )
    said: Json = {}
    with storage_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        try:
            if weights is None:
                export_results(run, out)
            elif kind == "peft":
                export_peft(weights, out, model)
            elif kind == "gguf":
                said = export_gguf(weights, out, type_ or TYPES[0], model, merge_quantised)
            else:
                said = export_merged(weights, out, model, merge_quantised)
        except HarnessError:
            with contextlib.suppress(OSError):
                out.rmdir()  # where nothing was written
            raise
        manifest = _manifest(run, kind, out) | said
        write_json(out / MANIFEST, manifest)
    return manifest


def _check(kind: str, out: Path, type_: str | None) -> None:
    if kind not in KINDS:
        raise UsageError(f"there is no export to {kind!r}", nearest(kind, KINDS))
    if type_ and kind != "gguf":
        raise UsageError(f"--type is of GGUF files; {kind} has none", "Leave it out.")
    if type_ and type_ not in TYPES:
        raise UsageError(f"a GGUF file has no type {type_!r} here", nearest(type_, TYPES))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} isn't empty", "Name another folder: --out FOLDER.")


def _manifest(run: Path, kind: str, out: Path) -> Json:
    """Says what a folder holds and what it comes from; no place of this machine is in it."""
    record, metrics = read_record(run), read_metrics(run)
    primary = metrics and metrics.metrics.get(metrics.primary)
    model = record.model
    return {
        "adaptbench": __version__,
        "kind": kind,
        "run": record.run_id,
        "task": record.task.name,
        "strategy": record.strategy.name,
        "parameters": record.strategy.parameters,
        "model": model
        and {
            "name": model.name,
            "digest": model.digest,
            "origin": model.weights_origin,
            "licence": model.licence,
            "dtype": model.dtype,
            "quantization": model.quantization,
        },
        "quality": primary and {"metric": metrics and metrics.primary, **primary.as_json()},
        "files": {
            path.name: {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
            for path in sorted(out.iterdir())
            if path.is_file()
        },
    }
