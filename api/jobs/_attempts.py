"""One attempt at a job as its server sees it: its time, what it told and what of that is not written yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from api.jobs._records import finite
from api.jobs.model import JobProblem, JobProgress
from api.jobs.store import Claimed, Ending, Happening, Report
from api.jobs.work import DiskFull, Finished, Improvement, Message, Outcome, Refused, WorkerLost
from api.texts import text

WRITE_EVERY_S = 0.25
"""How often the progress of one job is written at most."""

_FIRST_WRITE_S = 0.1
"""Jobs shorter than this are written once: when they end."""


@dataclass(slots=True, eq=False)
class Attempt:
    """
    Follow an attempt.

    Parameters
    ----------
    claimed
        What was claimed.
    begun_at
        When the executor got it, by the dispatcher's clock.
    grace_s
        How long it may go on after it was told to stop.
    outcome
        How it ended; None while it runs.
    given_ending
        How its job ends whatever the outcome: it could not be begun.
    is_settling
        Whether the work has ended, and what it returned is on its way to where it belongs (`api.jobs.settling`).
    stopped_for
        Why it was told to stop.
    kill_at
        When it is killed; after that, when it counts as ended without the executor's word.
    is_killed
        Whether it was killed.
    is_fenced
        Whether the job is no longer this server's: nothing of the attempt counts.
    has_answer
        Whether there is an answer, of this attempt or of an earlier one.
    """

    claimed: Claimed
    begun_at: float
    grace_s: float
    outcome: Outcome | None = None
    given_ending: Ending | None = None
    is_settling: bool = False
    stopped_for: Literal["asked", "time"] | None = None
    kill_at: float = float("inf")
    is_killed: bool = False
    is_fenced: bool = False
    has_answer: bool = field(init=False)
    _progress: JobProgress = field(init=False)
    _answer: bytes | None = None
    _happenings: list[Happening] = field(default_factory=list)
    _is_progress_told: bool = False
    _write_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.has_answer = self.claimed.has_result
        self._progress = self.claimed.progress
        self._write_at = self.begun_at + _FIRST_WRITE_S

    @property
    def name(self) -> tuple[str, int]:
        """Return what the executor calls the attempt."""
        return self.claimed.job_id, self.claimed.attempt

    @property
    def is_over(self) -> bool:
        """Return whether the work has ended."""
        return self.outcome is not None or self.is_settling

    @property
    def gap(self) -> float | None:
        """Return the gap of its best answer."""
        return self._progress.gap

    @property
    def stops_at(self) -> float:
        """Return when its time is up."""
        return self.begun_at + self.claimed.time_limit_s

    def take_in(self, message: Message) -> None:
        """
        Note what it told.

        Raises
        ------
        ValueError
            If that makes no sense; nothing is noted.
        """
        if isinstance(message, Improvement):
            self._progress = self._with({name: message.facts.get(name) for name in ("objective", "bound", "gap")})
            self._answer, self.has_answer = message.answer, True
            self._happenings.append(Happening("improvement", dict(message.facts)))
        else:
            self._progress = self._with({"share": message.share, "stage": message.stage})
            self._is_progress_told = True

    def _with(self, told: Mapping[str, Any]) -> JobProgress:
        """Return the progress with what is told and known: shares from 0 to 1, and no numbers that JSON cannot hold."""
        plain = self._progress.model_dump() | {name: value for name, value in finite(told).items() if value is not None}
        if isinstance(plain["share"], float | int):
            plain["share"] = min(1.0, max(0.0, plain["share"]))
        return JobProgress(**plain)

    def writes_at(self) -> float:
        """Return when something is to be written about it while it runs."""
        has_news = self._happenings or self._is_progress_told
        return self._write_at if has_news and self.outcome is None and not self.is_fenced else float("inf")

    def acts_at(self) -> float:
        """Return when it is to be stopped, killed or given up, unless it ends before."""
        if self.is_over:
            return float("inf")
        return self.kill_at if self.stopped_for or self.is_killed else self.stops_at

    def report(self) -> Report:
        """Return what is not written yet; of an attempt that ended, its end says how far it was."""
        progress, happenings = self._progress, [*self._happenings]
        if self._is_progress_told and self.outcome is None:
            happenings.append(Happening("progress", progress.model_dump()))
        if isinstance(self.outcome, Finished) and not self.outcome.stopped:
            progress = progress.model_copy(update={"share": 1.0})
        return Report(progress, self._answer, tuple(happenings))

    def forget_report(self, now: float) -> None:
        """Note that the report was written, or cannot be."""
        self._answer, self._is_progress_told = None, False
        self._happenings.clear()
        self._write_at = now + WRITE_EVERY_S

    def ask_to_stop(self, now: float, why: Literal["asked", "time"]) -> bool:
        """Note that it was told to stop; False where it was before."""
        if self.stopped_for is not None:
            return False
        self.stopped_for, self.kill_at = why, now + self.grace_s
        return True

    def ending(self) -> Ending | None:
        """Return how its job ends; None where it is to be begun anew."""
        if self.given_ending is not None:
            return self.given_ending
        outcome = self.outcome
        match outcome:
            case None:
                return None
            case Finished(result=bytes(), stopped=False):
                return Ending("succeeded", outcome.result)
            case Finished(stopped=True):
                return self._stopped(outcome.result)
            case Refused():
                problem = JobProblem(422, "invalid-input", text("job.refused"), outcome.problems)
                return Ending("failed", problem=problem)
            case DiskFull():
                return Ending("failed", problem=JobProblem(503, "storage-unavailable", text("job.disk_full")))
            case WorkerLost():
                return self._stopped(None) if self.stopped_for else None
            case _:
                return Ending("failed", problem=JobProblem(500, "internal-error", text("job.crashed")))

    def _stopped(self, result: bytes | None) -> Ending:
        """Return the end of work that was told to stop: by its caller, else because its time was up."""
        if result is not None or self.has_answer or self.stopped_for == "asked":
            return Ending("stopped", result)
        detail = text("job.time_limit", seconds=f"{self.claimed.time_limit_s:g}")
        return Ending("failed", problem=JobProblem(503, "time-limit", detail))
