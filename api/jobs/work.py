"""
Work that is done in another process: what goes there, what comes back, and what it finds there.

A piece of work is a function of three plain things and a reporter::

    def plan(payload: bytes, region: Region | None, reporter: Reporter, workplace: Workplace) -> bytes:
        request = TripRequest.model_validate_json(payload)
        itinerary = plan_trip(region, request, ..., on_progress=lambda share: reporter.tell(share, "searching"))
        return itinerary.model_dump_json().encode()

It says how far it is (`Reporter.tell`), hands out better answers as it finds them (`Reporter.offer`), and looks now and
then whether it should stop (`Reporter.stop_requested`): it then returns the best it has, or raises `Stopped` where it
has nothing beyond what it offered. `InputError` refuses the input; any other exception is a fault of the program.

`api.jobs.kinds` names the function of each kind of job; `api.jobs.executors` runs them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from api.jobs._kept import Kept
from regional_assets.errors import Problem

if TYPE_CHECKING:
    from api.regions.snapshots import SnapshotRef
    from regional_assets.model import Region
    from routing.request import Mode
    from routing.streets import StreetNetwork

# The bundled region, of 311 assets, takes 3.4 MB in memory; every edit makes a new version of it.
_REGIONS_KEPT = 8
# By far the largest things kept: those of one region for its three modes, and one more.
_NETWORKS_KEPT = 4


@dataclass(frozen=True, slots=True)
class Task:
    """
    Describe one attempt at a job.

    Parameters
    ----------
    job_id, attempt
        Name the attempt; whatever is told of it carries both.
    kind
        One of `api.jobs.kinds.KINDS`.
    payload
        What the function of that kind reads.
    snapshot
        The region as it was when the job was asked for; None for work that needs none.
    time_limit_s
        After that, counted from when the work begins, it is told to stop.
    """

    job_id: str
    attempt: int
    kind: str
    payload: bytes
    snapshot: SnapshotRef | None
    time_limit_s: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Say how far the work is: the share done, 0 to 1, and a word for what goes on; None where unknown."""

    share: float | None
    stage: str | None


@dataclass(frozen=True, slots=True)
class Improvement:
    """
    Hand out a better answer than all before.

    Parameters
    ----------
    answer
        Whole, in the form of the result.
    facts
        Plain values about it: ``objective, bound, gap, seconds``, and of a trip ``days``.
    """

    answer: bytes
    facts: Mapping[str, Any]


Message: TypeAlias = Progress | Improvement
"""What is told of an attempt while it goes on."""


@dataclass(frozen=True, slots=True)
class Finished:
    """
    The work ended by itself.

    Parameters
    ----------
    result
        The answer; None where the work was stopped before there was any.
    stopped
        Whether it ended early, because it was told to or ran out of time: ``result`` is the best it had.
    """

    result: bytes | None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The input cannot be used."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Crashed:
    """The work raised an error that it should not: a fault of the program. ``reason`` is for the log alone."""

    reason: str


@dataclass(frozen=True, slots=True)
class DiskFull:
    """Files that the work needs found no room on the disk. ``reason`` is for the log alone."""

    reason: str


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """
    The process that worked is gone.

    Parameters
    ----------
    reason
        What is known of its end, for the log alone.
    is_killed
        Whether no fault ended it: `Executor.kill` or `Executor.close` did, or it was not begun for want of room.
    """

    reason: str
    is_killed: bool = False


Outcome: TypeAlias = Finished | Refused | Crashed | DiskFull | WorkerLost
"""How an attempt ended."""


class Stopped(Exception):  # noqa: N818 - no error: it was asked for
    """End work that was asked to stop and has no answer beyond those it offered."""


class Reporter(Protocol):
    """Take what work tells while it goes on."""

    def tell(self, share: float | None = None, stage: str | None = None) -> None:
        """Say how far it is; cheap to call often, as most of what comes within a tenth of a second is dropped."""

    def offer(self, answer: bytes, **facts: Any) -> None:
        """Hand out a better answer than all before, in the form of the result; see `Improvement`."""

    def stop_requested(self) -> bool:
        """Whether the work should end now with the best it has: somebody asked for it, or its time is up."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """
    Hold what work finds in its process: regions and streets, kept between tasks, and room for files.

    Parameters
    ----------
    home
        Folder of state of this machine.
    scratch_folder
        Made when first asked for; emptied after each task.
    """

    home: Path
    scratch_folder: Path
    _regions: Kept[str, Region] = field(default_factory=lambda: Kept(_REGIONS_KEPT), repr=False)
    _networks: Kept[object, StreetNetwork | None] = field(default_factory=lambda: Kept(_NETWORKS_KEPT), repr=False)

    def region(self, ref: SnapshotRef) -> Region:
        """
        Return the region of a snapshot, with its folder set.

        Raises
        ------
        InputError
            If the folder is none.
        """
        from regional_assets.region import load_region

        return self._regions.get(ref.data_version, lambda: load_region(ref.folder))

    def networks(self, region: Region, mode: Mode) -> dict[Mode, StreetNetwork]:
        """
        Return the streets of a region for a mode, as `routing.plan.plan_trip` takes them; empty where it has none.

        Raises
        ------
        InputError
            If the file is missing or damaged.
        """
        from routing.plan import load_streets

        network = self._networks.get(_identity(region, mode), lambda: load_streets(region, mode))
        return {} if network is None else {mode: network}

    @property
    def scratch(self) -> Path:
        """Return a folder for files of this task alone."""
        self.scratch_folder.mkdir(parents=True, exist_ok=True)
        return self.scratch_folder

    def tidy(self) -> None:
        """Remove what the task left in its folder."""
        if self.scratch_folder.exists():
            shutil.rmtree(self.scratch_folder, ignore_errors=True)


Work: TypeAlias = "Callable[[bytes, Region | None, Reporter, Workplace], bytes]"
"""What does the jobs of one kind; see the head of this module."""


def _identity(region: Region, mode: Mode) -> object:
    """Return what tells one file of streets from another: versions of a region that share it share what was read."""
    source = next((streets for streets in region.streets if streets.mode == mode), None)
    if source is None or region.folder is None:
        return None
    try:
        state = (region.folder / source.file).stat()
    except OSError:
        # Reading it tells what is wrong.
        return (region.folder, mode)
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
