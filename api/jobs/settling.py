"""
Finish on the server what a worker cannot: workers have no database, and what they bring back may have to go there.

When work of a kind that is to be settled has finished, a function of the server gets what the work returned, and what
that function returns is the answer of the job. The server holds the job meanwhile, as it does while work goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import structlog

from api.disk import is_full_disk
from api.jobs._setbacks import Setbacks
from api.jobs.work import Crashed, DiskFull, Finished, Outcome, Refused
from api.storage import storage_problem
from regional_assets.errors import InputError

_log = structlog.get_logger(__name__)

Settle = Callable[[str, bytes], bytes]
"""From the id of a job and what its work returned to its answer; may be called again for the same job."""


class Settling:
    """
    Settle what work returned, each in a thread of its own: large answers take a while.

    Parameters
    ----------
    functions
        By kind of job; other kinds need no settling.
    on_end
        Called with id and attempt of the job, and how it ended.
    """

    def __init__(self, functions: Mapping[str, Settle], on_end: Callable[[str, int, Outcome], None]) -> None:
        self._functions = functions
        self._on_end = on_end
        self._is_closed = threading.Event()

    def takes_over(self, kind: str, name: tuple[str, int], outcome: Outcome) -> bool:
        """Begin to settle how an attempt ended, if it is to be: it must have an answer; returns at once."""
        settle = self._functions.get(kind)
        if settle is None or not isinstance(outcome, Finished) or outcome.result is None:
            return False
        threading.Thread(target=self._run, args=(settle, name, outcome.result), name="settling", daemon=True).start()
        return True

    def close(self) -> None:
        """Wait for no database any more; what is not settled by then is told to nobody."""
        self._is_closed.set()

    def _run(self, settle: Settle, name: tuple[str, int], result: bytes) -> None:
        setbacks = Setbacks(f"what a worker returned for {name[0]}")
        while True:
            try:
                outcome = _settled(settle, name[0], result)
            except Exception as error:
                if self._is_closed.wait(setbacks.pause_s(error)):
                    return
            else:
                self._on_end(*name, outcome)
                return


def _settled(settle: Settle, job_id: str, result: bytes) -> Outcome:
    """Return how a job ends; what the database raises while it does not serve is passed on."""
    try:
        return Finished(settle(job_id, result))
    except InputError as error:
        return Refused(error.problems)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        if is_full_disk(error):
            return DiskFull(reason)
        if storage_problem(error) is not None:
            raise
        _log.exception("what a worker returned cannot be settled", job_id=job_id)
        return Crashed(reason)
