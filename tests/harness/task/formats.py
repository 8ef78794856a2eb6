"""Tables as other programs write them, with invented rows, and what `harness init` makes of each."""

from __future__ import annotations

import json
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

__all__ = ["FORMATS"]


def korean_sheet(folder: Path) -> Sequence[str]:
    """A workbook of a customer centre, with titles above the header."""
    rows = [[k + 1, f"C{k // 3:04d}", *row.values()] for k, row in enumerate(후기())]
    return sheet(
        folder / "상담내역.xlsx",
        {
            "상담": [
                ["2024년 고객 상담 내역"],
                ["작성: 고객지원팀"],
                ["번호", "고객번호", "문의내용", "감정"],
                *rows,
            ]
        },
    )


def merged_sheet(folder: Path) -> Sequence[str]:
    """A workbook whose first sheet is a cover, and whose categories are merged over rows."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "안내"
    book.active.append(["이 파일은", "상담 유형 예시입니다"])
    made = book.create_sheet("데이터")
    made.append(["유형", "질문내용"])
    for k in range(90):
        made.append(
            [
                f"유형{k // 15}" if k % 15 == 0 else None,
                f"{보장[k % 10]} 특약 {k}번은 어떻게 신청하나요",
            ]
        )
    for k in range(6):
        made.merge_cells(start_row=2 + 15 * k, end_row=16 + 15 * k, start_column=1, end_column=1)
    book.save(folder / "유형.xlsx")
    return ["유형.xlsx"]


def two_headers(folder: Path) -> Sequence[str]:
    """A CSV that Excel saved: CP949, with merged titles above the columns' names."""
    body = [f"{k + 1},{a},{b}" for k, (a, b) in enumerate(tuple(r.values()) for r in 후기())]
    text = "\r\n".join(["관리,상담,", "번호,문의내용,감정", *body])
    (folder / "export.csv").write_bytes(text.encode("cp949"))
    return ["export.csv"]


def squad(folder: Path) -> Sequence[str]:
    """SQuAD's JSON: articles, paragraphs, questions."""
    paragraphs = [
        {
            "context": c,
            "qas": [{"id": f"q{k}", "question": q, "answers": [{"text": a, "answer_start": 9}]}],
        }
        for k, (c, q, a) in enumerate(facts())
    ]
    articles = [
        {"title": f"t{k}", "paragraphs": paragraphs[k * 10 : k * 10 + 10]} for k in range(10)
    ]
    (folder / "squad.json").write_text(json.dumps({"version": "1.1", "data": articles}), "utf-8")
    return ["squad.json"]


def alpaca(folder: Path) -> Sequence[str]:
    """FinGPT's way of writing a classification: one instruction, an input, the label as output."""
    asked = "What is the sentiment of this review? Choose from negative, neutral, positive."
    rows = [{"instruction": asked, "input": r["review"], "output": r["mood"]} for r in moods()]
    (folder / "alpaca.json").write_text(json.dumps(rows), "utf-8")
    return ["alpaca.json"]


def sharegpt(folder: Path) -> Sequence[str]:
    """ShareGPT's conversations."""
    rows = [
        {"id": f"c{k}", "conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": f"It is {a}, counted from the report."}]}
        for k, (_, q, a) in enumerate(facts())
    ]  # fmt: skip
    return lines(folder / "chat.jsonl", rows)


def doccano(folder: Path) -> Sequence[str]:
    """doccano's export of entities."""
    rows = []
    for k in range(80):
        text = f"On day {k} Mutual{k} paid Ms Kim{k} in Seoul."
        marks = [(f"Mutual{k}", "ORG"), (f"Kim{k}", "PER"), ("Seoul", "LOC")]
        label = [[text.index(word), text.index(word) + len(word), tag] for word, tag in marks]
        rows.append({"id": k, "text": text, "label": label})
    return lines(folder / "admin.jsonl", rows)


def conll(folder: Path) -> Sequence[str]:
    """CoNLL-2003's files, one for each split."""
    for split, n in (("train", 60), ("valid", 20), ("test", 20)):
        text = "-DOCSTART- -X- -X- O\n\n"
        for k in range(n):
            words = [
                ("Office", "O"),
                (f"{split}Mutual{k}", "B-ORG"),
                ("paid", "O"),
                ("Kim", "B-PER"),
            ]
            text += "".join(f"{word} NN I-NP {tag}\n" for word, tag in words) + "\n"
        (folder / f"{split}.txt").write_text(text, "utf-8")
    return ["."]


