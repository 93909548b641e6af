"""Bring the tables up to date, at the start of every server; only one server at a time does it."""

from __future__ import annotations

from sqlalchemy.engine import Connection, Engine

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
        If a newer version of Meguri has written the database.
    sqlalchemy.exc.OperationalError
        If the database is locked, away or full.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Asked for before the transaction begins: beginning is what may have to wait.
            _set_patience(connection, _PATIENCE_MS)
        try:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_PATIENCE_MS}")
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                _migrate(connection)
        finally:
            # The connection goes back to the pool with the patience of all others.
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
