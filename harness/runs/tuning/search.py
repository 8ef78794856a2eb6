"""The search itself: settings are tried on dev rows one after another, and the best one is taken.

    results/searches/<search key>-<attempt>/
      search.json               key, status, and when it is finished the `Tuning` of run.json
      tries/<number>/           try.json, and both ledgers of the setting
      artifacts/                of the best setting so far, and of the one under way

What lies there is enough to go on after an interruption: settings that are through are proposed
again, in the same order, and not tried again. The best setting's artifact moves to those of all
runs; the others are deleted.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple, cast

from pydantic import JsonValue

from harness.costs.book import load_book
from harness.errors import (
    BudgetExceeded,
    DataError,
    HarnessError,
    OutOfMemory,
    TrainingDiverged,
    UsageError,
)
from harness.metrics.registry import sign_of
from harness.records.files import storage_errors
from harness.records.keys import SEARCH_SEED
from harness.records.locks import locked
from harness.records.scrub import scrub, without_places
from harness.records.store import ARTIFACT, FINISHED, Store
from harness.records.tuning import TriedSetting, Tuning, expected_best
from harness.runs.loader import RESPONSES
from harness.runs.plan import Plan, with_parameters
from harness.runs.tuning.charges import check_price, usd_of
from harness.runs.tuning.kept import (
    SEARCH,
    SEARCHES,
    TRIES,
    KeptTry,
    SearchRecord,
    known_search,
    known_try,
    write_search,
    write_try,
)
from harness.runs.tuning.said import Once, outcome, progress
from harness.runs.tuning.sampler import DRAWN, Proposal, Sampler
from harness.runs.tuning.tries import Looks, Tried, dev_rows, seconds_of, try_setting
from harness.strategy.context import Monitor
from harness.strategy.own import blame
from harness.strategy.registry import open_space
from harness.strategy.space import plain

__all__ = ["Found", "search"]

MOST = 1000
"""Settings of a search that only dollars end."""
REPEATS = 100
"""Proposals in a row that were tried before, after which a space counts as exhausted."""


class Found(NamedTuple):
    """A finished search."""

    folder: Path
    tuning: Tuning


def search(plan: Plan, monitor: Monitor, run: str, begun: str = "") -> Found:
    """Searches, goes on with the search that a run has begun or taken, or returns a finished one.

    Raises:
        DataError: The task has no dev rows.
        UsageError: Dollars are the limit and nothing says what the work costs; all settings failed.
        MissingDependency: The extra `tune` isn't installed.
    """
    if not plan.rows.dev:
        raise DataError(
            f"hyper-parameters are searched on dev rows; {plan.task.name} has none",
            "Give it some: --split 70/10/20, or rows named dev.",
        )
    if plan.config.tune_usd is not None:
        check_price(plan, load_book(plan.config.prices))
    config = plan.config.model_copy(update={"seed": SEARCH_SEED, "form": "trained"})
    plan = replace(plan, config=config)
    root, key = plan.config.results / SEARCHES, plan.keys.search
    folder = root / begun
    if not begun or known_search(folder) is None:
        folder, _ = Store(root).folder(SEARCH, key[:12], key, known_search, force=plan.config.force)
    with locked(folder, monitor.message), storage_errors(folder):
        record = known_search(folder)
        if record and record.tuning:
            tuning = record.tuning.model_copy(update={"reused": record.run != run})
            return Found(folder, tuning)
        write_search(folder, SearchRecord(key=key, status="running", run=run))
        tuning = _Search(plan, folder, Once(monitor)).run()
        write_search(folder, SearchRecord(key=key, status=FINISHED, run=run, tuning=tuning))
    return Found(folder, tuning)


@dataclass
class _Search:
    """A search under way."""

    plan: Plan
    folder: Path
    monitor: Monitor
    tried: list[TriedSetting] = field(default_factory=list)
    values: dict[str, float | None] = field(default_factory=dict)  # by key of the result
    spent: list[float] = field(default_factory=list)  # dollars of each setting

    def __post_init__(self) -> None:
        self.metric = self.plan.task.primary
        self.sign = sign_of(self.metric)
        self.rows = dev_rows(self.plan)
        self.looks = Looks(len(self.rows), self.metric)
        self.book = load_book(self.plan.config.prices)
        self.space = open_space(self.plan.config.strategy, self.plan.config.set)
        seed = hashlib.sha256(f"{SEARCH_SEED}/tune".encode()).digest()
        self.seed = int.from_bytes(seed[:4], "big")

    def run(self) -> Tuning:
        """Tries settings until the limit, and keeps the best one."""
        sampler = Sampler(self.space, self.seed)
        self.monitor.message(
            f"Tuning on {len(self.rows)} dev rows: {', '.join(self.space)}; the defaults first."
        )
        stopped, repeats = "", 0
        while not (stopped := self._over(repeats)):
            proposal = sampler.next()
            known, plan = self._planned(proposal)
            if known in self.values:
                repeats += 1
            else:
                repeats = 0
                self._try(known, proposal, plan)
            value = self.values[known]
            sampler.tell(proposal, None if value is None else self.sign * value)
        return self._taken(cast(Literal["trials", "usd", "space"], stopped))

    def _over(self, repeats: int) -> str:
        """Says what ends the search; nothing where it goes on."""
        config, count = self.plan.config, len(self.tried)
        if count >= (config.tune or MOST):
            return "trials"
        if repeats >= REPEATS:
            return "space"
        if config.tune_usd is not None and count:
            expected = sum(self.spent) / count
            if sum(self.spent) + expected > config.tune_usd:
                return "usd"
        return ""

    def _planned(self, proposal: Proposal) -> tuple[str, Plan | HarnessError]:
        """Returns a setting's key and its plan, or why it can't be made."""
        try:
            plan = with_parameters(self.plan, proposal.parameters)
        except UsageError as error:
            return str(proposal.parameters), error
        return plan.keys.result, plan

    def _try(self, key: str, proposal: Proposal, plan: Plan | HarnessError) -> None:
        """Tries a setting, or takes what it came to before an interruption."""
        home = self.folder / TRIES / str(len(self.tried))
        home.mkdir(parents=True, exist_ok=True)
        before = known_try(home)
        kept = before or self._attempt(home, proposal, plan)
        if not before:
            write_try(home, kept)
        (home / RESPONSES).unlink(missing_ok=True)
        setting = kept.setting
        self.looks.note(kept.looks)
        self.tried.append(setting)
        self.values[key] = setting.value
        self.spent.append(usd_of(self.plan, home, self.book))
        self._clean()
        if not before:
            most, usd = self.plan.config.tune, sum(self.spent)
            number, rows = len(self.tried), len(self.rows)
            self.monitor.message(progress(setting, number, most, self.metric, rows, usd))

    def _attempt(self, home: Path, proposal: Proposal, plan: Plan | HarnessError) -> KeptTry:
        tried, looks, error = cast(Tried | None, None), dict[int, float](), ""
        try:
            if isinstance(plan, HarnessError):
                raise plan
            tried, looks = try_setting(
                self._within(plan), home, self.folder, self.rows, self.looks, self.monitor
            )
        except (UsageError, TrainingDiverged, OutOfMemory) as failed:
            error = failed.message
        except HarnessError:
            raise
        except Exception as failed:  # of a library, at values that it doesn't take
            error = f"{blame(failed) or f'{type(failed).__name__}: {failed}'}"
        setting = TriedSetting(
            parameters=cast(dict[str, JsonValue], without_places(proposal.parameters)),
            origin=proposal.origin,
            status="failed" if tried is None else "pruned" if tried.pruned else "finished",
            value=tried and tried.value,
            rows=tried.rows if tried else 0,
            seconds=round(seconds_of(home), 3),
            error=scrub(error)[:300],
            reused=tried is not None and tried.reused,
        )
        return KeptTry(setting=setting, looks=looks)

    def _within(self, plan: Plan) -> Plan:
        """Returns a setting's plan with what is left of an API's budget."""
        most = plan.config.max_cost
        if most is None:
            return plan
        left = most - sum(self.spent)
        if left <= 0:
            raise BudgetExceeded(
                f"the ${most:g} of --max-cost are spent by {len(self.tried)} settings",
                "Raise it: the same command goes on.",
            )
        config = plan.config.model_copy(update={"max_cost": left})
        return replace(plan, config=config)

    @property
    def best(self) -> int | None:
        """Number of the best setting that is through; the first of equal ones."""
        through = [
            (-self.sign * setting.value, number)
            for number, setting in enumerate(self.tried)
            if setting.status == "finished" and setting.value is not None
        ]
        return min(through)[1] if through else None

    def _clean(self) -> None:
        """Deletes the artifacts of all settings but the best."""
        kept = ""
        if self.best is not None:
            best = with_parameters(self.plan, self.tried[self.best].parameters)
            kept = best.keys.artifact[:12]
        for path in self.folder.glob(f"artifacts/*/{ARTIFACT}"):
            if not kept or not path.parent.name.startswith(kept):
                shutil.rmtree(path.parent)

    def _taken(self, stopped: Literal["trials", "usd", "space"]) -> Tuning:
        """Returns the outcome. Raises `UsageError`: no setting is through."""
        if self.best is None:
            raise UsageError(
                f"all {len(self.tried)} settings failed, the first: {self.tried[0].error}",
                "A run without --tune shows more of it.",
            )
        drawn = [
            setting.value
            for setting in self.tried
            if setting.origin == "random" and setting.value is not None
        ]
        guided = any(setting.origin == "tpe" for setting in self.tried)
        sampler = f"random{f', after {DRAWN} TPE' * guided}"
        sampler += "; stopped by the median rule" * bool(self.looks.ends)
        tuning = Tuning(
            search=self.folder.name,
            trials=self.plan.config.tune,
            usd=self.plan.config.tune_usd,
            stopped=stopped,
            metric=self.metric,
            higher_is_better=self.sign > 0,
            rows=len(self.rows),
            seed=self.seed,
            sampler=sampler,
            space=plain(self.space),
            best=self.best,
            tried=tuple(self.tried),
            expected_best=expected_best(drawn, higher=self.sign > 0),
        )
        self.monitor.message(outcome(tuning, sum(self.spent)))
        return tuning