def studio(folder: Path) -> Sequence[str]:
    """Label Studio's JSON, of choices."""
    rows = [
        {"id": k, "data": {"text": r["review"]}, "annotations": [{"result": [{"type": "choices", "value": {"choices": [r["mood"]]}}]}]}
        for k, r in enumerate(moods())
    ]  # fmt: skip
    (folder / "project-1.json").write_text(json.dumps(rows), "utf-8")
    return ["project-1.json"]


def options_listed(folder: Path) -> Sequence[str]:
    """MMLU's way: a list of options, and the number of the right one."""
    rows = []
    for k in range(80):
        question, options, right = quiz(k)
        rows.append(
            {"question": question, "subject": "cover", "options": options, "answer_index": right}
        )
    return lines(folder / "mmlu.jsonl", rows)


def options_nested(folder: Path) -> Sequence[str]:
    """CommonsenseQA's way: the options within the question, each with its letter."""
    rows = []
    for k in range(80):
        question, options, right = quiz(k)
        choices = [{"label": "ABCD"[j], "text": text} for j, text in enumerate(options)]
        rows.append(
            {
                "answerKey": "ABCD"[right],
                "id": f"n{k}",
                "question": {"stem": question, "choices": choices},
            }
        )
    return lines(folder / "csqa.jsonl", rows)


def options_apart(folder: Path) -> Sequence[str]:
    """A Korean exam: a column for each option, its number as the answer."""
    rows = []
    for k in range(80):
        names = [f"{보장[(k + j) % 10]} 담보 {k}" for j in range(4)]
        cells = {f"보기{j + 1}": name for j, name in enumerate(names)}
        rows.append(
            {
                "연번": k + 1,
                "문제": f"다음 중 {k}번 사고를 먼저 보상하는 것은?",
                **cells,
                "정답": k * 7 % 4 + 1,
            }
        )
    return table(folder / "시험.csv", rows, encoding="utf-8-sig")


def aspects(folder: Path) -> Sequence[str]:
    """Several rows a sentence: one for each aspect."""
    rows = []
    for k in range(80):
        sentence = f"The office in district {k} was quick, but the premium of plan {k} is high."
        rows.append(
            {"id": f"s{k}", "sentence": sentence, "aspect": "service", "polarity": "positive"}
        )
        rows.append(
            {"id": f"s{k}", "sentence": sentence, "aspect": "price", "polarity": "negative"}
        )
        rows.append(
            {
                "id": f"s{k}",
                "sentence": sentence,
                "aspect": "claims",
                "polarity": "neutral" if k % 2 else "positive",
            }
        )
    return table(folder / "absa.csv", rows)


def hub(folder: Path) -> Sequence[str]:
    """A clone of a Hugging Face data set: Parquet shards, and names of codes in the README."""
    from pyarrow import Table, parquet

    (folder / "data").mkdir()
    names = list(MOODS)
    for split, part in (("train", moods(90)), ("test", moods(120)[90:])):
        rows = [{"text": r["review"], "label": names.index(str(r["mood"]))} for r in part]
        parquet.write_table(
            Table.from_pylist(rows), folder / "data" / f"{split}-00000-of-00001.parquet"
        )
    listed = "".join(f"          '{code}': {name}\n" for code, name in enumerate(names))
    head = "---\ndataset_info:\n  features:\n  - name: text\n    dtype: string\n  - name: label\n"
    head += f"    dtype:\n      class_label:\n        names:\n{listed}---\n# Reviews\n"
    (folder / "README.md").write_text(head, "utf-8")
    return ["."]


def kaggle(folder: Path) -> Sequence[str]:
    """A competition: a test file without answers, and a sample of what to hand in."""
    rows = [{"id": k, **r} for k, r in enumerate(moods())]
    table(folder / "train.csv", rows)
    table(
        folder / "test.csv",
        [{"id": 900 + k, "review": r["review"]} for k, r in enumerate(moods(30))],
    )
    table(folder / "sample_submission.csv", [{"id": 900 + k, "mood": "neutral"} for k in range(30)])
    return ["."]


