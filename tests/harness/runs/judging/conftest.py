"""A judge of a test's own making: an invented vendor that answers ragas' prompts by a simple rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from invented_vendor import InventedVendor, said


def _last_object(text: str) -> dict[str, Any]:
    """The last JSON object in a prompt: what ragas gives to be judged."""
    found: dict[str, Any] = {}
    decoder = json.JSONDecoder()
    for match in re.finditer(r"\{", text):
        try:
            value, _ = decoder.raw_decode(text[match.start() :])
        except ValueError:
            continue
        if isinstance(value, dict) and value.keys() & {"question", "context", "response"}:
            found = value
    return found


def rule(text: str) -> dict[str, Any]:
    """Judges by whether one text stands in another, in the form that each prompt asks for."""
    case = _last_object(text)
    if "criterion" in case:
        return {
            "reason": "r",
            "verdict": "Yes" if case["criterion"] in case["answer to judge"] else "No",
        }
    if "answer A" in case:
        return {"reason": "r", "verdict": "B" if case["right answer"] in case["answer B"] else "A"}
    if "answer to judge" in case:
        answer, right = case["answer to judge"], case["right answer"]
        refused = "don't know" in answer
        label = "Correct Answer" if right in answer else "Incorrect Answer"
        return {"reason": "r", "verdict": "Refusal" if refused else label}
    if "statements" in case:
        held = [{"statement": each, "reason": "r", "verdict": int(each in case["context"])}
                for each in case["statements"]]  # fmt: skip
        return {"statements": held}
    if set(case) == {"response"}:
        return {"question": f"What is {case['response']}?", "noncommittal": 0}
    if "context" not in case:
        return {"statements": [case["answer"]]}
    held_ = int(case["answer"] in case["context"])
    if "classifications" in text:
        statement = {"statement": case["answer"], "reason": "r", "attributed": held_}
        return {"classifications": [statement]}
    return {"reason": "r", "verdict": held_}


@pytest.fixture
def judging(vendor: InventedVendor) -> InventedVendor:
    """The server of a judge that follows `rule`."""

    def answer(n: int, body: dict[str, Any]) -> Any:
        return said(f"```json\n{json.dumps(rule(body['messages'][-1]['content']))}\n```")

    vendor.answer = answer
    return vendor


@pytest.fixture
def prices(tmp_path: Any) -> Callable[[], Any]:
    """A price book with a price for the judge."""

    def written() -> Any:
        path = tmp_path / "prices.yaml"
        path.write_text(
            "tokens:\n  - {model: judge-1, provider: p, input_usd_per_1m: 1000, "
            "output_usd_per_1m: 2000, date: 2026-11-01, source: invented}\n",
            encoding="utf-8",
        )
        return path

    return written
