"""Flat tables as other people's programs write them, with invented rows, and what is made of each."""

from __future__ import annotations

import gzip
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.harness.task.invented import (
    COVERS,
    HASHED,
    MOODS,
    Format,
    facts,
    lines,
    moods,
    quiz,
    sheet,
    table,
    감정,
    보장,
    후기,
)

__all__ = ["DOUBTS", "FLAT"]

TOPICS = ["late", "rude", "wrong", "lost"]
유형 = ["보상", "계약", "납입"]


def topics(n: int = 120) -> list[list[str]]:
    """Returns one or several topics for each row."""
    draw = random.Random(5)
    return [[t for t in TOPICS if draw.random() < 0.4] or [TOPICS[k % 4]] for k in range(n)]


def said(k: int, what: str) -> str:
    """Returns a complaint that says what it is about."""
    return f"Complaint {k} on my {COVERS[k % 10]} cover: {what}."


def text_at_label(folder: Path) -> Sequence[str]:
    """Financial PhraseBank's own files: the label behind the last @, in Latin-1."""
    text = "".join(f"{r['review']} It cost 3 £.@{r['mood']}\n" for r in moods())
    (folder / "Sentences_AllAgree.txt").write_bytes(text.encode("latin-1"))
    return ["Sentences_AllAgree.txt"]


def numbered_classes(folder: Path) -> Sequence[str]:
    """AG News: no header, numbers as labels, two texts, and a list of the classes beside."""
    for split, part in (("train", moods(90)), ("test", moods(120)[90:])):
        rows = [
            {"label": k % 3 + 1, "title": f"On claim {k}", "text": r["review"]}
            for k, r in enumerate(part)
        ]
        table(folder / f"{split}.csv", rows, head=False)
    (folder / "classes.txt").write_text("\n".join(MOODS) + "\n", "utf-8")
    return ["train.csv"]


def six_columns(folder: Path) -> Sequence[str]:
    """Sentiment140: no header, and columns that are no label: ids, dates, users."""
    rows = [
        {"a": 4 * (k % 2), "b": 900 + k, "c": f"Mon Apr 06 22:19:{k % 60:02d} PDT 2009", "d": "NO_QUERY", "e": f"user{k}", "f": r["review"]}
        for k, r in enumerate(moods())
    ]  # fmt: skip
    return table(folder / "tweets.csv", rows, head=False, encoding="latin-1")


def code_sheet(folder: Path) -> Sequence[str]:
    """A workbook with a sheet for each split, and one that says what the codes mean."""
    rows = [[f"{유형[k % 3]} 문의 {r['문의내용']}", k % 3] for k, r in enumerate(후기(150))]
    head = ["문의내용", "유형"]
    codes = [["code", "meaning"], *([k, name] for k, name in enumerate(유형))]
    parts = {"train": rows[:90], "dev": rows[90:110], "test": rows[110:]}
    sheets = {name: [head, *part] for name, part in parts.items()}
    return sheet(folder / "자료.xlsx", {**sheets, "codes": codes})


def codes_in_header(folder: Path) -> Sequence[str]:
    """Codes whose meaning stands in the column's name."""
    names = list(MOODS)
    key = f"sentiment ({', '.join(f'{code}={name}' for code, name in enumerate(names))})"
    return table(
        folder / "rows.csv",
        [{"tweet": r["review"], key: names.index(str(r["mood"]))} for r in moods()],
    )


def comma_labels(folder: Path) -> Sequence[str]:
    """Several labels in a cell, with commas between."""
    rows = [
        {"text": said(k, " and ".join(each)), "topics": ", ".join(each)}
        for k, each in enumerate(topics())
    ]
    return table(folder / "rows.csv", rows)


def listed_labels(folder: Path) -> Sequence[str]:
    """Several labels in a cell, as Python writes a list."""
    rows = [
        {"text": said(k, " and ".join(each)), "topics": repr(each)}
        for k, each in enumerate(topics())
    ]
    return table(folder / "rows.csv", rows)


