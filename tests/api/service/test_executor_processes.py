"""Processes of this machine as an executor: what work may do, and what may happen to it."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hearing import begin, run, task, wait_until
from works import KINDS

from api.jobs.executors import _process, processes
from api.jobs.executors.processes import ProcessExecutor
from api.jobs.work import Crashed, Finished, Improvement, Progress, Refused, WorkerLost
from api.regions.snapshots import SnapshotRef
from regional_assets.model import Region


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessExecutor]:
    """Return two processes that have room whenever a test begins."""
    executor = ProcessExecutor(2, tmp_path_factory.mktemp("home"), kinds=KINDS, warms_up=False)
    executor.start()
    yield executor
    executor.close(0)


@pytest.fixture(autouse=True)
def room(executor: ProcessExecutor) -> None:
    """Wait until what earlier tests killed has been replaced."""
    wait_until(lambda: executor.room() == 2)


def _is_alive(pid: int) -> bool:
    """Whether a process exists; one that ended and was not waited for counts."""
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True


def _pid(message: object) -> int:
    assert isinstance(message, Improvement)
    return int(message.facts["pid"])


def test_work_returns_its_result(executor: ProcessExecutor) -> None:
    """What the function returns is the result; while it works it takes a place."""
    heard = begin(executor, waiting := task("until_stopped"))
    assert executor.room() == 1
    assert run(executor, "echo", b"\x00hello") == Finished(b"\x00hello")
    executor.stop(waiting.job_id, 1)
    assert heard.outcome() == Finished(b"best", stopped=True)
    assert executor.room() == 2


def test_news_come_in_the_order_in_which_they_were_told(executor: ProcessExecutor) -> None:
    """Stages and better answers arrive as they were told, and before the end."""
    heard = begin(executor, task("step_by_step"))
    assert heard.outcome() == Finished(b"done")
    assert heard.messages == [
        news
        for step in range(3)
        for news in (Progress(step / 3, f"stage {step}"), Improvement(str(step).encode(), {"objective": step}))
    ]


def test_large_results_arrive_whole(executor: ProcessExecutor) -> None:
    """Answers of many megabytes pass the pipes like small ones, in both directions."""
    size = 20_000_000
    heard = begin(executor, task("huge", str(size).encode()))
    assert heard.outcome() == Finished(b"x" * size)
    assert heard.messages == [Improvement(b"x" * size, {"objective": 1})]
    content = os.urandom(size)
    assert run(executor, "echo", content) == Finished(content)


def test_work_ends_with_its_best_when_its_time_is_up(executor: ProcessExecutor) -> None:
    """No request to stop is needed where the limit of the task is reached."""
    assert run(executor, "until_stopped", time_limit_s=0.05) == Finished(b"best", stopped=True)


@pytest.mark.parametrize(("offered", "kept"), [(b"so far", b"so far"), (b"", None)])
def test_stopped_work_keeps_the_best_that_it_offered(
    executor: ProcessExecutor, offered: bytes, kept: bytes | None
) -> None:
    """Work that stops with empty hands leaves its last better answer, or none where there was none."""
    heard = begin(executor, work := task("stops_empty_handed", offered))
    heard.message()
    executor.stop(work.job_id, 1)
    assert heard.outcome() == Finished(kept, stopped=True)


def test_a_request_to_stop_is_for_one_attempt(executor: ProcessExecutor) -> None:
    """Others, later ones in the same process, and attempts that are over are left alone."""
    first, second = task("until_stopped"), task("until_stopped")
    heard, other = begin(executor, first), begin(executor, second)
    executor.stop(first.job_id, 2)
    executor.stop("nobody", 1)
    executor.stop(first.job_id, 1)
    assert heard.outcome() == Finished(b"best", stopped=True)
    executor.stop(first.job_id, 1)
    assert run(executor, "echo", b"next") == Finished(b"next")
    assert other.outcomes == []
    executor.stop(second.job_id, 1)
    assert other.outcome() == Finished(b"best", stopped=True)


def test_killing_one_attempt_leaves_the_others(executor: ProcessExecutor) -> None:
    """Work that listens to nothing is ended, with its process; its slot serves again."""
    deaf, other = task("deaf"), task("until_stopped")
    heard, others = begin(executor, deaf), begin(executor, other)
    pid = _pid(heard.message())
    executor.stop(deaf.job_id, 1)
    executor.kill(deaf.job_id, 1)
    lost = heard.outcome()
    assert isinstance(lost, WorkerLost)
    assert lost.is_killed
    assert not _is_alive(pid)
    assert run_when_free(executor, "echo", b"again") == Finished(b"again")
    executor.stop(other.job_id, 1)
    assert others.outcome() == Finished(b"best", stopped=True)


def run_when_free(executor: ProcessExecutor, kind: str, payload: bytes) -> object:
    """Run a task as soon as there is room."""
    wait_until(lambda: executor.room() > 0)
    return run(executor, kind, payload)


@pytest.mark.parametrize("fault", ["SIGKILL", "SIGSEGV", "SIGABRT"])
def test_a_worker_that_dies_costs_its_own_job_only(executor: ProcessExecutor, fault: str) -> None:
    """The system kills a process, or a library brings it down: the reason is told, the other goes on."""
    other = begin(executor, work := task("until_stopped"))
    lost = run(executor, "die", fault.encode())
    assert isinstance(lost, WorkerLost)
    assert fault in lost.reason
    assert not lost.is_killed
    assert other.outcomes == []
    executor.stop(work.job_id, 1)
    assert other.outcome() == Finished(b"best", stopped=True)


def test_a_worker_killed_from_outside_is_noticed_in_mid_solve(executor: ProcessExecutor) -> None:
    """Somebody kills the process: better answers were told before, and nothing else is lost."""
    heard = begin(executor, task("until_stopped"))
    pid = _pid(heard.message())
    os.kill(pid, signal.SIGKILL)
    lost = heard.outcome()
    assert isinstance(lost, WorkerLost)
    assert "SIGKILL" in lost.reason
    assert not _is_alive(pid)


def test_workers_leave_requests_to_end_to_the_server(executor: ProcessExecutor) -> None:
    """Ctrl-C, and what service managers send to every process of a service, does not end work."""
    heard = begin(executor, work := task("until_stopped"))
    pid = _pid(heard.message())
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    executor.stop(work.job_id, 1)
    assert heard.outcome() == Finished(b"best", stopped=True)
    assert os.getpgid(pid) != os.getpgid(0)


def test_bad_input_is_refused_with_every_problem(executor: ProcessExecutor) -> None:
    """What rooms below tell of bad input comes back in full, whatever their error is called."""
    outcome = run(executor, "refuses")
    assert isinstance(outcome, Refused)
    assert [problem.where for problem in outcome.problems] == ["days", "party"]
    outcome = run(executor, "refuses_rules")
    assert isinstance(outcome, Refused)
    assert [(problem.where, problem.value) for problem in outcome.problems] == [("rules", "one, two")]
    outcome = run(executor, "refuses_sampler")
    assert isinstance(outcome, Refused)
    assert [(problem.where, problem.value) for problem in outcome.problems] == [("solver.sampler", "nobody")]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("crashes", "ZeroDivisionError"),
        ("runs_out_of_memory", "MemoryError"),
        ("exits", "SystemExit"),
        ("returns_nothing", "NoneType"),
        ("no_such_kind", "no_such_kind"),
    ],
)
def test_faults_of_the_program_are_told_as_such(executor: ProcessExecutor, kind: str, words: str) -> None:
    """Any other error is a crash with its trace, and the process goes on with the next task."""
    outcome = run(executor, kind)
    assert isinstance(outcome, Crashed)
    assert words in outcome.reason
    assert run(executor, "echo", b"next") == Finished(b"next")


def test_what_work_prints_goes_to_the_log(
    executor: ProcessExecutor, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the messages nor the server's own output are disturbed, and nothing can be read where messages come."""
    with caplog.at_level(logging.WARNING):
        assert run(executor, "prints") == Finished(b'""')
        wait_until(lambda: "by the system" in caplog.text and "by Python" in caplog.text)
    assert capfd.readouterr() == ("", "")


