"""Exams: what a text costs in bits, how choices are marked, and when an answer obeys."""

import math

import pytest
import torch
from tiny_models import with_adapter

from harness.devices import select
from harness.models.local.model import LocalModel, load_local
from harness.runs.probes import exams, items
from harness.runs.probes.exams import general_exams, obeyed
from harness.runs.probes.marks import Mark, Sitting, figures, keep, kept
from harness.types import Usage

CPU = select("cpu", "float32")
TEXTS = ["The claim was denied.", "육아 휴직 기간은 최대 1년이다.", "Theft is covered abroad, too."]


@pytest.fixture(scope="module")
def model(tiny_llama):
    return load_local(tiny_llama, device=CPU)


def bits(model, text):
    """By the plain forward pass of transformers."""
    tokens = model.tokenizer
    ids = torch.tensor([[tokens.bos_token_id, *tokens(text, add_special_tokens=False).input_ids]])
    with torch.inference_mode():
        logits = model.module(ids).logits[0, :-1].float().log_softmax(-1)
    return -logits.gather(1, ids[0, 1:, None]).sum().item() / math.log(2)


@pytest.mark.parametrize("name", ["tiny_llama", "tiny_gemma3"])
def test_bits_of_a_text_are_those_of_the_plain_forward_pass(name, request):
    model = load_local(request.getfixturevalue(name), device=CPU)
    found = {score.id: -score.logprobs[0] / math.log(2) for score in model.logprobs(TEXTS)}
    assert found == {f"{n}": pytest.approx(bits(model, text)) for n, text in enumerate(TEXTS)}


def test_an_adapter_beside_the_weights_takes_part(model, tiny_llama):
    own = load_local(tiny_llama, device=CPU)
    adapted = LocalModel(with_adapter(own.module, "lora"), own.tokenizer, CPU, own.info)
    before, after = (next(iter(m.logprobs(TEXTS))).logprobs[0] for m in (model, adapted))
    assert -after / math.log(2) == pytest.approx(bits(adapted, TEXTS[0]), rel=1e-4)
    assert after != pytest.approx(before)


def only(monkeypatch, start, end):
    """Leaves some of the items of each kind."""

    def some(get):
        return lambda language: get(language)[start:end]

    for name in ("texts", "questions", "orders"):
        monkeypatch.setattr(exams, name, some(getattr(items, name)))


def test_marks_dont_hang_on_what_is_asked_beside_them(model, monkeypatch):
    """Whatever the batches are: in float32 each item's marks are those that it gets alone."""
    monkeypatch.setattr(exams, "LONGEST", 6)
    only(monkeypatch, 0, 2)
    together = {exam.name: exam.sit(model, lambda usage: None) for exam in general_exams()}
    for number in range(2):
        only(monkeypatch, number, number + 1)
        for exam in general_exams():
            (alone,) = exam.sit(model, lambda usage: None)
            among = together[exam.name][number]
            assert alone.values == pytest.approx(among.values, rel=1e-4), exam.name


def test_the_same_exam_gives_the_same_marks_and_says_what_it_took(model, monkeypatch):
    monkeypatch.setattr(exams, "LANGUAGES", ("ko",))
    monkeypatch.setattr(exams, "LONGEST", 6)
    only(monkeypatch, 0, 3)
    for exam in general_exams():
        took = Usage()
        assert exam.sit(model, took.add) == exam.sit(model, lambda usage: None)
        assert took.input_tokens and took.computed_tokens and took.passes


def test_items_are_what_the_documentation_says():
    assert {language: len(items.texts(language)) for language in items.LANGUAGES} == {
        "en": 20, "ko": 16,
    }  # fmt: skip
    for language in items.LANGUAGES:
        assert len(items.questions(language)) == 40
        for question, options in items.questions(language):
            assert len(set(options)) == 4, question
        assert len({question for question, _ in items.questions(language)}) == 40
    assert [len(items.orders(language)) for language in items.LANGUAGES] == [20, 15]


