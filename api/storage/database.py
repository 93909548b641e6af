"""
Doors to the database: open it, bring its tables up to date, read and write in transactions.

SQLite writes ahead (WAL) and is not synced at every commit: a crash of the program loses nothing, a loss of power may
take the last moments with it, never the whole. Writers begin with ``BEGIN IMMEDIATE``, so that none finds out half-way
that another was first; within a process they queue up fairly instead of polling for the file's lock.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from api.texts import text
from regional_assets.errors import InputError, Problem

BUSY_S = 5.0
"""How long a statement waits for another's lock before the database counts as locked."""

_PAUSE_S = 0.01
_CONNECT_S = 5
_STATEMENT_S = 60
_READS_ONLY = "meguri_reads_only"
_TURN = "meguri_turn"


def open_database(url: str) -> Engine:
    """
    Return the engine of a database; nothing is read or written yet, except that the folder of an SQLite file is made.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` or ``postgresql://...``.

    Raises
    ------
    InputError
        If the URL names no usable database, or the driver for it is not installed.
    OSError
        If the folder of an SQLite file cannot be made.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        # The URL may hold a password: it is not repeated.
        raise InputError([Problem("database", None, text("storage.no_url"))]) from None
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed)
    raise InputError([Problem("database", parsed.drivername, text("storage.no_url"))])


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """
    Read in one transaction: all statements on SQLite see the same state; writers are not kept waiting.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        If the database is locked, away or full; see `storage_problem`.
    """
    with engine.connect().execution_options(**{_READS_ONLY: True}) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """
    Write in one transaction: committed at the end, rolled back by any exception; not to be nested.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        If the database is locked, away or full; see `storage_problem`.
    """
    turn: threading.Lock | None = engine.get_execution_options().get(_TURN)
    if turn is None:
        with engine.begin() as connection:
            yield connection
        return
    if not turn.acquire(timeout=BUSY_S):
        raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, _busy())
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        turn.release()


def _open_sqlite(url: sa.URL) -> Engine:
    if url.database in (None, "", ":memory:") or url.query:
        # Every connection would see a database of its own.
        raise InputError([Problem("database", url.database, text("storage.no_file"))])
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url.set(drivername="sqlite"),
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
        execution_options={_TURN: threading.Lock()},
        # Messages of errors go to the log: what callers sent does not.
        hide_parameters=True,
        pool_size=8,
        max_overflow=24,
        pool_timeout=BUSY_S,
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own idea of when a transaction begins is switched off; `_begin_sqlite` tells instead.
    connection.isolation_level = None
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to writing ahead; where several do so with a new file, SQLite refuses all but one instead of waiting."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get(_READS_ONLY)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _busy() -> sqlite3.OperationalError:
    """Return what the driver raises when the file stays locked."""
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorname = "SQLITE_BUSY"
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return busy


def _open_postgresql(url: sa.URL) -> Engine:
    # A server that went silent is given up after some seconds; without these, calls would hang for many minutes.
    limits: dict[str, Any] = {
        "connect_timeout": _CONNECT_S,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": "meguri",
    }
    in_sessions = {"lock_timeout": int(BUSY_S * 1_000), "statement_timeout": _STATEMENT_S * 1_000}
    limits["options"] = " ".join(f"-c {name}={value}" for name, value in in_sessions.items())
    given = set(url.query)
    try:
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={name: value for name, value in limits.items() if name not in given},
            pool_pre_ping=True,
            hide_parameters=True,
            pool_size=8,
            max_overflow=24,
            pool_timeout=BUSY_S,
        )
    except ModuleNotFoundError:
        raise InputError([Problem("database", None, text("storage.no_driver"))]) from None
