"""Jobs in the database: asked for, claimed, reported on, ended exactly once, listed, stopped, removed."""

from __future__ import annotations

import datetime as dt
import math
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.jobs.model import (
    IdempotencyConflictError,
    JobLinks,
    JobProblem,
    JobProgress,
    QueueFullError,
    StoredJob,
    answer_json,
    is_job_id,
    public_job,
)
from api.jobs.store import Claimed, Ending, Happening, JobStore, News, Report
from api.service_settings import ServiceSettings
from api.storage import open_database, reading, writing
from api.storage.tables import METADATA, job_events
from regional_assets.errors import Problem
from regional_assets.text import Text

NINE = dt.datetime(2026, 12, 5, 9, tzinfo=dt.UTC)
SUCCESS = Ending("succeeded", b'{"done": true}')


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = NINE

    def __call__(self) -> dt.datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """Return a database with all tables."""
    engine = open_database(database_url)
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_store(engine: sa.Engine, clock: Clock, tmp_path: Path) -> Callable[..., JobStore]:
    """Return a maker of stores on one database, with settings of one's own."""

    def make(**given: Any) -> JobStore:
        return JobStore(engine, ServiceSettings(home=tmp_path, **given), clock)

    return make


@pytest.fixture
def store(make_store: Callable[..., JobStore]) -> JobStore:
    return make_store(lease_s=10, attempts=3)


def ask(store: JobStore, **given: Any) -> StoredJob:
    """Ask for a job of which only what matters is named."""
    job, _ = ask_again(store, **given)
    return job


def ask_again(store: JobStore, **given: Any) -> tuple[StoredJob, bool]:
    common: dict[str, Any] = {"owner": "me", "region": "echizen", "data_version": "v1", "time_limit_s": 60.0}
    return store.enqueue(given.pop("kind", "trip"), given.pop("payload", b"{}"), request_id="r", **{**common, **given})


def claim_one(store: JobStore, server: str = "a") -> Claimed:
    (claimed,) = store.claim(server, 1)
    return claimed


def types(store: JobStore, job_id: str) -> list[str]:
    """Return the types of a job's events, which must be numbered without gaps."""
    events = store.events(job_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    found = store.get(job_id)
    assert found is not None
    assert found.last_seq == len(events)
    return [event.type for event in events]


def state(store: JobStore, job_id: str) -> str:
    job = store.get(job_id)
    assert job is not None
    return job.state


# Asking


def test_a_new_job_waits(store: JobStore) -> None:
    """What was asked for is found as it was asked for."""
    job = ask(store, payload=b"\x00\xff")
    assert store.get(job.id) == job
    assert (job.state, job.attempts, job.last_seq, job.has_result) == ("queued", 0, 1, False)
    assert job.created_at == NINE
    assert store.payload(job.id) == b"\x00\xff"
    assert store.result(job.id) is None
    assert types(store, job.id) == ["queued"]


def test_ids_are_sorted_by_time_and_not_to_be_guessed(store: JobStore, clock: Clock) -> None:
    """Ids are UUIDs of version 7."""
    ids = []
    for _ in range(5):
        ids.append(ask(store).id)
        clock.advance(0.001)
    assert ids == sorted(ids)
    assert all(is_job_id(job_id) and uuid.UUID(job_id).version == 7 for job_id in ids)
    assert len({job_id[14:] for job_id in ids}) == 5


def test_jobs_of_others_are_not_seen(store: JobStore) -> None:
    """A job is there for its owner, and for those who may see all."""
    job = ask(store, owner="me")
    assert store.get(job.id, "me") == store.get(job.id) == job
    assert store.get(job.id, "you") is None
    assert store.answer(job.id, "you") is None
    assert store.request_stop(job.id, "you") is None
    assert state(store, job.id) == "queued"


@pytest.mark.parametrize("nonsense", ["", "x", "\x00", "\ud800", "ÿ" * 36, "0" * 36, "../../etc/passwd"])
def test_an_id_of_no_job_finds_nothing(store: JobStore, nonsense: str) -> None:
    """Whatever stands in a path is looked up without harm."""
    assert store.get(nonsense) is None
    assert store.answer(nonsense) is None
    assert store.result(nonsense) is None
    assert store.request_stop(nonsense) is None
    assert store.events(nonsense) == []
    assert store.news([nonsense]) == []
    with pytest.raises(KeyError):
        store.payload(nonsense)


def test_an_unknown_job_is_not_there(store: JobStore) -> None:
    """An id of the right form, but of no job."""
    assert store.get(str(uuid.uuid4())) is None
    assert store.request_stop(str(uuid.uuid4())) is None


def test_a_full_queue_refuses_with_a_time_to_come_back(make_store: Callable[..., JobStore]) -> None:
    """Running jobs do not count; without any finished lately the time is long."""
    store = make_store(queue_limit=2)
    ask(store)
    store.claim("a", 1)
    ask(store), ask(store)
    with pytest.raises(QueueFullError) as refusal:
        ask(store)
    assert refusal.value.retry_after_s == 60
    store.claim("a", 1)
    ask(store)


def test_the_time_to_come_back_follows_the_throughput(make_store: Callable[..., JobStore]) -> None:
    """30 jobs a minute: a tenth of a queue of 20 is worked off in 4 seconds."""
    store = make_store(queue_limit=20)
    for _ in range(30):
        ask(store)
        assert store.finish(claim_one(store), SUCCESS)
    for _ in range(20):
        ask(store)
    with pytest.raises(QueueFullError) as refusal:
        ask(store)
    assert refusal.value.retry_after_s == 4


def test_the_limit_holds_when_many_ask_at_once(make_store: Callable[..., JobStore]) -> None:
    """12 requests at the same moment on two servers, 5 places: 5 jobs."""
    stores = [make_store(queue_limit=5), make_store(queue_limit=5)]

    def try_to_ask(number: int) -> bool:
        try:
            ask(stores[number % 2])
        except QueueFullError:
            return False
        return True

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(try_to_ask, range(12))) == 5
    assert stores[0].counts() == {"queued": 5, "running": 0}