def one_hot(folder: Path) -> Sequence[str]:
    """A column of 0 and 1 for each label, of which each row has one."""
    rows = [
        {"사유": r["문의내용"], **{name: int(r["감정"] == name) for name in 감정}} for r in 후기()
    ]
    return table(folder / "판정.csv", rows)


def complaints(folder: Path) -> Sequence[str]:
    """The CFPB's export: many columns, most of them no answer to the narrative."""
    draw, rows = random.Random(9), []
    products = {"Card": ["fees", "fraud"], "Mortgage": ["escrow", "sale"]}
    for k in range(300):
        product = draw.choice(list(products))
        issue = draw.choice(products[product])
        rows.append({
            "Date received": f"0{k % 9 + 1}/1{k % 9}/2023", "Product": product, "Issue": issue, "Sub-issue": issue if k % 5 == 0 else "",
            "Consumer complaint narrative": "" if k % 3 == 0 else said(k, f"{issue} on a {product.lower()}"),
            "Company": draw.choice(["A BANK", "B CORP", "C LLC"]), "State": draw.choice(["CA", "NY", "TX"]), "ZIP code": f"{draw.randrange(100, 199)}XX",
            "Company response to consumer": draw.choice(["Closed with explanation", "Closed with relief"]),
            "Timely response?": draw.choice(["Yes", "Yes", "No"]), "Complaint ID": 3000000 + 13 * k,
        })  # fmt: skip
    return table(folder / "complaints.csv", rows)


def call_centre(folder: Path) -> Sequence[str]:
    """A call centre's CP949 export: a title above, totals below, two levels of a type."""
    draw = random.Random(11)
    body = ["고객센터 상담이력,,,,", "상담일시,고객번호,상담내용,상담유형(대),처리결과"]
    for k, r in enumerate(후기()):
        one = draw.choice(유형)
        body.append(
            f"2024-01-{k % 28 + 1:02d} 09:{k % 60:02d},C{k // 3:04d},{one} 건: {r['문의내용']},{one},{draw.choice(['완료', '이관'])}"
        )
    (folder / "상담.csv").write_bytes("\r\n".join([*body, "합계,,120건,,"]).encode("cp949"))
    return ["상담.csv"]


def fraud(folder: Path) -> Sequence[str]:
    """Claims with many figures, one narrative, and whether they were honest."""
    draw, rows = random.Random(13), []
    for k in range(200):
        bad = draw.random() < 0.3
        rows.append({
            "months_as_customer": draw.randrange(200), "policy_number": 1000 + 37 * k, "policy_state": draw.choice(["OH", "IN"]),
            "insured_sex": draw.choice(["MALE", "FEMALE"]), "incident_type": draw.choice(["Collision", "Theft"]), "witnesses": draw.randrange(4),
            "adjuster_notes": said(k, "papers contradict each other" if bad else "all papers are there"), "total_claim_amount": draw.randrange(9000), "fraud_reported": "Y" if bad else "N",
        })  # fmt: skip
    return table(folder / "claims.csv", rows)


def in_question(folder: Path) -> Sequence[str]:
    """A Korean exam whose options stand in the question, behind circled numbers."""
    rows: list[Mapping[str, object]] = []
    for k in range(80):
        names = " ".join(f"{sign} {보장[(k + j) % 10]} 담보 {k}" for j, sign in enumerate("①②③④"))
        rows.append(
            {"문제": f"{k}번 사고를 먼저 보상하는 것은? {names}", "정답": "①②③④"[k * 7 % 4]}
        )
    return table(folder / "기출.csv", rows)


def in_one_cell(folder: Path) -> Sequence[str]:
    """Options in one cell, each behind its letter."""
    rows: list[Mapping[str, object]] = []
    for k in range(80):
        asked, options, right = quiz(k)
        cell = "\n".join(f"{'ABCD'[j]}) {text}" for j, text in enumerate(options))
        rows.append({"question": asked, "options": cell, "answer": "ABCD"[right]})
    return table(folder / "exam.csv", rows)


