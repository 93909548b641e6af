"""Databases and clusters for tests of the service: the embedded ones always, others where somebody started them."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from api.service import Service
    from regional_assets.model import Region

sys.path.insert(0, str(Path(__file__).parent))

_START = 'start them with: eval "$(tools/test-services start)"'


# The tests of these files go through HTTP to the work and back. They run over SQLite and processes, and in turn over
# PostgreSQL and Dask; those of other files that use `planning_server` ask nothing of storage and workers that these do
# not ask.
_OVER_BOTH_PAIRS = ("test_trips", "test_client", "test_client_regions", "test_http_examples", "test_imports_shared")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have some tests run over both pairs of storage and workers."""
    if "planning_server" in metafunc.fixturenames:
        is_both = metafunc.module.__name__.rpartition(".")[2] in _OVER_BOTH_PAIRS
        pairs = ["embedded", "shared"] if is_both else ["embedded"]
        metafunc.parametrize("planning_server", pairs, indirect=True, scope="session")


@contextmanager
def _postgres_database() -> Iterator[str]:
    """Make a PostgreSQL database, yield its URL, and drop it in the end; skip where there is no server."""
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


@pytest.fixture(scope="session")
def _kept_postgres() -> Iterator[str]:
    """Return the URL of a PostgreSQL database that tests empty by turns: making one for each takes longer."""
    with _postgres_database() as url:
        yield url


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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Service]]:
    """Return a client of a server, and the service behind it."""
    from inline_executor import serving_inline

    with serving_inline(tmp_path_factory) as served:
        yield served


@pytest.fixture
def client(server: tuple[httpx.Client, Service]) -> httpx.Client:
    """Return the client alone."""
    return server[0]


@pytest.fixture
def home(server: tuple[httpx.Client, Service], region: Region) -> str:
    """Return the address of the small region, under a name of its own for each test."""
    from inline_executor import address_of_its_own

    return address_of_its_own(server[1], region)


@pytest.fixture(scope="session")
def planning_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a server with the bundled region; tests share it. See `pytest_generate_tests`."""
    from serving import serving

    from api.http.app import create_app
    from api.service import build_service
    from api.service_settings import ServiceSettings

    with ExitStack() as stack:
        settings: dict[str, Any] = {"workers": 1, "home": tmp_path_factory.mktemp("planning-server")}
        if request.param == "shared":
            settings["cluster"] = request.getfixturevalue("cluster_address")
            settings["database"] = stack.enter_context(_postgres_database())
        unlimited = {"rate_limit": "1000000/minute", "expensive_rate_limit": "1000000/minute"}
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        environment.setenv("MEGURI_LANG", "en")
        service = build_service(ServiceSettings(**settings, **unlimited))
        yield stack.enter_context(serving(create_app(service)))