# Idempotency


def test_the_same_key_means_the_same_job(store: JobStore) -> None:
    """The job is found however far it is by then; other owners and other keys have jobs of their own."""
    first, replayed = ask_again(store, idempotency=("key", "digest"))
    assert not replayed
    assert ask_again(store, idempotency=("key", "digest")) == (first, True)
    assert ask(store, idempotency=("key", "digest"), owner="you").id != first.id
    assert ask(store, idempotency=("other", "digest")).id != first.id
    for claimed in store.claim("a", 3):
        store.finish(claimed, SUCCESS)
    again, replayed = ask_again(store, idempotency=("key", "digest"))
    assert (again.id, again.state, replayed) == (first.id, "succeeded", True)


def test_the_same_key_for_another_request_is_refused(store: JobStore) -> None:
    """Nothing is started."""
    ask(store, idempotency=("key", "digest"))
    with pytest.raises(IdempotencyConflictError):
        ask(store, idempotency=("key", "other"))
    assert store.counts()["queued"] == 1


def test_a_key_is_forgotten_after_a_day(store: JobStore, clock: Clock) -> None:
    """Afterwards it may mean something else."""
    first = ask(store, idempotency=("key", "digest"))
    clock.advance(24 * 3600)
    second, replayed = ask_again(store, idempotency=("key", "other"))
    assert not replayed
    assert second.id != first.id
    assert ask_again(store, idempotency=("key", "other")) == (second, True)


def test_a_known_key_is_answered_even_when_the_queue_is_full(make_store: Callable[..., JobStore]) -> None:
    """Asking again starts nothing."""
    store = make_store(queue_limit=1)
    first = ask(store, idempotency=("key", "digest"))
    assert ask_again(store, idempotency=("key", "digest")) == (first, True)


def test_requests_with_one_key_at_once_make_one_job(make_store: Callable[..., JobStore]) -> None:
    """Eight at the same moment, on two servers: one starts the job, all get it."""
    stores = [make_store(), make_store()]
    together = threading.Barrier(8)

    def ask_together(number: int) -> tuple[str, bool]:
        together.wait()
        job, replayed = ask_again(stores[number % 2], idempotency=("key", "digest"))
        return job.id, replayed

    with ThreadPoolExecutor(8) as threads:
        answers = [*threads.map(ask_together, range(8))]
    assert len({job_id for job_id, _ in answers}) == 1
    assert sorted(replayed for _, replayed in answers) == [False] + [True] * 7
    assert stores[0].counts()["queued"] == 1


# Claiming


