"""``harness ask``: one question to a folder of documents or to a prepared run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import JSON, Fields, Values, of
from harness.cli.output import console, print_json, usd
from harness.cli.verbs import refuse, verb
from harness.config import RunConfig, run_config
from harness.errors import UsageError
from harness.text import duration

if TYPE_CHECKING:
    from harness.runs.ask import Answer

__all__ = ["ask"]

EPILOG = """Examples: harness ask --docs insurer-7/documents "육아휴직 기간 알려줘" ·
harness ask --run insurer-ko_qlora+rag "휴직 기간에 대하여 알려줘" """
LOCAL = ("base_url", "allow_unpriced", "data_dir", "offline")
SHOWN = 160  # characters of a passage


@verb("ask", epilog=EPILOG)
def ask(
    questions: list[str] = typer.Argument(help="One question or several."),
    docs: Path | None = typer.Option(None, help="Folder of documents to answer from."),
    run: str | None = typer.Option(None, help="A finished run: its id, or a part of it."),
    strategy: str = of(RunConfig, "strategy", "rag", text="With --docs: how."),
    *,
    values: Annotated[Values, Fields(RunConfig, "model", *LOCAL, "set", "results", "mask_pii")],
    json_: bool = JSON,
) -> None:
    """Answer a question, with its sources, and say what a thousand such would cost."""
    if (docs is None) == (run is None):
        raise UsageError(
            "ask needs --docs FOLDER or --run RUN, not both", "`harness ask --help` has examples."
        )
    if run is not None:
        refuse(("strategy", "set", "mask_pii"), "--docs; a run has its own")
    from harness.cli.progress import terminal
    from harness.records.store import Store
    from harness.runs.ask import ask_documents, ask_run

    with terminal(quiet=json_) as monitor:
        if docs is not None:
            config = run_config(strategy=strategy, **values)
            answers = ask_documents(docs, questions, config, monitor)
        else:
            local = {name: values[name] for name in LOCAL}
            local |= {"model": values["model"]} if values["model"] else {}
            answers = ask_run(Store(values["results"]).find(run or ""), questions, local, monitor)
    if json_:
        print_json({"answers": [asdict(answer) for answer in answers]})
    else:
        for answer in answers:
            _show(answer)


def _show(answer: Answer) -> None:
    out = console()
    out.print(answer.question, style="bold")
    out.print(f"  {answer.text}")
    for number, passage in enumerate(answer.passages, 1):
        text = " ".join(passage.text.split())
        cut = f"{text[:SHOWN]}..." if len(text) > SHOWN else text
        out.print(f"  [{number}] {passage.place or passage.source}", style="dim")
        out.print(f"      {cut}", style="dim")
    for warning in answer.warnings:
        out.print(f"  warning: {warning}", style="yellow")
    reason = answer.notes["usd_per_1k_requests"]
    unpriced = f" ({reason})" if answer.usd_per_1k_requests is None else ""
    out.print(
        f"  {duration(answer.seconds)} · {answer.input_tokens} tokens in, "
        f"{answer.output_tokens} out · {usd(answer.usd_per_1k_requests)} for 1,000 such questions{unpriced} "
        f"· {answer.model or 'no model'}\n"
    )
