"""Open-loop arrivals: what queueing theory says of a machine comes out, by a clock of its own."""

import threading
import time

import numpy as np
import pytest

from harness.errors import DataError, HarnessError, UsageError
from harness.metrics.statistics.quantiles import independent, lower_bound, upper_bound
from harness.records.ledger import Spend
from harness.runs import traffic
from harness.runs.load import Traffic, point_of
from harness.runs.traffic import Clock, arrivals, in_flight, named, one_machine
from harness.types import Output, Query, Usage

ROWS = [Query(str(n), f"q{n}") for n in range(7)]


def queries(count):
    return named(ROWS, count, "n")


class Machine:
    """Takes a fixed time for a batch; nothing passes but its own time."""

    def __init__(self, seconds, fails=()):
        self.time, self.seconds, self.asked, self.fails = 0.0, seconds, [], set(fails)
        self.clock = Clock(lambda: self.time, self.sleep)

    def sleep(self, seconds):
        self.time += seconds

    def predict(self, queries):
        queries = list(queries)
        self.asked.append([query.id for query in queries])
        self.time += self.seconds
        for query in queries:
            error = "no" if query.id in self.fails else None
            yield Output(query.id, "yes", error=error, usage=Usage(input_tokens=3))


def driven(rate, requests, seconds=1.0, batch=1, seed=0):
    machine = Machine(seconds)
    due = arrivals(rate, requests, seed)
    return machine, one_machine(machine, queries(requests), due, batch=batch, clock=machine.clock)


def point(made, rate, requests, **more):
    return point_of(made, rate, Traffic((rate,), requests, **more), Spend("latency", shared=False))


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_the_mean_wait_is_that_of_an_m_d_1_queue(load):
    """Pollaczek and Khinchine: with a fixed service time D the mean wait is D p / (2 (1 - p))."""
    _, made = driven(load, 5000)
    waits = np.array([made.latencies[n] for n in range(5000)]) - 1.0
    assert waits.mean() == pytest.approx(load / (2 * (1 - load)), rel=0.12)
    assert (waits < 1e-9).mean() == pytest.approx(1 - load, abs=0.03)  # those that find it idle


def test_a_latency_counts_from_the_arrival_not_from_when_it_is_taken():
    machine = Machine(10.0)
    made = one_machine(machine, queries(3), [1.0, 2.0, 3.0], clock=machine.clock)
    assert made.latencies == pytest.approx({0: 10.0, 1: 19.0, 2: 28.0})
    assert made.finished == 31.0 and set(made.periods.values()) == {1}


def test_what_waits_is_answered_together_up_to_the_limit():
    machine = Machine(10.0)
    due = [1.0, 2.0, 3.0, 4.0, 5.0]
    made = one_machine(machine, queries(5), due, batch=3, clock=machine.clock)
    assert machine.asked == [["n 0"], ["n 1", "n 2", "n 3"], ["n 4"]] and made.calls == 3
    assert made.latencies == pytest.approx({0: 10, 1: 19, 2: 18, 3: 17, 4: 26})


def test_arrivals_are_a_poisson_process_of_the_seed_alone():
    due = arrivals(4.0, 20_000, 1)
    assert due == arrivals(4.0, 20_000, 1) != arrivals(4.0, 20_000, 2)
    assert due[-1] == pytest.approx(5000, rel=0.05)
    gaps = np.diff(due)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)  # exponential
    assert arrivals(8.0, 9, 1) == pytest.approx([at / 2 for at in due[:9]])


def test_each_query_has_an_id_of_its_own():
    made = queries(20)
    assert len({query.id for query in made}) == 20
    assert [query.text for query in made[:8]] == ["q0", "q1", "q2", "q3", "q4", "q5", "q6", "q0"]


def test_a_rate_above_what_a_machine_answers_isn_t_kept():
    assert point(driven(0.5, 400)[1], 0.5, 400).kept
    fast = point(driven(1.5, 400, seconds=0.1 / 0.15)[1], 1.5, 400)  # just its capacity
    assert fast.answered_per_second < 1.5
    slow = point(driven(1.5, 400, seconds=1.0)[1], 1.5, 400)
    assert not slow.kept and slow.answered_per_second == pytest.approx(1.0, rel=0.02)


def test_a_hopeless_rate_is_given_up(monkeypatch):
    monkeypatch.setattr(traffic, "MOST_WAIT", 5.0)
    found = point(driven(10.0, 400)[1], 10.0, 400)
    assert not found.kept and 5 < found.requests < 10 and found.wanted == 400


