"""The tables and findings of docs/findings.md and the README are what committed records say."""

import json
import math
import re
import xml.etree.ElementTree as ET
from statistics import fmean

import pytest
from sklearn.metrics import f1_score

from harness.analysis.compare import compare_runs, compare_seeds
from harness.analysis.forgetting import changes_of, forgetting_of
from harness.analysis.summary import summary
from harness.costs.book import load_book
from harness.records.files import read_lines
from harness.records.ledger import read_ledger, totals
from harness.records.reading import read_record
from harness.report.build import build_report
from harness.report.figures.quality_cost import quality_cost_info
from tests.documents import ROOT, flat, links, text

RECORDS = ROOT / "results" / "korean-insurance"
NEWS = ROOT / "results" / "fpb"
LARGER = ROOT / "results" / "qwen2.5-coder-1.5b"
WAYS = ROOT / "results" / "ways"
TUNED = ROOT / "results" / "tuned"
README, FINDINGS = flat("README.md"), flat("docs/findings.md")
LARGER_TEXT = text("docs/findings.md").partition("to a larger model\n")[2].partition("\n## ")[0]
COLUMNS = (
    ("fpb-ko", "macro_f1"),
    ("fpb-ko", "accuracy"),
    ("ko-insurance-exam", "accuracy"),
    ("insurer-claims-ko", "expected_loss"),
    ("insurer-claims-ko", "decision_accuracy"),
)


ONE_FACT = {"amount", "period", "percentage", "date", "list", "name", "definition"}


def run(task, strategy, records=RECORDS):
    (found,) = records.glob(f"{task}_{strategy}_*_s0_*")
    return found


def share(value):
    return f"{value:.3f}".replace("0.", ".", 1)


def won(value):
    return f"{value / 1000:,.0f}"


def written(found):
    return f"{share(found['value'])} [{share(found['low'])}, {share(found['high'])}]"


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text("utf-8"))["metrics"]


def slices(folder):
    return json.loads((folder / "metrics.json").read_text("utf-8"))["slices"]


def predictions(folder):
    return read_lines(folder / "predictions.jsonl")


def small(usd):
    """Dollars with two digits that say something."""
    if usd is None or usd == 0:
        return "–" if usd is None else "$0"
    return "< $0.0001" if usd < 1e-4 else f"${usd:.{1 - math.floor(math.log10(usd))}f}"


def test_the_committed_records_are_small():
    """Those of the reader's own runs, beside them, are as large as they like."""
    named = re.findall(r"(?m)^!/results/([\w.-]+)/$", (ROOT / ".gitignore").read_text("utf-8"))
    folders = [RECORDS.parent / name for name in named if (RECORDS.parent / name).is_dir()]
    assert RECORDS in folders
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 8_000_000
    loose = [path for path in files if path.suffix == ".jsonl" and path.parents[1] in folders]
    assert not loose, "compress with: gzip -9 -n results/*/*/*.jsonl"


def one_fact(folder):
    """Slice and score of each row that asks for one fact."""
    return [
        (line["columns"]["slice"], line["values"].get("exact_match", 0.0))
        for line in predictions(folder)
        if line["columns"]["kind"] in ONE_FACT
    ]


def share_of(runs, slices):
    return fmean(score for rows in runs for name, score in rows if name in slices)


def cell(task, strategy, metric, part=""):
    if not list(RECORDS.glob(f"{task}_{strategy}_*")):
        return "–"
    folder = run(task, strategy)
    found = (slices(folder)[f"slice={part}"] if part else metrics(folder))[metric]
    written = won if metric == "expected_loss" else share
    if found["low"] is None:
        return written(found["value"])
    return f"{written(found['value'])} [{written(found['low'])}, {written(found['high'])}]"


@pytest.mark.parametrize(
    "strategy",
    [
        "full-finetune",
        "lora",
        "qlora",
        "qlora+rag",
        "tfidf",
        "majority",
        "few-shot",
        "few-shot+rag",
        "few-shot+oracle-rag",
        "rag",
        "zero-shot",
    ],
)
def test_a_row_of_the_table_is_what_its_records_hold(strategy):
    cells = " | ".join(cell(task, strategy, metric) for task, metric in COLUMNS)
    assert f"`{strategy}` | {cells} |" in FINDINGS.replace(", a ceiling |", " |")


