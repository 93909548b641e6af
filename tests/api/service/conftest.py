"""Databases and clusters for tests of the service: the embedded ones always, others where somebody started them."""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

_START = 'start them with: eval "$(tools/test-services start)"'


@pytest.fixture(scope="session")
def _kept_postgres() -> Iterator[str]:
    """Return the URL of a PostgreSQL database that is dropped in the end: making one for each test takes longer."""
    server = os.environ.get("MEGURI_TEST_POSTGRES")
    if not server:
        pytest.skip(f"no PostgreSQL server (MEGURI_TEST_POSTGRES); {_START}")
    import psycopg

    name = f"meguri_test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(_kept_postgres: str) -> str:
    """Return the URL of an empty PostgreSQL database, or skip."""
    import psycopg

    with psycopg.connect(_kept_postgres, autocommit=True) as connection:
        # Tests of lost servers leave connections behind.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return _kept_postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database: an SQLite file, and in turn a PostgreSQL database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'meguri.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def cluster_address() -> str:
    """Return the address of a Dask scheduler that has workers, or skip."""
    address = os.environ.get("MEGURI_TEST_CLUSTER")
    if not address:
        pytest.skip(f"no Dask cluster (MEGURI_TEST_CLUSTER); {_START}")
    return address


@pytest.fixture(scope="session")
def planning_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a server with the bundled region and one worker; tests share it."""
    from serving import serving

    from api.http.app import create_app
    from api.service import build_service
    from api.service_settings import ServiceSettings

    settings = ServiceSettings(
        home=tmp_path_factory.mktemp("planning-server"),
        workers=1,
        rate_limit="1000000/minute",
        expensive_rate_limit="1000000/minute",
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEGURI_LANG", "en")
        if "NUMBA_CACHE_DIR" not in os.environ:
            environment.setenv("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / "meguri-numba"))
        service = build_service(settings)
        with serving(create_app(service)) as client:
            yield client