def test_jobs_are_claimed_oldest_first(store: JobStore, clock: Clock) -> None:
    """As many as there is room for."""
    ids = []
    for _ in range(3):
        ids.append(ask(store).id)
        clock.advance(1)
    assert [claimed.job_id for claimed in store.claim("a", 2)] == ids[:2]
    assert [claimed.job_id for claimed in store.claim("b", 2)] == ids[2:]
    assert store.claim("a", 2) == []
    assert store.claim("a", 0) == []


def test_a_claim_holds_what_the_work_needs(store: JobStore, clock: Clock) -> None:
    """And the job says that it runs, since when, and for which time."""
    job = ask(store, payload=b"p")
    clock.advance(5)
    claimed = claim_one(store)
    assert (claimed.job_id, claimed.attempt, claimed.server, claimed.kind) == (job.id, 1, "a", "trip")
    assert (claimed.payload, claimed.region, claimed.data_version) == (b"p", "echizen", "v1")
    assert (claimed.time_limit_s, claimed.request_id) == (60.0, "r")
    found = store.get(job.id)
    assert found is not None
    assert (found.state, found.attempts, found.started_at) == ("running", 1, NINE + dt.timedelta(seconds=5))
    assert store.counts() == {"queued": 0, "running": 1}


def test_no_job_is_claimed_twice(make_store: Callable[..., JobStore]) -> None:
    """Six servers at once share 60 jobs."""
    store = make_store()
    ids = {ask(store).id for _ in range(60)}

    def claim_all(server: str) -> list[str]:
        mine: list[str] = []
        while claimed := store.claim(server, 3):
            mine += [claim.job_id for claim in claimed]
        return mine

    with ThreadPoolExecutor(6) as threads:
        shares = [*threads.map(claim_all, "abcdef")]
    claimed = [job_id for share in shares for job_id in share]
    assert len(claimed) == 60
    assert set(claimed) == ids


# Reporting


def test_progress_and_the_best_answer_are_kept(store: JobStore) -> None:
    """A caller sees how far a running job is, and what it has found."""
    job = ask(store)
    claimed = claim_one(store)
    progress = JobProgress(share=0.5, stage="searching", objective=7.0)
    happenings = (
        Happening("improvement", {"objective": 7.0, "bound": math.inf}),
        Happening("progress", {"share": 0.5}),
    )
    assert store.report(claimed, Report(progress, b"[7]", happenings))
    answer = store.answer(job.id)
    assert answer is not None
    running, result = answer
    assert result == b"[7]"
    assert (running.progress, running.has_result, running.result_is_final) == (progress, True, False)
    assert types(store, job.id) == ["queued", "started", "improvement", "progress"]
    (improvement,) = store.events(job.id, after=2, limit=1)
    assert improvement.data == {"objective": 7.0, "bound": None}


def test_an_answer_stays_until_a_better_one_comes(store: JobStore) -> None:
    """Progress alone does not remove it."""
    job = ask(store)
    claimed = claim_one(store)
    store.report(claimed, Report(JobProgress(), b"[7]"))
    store.report(claimed, Report(JobProgress(share=0.9)))
    assert store.result(job.id) == b"[7]"
    store.finish(claimed, Ending("stopped"))
    assert store.result(job.id) == b"[7]"


# Ending


def test_a_job_ends_with_its_answer(store: JobStore, clock: Clock) -> None:
    """State, answer, time and event are there together."""
    job = ask(store)
    claimed = claim_one(store)
    clock.advance(2)
    last = Report(JobProgress(share=1.0), b"[8]", (Happening("improvement", {"objective": 8}),))
    assert store.finish(claimed, SUCCESS, last)
    answer = store.answer(job.id)
    assert answer is not None
    ended, result = answer
    assert result == b'{"done": true}'
    assert (ended.state, ended.result_is_final, ended.has_ended) == ("succeeded", True, True)
    assert ended.finished_at == NINE + dt.timedelta(seconds=2)
    assert types(store, job.id) == ["queued", "started", "improvement", "finished"]


def test_a_job_ends_once(store: JobStore) -> None:
    """Whatever is said afterwards does not count."""
    job = ask(store)
    claimed = claim_one(store)
    assert store.finish(claimed, SUCCESS)
    assert not store.finish(claimed, Ending("stopped", b"late"))
    assert not store.report(claimed, Report(JobProgress(share=0.1), b"late"))
    assert store.lose(claimed) is None
    assert store.give_back(claimed) is None
    assert store.result(job.id) == b'{"done": true}'
    assert types(store, job.id) == ["queued", "started", "finished"]


