"""An option that would change nothing is refused: by each verb that has several ways of being used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_verbs import SHOWN, call

ALWAYS = {"json_", "quiet", "help"}
SERVER = "base_url max_cost allow_unpriced rpm tpm prices offline"
ANSWERED = f"run data out rate model results data_dir {SERVER}"
CELLS = "file shard cell results data_dir prices offline"
MADE = "run to out results"
WAYS = {
    "build insurer": "what seed language out version distractors near_twins injections",
    "build questions --docs d": f"what seed language out model docs n ticked mask_pii {SERVER}",
    "build questions --docs d --ticked s.xlsx": "what docs ticked by expert prices",
    "ask q --run r": "questions docs run model base_url allow_unpriced data_dir offline results",
    "predict r --rate 1": f"{ANSWERED} max_latency requests batch seed",
    "predict r --data d.csv --out o.csv": f"{ANSWERED} limit input id header_row sheet",
    "compare a b": "a b metric slice_ seeds fail_on markdown rows results",
    "rescore r": "run data task results data_dir prices grades predict_from judge rubric against "
    "expert",
    "rescore --judge endpoint:m --grades financebench": "run results data_dir prices grades "
    "predict_from judge rubric against judge_url judge_max_cost allow_unpriced limit",
    "export r --to grades": f"{MADE} rows raters data task data_dir",
    "export r --to lm-eval": f"{MADE} type_",
    "export r --to peft": f"{MADE} type_ model",
    "export r --to gguf": f"{MADE} type_ model merge_quantised",
    "study quick --cell c": f"{CELLS} engine address",
    "study quick --list": f"{CELLS} list_",
    "study quick --status": f"{CELLS} list_ status",
    "init --strategy s": "strategy part out data",
    "init n --data d.csv": "name data docs kind yes estimate out strategy header_row sheet input "
    "target choices labels group time split",
    "list kinds": "what name",
    "list runs": "what name results",
    "list tasks fpb": "what name data_dir",
    "show --schema": "schema",
    "show r --errors": "run schema errors limit results data_dir",
    "models fetch minilm": "name offline",
}
"""By a way of using a verb: what has a part in it, or leads to another way. All else is refused."""
FEW = {
    "show r": "limit data_dir",
    "report --format csv": "no_examples data_dir",
    "validate lora": "docs data_dir limit train_limit drop_leaked task_set offline",
    "run --task fpb --strategy tfidf": "update_from update_rows judge_url judge_max_cost on show",
}
"""The other way round, of verbs where nearly everything has a part."""


def parameters(way: str) -> dict[str, object]:
    verb = max((name for name in SHOWN if way.startswith(name)), key=len)
    return {each.name: each for each in SHOWN[verb].params if each.name not in ALWAYS}


def cases() -> Iterator[tuple[str, str]]:
    for way, part in WAYS.items():
        assert set(part.split()) <= parameters(way).keys(), way
        yield from ((way, name) for name in parameters(way) if name not in part.split())
    yield from ((way, name) for way, names in FEW.items() for name in names.split())


@pytest.mark.parametrize(("way", "name"), [*cases()])
def test_an_option_without_effect_is_refused(way: str, name: str) -> None:
    option = parameters(way)[name]
    words = [] if option.param_type_name == "argument" else [option.opts[0]]
    words += (
        [] if getattr(option, "is_flag", False) else ["k=1" if name in ("set", "task_set") else "1"]
    )
    done = call(*way.split(), *words)
    assert done.exit_code != 0, done.output
    said = str(done.exception)
    assert option.opts[0] in said and (" goes with " in said or " go with " in said), said


def test_what_the_environment_says_is_no_option_of_a_command(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("HARNESS_DATA", str(tmp_path))
    assert call("list", "kinds").exit_code == 0