@pytest.mark.parametrize("folder", sorted(NEWS.iterdir()), ids=lambda folder: folder.name)
def test_a_row_of_the_news_table_is_what_its_record_holds(folder):
    strategy, scores = folder.name.split("_")[1], metrics(folder)
    ledgers = [read_ledger(folder / name) for name in ("artifact-ledger.jsonl", "ledger.jsonl")]
    spent = totals([span for spans in ledgers for span in spans])
    rows = spent["label"].quantities["train_rows"] if "label" in spent else 0
    trained = f"{spent['train'].seconds:,.0f} s" if "train" in spent else "–"
    cells = " | ".join(written(scores[name]) for name in ("accuracy", "weighted_f1"))
    assert all(scores[name]["n"] == 500 for name in ("accuracy", "weighted_f1"))
    assert f"| `{strategy}` | {cells} | {rows:,.0f} | {trained} |" in FINDINGS


@pytest.mark.parametrize(
    "strategy",
    sorted({path.name.split("_")[1] for path in RECORDS.glob("insurer-ko_*")}),
)
def test_a_row_of_the_insurer_s_table_is_what_its_record_holds(strategy):
    cells = [cell("insurer-ko", strategy, "exact_match", part) for part in ("", "seen", "unseen")]
    table = text("docs/findings.md").partition("`insurer-ko`\n")[2].partition("\n## ")[0]
    (line,) = (each for each in table.splitlines() if each.startswith(f"| `{strategy}`"))
    assert " | ".join(cells) in line
    cost = summary(run("insurer-ko", strategy), load_book())["cost"]
    money = [small(cost[name]) for name in ("development_usd", "usd_per_1k_requests")]
    assert line.split(" | ")[-3:-1] == money
    assert {f"${month['usd']:.2f}" for month in cost["months"]} == {"$73.58"}
    asked = fmean(score for _, score in one_fact(run("insurer-ko", strategy)))
    assert f" | {cells[2]} | {share(asked)} [" in line


@pytest.mark.parametrize(
    ("task", "strategy", "metric", "part", "n"),
    [
        ("insurer-ko", "qlora+rag", "exact_match", "", 400),
        ("insurer-ko", "few-shot+rag", "exact_match", "", 400),
        ("insurer-ko", "qlora", "exact_match", "", 400),
        ("insurer-ko", "tfidf", "exact_match", "", 400),
        ("insurer-ko", "qlora", "exact_match", "seen", 66),
        ("insurer-ko", "qlora", "exact_match", "unseen", 334),
        ("fpb-ko", "full-finetune", "macro_f1", "", 400),
        ("fpb-ko", "tfidf", "macro_f1", "", 400),
        ("fpb-ko", "few-shot", "macro_f1", "", 400),
        ("ko-insurance-exam", "lora", "accuracy", "", 75),
        ("insurer-claims-ko", "qlora", "expected_loss", "", 400),
        ("insurer-claims-ko", "majority", "expected_loss", "", 400),
    ],
)
def test_a_row_of_the_readme_s_table_is_what_its_record_holds(task, strategy, metric, part, n):
    folder = run(task, strategy)
    assert (slices(folder)[f"slice={part}"] if part else metrics(folder))[metric]["n"] == n
    assert f"| {cell(task, strategy, metric, part)} | {n} |" in README
    if not part:
        assert f"`{strategy}`" in README


def test_lora_is_the_best_of_nine_in_the_exam():
    scores = {
        folder.name.split("_")[1]: metrics(folder)["accuracy"]["value"]
        for folder in RECORDS.glob("ko-insurance-exam_*")
    }
    assert len(scores) == 9 and max(scores, key=scores.get) == "lora"


def test_both_decide_as_many_claims_rightly():
    decided = [
        cell("insurer-claims-ko", name, "decision_accuracy") for name in ("qlora", "majority")
    ]
    assert [value[:4] for value in decided] == [".605", ".605"] and "both decide .605" in README


def test_the_picture_shows_what_the_report_finds():
    data = build_report([RECORDS], load_book()).data
    (picture,) = (target for target in links("README.md") if target.endswith(".svg"))
    title = ET.parse(ROOT / picture).getroot().findtext("{http://www.w3.org/2000/svg}title")
    finding = quality_cost_info(data.tasks[0]).finding.say("en")
    assert title == finding, "draw it again by the command of the README, and copy it to docs/"


