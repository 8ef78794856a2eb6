"""Sheets for people who grade answers, and what their grades come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.cli.output import Json, estimate_text, people_text

__all__ = ["grade_lines", "needed_lines", "show_sheets", "write_sheets"]


def write_sheets(
    folders: Sequence[Path],
    results: Path,
    out: Path,
    rows: int,
    raters: int,
    places: tuple[Path | None, Path | None, str | None],  # of the data sets, the table, the task
) -> Json:
    """Writes a sheet for each rater, and returns what there is to say of them."""
    from harness.report.exports.sheets import Sheet
    from harness.report.exports.workbook import workbook_bytes
    from harness.runs.grading.sheet import COLUMNS, FOLDER, draw

    data_dir, data, task = places
    key, tables = draw(
        folders, results, rows=rows, raters=raters, data_dir=data_dir, data=data, task=task
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    files = []
    for number, table in enumerate(tables, 1):
        name = out if key.raters == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        sheet = Sheet(f"rater {number}", COLUMNS, tuple(table), wrapped=True)
        name.write_bytes(workbook_bytes([sheet], title="Answers to be graded", made=""))
        files.append(str(name))
    answers = len(tables[0])
    return {
        "files": files,
        "rows": key.drawn,
        "answers": answers,
        "key": str(results / FOLDER / f"{key.sheet}.json"),
    }


def show_sheets(value: Json) -> None:
    """Prints the files, and what comes next."""
    print("\n".join(value["files"]))
    print(
        f"{value['rows']} rows, {value['answers']} answers for each rater; fill in 'grade' (right, "
        "wrong, or points from 0 to 1) and 'minutes'"
    )
    print(f"the key, which raters must not see: {value['key']}")
    print("then: harness rescore RUN" + "".join(f" --grades {file}" for file in value["files"]))


def grade_lines(report: Json) -> Iterator[str]:
    """Says who graded, how far they agree, and what the automatic score alone would have said."""
    grades = report.get("grades")
    if not grades:
        return
    people = "1 person" if grades["raters"] == 1 else f"{grades['raters']} people"
    cost = report["cost"]
    took = people_text(grades["minutes"], cost["by_phase"].get("grade"), cost["expert"])
    yield f"grades: {grades['rows']} of {grades['drawn']} drawn rows, by {people}, {took}"
    if grades.get("kappa"):
        both = (estimate_text(grades[name]) for name in ("agreement", "kappa"))
        yield "  between two: agreement {}, kappa {}".format(*both)
    name, found = grades["predict_from"], report["metrics"].get("graded_estimate")
    alone = report["metrics"].get(name)
    if found and alone and None not in (found["value"], alone["value"]):
        gap = alone["value"] - found["value"]
        yield f"  {name} alone is {gap:+.3f} from the estimate: it is no grade"


def needed_lines(lines: Sequence[Json]) -> Iterator[str]:
    """Says how many grades would decide."""
    for line in lines:
        if not line["other"]:
            what = f"an interval of ±{line['gap']:g}"
        else:
            yield f"less {line['other']}: {estimate_text(line)}, {line['graded']} grades of both"
            what = "to tell the two apart, if they differ as much as they seem to"
        count = line["grades"]
        many = "more rows than there are" if count is None else f"{count} grades in all"
        minutes = f", about {line['minutes']:g} minutes" if line["minutes"] else ""
        yield f"{what}: {many}{minutes}"
