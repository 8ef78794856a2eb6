"""What `validate` and `doctor` report: checks with their outcome and the next step."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

__all__ = ["Check", "CheckReport", "Status", "check"]

Status = Literal["ok", "info", "warning", "failed"]


class Check(TypedDict):
    """The outcome of one check; the hint is the next step, or empty."""

    name: str
    status: Status
    detail: str
    hint: str


class CheckReport(TypedDict):
    """Checks of a strategy, a task or this machine; the first two pass or fail."""

    harness: NotRequired[str]
    strategy: NotRequired[str]
    task: NotRequired[str]
    passed: NotRequired[bool]
    checks: list[Check]
    data: NotRequired[dict[str, object]]  # fields of `DataReport`, of a task or table


def check(name: str, status: Status, detail: str, hint: str = "") -> Check:
    """Returns the outcome of a check."""
    return {"name": name, "status": status, "detail": detail, "hint": hint}