def two_options(folder: Path) -> Sequence[str]:
    """Winogrande: two options, and the number of the right one."""
    rows = [
        {"sentence": f"The insurer paid one, not the other, in case {k}: _", "option1": f"Ann {k}", "option2": f"Bob {k}", "answer": str(k * 7 % 3 % 2 + 1)}
        for k in range(100)
    ]  # fmt: skip
    return lines(folder / "pairs.jsonl", rows)


def faq_sorted(folder: Path) -> Sequence[str]:
    """Questions with answers and a category: both could be asked for."""
    rows = [
        {"카테고리": 유형[k % 3], "질문": f"{유형[k % 3]} {k}호는 어떻게 신청하나요?", "답변": f"홈페이지 {k}번 메뉴에서 신청서를 내면 {k % 7 + 1}일 안에 처리됩니다."}
        for k in range(100)
    ]  # fmt: skip
    return table(folder / "faq.csv", rows)


def with_units(folder: Path) -> Sequence[str]:
    """Amounts as Korean and English reports write them."""
    ways = [
        "{}억원",
        "{}.5%",
        "△{}.2%",
        "${} million",
        "({},000)",
        "{}bps",
        "3조 {}00억원",
        "{}.4x",
    ]
    rows = [
        {"기업명": f"가나{k % 20}", "질문": f"가나{k % 20}의 {2015 + k % 9}년 지표 {k}는 얼마인가?", "정답": ways[k % 8].format(k % 89 + 10)}
        for k in range(120)
    ]  # fmt: skip
    return table(folder / "재무.csv", rows)


def loose_quotes(folder: Path) -> Sequence[str]:
    """A TSV whose quotes enclose nothing."""
    body = [f'{k}\t"Quick" or not: {r["review"]}\t{r["mood"]}' for k, r in enumerate(moods())]
    (folder / "rows.tsv").write_text("\n".join(["id\ttext\tlabel", *body]) + "\n", "utf-8")
    return ["rows.tsv"]


def packed(folder: Path) -> Sequence[str]:
    """A compressed CSV."""
    table(folder / "rows.csv", moods())
    (folder / "rows.csv.gz").write_bytes(gzip.compress((folder / "rows.csv").read_bytes()))
    (folder / "rows.csv").unlink()
    return ["rows.csv.gz"]


def twice_named(folder: Path) -> Sequence[str]:
    """SMS Spam and office exports: names twice, and cells beyond the last name."""
    body = [
        f"{k},,{r['문의내용']},{r['감정']},재연락{',덧붙임' if k == 7 else ','}"
        for k, r in enumerate(후기())
    ]
    (folder / "voc.csv").write_text("\n".join(["번호,비고,내용,구분,비고,", *body]), "utf-8")
    return ["voc.csv"]


def annotated(folder: Path) -> Sequence[str]:
    """Two annotators, a model, and what was agreed on."""
    draw, names = random.Random(17), list(감정)
    rows = []
    for r in 후기():
        others = [draw.choice([r["감정"], r["감정"], draw.choice(names)]) for _ in range(3)]
        keys = ("작업자1_라벨", "작업자2_라벨", "model_label")
        rows.append(
            {"문장": r["문의내용"], "최종라벨": r["감정"], **dict(zip(keys, others, strict=True))}
        )
    return table(folder / "ann.csv", rows)


def nothing_said(folder: Path) -> Sequence[str]:
    """Labels that say in several ways that there is none, and a flag of the test rows."""
    rows = [
        {"text": r["review"], "label": "-" if k % 20 == 3 else r["mood"], "is_test": int(k % 5 == 0)}
        for k, r in enumerate(moods())
    ]  # fmt: skip
    return table(folder / "rows.csv", rows)


