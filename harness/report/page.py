"""The page: one file with everything inside, which may load nothing from anywhere.

plotly.js is put in once, compressed; a content security policy that names the hashes of our own
scripts keeps anything else from running. Text of others (questions, answers, names of files and
strategies) is escaped by the templates, and put in by the script as text, never as markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from harness.analysis.words import LANGUAGES, Language, Phrase, catalogue, phrase, word
from harness.report import format as written
from harness.report import tables
from harness.report.data import ReportData
from harness.report.drawn import anchors_of, draw, infos_of
from harness.report.examples import Examples, page_value
from harness.report.figures.style import COLOURS, SERIES
from harness.report.format import packed, zipped
from harness.report.values import Figure, TaskReport
from harness.report.whatif import WORDS

__all__ = ["environment", "render", "render_examples"]

FOLDER = Path(__file__).parent
SHOWN = 200  # rows of a long table that are shown at first, as the page's script shows them
MOST_DETAILS = 400  # runs whose details stand in the page; the records have them all
PER_ROW = 6  # measured configurations that are named beside a published row
SCRIPT_WORDS = "script."


def render(
    data: ReportData,
    examples: Mapping[str, Examples],
    what_ifs: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
    *,
    language: Language = "en",
) -> str:
    """Returns the page as text; questions and what-ifs are by task."""
    anchors = anchors_of(data)
    infos = {task.name: infos_of(task, data) for task in data.tasks}
    charts, heights = draw(data, infos)
    library, packed_library = _plotly()
    return _rendered(
        "page.html.j2",
        data,
        language,
        (
            *(["examples.js"] if examples else []),
            *(["decide.js", "whatif.js"] if what_ifs else []),
            "page.js",
        ),
        library,
        anchors=anchors,
        answers=[
            (task, advice, advice.lines[0] if advice.lines else None)
            for task in data.tasks
            for advice in task.advice
        ],
        figures=infos,
        charts=heights,
        examples=examples,
        models=sorted({row.model for task in data.tasks for row in task.rows if row.model}),
        most=PER_ROW,
        colours=COLOURS,
        series=SERIES,
        packed_charts=charts,
        packed_examples=packed({anchors[n]: page_value(e) for n, e in examples.items()})
        if examples
        else "",
        what_ifs=what_ifs,
        packed_what_ifs=packed({anchors[n]: each for n, each in what_ifs.items()})
        if what_ifs
        else "",
        packed_plotly=packed_library,
    )


def render_examples(
    data: ReportData, examples: Examples, *, back: str, language: Language = "en"
) -> str:
    """Returns a page of examples that lies beside the report."""
    return _rendered(
        "more.html.j2",
        data,
        language,
        ("examples.js", "page.js"),
        task=next(task for task in data.tasks if task.name == examples.task),
        place="t0",
        examples={examples.task: examples},
        back=back,
        packed_examples=packed({"t0": page_value(examples)}),
    )


def _rendered(
    template: str,
    data: ReportData,
    language: Language,
    scripts: Sequence[str],
    *libraries: str,
    **values: object,
) -> str:
    """Fills a template; only its scripts and libraries may run, by the hashes of their texts."""
    texts = [_file(name) for name in scripts]
    return (
        environment(data, language)
        .get_template(template)
        .render(
            data=data,
            style=_file("page.css") + _file("whatif.css"),
            settings=_embedded(_settings(language)),
            scripts=texts,
            hashes=" ".join(f"'sha256-{_hash(text)}'" for text in (*texts, *libraries)),
            **values,
        )
    )


def environment(data: ReportData, language: Language) -> Environment:
    """Returns the templates with everything that they call."""
    templates = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        "t": lambda key, **values: _spans(_filled(key, values)),
        "say": _spans,
        "both": partial(_both, language=language),
        "word": word,
        "word2": phrase,
        "known": catalogue("en"),
        "shown": SHOWN,
        "most_details": MOST_DETAILS,
        "language": language,
        "money": lambda usd, unpriced=False: _spans(
            Phrase(
                *(written.money(usd, data.money, lang, least=bool(unpriced)) for lang in LANGUAGES)
            )
        ),
        "monthly": lambda months: _spans(
            Phrase(*(written.monthly(months, data.money, lang) for lang in LANGUAGES))
        ),
        "volumes": written.volumes,
        "behind": written.points,
        "signed": _signed,
        "percent": written.percent,
        "opening": lambda text: Phrase(text.en[:1].upper() + text.en[1:], text.ko),
        "heat": _heat,
        "tables": tables,
    }
    templates.filters |= FILTERS
    templates.tests |= {"figure": lambda value: isinstance(value, Figure)}
    return templates


def _filled(key: str, values: Mapping[str, object]) -> Phrase:
    """A phrase in both languages; markup that it is filled with stays markup."""
    if not any(isinstance(value, Markup) for value in values.values()):
        return phrase(key, **values)
    texts = []
    for lang in LANGUAGES:
        spoken = {k: v.say(lang) if isinstance(v, Phrase) else v for k, v in values.items()}
        texts.append(Markup(escape(catalogue(lang)[key])).format(**spoken))
    return Phrase(*texts)


def _spans(text: Phrase) -> Markup:
    """Both languages; the style sheet shows one. What is the same in both comes once."""
    if text.en == text.ko:
        return escape(text.en)
    return Markup('<span lang="en">{}</span><span lang="ko">{}</span>').format(text.en, text.ko)


def _both(attribute: str, text: Phrase, language: Language) -> Markup:
    """An attribute in the opening language, with both for the script that switches."""
    if attribute == "data-label":
        return Markup(' data-en="{}" data-ko="{}"').format(text.en, text.ko)
    return Markup(' {0}="{1}" data-of="{0}" data-en="{2}" data-ko="{3}"').format(
        attribute, text.say(language), text.en, text.ko
    )


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int) or (abs(value) >= 100 and float(value).is_integer()):
        return f"{value:,.0f}"
    if value and abs(value) < 1e-3:
        return written.digits(value) if abs(value) >= 1e-9 else f"{value:.2g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _heading(key: str) -> Markup | str:
    """A title of a column: ``=text`` is itself, another one a key of the catalogue."""
    if key.startswith("="):
        return key[1:]
    return _spans(phrase(key)) if key in catalogue("en") else key


def _titled(value: object) -> Markup | str:
    """A text of a cell: a key with a dot in it that the catalogue has, or itself."""
    text = str(value)
    return _spans(phrase(text)) if "." in text and text in catalogue("en") else text


def _signed(value: float, task: TaskReport) -> str:
    return f"{value:+z,.0f}" if task.unit else f"{100 * value:+z.1f}"


def _heat(figure: Figure, task: TaskReport) -> str:
    """Where a value is between the task's worst and best, for a tint."""
    values = [row.quality.value for row in task.ranked if row.quality.value is not None]
    low, high = min(values), max(values)
    share = ((figure.value or 0.0) - low) / (high - low) if high > low else 1.0
    return f"{share if task.higher_is_better else 1 - share:.2f}"


