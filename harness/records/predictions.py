"""One line a prediction: what is kept of an answer, and how it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.records.files import Json
from harness.records.personal import mask
from harness.types import Call, Output, Scored, Usage

__all__ = ["from_line", "output_of", "to_line"]


def to_line(
    output: Output,
    scored: Scored,
    store_text: str,
    masks: Mapping[str, str] | None = None,
) -> Json:
    """Makes a line of a prediction, with ``full`` texts, ``masked`` ones, or ``ids`` alone.

    Masking replaces personal data; with ``ids`` no answer is kept at all, and an error masked.
    """
    if store_text != "full":
        output, scored = _masked(output, scored, masks)
    line: Json = {
        "id": scored.id,
        "outcome": scored.outcome,
        "correct": scored.correct,
        "abstained": scored.abstained,
        "answerable": scored.answerable,
        "values": dict(scored.values),
        "cluster": scored.cluster,
        "columns": dict(scored.columns),
        "finish": output.finish,
        "usage": output.usage.as_dict(),
    }
    if store_text != "ids":
        line |= {"target": scored.target, "predicted": scored.predicted, "text": output.text}
        if output.scores:
            line["scores"] = {key: round(value, 6) for key, value in output.scores.items()}
    if output.chosen and output.text not in (output.scores or ()):
        line["chosen"] = True
    if output.evidence:
        line["evidence"] = [
            {"source": passage.source, "span": passage.span, "place": passage.place}
            for passage in output.evidence
        ]
    if output.calls:
        line["calls"] = [_call(call, store_text != "ids") for call in output.calls]
    if not output.metered:
        line["metered"] = False
    if output.error:
        line["error"] = output.error
    if output.excess:
        line["excess"] = output.excess
    return line


def _call(call: Call, with_text: bool) -> Json:
    texts = {"input": call.input, "output": call.output} if with_text else {}
    return {"tool": call.tool, **texts, "usage": call.usage.as_dict()}


def _masked(
    output: Output, scored: Scored, masks: Mapping[str, str] | None
) -> tuple[Output, Scored]:
    """Both without personal data; an error may quote what was asked."""

    def clean(text: str | None) -> str | None:
        return text if text is None else mask(text, masks)

    calls = [
        replace(call, input=mask(call.input, masks), output=mask(call.output, masks))
        for call in output.calls
    ]
    excess = mask(output.excess, masks)  # a server's words
    hidden = replace(output, text=clean(output.text), error=clean(output.error), calls=calls)
    hidden = replace(hidden, excess=excess)
    target = mask(scored.target, masks)
    return hidden, replace(scored, target=target, predicted=clean(scored.predicted))


def from_line(line: Json) -> Scored:
    """Reads a scored prediction back."""
    return Scored(
        id=line["id"],
        outcome=line["outcome"],
        target=line.get("target", ""),
        predicted=line.get("predicted"),
        correct=line["correct"],
        abstained=line["abstained"],
        answerable=line["answerable"],
        values=line["values"],
        cluster=line["cluster"],
        columns=line["columns"],
        judged=line.get("judged", {}),
    )


def output_of(line: Json) -> Output:
    """Reads the raw answer back, for scoring it again: one that has a score was chosen."""
    return Output(
        id=line["id"],
        text=line.get("text"),
        finish=line["finish"],
        scores=line.get("scores"),
        usage=Usage(**line["usage"]),
        error=line.get("error"),
        chosen=line.get("chosen", line.get("text") in (line.get("scores") or ())),
        excess=line.get("excess", ""),
    )