def test_work_finds_an_empty_folder_for_its_files(executor: ProcessExecutor) -> None:
    """What one task leaves is gone before the next; killed ones leave nothing either."""
    for _ in range(3):
        outcome = run(executor, "leaves_files")
        assert isinstance(outcome, Finished)
        folder, *names = json.loads(outcome.result or b"")
        assert names == ["file"]
        assert not Path(folder).exists()


def test_work_gets_the_region_of_its_snapshot(executor: ProcessExecutor, stored_region: Region) -> None:
    """The region is read from the folder of the snapshot; a folder that is gone costs the attempt, not the job."""
    folder = stored_region.folder
    assert folder is not None
    heard = begin(executor, task("names_region", snapshot=SnapshotRef("testland", "1" * 64, folder)))
    outcome = heard.outcome()
    assert isinstance(outcome, Finished)
    assert json.loads(outcome.result or b"") == ["testland", str(folder), len(stored_region.assets), True]
    gone = begin(executor, task("names_region", snapshot=SnapshotRef("testland", "2" * 64, folder / "gone")))
    assert isinstance(gone.outcome(), WorkerLost)


def test_tasks_beyond_the_room_are_given_back(executor: ProcessExecutor) -> None:
    """Where every process works, a further task ends at once, to be tried again."""
    waiting = [task("until_stopped") for _ in range(2)]
    heard = [begin(executor, each) for each in waiting]
    assert executor.room() == 0
    assert isinstance(run(executor, "echo"), WorkerLost)
    for each, listener in zip(waiting, heard, strict=True):
        executor.stop(each.job_id, 1)
        listener.outcome()


