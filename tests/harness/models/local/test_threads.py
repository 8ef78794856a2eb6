"""The number of threads, on a machine made of two clocks; and how threads wait."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.models.local import threads
from harness.models.local.model import LocalModel
from harness.models.local.threads import FASTER, PAUSE, Threads, candidates, fastest
from harness.records.ledger import Ledger
from harness.training.loop import train
from harness.training.recipe import Recipe
from harness.types import ScoreRequest

UNIT = 0.004  # seconds that a product takes with one thread that has a processor to itself
NOISE = st.lists(st.floats(0.95, 1.05), min_size=1, max_size=50)


class Machine:
    """Processors that threads and busy neighbours share fairly; threads wait for the slowest."""

    def __init__(self, processors: int, noise: tuple[float, ...] = (1.0,)) -> None:
        self.processors, self.neighbours, self.number = processors, 0, 1
        self.wall = self.own = 0.0
        self._noise, self.products = noise, 0

    def work(self) -> None:
        share = min(1.0, self.processors / (self.number + self.neighbours))
        slow = 1.0 if share == 1 or self.number == 1 else 1.5  # who waits spins, then sleeps
        seconds = UNIT * slow / self.number / share * self._noise[self.products % len(self._noise)]
        self.products += 1
        self.wall += seconds
        self.own += seconds * share

    def apply(self, number: int) -> None:
        self.number = number

    def threads(self) -> Threads:
        return Threads(
            self.processors, self.apply, self.work, wall=lambda: self.wall, own=lambda: self.own
        )

    def compute(self, chosen: Threads, seconds: float) -> list[int]:
        """Works so long, batch by batch; returns the number of threads of each batch."""
        numbers, end = [], self.wall + seconds
        while self.wall < end:
            chosen.settle()
            numbers.append(self.number)
            self.work()
        return numbers


@given(st.integers(1, 256))
def test_halves_down_to_one_are_tried(most: int) -> None:
    numbers = candidates(most)
    assert numbers[0] == most and numbers[-1] == 1
    assert numbers == sorted(set(numbers), reverse=True)


@given(st.integers(2, 64), NOISE)
def test_a_quiet_machine_takes_all_and_tries_nothing_else(processors: int, noise: list[float]):
    machine = Machine(processors, tuple(noise))
    chosen = machine.threads()
    assert set(machine.compute(chosen, 2.0)) == {processors} == chosen.used


@given(
    st.lists(st.floats(0.001, 0.1), min_size=4, max_size=9),
    st.floats(1.0, 3.0),
    st.floats(1.0, 1e6),
    st.integers(0, 8),
)
def test_a_disturbed_round_takes_no_thread_away(
    fewer: list[float], gain: float, disturbance: float, at: int
) -> None:
    all_threads = [seconds / gain for seconds in fewer]
    all_threads[at % len(fewer)] *= disturbance
    assert fastest({2: all_threads, 1: fewer}) == 2


@given(st.lists(st.tuples(st.floats(0.001, 1.0), st.floats(0.001, 1.0)), min_size=1, max_size=5))
def test_fewer_are_taken_only_where_nearly_all_rounds_say_so(rounds: list[tuple[float, float]]):
    chosen = fastest({2: [two for two, _ in rounds], 1: [one for _, one in rounds]})
    if chosen == 1:
        assert sum(one < two for two, one in rounds) > 0.75 * len(rounds)


@given(st.lists(st.floats(0.001, 0.1), min_size=3, max_size=5), st.floats(1.01, 5.0))
def test_what_wins_every_round_clearly_is_taken(fewer: list[float], gain: float) -> None:
    assert fastest({2: [s * gain * FASTER for s in fewer], 1: fewer}) == 1


@pytest.mark.parametrize("processors", [2, 4, 8])
def test_neighbours_take_threads_away_and_leaving_give_them_back(processors: int) -> None:
    machine = Machine(processors)
    chosen = machine.threads()
    assert set(machine.compute(chosen, 3.0)) == {processors}
    machine.neighbours = processors // 2
    assert machine.compute(chosen, 5.0)[-1] == processors // 2
    machine.neighbours = 0
    assert machine.compute(chosen, 5.0)[-1] == processors


@pytest.mark.parametrize("neighbours", [1, 2, 5])
def test_measuring_costs_a_twentieth_at_most(neighbours: int) -> None:
    machine = Machine(2)
    machine.neighbours = neighbours
    chosen = machine.threads()
    batches = len(machine.compute(chosen, 60.0))
    measured = machine.products - batches
    assert measured > 0
    assert measured / machine.products < 2.5 / PAUSE  # a product with two threads is shorter


@pytest.mark.parametrize("neighbours", [0, 1, 5])
def test_the_first_measurement_is_short(neighbours: int) -> None:
    machine = Machine(2)
    machine.neighbours = neighbours
    machine.threads().settle()
    assert machine.wall < 0.3


def test_one_thread_is_never_measured() -> None:
    machine = Machine(1)
    machine.neighbours = 3
    chosen = machine.threads()
    chosen.settle()
    assert machine.products == 0 and chosen.used == {1}


def test_a_number_that_is_kept_stays() -> None:
    machine = Machine(4)
    machine.neighbours = 4
    chosen = machine.threads()
    chosen.keep(3)
    assert set(machine.compute(chosen, 3.0)) == {3}


@pytest.fixture
def own() -> Iterator[None]:
    """Threads that a test may set; the next one chooses anew."""
    import torch

    before = torch.get_num_threads()
    threads._of_torch.cache_clear()
    yield
    threads._of_torch.cache_clear()
    torch.set_num_threads(before)


@pytest.mark.usefixtures("own")
def test_the_users_number_is_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    threads.settle("cuda")
    assert threads.used() == []
    threads.settle("cpu")
    assert threads.used() == [1] and torch.get_num_threads() == 1


@pytest.mark.usefixtures("own")
def test_the_product_that_is_timed_takes_milliseconds() -> None:
    import torch

    work = threads._product()
    assert torch.isfinite(work()).all()
    state = torch.get_rng_state()
    threads._product()()
    assert torch.equal(state, torch.get_rng_state())  # training draws what it drew without


@pytest.mark.usefixtures("own")
def test_scores_and_losses_differ_by_rounding_at_most(fresh: LocalModel, ask, tmp_path) -> None:
    requests = [
        ScoreRequest(str(n), ask(f"Sales were {n} % up.", 3), ("positive", "neutral"))
        for n in range(40)
    ]
    rows = [fresh.encode(request.prompt, "positive") for request in requests]
    weights = {name: value.clone() for name, value in fresh.module.state_dict().items()}

    def figures(number: int) -> list[float]:
        threads.keep(number)
        fresh.module.load_state_dict(weights)
        scores = {scores.id: scores.logprobs for scores in fresh.score(requests)}
        ledger = Ledger(tmp_path / f"{number}.jsonl")
        with ledger.phase("train") as spend:
            result = train(
                fresh.module, rows, recipe=Recipe(max_steps=3, learning_rate=1e-3),
                device=fresh.device.torch, seed=1, pad_id=fresh.pad_id,
                checkpoint_dir=tmp_path / str(number), ledger=ledger, spend=spend,
            )  # fmt: skip
        losses = [line["loss"] for line in result.history]
        return [value for request in requests for value in scores[request.id]] + losses

    one = figures(1)
    for number in (2, 4):
        assert figures(number) == pytest.approx(one, abs=1e-4)
    assert threads.used() == [1, 2, 4]


def openmp(**settings: str) -> str:
    """Returns what OpenMP read when torch was loaded after the harness."""
    names = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "-c", "import harness, torch"],
        env=environment | {"OMP_DISPLAY_ENV": "VERBOSE"} | settings,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stderr.split("OPENMP DISPLAY ENVIRONMENT END")[0]


@pytest.mark.slow
def test_threads_sleep_soon_while_they_wait() -> None:
    text = openmp()
    if "GOMP_SPINCOUNT" not in text:
        pytest.skip("torch isn't built with GNU's OpenMP here")
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in text and "GOMP_SPINCOUNT = '5000'" in text
    assert "GOMP_SPINCOUNT = '7'" in openmp(GOMP_SPINCOUNT="7")
