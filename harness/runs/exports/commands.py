"""What a user types after an export that is served: the engine's command, and how to check it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.models.serving import Settings, command_of
from harness.records.files import Json
from harness.records.reading import read_record
from harness.runs.forms import GENERATING
from harness.strategy.base import Prompting
from harness.strategy.registry import create_strategy

__all__ = ["serve_commands"]

PORT = 8000
PLAIN = "zero-shot"
FORMS = {"q8_0": "gguf-q8", "q4_0": "gguf-q4"}
"""Types of a GGUF file that `run --from RUN --as` knows."""


def serve_commands(run: Path, manifest: Json, out: Path) -> list[str]:
    """Returns the commands for an export to vllm or gguf, in their order; none for another kind."""
    programs = {"vllm": ("vllm", out), "gguf": ("llama.cpp", next(out.glob("*.gguf"), out))}
    if manifest["kind"] not in programs:
        return []
    program, weights = programs[manifest["kind"]]
    settings = Settings(dtype=manifest["model"]["dtype"])
    most = min(manifest["context"] or settings.context_length, settings.context_length)
    url = f"http://127.0.0.1:{PORT}/v1"
    served = command_of(program, weights, replace(settings, context_length=most), PORT)
    commands = [served, f"curl {url}/models"]
    record = read_record(run)
    if record.config.data is None:
        parts = create_strategy(record.strategy.name, {}).parts
        prompting = [part.name for part in parts if isinstance(part, Prompting)]
        commands.append(
            f"harness run --strategy {'+'.join(prompting) or PLAIN} --task {record.task.name} "
            f"--model endpoint:{weights.name.removesuffix('.gguf')} --base-url {url}"
        )
    form = FORMS.get(manifest.get("type", ""), manifest["kind"])
    if form != "gguf":
        writes = form in GENERATING and record.readout == "loglikelihood"
        readout = " --readout generate" if writes else ""
        commands.append(f"harness run --from {record.run_id} --as {form}{readout}")
    return commands
