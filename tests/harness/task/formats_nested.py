"""Nested files, exports of annotation tools, folders and archives, with invented rows."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.harness.task.invented import (
    COVERS,
    MOODS,
    Format,
    facts,
    lines,
    moods,
    quiz,
    table,
    감정,
    보장,
    후기,
)

__all__ = ["NESTED", "REFUSED", "written"]

INTENTS = {"premium": "how much is the", "refund": "pay me back for", "cancel": "please cancel"}
TAGS = ["O", "B-ORG", "I-ORG", "B-PER"]


def written(path: Path, value: object) -> list[str]:
    """Writes JSON; returns the name of the file, or of the folder that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return [path.name]


def text(path: Path, content: str) -> list[str]:
    """Writes a text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return [path.name]


def marked(k: int) -> tuple[str, list[tuple[int, int, str]]]:
    """Returns a sentence, and where names stand in it."""
    sentence = f"On day {k} Mutual{k} paid Ms Kim{k} in Seoul."
    names = [(f"Mutual{k}", "ORG"), (f"Kim{k}", "PER"), ("Seoul", "LOC")]
    return sentence, [(sentence.index(n), sentence.index(n) + len(n), kind) for n, kind in names]


def clause(k: int) -> tuple[str, str, str]:
    """Returns a Korean clause, a question to it, and the answer."""
    body = f"{보장[k % 10]} 특약 제{k}호의 면책기간은 {k + 3}일이며 지점 {k}에서 {k % 9 + 2}주 안에 심사합니다."
    return body, f"제{k}호 특약의 면책기간은?", f"{k + 3}일"


def absa_xml(folder: Path) -> Sequence[str]:
    """SemEval's reviews: aspects of a sentence, some sentences without any."""
    aspect = '<aspectTerm term="{}" polarity="{}" from="4" to="11"/>'
    pair = aspect.format("service", "positive") + aspect.format("premium", "negative")
    found = [
        f'<sentence id="s{k}"><text>The service in district {k} was quick &amp; kind, the premium high.'
        f"</text><aspectTerms>{pair}</aspectTerms></sentence>"
        for k in range(60)
    ]
    found += [
        f'<sentence id="n{k}"><text>Nothing to say of {k}.</text></sentence>' for k in range(10)
    ]
    body = "\n".join(found)
    return text(folder / "absa.xml", f'<?xml version="1.0"?>\n<sentences>{body}</sentences>')


def 민원_xml(folder: Path) -> Sequence[str]:
    """An answer of a public Korean interface, in the encoding of Korean Windows."""
    items = "".join(
        f'<item 번호="{k}"><본문>{r["문의내용"]}</본문><분류>{r["감정"]}</분류></item>'
        for k, r in enumerate(후기())
    )
    body = f'<?xml version="1.0" encoding="euc-kr"?><response><header><code>00</code></header><body><items>{items}</items></body></response>'
    (folder / "민원.xml").write_bytes(body.encode("cp949"))
    return ["민원.xml"]


def aihub_mrc(folder: Path) -> Sequence[str]:
    """AI-Hub's machine reading, with questions that the clause doesn't answer."""
    documents = []
    for k in range(60):
        body, question, answer = clause(k)
        said = {"text": answer, "answer_start": body.index(answer), "clue_text": body[:9]}
        asked = [
            {"question_id": f"{k}a", "question": question, "is_impossible": False, "answers": said},
            {"question_id": f"{k}b", "question": f"제{k}호 특약의 보험료는?", "is_impossible": True, "answers": {"text": "", "answer_start": -1}},
        ]  # fmt: skip
        paragraph = {"context": body, "context_id": f"c{k}", "qas": asked}
        documents.append(
            {"doc_id": f"D{k}", "doc_title": f"약관 {k}", "paragraphs": [paragraph, paragraph][:1]}
        )
    return written(folder / "TL_span.json", {"Dataset": {"name": "보험"}, "data": documents})


def aihub_dialogues(folder: Path) -> Sequence[str]:
    """AI-Hub's counselling: a file a conversation, its topic beside the turns."""
    asked = {
        "보험금": "사고 보험금을 받고 싶어요",
        "변경": "주소를 바꾸고 싶어요",
        "민원": "불친절했어요",
    }
    for k in range(60):
        topic = list(asked)[k % 3]
        turns = [
            ("상담사", f"안녕하세요, {k}번입니다."),
            ("고객", f"{보장[k % 10]} 관련해서 {asked[topic]}."),
        ]
        dialogue = [{"speaker": who, "utterance": said} for who, said in turns]
        value = {"info": {"id": f"H{k}", "topic": topic}, "data": [{"dialogue": dialogue}]}
        written(folder / "라벨링데이터" / f"H{k}.json", value)
    return ["라벨링데이터"]


