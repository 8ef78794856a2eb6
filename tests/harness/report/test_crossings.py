"""Where learning curves cross, by intervals that are apart and by nothing else."""

from harness.report.figures.curves import crossings
from harness.report.values import Curve, CurvePoint


def curve(name, *points):
    made = [CurvePoint(rows, value, value - 0.05, value + 0.05, rows) for rows, value in points]
    return Curve("learning", name, "accuracy", tuple(made))


PROMPTS = curve("few-shot", (10, 0.5), (100, 0.5), (1000, 0.5))
WEIGHTS = curve("lora", (10, 0.2), (100, 0.48), (1000, 0.8))


def test_curves_cross_between_the_places_where_intervals_are_apart():
    (said,) = crossings([PROMPTS, WEIGHTS], higher=True)
    assert "With 10 training rows few-shot is better, with 1,000 lora" in said.en
    assert "few-shot" in said.ko and "lora" in said.ko
    (said,) = crossings([PROMPTS, WEIGHTS], higher=False)
    assert "With 10 training rows lora is better, with 1,000 few-shot" in said.en


def test_what_intervals_do_not_show_is_said_to_be_not_shown():
    near = curve("lora", (10, 0.45), (100, 0.5), (1000, 0.55))
    assert "isn't shown" in crossings([PROMPTS, near], higher=True)[0].en
    ahead = curve("lora", (10, 0.7), (100, 0.7), (1000, 0.9))
    assert "isn't shown" in crossings([PROMPTS, ahead], higher=True)[0].en


def test_curves_without_common_sizes_are_not_compared():
    elsewhere = curve("lora", (20, 0.2), (300, 0.8))
    assert crossings([PROMPTS, elsewhere], higher=True) == []
    assert crossings([PROMPTS], higher=True) == []