def _settings(language: Language) -> dict[str, object]:
    words = {
        lang: {
            key.removeprefix(SCRIPT_WORDS): text
            for key, text in catalogue(lang).items()
            if key.startswith((SCRIPT_WORDS, "group.", "outcome.", "stratum.", "verdict."))
            or key in WORDS
        }
        for lang in LANGUAGES
    }
    titles = {lang: word("title", lang) for lang in LANGUAGES}
    return {"language": language, "words": words, "titles": titles, "colours": COLOURS}


def _embedded(value: object) -> str:
    """JSON in which nothing can end the script element."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, sort_keys=True)
    return text.replace("<", "\\u003c")


@cache
def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _plotly() -> tuple[str, str]:
    """plotly.js, and the same compressed as text."""
    from plotly.offline import get_plotlyjs

    library = get_plotlyjs()
    return library, zipped(library)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


FILTERS: Mapping[str, Callable[..., object]] = {  # how the templates write values
    "quality": lambda figure: written.quality(figure.value, figure.unit),
    "interval": written.interval,
    "share": written.quality,
    "seconds": written.seconds,
    "memory": written.memory,
    "hours": lambda value: f"{value:.3g}" if value >= 1e-3 else written.digits(value),
    "p": lambda value: "p < 0.001" if value < 0.001 else f"p {value:.3f}",
    "number": _number,
    "whole": lambda value: f"{value:,.0f}" if value >= 10 or not value else f"{value:,.1f}",
    "slug": lambda text: str(text).replace(" ", "-"),
    "heading": _heading,
    "titled": _titled,
    "pretty": lambda value: json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True),
}
