"""``meguri keys``: who may use a server."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli._language import language_asked
from api.cli._options import AsJson, Lang
from api.cli._session import ExitCode, Session, fail, open_session
from api.texts import say, text
from regional_assets.errors import Problem

if TYPE_CHECKING:
    from api.keys import Key, KeyStore


def _help(key: str) -> str:
    return say(f"keys_help.{key}", language_asked(sys.argv[1:]))


app = typer.Typer(name="keys", help=_help("group"), no_args_is_help=True)


@app.command("create", help=_help("create"))
def create(
    name: Annotated[str, typer.Argument(help=_help("name"), metavar="NAME", show_default=False)],
    *,
    scopes: Annotated[str, typer.Option("--scopes", help=_help("scopes"), show_default=False)],
    expires: Annotated[
        dt.datetime | None, typer.Option("--expires", formats=["%Y-%m-%d"], help=_help("expires"), show_default=False)
    ] = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Make a key; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session, _keys(session) as store:
        chosen = [scope for scope in re.split(r"[,\s]+", scopes) if scope]
        # Through the whole of that day, by the clock of this machine.
        until = None if expires is None else (expires + dt.timedelta(days=1)).astimezone()
        key, secret = store.create(name, chosen, expires_at=until)
        shown = session.say("keys_help.created", name=key.name, scopes=", ".join(_scopes(key)))
        session.note(session.say("keys_help.once"))
        session.answer({"key": secret, **_plain(key)}, shown, secret)


@app.command("list", help=_help("list"))
def list_keys(*, json: AsJson = False, lang: Lang = None) -> None:
    """Show all keys; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session, _keys(session) as store:
        keys = store.list()
        session.answer({"keys": [_plain(key) for key in keys]}, _table(session, keys))


@app.command("revoke", help=_help("revoke"))
def revoke(
    key_id: Annotated[str, typer.Argument(help=_help("id"), metavar="ID", show_default=False)],
    *,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """End a key; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session, _keys(session) as store:
        key = store.revoke(key_id)
        session.answer(_plain(key), session.say("keys_help.revoked_now", name=key.name, id=key.id))


@contextmanager
def _keys(session: Session) -> Iterator[KeyStore]:
    """Open the keys of the server that the environment describes."""
    from sqlalchemy.exc import SQLAlchemyError

    from api.keys import KeyStore
    from api.service_settings import read_service_settings
    from api.storage import open_database, storage_problem, upgrade

    engine = open_database(read_service_settings().database_url)
    try:
        upgrade(engine)
        yield KeyStore(engine)
    except SQLAlchemyError as error:
        problem = storage_problem(error)
        if problem is None:
            raise
        told = Problem("MEGURI_DATABASE", None, text(f"storage_http.{problem}"))
        fail([told], ExitCode.ENVIRONMENT, as_json=session.as_json, language=session.language)
    finally:
        engine.dispose()


def _table(session: Session, keys: list[Key]) -> Any:
    from rich.table import Table

    columns = ("id", "name", "scopes", "created", "expires", "last_used", "state")
    table = Table(*(session.say(f"keys_help.column_{column}") for column in columns), box=None)
    now = dt.datetime.now(dt.UTC)
    for key in keys:
        state = "valid" if key.is_valid(now) else "revoked" if key.revoked_at else "expired"
        days = (_day(key.created_at), _day(key.expires_at), _day(key.last_used_at))
        table.add_row(key.id, key.name, ", ".join(_scopes(key)), *days, session.say(f"keys_help.{state}"))
    return table


def _day(moment: dt.datetime | None) -> str:
    return "–" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _scopes(key: Key) -> list[str]:
    from api.keys import SCOPES

    return [scope for scope in SCOPES if scope in key.scopes]


def _plain(key: Key) -> dict[str, Any]:
    moments = {name: getattr(key, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
    told = {name: None if moment is None else moment.isoformat() for name, moment in moments.items()}
    return {"id": key.id, "name": key.name, "scopes": _scopes(key), **told}
