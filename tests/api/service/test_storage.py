"""The database: opening it, making its tables, writing and reading, and telling what is wrong with it."""

from __future__ import annotations

import datetime as dt
import errno
import multiprocessing
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from api.storage import database as database_module
from api.storage import open_database, reading, storage_problem, upgrade, writing
from api.storage.tables import METADATA, jobs, keys
from regional_assets.errors import InputError

MORNING = dt.datetime(2026, 12, 5, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=9)))


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """Return a database with all tables."""
    engine = open_database(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()


def _key(name: str, at: dt.datetime = MORNING) -> dict[str, object]:
    return {"id": name, "name": name, "secret_hash": "x", "scopes": ["read"], "created_at": at}


def test_the_migrations_make_the_tables_of_the_code(engine: sa.Engine) -> None:
    """Nothing is left to generate: `tables` and the migrations say the same."""
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_upgrading_again_changes_nothing(engine: sa.Engine) -> None:
    """Every start of a server upgrades; what is stored stays."""
    with writing(engine) as connection:
        connection.execute(keys.insert(), _key("kept"))
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.scalar(sa.select(keys.c.name)) == "kept"


def _start_server(url: str, together: threading.Barrier, failures: list[BaseException]) -> None:
    engine = open_database(url)
    together.wait()
    try:
        upgrade(engine)
        with reading(engine) as connection:
            connection.scalar(sa.select(sa.func.count()).select_from(jobs))
    except BaseException as failure:
        failures.append(failure)
    finally:
        engine.dispose()


def test_servers_that_start_together_make_the_tables_once(database_url: str) -> None:
    """Five servers on one empty database: all of them find the tables, none stumbles over another."""
    together, failures = threading.Barrier(5), list[BaseException]()
    servers = [threading.Thread(target=_start_server, args=(database_url, together, failures)) for _ in range(5)]
    for server in servers:
        server.start()
    for server in servers:
        server.join()
    assert failures == []


def test_a_newer_database_is_refused_with_a_reason(engine: sa.Engine) -> None:
    """An older Meguri does not touch what a newer one has written."""
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(InputError, match="newer version"):
        upgrade(engine)


@pytest.mark.parametrize("url", ["nonsense", "mysql://somewhere/x", "sqlite://", "sqlite:///:memory:"])
def test_a_url_of_no_usable_database_is_refused(url: str) -> None:
    """The words say what would be accepted."""
    with pytest.raises(InputError, match=r"sqlite:///FILE|file for SQLite"):
        open_database(url)


def test_a_password_is_not_repeated() -> None:
    """A slip in the URL does not write the password to the log."""
    with pytest.raises(InputError) as refusal:
        open_database("mysql://me:secret@somewhere/x")
    assert "secret" not in str(refusal.value)


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    """The first start needs no preparation."""
    engine = open_database(f"sqlite:///{tmp_path / 'new' / 'home' / 'meguri.db'}")
    upgrade(engine)
    engine.dispose()
    assert (tmp_path / "new" / "home" / "meguri.db").is_file()


def test_moments_keep_their_meaning(engine: sa.Engine) -> None:
    """What is written in local time is read back as the same moment, in UTC."""
    with writing(engine) as connection:
        connection.execute(keys.insert(), _key("k"))
    with reading(engine) as connection:
        read = connection.scalar(sa.select(keys.c.created_at))
    assert read == MORNING
    assert read is not None
    assert read.utcoffset() == dt.timedelta(0)


def test_a_time_without_a_zone_is_refused(engine: sa.Engine) -> None:
    """Nobody could tell which moment it means."""
    with pytest.raises(sa.exc.StatementError, match="no time zone"), writing(engine) as connection:
        connection.execute(keys.insert(), _key("k", MORNING.replace(tzinfo=None)))


def test_a_failed_transaction_leaves_nothing(engine: sa.Engine) -> None:
    """All or nothing, and the next writer gets its turn."""
    with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
        connection.execute(keys.insert(), [_key("lost"), _key("twice"), _key("twice")])
    with writing(engine) as connection:
        connection.execute(keys.insert(), _key("kept"))
    with reading(engine) as connection:
        assert connection.scalars(sa.select(keys.c.id)).all() == ["kept"]


def test_readers_go_on_while_somebody_writes(engine: sa.Engine) -> None:
    """A reader sees what was committed, without waiting."""
    with writing(engine) as writer:
        writer.execute(keys.insert(), _key("coming"))
        with reading(engine) as reader:
            assert reader.scalar(sa.select(sa.func.count()).select_from(keys)) == 0


def test_many_writers_lose_nothing(engine: sa.Engine) -> None:
    """Each of 8 threads counts up 10 times: a read and a write in one transaction, none of them overwritten."""
    with writing(engine) as connection:
        connection.execute(keys.insert(), _key("0"))

    def count_up() -> None:
        for _ in range(10):
            with writing(engine) as connection:
                row = sa.select(keys.c.name).where(keys.c.id == "0").with_for_update()
                value = 0 if (name := connection.scalar(row)) == "0" else int(str(name))
                connection.execute(keys.update().values(name=str(value + 1)))

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.scalar(sa.select(keys.c.name)) == "80"


def _hold(path: str, held: object, release: object) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    held.set()  # type: ignore[attr-defined]
    release.wait(60)  # type: ignore[attr-defined]
    connection.close()


def test_a_file_locked_by_another_process_counts_as_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers give up after a while and say why; readers go on; afterwards all is well."""
    monkeypatch.setattr(database_module, "BUSY_S", 0.05)
    path = tmp_path / "meguri.db"
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(path), held, release))
    other.start()
    assert held.wait(60)
    with pytest.raises(sa.exc.OperationalError) as failure, writing(engine):
        pass
    assert storage_problem(failure.value) == "locked"
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(keys)) == 0
    release.set()
    other.join()
    with writing(engine) as connection:
        connection.execute(keys.insert(), _key("after"))
    engine.dispose()


def test_a_file_that_another_keeps_to_itself_counts_as_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a connection can be made; afterwards all is well."""
    monkeypatch.setattr(database_module, "BUSY_S", 0.02)
    engine = open_database(f"sqlite:///{tmp_path / 'meguri.db'}")
    upgrade(engine)
    engine.dispose()
    other = sqlite3.connect(tmp_path / "meguri.db", isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sa.exc.OperationalError) as failure, reading(engine):
        pass
    assert storage_problem(failure.value) == "locked"
    other.close()
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(keys)) == 0
    engine.dispose()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """It is told as what it is, and left as it was."""
    file = tmp_path / "meguri.db"
    file.write_text("something else, and long enough to be looked at" * 100)
    before = file.read_bytes()
    engine = open_database(f"sqlite:///{file}")
    with pytest.raises(InputError, match="no SQLite database"):
        upgrade(engine)
    assert file.read_bytes() == before


