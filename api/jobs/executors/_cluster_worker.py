"""
What runs inside of a Dask worker: tasks in child processes, and letters between them and their servers.

A thread of a Dask worker can be neither stopped nor killed, and work that brings its process down would take the Dask
worker along. So each thread has a process of its own, kept by the same `ProcessExecutor` that a server without a
cluster uses, and waits for it.

A server that asks for news (`Post.news`), which it does all the time, also shows that it is still there: tasks of one
that has not asked for long are killed. Servers that share a cluster reserve a place before they hand in a task: it
would wait at the Dask worker otherwise, behind one of another server, while its time runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import platform
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

from api.jobs.executors.processes import ProcessExecutor
from api.jobs.work import Crashed, Message, Outcome, Task, WorkerLost
from api.regions.snapshots import find_snapshot, prune_snapshots, unpack
from api.settings import read_settings

HANDLER = "meguri"
"""Name under which Dask workers hand our requests to `handle`."""

ABANDONED_AFTER_S = 30.0
# A process that was just killed is replaced within a second; one that does not start is told.
_ROOM_WITHIN_S = 60.0
# Snapshots that nobody used for so long are taken away when another one comes.
_KEEP_SNAPSHOTS_S = 7 * 86_400.0
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Versions:
    """Hold what must be the same where tasks and their outcomes are exchanged."""

    meguri: str
    python: str

    @classmethod
    def here(cls) -> Versions:
        """Return those of this process."""
        return cls(version("meguri"), ".".join(platform.python_version_tuple()[:2]))

    def __str__(self) -> str:
        return f"meguri {self.meguri} on Python {self.python}"


@dataclass(frozen=True, slots=True)
class SnapshotMissing:
    """Say that the snapshot of a task is not on this machine."""


@dataclass(frozen=True, slots=True)
class Done:
    """
    Carry the outcome of a task.

    Parameters
    ----------
    outcome
        How it ended.
    letters
        Number of the last letter by then; those may be on their way still.
    """

    outcome: Outcome
    letters: int


@dataclass(frozen=True, slots=True)
class Letter:
    """Carry news of a task, numbered so that none is lost or told twice."""

    number: int
    job_id: str
    attempt: int
    message: Message


@dataclass(frozen=True, slots=True)
class News:
    """
    Answer a server that asks for news.

    Parameters
    ----------
    letters
        Those it has not seen.
    taken
        Places that other servers have taken.
    """

    letters: list[Letter]
    taken: int


class Post:
    """
    Exchange letters with one server, and keep its tasks.

    Parameters
    ----------
    executor
        Who works.
    loop
        Event loop of the Dask worker, in which the server's requests arrive.
    """

    def __init__(self, executor: ProcessExecutor, loop: asyncio.AbstractEventLoop) -> None:
        self._executor = executor
        self._loop = loop
        self._lock = threading.Lock()
        self._letters: deque[Letter] = deque()
        self._numbers = 0
        self._has_news = asyncio.Event()
        self._asked_at = time.monotonic()
        self._to_stop: set[tuple[str, int]] = set()
        self._to_kill: set[tuple[str, int]] = set()
        self._running: set[tuple[str, int]] = set()
        self._reserved: set[tuple[str, int]] = set()

    @property
    def places(self) -> int:
        """Return how many places of the worker its server has taken; those of one that is gone are free again."""
        return len(self._running if self.is_abandoned else self._running | self._reserved)

    @property
    def is_abandoned(self) -> bool:
        """Whether the server has not been heard of for long."""
        return time.monotonic() > self._asked_at + ABANDONED_AFTER_S

    def give_up(self) -> None:
        """Have all tasks killed: their server lost sight of them."""
        self._asked_at = -ABANDONED_AFTER_S

    def run(self, task: Task) -> Done:
        """Work on a task in a process of its own, and wait for the outcome."""
        name = (task.job_id, task.attempt)
        self._running.add(name)
        try:
            outcome = self._outcome(task, name)
        finally:
            with self._lock:
                for names in (self._to_kill, self._to_stop, self._reserved, self._running):
                    names.discard(name)
            self._loop.call_soon_threadsafe(_here.tell_places)
        return Done(outcome, self._numbers)

    def _outcome(self, task: Task, name: tuple[str, int]) -> Outcome:
        waiting = _Waiting(self)
        self._wait_for_room()
        trouble = None if self._executor.room() else self._executor.health()
        if trouble is not None:
            return WorkerLost(trouble)
        with self._lock:
            is_killed, is_stopped = name in self._to_kill, name in self._to_stop
            if not is_killed:
                self._executor.submit(task, waiting)
        if is_killed:
            return WorkerLost("killed before it began", is_killed=True)
        if is_stopped:
            self._executor.stop(*name)
        while not waiting.is_over.wait(_LOOK_EVERY_S):
            if self.is_abandoned:
                self._executor.kill(*name)
        return waiting.outcome

    def reserve(self, name: tuple[str, int]) -> None:
        """Take a place for a task that is to come."""
        self._reserved.add(name)
        _here.tell_places()

    def stop(self, name: tuple[str, int]) -> None:
        """Stop a task, whether it has begun or will."""
        with self._lock:
            self._to_stop.add(name)
        self._executor.stop(*name)

    def kill(self, name: tuple[str, int]) -> None:
        """Kill a task, whether it has begun or will."""
        with self._lock:
            self._to_kill.add(name)
        self._executor.kill(*name)

    def write(self, job_id: str, attempt: int, message: Message) -> None:
        """Put a letter where the server finds it."""
        with self._lock:
            self._numbers += 1
            self._letters.append(Letter(self._numbers, job_id, attempt, message))
        self._loop.call_soon_threadsafe(self._has_news.set)

    async def news(self, seen: int, taken: int, tasks: set[tuple[str, int]], patience_s: float) -> News:
        """
        Return news as soon as there are any.

        Parameters
        ----------
        seen
            Number of the last letter that the server has; those up to it are not asked for again.
        taken
            How many places it takes for those of others.
        tasks
            All tasks that it has here: places reserved for others are free again.
        patience_s
            How long to wait for news.
        """
        self._asked_at = time.monotonic()
        self._reserved &= tasks
        with self._lock:
            while self._letters and self._letters[0].number <= seen:
                self._letters.popleft()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not self._letters and taken == _here.taken(self):
                    self._has_news.clear()
                    await self._has_news.wait()
        self._asked_at = time.monotonic()
        with self._lock:
            return News([*self._letters], _here.taken(self))

    def wake(self) -> None:
        """Let a server that waits for news look again; in the event loop."""
        self._has_news.set()

    def _wait_for_room(self) -> None:
        until = time.monotonic() + _ROOM_WITHIN_S
        while not self._executor.room() and time.monotonic() < until:
            time.sleep(0.01)


class _Waiting:
    """Pass on what a task tells, and keep its outcome."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self.is_over = threading.Event()
        self.outcome: Outcome = Crashed("it has not ended")

    def told(self, job_id: str, attempt: int, message: Message) -> None:
        self._post.write(job_id, attempt, message)

    def ended(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        self.outcome = outcome
        self.is_over.set()


@dataclass(slots=True)
class _Here:
    """
    Hold what there is once per process of a Dask worker.

    Parameters
    ----------
    executors
        By their tables of kinds: but for tests there is one, as servers of other versions use no worker of ours.
    posts
        By server.
    places
        How many tasks there may be at once, of all servers.
    """

    executors: dict[tuple[tuple[str, str], ...], ProcessExecutor] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    places: int = 0

    def taken(self, post: Post) -> int:
        """Return how many places others have taken."""
        return sum(other.places for other in self.posts.values() if other is not post)

    def tell_places(self) -> None:
        """Have all servers told that places were taken, or are free; in the event loop."""
        for post in self.posts.values():
            post.wake()


_here = _Here()


def prepare(server: str, theirs: Versions, kinds: Mapping[str, str], warms_up: bool, dask_worker: Any) -> Versions:
    """
    Make a Dask worker ready for a server: called once by each server, in the worker's event loop.

    Returns
    -------
    versions
        Those of the worker; where they are not those of the server, nothing was made ready.
    """
    if theirs != Versions.here():
        return Versions.here()
    if server in _here.posts:
        _here.posts.pop(server).give_up()
    _here.places = dask_worker.state.nthreads
    table = tuple(sorted(kinds.items()))
    if table not in _here.executors:
        executor = ProcessExecutor(_here.places, read_settings().home, kinds=kinds, warms_up=warms_up)
        executor.start()
        _here.executors[table] = executor
    _here.posts[server] = Post(_here.executors[table], asyncio.get_running_loop())
    dask_worker.handlers[HANDLER] = handle
    return Versions.here()


async def handle(request: str, server: str, **values: Any) -> Any:
    """
    Answer a server; Dask calls this in the worker's event loop.

    Parameters
    ----------
    request
        ``news`` (see `Post.news`), ``keep`` (``packed``); ``reserve``, ``stop`` or ``kill`` (``job_id``, ``attempt``).
    server
        Who asks.

    Returns
    -------
    answer
        Of ``news`` those, pickled; of ``reserve`` whether there was a place; else None.
    """
    if request == "keep":
        await asyncio.to_thread(_keep, values["packed"])
        return None
    post = _here.posts[server]
    if request == "news":
        tasks = {(job_id, attempt) for job_id, attempt in values["tasks"]}
        return pickle.dumps(await post.news(values["seen"], values["taken"], tasks, values["patience_s"]))
    name = (values["job_id"], values["attempt"])
    if request == "reserve":
        return _reserve(post, name)
    {"stop": post.stop, "kill": post.kill}[request](name)
    return None


def run_task(server: str, task: Task) -> Done | SnapshotMissing:
    """Work on a task, in a thread of a Dask worker; a place was reserved for it."""
    post = _here.posts.get(server)
    if post is None:
        return Done(WorkerLost("the worker was started anew", is_killed=True), 0)
    if task.snapshot is not None:
        wanted = task.snapshot
        found = find_snapshot(read_settings().home, wanted.region_id, wanted.data_version)
        if found is None:
            return SnapshotMissing()
        # Told to those who take away what is not used.
        os.utime(found.folder)
        task = replace(task, snapshot=found)
    return post.run(task)


def _reserve(post: Post, name: tuple[str, int]) -> bool:
    for server in [server for server, other in _here.posts.items() if other.is_abandoned and not other.places]:
        del _here.posts[server]
    if post.places + _here.taken(post) >= _here.places:
        return False
    post.reserve(name)
    return True


def _keep(packed: bytes) -> None:
    home = read_settings().home
    ref = unpack(packed, home)
    prune_snapshots(home, {ref.data_version}, unused_s=_KEEP_SNAPSHOTS_S)
