"""One worker of a cluster, as a server sees it; everything here happens in the server's event loop."""

from __future__ import annotations

import asyncio
import pickle
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.jobs.executors._cluster_worker import HANDLER, Done, Letter, News, SnapshotMissing, Versions, prepare, run_task
from api.jobs.executors.protocol import Listener
from api.jobs.work import Outcome, Task, WorkerLost
from api.regions.snapshots import pack

ANSWER_WITHIN_S = 10.0
_PREPARED_WITHIN_S = 60.0
_SENT_WITHIN_S = 120.0
# How long a request for news waits for some: rare where there are none, and often enough for the server to be known to
# be there.
_PATIENCE_S = 5.0
# A worker that has not answered for so long is taken for lost, whatever the scheduler thinks of it.
_SILENT_FOR_S = 20.0
# News are on their way when a task ends; those that do not come within this time are given up.
_LETTERS_WITHIN_S = 5.0


@dataclass(slots=True, eq=False)
class Running:
    """
    A task on a worker.

    Parameters
    ----------
    lost
        Set to end it from here, whatever its worker does.
    is_killed
        Whether somebody wants it killed.
    """

    task: Task
    listener: Listener
    member: Member
    lost: asyncio.Future[WorkerLost] | None = None
    is_killed: bool = False

    @property
    def name(self) -> tuple[str, int]:
        """Return what tells the attempt from others."""
        return (self.task.job_id, self.task.attempt)

    def lose(self, reason: str) -> None:
        """End the task."""
        if self.lost is not None and not self.lost.done():
            self.lost.set_result(WorkerLost(reason, self.is_killed))


@dataclass(slots=True, eq=False)
class Member:
    """
    Hold what is known of a worker, and talk to it.

    Requests go through the scheduler: the worker need not be within reach of the server.

    Parameters
    ----------
    client
        Connected to the scheduler, in this event loop.
    server
        What this server calls itself.
    address, threads
        Of the Dask worker; each thread is a place.
    is_ready
        Whether it was made ready, and fits.
    trouble
        Why it cannot be used.
    others
        Tasks on it that are not ours, as the scheduler says.
    running
        Ours.
    """

    client: Any
    server: str
    address: str
    threads: int
    is_ready: bool = False
    trouble: str | None = None
    others: int = 0
    running: set[Running] = field(default_factory=set)
    _has_failed: bool = False
    _seen: int = 0
    _taken: int = 0
    _heard_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    @property
    def room(self) -> int:
        """Return how many more tasks it would begin now."""
        # A connection that is lost is noticed here first: what it carried has ended already, and would come back.
        is_connected = self.client.status == "running"
        is_usable = self.is_ready and not self._has_failed and is_connected
        return max(0, self.threads - max(self.others, self._taken) - len(self.running)) if is_usable else 0

    @property
    def is_out_of_touch(self) -> bool:
        """Whether it forgot this server, or has not answered for long, though it was ready."""
        is_silent = asyncio.get_running_loop().time() > self._heard_at + _SILENT_FOR_S
        return self.is_ready and (is_silent or self._has_failed)

    async def prepare(self, ours: Versions, kinds: Mapping[str, str], *, warms_up: bool) -> str | None:
        """Make it ready for tasks; return why it cannot be used, None where it can."""
        asking = self.client.run(prepare, self.server, ours, kinds, warms_up, workers=[self.address])
        try:
            theirs = (await asyncio.wait_for(asking, _PREPARED_WITHIN_S))[self.address]
        except Exception as error:
            return f"{self.address} cannot run this package ({type(error).__name__}: {error})"
        self._heard_at = asyncio.get_running_loop().time()
        return None if theirs == ours else f"{self.address} has {theirs}, this server {ours}"

    async def ask(self, request: str, *, within_s: float = ANSWER_WITHIN_S, **values: Any) -> Any:
        """
        Send a request to `_cluster_worker.handle`, and return the answer.

        Raises
        ------
        Exception
            If the scheduler or the worker is away, does not answer in time, or knows no such request.
        """
        message = {"op": HANDLER, "request": request, "server": self.server, **values}
        asking = self.client.scheduler.broadcast(msg=message, workers=[self.address])
        return (await asyncio.wait_for(asking, within_s))[self.address]

    async def letters(self) -> list[Letter]:
        """Wait some time for news; return them, in order, none of them twice."""
        answer = await self.ask(
            "news",
            within_s=_PATIENCE_S + ANSWER_WITHIN_S,
            seen=self._seen,
            taken=self._taken,
            tasks=[running.name for running in [*self.running]],
            patience_s=_PATIENCE_S,
        )
        self._heard_at = asyncio.get_running_loop().time()
        news: News = pickle.loads(answer)
        self._taken = news.taken
        return news.letters

    def note_told(self, letters: list[Letter]) -> None:
        """Note that letters were passed on."""
        if letters:
            self._seen = letters[-1].number

    async def run(self, running: Running) -> Outcome:
        """Run a task to its end; all its letters were passed on by then, if the worker lives."""
        if not await self._reserve(running):
            return WorkerLost("there was no room", is_killed=True)
        done = await self._done(running)
        if isinstance(done, SnapshotMissing) and running.task.snapshot is not None:
            packed = await asyncio.to_thread(pack, running.task.snapshot)
            await self.ask("keep", within_s=_SENT_WITHIN_S, packed=packed)
            done = await self._done(running)
        if isinstance(done, SnapshotMissing):
            return WorkerLost(f"{self.address} did not keep the snapshot that was sent")
        await self._wait_for_letters(done.letters)
        return done.outcome

    async def _reserve(self, running: Running) -> bool:
        job_id, attempt = running.name
        try:
            is_free: bool = await self.ask("reserve", job_id=job_id, attempt=attempt)
        except Exception:
            # Gone, or started anew under the same address.
            self._has_failed = True
            return False
        if not is_free:
            # Another server was faster; the next news say when its place is free.
            self._taken = self.threads
        return is_free

    async def _done(self, running: Running) -> Done | SnapshotMissing:
        """Run a task once, on this worker and on no other, until it ends or is lost."""
        assert running.lost is not None, "made when it began"
        future = self.client.submit(
            run_task,
            self.server,
            running.task,
            key=f"{self.server}-{uuid.uuid4().hex}",
            workers=[self.address],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )
        result: asyncio.Future[Done | SnapshotMissing] = asyncio.ensure_future(future.result())
        ends: set[asyncio.Future[Any]] = {result, running.lost}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if result.done():
            return result.result()
        result.cancel()
        # Where it has not begun, it never will.
        future.release()
        return Done(running.lost.result(), self._seen)

    async def _wait_for_letters(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + _LETTERS_WITHIN_S
        while self._seen < number and loop.time() < until:
            await asyncio.sleep(0.002)