def test_a_problem_is_kept_in_both_languages(store: JobStore) -> None:
    """The caller reads it in the language of the request that asks."""
    job = ask(store)
    flaw = Problem("days[0].date", dt.date(2026, 1, 1), Text(ja="過去です", en="is in the past"))
    problem = JobProblem(422, "invalid-input", Text(ja="使えません", en="cannot be used"), (flaw,))
    store.finish(claim_one(store), Ending("failed", problem=problem))
    failed = store.get(job.id)
    assert failed is not None
    assert (failed.state, failed.result_is_final) == ("failed", False)
    assert failed.problem is not None
    assert failed.problem.detail == problem.detail
    links = JobLinks(self="/j", result="/j/result", events="/j/events")
    shown = {language: public_job(failed, links, language).problem for language in ("ja", "en")}
    assert [body.detail for body in shown.values() if body] == ["使えません", "cannot be used"]
    assert shown["en"] is not None
    assert shown["en"].request_id == "r"
    assert [(error.pointer, error.detail, error.value) for error in shown["en"].errors] == [
        ("/days/0/date", "is in the past", "2026-01-01")
    ]


def test_the_answer_is_put_into_the_job_as_it_is(store: JobStore) -> None:
    """The JSON of an answer is not parsed on its way out."""
    job = ask(store)
    links = JobLinks(self="/j", result="/j/result", events="/j/events")
    shown = public_job(job, links, "en")
    assert answer_json(shown, None).endswith(b'"events":"/j/events"},"result":null}')
    assert answer_json(shown, b'{"a": 1}').endswith(b',"result":{"a": 1}}')


# Losses and leases


def test_a_lost_worker_costs_a_retry_until_too_many_are_lost(store: JobStore) -> None:
    """Three attempts, then the job has failed and says why; the best answer is still there."""
    job = ask(store)
    claimed = claim_one(store)
    store.report(claimed, Report(JobProgress(share=0.5, stage="searching", objective=3.0), b"[3]"))
    assert store.lose(claimed) == "queued"
    waiting = store.get(job.id)
    assert waiting is not None
    assert waiting.progress == JobProgress(objective=3.0)
    assert store.lose(claim_one(store)) == "queued"
    assert store.lose(claim_one(store)) == "failed"
    failed = store.get(job.id)
    assert failed is not None
    assert failed.problem is not None
    assert (failed.problem.code, failed.problem.status, failed.attempts) == ("worker-lost", 500, 3)
    assert store.result(job.id) == b"[3]"
    expected = ["queued", "started", "retry", "started", "retry", "started", "finished"]
    assert types(store, job.id) == expected
    assert [event.data for event in store.events(job.id) if event.type == "retry"] == [{"reason": "worker-lost"}] * 2


def test_what_was_not_written_when_the_worker_died_is_kept(store: JobStore) -> None:
    """The last improvement of a lost attempt counts."""
    job = ask(store)
    last = Report(JobProgress(objective=9.0), b"[9]", (Happening("improvement", {"objective": 9.0}),))
    assert store.lose(claim_one(store), last) == "queued"
    assert store.result(job.id) == b"[9]"
    assert types(store, job.id) == ["queued", "started", "improvement", "retry"]


def test_a_shutdown_does_not_count_as_a_loss(store: JobStore) -> None:
    """However often servers are restarted, the job does not fail by it."""
    job = ask(store)
    for _ in range(5):
        assert store.give_back(claim_one(store)) == "queued"
    assert store.lose(claim_one(store)) == "queued"
    assert store.lose(claim_one(store)) == "queued"
    assert store.lose(claim_one(store)) == "failed"
    assert state(store, job.id) == "failed"


def test_jobs_of_a_silent_server_are_taken_up_by_others(store: JobStore, clock: Clock) -> None:
    """When the lease is over, and not before; what the silent server says afterwards does not count."""
    job = ask(store)
    silent = claim_one(store, "silent")
    clock.advance(9)
    assert store.take_back_expired() == []
    clock.advance(2)
    assert store.take_back_expired() == [(job.id, "queued")]
    assert store.take_back_expired() == []
    taken = claim_one(store, "b")
    assert (taken.job_id, taken.attempt) == (job.id, 2)
    assert not store.report(silent, Report(JobProgress(share=0.9), b"late"))
    assert not store.finish(silent, Ending("succeeded", b"late"))
    assert store.lose(silent) is None
    assert store.finish(taken, SUCCESS)
    assert types(store, job.id) == ["queued", "started", "retry", "started", "finished"]