def speech_acts(folder: Path) -> Sequence[str]:
    """A file a conversation again, but each of its turns has the label."""
    acts = {"질문": "얼마인가요", "진술": "접수했습니다", "감사": "고맙습니다"}
    for k in range(20):
        turns = [
            {"speaker": {"id": f"{j % 2}"}, "text": f"{보장[(k + j) % 10]} {k}-{j}건 {acts[name]}", "speechAct": name}
            for j, name in enumerate((*acts, *acts))
        ]  # fmt: skip
        written(folder / "acts" / f"{k}.json", {"info": [{"annotations": {"lines": turns}}]})
    return ["acts"]


def klue_re(folder: Path) -> Sequence[str]:
    """KLUE's relations: two entities as objects, which the label is about."""
    rows = []
    for k in range(120):
        sentence = f"미래{k}생명의 대표 김철{k}은 서울에서 새 상품을 발표했다."
        word = (f"김철{k}", "서울")[k % 2]
        one, other = ({"word": w, "start_idx": sentence.index(w), "type": "ORG"} for w in (f"미래{k}생명", word))  # fmt: skip
        label = ("org:top_members", "org:place")[k % 2]
        rows.append({"guid": f"klue-re_{k}", "sentence": sentence, "subject_entity": one, "object_entity": other, "label": label})  # fmt: skip
    return written(folder / "klue-re.json", rows)


def klue_ner(folder: Path) -> Sequence[str]:
    """KLUE's entities: a character a line, blanks too."""
    found = []
    for k in range(60):
        organisation, sentence = f"미래{k}생명", f"미래{k}생명 김철 부장"
        tags = ["B-OG"] + ["I-OG"] * (len(organisation) - 1) + ["O", "B-PS", "I-PS", "O", "O", "O"]
        found.append(f"## klue-ner_{k}\t<{organisation}:OG>\n")
        found += [f"{c}\t{tag}\n" for c, tag in zip(sentence, tags, strict=True)] + ["\n"]
    return text(folder / "klue-ner.tsv", "".join(found))


def pairs_of_answers(folder: Path) -> Sequence[str]:
    """Preferences, as DPO is trained with."""
    rows = [
        {"prompt": q, "chosen": f"It is {a} from the report.", "rejected": f"I guess {k} weeks."}
        for k, (_, q, a) in enumerate(facts())
    ]
    return lines(folder / "dpo.jsonl", rows)


def evals(folder: Path) -> Sequence[str]:
    """OpenAI's evals: a conversation, and its right end in a column of its own."""
    system = {"role": "system", "content": "Answer shortly."}
    rows = [
        {"input": [system, {"role": "user", "content": q}], "ideal": f"It is {a}, they said."}
        for _, q, a in facts()
    ]
    return lines(folder / "evals.jsonl", rows)


def labelled_chat(folder: Path) -> Sequence[str]:
    """Conversations with customers, whose outcome is asked for."""
    rows = [
        {"conversation_id": f"c{k}", "turns": [{"speaker": "agent", "text": f"Desk {k}, hello."}, {"speaker": "customer", "text": r["review"]}], "outcome": r["mood"]}
        for k, r in enumerate(moods())
    ]  # fmt: skip
    return lines(folder / "calls.jsonl", rows)


def studio_entities(folder: Path) -> Sequence[str]:
    """Label Studio's JSON of entities, some tasks cancelled."""
    rows = []
    for k in range(80):
        sentence, marks = marked(k)
        result = [{"type": "labels", "value": {"start": a, "end": b, "labels": [t]}} for a, b, t in marks]  # fmt: skip
        done = {"result": result, "was_cancelled": k % 8 == 7}
        rows.append({"id": k, "data": {"text": sentence}, "annotations": [done]})
    return written(folder / "project.json", rows)


def studio_min(folder: Path) -> Sequence[str]:
    """Label Studio's short JSON."""
    rows = []
    for k in range(80):
        sentence, marks = marked(k)
        label = [{"start": a, "end": b, "text": sentence[a:b], "labels": [t]} for a, b, t in marks]
        rows.append(
            {"id": k, "text": sentence, "label": label, "annotator": 1, "lead_time": 3.2 + k}
        )
    return written(folder / "min.json", rows)


