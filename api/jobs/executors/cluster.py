"""
Run tasks on a Dask cluster: each in a process of its own beside a Dask worker (see `_cluster_worker`).

A task is given to one worker, and to no other if that one leaves: Dask by itself would begin it once more elsewhere,
and nobody would know how often it was begun. Everything here happens in one thread with an event loop of its own;
listeners are told in another one, so that a slow one does not hold up the cluster.

The scheduler and all workers need this package, in the same version, and the same version of Python. Workers need no
disk in common with the server: a snapshot that one of them lacks is sent there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import uuid
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from api.jobs.executors._cluster_member import ANSWER_WITHIN_S, Member, Running
from api.jobs.executors._cluster_worker import Versions
from api.jobs.executors._telling import give_back, tell, tell_end
from api.jobs.executors.protocol import Listener
from api.jobs.kinds import KINDS
from api.jobs.work import Outcome, Task, WorkerLost
from api.texts import text
from regional_assets.errors import InputError, Problem

_LOOK_EVERY_S = 0.5
_LOOK_FOR_CONNECTION_EVERY_S = 0.1
_KILLED_WITHIN_S = 5.0
_RECONNECT_AFTER_S = 0.5
_RECONNECT_AFTER_AT_MOST_S = 5.0
_LEAVE_WITHIN_S = 5.0

_logger = logging.getLogger(__name__)


class ClusterExecutor:
    """
    Run tasks on the workers of a Dask cluster.

    Parameters
    ----------
    address
        Of the scheduler (``tcp://host:8786``). It need not be there yet, nor all the time.
    kinds
        Functions by kind of work.
    warms_up
        Whether workers import and compile everything before it is asked for.

    Raises
    ------
    InputError
        If the package for clusters is not installed.
    """

    def __init__(self, address: str, *, kinds: Mapping[str, str] = KINDS, warms_up: bool = True) -> None:
        _refuse_without_library(address)
        self._address = address
        self._kinds = dict(kinds)
        self._warms_up = warms_up
        self._id = uuid.uuid4().hex
        self._versions = Versions.here()
        # Guards what follows, which other threads look at.
        self._changed = threading.Condition()
        self._members: dict[str, Member] = {}
        self._running: dict[tuple[str, int], Running] = {}
        self._trouble: str | None = "not connected yet"
        self._is_closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._live, name="cluster", daemon=True)
        self._teller = ThreadPoolExecutor(1, thread_name_prefix="cluster-news")
        # The event loop's own.
        self._life: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Connect in the background, and again whenever the connection is lost."""
        with self._changed:
            self._loop = asyncio.new_event_loop()
        self._thread.start()

    def room(self) -> int:
        """Return how many threads of workers are free; others who use the cluster take theirs."""
        with self._changed:
            return 0 if self._is_closing else sum(member.room for member in self._members.values())

    def submit(self, task: Task, listener: Listener) -> None:
        """Begin a task on the worker with the most room."""
        with self._changed:
            members = [] if self._is_closing else [member for member in self._members.values() if member.room]
            if members:
                running = Running(task, listener, max(members, key=lambda member: member.room))
                running.member.running.add(running)
                self._running[running.name] = running
                self._call(self._begin, running)
                return
        give_back(task, listener)

    def stop(self, job_id: str, attempt: int) -> None:
        """Ask an attempt to end with the best it has."""
        self._call(self._pass_on, "stop", (job_id, attempt))

    def kill(self, job_id: str, attempt: int) -> None:
        """End the process of an attempt; where its worker does not do so in time, the attempt ends all the same."""
        self._call(self._pass_on, "kill", (job_id, attempt))

    def health(self) -> str | None:
        """Tell of a cluster that is away, or has no worker that can be used."""
        with self._changed:
            if self._trouble is not None:
                return f"no connection to the cluster at {self._address}: {self._trouble}"
            if any(member.is_ready for member in self._members.values()):
                return None
            troubles = [member.trouble for member in self._members.values() if member.trouble]
            return "; ".join([f"the cluster at {self._address} has no worker that can be used", *troubles])

    def close(self, grace_s: float) -> None:
        """Take no more; give what runs some time, kill the rest, and disconnect."""
        with self._changed:
            self._is_closing = True
            self._changed.wait_for(lambda: not self._running, grace_s)
            for name in self._running:
                self.kill(*name)
            self._changed.wait_for(lambda: not self._running, _KILLED_WITHIN_S)
        self._call(self._end_life)
        if self._thread.is_alive():
            self._thread.join(2 * _LEAVE_WITHIN_S)
        with self._changed:
            remaining = [*self._running.values()]
        for running in remaining:
            self._end(running, WorkerLost("the server was closed", is_killed=True))
        self._teller.shutdown()

    def _call(self, act: Callable[..., None], *values: Any) -> None:
        """Have something done in the event loop; nothing where it has ended."""
        with self._changed:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(act, *values)

    # What follows happens in the event loop.

    def _live(self) -> None:
        loop = self._loop
        assert loop is not None, "made before the thread"
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            try:
                runner.run(self._stay_connected())
            except asyncio.CancelledError:
                pass
            finally:
                with self._changed:
                    self._loop = None

    def _end_life(self) -> None:
        if self._life is not None:
            self._life.cancel()

    async def _stay_connected(self) -> None:
        from distributed import Client

        connect: Any = Client  # typed in parts only
        self._life = asyncio.current_task()
        delay_s = _RECONNECT_AFTER_S
        while not self._is_closing:
            client = connect(
                self._address, asynchronous=True, set_as_default=False, name="meguri", timeout=ANSWER_WITHIN_S
            )
            try:
                await asyncio.wait_for(client, ANSWER_WITHIN_S)
                await self._check_scheduler(client)
                with self._changed:
                    self._trouble = None
                delay_s = _RECONNECT_AFTER_S
                await self._look_after(client)
            except Exception as error:
                self._lose_connection(f"{type(error).__name__}: {error}")
            finally:
                # It would connect again by itself, to a scheduler that knows nothing of our tasks: we begin anew.
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(client.close(timeout=_LEAVE_WITHIN_S / 2), _LEAVE_WITHIN_S)
            if not self._is_closing:
                await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, _RECONNECT_AFTER_AT_MOST_S)

    async def _check_scheduler(self, client: Any) -> None:
        """Refuse a scheduler that could not read our tasks."""
        theirs = await asyncio.wait_for(client.run_on_scheduler(Versions.here), ANSWER_WITHIN_S)
        if theirs != self._versions:
            msg = f"the scheduler has {theirs}, this server {self._versions}"
            raise ConnectionError(msg)

    async def _look_after(self, client: Any) -> None:
        """Follow who joins and leaves, until the connection is lost or no longer wanted."""
        # Being cancelled is not enough: Python 3.11 may lose that in `asyncio.wait_for`.
        while not self._is_closing:
            threads = await _answer(client, client.nthreads())
            processing = await _answer(client, client.processing())
            for address in self._members.keys() - threads.keys():
                self._dismiss(self._members[address], "the worker left the cluster")
            for address in threads.keys() - self._members.keys():
                self._admit(Member(client, self._id, address, threads[address]))
            for member in [*self._members.values()]:
                if member.is_out_of_touch:
                    # It is admitted anew if it is seen at the next look.
                    self._dismiss(member, "the worker does not answer")
                with self._changed:
                    member.threads = threads[member.address]
                    keys = processing.get(member.address, ())
                    member.others = sum(not str(key).startswith(self._id) for key in keys)
            await asyncio.sleep(_LOOK_EVERY_S)

    def _admit(self, member: Member) -> None:
        with self._changed:
            self._members[member.address] = member
        self._spawn(self._follow(member))

    async def _follow(self, member: Member) -> None:
        """Make a worker ready, and pass on its news for as long as it is one of the cluster."""
        trouble = await member.prepare(self._versions, self._kinds, warms_up=self._warms_up)
        with self._changed:
            member.trouble, member.is_ready = trouble, trouble is None
        if trouble is not None and not self._is_closing:
            _logger.warning("a worker of the cluster is not used: %s", trouble)
        while member.is_ready and self._members.get(member.address) is member:
            try:
                letters = await member.letters()
            except Exception as error:
                _logger.info("no news from %s: %s", member.address, error)
                await asyncio.sleep(_LOOK_EVERY_S)
                continue
            for letter in letters:
                running = self._running.get((letter.job_id, letter.attempt))
                if running is not None and running.member is member:
                    self._teller.submit(tell, running.listener, running.name, letter.message)
            member.note_told(letters)

    def _dismiss(self, member: Member, reason: str) -> None:
        with self._changed:
            self._members.pop(member.address, None)
            lost = [*member.running]
        for running in lost:
            running.lose(f"{reason} ({member.address})")

    def _lose_connection(self, reason: str) -> None:
        with self._changed:
            if self._trouble is None:
                _logger.warning("lost the cluster at %s: %s", self._address, reason)
            self._trouble = reason
        for member in [*self._members.values()]:
            self._dismiss(member, f"the connection to the cluster was lost: {reason}")

    def _spawn(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(errand)
        # The event loop itself would let it be collected as garbage.
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def _begin(self, running: Running) -> None:
        running.lost = asyncio.get_running_loop().create_future()
        if self._members.get(running.member.address) is not running.member:
            running.lose("the worker left the cluster")
        self._spawn(self._see_through(running))

    async def _see_through(self, running: Running) -> None:
        try:
            outcome = await running.member.run(running)
        except Exception as error:
            outcome = WorkerLost(f"the cluster gave the task up ({type(error).__name__}: {error})", running.is_killed)
        self._end(running, outcome)

    def _pass_on(self, request: str, name: tuple[str, int]) -> None:
        running = self._running.get(name)
        if running is not None:
            running.is_killed |= request == "kill"
            self._spawn(self._see_to(request, running))

    async def _see_to(self, request: str, running: Running) -> None:
        job_id, attempt = running.name
        try:
            await running.member.ask(request, within_s=_KILLED_WITHIN_S, job_id=job_id, attempt=attempt)
        except Exception as error:
            _logger.warning("%s of %s did not reach its worker: %s", request, job_id, error)
        if request == "kill":
            await asyncio.sleep(_KILLED_WITHIN_S)
            running.lose("killed; its worker did not say so in time")

    def _end(self, running: Running, outcome: Outcome) -> None:
        with self._changed:
            if self._running.pop(running.name, None) is None:
                return
            running.member.running.discard(running)
            self._changed.notify_all()
        self._teller.submit(tell_end, running.listener, running.name, outcome)


async def _answer(client: Any, asking: Coroutine[Any, Any, Any]) -> Any:
    """Wait for an answer of the scheduler, for as long as the connection stands."""
    answer = asyncio.ensure_future(asking)
    until = asyncio.get_running_loop().time() + ANSWER_WITHIN_S
    try:
        while not answer.done():
            await asyncio.wait({answer}, timeout=_LOOK_FOR_CONNECTION_EVERY_S)
            if client.status != "running" or asyncio.get_running_loop().time() > until:
                msg = f"the connection is {client.status}"
                raise ConnectionError(msg)
        return answer.result()
    finally:
        answer.cancel()


def _refuse_without_library(address: str) -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise InputError([Problem("MEGURI_CLUSTER", address, text("cluster.no_library"))]) from None
