"""The page decides again as the program does: 200 settings, the page's command, the same answer."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest
from synthetic import Kind, write_records
from test_report_in_browser import find, text, visit
from typer.testing import CliRunner

import harness.analysis.recommend.advise as advise
from harness.analysis.trials import read_trials
from harness.cli import app
from harness.errors import UsageError
from harness.report import write_report
from harness.report.build import build_report
from tests.documents import ROOT

pytestmark = pytest.mark.slow
COMMITTED = ROOT / "results" / "korean-insurance"
SETTINGS = 200
TOKENS = """
tokens:
  - {model: synthetic-1b, provider: somebody, input_usd_per_1m: 0.1, output_usd_per_1m: 0.4,
     date: 2026-01, source: invented}
"""
SUMS = {  # of a candidate: on the page, and as the program has them
    "once": "once_usd", "monthly": "monthly_usd", "usd": "total_usd", "lost": "lost_usd",
    "low": "total_low", "high": "total_high", "regret": "regret_usd",
}  # fmt: skip
VERDICTS = ("decided", "leaning", "not enough evidence")
SET = """
const [place, texts] = arguments, section = document.getElementById(`whatif-${place}`);
for (const [name, value] of Object.entries(texts)) section.querySelector(`[name="${name}"]`).value = value;
section.dispatchEvent(new Event("input"));
const { verdict, chosen, nearest, group, all, total, handovers } = section.answer;
return { verdict, chosen: chosen?.name, nearest: nearest?.name, known: Boolean(group), total, handovers,
  all: all.map(({ rival, ...line }) => line),
  wrong: section.classList.contains("wrong"), command: section.querySelector(".command").textContent };
"""


def measured(seconds, requests=80):
    """Latency as a record has it."""
    timed = np.random.default_rng(requests).gamma(20, seconds / 20, requests)
    middle, high = np.quantile(timed, [0.5, 0.95])
    latency = {"requests": requests, "p50_seconds": middle, "p95_seconds": high, "held_tokens": 0,
               "stopped_by": "requests", "seconds": timed.tolist()}  # fmt: skip
    return {"latency": latency}


def sustained(*rates):
    """A run's rates under load, each with its p95, as `predict --rate` keeps them."""
    same = {"wanted": 80, "requests": 80, "errors": 0, "kept": True, "batch_limit": 8,
            "mean_batch": 2.0, "in_flight": None, "independent": 80.0, "seconds": [], "tokens": {},
            "seed": 0, "device_class": "cpu", "machine": {"cpu": "a processor", "threads": 2},
            "shared": False, "measured": "2026-01-01T00:00:00+00:00"}  # fmt: skip
    points = [
        same
        | {"requests_per_second": rate, "answered_per_second": rate}
        | {"latency": {"p95": {"value": p95, "low": None, "high": p95}}}
        for rate, p95 in rates
    ]
    return {"schema_version": 1, "points": points}


def write_mixed(results):
    """Records that differ in all that a setting can turn on."""
    many = {"items": 200, "seeds": 3}
    write_records(results, kinds=[Kind("majority", 0.4, model=False)], items=200, **measured(1e-5))
    fast = [Kind("tfidf", 0.66, model=False, trains=True)]  # cheap to ask, dear by its labels
    write_records(results, kinds=fast, items=200, **measured(0.002))
    asked = write_records(results, kinds=[Kind("zero-shot", 0.60)], **many, **measured(0.3, 30))
    for folder in asked:
        hand_over(folder / "predictions.jsonl")
    loaded = write_records(results, kinds=[Kind("rag", 0.70, retrieves=True)], **many,
                           **measured(0.5, 100))  # fmt: skip
    (loaded[0] / "load.json").write_text(json.dumps(sustained((4.0, 0.6), (9.0, 1.5))), "utf-8")
    write_records(results, kinds=[Kind("lora", 0.74, trains=True)], items=200, **measured(0.4))
    write_records(results, kinds=[Kind("qlora", 0.76, trains=True)], **many, **measured(0.8))
    write_records(results, kinds=[Kind("adapter", 0.72, trains=True)], items=200,
                  device="cuda:NVIDIA L4", **measured(0.05))  # fmt: skip
    write_records(results, kinds=[Kind("few-shot", 0.75)], items=200, device="api:somebody",
                  **measured(0.7))  # fmt: skip


