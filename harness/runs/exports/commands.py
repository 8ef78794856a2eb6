"""What a user types after an export that is served: the engine's command, and how to check it."""

from __future__ import annotations

from pathlib import Path

from harness.models.serving import Settings, command_of
from harness.records.files import Json
from harness.records.reading import read_record
from harness.runs.forms import BITS, CONTEXT, GENERATING, SERVED
from harness.strategy.base import Prompting
from harness.strategy.registry import create_strategy

__all__ = ["serve_commands"]

PORT = 8000
PLAIN = "zero-shot"


def serve_commands(run: Path, manifest: Json, out: Path) -> list[str]:
    """Returns the commands for an export to vllm or gguf, in their order; none for another kind."""
    programs = {"vllm": ("vllm", out), "gguf": ("llama.cpp", next(out.glob("*.gguf"), out))}
    if manifest["kind"] not in programs:
        return []
    program, weights = programs[manifest["kind"]]
    settings = Settings(
        context_length=min(manifest["context"] or CONTEXT, CONTEXT),
        dtype=manifest["model"]["dtype"],
    )
    url = f"http://127.0.0.1:{PORT}/v1"
    commands = [command_of(program, weights, settings, PORT), f"curl {url}/models"]
    record = read_record(run)
    name = weights.name.removesuffix(".gguf")
    if record.config.data is None:
        parts = create_strategy(record.strategy.name, {}).parts
        prompting = [part.name for part in parts if isinstance(part, Prompting)]
        commands.append(
            f"harness run --strategy {'+'.join(prompting) or PLAIN} --task {record.task.name} "
            f"--model endpoint:{name} --base-url {url}"
        )
    form = next((form for form, type_ in BITS.items() if type_ == manifest.get("type")), program)
    if form in SERVED:
        wanted = form in GENERATING and record.readout == "loglikelihood"
        readout = " --readout generate" if wanted else ""
        commands.append(f"harness run --from {record.run_id} --as {form}{readout}")
    return commands
