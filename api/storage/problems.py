"""What is wrong when a database does not do its work: told apart, because callers and operators act differently."""

from __future__ import annotations

from typing import Literal

import sqlalchemy.exc as failures

from api.disk import is_full_disk

StorageProblem = Literal["locked", "away", "full"]

_LOCKED_STATES = ("55P03", "57014", "40001", "40P01")
"""PostgreSQL: lock not available, statement cancelled for its time, serialisation, deadlock."""
_FULL_STATE = "53100"


def storage_problem(error: BaseException) -> StorageProblem | None:
    """
    Return why a database could not serve: all of these pass, so the same call may be tried again later.

    Returns
    -------
    problem
        ``locked``: others hold it for too long; ``full``: no space is left on its disk; ``away``: it cannot be
        reached or used. None for everything else, faults of the program among them.
    """
    if isinstance(error, OSError):
        return "full" if is_full_disk(error) else None
    if isinstance(error, failures.TimeoutError):
        return "locked"  # Every connection of the pool is in use.
    if not isinstance(error, failures.OperationalError | failures.InterfaceError | failures.InternalError):
        return "away" if isinstance(error, failures.DBAPIError) and error.connection_invalidated else None
    sqlite_name = getattr(error.orig, "sqlite_errorname", None)
    if sqlite_name is not None:
        return _sqlite_problem(sqlite_name)
    state = getattr(error.orig, "sqlstate", None)
    if state in _LOCKED_STATES:
        return "locked"
    return "full" if state == _FULL_STATE else "away"


def _sqlite_problem(name: str) -> StorageProblem | None:
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "locked"
    if name.startswith("SQLITE_FULL"):
        return "full"
    # "SQLITE_ERROR" is a statement that makes no sense: a fault of the program.
    return (
        "away" if name.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_PROTOCOL")) else None
    )
