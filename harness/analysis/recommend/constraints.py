"""What a deployment has to respect beside money and quality. What isn't known isn't passed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean

from harness.analysis.configurations import Configuration
from harness.analysis.forgetting import changes_of, forgetting_of, keeps_weights
from harness.analysis.recommend.offers import ran_on
from harness.analysis.recommend.question import Question
from harness.analysis.words import Reason
from harness.costs.book import PriceBook
from harness.metrics.statistics.quantiles import upper_bound
from harness.records.schema import RunRecord

__all__ = ["broken_note", "latency_of", "place_notes", "refusals", "timed"]

FREE = re.compile(r"apache|\bmit\b|\bbsd\b|cc[ -]by[ -][\d.]+$|cc0|openrail|gemma|llama", re.I)
"""Licences that allow commercial use, some of them with terms of their own."""
UNFREE = re.compile(r"\bnc\b|non[ -]?commercial|research", re.I)
API = "api"


def refusals(configuration: Configuration, question: Question, book: PriceBook) -> list[Reason]:
    """Returns the reasons for which a configuration can't be taken; none means that it can."""
    elsewhere = not all(ran_on(run, question, book) for run in configuration.runs)
    reasons = (
        _latency(() if elsewhere else timed(configuration), question.max_latency),
        _forgetting(configuration, question.max_forgetting),
        _place([run.record for run in configuration.runs], question.data_stays),
        _licence(configuration.record) if question.licence == "commercial" else None,
    )
    return [reason for reason in reasons if reason]


def latency_of(configuration: Configuration) -> float | None:
    """Returns the seconds within which 95 % of single requests were answered, if measured.

    It is ``latency.p95_seconds`` of run.json, the mean over the configuration's runs.
    """
    known = [run.record.latency.p95_seconds for run in configuration.runs if run.record.latency]
    return fmean(known) if known else None


def timed(configuration: Configuration) -> tuple[float, ...]:
    """Returns the seconds of all single requests that a configuration's runs timed."""
    known = [run.record.latency for run in configuration.runs if run.record.latency]
    return tuple(seconds for latency in known for seconds in latency.seconds)


def _latency(seconds: Sequence[float], most: float | None) -> Reason | None:
    """The bound has to keep the limit: a percentile of few requests is easily a lucky one."""
    if most is None:
        return None
    if not seconds:
        return Reason("latency_unknown")
    high = upper_bound(seconds)
    if high is None:
        return Reason("latency_few", {"count": len(seconds)})
    return None if high <= most else Reason("latency", {"seconds": high})


def _forgetting(configuration: Configuration, most: float | None) -> Reason | None:
    """What wasn't measured isn't passed, but where no weights can have changed."""
    records = [run.record for run in configuration.runs]
    if most is None or all(map(keeps_weights, records)):
        return None
    found = forgetting_of(records)
    if found is None:
        return Reason("forgetting_unknown")
    if found.high <= most:
        return None
    values = {"percent": 100 * found.change, "high": 100 * found.high}
    return Reason("forgetting", values)


def broken_note(configuration: Configuration) -> Reason | None:
    """Says what adapting was shown to break; None where nobody looked, or nothing can break."""
    changes = changes_of([run.record for run in configuration.runs])
    if not changes:
        return None
    broken = [
        f"{each.name} {each.metric} {each.before:.3f} → {each.after:.3f}"
        for each in changes
        if each.verdict == "worse"
    ]
    if not broken:
        return Reason("broke_nothing", {"name": configuration.name, "count": len(changes)})
    return Reason("broke", {"name": configuration.name, "what": ", ".join(broken)})


def _place(records: Sequence[RunRecord], stays: str) -> Reason | None:
    """A model of one's own keeps requests where it runs; a server's country has to be declared."""
    servers = [each.device for each in records if each.device.device_class.startswith(API)]
    if stays == "any" or not servers:
        return None
    if stays == "on-prem":
        return Reason("vendor")
    return None if all(server.in_country for server in servers) else Reason("country")


def place_notes(configurations: Sequence[Configuration], question: Question) -> list[Reason]:
    """Says of whose servers the country is declared, where requests have to stay there."""
    if question.data_stays != "country":
        return []
    return [
        Reason("in_country", {"name": each.name, "place": place})
        for each in configurations
        if (place := each.record.device.in_country)
    ]


def _licence(record: RunRecord) -> Reason | None:
    if record.model is None or record.device.device_class.partition(":")[0] == API:
        return None  # no weights, or a vendor's own: its contract decides
    licence = record.model.licence
    if UNFREE.search(licence):
        return Reason("licence", {"licence": licence})
    return None if FREE.search(licence) else Reason("licence_unknown", {"licence": licence})