def prodigy(folder: Path) -> Sequence[str]:
    """Prodigy's entities, some rows rejected."""
    rows = []
    for k in range(80):
        sentence, marks = marked(k)
        spans = [{"start": a, "end": b, "label": t, "token_start": 0} for a, b, t in marks]
        rows.append({"text": sentence, "_input_hash": k, "_task_hash": -k, "spans": spans, "answer": "reject" if k % 8 == 7 else "accept"})  # fmt: skip
    return lines(folder / "prodigy.jsonl", rows)


def prodigy_choice(folder: Path) -> Sequence[str]:
    """Prodigy's choices: what was chosen stands under `accept`."""
    options = [{"id": name, "text": name.title()} for name in MOODS]
    rows = [
        {"text": r["review"], "options": options, "accept": [r["mood"]] if k % 20 else [], "answer": "accept" if k % 20 else "ignore"}
        for k, r in enumerate(moods())
    ]  # fmt: skip
    return lines(folder / "choice.jsonl", rows)


def spacy_entities(folder: Path) -> Sequence[str]:
    """spaCy's training data: a text and an object each."""
    rows = [[s, {"entities": [list(m) for m in marks]}] for s, marks in map(marked, range(80))]
    return written(folder / "train_data.json", rows)


def spacy_scores(folder: Path) -> Sequence[str]:
    """spaCy's categories: a score for each label."""
    rows = [[r["review"], {"cats": {m: float(m == r["mood"]) for m in MOODS}}] for r in moods()]
    return written(folder / "cats.json", rows)


def corpus_of_sentences(folder: Path) -> Sequence[str]:
    """A Korean national corpus: documents, sentences, entities with their own text."""
    documents = []
    for g in range(10):
        sentences = []
        for j in range(6):
            sentence, marks = marked(g * 6 + j)
            found = [{"form": sentence[a:b], "label": t, "begin": a, "end": b} for a, b, t in marks]
            sentences.append({"id": f"{g}.{j}", "form": sentence, "NE": found})
        documents.append({"id": f"D{g}", "metadata": {"title": "x"}, "sentence": sentences})
    return written(folder / "NXNE.json", {"id": "NX", "metadata": {}, "document": documents})


def brat(folder: Path) -> Sequence[str]:
    """BRAT's folder: texts, with their marks beside them."""
    for k in range(60):
        sentence, marks = marked(k)
        rows = [f"T{i}\t{t} {a} {b}\t{sentence[a:b]}\n" for i, (a, b, t) in enumerate(marks, 1)]
        text(folder / "brat" / f"d{k}.txt", sentence + "\n")
        text(folder / "brat" / f"d{k}.ann", "".join(rows) + "R1\tpaid Arg1:T1 Arg2:T2\n")
    return ["brat"]


def numbered_tags(folder: Path) -> Sequence[str]:
    """Tags as numbers, whose names stand in the head of a README."""
    rows = [
        {
            "id": k,
            "tokens": ["The", f"Mutual{k}", "Life", "paid", "Kim"],
            "ner_tags": [0, 1, 2, 0, 3],
        }
        for k in range(100)
    ]
    lines(folder / "train.jsonl", rows[:80]), lines(folder / "test.jsonl", rows[80:])
    names = "".join(f"          '{number}': {tag}\n" for number, tag in enumerate(TAGS))
    head = "dataset_info:\n  features:\n  - name: ner_tags\n    sequence:\n      class_label:\n        names:\n"
    text(folder / "README.md", f"---\n{head}{names}---\n")
    return ["."]


def saved_to_disk(folder: Path) -> Sequence[str]:
    """What `datasets` saves: a folder of Arrow for each split, and the names of tags in JSON."""
    import pyarrow

    rows = [{"tokens": ["The", f"Mutual{k}", "Life"], "ner_tags": [0, 1, 2]} for k in range(100)]
    features = {"ner_tags": {"feature": {"names": TAGS, "_type": "ClassLabel"}, "_type": "List"}}
    for split, part in (("train", rows[:80]), ("test", rows[80:])):
        written(folder / "ner" / split / "dataset_info.json", {"features": features})
        written(folder / "ner" / split / "state.json", {"_split": split})
        arrow = pyarrow.Table.from_pylist(part)
        with (
            pyarrow.OSFile(str(folder / "ner" / split / "data-00000-of-00001.arrow"), "wb") as file,
            pyarrow.ipc.new_stream(file, arrow.schema) as stream,
        ):
            stream.write_table(arrow)
    written(folder / "ner" / "dataset_dict.json", {"splits": ["train", "test"]})
    return ["ner"]


