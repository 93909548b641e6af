"""Keys: what is stored of them, which are let in, and the commands around them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from api.cli import app
from api.keys import KeyStore
from api.storage import open_database, reading, upgrade
from api.storage.tables import keys
from regional_assets.errors import InputError

NOW = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)


class Clock:
    """Tell a time that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = open_database(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: sa.Engine, clock: Clock) -> KeyStore:
    return KeyStore(engine, now=clock)


@pytest.fixture
def meguri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a runner of commands whose database is empty."""
    monkeypatch.setenv("MEGURI_HOME", str(tmp_path))
    monkeypatch.setenv("MEGURI_LANG", "en")
    return CliRunner()


def test_a_key_is_found_by_its_secret_alone(store: KeyStore) -> None:
    """The secret of 256 bits lets its owner in; nothing close to it does."""
    key, secret = store.create("board", ["read", "plan"])
    assert re.fullmatch(r"mgr_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", secret)
    found = store.find(secret)
    assert found is not None
    assert (found.id, found.name, found.scopes) == (key.id, "board", {"read", "plan"})
    last = "A" if secret[-1] != "A" else "B"
    for wrong in (secret[:-1] + last, secret[:-1], secret + "A", "", f"mgr_{'0' * 16}_{secret[-43:]}", "mgr__"):
        assert store.find(wrong) is None


def test_nothing_stored_leads_back_to_a_secret(store: KeyStore, engine: sa.Engine) -> None:
    """The database holds the hash of the secret, and the secret nowhere."""
    _, secret = store.create("board", ["read"])
    with reading(engine) as connection:
        row = connection.execute(sa.select(keys)).one()
    assert re.fullmatch(r"[0-9a-f]{64}", row.secret_hash)
    assert secret[-43:] not in str(tuple(row))


def test_expired_and_revoked_keys_let_nobody_in(store: KeyStore, clock: Clock) -> None:
    """A key works until its last moment, and a revoked one not at all."""
    _, brief = store.create("brief", ["read"], expires_at=NOW + dt.timedelta(hours=1))
    key, revoked = store.create("revoked", ["admin"])
    assert store.find(brief)
    assert store.find(revoked)
    first = store.revoke(key.id)
    clock.now += dt.timedelta(hours=1)
    assert store.find(brief) is None
    assert store.find(revoked) is None
    assert store.revoke(key.id).revoked_at == first.revoked_at == NOW


def test_uses_are_noted_once_a_minute(store: KeyStore, clock: Clock) -> None:
    """Not every request writes to the database."""
    _, secret = store.create("board", ["read"])
    store.find(secret)
    clock.now += dt.timedelta(seconds=59)
    store.find(secret)
    assert store.list()[0].last_used_at == NOW
    clock.now += dt.timedelta(seconds=1)
    store.find(secret)
    assert store.list()[0].last_used_at == clock.now


def test_everything_wrong_with_a_new_key_is_told_at_once(store: KeyStore) -> None:
    """Name, scopes and date are checked together."""
    with pytest.raises(InputError) as caught:
        store.create(" ", ["read", "root"], expires_at=NOW)
    assert [problem.where for problem in caught.value.problems] == ["NAME", "--scopes", "--expires"]
    assert store.list() == []


def test_keys_are_made_listed_and_revoked_by_commands(meguri: CliRunner) -> None:
    """The secret is shown when the key is made, and never again."""
    made = json.loads(meguri.invoke(app, ["keys", "create", "Board", "--scopes", "plan, read", "--json"]).stdout)
    assert made["key"].startswith(f"mgr_{made['id']}_")
    assert made["scopes"] == ["read", "plan"]
    listed = meguri.invoke(app, ["keys", "list", "--json"]).stdout
    assert made["key"] not in listed
    assert [key["name"] for key in json.loads(listed)["keys"]] == ["Board"]
    assert json.loads(meguri.invoke(app, ["keys", "revoke", made["id"], "--json"]).stdout)["revoked_at"]
    table = meguri.invoke(app, ["keys", "list"]).stdout
    assert "Board" in table
    assert "revoked" in table


def test_a_key_works_through_its_last_day(meguri: CliRunner) -> None:
    """``--expires`` names a day, and means its end."""
    run = meguri.invoke(app, ["keys", "create", "a", "--scopes", "read", "--expires", "2099-12-31", "--json"])
    expires = dt.datetime.fromisoformat(json.loads(run.stdout)["expires_at"])
    assert expires.astimezone() == dt.datetime(2100, 1, 1).astimezone()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["create", "a", "--scopes", "root"], "root cannot be a scope; accepted: read, plan, price, admin"),
        (["create", "a", "--scopes", ""], "accepted: read, plan, price, admin"),
        (["create", "a", "--scopes", "read", "--expires", "2020-01-01"], "--expires"),
        (["revoke", "nobody"], "there is no key nobody"),
    ],
)
def test_commands_refuse_nonsense(meguri: CliRunner, words: list[str], told: str) -> None:
    """Bad input ends with exit code 2 and what would be accepted."""
    run = meguri.invoke(app, ["keys", *words])
    assert run.exit_code == 2
    assert told in run.stderr
