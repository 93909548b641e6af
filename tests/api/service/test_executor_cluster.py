"""A Dask cluster as an executor: the same promises as processes, over machines that come and go."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hearing import Heard, begin, run, task, wait_until
from own_cluster import HERE, Cluster
from works import KINDS

from api.jobs.executors import _cluster_member, _cluster_worker, executor_for
from api.jobs.executors._cluster_member import Member
from api.jobs.executors._cluster_worker import Post, Versions
from api.jobs.executors.cluster import ClusterExecutor
from api.jobs.executors.processes import ProcessExecutor
from api.jobs.work import Crashed, Finished, Improvement, Progress, Refused, WorkerLost
from api.regions.snapshots import materialise
from api.service_settings import read_service_settings
from regional_assets.errors import InputError
from regional_assets.model import Region
from regional_assets.region import save_region

OTHERS = Versions("99.0", "3.99")


@pytest.fixture(scope="module")
def executor(cluster_address: str) -> Iterator[ClusterExecutor]:
    """Return an executor on the cluster of the test run, whose workers learn of our pieces of work."""
    from distributed import Client

    def find_works_in(folder: str) -> None:
        if folder not in sys.path:
            sys.path.append(folder)

    with Client(cluster_address, set_as_default=False) as client:
        client.run(find_works_in, HERE)
    executor = ClusterExecutor(cluster_address, kinds=KINDS, warms_up=False)
    executor.start()
    yield executor
    executor.close(0)


@pytest.fixture
def places(executor: ClusterExecutor) -> int:
    """Wait until nothing is left of earlier tests; return how many tasks the cluster takes."""
    wait_until(lambda: executor.room() >= 2)
    return executor.room()


def _pid(heard: Heard) -> int:
    message = heard.message()
    assert isinstance(message, Improvement)
    return int(message.facts["pid"])


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.usefixtures("places")
def test_results_and_news_arrive_in_order(executor: ClusterExecutor) -> None:
    """Stages, better answers and the result come as from processes of the same machine."""
    heard = begin(executor, task("step_by_step"))
    assert heard.outcome() == Finished(b"done")
    assert heard.messages == [
        news
        for step in range(3)
        for news in (Progress(step / 3, f"stage {step}"), Improvement(str(step).encode(), {"objective": step}))
    ]
    assert run(executor, "huge", b"5000000") == Finished(b"x" * 5_000_000)


@pytest.mark.usefixtures("places")
def test_refusals_and_faults_are_told_alike(executor: ClusterExecutor) -> None:
    """Problems of the input come back in full, and faults with their trace."""
    outcome = run(executor, "refuses")
    assert isinstance(outcome, Refused)
    assert [problem.where for problem in outcome.problems] == ["days", "party"]
    outcome = run(executor, "crashes")
    assert isinstance(outcome, Crashed)
    assert "ZeroDivisionError" in outcome.reason


def test_work_can_be_stopped_and_killed(executor: ClusterExecutor, places: int) -> None:
    """Both reach a worker in the middle of its work; what it told before is not lost, and its place is free again."""
    stopped, killed = begin(executor, stop := task("until_stopped")), begin(executor, kill := task("deaf"))
    _pid(stopped)
    pid = _pid(killed)
    assert executor.room() == places - 2
    executor.kill(kill.job_id, 1)
    lost = killed.outcome()
    assert isinstance(lost, WorkerLost)
    assert lost.is_killed
    assert not _is_running(pid)
    executor.stop(stop.job_id, 1)
    assert stopped.outcome() == Finished(b"best", stopped=True)
    wait_until(lambda: executor.room() == places)


@pytest.mark.usefixtures("places")
def test_a_process_that_dies_costs_its_own_job_only(executor: ClusterExecutor) -> None:
    """The Dask worker lives on when the process beside it dies."""
    other = begin(executor, work := task("until_stopped"))
    lost = run(executor, "die", b"SIGKILL")
    assert isinstance(lost, WorkerLost)
    assert "SIGKILL" in lost.reason
    assert not lost.is_killed
    assert other.outcomes == []
    executor.stop(work.job_id, 1)
    assert other.outcome() == Finished(b"best", stopped=True)


@pytest.mark.usefixtures("places")
def test_snapshots_are_sent_to_machines_that_lack_them(
    executor: ClusterExecutor, stored_region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The region is there though no disk is shared, and a worker that has it is not sent it again."""
    version = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
    ref = materialise(tmp_path, stored_region.id, version, lambda folder: save_region(stored_region, folder))
    packed: list[object] = []
    pack = _cluster_member.pack
    monkeypatch.setattr(_cluster_member, "pack", lambda ref: packed.append(ref) or pack(ref))
    for _ in range(3):
        outcome = begin(executor, task("names_region", snapshot=ref)).outcome()
        assert isinstance(outcome, Finished)
        region_id, folder, assets, is_folder = json.loads(outcome.result or b"")
        assert (region_id, assets, is_folder) == (stored_region.id, len(stored_region.assets), True)
        assert folder != str(ref.folder)
    # Workers of one machine share what it has; there may be two machines.
    assert 1 <= len(packed) <= 2