def class_folders(folder: Path) -> Sequence[str]:
    """A folder for each label in one for each split, as the IMDB reviews have it."""
    for k, row in enumerate(moods()):
        text(folder / "imdb" / ("train", "test")[k >= 90] / str(row["mood"]) / f"{k}.txt", str(row["review"]))  # fmt: skip
    return ["imdb"]


def texts_beside_labels(folder: Path) -> Sequence[str]:
    """Texts, and a table that names them with their labels."""
    for k, row in enumerate(moods()):
        text(folder / "set" / "texts" / f"{k:03d}.txt", str(row["review"]))
    rows = [{"file": f"{k:03d}", "category": row["mood"]} for k, row in enumerate(moods())]
    table(folder / "set" / "labels.csv", rows)
    return ["set"]


def split_folders(folder: Path) -> Sequence[str]:
    """A folder for each split, the file in it always called the same."""
    rows = moods()
    for split, part in (("train", rows[:80]), ("dev", rows[80:100]), ("test", rows[100:])):
        (folder / split).mkdir()
        lines(folder / split / "data.jsonl", part)
    return ["."]


def packed(folder: Path) -> Sequence[str]:
    """An archive of a table for each split, with what a Mac adds."""
    rows = moods()
    table(folder / "train.csv", rows[:90]), table(folder / "test.csv", rows[90:])
    with zipfile.ZipFile(folder / "kit.zip", "w") as archive:
        archive.writestr("__MACOSX/kit/._train.csv", b"\0\1")
        for name in ("train.csv", "test.csv"):
            archive.write(folder / name, f"kit/{name}")
            (folder / name).unlink()
    return ["kit.zip"]


def packed_table(folder: Path) -> Sequence[str]:
    """A table in a tarball."""
    table(folder / "rows.csv", moods())
    with tarfile.open(folder / "rows.tar.gz", "w:gz") as archive:
        archive.add(folder / "rows.csv", "rows.csv")
    (folder / "rows.csv").unlink()
    return ["rows.tar.gz"]


def finqa(folder: Path) -> Sequence[str]:
    """FinQA's pages: text, table, text, and a question with its program."""
    rows = []
    for k in range(120):
        grid = [["", "2012", "2011"], ["fire", f"${k // 2 + 20}", f"${k // 2 + 10}"]]
        asked = {"question": f"what was premium {k % 2} of company {k // 2} in 2012?", "answer": str(k * 3 + 7) if k % 12 else "yes", "steps": [{"op": "minus", "arg1": "a"}], "program": "subtract(1, 2)", "exe_ans": k * 3.0}  # fmt: skip
        rows.append({"pre_text": [f"company {k // 2} insures farms .", "premiums are in millions ."], "post_text": [f"its combined ratio was 9{k % 10} % ."], "filename": f"C{k // 2}/page.pdf", "table_ori": grid, "table": grid, "qa": asked, "id": f"C{k}"})  # fmt: skip
    return written(folder / "train.json", rows)


def tatqa(folder: Path) -> Sequence[str]:
    """TAT-QA's: several questions to a table and its paragraphs, answers as lists or numbers."""
    rows = []
    for k in range(40):
        asked: list[tuple[str, object, str]] = [
            (f"What are the premiums of insurer {k}?", [f"{k + 100}"], "span"),
            (f"By how much did premiums of insurer {k} change?", 10, "arithmetic"),
            (f"Where does insurer {k} write policies?", ["Busan", f"town {k}"], "multi-span"),
        ]
        questions = [{"uid": f"{k}.{n}", "question": q, "answer": a, "answer_type": t, "answer_from": "table"} for n, (q, a, t) in enumerate(asked)]  # fmt: skip
        grid = [["", "2019", "2018"], ["Premiums", f"{k + 100}", f"{k + 90}"]]
        paragraphs = [
            {"order": 1, "text": f"Insurer {k} writes policies in Busan and in town {k}."}
        ]
        paragraphs += [{"order": 2, "text": "All figures are in millions of won."}] * (k % 3 == 0)
        rows.append({"table": {"uid": f"t{k}", "table": grid}, "paragraphs": paragraphs, "questions": questions})  # fmt: skip
    return written(folder / "tatqa.json", rows)


