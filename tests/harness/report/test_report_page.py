"""The page: closed to the outside, the same for the same records, harmless whatever they say."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
from synthetic import STRATEGIES, Kind, write_records

from harness.report import page as pages
from harness.report import write_report
from harness.report.build import build_report
from harness.report.data import Scenario
from harness.report.examples import page_value, sampled
from harness.report.format import packed, points

FEW = STRATEGIES[:6]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def write(tmp_path, book, *, folders=("results",), **options):
    asked = options.pop("asked", None)
    money = {name: options.pop(name) for name in ("currency", "rate") if name in options}
    built = build_report([tmp_path / name for name in folders], book, asked, **money)
    out = tmp_path / "out" / "report.html"
    files = write_report(built, out, **options)
    return out.read_text(encoding="utf-8"), files


def unpacked(page, name):
    (text,) = re.findall(rf'<script type="text/plain" id="{name}">([^<]*)</script>', page)
    return json.loads(gzip.decompress(base64.b64decode(text)))


class Elements(HTMLParser):
    """Collects elements and attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_nothing_comes_from_outside(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW, items=40)
    page, (file,) = write(tmp_path, book)
    assert file.bytes == len(page.encode("utf-8")) < 8e6
    assert "default-src 'none'" in page and "unsafe-eval" not in page
    elements = Elements(page).found
    for tag, attributes in elements:
        assert "src" not in attributes and tag not in ("iframe", "object", "link", "base", "form")
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "#").startswith("#")
    scripts = [a for tag, a in elements if tag == "script" and "type" not in a]
    assert len(scripts) == 4
    assert str(tmp_path) not in page and "/somewhere" not in page


def test_every_script_that_runs_is_named_by_its_hash(tmp_path, book):
    import hashlib

    write_records(tmp_path / "results", kinds=FEW, items=40)
    page, _ = write(tmp_path, book)
    (policy,) = re.findall(r'script-src ([^;"]+)', page)
    for text in re.findall(r"<script>(.*?)</script>", page, re.S):
        digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "'unsafe-inline'" not in policy


def test_the_same_records_give_the_same_bytes(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW, items=40, seeds=2)
    first, _ = write(tmp_path, book)
    second, _ = write(tmp_path, book)
    assert first == second
    assert "2026-01-01 00:01" in first


def test_the_first_fold_says_what_was_asked(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW, items=40)
    asked = Scenario(requests_per_month=12_345, months=7, label_usd=0.25)
    page, _ = write(tmp_path, book, asked=asked, currency="KRW", rate=1400.0)
    fold = page[page.index('id="decision"') : page.index('id="task-t0"')]
    for said in ("12,345", "over 7 months", "7개월", "KRW", "1,400.00", "no GPU ran"):
        assert said in fold
    assert "₩" in fold and re.search(r"synthetic-1b", fold)
    for badge in ("measured", "projected", "assumed", "quoted"):
        assert f'class="badge {badge}"' in fold


def test_money_is_shown_in_the_currency_and_kept_in_dollars(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW, items=40)
    page, _ = write(tmp_path, book, currency="KRW", rate=1000.0)
    cell = re.search(r'<td class="seconds" data-v="([\d.e-]+)">₩([\d.,]+)', page)
    assert float(cell[2].replace(",", "")) == pytest.approx(1000 * float(cell[1]), rel=0.05)


def test_what_records_say_is_never_markup(tmp_path, book):
    kinds = [Kind(f"{HOSTILE}{kind.name}", kind.skill, kind.model, kind.trains, kind.retrieves)
             for kind in FEW]  # fmt: skip
    write_records(
        tmp_path / "results", kinds=kinds, tasks=(f"{HOSTILE}", "javascript:alert(3)"), items=24,
        answer=HOSTILE + " {row}", source="javascript:alert(4).pdf",
    )  # fmt: skip
    page, _ = write(tmp_path, book)
    assert HOSTILE not in page and "<img" not in page
    elements = Elements(page).found
    assert not [tag for tag, _ in elements if tag == "img"]
    assert not [a for _, a in elements if "javascript:" in str(a.get("href", ""))]
    items = unpacked(page, "example-data")["t0"]["items"]
    assert any(HOSTILE in answer[0] for item in items for answer in item["answers"].values())


def test_examples_can_be_left_out(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW, items=40)
    page, _ = write(tmp_path, book, examples=False)
    assert 'id="example-data"' not in page and "The notice period" not in page


def test_a_record_without_text_shows_none(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW, items=40, store_text="ids")
    page, _ = write(tmp_path, book)
    assert 'id="example-data"' not in page


def test_examples_have_answers_passages_tokens_and_prices(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW, items=40)
    page, _ = write(tmp_path, book)
    told = unpacked(page, "example-data")["t0"]
    names = [setting["name"] for setting in told["settings"]]
    row = next(r for r in build_report([tmp_path / "results"], book).data.tasks[0].rows
               if r.label == "rag")  # fmt: skip
    place = str(names.index("rag"))
    answers = [item["answers"][place] for item in told["items"]]
    assert len(answers) == 40 and all(answer[7] for answer in answers)
    assert told["passages"][answers[0][7][0]][0] == "rules.pdf"
    paid = sum(answer[6] for answer in answers)
    assert paid == pytest.approx(40 * row.usd_per_1k_requests / 1000, rel=0.01)