def test_servers_share_the_places_of_a_cluster(executor: ClusterExecutor, cluster_address: str, places: int) -> None:
    """A task for which another server took the last place is given back unharmed, and does not wait behind others."""
    second = ClusterExecutor(cluster_address, kinds=KINDS, warms_up=False)
    second.start()
    try:
        wait_until(lambda: second.room() == places)
        tasks = [task("until_stopped") for _ in range(places)]
        heard = [begin(executor, each) for each in tasks]
        for each in heard:
            each.message()
        # Whether it knows of them by now or not.
        given_back = run(second, "echo")
        assert isinstance(given_back, WorkerLost)
        assert given_back.is_killed
        wait_until(lambda: second.room() == 0)
        for each, listener in zip(tasks, heard, strict=True):
            executor.stop(each.job_id, 1)
            listener.outcome()
        wait_until(lambda: second.room() == places)
        assert run(second, "echo", b"mine") == Finished(b"mine")
    finally:
        second.close(0)


def test_a_scheduler_of_another_version_is_told_and_not_used(cluster_address: str) -> None:
    """It could not read the tasks: it is named with both versions, and asked again later."""
    newer = ClusterExecutor(cluster_address, kinds=KINDS, warms_up=False)
    newer._versions = OTHERS
    newer.start()
    try:
        wait_until(lambda: str(OTHERS) in str(newer.health()))
        assert f"the scheduler has {Versions.here()}" in str(newer.health())
        assert newer.room() == 0
    finally:
        newer.close(0)


def test_a_worker_of_another_version_is_told_and_not_used() -> None:
    """It makes nothing ready, and is named with both versions."""

    class Client:
        async def run(
            self, function: Callable[..., Versions], *values: object, workers: list[str]
        ) -> dict[str, Versions]:
            return {workers[0]: function(*values, dask_worker=None)}

    async def trouble() -> str | None:
        return await Member(Client(), "server", "tcp://there", 1).prepare(OTHERS, KINDS, warms_up=False)

    assert asyncio.run(trouble()) == f"tcp://there has {Versions.here()}, this server {OTHERS}"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cluster]:
    """Return a scheduler without workers."""
    pytest.importorskip("distributed", reason="needs Dask: pip install 'meguri[cluster]'")
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.close()


@pytest.mark.slow
def test_workers_come_and_go_during_a_batch(own: Cluster) -> None:
    """One that joins takes work, one that dies loses its own, with all its processes; the rest goes on."""
    executor = ClusterExecutor(own.address, kinds=KINDS, warms_up=False)
    executor.start()
    try:
        wait_until(lambda: "no worker" in str(executor.health()))
        first_worker = own.start_worker()
        wait_until(lambda: executor.room() == 1)
        first = begin(executor, task("until_stopped"))
        pid = _pid(first)
        assert executor.room() == 0
        own.start_worker()
        wait_until(lambda: executor.room() == 1)
        second = begin(executor, work := task("until_stopped"))
        assert _pid(second) != pid
        first_worker.kill()
        lost = first.outcome()
        assert isinstance(lost, WorkerLost)
        assert not lost.is_killed
        wait_until(lambda: not _is_running(pid))
        assert executor.room() == 0
        executor.stop(work.job_id, 1)
        assert second.outcome() == Finished(b"best", stopped=True)
        assert executor.health() is None
    finally:
        executor.close(0)


