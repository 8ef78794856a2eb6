"""The page in a real browser: filters, addresses, language, theme, sorting; and that it asks for
nothing from anywhere and reports no error.
"""

from __future__ import annotations

import json
import time

import pytest
from synthetic import STRATEGIES, Kind, write_records

from harness.report import write_page, write_report
from harness.report.build import build_report

pytestmark = pytest.mark.slow
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
KINDS = (*STRATEGIES[:3], *STRATEGIES[5:8], Kind(f"{HOSTILE}=cmd()", 0.5))


@pytest.fixture(scope="module")
def page(tmp_path_factory, book):
    folder = tmp_path_factory.mktemp("browser")
    write_records(
        folder / "results", kinds=KINDS, tasks=("made", HOSTILE), items=120,
        answer=HOSTILE + " javascript:alert(1) {row}", source=HOSTILE,
    )  # fmt: skip
    out = folder / "report.html"
    write_report(build_report([folder / "results"], book, lead="made"), out)
    return out


@pytest.fixture
def opened(browser, page):
    """The page, fresh and drawn."""
    return visit(browser, page.as_uri())


def visit(browser, address, *, forget=True):
    browser.get("about:blank")
    browser.get(address)
    if forget:
        browser.execute_script("localStorage.clear()")
        browser.get("about:blank")
        browser.get(address)
    wait(browser, "return document.documentElement.dataset.ready === 'yes'")
    return browser


def wait(browser, script, seconds=20.0):
    limit = time.monotonic() + seconds
    while not browser.execute_script(script):
        assert time.monotonic() < limit, script
        time.sleep(0.05)


def asked_for(browser):
    """Addresses that the page asked for, besides files of this machine that were opened."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in addresses if not url.startswith(("file:", "about:", "data:", "blob:"))]


def find(browser, css):
    return browser.find_elements("css selector", css)


def text(browser, css):
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)", css
    )


def test_it_runs_without_error_and_without_the_network(opened):
    asked_for(opened)
    opened.execute_script("document.querySelectorAll('.chart').forEach(place => draw(place))")
    wait(opened, "return document.querySelectorAll('.main-svg').length >= 20")
    assert opened.execute_script("return problems") == []
    assert [e for e in opened.get_log("browser") if e["level"] in ("SEVERE", "WARNING")] == []
    assert asked_for(opened) == []
    assert opened.title == "Quality and cost of adapting a language model"


def test_nothing_that_records_say_does_anything(opened):
    assert opened.title != "owned"
    assert find(opened, "main img, main iframe") == []
    assert HOSTILE in text(opened, ".one .what")[0] or any(
        HOSTILE in each for each in text(opened, ".one .what, .one .question, .one .facts")
    )
    assert opened.execute_script("return document.querySelectorAll('body script').length") < 12


def test_the_language_is_switched_and_kept(opened, page):
    assert "Results" in text(opened, "h3")
    find(opened, "#language")[0].click()
    assert opened.execute_script("return document.documentElement.lang") == "ko"
    assert "결과" in text(opened, "h3") and "Results" not in text(opened, "h3")
    assert opened.title.startswith("언어 모델")
    assert "모든 문항" in text(opened, ".kind option")
    opened.execute_script("draw(document.querySelector('.chart'))")
    wait(opened, "return document.querySelector('.chart').dataset.drawn === 'ko'")
    assert "비용" in text(opened, ".chart")[0]
    visit(opened, page.as_uri(), forget=False)
    assert "결과" in text(opened, "h3")


def test_the_theme_is_switched(opened):
    find(opened, "#theme")[0].click()
    other = opened.execute_script("return document.documentElement.dataset.theme")
    colours = opened.execute_script(
        "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
    )
    find(opened, "#theme")[0].click()
    assert opened.execute_script("return document.documentElement.dataset.theme") != other
    assert colours != opened.execute_script(
        "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
    )


def test_a_click_on_a_title_sorts(opened):
    column = 3  # dollars once
    find(opened, "#main-t0 thead button")[column].click()
    values = "return [...document.querySelector('#main-t0').tBodies[0].rows].map(r => +r.cells[3].dataset.v)"
    down = opened.execute_script(values)
    find(opened, "#main-t0 thead button")[column].click()
    up = opened.execute_script(values)
    assert down == sorted(down, reverse=True) and up == sorted(up) and len(set(up)) > 1
    heads = find(opened, "#main-t0 th[aria-sort]")
    assert [head.get_attribute("aria-sort") for head in heads] == ["ascending"]


def test_filters_show_what_they_say(opened):
    from selenium.webdriver.support.ui import Select

    def shown():
        return opened.execute_script(
            "return [...document.querySelectorAll('#examples-t0 .list li')].map(row => "
            "[...row.querySelectorAll('.dots i')].map(dot => dot.className))"
        )

    kind = Select(find(opened, "#examples-t0 .kind")[0])
    everything = len(shown())
    assert everything == 120
    counts = {}
    for name in ("wrong", "right", "differ", "only"):
        kind.select_by_value(name)
        rights = [row.count("right") for row in shown()]
        counts[name] = len(rights)
        of = len(KINDS)
        fits = {
            "wrong": lambda n: n == 0,
            "right": lambda n, of=of: n == of,
            "differ": lambda n, of=of: 0 < n < of,
            "only": lambda n: n == 1,
        }[name]
        assert all(map(fits, rights)), name
    assert counts["wrong"] + counts["right"] + counts["differ"] == everything
    kind.select_by_value("only")
    Select(find(opened, "#examples-t0 .who")[0]).select_by_index(4)
    rows = shown()
    assert all(row[3] == "right" and row.count("right") == 1 for row in rows)
    told = text(opened, "#examples-t0 .found")[0]
    assert told == f"{len(rows)} / 120"


def test_an_address_leads_to_one_question(opened, page):
    visit(opened, f"{page.as_uri()}#ex=t1/q00017")
    assert "q00017" in text(opened, "#examples-t1 .facts")[0]
    assert (
        find(opened, "#task-t1")[0].is_displayed()
        and not find(opened, "#task-t0")[0].is_displayed()
    )
    current = find(opened, '#examples-t1 .list [aria-current="true"]')
    assert [each.get_attribute("data-id") for each in current] == ["q00017"]
    href = find(opened, "#examples-t1 a.link")[0].get_attribute("href")
    assert href.endswith("#ex=t1/q00017")


def test_the_keyboard_is_enough(opened):
    from selenium.webdriver.common.keys import Keys

    tab = find(opened, '[role="tab"]')[0]
    tab.send_keys(Keys.ARROW_RIGHT)
    assert find(opened, "#task-t1")[0].is_displayed()
    focused = opened.execute_script("return document.activeElement.id")
    assert focused == "tab-t1"
    rows = find(opened, "#examples-t1 .list")[0]
    before = text(opened, "#examples-t1 .facts")[0]
    rows.send_keys(Keys.ARROW_DOWN)
    assert text(opened, "#examples-t1 .facts")[0] != before


def test_a_phone_needs_no_sideways_scrolling(browser, page):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        visit(browser, page.as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_first_fold_is_one_printed_page(opened):
    import base64
    import io

    pypdf = pytest.importorskip("pypdf")
    made = opened.execute_cdp_cmd(
        "Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True}
    )
    pages = pypdf.PdfReader(io.BytesIO(base64.b64decode(made["data"]))).pages
    first, second = (page.extract_text() for page in pages[:2])
    assert "What would change the advice" in first or "Not enough evidence" in first
    assert "Measured on" in first and "no GPU ran" in first
    assert "All tasks and models" in second
    assert opened.execute_script("return problems") == []


def seen_at(browser, page, width):
    """The page in a window of that width."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    return visit(browser, page.as_uri())


