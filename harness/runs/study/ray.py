"""Runs cells as tasks of a Ray cluster: each gets a node, its processors, GPUs and memory.

Ray places the cells and tells which were lost; that they go on from their checkpoints is the
record's own doing. Ray itself repeats nothing here, so that what was lost is said and counted.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.config import RunConfig
from harness.errors import HarnessError, Interrupted, MissingDependency, UsageError, needs
from harness.runs.study.config import Cell
from harness.runs.study.edits import Loaded
from harness.runs.study.execute import Ended
from harness.runs.study.needs import Needs, Node, loads_model, memory_of, needs_of, unfit
from harness.runs.study.node import Result, Work, arrive, pack, run_there, stamp
from harness.runs.study.state import State, States

if TYPE_CHECKING:
    from ray import ObjectRef

__all__ = ["OnRay"]

MOST_ATTEMPTS = 4
ANSWER_SECONDS, FREE_SECONDS, LOOK_SECONDS = 5.0, 30.0, 60.0
LOST = {
    "NodeDiedError": "its node is gone",
    "OutOfMemoryError": "memory ran out on its node",
    "WorkerCrashedError": "its worker was killed",
}
LEFT = "no node is left that has what it takes"
SENT = ("HARNESS_BASE_URL", "HARNESS_CACHE", "HARNESS_JUDGE_URL")
"""Variables that a node gets where it doesn't set them itself. Keys are never sent."""


