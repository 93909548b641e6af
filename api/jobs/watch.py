"""Wake those who wait for a job: at once for what this server does, by looking now and then for what others do."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from api.jobs._setbacks import Setbacks
from api.jobs.store import JobStore, News

_REMEMBERED = 10_000
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    job_id: str
    after_seq: int
    only_end: bool
    loop: asyncio.AbstractEventLoop
    wakened: asyncio.Event

    def waits_for(self, news: News) -> bool:
        return news.seq > self.after_seq and (news.has_ended or not self.only_end)

    def wake(self) -> None:
        # A loop that is closed has nobody left who waits.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.wakened.set)


class JobWatch:
    """
    Wait for changes of jobs, without a thread or a query for each who waits.

    Parameters
    ----------
    store
        Where jobs are kept; it tells what this process writes.
    poll_s
        How often the database is asked what other servers wrote, while somebody waits.
    """

    def __init__(self, store: JobStore, poll_s: float = 0.25) -> None:
        self._store = store
        self._poll_s = poll_s
        self._lock = threading.Lock()
        self._waiters: dict[str, set[_Waiter]] = {}
        # What was heard lately: of what happens between a look at a job and the wait for it, too.
        self._latest: OrderedDict[str, News] = OrderedDict()
        self._poller: threading.Thread | None = None
        self._is_closed = threading.Event()
        self._setbacks = Setbacks("those who wait for jobs")
        store.listen(self._hear)

    def close(self) -> None:
        """Look at the database no more; those who still wait are woken by this process only."""
        self._is_closed.set()
        if (poller := self._poller) is not None:
            poller.join()

    async def changed(self, job_id: str, after_seq: int, timeout_s: float, *, only_end: bool = False) -> bool:
        """
        Wait until a job has an event after number ``after_seq``; with ``only_end`` until the one with which it ended.

        Returns
        -------
        changed
            False when ``timeout_s`` went by without one.
        """
        waiter = _Waiter(job_id, after_seq, only_end, asyncio.get_running_loop(), asyncio.Event())
        with self._waiting(waiter):
            try:
                await asyncio.wait_for(waiter.wakened.wait(), timeout_s)
            except TimeoutError:
                return False
            return True

    @contextmanager
    def _waiting(self, waiter: _Waiter) -> Iterator[None]:
        with self._lock:
            latest = self._latest.get(waiter.job_id)
            if latest is not None and waiter.waits_for(latest):
                waiter.wakened.set()
            self._waiters.setdefault(waiter.job_id, set()).add(waiter)
            if self._poller is None:
                self._poller = threading.Thread(target=self._poll, name="job-watch", daemon=True)
                self._poller.start()
        try:
            yield
        finally:
            with self._lock:
                others = self._waiters[waiter.job_id]
                others.discard(waiter)
                if not others:
                    del self._waiters[waiter.job_id]

    def _hear(self, news: News) -> None:
        with self._lock:
            self._latest[news.job_id] = max(news, self._latest.pop(news.job_id, news), key=lambda known: known.seq)
            if len(self._latest) > _REMEMBERED:
                self._latest.popitem(last=False)
            wakened = [waiter for waiter in self._waiters.get(news.job_id, ()) if waiter.waits_for(news)]
        for waiter in wakened:
            waiter.wake()

    def _poll(self) -> None:
        """Look for what other servers wrote; ends when nobody waits."""
        while not self._is_closed.wait(self._poll_s):
            with self._lock:
                if not self._waiters:
                    self._poller = None
                    return
                awaited = sorted(self._waiters)
            try:
                for start in range(0, len(awaited), _AT_ONCE):
                    for news in self._store.news(awaited[start : start + _AT_ONCE]):
                        self._hear(news)
                self._setbacks.over()
            except Exception as error:
                self._is_closed.wait(self._setbacks.pause_s(error))