@pytest.mark.parametrize(
    ("task", "a", "b", "metric", "written", "quoted"),
    [
        ("fpb-ko", "full-finetune", "few-shot", "correct", share, "is {} {} of accuracy above"),
        ("fpb-ko", "full-finetune", "tfidf", "correct", share, "as accurate (difference {} {})"),
        ("fpb-ko", "full-finetune", "tfidf", "macro_f1", share, "macro-F1 {} {} above `tfidf`"),
        ("insurer-claims-ko", "qlora", "majority", "expected_loss", won, "{} won a case more {}."),
    ],
)
def test_a_difference_that_is_quoted_is_what_compare_says(task, a, b, metric, written, quoted):
    found = compare_runs(run(task, a), run(task, b), metric=metric)
    ends = f"[{written(found['low'])}, {written(found['high'])}]"
    assert quoted.format(written(found["difference"]), ends) in FINDINGS


def test_the_rare_class_is_found_as_the_readme_says():
    found = []
    for strategy in ("full-finetune", "tfidf"):
        lines = predictions(run("fpb-ko", strategy))
        right, told = ([line[key] for line in lines] for key in ("target", "predicted"))
        found.append(share(f1_score(right, told, labels=["부정"], average="macro")))
    assert "an F1 of {} instead of {}".format(*found) in FINDINGS


def test_the_seeds_read_as_many_one_fact_rows_as_the_readme_says():
    read = {
        strategy: [one_fact(folder) for folder in sorted(RECORDS.glob(f"insurer-ko_{strategy}_*"))]
        for strategy in ("few-shot+rag", "few-shot+oracle-rag", "qlora+rag")
    }
    for shares in read.values():
        first, second, third = (share(fmean(row for _, row in rows)) for rows in shares)
        assert f"{first}, {second} and {third}" in FINDINGS
    prompted, ceiling = read["few-shot+rag"], read["few-shot+oracle-rag"]
    kept = {
        name: share_of(prompted, slices) / share_of(ceiling, slices)
        for name, slices in {
            "all": {"seen", "unseen"},
            "seen": {"seen"},
            "unseen": {"unseen"},
        }.items()
    }
    assert (
        f"keeps {kept['all']:.2f} of what they allow ({kept['seen']:.2f} on the 40 rows of `seen` "
        f"facts, {kept['unseen']:.2f} on the 160 others)"
    ).replace("0.", ".") in FINDINGS


def test_what_is_told_of_the_exam_and_the_claims_is_so():
    hit = metrics(run("ko-insurance-exam", "rag"))["hit@1"]["value"]
    assert f"found for {100 * hit:.1f} % of the questions" in FINDINGS
    losses = [
        metrics(run("insurer-claims-ko", strategy))["expected_loss"]["value"]
        for strategy in ("qlora", "majority")
    ]
    assert f"{losses[0] / losses[1]:.0f} times the loss" in FINDINGS
    for folder in RECORDS.glob("ko-insurance-exam_*"):
        assert metrics(folder)["accuracy"]["low"] < 0.25


def test_the_leaders_differ_over_three_seeds_as_the_readme_says():
    found = compare_seeds(run("insurer-ko", "qlora+rag"), run("insurer-ko", "few-shot+rag"))
    said = [share(found[key]) for key in ("difference", "low", "high")]
    assert f"a difference of {said[0]} [{said[1]}, {said[2]}]" in FINDINGS


def test_no_text_of_the_exam_is_in_its_records():
    folders = list(RECORDS.glob("ko-insurance-exam_*"))
    assert len(folders) == 9
    for folder in folders:
        for line in predictions(folder):
            assert not {"text", "target", "predicted", "scores"} & line.keys()


def test_a_strategy_with_one_setting_a_task_is_one_row_over_the_tasks():
    rows = {tally.name: tally for tally in build_report([RECORDS], load_book()).data.records}
    assert {"few-shot", "lora", "qlora+rag"} <= rows.keys()
    assert not [name for name in rows if "=" in name]
    assert len(rows["few-shot"].by_task) == 4
    assert rows["lora"].by_task["fpb-ko"].value == pytest.approx(0.687, abs=5e-4)