def squad_2(folder: Path) -> Sequence[str]:
    """SQuAD 2: half of the questions have no answer."""
    paragraphs = [
        {"context": c, "qas": [{"id": f"q{k}", "question": q, "answers": [{"text": a, "answer_start": 9}], "is_impossible": False}, {"id": f"n{k}", "question": f"Who founded plan {k}?", "answers": [], "plausible_answers": [{"text": "the mutual", "answer_start": 9}], "is_impossible": True}]}
        for k, (c, q, a) in enumerate(facts())
    ]  # fmt: skip
    articles = [{"title": f"t{k}", "paragraphs": paragraphs[k * 10 :][:10]} for k in range(10)]
    return written(folder / "squad2.json", {"version": "v2.0", "data": articles})


def options_named(folder: Path) -> Sequence[str]:
    """Options as an object of letters."""
    rows = []
    for k in range(80):
        question, options, right = quiz(k)
        named = {"ABCD"[j]: each for j, each in enumerate(options)}
        rows.append({"question": question, "options": named, "answer": "ABCD"[right]})
    return lines(folder / "exam.jsonl", rows)


def questions_listed(folder: Path) -> Sequence[str]:
    """RACE's: lists of questions, options and answers, one as long as the other."""
    rows = []
    for k in range(30):
        asked = [quiz(4 * k + j) for j in range(3)]
        rows.append({"article": f"Plan {k} is a long story of covers and damage in a town.", "questions": [q for q, _, _ in asked], "options": [o for _, o, _ in asked], "answers": ["ABCD"[r] for _, _, r in asked]})  # fmt: skip
    return lines(folder / "race.jsonl", rows)


def no_consensus(folder: Path) -> Sequence[str]:
    """SNLI's: a gold label `-` where annotators didn't agree."""
    names = ["entailment", "neutral", "contradiction"]
    rows = [
        {"annotator_labels": [names[k % 3]] * 4, "gold_label": names[k % 3] if k % 15 else "-", "pairID": f"p{k}", "sentence1": f"Plan {k // 3} pays for {COVERS[k // 3 % 10]} damage after {k // 3} days.", "sentence2": f"The plan {'never ' * (k % 3)}pays, case {k}."}
        for k in range(150)
    ]  # fmt: skip
    return lines(folder / "snli.jsonl", rows)


def orient_split(folder: Path) -> Sequence[str]:
    """What pandas writes with `orient="split"`."""
    rows = moods()
    cells = [list(row.values()) for row in rows]
    value = {"columns": list(rows[0]), "index": list(range(len(rows))), "data": cells}
    return written(folder / "split.json", value)


def deep(folder: Path) -> Sequence[str]:
    """What an interface answers: rows below metadata."""
    fields = [{"name": "review"}, {"name": "mood"}]
    value = {"meta": {"fields": fields}, "result": {"page": 1, "items": moods()}}
    return written(folder / "api.json", value)


def viewer(folder: Path) -> Sequence[str]:
    """What the Hub's viewer answers: rows, and what their codes mean."""
    names = list(MOODS)
    features = [{"name": "label", "type": {"names": names, "_type": "ClassLabel"}}]
    rows = [{"row_idx": k, "row": {"text": r["review"], "label": names.index(str(r["mood"]))}} for k, r in enumerate(moods())]  # fmt: skip
    return written(folder / "rows.json", {"features": features, "rows": rows})


def intents_yaml(folder: Path) -> Sequence[str]:
    """Rasa's intents: examples as bullets, with marked entities; a list of synonyms besides."""
    found = ['version: "3.1"', "nlu:"]
    for intent, asks in INTENTS.items():
        found += [f"- intent: {intent}", "  examples: |"]
        found += [f"    - {asks} [{COVERS[k % 10]}](cover) plan {k}" for k in range(30)]
    found += ["- synonym: fire", "  examples: |", "    - blaze", "    - burning"]
    return text(folder / "nlu.yml", "\n".join(found) + "\n")


def intents_json(folder: Path) -> Sequence[str]:
    """The usual file of a small chat bot."""
    rows = [
        {"tag": t, "patterns": [f"{asks} {COVERS[k % 10]} plan {k}" for k in range(30)], "responses": ["One moment."]}
        for t, asks in INTENTS.items()
    ]  # fmt: skip
    return written(folder / "intents.json", {"intents": rows})


def intents_in_pieces(folder: Path) -> Sequence[str]:
    """Snips' intents: utterances in pieces, below the name of each."""
    by_name = {
        name: {"utterances": [{"data": [{"text": f"{asks} "}, {"text": COVERS[k % 10], "entity": "cover"}, {"text": f" plan {k}"}]} for k in range(30)]}
        for name, asks in INTENTS.items()
    }  # fmt: skip
    return written(folder / "snips.json", {"language": "en", "intents": by_name})


