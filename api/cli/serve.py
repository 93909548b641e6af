"""``meguri serve``: the HTTP service."""

from __future__ import annotations

import json as json_format
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli._language import language_asked
from api.cli._options import AsJson, Lang
from api.cli._session import ExitCode, Session, fail, open_session
from api.texts import say, text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from api.service import Service
    from api.service_settings import ServiceSettings


def _option(key: str, *names: str, **look: Any) -> Any:
    words = say(f"serve.{key}", language_asked(sys.argv[1:]))
    return typer.Option(*names, help=words, show_default=False, **look)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("serve", help=say("serve.help", language_asked(sys.argv[1:])))(serve)


def serve(
    *,
    host: Annotated[str | None, _option("host")] = None,
    port: Annotated[int | None, _option("port")] = None,
    workers: Annotated[int | None, _option("workers")] = None,
    auth: Annotated[Literal["auto", "on", "off"] | None, _option("auth")] = None,
    database: Annotated[str | None, _option("database", metavar="URL")] = None,
    cluster: Annotated[str | None, _option("cluster", metavar="ADDRESS")] = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Answer over HTTP until it is told to stop; the words are in the catalogue."""
    options = {
        "host": host,
        "port": port,
        "workers": workers,
        "auth": auth,
        "database": database,
        "cluster": cluster,
    }
    with open_session(as_json=json, language=lang) as session:
        settings = settings_of(options)
        from api.http.app import create_app
        from api.http.server import Server, listen
        from api.logs import configure_logs
        from api.service import build_service

        configure_logs(settings)
        with closing(listen(settings)) as listener:
            service = build_service(settings)
            _start(service, session)
            url = _url(settings, listener.getsockname()[1])
            app = create_app(service)

            def when_ready() -> None:
                _tell(session, settings, url)
                # It takes a second, many under load: the first who asks for the reference should not wait for it.
                threading.Thread(target=app.openapi, name="openapi", daemon=True).start()

            try:
                Server(app, service, when_ready).run(sockets=[listener])
            finally:
                service.close()


def settings_of(options: Mapping[str, object]) -> ServiceSettings:
    """
    Return the settings of the environment and of options, which win.

    Raises
    ------
    InputError
        With every problem; those of an option name the option.
    """
    from api.service_settings import read_service_settings

    try:
        return read_service_settings(**options)
    except InputError as error:
        given = {f"MEGURI_{name.upper()}": f"--{name}" for name, value in options.items() if value is not None}
        raise InputError(
            replace(problem, where=given.get(problem.where, problem.where)) for problem in error.problems
        ) from None


def _start(service: Service, session: Session) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from api.storage import storage_problem

    try:
        service.start()
    except SQLAlchemyError as error:
        problem = storage_problem(error)
        if problem is None:
            raise
        told = Problem("MEGURI_DATABASE", None, text(f"storage_http.{problem}"))
        fail([told], ExitCode.ENVIRONMENT, as_json=session.as_json, language=session.language)


def _url(settings: ServiceSettings, port: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url or f"http://{host}:{port}"


def _tell(session: Session, settings: ServiceSettings, url: str) -> None:
    """Say that the server is ready: one line of JSON, or a few lines for people."""
    if session.as_json:
        ready = {"url": url, "docs": f"{url}/docs", "needs_keys": settings.needs_keys, "pid": os.getpid()}
        # One line, unlike other results: whoever starts a server reads a line, and the stream stays open.
        print(json_format.dumps(ready), flush=True)
        return
    session.note(session.say("serve.ready", url=url, docs=f"{url}/docs"))
    session.note(session.say("serve.with_keys" if settings.needs_keys else "serve.without_keys"))
