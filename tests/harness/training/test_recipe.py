"""How many steps a number of rows takes, and the floor of LoRA's default."""

import pytest

from harness.config import RunConfig
from harness.runs.plan import make_plan
from harness.strategy.registry import create_strategy
from harness.training.recipe import Recipe


@pytest.mark.parametrize(
    ("recipe", "rows", "epochs", "steps"),
    [
        (Recipe(min_steps=75), 600, 2, 75),  # two epochs suffice
        (Recipe(min_steps=75), 590, 3, 111),  # whole epochs, so each row is read as often
        (Recipe(min_steps=75), 300, 4, 75),
        (Recipe(min_steps=75), 10, 120, 75),  # fewer rows than a batch
        (Recipe(min_steps=75, batch_size=4, accumulation=2), 300, 2, 75),
        (Recipe(min_steps=75, epochs=2), 300, 2, 38),  # what was asked for, stays
        (Recipe(min_steps=75, max_steps=5), 300, 2, 5),
        (Recipe(min_steps=0), 20, 2, 3),
        (Recipe(min_steps=75), 0, 2, 1),
    ],
)
def test_epochs_rise_until_there_are_enough_steps(recipe, rows, epochs, steps):
    assert recipe.epochs_of(rows, "qa") == epochs
    assert recipe.model_copy(update={"epochs": recipe.epochs_of(rows, "qa")}).steps(rows) == steps


@pytest.mark.parametrize("name", ["lora", "qlora", "qlora+few-shot"])
def test_the_default_recipe_has_a_floor_that_stands_in_the_record_as_epochs(name):
    strategy = create_strategy(name)
    few, many = (strategy.sized(rows, "qa").describe()["parts"][0] for rows in (100, 627))
    assert (few["epochs"], many["epochs"]) == (12, 2)
    labels = [strategy.sized(rows, "classification").parts[0].epochs for rows in (300, 1000)]
    assert labels == [7, 2]
    assert few | {"epochs": 2.0} == many == strategy.describe()["parts"][0]  # so its key stays
    chosen = create_strategy(name, {"epochs": "1"}).sized(100, "qa")
    assert chosen.describe()["parts"][0]["epochs"] == 1


def test_a_run_trains_by_the_recipe_for_its_rows(tmp_path):
    def epochs(**options):
        config = RunConfig(strategy="lora", results=tmp_path, **options)
        return make_plan(config, fetch=False).strategy.parts[0].epochs

    assert epochs() == 2
    assert epochs(train_limit=200) == 6
    assert epochs(train_limit=200, set={"epochs": 2}) == 2
