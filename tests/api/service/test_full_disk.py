"""A full disk: jobs say so, nothing half written is used later, and all goes on when there is room again."""

from __future__ import annotations

import datetime as dt
import errno
from pathlib import Path

import pytest
from at_hand import HandExecutor, service_at_hand
from hearing import run
from serving import serving, wait_until
from works import KINDS

from api.disk import is_full_disk
from api.http.app import create_app
from api.jobs.executors.processes import ProcessExecutor
from api.jobs.work import DiskFull, Finished
from api.regions import snapshots

TRIP = {"days": [(dt.date.today() + dt.timedelta(days=14)).isoformat()]}


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_snapshot_that_finds_no_room_fails_its_job_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full when the last file of a region is written; with room again, the next job finds it whole."""
    executor = HandExecutor()
    folder = snapshots.snapshots_folder(tmp_path)
    with serving(create_app(service_at_hand(tmp_path, executor))) as client:

        def ask() -> str:
            return str(client.post("/v1/regions/echizen/trips", json=TRIP).json()["id"])

        with monkeypatch.context() as fault:
            fault.setattr(snapshots, "_write_manifest", full)
            failed = f"/v1/jobs/{ask()}"
            wait_until(lambda: client.get(failed).json()["state"] == "failed")
        problem = client.get(failed).json()["problem"]
        assert (problem["status"], problem["type"]) == (503, "urn:meguri:problem:storage-unavailable")
        assert [*folder.iterdir()] == []
        task = executor.piece(ask()).task
        assert task.snapshot is not None
        assert snapshots.find_snapshot(tmp_path, "echizen", task.snapshot.data_version) == task.snapshot


def test_work_that_finds_no_room_for_its_files_says_so(tmp_path: Path) -> None:
    """A real write beyond what the system allows ends the task, not the worker: the next one is done."""
    pytest.importorskip("resource")
    executor = ProcessExecutor(1, tmp_path, kinds=KINDS, warms_up=False)
    executor.start()
    try:
        wait_until(lambda: executor.room() == 1)
        outcome = run(executor, "fills_the_disk")
        assert isinstance(outcome, DiskFull)
        assert not [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()]
        assert run(executor, "echo", b"again") == Finished(b"again")
    finally:
        executor.close(0)


def test_a_full_disk_is_known_however_it_was_wrapped() -> None:
    """Compilers and readers of files raise errors of their own in the place of it."""
    wrapped = RuntimeError("cannot compile")
    wrapped.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert is_full_disk(wrapped)
    assert is_full_disk(OSError(errno.EFBIG, "File too large"))
    assert not is_full_disk(OSError(errno.EACCES, "no rights"))
