"""What goes through the pipes between a server and one of its workers, pickled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from api.jobs.work import Message, Outcome, Task


@dataclass(frozen=True, slots=True)
class Setup:
    """
    Tell a worker what it needs to know; sent first.

    Parameters
    ----------
    kinds
        See `api.jobs.kinds`.
    home, scratch
        See `api.jobs.work.Workplace`.
    """

    kinds: Mapping[str, str]
    home: Path
    scratch: Path


@dataclass(frozen=True, slots=True)
class WarmUp:
    """
    Have the worker say when it is ready.

    Parameters
    ----------
    fully
        Whether everything is imported and compiled before; tasks come first.
    """

    fully: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """Ask an attempt to end with the best it has."""

    job_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Ready:
    """Say that the worker has warmed up. It works before, too, only slower."""


@dataclass(frozen=True, slots=True)
class Told:
    """Carry news of the task."""

    message: Message


@dataclass(frozen=True, slots=True)
class Ended:
    """
    Carry the outcome of the task.

    Parameters
    ----------
    outcome
        How it ended.
    memory_bytes
        What the worker occupies now; 0 where the system does not tell.
    """

    outcome: Outcome
    memory_bytes: int


ToWorker: TypeAlias = Setup | WarmUp | Task | Stop
FromWorker: TypeAlias = Ready | Told | Ended
