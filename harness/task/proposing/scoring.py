"""Which kind of task the answers make it, which labels there are, and how answers are scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from statistics import median

from harness.errors import DataError, UsageError
from harness.metrics.registry import kinds
from harness.task.labels import labels_of, read_labels
from harness.task.proposing.guess import Draft, Wishes, named
from harness.task.proposing.hints import words_of
from harness.task.proposing.profile import Profile, text_of
from harness.task.spec import Columns

__all__ = ["decide_kind", "decide_labels", "decide_scores"]

FEW = 20  # different answers that may be labels though they are called answers
CODES = 12  # different whole numbers that may be labels
SHORT = 6  # words of a short answer
MOST_TOKENS = 512
SCALES = {"rating", "ratings", "stars", "star", "score", "grade", "별점", "평점", "점수"}
RANKED = ("hit@1", "hit@5", "mrr", "ndcg@10")


def decide_kind(draft: Draft, column: Profile, context: str, copied: bool) -> None:
    """Decides by the answers: labels, numbers, words of the context, or free text."""
    hinted = "label" in column.roles
    few, each = column.distinct, f"{column.distinct:,} different answers in {column.filled:,} rows"
    coded = hinted and column.counts_on and not SCALES & set(words_of(column.name))
    amounts = column.amounts > 0.8 and (few > CODES or column.repeats < 5) and not coded
    if copied and column.numeric < 0.8 and not (column.is_class_like and few <= FEW):
        why = f"nearly every answer stands in {context!r}, word for word"
        _said(draft, "spans", why, amounts, column)
    elif amounts and not (hinted and few <= CODES):
        why = f"{each}, {column.amounts:.0%} of them amounts"
        why += ", right only if the same: a score on a scale, too" if hinted else ""
        _said(draft, "numeric_qa", why, hinted, column)
    elif column.is_class_like and (hinted or "answer" not in column.roles):
        doubtful = column.words > SHORT or (not hinted and few > 50)
        _said(draft, "classification", each, doubtful, column)
    elif column.is_class_like and few <= FEW and column.repeats >= 5 and column.words <= SHORT:
        _said(draft, "classification", each, few > 5 or column.repeats < 10, column)
    elif hinted and column.repeats >= 2 and column.length <= 60 and few <= 500:
        _said(draft, "classification", f"{each}: few rows for each", True, column)
    else:
        _said(draft, "qa", f"{each}: free text", hinted or column.is_class_like, column)


def _said(draft: Draft, kind: str, why: str, doubtful: bool, column: Profile) -> None:
    draft.kind = kind
    others = {
        "classification": ["qa"],
        "numeric_qa": ["qa"],
        "spans": ["qa", "numeric_qa"],
        "qa": [],
    }[kind]
    if kind != "classification" and column.distinct <= 500:
        others.append("classification")
    draft.say("kind", kind, why, others, doubtful=doubtful)


def decide_labels(
    draft: Draft,
    found: Mapping[str, Profile],
    wishes: Wishes,
    names: Mapping[str, str],
    source: str,  # where the names stand
) -> None:
    """Reads the labels of a classification; codes get the names that are known.

    Raises:
        UsageError: There are too many, or one alone.
    """
    wished = wishes.get("labels") or {}
    assert isinstance(wished, Mapping)
    if draft.kind != "classification":
        _several(draft, wished)
        return
    lines = [line for line in draft.lines if text_of(line[draft.target])]
    column = found.get(draft.target)
    coded = column is not None and column.numeric > 0.95
    declared = {code: names[code] for code in column.counts if code in names} if column else {}
    spelt = len(declared) == (column.distinct if column else -1)
    try:
        draft.labels, notes = read_labels(
            lines, draft.target, wished or (declared if spelt else None)
        )
    except DataError as error:
        raise UsageError(error.message, error.hint) from error
    draft.notes += notes
    counts = Counter(draft.labels.get(text_of(line[draft.target]), "") for line in lines)
    distinct = list(dict.fromkeys(draft.labels.values()))
    if len(distinct) < 2:
        raise UsageError(
            f"all rows have the label {named(distinct)}: there is nothing to tell apart",
            "Name another column: --target COLUMN.",
        )
    shown = named([f"{label} {counts[label]:,}" for label in distinct], 12)
    if wished or (spelt and not coded):
        draft.say("labels", shown, "as you say" if wished else "their texts")
    elif spelt:
        draft.say("labels", shown, f"what the codes mean stands in {source}")
    elif coded and SCALES & set(words_of(draft.target)):
        draft.say("labels", shown, "steps of a scale")
    elif coded:
        why = "codes: what they mean isn't said, so they are the labels themselves; --labels 0=NAME,1=NAME"
        draft.say("labels", shown, why, ["CODE=NAME,CODE=NAME"], doubtful=True)
    else:
        draft.say("labels", shown, f"{len(distinct)} different texts in {draft.target!r}")
    _balance(draft, counts)


def _several(draft: Draft, wished: Mapping[str, str]) -> None:
    """Reads the labels of rows that have several, or the types of entities."""
    named_so = {k: v for k, v in draft.columns.items() if k in Columns.model_fields}
    columns = Columns.model_validate(named_so)
    try:
        draft.labels, notes = labels_of(draft.lines, columns, kinds()[draft.kind], wished or None)
    except DataError as error:
        raise UsageError(error.message, error.hint) from error
    draft.notes += notes
    if draft.labels:
        distinct = list(dict.fromkeys(draft.labels.values()))
        draft.say("labels", named(distinct, 12), "as you say" if wished else "what stands there")


def _balance(draft: Draft, counts: Counter[str]) -> None:
    total = counts.total()
    label, most = counts.most_common(1)[0]
    rare = [name for name, count in counts.items() if count < 10]
    if most > 0.8 * total:
        draft.notes.append(f"unbalanced: {most / total:.0%} of the rows have the label {label!r}")
    if rare:
        verb = "has" if len(rare) == 1 else "have"
        draft.notes.append(f"too little: {named(rare)} {verb} fewer than 10 rows")


def decide_scores(draft: Draft) -> None:
    """Names the metrics, the one that decides, and how long answers get."""
    answers = [text_of(line[draft.target]) for line in draft.lines] if draft.target else []
    kind = kinds()[draft.kind]
    metrics = kind.metrics or RANKED
    primary, why = metrics[0], "the usual one for this kind"
    if draft.kind == "classification":
        counts = Counter(draft.labels.get(answer, answer) for answer in answers)
        most = max(counts.values(), default=0) / max(1, len(answers))
        if most > 1.5 / max(1, len(counts)) and most > 0.5:
            primary = "macro_f1"
            why = (
                f"{most:.0%} of the rows have one label: accuracy would reward answering it always"
            )
    if draft.kind == "qa":
        words = median(len(answer.split()) for answer in answers)
        if words > SHORT:
            metrics, primary = ("token_f1", "rouge_l", "exact_match"), "token_f1"
            why = f"answers have {words:.0f} words in the middle: hardly one is the same to the letter"
    if draft.abstain:
        metrics = (*metrics, "abstention_recall")
    draft.metrics, draft.primary = metrics, primary
    draft.say("metric", primary, why, [name for name in metrics if name != primary])
    draft.multiline = draft.kind == "qa" and any("\n" in answer for answer in answers)
    least = kind.defaults.get("max_tokens", 32)
    assert isinstance(least, int)
    draft.max_tokens = max(least, _tokens(draft, answers))


def _tokens(draft: Draft, answers: list[str]) -> int:
    longest = max(map(len, answers), default=0) if draft.kind != "classification" else 0
    labels = max(map(len, draft.labels.values()), default=0)
    each = 1.0 if draft.language in ("ko", "ja", "zh") else 0.35
    words = max((len(answer.split()) for answer in answers), default=0)
    needed = max(each * max(longest, labels), words if draft.kind != "classification" else 0)
    return max(32, min(MOST_TOKENS, 32 * -(-int(needed) // 32)))