def test_listeners_that_fail_harm_nobody_else(executor: ProcessExecutor, caplog: pytest.LogCaptureFixture) -> None:
    """What goes wrong in a listener is logged; the worker goes on, and its place is free again."""

    class Deaf:
        def told(self, job_id: str, attempt: int, message: object) -> None:
            raise RuntimeError("told")

        def ended(self, job_id: str, attempt: int, outcome: object) -> None:
            raise RuntimeError("ended")

    executor.submit(task("step_by_step"), Deaf())
    wait_until(lambda: "RuntimeError: ended" in caplog.text)
    assert caplog.text.count("RuntimeError: told") == 6
    assert run(executor, "echo", b"next") == Finished(b"next")
    assert "worker" not in caplog.text


def test_workers_are_replaced_after_some_tasks(tmp_path: Path) -> None:
    """A new process takes over after so many tasks, without a gap: there is room throughout."""
    executor = ProcessExecutor(1, tmp_path, kinds=KINDS, warms_up=False, tasks_per_worker=3)
    executor.start()
    try:
        pids = []
        until = time.monotonic() + 60
        while len(set(pids)) < 3 and time.monotonic() < until:
            assert executor.room() == 1
            outcome = run(executor, "where")
            assert isinstance(outcome, Finished)
            pids.append(int(outcome.result or b""))
        assert len(set(pids)) >= 3
        assert pids[0] == pids[2]
        wait_until(lambda: not _is_alive(pids[0]))
    finally:
        executor.close(0)


def test_workers_that_grow_are_replaced(tmp_path: Path) -> None:
    """A process above the mark makes room for a new one, but not after each of its first tasks."""
    executor = ProcessExecutor(1, tmp_path, kinds=KINDS, warms_up=False, memory_mark_bytes=2**20)
    executor.start()
    try:
        pids = [run(executor, "grows", b"100000") for _ in range(20)]
        assert len(set(pids)) == 1
        wait_until(lambda: run(executor, "grows", b"100000") != pids[0])
    finally:
        executor.close(0)


def test_workers_that_do_not_start_are_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no process comes up there is no room, and the reason is told; afterwards all is well."""
    monkeypatch.setattr(_process.sys, "executable", "/bin/false")
    monkeypatch.setattr(processes, "_RESTART_AFTER_S", 0.05)
    executor = ProcessExecutor(1, tmp_path, kinds=KINDS, warms_up=False)
    executor.start()
    try:
        wait_until(executor.health)
        assert "exit code 1" in str(executor.health())
        monkeypatch.undo()
        wait_until(lambda: executor.health() is None)
        assert run(executor, "echo", b"here") == Finished(b"here")
    finally:
        executor.close(0)


_SLOW = """
import os, time
from pathlib import Path
import works

