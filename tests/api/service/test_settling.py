"""What workers return is settled on the server before a job hears of its end."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from api.jobs.settling import SettlingExecutor
from api.jobs.work import Crashed, Finished, Outcome, Refused, Task, WorkerLost
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text


class Instant:
    """Finish every task at once with the same outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def submit(self, task: Task, listener: Any) -> None:
        listener.ended(task.job_id, task.attempt, self._outcome)


class Heard:
    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def ended(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


def away() -> sa.exc.OperationalError:
    return sa.exc.OperationalError("SELECT", None, OSError("connection refused"))


def settled(outcome: Outcome, *answers: bytes | Exception, kind: str = "settled") -> tuple[list[Outcome], list[float]]:
    """Return what a listener hears, and the pauses that were made, when settling gives some answers in turn."""
    script, pauses, heard = list(answers), list[float](), Heard()

    def settle(job_id: str, result: bytes) -> bytes:
        answer = script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer + result

    executor = SettlingExecutor(Instant(outcome), {"settled": settle}, sleep=pauses.append)  # type: ignore[arg-type]
    executor.submit(Task("job", 1, kind, b"", None, 1.0), heard)  # type: ignore[arg-type]
    return heard.outcomes, pauses


def test_what_settling_returns_is_the_answer() -> None:
    """The function gets what the work returned."""
    assert settled(Finished(b"x"), b"kept ") == ([Finished(b"kept x")], [])


@pytest.mark.parametrize("outcome", [Refused(()), Crashed("why"), WorkerLost("why"), Finished(None, stopped=True)])
def test_other_ends_pass(outcome: Outcome) -> None:
    """Only an answer can be settled."""
    assert settled(outcome) == ([outcome], [])


def test_other_kinds_pass() -> None:
    """Jobs that are not to be settled do not notice."""
    assert settled(Finished(b"x"), kind="trip") == ([Finished(b"x")], [])


def test_a_refusal_is_bad_input_and_a_fault_is_a_crash() -> None:
    """The same ends as of work itself."""
    problem = Problem("id", None, Text(ja="あります", en="is there"))
    assert settled(Finished(b""), InputError([problem]))[0] == [Refused((problem,))]
    [crashed] = settled(Finished(b""), KeyError("x"))[0]
    assert isinstance(crashed, Crashed)


def test_a_database_that_is_away_is_waited_for() -> None:
    """Tried again with growing pauses; where it stays away, the job is begun anew."""
    outcomes, pauses = settled(Finished(b"x"), away(), away(), b"kept ")
    assert outcomes == [Finished(b"kept x")]
    assert pauses == sorted(pauses)
    assert len(pauses) == 2
    [lost] = settled(Finished(b"x"), *[away()] * 6)[0]
    assert isinstance(lost, WorkerLost)
