"""Small pieces of work for tests of executors; imported by their workers."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from api.jobs.work import Reporter, Stopped, Workplace
from pricing.errors import ConflictingRulesError
from regional_assets.errors import InputError, Problem
from regional_assets.model import Region
from regional_assets.text import Text
from solvers.errors import SamplerError

KINDS = {
    name: f"works:{name}"
    for name in (
        "echo",
        "huge",
        "step_by_step",
        "until_stopped",
        "deaf",
        "stops_empty_handed",
        "die",
        "exits",
        "refuses",
        "refuses_rules",
        "refuses_sampler",
        "crashes",
        "runs_out_of_memory",
        "returns_nothing",
        "prints",
        "grows",
        "leaves_files",
        "fills_the_disk",
        "names_region",
        "where",
    )
}


def echo(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Return what came in."""
    return payload


def where(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Return the process that works."""
    return str(os.getpid()).encode()


def huge(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Offer and return as many bytes as the payload says."""
    content = b"x" * int(payload)
    reporter.offer(content, objective=1)
    return content


def step_by_step(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Tell three stages, and offer three answers."""
    for step in range(3):
        reporter.tell(step / 3, f"stage {step}")
        reporter.offer(str(step).encode(), objective=step)
    return b"done"


def until_stopped(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Offer better and better answers until told to stop; return the best one."""
    step = 0
    reporter.offer(b"answer 0", pid=os.getpid())
    while not reporter.stop_requested():
        time.sleep(0.01)
        step += 1
    reporter.offer(f"answer {step}".encode(), pid=os.getpid())
    return b"best"


def deaf(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Look for nothing and go on for ever."""
    reporter.offer(b"first", pid=os.getpid())
    while True:
        time.sleep(0.1)


def stops_empty_handed(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Offer what the payload holds, if anything, and end without more when told to."""
    reporter.tell(0.5, "waiting")
    if payload:
        reporter.offer(payload)
    while not reporter.stop_requested():
        time.sleep(0.01)
    raise Stopped


def die(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """End the process by a signal."""
    os.kill(os.getpid(), signal.Signals[payload.decode()])
    time.sleep(60)
    return b""


def exits(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Try to end the process as programs do."""
    sys.exit(3)


def refuses(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Find two things wrong with the input."""
    raise InputError(Problem(where, None, Text(ja="だめ", en="bad")) for where in ("days", "party"))


def refuses_rules(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Find rules that conflict."""
    raise ConflictingRulesError(["one", "two"], Text(ja="矛盾", en="conflict"))


def refuses_sampler(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Find no such sampler."""
    raise SamplerError("unknown", "nobody", "no such sampler")


def crashes(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Fail as programs do."""
    raise ZeroDivisionError


def runs_out_of_memory(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Fail as programs do that ask for too much."""
    raise MemoryError


def returns_nothing(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> None:
    """Forget to return anything."""


def prints(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Print by Python and by the system, where messages go out, and read from where they come in."""
    print("by Python")
    os.write(1, b"by the system\n")
    return json.dumps(sys.stdin.read()).encode()


def grows(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Keep some memory; return the process that works."""
    _kept.append(b"x" * int(payload))
    return str(os.getpid()).encode()


_kept: list[bytes] = []


def leaves_files(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Write a file beside what others left; return all names."""
    (workplace.scratch / "file").write_bytes(payload)
    return json.dumps([str(workplace.scratch), *(path.name for path in workplace.scratch.iterdir())]).encode()


def fills_the_disk(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Write more than the system lets it, for once."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        (workplace.scratch / "large").write_bytes(b"x" * 2_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    return b""


def names_region(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
    """Return the id, the folder and the number of assets of the region."""
    assert region is not None
    return json.dumps([region.id, str(region.folder), len(region.assets), Path(str(region.folder)).is_dir()]).encode()