def test_percentiles_have_bounds_and_are_not_known_of_few():
    few = point(driven(0.1, 50)[1], 0.1, 50)
    assert few.latency["p95"].high is None and few.latency["p50"].high is not None
    made = driven(0.3, 1000)[1]
    found = point(made, 0.3, 1000)
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        each = found.latency[name]
        assert each.value == pytest.approx(np.quantile(list(made.latencies.values()), share))
        assert each.low <= each.value <= each.high
    assert found.requests == 1000 and found.errors == 0 and found.tokens["input_tokens"] == 3000


def test_errors_are_counted_and_no_latency():
    machine = Machine(0.1, fails={"n 3"})
    made = one_machine(machine, queries(7), arrivals(1.0, 7, 0), clock=machine.clock)
    found = point(made, 1.0, 7)
    assert (found.requests, found.errors, found.kept) == (6, 1, False)
    machine.fails = {query.id for query in queries(7)}
    made = one_machine(machine, queries(7), arrivals(1.0, 7, 0), clock=machine.clock)
    with pytest.raises(DataError, match="no request was answered: no"):
        point(made, 1.0, 7)


def queue(load, requests, seed):
    """Latencies of an M/D/1 queue by Lindley's recursion, and their busy periods."""
    gaps = np.random.default_rng(seed).exponential(1 / load, requests).tolist()
    wait, period, made, periods = 0.0, 0, [], []
    for gap in gaps:
        wait = max(0.0, wait - gap)
        period += wait == 0.0
        made.append(wait + 1.0)
        periods.append(period)
        wait += 1.0
    return made, periods


def test_a_bound_in_a_queue_isn_t_as_narrow_as_of_independent_requests():
    """At 0.8 of a machine's capacity the plain bound misses in about half of all studies."""
    truth = np.quantile(queue(0.8, 200_000, 999)[0], 0.95)
    plain, ours, known = 0, 0, 0
    for seed in range(60):
        seconds, periods = queue(0.8, 1000, seed)
        bound = upper_bound(seconds, worth=independent(seconds, periods))
        plain += upper_bound(seconds) < truth
        ours += bound is not None and bound < truth
        known += bound is not None
    assert plain >= 20 and ours <= 12 and known >= 20


def test_independent_values_keep_their_worth():
    values = np.random.default_rng(0).exponential(size=3000)
    assert independent(values, range(3000)) > 1500
    assert independent(np.repeat(values[:300], 10), np.repeat(range(300), 10)) < 600
    assert independent([1.0] * 50, range(50)) == 50 and independent([], []) == 0
    assert independent(values[:100], [0] * 100) == 1  # never idle: one period


def test_bounds_of_both_sides_hold():
    draws = np.random.default_rng(1)
    low = high = 0
    for _ in range(400):
        values = draws.uniform(size=120)
        low += lower_bound(values) > 0.95
        high += upper_bound(values) < 0.95
    assert low <= 30 and high <= 30  # 5 % of 400, and room
    assert lower_bound([]) is None and upper_bound(range(100), worth=58.9) is None
    assert upper_bound(range(100)) == upper_bound(range(100), worth=100.0)


class Server:
    """Takes as long for each request, however many there are."""

    def __init__(self, seconds, error=None):
        self.seconds, self.error, self.running, self.most = seconds, error, 0, 0
        self.lock = threading.Lock()

    def predict(self, queries):
        (query,) = queries
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(self.seconds)
        with self.lock:
            self.running -= 1
        if self.error:
            raise self.error
        yield Output(query.id, "yes")


def test_requests_to_a_server_overlap():
    server = Server(0.05)
    due = arrivals(200.0, 40, 0)
    made = in_flight(server, queries(40), due)
    assert len(made.latencies) == 40 and server.most > 3
    assert min(made.latencies.values()) >= 0.05
    narrow = Server(0.02)
    queued = in_flight(narrow, queries(6), [0.0] * 6, most=1)
    assert narrow.most == 1 and max(queued.latencies.values()) >= 6 * 0.02


def test_a_server_that_refuses_ends_it():
    with pytest.raises(HarnessError, match="no such key"):
        in_flight(Server(0.0, HarnessError("no such key")), queries(5), [0.0] * 5)


@pytest.mark.parametrize("wrong", [{"rates": ()}, {"rates": (0.0,)}, {"rates": (1,), "batch": 0}])
def test_traffic_that_can_t_be(wrong):
    with pytest.raises(UsageError):
        Traffic(**wrong)