def test_what_does_not_fit_is_stated_and_lies_beside(tmp_path, book, monkeypatch):
    monkeypatch.setattr("harness.report.examples.BUDGET", 9_000)
    monkeypatch.setattr("harness.report.PER_FILE", 100)
    write_records(tmp_path / "results", kinds=FEW, items=300)
    page, (first, *beside) = write(tmp_path, book)
    here = unpacked(page, "example-data")["t0"]["items"]
    assert 5 < len(here) < 300 and f"{len(here)} of 300 questions" in page
    seen = [item["id"] for item in here]
    for file in beside:
        assert f'href="{file.path.parent.name}/{file.path.name}"' in page
        text = file.path.read_text(encoding="utf-8")
        seen += [item["id"] for item in unpacked(text, "example-data")["t0"]["items"]]
        assert "default-src 'none'" in text and first.path.name in text
    assert sorted(seen) == sorted(set(seen)) and len(seen) == 300


def test_a_small_sample_has_some_of_each_stratum(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW, items=300)
    examples = build_report([tmp_path / "results"], book).examples()["made"]
    some, rest = sampled(examples, 8_000)
    assert len(packed(page_value(some))) <= 8_000 and len(some.items) + len(rest) == 300
    every = {item.stratum for item in examples.items}
    assert {item.stratum for item in some.items} == every and len(every) > 2
    for name, (total, shown) in some.strata.items():
        assert total == sum(item.stratum == name for item in examples.items)
        assert shown == sum(item.stratum == name for item in some.items) > 0
    assert sampled(examples, 8_000)[0].items == some.items


def test_several_folders_are_one_report(tmp_path, book):
    write_records(tmp_path / "one", kinds=FEW[:3], items=40)
    write_records(tmp_path / "two", kinds=FEW[3:], items=40, device="cuda:NVIDIA L4")
    page, _ = write(tmp_path, book, folders=("one", "two"))
    assert "NVIDIA L4" in page and "seconds and costs don" in page
    assert "no GPU ran" not in page


def test_what_others_published_is_marked_and_dated(tmp_path, book):
    write_records(tmp_path / "results", kinds=STRATEGIES, items=24)
    page, _ = write(tmp_path, book)
    part = page[page.index('id="published"') : page.index('id="provenance"')]
    for said in ("ICAIF 2023", "0.006 – 0.037", "651,264 used", "2023-07", "Fin-T5", "5,000,000"):
        assert said in part
    for name in ("lora+rag", "few-shot", "full-finetune"):
        assert f"<b>{name}</b>" in part


def test_a_judge_is_shown_with_how_people_agree(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW[:2])
    measured = {
        "agreement": {"value": 0.91, "low": 0.88, "high": 0.94, "n": 300},
        "kappa": {"value": 0.82, "low": 0.76, "high": 0.88, "n": 300},
        "judge": "a-judge",
        "digest": "d",
        "version": 1,
        "data": "made",
        "n": 300,
        "failed": 0,
        "right_or_not": {},
        "table": {},
        "tokens": {},
        "requests": 300,
        "usd": None,
    }
    for number, path in enumerate(sorted((tmp_path / "results").glob("*/run.json"))):
        record = json.loads(path.read_text("utf-8"))
        record["judge"] = {"name": "a-judge", "digest": "d", "version": 1, "measured": None}
        if not number:
            record["judge"]["measured"] = measured
        path.write_text(json.dumps(record), "utf-8")
    page, _ = write(tmp_path, book)
    table = page[page.index('id="table-judges"') :]
    table = table[: table.index("</table>")]
    assert table.count("a-judge") == 2
    assert table.count("0.82 [0.76, 0.88]") == 1
    assert "0.91 [0.88, 0.94]" in table


def test_without_a_judge_there_is_no_table_of_judges(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW[:2])
    assert "table-judges" not in write(tmp_path, book)[0]


def test_where_the_task_declares_losses_the_card_has_the_total_cost(tmp_path, book, record_to):
    random = np.random.default_rng(1)
    for name, won in (("good", 1000.0), ("bad", 1500.0)):
        record_to(tmp_path / "results", name, won + random.normal(0, 10, 60), largest_loss=2000.0,
                  primary="expected_loss", unit="KRW per 1,000 cases",
                  values={"handover": [0.0] * 60})  # fmt: skip
    # a price of a wrong answer is for the other tasks of the page
    asked = Scenario(label_usd=0.1, cost_per_error=5)
    built = build_report([tmp_path / "results"], book, asked)
    task = built.data.tasks[0]
    (advice,) = task.advice
    assert (advice.objective, advice.probability) == ("total", 1.0)
    lost = task.deployments["good"].loss_usd_per_request
    assert advice.lines[0].lost_usd == pytest.approx(1_200_000 * lost)
    page = write(tmp_path, book, asked=Scenario(label_usd=0.1))[0]
    for said in ("dearer than the cheapest", "최저 비용과의 차이", "worst 5 % of cases, each",
                 "expected regret", "What answers lose, as the task declares it"):  # fmt: skip
        assert said in page
    assert "behind the best</span>" not in page.partition("</table>")[0]


def test_where_a_wrong_answer_has_a_price_the_lowest_total_cost_is_advised(tmp_path, book):
    write_records(tmp_path / "results", kinds=FEW[:2])
    asked = Scenario(label_usd=0.1, cost_per_error=2, cost_per_handover=0.5)
    (advice,) = build_report([tmp_path / "results"], book, asked).data.tasks[0].advice
    assert advice.objective == "total"
    lost = {line.name: line.lost_usd for line in advice.lines}
    for line in advice.lines:
        assert lost[line.name] == pytest.approx(1_200_000 * 2 * (1 - line.quality))


@pytest.mark.parametrize("unit", ["", "KRW"])
def test_nothing_is_minus_nothing(unit) -> None:  # type: ignore[no-untyped-def]
    task = SimpleNamespace(unit=unit)
    assert "-0" not in f"{pages._signed(-0.0001, task)} {points(-0.0001, task)}"