def test_an_earlier_attempt_of_the_same_server_does_not_count(store: JobStore) -> None:
    """A server may claim a job again that it has lost; a late word of its first worker is not of the second."""
    job = ask(store)
    first = claim_one(store)
    store.lose(first)
    second = claim_one(store)
    assert not store.report(first, Report(JobProgress(share=0.9), b"late"))
    assert not store.finish(first, Ending("succeeded", b"late"))
    assert store.lose(first) is None
    assert store.finish(second, SUCCESS)
    assert types(store, job.id) == ["queued", "started", "retry", "started", "finished"]


def test_a_server_that_comes_back_in_time_goes_on(store: JobStore, clock: Clock) -> None:
    """Its lease was over, but nobody had taken the job."""
    ask(store)
    claimed = claim_one(store)
    clock.advance(60)
    assert store.finish(claimed, SUCCESS)
    assert store.take_back_expired() == []


def test_a_renewed_lease_lasts(store: JobStore, clock: Clock) -> None:
    """Renewing tells what is still held and what was asked to stop; other jobs of the server are left to end."""
    kept, stopping, unknown = (ask(store).id for _ in range(3))
    assert len(store.claim("a", 3)) == 3
    store.request_stop(stopping)
    clock.advance(8)
    held = store.renew("a", {kept, stopping})
    assert {(item.job_id, item.attempt, item.stop_requested) for item in held} == {
        (kept, 1, False),
        (stopping, 1, True),
    }
    assert {item.job_id for item in store.held("a")} == {kept, stopping, unknown}
    clock.advance(8)
    assert store.take_back_expired() == [(unknown, "queued")]
    assert store.renew("b", {kept}) == []
    assert store.renew("a", set()) == []


def test_a_job_that_kills_servers_fails_in_the_end(store: JobStore, clock: Clock) -> None:
    """The third server that is lost with it is the last."""
    job = ask(store)
    for expected in ("queued", "queued", "failed"):
        claim_one(store)
        clock.advance(11)
        assert store.take_back_expired() == [(job.id, expected)]


# Stopping


def test_a_waiting_job_is_stopped_at_once(store: JobStore) -> None:
    """It ends without an answer, and is never begun."""
    job = ask(store)
    stopped = store.request_stop(job.id)
    assert stopped is not None
    assert (stopped.state, stopped.finished_at, stopped.has_result) == ("stopped", NINE, False)
    assert store.claim("a", 1) == []
    assert types(store, job.id) == ["queued", "finished"]


def test_a_running_job_is_told_to_stop(store: JobStore) -> None:
    """It runs on until its server has passed that on; asking twice changes nothing."""
    job = ask(store)
    claimed = claim_one(store)
    for _ in range(2):
        stopping = store.request_stop(job.id)
        assert stopping is not None
        assert (stopping.state, stopping.stop_requested) == ("running", True)
    assert store.held("a")[0].stop_requested
    assert store.finish(claimed, Ending("stopped", b"[1]"))
    assert types(store, job.id) == ["queued", "started", "finished"]


def test_stopping_what_has_ended_changes_nothing(store: JobStore) -> None:
    """The answer stays."""
    job = ask(store)
    store.finish(claim_one(store), SUCCESS)
    ended = store.request_stop(job.id)
    assert ended is not None
    assert (ended.state, ended.stop_requested) == ("succeeded", False)


def test_a_job_to_be_stopped_is_not_begun_anew(store: JobStore, clock: Clock) -> None:
    """When its worker or its server is lost it has ended, with the best answer so far."""
    lost, silent = ask(store), ask(store)
    first, second = store.claim("a", 2)
    store.report(first, Report(JobProgress(), b"[1]"))
    for job in (lost, silent):
        store.request_stop(job.id)
    assert store.lose(first) == "stopped"
    clock.advance(11)
    assert store.take_back_expired() == [(second.job_id, "stopped")]
    assert store.result(first.job_id) == b"[1]"


# Lists, news, removal