def months(folder: Path) -> Sequence[str]:
    """A workbook with a sheet for each month."""
    rows = [[k, *r.values()] for k, r in enumerate(후기())]
    parts = {f"{m + 1}월": rows[40 * m : 40 * m + 40] for m in range(3)}
    head = ["접수번호", "문의내용", "감정"]
    return sheet(folder / "2024.xlsx", {name: [head, *part] for name, part in parts.items()})


def translated(folder: Path) -> Sequence[str]:
    """Questions and answers in two languages."""
    rows = [
        {"question_ko": f"{k}형 청구는 어떻게 하나요?", "answer_ko": f"서식 {k}을 쓰고 {k % 9}일 기다리면 됩니다.", "question_en": f"How do I file claim type {k}?", "answer_en": f"Use form {k} and wait {k % 9} days."}
        for k in range(100)
    ]  # fmt: skip
    return table(folder / "faq.csv", rows)


def spans_written(folder: Path) -> Sequence[str]:
    """SQuAD as pandas saves it: answers are objects written as text."""
    rows = [
        {"context": c, "question": q, "answers": f"{{'text': array(['{a}'], dtype=object), 'answer_start': array([{c.index(a)}])}}"}
        for c, q, a in facts()
    ]  # fmt: skip
    return table(folder / "squad.csv", rows)


def scored_pairs(folder: Path) -> Sequence[str]:
    """STS: two texts and how near they are, and what else is numbered alike."""
    draw = random.Random(1)
    rows = [
        {"index": k, "#1 String": r["review"], "#2 String": said(k, "the same"), "score": f"{draw.random() * 5:.2f}"}
        for k, r in enumerate(moods())
    ]  # fmt: skip
    return table(folder / "sts.tsv", rows, sep="\t")


def outputs(folder: Path) -> Sequence[str]:
    """What models answered, beside what is right."""
    draw = random.Random(18)
    rows = [
        {"question": f"Does plan {k} pay for {COVERS[k % 10]} damage?", "ground_truth": ["yes", "no"][k % 2], "gpt4_response": f"Plan {k} pays by section {k % 30} of its wording.", "llama_pred": draw.choice(["yes", "no"])}
        for k in range(120)
    ]  # fmt: skip
    return table(folder / "log.csv", rows)


def codes_by_the_dozen(folder: Path) -> Sequence[str]:
    """Banking77 as numbers: many codes without a name are labels, no amounts."""
    rows = [{"text": said(k, f"request w{k % 40}"), "label": k % 40} for k in range(400)]
    return table(folder / "intents.csv", rows)


def unclear_options(folder: Path) -> Sequence[str]:
    """An exam in which a few questions have no single right option."""
    rows: list[dict[str, object]] = []
    for k in range(80):
        asked, options, right = quiz(k)
        cells = {f"보기{j + 1}": text for j, text in enumerate(options)}
        rows.append({"문제": asked, **cells, "정답": {5: "모두 정답", 40: "1,3"}.get(k, right + 1)})
    rows[60]["보기2"] = rows[60]["보기3"]
    return table(folder / "기출.csv", rows)