@pytest.mark.parametrize("strategy", ["few-shot+oracle-rag", "few-shot+rag", "zero-shot"])
def test_a_row_of_the_larger_model_s_table_is_what_its_record_holds(strategy):
    scores = metrics(run("insurer-ko", strategy, LARGER))
    names = ("exact_match", "value_match", "contains", "abstention_recall")
    assert [scores[name]["n"] for name in names] == [400, 400, 400, 60]
    if strategy == "few-shot+rag":
        assert f"`{strategy}` | {written(scores['exact_match'])} | 400 |" in README
    line = next(
        each
        for each in LARGER_TEXT.splitlines()
        if each.startswith(f"| `{strategy}`") or f"| `{strategy}`," in each
    )
    assert " | ".join(written(scores[name]) for name in names) in line


def test_what_is_told_of_the_larger_model_is_what_compare_says():
    pairs = [
        (run("insurer-ko", "few-shot+rag", LARGER), run("insurer-ko", "few-shot+rag")),
        (
            run("insurer-ko", "few-shot+oracle-rag", LARGER),
            run("insurer-ko", "few-shot+oracle-rag"),
        ),
        (run("insurer-ko", "qlora+rag"), run("insurer-ko", "few-shot+rag", LARGER)),
        (
            run("insurer-ko", "few-shot+oracle-rag", LARGER),
            run("insurer-ko", "few-shot+rag", LARGER),
        ),
    ]
    for a, b in pairs:
        found = compare_runs(a, b, metric="exact_match")
        ends = f"[{share(found['low'])}, {share(found['high'])}]"
        assert f"{share(found['difference'])} {ends}" in FINDINGS


def test_a_third_of_the_lead_of_tuning_is_form():
    found = compare_runs(
        run("insurer-ko", "qlora+rag"), run("insurer-ko", "rag"), metric="exact_match"
    )
    held = found["beside"]["contains"]
    for each in (found, held):
        ends = f"[{share(each['low'])}, {share(each['high'])}]"
        assert f"{share(each['difference'])} {ends}" in FINDINGS
    assert 1 - held["difference"] / found["difference"] == pytest.approx(1 / 3, abs=0.02)


def test_the_published_chain_answers_abstains_and_cites():
    folder = run("insurer-leave-ko", "rag", LARGER)
    first, second, third = predictions(folder)
    assert (first["values"]["contains"], first["values"]["exact_match"]) == (1, 0)
    assert first["evidence"][0]["place"] == "휴직 및 복직 관리기준.pdf, p. 1, 제4조(책임)"
    assert not second["correct"] and second["values"]["hit@1"] == 0
    assert third["abstained"] and third["correct"] and "evidence" not in third


def labels_read(folder):
    ledgers = [read_ledger(folder / name) for name in ("artifact-ledger.jsonl", "ledger.jsonl")]
    label = totals([span for spans in ledgers for span in spans]).get("label")
    return sum(label.quantities.values()) if label else 0


def in_every_way(folder):
    """The row of the table of all ways that a record gives."""
    record, scores = json.loads((folder / "run.json").read_text("utf-8")), metrics(folder)
    chosen = ", ".join(f"{name}={value}" for name, value in sorted(record["config"]["set"].items()))
    name = f"`{record['strategy']['name']}`" + (f", `{chosen}`" if chosen else "")
    training = record["artifact"]["details"].get("training") or {}
    weights = training.get("trainable_parameters")
    cells = (
        name,
        ", ".join(record["strategy"]["families"]),
        (record["model"] or {}).get("name", "–"),
        f"{weights:,}" if weights else "–",
        f"{labels_read(folder):,.0f}",
        *(written(scores[metric]) for metric in ("accuracy", "macro_f1")),
    )
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("folder", sorted(WAYS.glob("*_s0_*")), ids=lambda folder: folder.name)
def test_a_row_of_the_table_of_all_ways_is_what_its_record_holds(folder):
    assert metrics(folder)["accuracy"]["n"] == 400
    assert in_every_way(folder) in text("docs/findings.md")