@pytest.mark.slow
def test_a_cluster_that_is_lost_is_found_again(own: Cluster) -> None:
    """What ran there is told as lost, nothing is taken meanwhile, and all is well when the scheduler is back."""
    own.start_worker()
    executor = ClusterExecutor(own.address, kinds=KINDS, warms_up=False)
    executor.start()
    try:
        wait_until(lambda: executor.room() == 1)
        heard = begin(executor, task("until_stopped"))
        _pid(heard)
        own.scheduler.kill()
        lost = heard.outcome()
        assert isinstance(lost, WorkerLost)
        assert not lost.is_killed
        wait_until(lambda: executor.room() == 0)
        wait_until(lambda: "no connection" in str(executor.health()))
        assert isinstance(run(executor, "echo"), WorkerLost)
        own.start_scheduler()
        own.start_worker()
        wait_until(lambda: executor.room() == 1)
        assert executor.health() is None
        assert run(executor, "echo", b"again") == Finished(b"again")
    finally:
        executor.close(0)


def test_closing_does_not_wait_for_a_cluster_that_is_away() -> None:
    """An executor that never reached its cluster tells so, takes nothing, and is closed at once."""
    pytest.importorskip("distributed", reason="needs Dask: pip install 'meguri[cluster]'")
    executor = ClusterExecutor("tcp://127.0.0.1:9", kinds=KINDS)
    before = {*threading.enumerate()}
    executor.start()
    assert executor.room() == 0
    assert "127.0.0.1:9" in str(executor.health())
    executor.close(60)
    assert not [thread for thread in {*threading.enumerate()} - before if thread.name == "cluster"]
    executor.stop("nobody", 1)
    given_back = run(executor, "echo")
    assert isinstance(given_back, WorkerLost)
    assert given_back.is_killed


def test_the_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who names a cluster without the library for it is told what to install; without a cluster it is not missed."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as refusal:
        executor_for(read_service_settings(home=tmp_path, cluster="tcp://127.0.0.1:8786"))
    problem = refusal.value.problems[0]
    assert problem.where == "MEGURI_CLUSTER"
    assert "meguri[cluster]" in problem.message.en
    assert isinstance(executor_for(read_service_settings(home=tmp_path)), ProcessExecutor)


def test_tasks_of_a_server_that_is_gone_are_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker ends work for a server that no longer asks for news, and has its place free for others."""
    monkeypatch.setattr(_cluster_worker, "ABANDONED_AFTER_S", 0.2)
    local = ProcessExecutor(1, tmp_path, kinds=KINDS, warms_up=False)
    local.start()
    loop = asyncio.new_event_loop()
    try:
        post = Post(local, loop)
        post.reserve(("never handed in", 1))
        assert post.places == 1
        done = post.run(task("deaf"))
        assert isinstance(done.outcome, WorkerLost)
        assert post.places == 0
        wait_until(lambda: local.room() == 1)
    finally:
        local.close(0)
        loop.close()


@pytest.mark.parametrize("act", [Post.kill, Post.stop])
def test_requests_that_come_before_the_task_count(tmp_path: Path, act: Callable[[Post, tuple[str, int]], None]) -> None:
    """A task that is stopped or killed on its way to a worker does not go on for ever there."""
    local = ProcessExecutor(1, tmp_path, kinds=KINDS, warms_up=False)
    local.start()
    loop = asyncio.new_event_loop()
    try:
        post = Post(local, loop)
        work = task("until_stopped")
        act(post, (work.job_id, work.attempt))
        outcome = post.run(work).outcome
        assert outcome in (Finished(b"best", stopped=True), WorkerLost("killed before it began", is_killed=True))
    finally:
        local.close(0)
        loop.close()