def hand_over(predictions):
    """Leaves every ninth row to a person."""
    lines = [json.loads(line) for line in predictions.read_text("utf-8").splitlines()]
    for line in lines[::9]:
        line |= {"abstained": True, "correct": False}
    predictions.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A page with the records, prices and task anchors that it is of."""
    from harness.costs.book import load_book
    from harness.report.drawn import anchors_of

    folder = tmp_path_factory.mktemp("what-if")
    write_mixed(folder / "results")
    prices = folder / "prices.yaml"
    prices.write_text(TOKENS, "utf-8")
    built = build_report([folder / "results", COMMITTED], load_book(prices))
    out = folder / "report.html"
    write_report(built, out, examples=False)
    return SimpleNamespace(out=out, prices=prices, folder=folder, anchors=anchors_of(built.data))


def drawn(random, machines, latencies, declared):
    """One setting, as a reader would type it; most of them leave something empty."""

    def pick(*values):
        return str(values[random.integers(len(values))])

    said = {
        "requests": pick(
            0, 700, *(f"{10 ** random.uniform(3, 8.5):.0f}" for _ in range(3)), "1,250,000"
        ),
        "months": pick(12, 1, f"{random.uniform(0.5, 48):.2f}"),
        "updates": pick(0, 0, 4, f"{random.uniform(0, 9):.1f}"),
        "relabel": pick("", 0, 0.35, 1),
        "label": pick("", "", 0, 0.5, f"{random.uniform(0, 3):.3f}"),
        "error": "" if declared else pick("", "", "", 0, 0.02, f"{random.uniform(0, 4):.2f}"),
        "handover": pick("", "", "", 0, 0.5, f"{10 ** random.uniform(-2, 1):.3f}"),
        "margin": pick("", "0.02", "0.1", f"{random.uniform(0.1, 0.5):.3f}", "5%", "0.3", "62.5%"),
        "latency": pick("", "", latencies[random.integers(len(latencies))], 0.45, 2),
        "machine": pick("", machines[random.integers(len(machines))]),
        "stays": pick("any", "on-prem", "country"),
    }
    if random.random() < 0.5:  # whoever can be taken anywhere takes part
        said |= {"latency": "", "machine": "", "stays": "any"}
    return said


def asked(monkeypatch, made):
    """Answers a command of the page by the program; records of a task are read once."""
    read, program = {}, advise.recommend

    def kept(results, question, book):
        task = question.task
        if task not in read:
            read[task] = read_trials(results, task, question.effort)
        return program(results, question, book, read=read[task])

    monkeypatch.setattr(advise, "recommend", kept)

    def answer(command, task):
        words = shlex.split(command)
        assert words[0] == "harness"
        results = made.folder / "results" if task == "made" else COMMITTED
        more = ["--json", "--results", str(results), "--prices", str(made.prices)]
        done = CliRunner().invoke(app, [*words[1:], *more])
        if isinstance(done.exception, UsageError):
            assert "Give --cost-per-handover too" in done.exception.hint, command
            return None
        assert done.exit_code == 0, (command, done.output)
        return json.loads(done.stdout)

    return answer


def test_two_hundred_settings_have_the_programs_answer(browser, made, monkeypatch):
    visit(browser, made.out.as_uri())
    program, random = asked(monkeypatch, made), np.random.default_rng(19)
    seen: dict[str, set[object]] = defaultdict(set)
    tasks = ("made", "insurer-claims-ko", "made", "insurer-ko")
    for number in range(SETTINGS):
        task = tasks[number % len(tasks)]
        place = made.anchors[task]
        options = browser.execute_script(
            "return [...document.querySelectorAll(`#whatif-${arguments[0]} [name=machine] option`)]"
            ".map(each => each.value)", place
        )  # fmt: skip
        declared = task == "insurer-claims-ko"
        said = drawn(random, options, (0.003, 0.35, 0.6, 0.75, 1.3, 1.6), declared)
        page = browser.execute_script(SET, place, said)
        found = program(page["command"], task)
        assert not page["wrong"] and bool(page["handovers"]) == (found is None), said
        seen["objective"].add(found and found["objective"])
        if found is None:
            continue
        assert page["known"]
        same(page, found, said)
        seen["verdict"].add((found["objective"], found["verdict"]))
        seen["advice"].add((task, found["advice"] and found["advice"]["name"]))
        seen["refused"] |= {each["code"] for each in found["excluded"]}
        seen["why"] |= {each["code"] for each in found["reasons"]}
    assert seen["objective"] == {"quality", "total", None}
    assert seen["verdict"] >= {("quality", each) for each in VERDICTS}
    assert seen["verdict"] >= {("total", each) for each in VERDICTS[:2]}
    assert len(seen["advice"]) >= 10
    assert seen["refused"] >= {"latency", "latency_few", "latency_unknown", "vendor", "country"}
    assert seen["why"] >= {"runs", "labels", "labels_total", "regret", "nothing", "refused"}


def same(page, program, said):
    """Compares two answers: verdict, names, and each sum to the cent."""

    def name(role):
        return program[role] and program[role]["name"]

    assert bool(page["total"]) == (program["objective"] == "total" and bool(program["lines"])), said
    told = (page["verdict"], page["chosen"], page["nearest"])
    assert told == (program["verdict"], name("advice"), name("nearest")), said
    lines = {line["name"]: line for line in program["lines"]}
    names = {line["name"] for line in page["all"]}
    refused = {(line["name"], code) for line in page["all"] for code, _ in line["refused"]}
    told = {(each["name"], each["code"]) for each in program["excluded"] if each["name"] in names}
    assert told == refused and lines.keys() | dict(refused).keys() == names, said
    for line in page["all"]:
        if line["refused"]:
            continue
        other = lines[line["name"]]
        for mine, theirs in (
            ("once", "once_usd"),
            ("monthly", "monthly_usd"),
            ("usd", "total_usd"),
        ):
            usd = other[theirs]
            assert line[mine] == (None if usd is None else pytest.approx(usd, abs=0.005)), said
            assert line["least"][mine] == (theirs in other["least"]), said
        assert line["far"] == pytest.approx(other["behind"], rel=1e-9), said


def test_the_page_starts_with_its_own_advice(browser, made):
    visit(browser, made.out.as_uri())
    advice = build_advice(made)
    for task, place in made.anchors.items():
        verdict = text(browser, f"#whatif-{place} .verdict")
        shown = browser.execute_script(
            "return document.querySelector(arguments[0]).textContent", f"#whatif-{place} .verdict"
        )
        assert verdict and shown == advice[task], task


def build_advice(made):
    from harness.analysis.words import word
    from harness.costs.book import load_book

    data = build_report([made.folder / "results", COMMITTED], load_book(made.prices)).data
    return {task.name: word(f"verdict.{task.advice[0].verdict}", "en") for task in data.tasks}


def test_the_address_keeps_the_setting(browser, made):
    visit(browser, made.out.as_uri())
    place = made.anchors["made"]
    said = {"requests": "2,000,000", "latency": "0.75", "machine": "aws-l4", "label": ""}
    told = browser.execute_script(SET, place, said)
    address = browser.current_url
    assert f"if={place}" in address and "latency=0.75" in address and "months" not in address
    visit(browser, address, forget=False)
    assert find(browser, f"#whatif-{place}")[0].is_displayed()
    kept = {
        name: find(browser, f"#whatif-{place} [name={name}]")[0].get_attribute("value")
        for name in said
    }
    assert kept == said
    assert text(browser, f"#whatif-{place} .command") == [told["command"]]
    find(browser, f"#whatif-{place} .again")[0].click()
    assert "if=" not in browser.current_url
    assert browser.execute_script("return problems") == []


def test_the_command_is_copied(browser, made):
    visit(browser, made.out.as_uri())
    place = made.anchors["made"]
    find(browser, f"#tab-{place}")[0].click()
    find(browser, f"#whatif-{place} .copy")[0].click()
    (command,) = text(browser, f"#whatif-{place} .command")
    assert browser.execute_script("return getSelection().toString()") == command
    assert command.startswith("harness recommend --task made ")
    assert browser.execute_script(
        "return document.querySelector(arguments[0]).textContent !== ''",
        f"#whatif-{place} .note",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("months", "0"), ("requests", "many"), ("requests", "0,5"), ("margin", "2"), ("margin", "100%"),
     ("relabel", "1.5"), ("label", "-1"), ("latency", "0"), ("months", "")],
)  # fmt: skip
def test_what_is_no_value_is_said(browser, made, name, value):
    visit(browser, made.out.as_uri())
    place = made.anchors["made"]
    before = text(browser, f"#whatif-{place} .command")
    told = browser.execute_script(SET, place, {name: value})
    assert told["wrong"] and text(browser, f"#whatif-{place} .command") == before
    field = find(browser, f"#whatif-{place} [name={name}]")[0]
    assert field.get_attribute("aria-invalid") == "true"


def test_it_fits_a_phone_and_is_not_printed(browser, made):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        visit(browser, made.out.as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        hidden = "return getComputedStyle(document.querySelector('.whatif')).display"
        assert browser.execute_script(hidden) == "none"
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