def flags(folder: Path) -> Sequence[str]:
    """A column of 0 and 1 for each label."""
    rows = []
    for k in range(120):
        marks = {name: int(k % m == 0) for name, m in (("late", 2), ("rude", 3), ("wrong", 5))}
        said = " and ".join(name for name, mark in marks.items() if mark) or "fine"
        rows.append(
            {
                "id": f"r{k}",
                "comment_text": f"The answer number {k} of the office was {said}.",
                **marks,
            }
        )
    return table(folder / "toxic.csv", rows)


def claims(folder: Path) -> Sequence[str]:
    """Claims with customers, amounts and dates, and what was decided."""
    draw, rows = random.Random(1), []
    for k in range(150):
        verdict = draw.choice(["지급", "부지급", "보류"])
        text = f"{보장[k % 10]} 사고 {k}번 접수, {'서류가 모두 있음' if verdict == '지급' else '서류가 부족함'}"
        rows.append({
            "접수번호": f"A-{k:05d}", "고객번호": f"C-{k // 4:04d}", "접수일자": f"2024-0{k % 9 + 1}-1{k % 9}",
            "청구금액": f"{draw.randrange(10, 900)},000원", "사고내용": text, "판정": verdict, "담당자": draw.choice(["김", "이"]),
        })  # fmt: skip
    return table(folder / "청구.csv", rows, sep=";", encoding="cp949")


def answers_of_numbers(folder: Path) -> Sequence[str]:
    """Questions to a table, answered by amounts."""
    rows = [
        {"context": f"Premiums of year {k}: fire {k * 13 + 7} million, flood {k * 5 + 3} million.", "question": f"How much more is fire than flood in year {k}?", "answer": f"{k * 8 + 4} million"}
        for k in range(100)
    ]  # fmt: skip
    return table(folder / "finqa.tsv", rows, sep="\t")


def by_split(folder: Path) -> Sequence[str]:
    """One JSON object with a list for each split."""
    rows = moods()
    value = {"train": rows[:80], "validation": rows[80:100], "test": rows[100:]}
    (folder / "all.json").write_text(json.dumps(value), "utf-8")
    return ["all.json"]


def of_columns(folder: Path) -> Sequence[str]:
    """What pandas writes with `to_json` alone."""
    rows = moods()
    value = {name: {str(k): row[name] for k, row in enumerate(rows)} for name in rows[0]}
    (folder / "frame.json").write_text(json.dumps(value), "utf-8")
    return ["frame.json"]


def headless(folder: Path) -> Sequence[str]:
    """A TSV without a header."""
    rows = [{"mood": r["mood"], "review": r["review"]} for r in moods()]
    return table(folder / "reviews.tsv", rows, sep="\t", head=False)


def nsmc(folder: Path) -> Sequence[str]:
    """Tables under the name of a text, as the Korean film reviews have it."""
    for split, part in (("train", 후기(100)), ("test", 후기(130)[100:])):
        rows = [
            {"id": k, "document": r["문의내용"], "label": int(r["감정"] == "긍정")}
            for k, r in enumerate(part)
        ]
        table(folder / f"ratings_{split}.txt", rows, sep="\t")
    return ["ratings_train.txt"]


def faq(folder: Path) -> Sequence[str]:
    """Questions of customers, each with the answer of the office."""
    rows = [
        {"대분류": 보장[k % 4], "질문": f"{보장[k % 10]} 특약 {k}호는 언제부터 보장되나요?", "답변": f"가입일부터 {k + 2}일이 지난 뒤부터 보장되며, 지점 {k}에서 확인할 수 있습니다."}
        for k in range(100)
    ]  # fmt: skip
    return sheet(folder / "faq.xlsx", {"FAQ": [list(rows[0]), *(list(r.values()) for r in rows)]})


def ratings(folder: Path) -> Sequence[str]:
    """A survey with a number of stars, and much that isn't asked."""
    draw, rows = random.Random(3), []
    for k, row in enumerate(moods(150)):
        stars = {"positive": 5, "neutral": 3, "negative": 1}[str(row["mood"])]
        rows.append(
            {
                "Unnamed: 0": k,
                "Clothing ID": k // 5,
                "Age": draw.randrange(20, 70),
                "Review Text": row["review"],
                "Rating": stars,
                "Country": "KR",
            }
        )
    return table(folder / "survey.csv", rows)


