"""Puts people's grades into a record, and what they and an automatic score say of all its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from harness.errors import DataError, UsageError, nearest
from harness.metrics.graded import GRADED, predictions
from harness.metrics.scored_rows import ScoredRows
from harness.metrics.statistics.prediction_powered import grades_needed, prediction_powered
from harness.metrics.statistics.resampling import Floats
from harness.records.files import Json, write_lines
from harness.records.ledger import Ledger, Spend, read_ledger
from harness.records.locks import locked
from harness.records.predictions import scored_rows, stored_predictions
from harness.records.reading import read_metrics, read_record, write_record
from harness.records.schema import Figure, GradesRecord, RunRecord
from harness.records.store import LEDGER, PREDICTIONS
from harness.runs.grading.back import Grade, read_grades
from harness.runs.grading.sheet import Key, read_key
from harness.runs.judging.agreement import agreement

__all__ = ["grade_run", "needed"]

JUDGED = "judged_correctness"
MARGIN = 0.05  # half the width of an interval for which the grades that are needed are said


def grade_run(
    folder: Path,
    files: Sequence[Path],
    results: Path,
    *,
    predict_from: str | None = None,  # a metric; a judge's verdict, or the primary one, by default
    notify: Callable[[str], None] = lambda text: None,
) -> None:
    """Replaces the grades of a run's answers by those of raters' sheets, a file for each rater.

    The figures follow when the run is scored again (`harness.runs.rescore`).

    Raises:
        DataError: As `read_grades`.
        UsageError: The sheets are of other runs, or the metric has no value from 0 to 1 of each row.
    """
    key, grades = read_grades(files, results, notify)
    if folder.name not in key.runs:
        raise UsageError(
            f"the sheet {key.sheet} isn't of {folder.name}", nearest(folder.name, key.runs)
        )
    record = read_record(folder)
    clusters, given = _clusters(folder, record), dict[str, dict[str, Grade]]()
    for grade in grades:
        if folder.name in grade.runs:
            given.setdefault(grade.row, {})[grade.rater] = grade
    if not given:
        raise DataError(
            f"the sheets grade no answer of {folder.name}", "Has its column 'grade' grades?"
        )
    metric = _predictor(folder, record, predict_from)
    value = _recorded(key, given, clusters, metric)
    with locked(folder):
        lines = [_with_grade(line, given) for line in stored_predictions(folder, record)]
        write_lines(folder / PREDICTIONS, lines)
        _charge(folder, value)
        record.grades = value
        write_record(folder, record)


def _clusters(folder: Path, record: RunRecord) -> dict[str, str]:
    rows = scored_rows(folder, record)
    return dict(zip(rows.ids, rows.units, strict=True))


def _predictor(folder: Path, record: RunRecord, wanted: str | None) -> str:
    """Returns the metric that stands in for the grades that nobody gave."""
    rows, derived = scored_rows(folder, record).answered, read_metrics(folder)
    judged = JUDGED if JUDGED in rows.values else None
    name = wanted or judged or (derived.primary if derived else "")
    try:
        predictions(rows, name)
    except ValueError as error:
        raise UsageError(
            f"{error}, so it predicts no grade",
            f"--predict-from NAME takes another: {nearest(name, rows.values)}",
        ) from error
    return name


def _recorded(
    key: Key, given: dict[str, dict[str, Grade]], clusters: dict[str, str], metric: str
) -> GradesRecord:
    every = [grade for by_rater in given.values() for grade in by_rater.values()]
    minutes = sum((grade.minutes or 0.0) / len(grade.runs) for grade in every)
    raters = sorted({grade.rater for grade in every})
    both = {row: each for row, each in given.items() if len(each) > 1}
    figures: dict[str, Figure] = {}
    if both:
        first, second = ([str(each[r].value) for each in both.values()] for r in _two(both))
        found = agreement(first, second, [clusters[row] for row in both])
        figures = {name: Figure(**asdict(figure)) for name, figure in found.items()}
    return GradesRecord(
        sheet=key.sheet,
        drawn=key.drawn,
        rows=len(given),
        raters=len(raters),
        minutes=round(minutes, 2),
        predict_from=metric,
        agreement=figures.get("agreement"),
        kappa=figures.get("kappa"),
    )


def _two(both: dict[str, dict[str, Grade]]) -> list[str]:
    """The two raters who are compared: of more, those who come first."""
    return sorted({rater for each in both.values() for rater in each})[:2]


def _with_grade(line: Json, given: dict[str, dict[str, Grade]]) -> Json:
    values = {name: value for name, value in line["values"].items() if name != GRADED}
    if by_rater := given.get(line["id"]):
        values[GRADED] = sum(grade.value for grade in by_rater.values()) / len(by_rater)
    return line | {"values": values}


def _charge(folder: Path, value: GradesRecord) -> None:
    """Adds to the ledger what isn't there yet of people's minutes, also where they became fewer."""
    before = [span.quantities for span in read_ledger(folder / LEDGER) if span.phase == "grade"]
    more = {
        name: amount - sum(each.get(name, 0.0) for each in before)
        for name, amount in (("rows", value.rows), ("people_minutes", value.minutes))
    }
    if any(more.values()):
        spend = Spend("grade", finished=True, quantities=more)
        spend.energy_note = "people's work"
        Ledger(folder / LEDGER).record(spend)


def needed(folder: Path, results: Path) -> list[Json]:
    """Says how many grades would decide: of this run alone, and between it and others of its sheet.

    Each line has the value with its interval, the gap that is to be told, and `grades` with their
    `minutes`; null where no number of the rows would do.
    """
    record = read_record(folder)
    if record.grades is None:
        return []
    rows, kept = scored_rows(folder, record).answered, record.grades
    each = kept.minutes / kept.rows if kept.rows else 0.0
    own = rows.values[GRADED], predictions(rows, kept.predict_from)
    lines = [_needed("", *own, rows, gap=MARGIN, power=0.5, minutes=each)]
    for name in read_key(results, kept.sheet, folder.name).runs:
        other = results / name
        if name == folder.name or not (other / "run.json").is_file():
            continue
        theirs = read_record(other)
        if theirs.grades is None or theirs.grades.sheet != kept.sheet:
            continue
        b = scored_rows(other, theirs).answered
        if b.ids != rows.ids:
            continue
        grades = own[0] - b.values[GRADED]
        predicted = own[1] - predictions(b, theirs.grades.predict_from)
        more = theirs.grades.minutes / theirs.grades.rows
        lines.append(_needed(name, grades, predicted, rows, None, 0.8, each + more))
    return [line for line in lines if line]


def _needed(
    other: str,
    grades: Floats,
    predicted: Floats,
    rows: ScoredRows,
    gap: float | None,  # None: the difference that was found
    power: float,
    minutes: float,  # of a row's grades
) -> Json:
    clusters = rows.unit_codes
    try:
        found = prediction_powered(grades, predicted, clusters, share=not other)
    except ValueError:
        return {}
    wanted = found.value if gap is None else gap
    count = grades_needed(grades, predicted, clusters, gap=wanted, power=power)
    return {
        "other": other,
        **{name: getattr(found, name) for name in ("value", "low", "high", "graded")},
        "gap": wanted,
        "power": power,
        "grades": count,
        "minutes": count and round(count * minutes, 1),
    }
