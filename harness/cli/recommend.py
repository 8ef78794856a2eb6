"""``harness recommend``: which way of adapting is worth its money, with its evidence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.analysis.recommend.question import Question, make_question
from harness.cli.options import JSON, PRICES, RESULTS, Fields, Values, language_of, of, of_results
from harness.cli.output import Json, console, print_json, print_table
from harness.cli.verbs import verb
from harness.errors import UsageError
from harness.text import milliseconds

if TYPE_CHECKING:
    from rich.console import Console

    from harness.analysis.recommend.answer import Candidate, Recommendation
    from harness.analysis.words import Language

__all__ = ["recommend"]

EPILOG = """Examples:

  harness recommend --results results

  harness recommend --task insurer-ko --requests-per-month 50000 --label-usd 0.5

  harness recommend --task fpb --machine l4 --updates-per-month 4 --min-quality 0.8 --language ko

  harness recommend --task insurer-ko --cost-per-error 2 --cost-per-handover 1 --people qlora=5,1 --day-rate 800

  harness recommend --task insurer-claims-ko --label-usd 0.5 --cascade

The answer is the cheapest strategy that is shown (95 %) not to be behind the best by more than the
margin; without enough evidence it says how many rows and runs are missing. Where the task declares what
mistakes cost, or an error or a hand-over has a price, it is the strategy with the lowest total cost."""


@verb("recommend", epilog=EPILOG)
def recommend(
    *,
    task: str | None = of(
        Question,
        "task",
        None,
        text="Name of the task whose records decide; by default the only one in the results.",
    ),
    values: Annotated[Values, Fields(Question, but=("task", "margin", "margin_share"))],
    margin: str | None = typer.Option(
        None,
        help=f"{Question.model_fields['margin'].description} Or a share of the best's value: 5%. "
        "By default 0.02 of a share, 5% of an amount.",
    ),
    language: str = typer.Option("en", help="Language of the answer: en, ko."),
    results: Path = RESULTS,
    prices: Path | None = PRICES,
    json_: bool = JSON,
) -> None:
    """Recommend the cheapest strategy that is as good as the best, or has the lowest total cost."""
    from harness.analysis.recommend.advise import recommend as advise
    from harness.analysis.recommend.sentences import cascade_lines, sentence
    from harness.costs.book import load_book
    from harness.records.reading import left_out

    chosen = language_of(language)
    task = task or _only_task(results)
    question = make_question(task=task, **values, **_margin(margin))
    answer = advise(results, question, load_book(prices))
    if json_:
        value: Json = {"sentence": sentence(answer, chosen), **answer.as_dict()}
        if lines := cascade_lines(answer, chosen):
            value["cascade"]["sentence"] = lines[0]
        print_json(value | {"left_out": left_out(results)})
        return
    _show(console(), answer, chosen)


def _only_task(results: Path) -> str:
    """Returns the task of all records; where there are several, each is named with its command."""
    from harness.records.reading import records_of
    from harness.records.store import no_run

    runs = Counter(record.task.name for _, record in records_of(results))
    if not runs:
        raise no_run([results])
    if len(runs) == 1:
        return next(iter(runs))
    commands = [
        f"harness recommend{of_results(results)} --task {name}  ({count} run{'s' * (count > 1)})"
        for name, count in sorted(runs.items())
    ]
    raise UsageError(
        f"{results} has runs of {len(runs)} tasks; each has a recommendation of its own",
        "\n  ".join(("Ask for one:", *commands)),
    )


def _margin(text: str | None) -> dict[str, float]:
    """Reads a margin in the metric's unit, or one as a share of the best's value."""
    if text is None:
        return {}
    try:
        if text.endswith("%"):
            return {"margin_share": float(text[:-1]) / 100}
        return {"margin": float(text)}
    except ValueError as error:
        raise UsageError(f"--margin {text!r} is no figure", "Examples: 0.02, 5%") from error


def _show(out: Console, answer: Recommendation, language: Language) -> None:
    from harness.analysis.recommend.sentences import cascade_lines, money, sentence, thresholds
    from harness.analysis.trials import said_once
    from harness.analysis.words import word

    def title(name: str) -> str:
        return word(f"terminal.{name}", language)

    measure = f"{answer.metric}, {answer.unit}" if answer.unit else answer.metric
    head = " · ".join(filter(None, (answer.task, answer.model, measure)))
    out.print(head, style="bold", markup=False)
    out.print(sentence(answer, language), markup=False)
    out.print()
    if answer.lines:
        (_totals if answer.objective == "total" else _table)(out, answer, language)
    verdict = f"{word('verdict', language)}: {word(f'terminal.verdict.{answer.verdict}', language)}"
    counts = f"{title('rows')} {answer.rows:,}, {title('clusters')} {answer.clusters:,}"
    summary = f"{verdict} · {counts}"
    if answer.stability is not None:
        summary += f" · {title('again')} {100 * answer.stability:.0f}%"
    if answer.probability is not None:
        summary += f" · {title('cheapest')} {100 * answer.probability:.0f}%"
        summary += f" · {title('regret')} {money(answer.expected_regret_usd, language)}"
    out.print(f"\n{summary}", markup=False)
    for name, lines in (
        ("cascade", cascade_lines(answer, language)),
        ("turns", thresholds(answer, language)),
        ("notes", [note.say(language) for note in answer.notes]),
        ("excluded", said_once(answer.excluded, language)),
    ):
        if lines:
            out.print(f"{title(name)}:")
            for line in lines:
                out.print(f"  {line}", style="dim" if name == "excluded" else None, markup=False)


def _marked(line: Candidate, field: str, text: str, language: Language) -> str:
    from harness.analysis.words import word

    if field not in line.badges:  # the text says that the figure isn't known
        return text
    return f"{text} {word(f'mark.{line.badges[field]}', language)}"


def _paid(line: Candidate, language: Language) -> list[str]:
    """What is paid once and every month."""
    from harness.analysis.recommend.sentences import money

    return [
        _marked(line, name, money(usd, language, least=name in line.least), language)
        for name, usd in (("once_usd", line.once_usd), ("monthly_usd", line.monthly_usd))
    ]


def _quality(line: Candidate, answer: Recommendation, language: Language) -> str:
    form = ".3f" if answer.share else ",.0f" if abs(line.quality) >= 1000 else ",.4g"
    interval = f"{line.quality:{form}} [{line.low:{form}}, {line.high:{form}}]"
    return _marked(line, "quality", interval, language)


def _totals(out: Console, answer: Recommendation, language: Language) -> None:
    """The candidates where the lowest total cost decides."""
    from harness.analysis.recommend.sentences import money, total
    from harness.analysis.words import word

    names = [word(key, language) for key in ("once", "monthly", "lost", "in_all")]
    names += [word("terminal.dearer", language), word("worst", language)]
    lines = []
    for role, line in answer.shown():
        lost = None if line.lost_usd is None else line.lost_usd / answer.question.months
        cells = (
            f"{word(f'terminal.{role}', language)}: {line.name}",
            *_paid(line, language),
            money(lost, language),
            total(line, language),
            money(line.regret_usd, language),
            money(line.worst_usd, language),
            _quality(line, answer, language),
        )
        lines.append(cells)
    names = [word("strategy", language), *names]
    print_table(*names, answer.metric, rows=lines, stack=True)
    out.print(word("terminal.badges", language), style="dim", markup=False)


def _table(out: Console, answer: Recommendation, language: Language) -> None:
    from harness.analysis.recommend.sentences import amount
    from harness.analysis.words import word

    def title(name: str) -> str:
        return word(f"terminal.{name}", language)

    columns = [word(key, language) for key in ("once", "monthly", "quality")]
    lines = []
    for role, line in answer.shown():
        p95 = word("not_measured", language)
        if line.p95_seconds is not None:
            most = "" if line.p95_high is None else f" (≤ {milliseconds(line.p95_high)})"
            text = f"{milliseconds(line.p95_seconds)}{most}"
            p95 = _marked(line, "p95_seconds", text, language)
        cells = (
            f"{title(role)}: {line.name}",
            *_paid(line, language),
            _quality(line, answer, language),
            amount(line.behind, answer, language),
            p95,
        )
        lines.append(cells)
    columns = [word("strategy", language), *columns, title("behind"), title("p95")]
    print_table(*columns, rows=lines, stack=True)
    out.print(title("badges"), style="dim", markup=False)