def test_a_thread_that_waits_too_long_for_its_turn_counts_as_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a process the same words are used as between processes."""
    engine = open_database(f"sqlite:///{tmp_path / 'meguri.db'}")
    upgrade(engine)
    monkeypatch.setattr(database_module, "BUSY_S", 0.02)
    with writing(engine), pytest.raises(sa.exc.OperationalError) as failure, writing(engine):
        pass
    assert storage_problem(failure.value) == "locked"
    engine.dispose()


def test_a_full_disk_counts_as_full(tmp_path: Path) -> None:
    """SQLite cannot grow: nothing of the transaction is kept, and smaller ones go on."""
    engine = open_database(f"sqlite:///{tmp_path / 'meguri.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        # The limit belongs to the connection, which is the only one of the pool.
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.rollback()
    with pytest.raises(sa.exc.OperationalError) as failure, writing(engine) as connection:
        connection.execute(keys.insert(), _key("x" * 100_000))
    assert storage_problem(failure.value) == "full"
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(keys)) == 0
    engine.dispose()


def test_a_server_that_is_not_there_counts_as_away() -> None:
    """Nothing listens on the port: the failure is told as passing."""
    engine = open_database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(sa.exc.OperationalError) as failure, reading(engine):
        pass
    assert storage_problem(failure.value) == "away"


def test_a_lost_connection_is_made_anew(postgres_url: str) -> None:
    """After the server has thrown all connections out, the next call works."""
    engine = open_database(postgres_url)
    upgrade(engine)
    with pytest.raises(sa.exc.OperationalError) as failure, writing(engine) as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert storage_problem(failure.value) == "away"
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(keys)) == 0
    engine.dispose()


def test_errors_do_not_repeat_what_callers_sent(engine: sa.Engine) -> None:
    """They go to the log."""
    with pytest.raises(sa.exc.IntegrityError) as broken, writing(engine) as connection:
        connection.execute(keys.insert(), {**_key("confidential"), "secret_hash": None})
    assert "hide_parameters=True" in str(broken.value)
    assert "'confidential'" not in str(broken.value)


def test_faults_of_the_program_are_no_problems_of_the_storage(engine: sa.Engine) -> None:
    """A wrong statement or a broken promise is not tried again for ever."""
    with pytest.raises(sa.exc.DBAPIError) as failure, writing(engine) as connection:
        connection.exec_driver_sql("SELECT nonsense FROM nowhere")
    assert storage_problem(failure.value) is None
    with pytest.raises(sa.exc.IntegrityError) as broken, writing(engine) as connection:
        connection.execute(keys.insert(), [_key("twice"), _key("twice")])
    assert storage_problem(broken.value) is None


def test_other_failures_are_told_apart() -> None:
    """A full disk outside the database, a crowded pool, and what is neither."""
    assert storage_problem(OSError(errno.ENOSPC, "full")) == "full"
    assert storage_problem(OSError(errno.EACCES, "not yours")) is None
    assert storage_problem(sa.exc.TimeoutError("the pool is empty")) == "locked"
    assert storage_problem(LookupError()) is None