GOOD = {
    "words": {1: "day", 2: "warm milk"}, "one_of": {}, "number": {True: "5"},
    "parts": {3: "red, green, blue", 4: "cow, pig, hen, dog"},
    "list": {3: "- leek\n- kale\n- beet"}, "brackets": {True: "[green]"}, "hangul": {True: "달은 밝다."},
    "without": {"z": "The moon is round."},
}  # fmt: skip


def answer_to(kind, asked):
    if kind == "one_of":
        return asked[0]
    if kind == "keys":
        return "{" + ", ".join(f'"{key}": "x"' for key in asked) + "}"
    if kind in ("exact", "starts", "ends"):
        return {"exact": asked, "starts": f"{asked}, rest.", "ends": f"A train {asked}."}[kind]
    return GOOD[kind][asked]


@pytest.mark.parametrize("language", items.LANGUAGES)
def test_each_instruction_can_be_obeyed_and_disobeyed(language):
    for order, check in items.orders(language):
        ((kind, asked),) = check.items()
        assert obeyed(answer_to(kind, asked), check), order
        assert not obeyed("", check), order
        assert not obeyed("Blaze 7, I think that it is zero\nor more of z z z.", check), order


@pytest.mark.parametrize(
    ("answer", "check", "passes"),
    [
        ("Day.", {"words": 1}, True),
        ("the day", {"words": 1}, False),
        ("Yes.", {"one_of": ["yes", "no"]}, True),
        ("Yes, it is", {"one_of": ["yes", "no"]}, False),
        ('```json\n{"city": "Rome"}\n```', {"keys": ["city"]}, True),
        ('{"city": "Rome", "land": 1}', {"keys": ["city"]}, False),
        ("[1]", {"keys": ["city"]}, False),
        ("five", {"number": True}, False),
        ("red, , blue", {"parts": 3}, False),
        ("- a\nb\n- c", {"list": 3}, False),
        ("neutral", {"exact": "lantern"}, False),
    ],
)
def test_the_form_is_checked_strictly(answer, check, passes):
    assert obeyed(answer, check) is passes


def marks(*pairs, metric="bits_per_byte"):
    return tuple(Mark(f"{n}", {metric: v}, w) for n, (v, w) in enumerate(pairs))


def test_bits_are_of_all_bytes_and_their_change_is_paired():
    before = Sitting("t", "d", marks((1.0, 10), (2.0, 30), (1.5, 20)))
    after = Sitting("t", "d", marks((1.1, 10), (2.2, 30), (1.6, 20)))
    (score,) = figures("default", after, {"bits_per_byte": False}, before, adapted=True)
    assert score.value == pytest.approx((11 + 66 + 32) / 60)
    assert score.change == pytest.approx((1 + 6 + 2) / 60)
    assert score.low < score.change < score.high and score.n == 3
    ratio = score.value  # the linearised standard error of a ratio of sums
    off = [w * (v - ratio) / 20 for v, w in ((1.1, 10), (2.2, 30), (1.6, 20))]
    assert score.stderr == pytest.approx(math.sqrt(sum(x * x for x in off) * 3 / 2) / 3)


def test_shares_keep_their_marks_and_clusters_count_once():
    single = tuple(Mark(f"{n}", {"accuracy": float(n % 2)}) for n in range(8))
    twins = tuple(Mark(m.id, m.values, cluster=f"{m.values}") for m in single)
    scores = [
        figures("default", Sitting("q", "d", each), {"accuracy": True}, adapted=False)[0]
        for each in (single, twins)
    ]
    assert scores[0].value == scores[1].value == 0.5
    assert scores[0].stderr == pytest.approx(0.5 / math.sqrt(7))
    assert scores[1].stderr == pytest.approx(0.5)


def test_sittings_are_kept_line_by_line(tmp_path):
    path = tmp_path / "marks.jsonl"
    first = Sitting("t", "d", marks((1.0, 10)), (), 2.5, Usage(7, computed_tokens=5))
    keep(path, first)
    keep(path, Sitting("t", "e", marks((1.5, 10))))
    assert kept(path)["t", "d"] == first and set(kept(path)) == {("t", "d"), ("t", "e")}
    assert first.cached.paid == "cached" and first.cached.seconds == 2.5
