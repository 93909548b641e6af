"""What workers return is settled on the server before a job hears of its end."""

from __future__ import annotations

import errno
import queue
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from api.jobs import _setbacks
from api.jobs.settling import Settling
from api.jobs.work import Crashed, DiskFull, Finished, Outcome, Refused, WorkerLost
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

NAME = ("job", 1)
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_setbacks, "PAUSES_S", (0.001, 0.002))


def away() -> sa.exc.OperationalError:
    return sa.exc.OperationalError("SELECT", None, OSError("connection refused"))


def settled(result: bytes, *answers: bytes | Exception) -> Outcome:
    """Return what is heard when settling gives some answers in turn."""
    script: Iterator[bytes | Exception] = iter(answers)
    heard: queue.SimpleQueue[Outcome] = queue.SimpleQueue()

    def settle(job_id: str, result: bytes) -> bytes:
        answer = next(script)
        if isinstance(answer, Exception):
            raise answer
        return answer + result

    def hear(job_id: str, attempt: int, outcome: Outcome) -> None:
        assert (job_id, attempt) == NAME
        heard.put(outcome)

    assert Settling({"settled": settle}, hear).takes_over("settled", NAME, Finished(result))
    outcome = heard.get(timeout=PATIENCE_S)
    assert next(script, None) is None
    return outcome


def test_what_settling_returns_is_the_answer() -> None:
    """The function gets what the work returned."""
    assert settled(b"x", b"kept ") == Finished(b"kept x")


@pytest.mark.parametrize("outcome", [Refused(()), Crashed("why"), WorkerLost("why"), Finished(None, stopped=True)])
def test_other_ends_pass(outcome: Outcome) -> None:
    """Only an answer can be settled, and only of kinds that are."""
    settling = Settling({"settled": lambda job_id, result: result}, lambda *_: None)
    assert not settling.takes_over("settled", NAME, outcome)
    assert not settling.takes_over("trip", NAME, Finished(b"x"))


def test_a_refusal_is_bad_input_and_a_fault_is_a_crash() -> None:
    """The same ends as of work itself, a full disk among them."""
    problem = Problem("id", None, Text(ja="あります", en="is there"))
    assert settled(b"", InputError([problem])) == Refused((problem,))
    assert isinstance(settled(b"", KeyError("x")), Crashed)
    assert isinstance(settled(b"", OSError(errno.ENOSPC, "no space")), DiskFull)


def test_a_database_that_is_away_is_waited_for() -> None:
    """Tried again and again, however long it takes: what the worker returned is kept in memory."""
    assert settled(b"x", *[away()] * 20, b"kept ") == Finished(b"kept x")


def test_closing_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told anything: the job is handed back by whoever closes."""
    monkeypatch.setattr(_setbacks, "PAUSES_S", (PATIENCE_S, PATIENCE_S))
    tried: queue.SimpleQueue[str] = queue.SimpleQueue()

    def settle(job_id: str, result: bytes) -> bytes:
        tried.put(job_id)
        raise away()

    def hear(*heard: object) -> None:
        raise AssertionError(heard)

    waiting = Settling({"settled": settle}, hear)
    waiting.takes_over("settled", NAME, Finished(b"x"))
    assert tried.get(timeout=PATIENCE_S) == "job"
    waiting.close()
    assert waiting.takes_over("settled", NAME, Finished(b"x"))
    assert tried.get(timeout=PATIENCE_S) == "job"
