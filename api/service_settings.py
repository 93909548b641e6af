"""
Settings of the service, read from the environment: ``MEGURI_*``.

`api.settings` holds what every command needs; this module holds what a server needs besides. Its table in the
documentation is held to it by a test.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.settings import read_settings
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from regional_assets.validation import FieldError, problems_from

_PREFIX = "MEGURI_"
_MIB = 2**20
_READ_ELSEWHERE = ("MEGURI_LANG",)
_OF_TESTS = (f"{_PREFIX}TEST_", f"{_PREFIX}SHARED")
# Its host goes into the page's security policy, where blanks and semicolons would begin something else.
_TILES = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[^\s;,'\"<>]+")
_SCHEMES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Names = Annotated[tuple[str, ...], NoDecode]
"""Words separated by commas or spaces."""


class ServiceSettings(BaseSettings):
    """
    Hold what the environment decides of a server.

    Parameters
    ----------
    home
        Folder of state: database, snapshots of regions, uploads, caches.
    host, port
        Where the server listens.
    public_url
        How the world calls the server, for links in answers; by default what the request was sent to.
    allowed_hosts
        Names under which requests are accepted, ``*`` for all; by default those of the loopback where the server
        listens there, else all.
    cors_origins
        Origins whose pages may call the API from a browser.
    auth
        ``auto``: keys are needed unless the server listens on the loopback and goes by no other name; ``on``; ``off``,
        on the loopback only.
    database
        SQLite file or PostgreSQL server, as a URL; by default ``meguri.db`` in the folder of state.
    cluster
        Address of a Dask scheduler; by default processes of this machine solve.
    workers
        Processes that solve; by default one for each core. Without meaning on a cluster.
    queue_limit
        Jobs that may wait; beyond, requests are refused with 503.
    lease_s
        How long a job stays with a server that gives no sign of life.
    attempts
        How often a job is begun anew when its worker dies.
    job_limit_s
        Longest run of a job; then it is stopped, and killed where it does not stop.
    longest_wait_s
        Longest time that a request may wait for its answer (``Prefer: wait``).
    keep_days
        Days after which finished jobs are removed.
    shutdown_s
        How long running jobs may go on when the server is told to stop; then they go back to the queue.
    search_limit_s, most_iterations, most_candidates
        Most that a trip request may ask for.
    body_limit_bytes, upload_limit_bytes
        Size of a request, and of one with files.
    unpacked_limit_bytes, unpacked_files
        Size and number of files that an uploaded archive may unpack to.
    rows_limit
        Rows, features or places of an uploaded file.
    regions_limit
        Most regions stored.
    rate_limit, expensive_rate_limit
        Requests of one key, or address without keys: of all kinds, and of those that start work (``120/minute``).
    streams_limit
        Event streams open at once for one key.
    map_tiles_url, map_attribution
        Address of picture tiles (``https://…/{z}/{x}/{y}.png``) that the planning desk draws under its own map, and
        whom to name for them; by default nothing is asked of any other server.
    log_level, log_format
        Of the server's log: one JSON object per line, or lines for people.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, validate_default=True
    )

    home: Path
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    public_url: str | None = None
    allowed_hosts: Names = ()
    cors_origins: Names = ()
    auth: Literal["auto", "on", "off"] = "auto"
    database: str = ""
    cluster: str | None = None
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    queue_limit: int = Field(default=1_000, ge=1, le=1_000_000)
    lease_s: Seconds = 15.0
    attempts: int = Field(default=3, ge=1, le=10)
    job_limit_s: Seconds = 900.0
    longest_wait_s: Seconds = 60.0
    keep_days: float = Field(default=30, gt=0, le=36_500)
    shutdown_s: Seconds = 10.0
    search_limit_s: Seconds = 60.0
    most_iterations: int = Field(default=1_000_000, ge=1)
    most_candidates: int = Field(default=1_000, ge=1, le=2_000)
    body_limit_bytes: int = Field(default=2 * _MIB, ge=1_024)
    upload_limit_bytes: int = Field(default=256 * _MIB, ge=1_024)
    unpacked_limit_bytes: int = Field(default=1_024 * _MIB, ge=1_024)
    unpacked_files: int = Field(default=1_000, ge=1)
    rows_limit: int = Field(default=200_000, ge=1)
    regions_limit: int = Field(default=1_000, ge=1)
    rate_limit: str = "1200/minute"
    expensive_rate_limit: str = "600/minute"
    streams_limit: int = Field(default=20, ge=1)
    map_tiles_url: str | None = None
    map_attribution: str | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"

    @field_validator("allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("database")
    @classmethod
    def _is_known_database(cls, value: str) -> str:
        if value and not value.startswith(_SCHEMES):
            # The value may hold a password.
            raise FieldError(
                f"次のいずれかで始まる URL を指定してください: {', '.join(_SCHEMES)}",
                f"a URL that begins with one of {', '.join(_SCHEMES)} is accepted",
                hides_value=True,
            )
        return value

    @field_validator("cluster")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("tcp://", "tls://")):
            raise FieldError(f"tcp:// か tls:// で始めてください({value})", f"tcp:// or tls:// is accepted ({value})")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_a_web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise FieldError(
                f"http:// か https:// で始めてください({value})", f"http:// or https:// is accepted ({value})"
            )
        return value.rstrip("/") if value else value

    @field_validator("map_tiles_url")
    @classmethod
    def _is_a_tile_address(cls, value: str | None) -> str | None:
        if value is None or (_TILES.fullmatch(value) and all(part in value for part in ("{z}", "{x}", "{y}"))):
            return value
        raise FieldError(
            f"{{z}}、{{x}}、{{y}} を含む https:// のアドレスを指定してください({value})",
            f"an address with {{z}}, {{x}} and {{y}}, beginning with https://, is accepted ({value})",
        )

    @field_validator("map_attribution")
    @classmethod
    def _names_whoever_made_the_tiles(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("map_tiles_url") is not None:
            raise FieldError(
                "MEGURI_MAP_TILES_URL を使うときは、出典を指定してください",
                "needed with MEGURI_MAP_TILES_URL: whose tiles they are",
            )
        return value

    @field_validator("rate_limit", "expensive_rate_limit")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        from limits import parse

        try:
            parse(value)
        except ValueError:
            raise FieldError(f"{value} は使えません。例: 120/minute", f"{value} is no rate; 120/minute is") from None
        return value

    @model_validator(mode="after")
    def _open_on_the_loopback_only(self) -> Self:
        if self.auth == "off" and not is_loopback(self.host):
            raise FieldError(
                f"MEGURI_AUTH=off は 127.0.0.1 などで待ち受けるときだけ使えます(MEGURI_HOST は {self.host})",
                f"MEGURI_AUTH=off is accepted on the loopback only (MEGURI_HOST is {self.host})",
            )
        return self

    @property
    def needs_keys(self) -> bool:
        """Whether callers need a key; a server that goes by a public name has the world behind a proxy."""
        return self.auth == "on" or (self.auth == "auto" and not self._is_private)

    @property
    def _is_private(self) -> bool:
        public = urlsplit(self.public_url).hostname if self.public_url else None
        names = (self.host, *self.allowed_hosts, *([public] if public else []))
        return all(map(is_loopback, names))

    @property
    def database_url(self) -> str:
        """Return the URL for SQLAlchemy."""
        if not self.database:
            return f"sqlite:///{self.home / 'meguri.db'}"
        return self.database.replace("postgresql://", "postgresql+psycopg://", 1)


def read_service_settings(**given: Any) -> ServiceSettings:
    """
    Read the settings of a server from the environment.

    Parameters
    ----------
    given
        Settings that win over the environment; None counts as not given.

    Raises
    ------
    InputError
        If a variable holds nonsense, or is unknown; all such variables at once.
    """
    problems = list(_unknown_variables(os.environ))
    values = {name: value for name, value in given.items() if value is not None}
    values.setdefault("home", read_settings().home)
    try:
        settings = ServiceSettings(**values)
    except ValidationError as error:
        problems += [replace(problem, where=_variable(problem.where)) for problem in problems_from(error)]
        raise InputError(problems) from None
    if problems:
        raise InputError(problems)
    return settings


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _unknown_variables(names: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each variable that looks like a setting and is none: a slip of the pen would do nothing."""
    known = {*map(_variable, ServiceSettings.model_fields), *_READ_ELSEWHERE}
    for name in sorted(names):
        if name.startswith(_PREFIX) and name not in known and not name.startswith(_OF_TESTS):
            close = ", ".join(difflib.get_close_matches(name, known, n=1)) or ", ".join(sorted(known))
            yield Problem(
                name, None, Text(ja=f"知らない設定です。近いもの: {close}", en=f"unknown setting; close: {close}")
            )


def _variable(field: str) -> str:
    """Return the variable of a field; of all of them, where the problem lies between several."""
    return f"{_PREFIX}{field.upper()}" if field else f"{_PREFIX}*"