@dataclass
class OnRay:
    """The engine; it connects when there is a cell to run."""

    address: str  # ``auto``, or HOST:PORT
    study: str
    file: str  # The study file, or the name of a shipped one
    command: Callable[[Cell], list[str]]  # Arguments of ``harness`` that run a cell
    config: Callable[[Cell], RunConfig]
    results: Path
    say: Callable[[str], None]
    _ray: Any = field(init=False)
    _loaded: Loaded = field(init=False, default_factory=Loaded)
    _parcel: ObjectRef | None = field(init=False, default=None)  # The study's folder, once sent
    _tries: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        with needs("--engine ray", "ray"):
            import ray
        self._ray, self._states = ray, States(self.results, self.study)

    def __call__(self, cells: Iterable[Cell]) -> Iterator[Ended]:
        """Runs cells, as many at once as the cluster has room for, and yields them as they end.

        Raises:
            Interrupted: The user stopped it; the cells' processes are gone.
            MissingDependency: There is no cluster.
        """
        wanted = list(cells)
        if not wanted:
            return
        marker = self._states.folder.resolve() / f"seen-{uuid.uuid4().hex}"
        running: dict[ObjectRef, tuple[Cell, Needs]] = {}
        try:
            self._connect()
            marker.parent.mkdir(parents=True, exist_ok=True)
            marker.touch()
            yield from self._run(wanted, running, marker)
        except (KeyboardInterrupt, SystemExit):  # Ray turns SIGTERM into the latter
            raise Interrupted("the study was interrupted", "The same command resumes it.") from None
        finally:
            self._free(list(running))
            marker.unlink(missing_ok=True)
            self._ray.shutdown()

    def _connect(self) -> None:
        address = _resolved(self.address)
        # It would tell of lost workers on stdout, which is for data; they are said here.
        self._ray._private.worker.print_to_stdstream = _silent
        try:
            self._ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL)
        except (ConnectionError, RuntimeError, ValueError) as error:
            first = str(error).strip().partition("\n")[0]
            raise MissingDependency(
                f"the Ray cluster at {address} can't be joined: {first}",
                "Run this on one of its nodes, with the Ray that they have.",
            ) from error

    def _run(
        self, cells: list[Cell], running: dict[ObjectRef, tuple[Cell, Needs]], marker: Path
    ) -> Iterator[Ended]:
        for cell in cells:
            try:
                needed = self._needs(cell)
                if why := unfit(needed, self._nodes()):
                    raise UsageError(why)
            except HarnessError as error:
                yield self._failed(cell, error.message)
            else:
                running[self._submit(cell, needed, marker)] = cell, needed
        while running:
            ready, _ = self._ray.wait(list(running), num_returns=1, timeout=LOOK_SECONDS)
            for ref in ready or self._hopeless(running):
                cell, needed = running.pop(ref)
                ended = self._ended(cell, ref) if ready else self._failed(cell, LEFT)
                if ended is None:
                    running[self._submit(cell, needed, marker)] = cell, needed
                else:
                    yield ended

    def _nodes(self) -> list[Node]:
        return [node["Resources"] for node in self._ray.nodes() if node["Alive"]]

    def _needs(self, cell: Cell) -> Needs:
        config, threads = self.config(cell), os.environ.get("OMP_NUM_THREADS", "")
        most = int(threads) if threads.isdecimal() and int(threads) else None
        nodes = self._nodes()
        needed = needs_of(config, nodes, most, None)
        if not loads_model(config):
            return needed
        return needs_of(config, nodes, most, memory_of(config, needed.gpus, self._loaded))

    def _submit(self, cell: Cell, needed: Needs, marker: Path) -> ObjectRef:
        file = os.path.relpath(self.file) if Path(self.file).is_file() else ""
        work = Work(
            cell=cell.id,
            study=self.study,
            arguments=self.command(cell),
            home=str(Path.cwd()),
            results=str(self.results.resolve()),
            marker=str(marker),
            file=file,
            stamp=stamp(Path(file)) if file else None,
            threads=needed.cpus,
            gpus=needed.gpus,
            environment={name: os.environ[name] for name in SENT if name in os.environ},
        )
        self._tries[cell.id] = self._tries.get(cell.id, 0) + 1
        task = self._ray.remote(run_there).options(
            num_cpus=needed.cpus,
            num_gpus=needed.gpus,
            memory=needed.memory or None,
            max_retries=0,
            name=cell.label,
            scheduling_strategy="SPREAD",
        )
        return task.remote(work, self._parcel)

    def _ended(self, cell: Cell, ref: ObjectRef) -> Ended | None:
        """Returns how a cell ended; None where it has to be run once more."""
        try:
            result: Result = self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as error:
            return self._failed(cell, str(error.cause).strip().partition("\n")[0])
        except self._ray.exceptions.RayError as error:
            kind = type(error).__name__
            result = {"lost": LOST.get(kind, kind)}
        if "missing" in result:
            return self._send(cell)
        if "lost" in result:
            return self._lost(cell, result["lost"])
        state = result["state"]
        if "log" in result:
            self._states.log(cell).write_text(result["log"], encoding="utf-8")
            state = arrive(result, self.results)
        if "log" in result or "cell" not in state or self._unseen(cell, state):
            self._note(cell, state)
        return Ended(cell, state, result["seconds"])

    def _unseen(self, cell: Cell, state: State) -> bool:
        """Whether the node's note isn't to be seen here yet, as network disks remember."""
        return self._states.read(cell)["status"] != state["status"]

    def _send(self, cell: Cell) -> Ended | None:
        """Lets a node have a copy of the study's folder, for this cell and those to come."""
        self._tries[cell.id] -= 1
        if self._parcel is None:
            try:
                self._parcel = self._ray.put(self._packed())
            except UsageError as error:
                return self._failed(cell, f"{error.message}. {error.hint}")
            self.say("A node doesn't see this folder: it is sent, and records come back.")
        return None

    def _packed(self) -> bytes:
        home, results = Path.cwd(), self.results.resolve()
        if os.path.relpath(self.file).startswith(".."):
            raise UsageError(
                "a node doesn't see the study file", "Start in a folder that holds it."
            )
        return pack(home, [path for path in home.iterdir() if path.resolve() != results])

    def _lost(self, cell: Cell, how: str) -> Ended | None:
        if (tries := self._tries[cell.id]) >= MOST_ATTEMPTS:
            return self._failed(cell, f"it was lost {tries} times: {how}")
        self.say(f"{cell.label} was lost ({how}); it goes on, {tries + 1} of {MOST_ATTEMPTS}")
        return None

    def _failed(self, cell: Cell, error: str) -> Ended:
        state: State = {"status": "failed", "error": error}
        self._note(cell, state)
        return Ended(cell, state, 0.0)

    def _note(self, cell: Cell, state: Mapping[str, Any]) -> None:
        own = {key: value for key, value in state.items() if key != "cell"}
        self._states.write(cell, **own)

    def _hopeless(self, running: Mapping[ObjectRef, tuple[Cell, Needs]]) -> list[ObjectRef]:
        """Cancels and returns what no node that is left can run."""
        nodes = self._nodes()
        lost = [ref for ref, (_, needed) in running.items() if unfit(needed, nodes)]
        for ref in lost:
            self._ray.cancel(ref)
        return lost

    def _free(self, refs: Sequence[ObjectRef]) -> None:
        """Cancels what still runs, and waits until its processes have stopped; not for ever."""
        if not refs:
            return
        until = time.monotonic() + FREE_SECONDS
        with contextlib.suppress(Exception):
            for ref in refs:
                self._ray.cancel(ref)
            while time.monotonic() < until and not self._idle():
                time.sleep(0.5)

    def _idle(self) -> bool:
        total, free = self._ray.cluster_resources(), self._ray.available_resources()
        return all(free.get(name, 0) >= total.get(name, 0) for name in ("CPU", "GPU"))


def _silent(*lines: object, **options: object) -> None:
    """Prints nothing."""


def _resolved(address: str) -> str:
    """Returns HOST:PORT of the cluster, after a knock: Ray itself would wait for minutes.

    Raises:
        MissingDependency: Nobody is there.
    """
    import ray
    from ray._private import ray_constants, services

    nobody = "Start one with `ray start --head`, or name one: --address HOST:PORT."
    if address == "auto":
        with contextlib.suppress(ConnectionError):
            address = services.get_ray_address_from_environment(address, None)
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise MissingDependency(f"there is no Ray cluster at {address}", nobody)
    # Ray replaces the loopback address by the machine's own. A cluster may listen at one alone.
    own = ray.util.get_node_ip_address()
    if host in ("127.0.0.1", "localhost") and not _answers(own, port):
        ray_constants.ENABLE_RAY_CLUSTER = False
        own = host
    if not _answers(own if host in ("127.0.0.1", "localhost") else host, port):
        raise MissingDependency(f"there is no Ray cluster at {address}", nobody)
    return address


def _answers(host: str, port: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), ANSWER_SECONDS):
        return True
    return False
