"""Bring the tables up to date, at the start of every server; only one server at a time does it."""

from __future__ import annotations

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DatabaseError

from api.texts import text
from regional_assets.errors import InputError, Problem

_LOCK = 0x6D65677572
"""Number of PostgreSQL's advisory lock for migrations: "megur"."""
_PATIENCE_MS = 60_000
"""How long a server waits for another's migration."""


def upgrade(engine: Engine) -> None:
    """
    Bring the tables of a database up to date, or make them; all or nothing, in one transaction.

    Raises
    ------
    InputError
        If a newer version of Meguri has written the database, or the file is none.
    sqlalchemy.exc.OperationalError
        If the database is locked, away or full.
    """
    try:
        with engine.connect() as connection:
            _upgrade(connection)
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorname", None) == "SQLITE_NOTADB":
            raise InputError([Problem("database", engine.url.database, text("storage.no_database"))]) from error
        raise


def _upgrade(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # Asked for before the transaction begins: beginning is what may have to wait.
        _set_patience(connection, _PATIENCE_MS)
    try:
        with connection.begin():
            if not is_sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            _migrate(connection)
    finally:
        # It has more patience than calls of the service may have: it does not go back to the pool.
        connection.invalidate()


def _set_patience(connection: Connection, patience_ms: int) -> None:
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.cursor().execute(f"PRAGMA busy_timeout={patience_ms}")


def _migrate(connection: Connection) -> None:
    # Imported here: only what opens a database needs it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "api.storage:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise InputError([Problem("database", None, text("storage.newer", reason=str(error)))]) from error