def intents_by_file(folder: Path) -> Sequence[str]:
    """Dialogflow's folder: the name of a file is the intent."""
    for name, asks in INTENTS.items():
        rows = [{"data": [{"text": f"{asks} ", "userDefined": False}, {"text": f"{COVERS[k % 10]} {k}", "userDefined": True}], "isTemplate": False, "count": 0} for k in range(30)]  # fmt: skip
        written(folder / "intents" / f"{name}_usersays_en.json", rows)
        written(folder / "intents" / f"{name}.json", {"name": name, "auto": True})
    return ["intents"]


def intents_with_slots(folder: Path) -> Sequence[str]:
    """LUIS's: rows among other lists, with an intent, and entities that end at their last character."""
    rows = []
    for k in range(90):
        cover, intent = COVERS[k % 10], list(INTENTS)[k % 3]
        entity = {"entity": "cover", "startPos": 0, "endPos": len(cover) - 1}
        rows.append({"text": f"{cover} plan {k}, {INTENTS[intent]} it", "intent": intent, "entities": [entity]})  # fmt: skip
    value = {"intents": [{"name": i} for i in INTENTS], "entities": [{"name": "cover"}], "utterances": rows}  # fmt: skip
    return written(folder / "luis.json", value)


def pairs_by_split(folder: Path) -> Sequence[str]:
    """CLINC150's: pairs of a text and its intent by split, those out of scope apart."""

    def part(n: int, first: int) -> list[list[str]]:
        return [[f"{a} {COVERS[k % 10]} plan {k}", i] for k in range(first, first + n) for i, a in INTENTS.items()]  # fmt: skip

    value = {"train": part(30, 0), "val": part(8, 100), "test": part(10, 200)}
    value["oos_train"] = [[f"what is the weather in town {k}", "oos"] for k in range(10)]
    return written(folder / "clinc.json", value)


def by_label(folder: Path) -> Sequence[str]:
    """A list of texts below each label."""
    return written(folder / "by_label.json", {m: [r["review"] for r in moods() if r["mood"] == m] for m in MOODS})  # fmt: skip


def evaluated(folder: Path) -> Sequence[str]:
    """A set by which a retrieval system was evaluated: its answer stands beside the right one."""
    rows = [
        {"question": q, "contexts": [c, "The office is closed on Sundays."], "answer": f"Probably {a} or so.", "ground_truth": f"It is {a}."}
        for c, q, a in facts()
    ]  # fmt: skip
    return written(folder / "rag.json", rows)