def test_a_wide_table_keeps_its_columns_and_says_on_a_phone_that_it_scrolls(
    browser, tmp_path, book
):
    write_records(tmp_path / "results", kinds=STRATEGIES, items=24)
    page = tmp_path / "report.html"
    write_report(build_report([tmp_path / "results"], book), page)
    over = "const p = document.querySelector('#main-t0').parentNode; return p.scrollWidth - p.clientWidth"
    hint = (
        "return getComputedStyle(document.querySelector('#main-t0').parentNode, '::before').content"
    )
    try:
        for width in (1280, 1600):
            assert seen_at(browser, page, width).execute_script(over) <= 1, width
        assert seen_at(browser, page, 390).execute_script(over) > 100
        wait(browser, f"{hint}.includes('scrolls sideways')")
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_ten_thousand_rows_stay_usable(browser, tmp_path, book):
    from dataclasses import replace

    write_records(tmp_path / "results", kinds=KINDS[:2], items=20)
    data = build_report([tmp_path / "results"], book).data
    runs = tuple(
        replace(data.runs[0], run_id=f"run-{number:05d}", value=(number * 7919 % 10_007) / 10_007)
        for number in range(10_000)
    )
    many = replace(data, runs=tuple(replace(run, details={}) for run in runs))
    write_page(many, tmp_path / "many.html")
    visit(browser, (tmp_path / "many.html").as_uri())
    shown = (
        "return [...document.querySelector('#table-runs').tBodies[0].rows].filter(r => !r.hidden)"
    )
    assert browser.execute_script(f"{shown}.length") == 200
    took = browser.execute_script(
        "const since = performance.now(); document.querySelectorAll('#table-runs thead button')[5]"
        ".click(); document.body.offsetHeight; return performance.now() - since"
    )
    top = browser.execute_script(f"{shown}[0].cells[5].dataset.v")
    assert float(top) == max(run.value for run in runs)
    assert took < 8000  # a second on a quiet machine
    browser.find_element("css selector", ".more input").send_keys("run-00042")
    wait(browser, f"{shown}.length === 1")


def test_the_pages_beside_lead_back(browser, tmp_path, book, monkeypatch):
    monkeypatch.setattr("harness.report.examples.BUDGET", 6_000)
    write_records(tmp_path / "results", kinds=KINDS[:4], items=200)
    built = build_report([tmp_path / "results"], book)
    first, *beside = write_report(built, tmp_path / "report.html")
    visit(browser, beside[0].path.as_uri())
    assert len(find(browser, ".list li")) == len(text(browser, ".list li")) > 20
    assert browser.execute_script("return problems") == []
    browser.find_element("css selector", ".brand a").click()
    wait(browser, "return document.documentElement.dataset.ready === 'yes'")
    assert browser.current_url == first.path.as_uri()
    browser.find_element("css selector", "#examples-t0 > p a").click()
    assert browser.current_url == beside[0].path.as_uri()