def pairs(folder: Path) -> Sequence[str]:
    """Two sentences, and whether one follows from the other."""
    rows = [
        {"premise": f"Plan {k} pays for {COVERS[k % 10]} damage after {k} days.", "hypothesis": f"Plan {k} pays for {COVERS[(k + k % 2) % 10]} damage.", "gold_label": "contradiction" if k % 2 else "entailment"}
        for k in range(120)
    ]  # fmt: skip
    return lines(folder / "nli.jsonl", rows)


FORMATS: Mapping[str, Format] = {
    "korean-sheet": Format(
        korean_sheet, "classification", {"input": "문의내용", "target": "감정", "cluster": "고객번호", "id": "번호"},
        HASHED, list(감정), extra={"language": "ko"},
    ),
    "merged-sheet": Format(merged_sheet, "classification", {"input": "질문내용", "target": "유형"}, {}, [f"유형{k}" for k in range(6)], copied=True),
    "two-headers": Format(two_headers, "classification", {"input": "문의내용", "target": "감정"}, {}, list(감정)),
    "squad": Format(squad, "spans", {"input": "question", "target": "answer", "context": "context"}, {}, copied=True),
    "alpaca": Format(alpaca, "classification", {"input": "instruction", "target": "output"}, {}, list(MOODS)),
    "sharegpt": Format(sharegpt, "qa", {"input": "conversations", "target": "conversations.answer"}, {}),
    "doccano": Format(doccano, "extraction", {"input": "text", "target": "entities", "id": "id"}, {}, ["ORG", "PER", "LOC"], copied=True),
    "conll": Format(conll, "extraction", {"input": "tokens", "tags": "tags"}, {"train": 60, "dev": 20, "test": 20}, ["ORG", "PER"], copied=True),
    "label-studio": Format(studio, "classification", {"input": "text", "target": "label"}, {}, list(MOODS), copied=True),
    "options-listed": Format(options_listed, "multiple_choice", {"input": "question", "target": "answer_index", "choices": ["options"]}, {}),
    "options-nested": Format(options_nested, "multiple_choice", {"input": "question.stem", "target": "answerKey", "choices": ["question.choices"]}, {}, copied=True),
    "options-apart": Format(options_apart, "multiple_choice", {"input": "문제", "target": "정답", "choices": ["보기1", "보기2", "보기3", "보기4"]}, {}),
    "aspects": Format(aspects, "classification", {"input": "sentence + aspect", "target": "polarity", "cluster": "sentence"}, {}, list(MOODS), copied=True),
    "hub": Format(hub, "classification", {"input": "text", "target": "label"}, {"train": 81, "dev": 9, "test": 30}, list(MOODS)),
    "kaggle": Format(kaggle, "classification", {"input": "review", "target": "mood"}, {}, list(MOODS)),
    "flags": Format(flags, "multi_label", {"input": "comment_text", "flags": ["late", "rude", "wrong"]}, {}, ["late", "rude", "wrong"]),
    "claims": Format(claims, "classification", {"input": "사고내용", "target": "판정", "cluster": "고객번호", "id": "접수번호"}, {}, ["지급", "부지급", "보류"]),
    "numbers": Format(answers_of_numbers, "numeric_qa", {"input": "question", "target": "answer", "context": "context"}, {}),
    "by-split": Format(by_split, "classification", {"input": "review", "target": "mood"}, {"train": 80, "dev": 20, "test": 20}, list(MOODS), copied=True),
    "of-columns": Format(of_columns, "classification", {"input": "review", "target": "mood"}, {}, list(MOODS), copied=True),
    "headless": Format(headless, "classification", {"input": "column2", "target": "column1"}, {}, list(MOODS)),
    "nsmc": Format(nsmc, "classification", {"input": "document", "target": "label"}, {"test": 30}, ["0", "1"], copied=True),
    "faq": Format(faq, "qa", {"input": "질문", "target": "답변"}, {}),
    "ratings": Format(ratings, "classification", {"input": "Review Text", "target": "Rating", "cluster": "Clothing ID"}, {}, ["1", "3", "5"]),
    "pairs": Format(pairs, "classification", {"input": "premise + hypothesis", "target": "gold_label"}, {}, ["contradiction", "entailment"], copied=True),
}  # fmt: skip
