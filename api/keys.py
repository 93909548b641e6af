"""
Keys of callers: who may use the service, and for what.

A key is ``mgr_<id>_<secret>``: the id finds its row, the secret (256 random bits) is compared with the SHA-256 that
the row holds. The secret itself is shown once, when the key is made, and is kept nowhere. A plain hash is enough: a
secret of 256 bits cannot be guessed from it, however fast guesses are tried.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa
import structlog

from api.storage import reading, storage_problem, writing
from api.storage.tables import keys
from api.texts import text
from regional_assets.errors import InputError, Problem

Scope = Literal["read", "plan", "price", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
LONGEST_NAME = 100

_FORM = re.compile(r"mgr_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
_BETWEEN_USES = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Key:
    """
    Describe a key without its secret.

    Parameters
    ----------
    id
        Its public part.
    name
        Whose it is, for people and the log.
    scopes
        What it opens; ``admin`` opens everything.
    created_at, expires_at, revoked_at, last_used_at
        UTC; the last use to the minute.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: dt.datetime
    expires_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    last_used_at: dt.datetime | None = None

    def is_valid(self, now: dt.datetime) -> bool:
        """Whether the key opens anything at all."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class KeyStore:
    """
    Keep keys in the database.

    Parameters
    ----------
    engine
        From `api.storage.database.open_database`.
    now
        Tells the time, in UTC.
    """

    def __init__(self, engine: sa.Engine, *, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self._engine = engine
        self._now = now

    def create(self, name: str, scopes: Iterable[str], *, expires_at: dt.datetime | None = None) -> tuple[Key, str]:
        """
        Make a key.

        Returns
        -------
        key, secret
            The second is what a caller sends; it cannot be had again.

        Raises
        ------
        InputError
            If the name, a scope or the date makes no sense; all problems at once.
        """
        now = self._now()
        chosen = _checked(name, tuple(scopes), expires_at, now)
        key = Key(secrets.token_hex(8), name.strip(), chosen, created_at=now, expires_at=expires_at)
        secret = secrets.token_urlsafe(32)
        row = {"id": key.id, "name": key.name, "scopes": sorted(chosen), "secret_hash": _digest(secret)}
        with writing(self._engine) as connection:
            connection.execute(sa.insert(keys).values(**row, created_at=now, expires_at=expires_at))
        return key, f"mgr_{key.id}_{secret}"

    def find(self, presented: str) -> Key | None:
        """Return the key that a caller presents, with its use noted; None where it is unknown, expired or revoked."""
        match = _FORM.fullmatch(presented)
        if match is None:
            return None
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(keys).where(keys.c.id == match[1])).first()
        # Compared in any case, so that the time it takes does not tell which ids exist.
        is_secret = hmac.compare_digest(_digest(match[2]), row.secret_hash if row else _digest(""))
        if row is None or not is_secret:
            return None
        key, now = _key(row), self._now()
        if not key.is_valid(now):
            return None
        if key.last_used_at is None or now - key.last_used_at >= _BETWEEN_USES:
            self._note_use(key.id, now)
        return key

    def list(self) -> list[Key]:
        """Return all keys, oldest first, those that are no longer valid among them."""
        with reading(self._engine) as connection:
            return [_key(row) for row in connection.execute(sa.select(keys).order_by(keys.c.created_at, keys.c.id))]

    def revoke(self, key_id: str) -> Key:
        """
        End a key at once; one that is revoked already stays as it is.

        Raises
        ------
        InputError
            If there is no such key.
        """
        with writing(self._engine) as connection:
            is_open = (keys.c.id == key_id) & keys.c.revoked_at.is_(None)
            connection.execute(sa.update(keys).where(is_open).values(revoked_at=self._now()))
            row = connection.execute(sa.select(keys).where(keys.c.id == key_id)).first()
        if row is None:
            raise InputError([Problem("ID", key_id, text("keys.unknown", id=key_id))])
        return _key(row)

    def _note_use(self, key_id: str, now: dt.datetime) -> None:
        # A database that can be read but not written, for a while, must not lock callers out.
        try:
            with writing(self._engine) as connection:
                connection.execute(sa.update(keys).where(keys.c.id == key_id).values(last_used_at=now))
        except sa.exc.SQLAlchemyError as error:
            if storage_problem(error) is None:
                raise
            structlog.get_logger(__name__).warning("use of a key not noted", key=key_id)


def _checked(name: str, scopes: tuple[str, ...], expires_at: dt.datetime | None, now: dt.datetime) -> frozenset[Scope]:
    problems = []
    if not 1 <= len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        problems.append(Problem("NAME", name, text("keys.name", most=LONGEST_NAME)))
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        accepted = text("keys.scopes", value=", ".join(unknown) or "–", accepted=", ".join(SCOPES))
        problems.append(Problem("--scopes", ", ".join(scopes), accepted))
    if expires_at is not None and expires_at <= now:
        problems.append(Problem("--expires", expires_at.isoformat(), text("keys.past")))
    if problems:
        raise InputError(problems)
    return frozenset(scope for scope in SCOPES if scope in scopes)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: sa.Row[Any]) -> Key:
    scopes = frozenset(scope for scope in SCOPES if scope in row.scopes)
    return Key(row.id, row.name, scopes, row.created_at, row.expires_at, row.revoked_at, row.last_used_at)