def test_jobs_are_listed_newest_first_page_by_page(store: JobStore, clock: Clock) -> None:
    """Pages neither repeat nor leave out a job."""
    ids = []
    for _ in range(5):
        ids.append(ask(store).id)
        clock.advance(0.001)
    pages, after = [], None
    while page := store.list("me", after=after, limit=2):
        pages.append([job.id for job in page])
        after = page[-1].id
    assert pages == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]


def test_lists_hold_what_is_asked_for(store: JobStore, clock: Clock) -> None:
    """By owner, kind, state and region."""
    trip = ask(store, kind="trip", owner="me", region="echizen")
    clock.advance(1)
    price = ask(store, kind="price-plan", owner="you", region="noto")
    store.claim("a", 1)
    assert [job.id for job in store.list()] == [price.id, trip.id]
    assert [job.id for job in store.list("me")] == [trip.id]
    assert [job.id for job in store.list(kinds={"price-plan", "other"})] == [price.id]
    assert [job.id for job in store.list(states=["running"])] == [trip.id]
    assert [job.id for job in store.list(region="noto")] == [price.id]
    assert store.list("me", region="noto") == []


def test_listeners_hear_of_everything_after_it_is_stored(store: JobStore) -> None:
    """Each kind of change is told once, with the number of its event, and is found in the database by then."""
    heard: list[News] = []
    stored: list[list[News]] = []
    store.listen(heard.append)
    store.listen(lambda news: stored.append([*store.news([news.job_id])]))
    job = ask(store)
    claimed = claim_one(store)
    store.report(claimed, Report(JobProgress(share=0.1), None, (Happening("progress", {}),)))
    store.lose(claimed)
    store.request_stop(job.id)
    assert heard == [News(job.id, seq, seq == 5) for seq in (1, 2, 3, 4, 5)]
    assert stored == [[news] for news in heard]


def test_a_listener_that_fails_harms_nobody(store: JobStore) -> None:
    """What is committed stays, and others hear of it."""
    heard: list[News] = []

    def fail(_news: News) -> None:
        raise LookupError

    store.listen(fail)
    store.listen(heard.append)
    job = ask(store)
    assert [news.job_id for news in heard] == [job.id]


def test_old_jobs_are_removed_with_all_that_belongs_to_them(store: JobStore, engine: sa.Engine, clock: Clock) -> None:
    """Those that still wait or run stay, however old they are."""
    old = ask(store, idempotency=("key", "digest"))
    store.finish(claim_one(store), SUCCESS)
    running = ask(store)
    claim_one(store)
    waiting = ask(store)
    clock.advance(100)
    young = ask(store)
    store.request_stop(young.id)
    assert store.purge(dt.timedelta(seconds=50)) == 1
    assert store.purge(dt.timedelta(seconds=50)) == 0
    assert {job.id for job in store.list()} == {running.id, waiting.id, young.id}
    assert store.events(old.id) == []
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).where(job_events.c.job_id == old.id)) == 0
    assert not ask_again(store, idempotency=("key", "other"))[1]


def test_a_failed_write_leaves_no_half_of_it(store: JobStore, engine: sa.Engine) -> None:
    """State and event come together or not at all: here the event cannot be written."""
    job = ask(store)
    claimed = claim_one(store)
    with writing(engine) as connection:
        connection.execute(job_events.insert(), {"job_id": job.id, "seq": 3, "type": "x", "data": {}, "at": NINE})
    with pytest.raises(sa.exc.IntegrityError):
        store.finish(claimed, SUCCESS)
    assert state(store, job.id) == "running"
    assert store.result(job.id) is None


def test_a_thousand_waiting_jobs_are_found_by_index(engine: sa.Engine, store: JobStore) -> None:
    """Claims and lists read ranges of indexes, not whole tables."""
    if engine.dialect.name != "sqlite":
        pytest.skip("the planner of PostgreSQL decides by the size of the table")
    queries = {
        "ix_jobs_state_id": "SELECT id FROM jobs WHERE state = 'queued' ORDER BY id LIMIT 2",
        "ix_jobs_owner_id": "SELECT id FROM jobs WHERE owner = 'me' AND id < 'x' ORDER BY id DESC LIMIT 2",
        "ix_jobs_finished_at": "SELECT count(*) FROM jobs WHERE finished_at > '2026-12-05'",
    }
    with reading(engine) as connection:
        for index, query in queries.items():
            plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}"))
            assert index in plan, plan
            assert "TEMP B-TREE" not in plan, plan