def judged_documents(folder: Path) -> Sequence[str]:
    """BEIR's folder: documents, queries, and which answers which."""
    every = list(enumerate(facts()))
    lines(
        folder / "corpus.jsonl",
        [{"_id": f"d{k}", "title": "", "text": c} for k, (c, _, _) in every],
    )
    lines(folder / "queries.jsonl", [{"_id": f"q{k}", "text": q} for k, (_, q, _) in every])
    rows = [f"q{k}\td{k}\t1\n" for k, _ in every]
    text(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\n" + "".join(rows))
    return ["."]


def documents_by_split(folder: Path) -> Sequence[str]:
    """A file a document, in a folder for each split: no test among them."""
    for k, row in enumerate(후기()):
        value = {"접수": {"번호": f"A{k}"}, **row}
        written(folder / "민원" / ("Training", "Validation")[k >= 90] / f"{k}.json", value)
    return ["민원"]


def legacy(folder: Path) -> Sequence[str]:
    """A workbook of Excel 97."""
    (folder / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    return ["old.xls"]


def page(folder: Path) -> Sequence[str]:
    """A web page under the name of a workbook, as portals let one download."""
    return text(
        folder / "report.xls", "<html><body><table><tr><th>a</th></tr></table></body></html>"
    )


def cut_off(folder: Path) -> Sequence[str]:
    """JSON Lines whose last line is cut."""
    name = lines(folder / "rows.jsonl", moods())
    whole = (folder / "rows.jsonl").read_text("utf-8")
    return text(folder / name[0], whole[:-20])


def entities_declared(folder: Path) -> Sequence[str]:
    """XML that declares an entity."""
    return text(folder / "rows.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


def texts_alone(folder: Path) -> Sequence[str]:
    """Documents, and nothing that is asked."""
    for k in range(12):
        text(folder / "docs" / f"{k}.txt", f"Plan {k} pays for damage.")
    return ["docs"]


def settings(folder: Path) -> Sequence[str]:
    """A task of another harness, which holds no rows."""
    return text(
        folder / "task.yaml", "task: mine\ndataset_path: json\nmetric_list:\n- metric: acc\n"
    )


def several_packed(folder: Path) -> Sequence[str]:
    """An archive of tables that don't belong together."""
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("a.csv", "x,y\n1,2\n")
        archive.writestr("b.csv", "x,z\n1,2\n")
    return ["two.zip"]


def several_configurations(folder: Path) -> Sequence[str]:
    """Two data sets in folders beside each other."""
    for name, rows in (("en", moods()), ("ko", 후기())):
        for split, part in (("train", rows[:90]), ("test", rows[90:])):
            (folder / "hub" / name).mkdir(parents=True, exist_ok=True)
            lines(folder / "hub" / name / f"{split}.jsonl", part)
    return ["hub"]


TEXT = {"input": "text", "target": "label"}
REVIEWS = {"input": "review", "target": "mood"}
MARKED = {"input": "text", "target": "entities"}
TYPES = ["ORG", "PER", "LOC"]
ALL = {"train": 84, "dev": 12, "test": 24}  # of 120 rows that are divided by hash
ANSWERS = {"input": "question", "target": "answer", "context": "context"}


def of(write: Callable[[Path], Sequence[str]], kind: str, columns: Mapping[str, object], splits: Mapping[str, int], labels: Sequence[str] = ()) -> Format:  # fmt: skip
    """Returns a format whose rows are written anew."""
    return Format(write, kind, columns, splits, labels, copied=True)


NESTED: Mapping[str, Format] = {
    "absa-xml": of(absa_xml, "classification", {"input": "text + term", "target": "polarity", "cluster": "text"}, ALL, ["positive", "negative"]),
    "korean-xml": of(민원_xml, "classification", {"input": "본문", "target": "분류", "id": "번호"}, {"train": 84, "dev": 13, "test": 23}, list(감정)),
    "aihub-mrc": of(aihub_mrc, "spans", ANSWERS | {"answerable": "answerable", "id": "question_id"}, ALL),
    "aihub-dialogues": of(aihub_dialogues, "classification", {"input": "data.dialogue", "target": "info.topic"}, {"train": 42, "dev": 6, "test": 12}, ["보험금", "변경", "민원"]),
    "speech-acts": of(speech_acts, "classification", {"input": "text", "target": "speechAct", "cluster": "item"}, ALL, ["질문", "진술", "감사"]),
    "klue-re": of(klue_re, "classification", {"input": "sentence + subject_entity.word + object_entity.word", "target": "label"}, {"train": 85, "dev": 12, "test": 23}, ["org:top_members", "org:place"]),
    "klue-ner": of(klue_ner, "extraction", MARKED, {"train": 42, "dev": 6, "test": 12}, ["OG", "PS"]),
    "preferences": Format(pairs_of_answers, "qa", {"input": "prompt", "target": "chosen"}, {"train": 71, "dev": 9, "test": 20}),
    "evals": Format(evals, "qa", {"input": "input", "target": "ideal"}, {"train": 71, "dev": 9, "test": 20}),
    "labelled-chat": of(labelled_chat, "classification", {"input": "turns", "target": "outcome", "id": "conversation_id"}, {"train": 84, "dev": 12, "test": 24}, list(MOODS)),
    "studio-entities": of(studio_entities, "extraction", MARKED, {"train": 49, "dev": 7, "test": 14}, TYPES),
    "studio-min": of(studio_min, "extraction", MARKED | {"id": "id"}, {"train": 56, "dev": 8, "test": 16}, TYPES),
    "prodigy": of(prodigy, "extraction", MARKED, {"train": 49, "dev": 7, "test": 14}, TYPES),
    "prodigy-choice": of(prodigy_choice, "classification", TEXT, {"train": 80, "dev": 11, "test": 23}, list(MOODS)),
    "spacy-entities": of(spacy_entities, "extraction", MARKED, {"train": 56, "dev": 8, "test": 16}, TYPES),
    "spacy-scores": of(spacy_scores, "classification", TEXT, ALL, list(MOODS)),
    "corpus-of-sentences": of(corpus_of_sentences, "extraction", {"input": "form", "target": "entities", "cluster": "item"}, {"train": 42, "dev": 6, "test": 12}, TYPES),
    "brat": of(brat, "extraction", MARKED, {"train": 42, "dev": 6, "test": 12}, TYPES),
    "numbered-tags": of(numbered_tags, "extraction", {"input": "tokens", "tags": "ner_tags"}, {"train": 72, "dev": 8, "test": 20}, ["ORG", "PER"]),
    "saved-to-disk": of(saved_to_disk, "extraction", {"input": "tokens", "tags": "ner_tags"}, {"train": 72, "dev": 8, "test": 20}, ["ORG"]),
    "class-folders": of(class_folders, "classification", TEXT, {"train": 81, "dev": 9, "test": 30}, list(MOODS)),
    "texts-beside-labels": of(texts_beside_labels, "classification", {"input": "text", "target": "category"}, ALL, list(MOODS)),
    "split-folders": Format(split_folders, "classification", REVIEWS, {"train": 80, "dev": 20, "test": 20}, list(MOODS)),
    "archive": of(packed, "classification", REVIEWS, {"train": 81, "dev": 9, "test": 30}, list(MOODS)),
    "archive-of-one": of(packed_table, "classification", REVIEWS, ALL, list(MOODS)),
    "finqa": of(finqa, "numeric_qa", {"input": "qa.question", "target": "qa.answer", "context": "context"}, {"train": 84, "dev": 12, "test": 24}),
    "tatqa": of(tatqa, "qa", ANSWERS | {"id": "uid"}, ALL),
    "squad-2": of(squad_2, "spans", ANSWERS | {"answerable": "answerable"}, {"train": 140, "dev": 20, "test": 40}),
    "options-named": of(options_named, "multiple_choice", {"input": "question", "target": "answer", "choices": ["options"]}, {"train": 56, "dev": 8, "test": 16}),
    "questions-listed": of(questions_listed, "multiple_choice", {"input": "article + questions", "target": "answers", "choices": ["options"]}, {"train": 63, "dev": 9, "test": 18}),
    "no-consensus": of(no_consensus, "classification", {"input": "sentence1 + sentence2", "target": "gold_label", "id": "pairID"}, {}, ["entailment", "neutral", "contradiction"]),
    "orient-split": of(orient_split, "classification", REVIEWS, ALL, list(MOODS)),
    "deep": of(deep, "classification", REVIEWS, ALL, list(MOODS)),
    "viewer": of(viewer, "classification", {"input": "row.text", "target": "row.label"}, ALL, list(MOODS)),
    "intents-yaml": of(intents_yaml, "classification", {"input": "examples", "target": "intent"}, {"train": 63, "dev": 9, "test": 18}, list(INTENTS)),
    "intents-json": of(intents_json, "classification", {"input": "patterns", "target": "tag"}, {"train": 63, "dev": 9, "test": 18}, list(INTENTS)),
    "intents-in-pieces": of(intents_in_pieces, "classification", {"input": "data", "target": "label"}, {"train": 63, "dev": 9, "test": 18}, list(INTENTS)),
    "intents-by-file": of(intents_by_file, "classification", {"input": "data", "target": "label"}, {"train": 63, "dev": 9, "test": 18}, list(INTENTS)),
    "intents-with-slots": of(intents_with_slots, "classification", {"input": "text", "target": "intent"}, {"train": 62, "dev": 9, "test": 19}, list(INTENTS)),
    "pairs-by-split": of(pairs_by_split, "classification", TEXT, {"train": 100, "dev": 24, "test": 30}, [*INTENTS, "oos"]),
    "by-label": of(by_label, "classification", TEXT, ALL, list(MOODS)),
    "evaluated": of(evaluated, "qa", {"input": "question", "target": "ground_truth", "context": "contexts"}, {"train": 71, "dev": 9, "test": 20}),
    "documents-by-split": of(documents_by_split, "classification", {"input": "문의내용", "target": "감정"}, {"train": 81, "dev": 9, "test": 30}, list(감정)),
}  # fmt: skip

REFUSED: Mapping[str, tuple[Callable[[Path], Sequence[str]], str, str]] = {  # what is said, and the next step
    "legacy": (legacy, "is a workbook of Excel 97-2003", "Save it as .xlsx"),
    "page": (page, "is an HTML page", "save it as .xlsx"),
    "cut-off": (cut_off, "rows.jsonl, line 120", "may be cut off"),
    "entities-declared": (entities_declared, "declares XML entities", "Leave them out"),
    "texts-alone": (texts_alone, "12 texts, and nothing says what is asked", "--docs"),
    "settings": (settings, "holds no list of rows", "a list of objects"),
    "several-packed": (several_packed, "two.zip has 2 tables", "Unpack it"),
    "several-configurations": (several_configurations, "hub has 4 tables", "--data hub/ko"),
}  # fmt: skip
