"""Looks for inputs that end in anything but an answer or a clear refusal, guided by coverage.

    python -m tests.fuzz.search --minutes 30 [--target tables] [--out FILE]

Needs the package ``atheris``. Each target takes its share of the time, in a process of its own.
What is found is written beside what was kept, once for each place in the code: mend it, and the
input stays as a test. Inputs that lead to new code are gone with the process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

NAMES = ("records", "tables", "files", "documents", "responses")
KEPT = Path(__file__).parent / "kept"
SLOW_SECONDS = 5.0
MEMORY_BYTES = 4 * 2**30
LONGEST_BYTES = 1 << 16


def search(name: str, seconds: int) -> None:
    """Feeds one target until the time is over; the process ends with it."""
    import atheris

    with atheris.instrument_imports(include=["harness"]):
        from tests.fuzz.targets import TARGETS, feed

        target = TARGETS[name]
        seeds = target.seeds()
        for seed in seeds:  # so that what is imported late is instrumented too
            feed(target, seed, Path(tempfile.mkdtemp()) / "one")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    scratch = Path(tempfile.mkdtemp(prefix="fuzz-"))
    places = set[str]()
    counts = {"inputs": 0, "read": 0, "finds": 0}
    ends = time.monotonic() + seconds

    def one(data: bytes) -> None:
        since = time.monotonic()
        try:
            counts["read"] += feed(target, data, scratch / "one")
            if time.monotonic() - since > SLOW_SECONDS:
                raise TimeoutError("it took too long")
        except (Exception, SystemExit) as error:
            if _keep(name, data, error, places):
                counts["finds"] += 1
        counts["inputs"] += 1
        if time.monotonic() > ends:
            print(json.dumps({"target": name, **counts}), flush=True)
            os._exit(0)  # libFuzzer has no other end that isn't a crash

    corpus = scratch / "seeds"
    corpus.mkdir()
    for number, seed in enumerate(seeds):
        (corpus / f"{number}").write_bytes(seed)
    atheris.Setup([name, str(corpus), f"-max_len={LONGEST_BYTES}", "-rss_limit_mb=0"], one)
    atheris.Fuzz()


def _keep(name: str, data: bytes, error: BaseException, places: set[str]) -> bool:
    """Writes an input that failed at a place which is new; says where."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/harness/" in f.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside"
    place = f"{type(error).__name__} at {where}"
    if place in places:
        return False
    places.add(place)
    folder = KEPT / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    print(f"{name}: {place}: {str(error)[:200]!r} -> {path.name}", file=sys.stderr, flush=True)
    return True


def main() -> None:
    """Divides the time between the targets."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=30.0)
    options.add_argument("--target", choices=NAMES, default=None)
    options.add_argument("--out", type=Path, help="file for the counts, as JSON")
    options.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.here:
        search(asked.target, round(60 * asked.minutes))
        return
    names = [asked.target] if asked.target else [*NAMES]
    share = asked.minutes / len(names)
    told = []
    for name in names:
        command = [sys.executable, "-m", "tests.fuzz.search", "--here", "--target", name]
        done = subprocess.run(
            [*command, "--minutes", str(share)], stdout=subprocess.PIPE, text=True, check=True
        )
        told.append(json.loads(done.stdout.splitlines()[-1]) | {"minutes": round(share, 1)})
        print(told[-1], flush=True)
    if asked.out:
        from harness.records.files import write_json  # not before its modules are instrumented

        write_json(asked.out, {"fuzzer": "atheris", "targets": told})


if __name__ == "__main__":
    main()