def note(word):
    with (Path(__file__).parent / "notes").open("a") as notes:
        notes.write(f"{word}\\n")

note("begun")
until = time.monotonic() + 20
while not Path(__file__).with_name("go_on").exists() and time.monotonic() < until:
    time.sleep(0.01)
note("done")
work = works.echo
"""


def test_workers_warm_up_in_the_background_the_first_one_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Early tasks do not wait for all that is imported; others import when the first has left compiled code on disk."""
    # Nothing is to be compiled here: that may take a minute.
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    (tmp_path / "slow_to_import.py").write_text(_SLOW)
    monkeypatch.syspath_prepend(str(tmp_path))
    notes = tmp_path / "notes"
    kinds = {**KINDS, "slow": "slow_to_import:work", "missing": "no_such_module:work"}
    executor = ProcessExecutor(2, tmp_path, kinds=kinds)
    try:
        executor.start()
        other = begin(executor, waiting := task("until_stopped"))
        assert run(executor, "echo", b"early") == Finished(b"early")
        other.message()
        wait_until(lambda: notes.exists() and notes.read_text())
        assert notes.read_text().split() == ["begun"]
        (tmp_path / "go_on").touch()
        assert run(executor, "slow", b"late") == Finished(b"late")
        executor.stop(waiting.job_id, 1)
        wait_until(lambda: notes.read_text().split() == ["begun", "done"] * 2)
    finally:
        executor.close(0)


def test_closing_waits_for_work_that_is_about_to_end(tmp_path: Path) -> None:
    """What ends within the grace is finished; nothing new is taken meanwhile."""
    executor = ProcessExecutor(1, tmp_path, kinds=KINDS, warms_up=False)
    executor.start()
    heard = begin(executor, work := task("until_stopped"))
    pid = _pid(heard.message())
    closing = threading.Thread(target=executor.close, args=(60,))
    closing.start()
    wait_until(lambda: executor.room() == 0)
    executor.stop(work.job_id, 1)
    closing.join(60)
    assert not closing.is_alive()
    assert heard.outcomes == [Finished(b"best", stopped=True)]
    assert not _is_alive(pid)
    assert isinstance(run(executor, "echo"), WorkerLost)


def test_closing_kills_what_goes_on(tmp_path: Path) -> None:
    """What does not end within the grace is killed and told; no process is left, dead or alive."""
    executor = ProcessExecutor(2, tmp_path, kinds=KINDS, warms_up=False)
    executor.start()
    heard = [begin(executor, task("deaf")) for _ in range(2)]
    pids = [_pid(each.message()) for each in heard]
    executor.close(0)
    assert [each.outcomes[0].is_killed for each in heard if isinstance(each.outcomes[0], WorkerLost)] == [True, True]
    assert not any(map(_is_alive, pids))
    assert not [
        thread for thread in threading.enumerate() if thread.name.startswith(tuple(f"worker-{pid}" for pid in pids))
    ]


_SERVER = """
import sys, time
from pathlib import Path
from hearing import begin, task
from works import KINDS
from api.jobs.executors.processes import ProcessExecutor

executor = ProcessExecutor(2, Path(sys.argv[1]), kinds=KINDS, warms_up=False)
executor.start()
for kind in ("deaf", "until_stopped"):
    print(begin(executor, task(kind)).message().facts["pid"], flush=True)
time.sleep(600)
"""


def test_workers_end_with_their_server(tmp_path: Path) -> None:
    """A server killed outright, without a guard around its main module, leaves no process behind."""
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    )
    assert server.stdout is not None
    with server, server.stdout:
        pids = [int(server.stdout.readline()) for _ in range(2)]
        assert all(map(_is_alive, pids))
        server.kill()
    # Nobody waits for orphans but the first process of the system, which may be none that does.
    wait_until(lambda: all(map(_has_ended, pids)))


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return not _is_alive(pid)