CLASSES, TEXT = "classification", {"input": "text", "target": "label"}
FLAT: Mapping[str, Format] = {
    "text-at-label": Format(text_at_label, CLASSES, TEXT, {}, list(MOODS), copied=True),
    "numbered-classes": Format(numbered_classes, CLASSES, {"input": "column3", "target": "column1"}, {"test": 30}, list(MOODS)),
    "six-columns": Format(six_columns, CLASSES, {"input": "column6", "target": "column1"}, HASHED, ["0", "4"]),
    "code-sheet": Format(code_sheet, CLASSES, {"input": "문의내용", "target": "유형"}, {"train": 90, "dev": 20, "test": 40}, 유형),
    "codes-in-header": Format(codes_in_header, CLASSES, {"input": "tweet"}, HASHED, list(MOODS)),
    "comma-labels": Format(comma_labels, "multi_label", {"input": "text", "target": "topics"}, {}, TOPICS, copied=True),
    "listed-labels": Format(listed_labels, "multi_label", {"input": "text", "target": "topics"}, {}, TOPICS),
    "one-hot": Format(one_hot, CLASSES, {"input": "사유", "target": "label"}, {"train": 84, "dev": 13, "test": 23}, list(감정), copied=True),
    "complaints": Format(complaints, CLASSES, {"input": "Consumer complaint narrative", "target": "Issue", "id": "Complaint ID", "cluster": None}, {}, ["escrow", "fees", "fraud", "sale"], copied=True),
    "call-centre": Format(call_centre, CLASSES, {"input": "상담내용", "target": "상담유형(대)", "cluster": "고객번호"}, {}, 유형, copied=True),
    "fraud": Format(fraud, CLASSES, {"input": "adjuster_notes", "target": "fraud_reported", "id": "policy_number", "cluster": None}, {}, ["Y", "N"]),
    "in-question": Format(in_question, "multiple_choice", {"input": "문제", "target": "정답", "choices": ["options"]}, {}, copied=True),
    "in-one-cell": Format(in_one_cell, "multiple_choice", {"input": "question", "target": "answer", "choices": ["options"]}, {}, copied=True),
    "two-options": Format(two_options, "multiple_choice", {"input": "sentence", "target": "answer", "choices": ["option1", "option2"]}, {}),
    "unclear-options": Format(unclear_options, "multiple_choice", {"input": "문제", "target": "정답", "choices": ["보기1", "보기2", "보기3", "보기4"]}, {"train": 54, "dev": 8, "test": 15}, copied=True),
    "faq-sorted": Format(faq_sorted, "qa", {"input": "질문", "target": "답변"}, {}),
    "with-units": Format(with_units, "numeric_qa", {"input": "질문", "target": "정답", "cluster": "기업명"}, {}),
    "loose-quotes": Format(loose_quotes, CLASSES, {**TEXT, "id": "id"}, {}, list(MOODS)),
    "packed": Format(packed, CLASSES, {"input": "review", "target": "mood"}, HASHED, list(MOODS)),
    "twice-named": Format(twice_named, CLASSES, {"input": "내용", "target": "구분", "id": "번호"}, {}, list(감정)),
    "annotated": Format(annotated, CLASSES, {"input": "문장", "target": "최종라벨"}, {}, list(감정)),
    "nothing-said": Format(nothing_said, CLASSES, TEXT, {"test": 24}, list(MOODS), copied=True),
    "months": Format(months, CLASSES, {"input": "문의내용", "target": "감정", "id": "접수번호"}, {"train": 84, "dev": 13, "test": 23}, list(감정)),
    "translated": Format(translated, "qa", {"input": "question_ko", "target": "answer_ko"}, {}),
    "spans-written": Format(spans_written, "spans", {"input": "question", "target": "answer", "context": "context"}, {}, copied=True),
    "scored-pairs": Format(scored_pairs, "numeric_qa", {"input": "#1 String + #2 String", "target": "score"}, {}, copied=True),
    "outputs": Format(outputs, CLASSES, {"input": "question", "target": "ground_truth"}, {}, ["yes", "no"]),
    "codes-by-the-dozen": Format(codes_by_the_dozen, CLASSES, TEXT, {}, [str(k) for k in range(40)]),
}  # fmt: skip
DOUBTS: Mapping[str, Sequence[str]] = {  # what is said to be doubtful about them, in order
    "numbered-classes": ["splits", "header", "header", "input"],
    "complaints": ["target"],
    "call-centre": ["target"],
    "faq-sorted": ["target"],
    "fraud": ["target"],
    "annotated": [],
    "code-sheet": [],
    "codes-by-the-dozen": ["labels"],
    "months": ["sheets"],
    "outputs": [],
    "scored-pairs": ["kind", "input"],
    "translated": ["input"],
}
