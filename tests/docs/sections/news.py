"""docs/findings.md: news sentiment in English, three tables."""

from __future__ import annotations

from statistics import fmean

from tests.docs.recomputed.frame import Rule, Says, Table
from tests.docs.recomputed.records import Run, machine, run, runs
from tests.docs.recomputed.statistics import (
    Figure,
    difference,
    f1,
    over_seeds_difference,
    scored,
)

TASK, GEMMA, SMOL = "fpb", "gemma-3-270m", "smollm2-135m-instruct"


def code(cell: str) -> str:
    return cell.split("`")[1]


def of(strategy: str, study: str = "ways", model: str = "*") -> Run:
    return run(study, TASK, strategy, 0, model)


def more(a: str, b: str, study: str = "ways") -> object:
    """How much more accurate one strategy is than another on the same rows."""
    return difference(of(a, study, SMOL if a == "lora" else "*"), of(b, study))


def setting(one: Run, name: str) -> object:
    """A hyper-parameter of a strategy's only part."""
    return one.record["strategy"]["parameters"]["parts"][-1][name]


def said(one: Run, label: str) -> int:
    return sum(row["predicted"] == label for row in one.rows)


def plain(cells: list[str]) -> list[list[object]]:
    one = of(code(cells[0]), "fpb")
    trained = one.seconds("train", part=0)
    seconds = [trained] if cells[-1] != "–" else []
    assert seconds or not trained
    return [[scored(one, "correct")], [f1(one, "weighted")], [one.labels], seconds]


def first(one: Run) -> list[int]:
    return [one.record["task"]["rows"]["train"], len(one.rows)]


NEWS: list[Rule] = [
    Says("{} training rows, {} test rows", lambda: first(of("lora", "fpb"))),
    Says("other work took a {} meanwhile", lambda: [
        fmean(one.record["machine_use"]["others_cpu_share"] for one in runs("fpb", TASK))]),
    Table("| strategy | accuracy | weighted F1 |", plain),
    Says("(negative {} of {} without examples, {} with them)", lambda: [
        said(of("zero-shot", "fpb"), "negative"), len(of("zero-shot", "fpb").rows),
        said(of("few-shot", "fpb"), "negative")]),
]  # fmt: skip


def way(cells: list[str]) -> list[list[object]]:
    one = of(code(cells[0]), "ways", cells[2] if cells[2] in (GEMMA, SMOL) else "*")
    weights = [one.weights] if one.weights else []
    return [weights, [one.labels], [scored(one, "correct")], [f1(one, "macro")]]


def teacher() -> dict[str, object]:
    return of("distill+lora").record["artifact"]["details"]["teacher"]


def taught() -> list[object]:
    """Dev rows, which the teacher's figure is of, are in no record: it is as it was stored."""
    told, pupil = teacher(), of("distill+lora")
    dev = told["dev"]
    above = difference(pupil, of("lora", "ways", GEMMA))
    shots = int(pupil.record["config"]["set"]["distill.shots"])
    return [told["kept"], shots, above, of("lora", "ways", GEMMA).labels, told["labelled"],
            dev["n"], dev["value"], dev["low"], dev["high"]]  # fmt: skip


def forgotten(one: Run) -> list[float]:
    """Per cent of bits that general text takes more, of the language in which it is most."""
    found = []
    for probe in one.record["probes"]:
        before = {
            each["name"]: each["value"]
            for each in probe["scores"]
            if not each["adapted"] and each["metric"] == "bits_per_byte"
        }
        found += [
            [100 * each[end] / before[each["name"]] for end in ("change", "low", "high")]
            for each in probe["scores"]
            if each["adapted"] and each["name"] in before and each["name"].startswith("general-")
            if each["metric"] == "bits_per_byte"
        ]
    return max(found) if found else []


def items(name: str) -> int:
    scores = of("lora", "ways", SMOL).record["probes"][0]["scores"]
    return max(each["n"] for each in scores if each["name"].startswith(name))