@pytest.mark.parametrize(
    ("folder", "a", "b"),
    [
        (WAYS, "distill+lora_gemma", "lora_gemma"),
        (WAYS, "embedding-head", "tfidf"),
        (WAYS, "lora_smollm2", "embedding-head"),
        (WAYS, "lora_smollm2", "prompt-tuning"),
        (WAYS, "lora_smollm2", "adapter"),
        (WAYS, "majority", "from-scratch"),
        (WAYS, "prompt-search", "few-shot"),
        (TUNED, "lora", "few-shot"),
        (TUNED, "lora", "prompt-tuning"),
        (TUNED, "lora", "encoder-finetune"),
        (TUNED, "few-shot", "similar-examples"),
    ],
)
def test_what_is_told_of_two_ways_is_what_compare_says(folder, a, b):
    (first,), (second,) = (list(folder.glob(f"fpb_{name}*_s0_*")) for name in (a, b))
    found = compare_runs(first, second, metric="accuracy")
    assert written(found | {"value": found["difference"]}).replace("-0.", "-.") in FINDINGS


def test_the_teacher_s_own_figure_is_the_record_s():
    (folder,) = WAYS.glob("fpb_distill+lora_*")
    record = json.loads((folder / "run.json").read_text("utf-8"))
    teacher = record["artifact"]["details"]["teacher"]
    assert (teacher["kept"], teacher["labelled"], teacher["dev"]["n"]) == (263, 37, 100)
    assert f"(weighted F1 {written(teacher['dev'])} on dev rows)" in FINDINGS


@pytest.mark.parametrize("name", ["lora_smollm2", "prompt-tuning"])
def test_what_adapting_broke_is_what_the_probe_found(name):
    (folder,) = WAYS.glob(f"fpb_{name}*")
    record = read_record(folder)
    lost = forgetting_of([record])
    assert lost is not None
    ends = f"[{lost.low:.1%}, {lost.high:.1%}]"
    assert f"{lost.change:.1%} {ends}".replace("%", " %") in FINDINGS
    others = [
        change
        for change in changes_of([record])
        if change.name.startswith(("general-choice", "instructions"))
    ]
    assert others and all(change.low <= 0 <= change.high for change in others)


def per_cent(value):
    return f"{value:+.1%}".replace("%", " %")


def at_equal_dollars(folder):
    """The row of the table of families at equal dollars that a record gives."""
    record, scores = read_record(folder), metrics(folder)
    tuning, training = record.tuning, record.artifact.details.training
    found = ", ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in tuning.found.items()
    )
    weights = training.model_dump().get("trainable_parameters") if training else None
    lost = forgetting_of([record])
    cells = (
        f"`{record.strategy.name}`",
        str(len(tuning.tried)),
        f"`{found}`",
        f"{weights:,}" if weights else "–",
        *(written(scores[metric]) for metric in ("accuracy", "macro_f1")),
        f"${summary(folder, load_book())['cost']['development_usd']:.3f}",
        f"{per_cent(lost.change)} [{per_cent(lost.low)}, {per_cent(lost.high)}]" if lost else "–",
    )
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("folder", sorted(TUNED.glob("fpb_*_s0_*")), ids=lambda folder: folder.name)
def test_a_row_of_the_families_at_equal_dollars_is_what_its_record_holds(folder):
    record = read_record(folder)
    assert metrics(folder)["accuracy"]["n"] == 400 and record.tuning.usd == 0.03
    assert record.tuning.rows == 361 and record.task.rows.train == 300
    assert at_equal_dollars(folder) in text("docs/findings.md")


def test_the_two_best_families_are_told_apart_by_three_seeds():
    (lora,), (full,) = (
        list(TUNED.glob(f"fpb_{name}_*_s0_*")) for name in ("lora", "full-finetune")
    )
    found = compare_seeds(lora, full, metric="accuracy")
    assert found["seeds"] == [3, 3] and found["low"] > 0
    assert f"over three seeds {written(found | {'value': found['difference']})}" in FINDINGS


@pytest.mark.parametrize("name", ["lora", "full-finetune"])
def test_seeds_of_one_search_share_what_it_found(name):
    records = [read_record(folder) for folder in sorted(TUNED.glob(f"fpb_{name}_*"))]
    assert [record.config.seed for record in records] == [0, 1, 2]
    assert len({str(record.tuning.found) for record in records}) == 1
    folders = sorted(TUNED.glob(f"fpb_{name}_*"))
    first, second, third = (share(metrics(each)["accuracy"]["value"]) for each in folders)
    assert f"{first}, {second} and {third}" in " ".join(FINDINGS.split())