WAYS: list[Rule] = [
    Says("seed 0, the first {} training rows and {} test rows", lambda: first(of("tfidf"))),
    Table("| strategy | family | model |", way),
    Says(
        "labelled {} rows after {}\n  examples; Gemma-3-270M that learnt them is {} [{}, {}] above "
        "Gemma with {} labels of people's. {} of\n  its labels are people's, and {} more measured "
        "the teacher (weighted F1 {} [{}, {}]", taught),
    Says("are {} [{}, {}] above `tfidf`", lambda: [more("embedding-head", "tfidf")]),
    Says("SmolLM2 is {} [{}, {}] above them", lambda: [more("lora", "embedding-head")]),
    Says("**{} learnt tokens**: `prompt-tuning`, with {} weights, is {} [{}, {}] below", lambda: [
        setting(of("prompt-tuning"), "tokens"), of("prompt-tuning").weights,
        more("lora", "prompt-tuning")]),
    Says("to differ from it ({} [{}, {}])", lambda: [more("lora", "adapter")]),
    Says("{} weights trained on {} rows alone are not above `majority`, which is {} [{}, {}] above",
         lambda: [of("from-scratch").weights, of("from-scratch").labels,
                  more("majority", "from-scratch")]),
    Says("general text takes {} % [{} %, {} %] more", lambda: forgotten(of("lora", "ways", SMOL))),
    Says("and {} % [{} %, {} %] more after `prompt-tuning`", lambda: forgotten(of("prompt-tuning"))),
    Says("({} and {} items a language at most)", lambda: [
        items("general-choice"), items("instructions")]),
    Says("`prompt-search` is {} [{}, {}] above {} fixed examples", lambda: [
        more("prompt-search", "few-shot"), setting(of("few-shot"), "k")]),
]  # fmt: skip


def tuned(cells: list[str]) -> list[list[object]]:
    one = of(code(cells[0]), "tuned")
    tuning = one.record["tuning"]
    best = tuning["tried"][tuning["best"]]["parameters"]
    found = ", ".join(f"{name}={value}" for name, value in best.items())
    if found != code(cells[2]):
        raise LookupError(f"{cells[0]} found {found}")
    weights = [one.weights] if one.weights else []
    return [[len(tuning["tried"])], [], weights, [scored(one, "correct")], [f1(one, "macro")],
            [one.once], forgotten(one)]  # fmt: skip


def seeds(strategy: str) -> list[Figure]:
    return [scored(one, "correct")[0] for one in runs("tuned", TASK, strategy)]


def tried(strategy: str) -> int:
    return len(of(strategy, "tuned").record["tuning"]["tried"])


def by_seeds() -> list[object]:
    both = [runs("tuned", TASK, name) for name in ("lora", "full-finetune")]
    share = (of("lora", "tuned").weights or 0) / (of("full-finetune", "tuned").weights or 1)
    return [over_seeds_difference(*both, metric="correct"), share]


def lower_rate() -> list[float]:
    default, found = of("lora", "ways", SMOL), of("lora", "tuned")
    rate, rank = (found.record["config"]["set"][name] for name in ("learning_rate", "rank"))
    usual = default.record["artifact"]["details"]["training"]["learning_rate"]
    lost = forgotten(default)[0], forgotten(found)[0]
    return [lost[0], rate / usual, rank / setting(default, "rank"), lost[1] / lost[0]]


def limits() -> list[float]:
    tuning = of("lora", "tuned").record["tuning"]
    return [tuning["rows"], tuning["usd"], 60 * tuning["usd"] / machine()["usd_per_hour"]]


TUNED: list[Rule] = [
    Says("on the {} dev rows for {} of a small machine ({} minutes", limits),
    Table("| strategy | tried | found |", tuned),
    Says("its seeds have {}, {} and {}, those of `full-finetune` {}, {} and {}", lambda: [
        seeds("lora"), seeds("full-finetune")]),
    Says("over three seeds {} [{}, {}] in favour of `lora`, which trains a {} of", by_seeds),
    Says("are {} [{}, {}] below it, the encoder {} [{}, {}]", lambda: [
        more("lora", "prompt-tuning", "tuned"), more("lora", "encoder-finetune", "tuned")]),
    Says("`few-shot` is {} by default and {} with {} rows at random", lambda: [
        scored(of("few-shot"), "correct")[0], scored(of("few-shot", "tuned"), "correct")[0],
        of("few-shot", "tuned").record["config"]["set"]["k"]]),
    Says("stays {} [{}, {}] below `lora`", lambda: [more("lora", "few-shot", "tuned")]),
    Says("`similar-examples` is {} [{}, {}] below random ones", lambda: [
        more("few-shot", "similar-examples", "tuned")]),
    Says("its {} settings cost as much as the {} of `few-shot`", lambda: [
        tried("similar-examples"), tried("few-shot")]),
    Says("costs general text {} %; with a {} of the rate and {} the rank the search lost\n  a {} of",
         lower_rate),
]  # fmt: skip

SECTIONS = {
    "News sentiment in English: `fpb`": NEWS,
    "Every way on one task: `fpb`, 300 training rows": WAYS,
    "Families at equal dollars: `fpb`": TUNED,
}
