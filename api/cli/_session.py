"""One run of a command: where it writes, in which language, and how its failures are told."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

from api.settings import Settings, language_of, prepare_compiler_cache, read_settings
from api.texts import catalogue, say, text
from regional_assets.errors import InputError, Problem
from regional_assets.text import Language, Text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# A terminal tells its own width; a pipe or file gets one that holds a timetable without folding it.
_PIPE_COLUMNS = 110


class ExitCode(IntEnum):
    """What the command tells the shell."""

    OK = 0
    BAD_INPUT = 2
    NO_PLAN = 3
    ENVIRONMENT = 4
    STOPPED = 130


@dataclass(frozen=True, slots=True)
class Session:
    """
    Hold the settings and outlets of one command.

    Parameters
    ----------
    settings
        From the environment.
    language
        That of the option, or else of the settings.
    as_json
        Whether standard output carries JSON only.
    """

    settings: Settings
    language: Language
    as_json: bool

    def say(self, key: str, **values: object) -> str:
        """Return an entry of the catalogue in the language of this run."""
        return say(key, self.language, **values)

    def note(self, line: str) -> None:
        """Tell people something beside the result."""
        console(stderr=True).print(line, style="dim", highlight=False, markup=False, soft_wrap=True)

    def warn(self, line: str) -> None:
        """Tell people something they should look at."""
        console(stderr=True).print(line, style="yellow", highlight=False, markup=False, soft_wrap=True)

    def answer(self, payload: Mapping[str, Any], *shown: RenderableType) -> None:
        """Write the result: ``payload`` where JSON was asked for, or else ``shown`` for people."""
        if self.as_json:
            _write_json(payload)
            return
        outlet = console()
        for part in shown:
            outlet.print(part, highlight=False, markup=False)
        # A full disk must be found here, where it can be told, and not when the process ends.
        outlet.file.flush()


@contextmanager
def open_session(*, as_json: bool, language: Language | None) -> Iterator[Session]:
    """
    Run a command; failures that are no fault of the program end it with a line per problem and an exit code.

    Parameters
    ----------
    as_json
        Whether the result, and any refusal, is written as JSON.
    language
        Asked for on the command line; ``None`` for that of the environment.
    """
    from routing.errors import OfflineError

    wording = language or language_of()
    try:
        settings = read_settings()
        prepare_compiler_cache(settings.home)
        yield Session(settings, language or settings.language, as_json)
    except InputError as error:
        fail(error.problems, ExitCode.BAD_INPUT, as_json=as_json, language=wording)
    except OfflineError as error:
        fail([Problem("", None, error.message)], ExitCode.ENVIRONMENT, as_json=as_json, language=wording)
    except BrokenPipeError:
        # The reader of a pipe left (``| head``); the rest is not wanted, nor is what still waits to be written.
        sys.stdout = _nowhere()
        raise typer.Exit(ExitCode.OK) from None
    except KeyboardInterrupt:
        console(stderr=True).print(say("cli.stopped", wording), style="dim", highlight=False, markup=False)
        raise typer.Exit(ExitCode.STOPPED) from None
    except OSError as error:
        where = str(error.filename or "")
        problem = Problem(where, where, text("cli.environment", reason=_reason(error)))
        fail([problem], ExitCode.ENVIRONMENT, as_json=as_json, language=wording)


def fail(problems: Sequence[Problem], code: ExitCode, *, as_json: bool, language: Language) -> None:
    """
    Tell every problem, one per line, and end the command.

    Raises
    ------
    typer.Exit
        Always, with ``code``.
    """
    if as_json:
        # Where standard output itself failed, the lines on standard error have to do.
        with suppress(OSError):
            _write_json({"errors": [_plain(problem) for problem in problems], "exit_code": int(code)})
    outlet = console(stderr=True)
    for problem in problems:
        line = f"{say('cli.error', language)} {problem.line(language)}"
        outlet.print(line, style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(code)


def console(*, stderr: bool = False) -> Console:
    """Return an outlet that keeps to the width of the terminal, and to a fixed one in a pipe."""
    from rich.console import Console

    class Outlet(Console):
        """Leave it to `open_session` what to do where the reader of a pipe left."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    # A stream that was closed from the start (``>&-``) is none at all.
    stream = (sys.stderr if stderr else sys.stdout) or _nowhere()
    is_terminal = bool(getattr(stream, "isatty", lambda: False)())
    return Outlet(file=stream, width=None if is_terminal else _PIPE_COLUMNS, emoji=False)


def _write_json(content: Mapping[str, Any]) -> None:
    stream = sys.stdout or _nowhere()
    try:
        stream.write(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False, default=str) + "\n")
        stream.flush()
    except OSError:
        # What is still in the buffer would fail once more when the process ends.
        sys.stdout = _nowhere()
        raise


def _nowhere() -> TextIO:
    # Stays open as long as the process.
    return Path(os.devnull).open("w", encoding="utf-8")


def _reason(error: OSError) -> Text:
    """Return what the system says went wrong, in both languages where it is one of the usual faults."""
    key = f"os.{errno.errorcode.get(error.errno or 0, '')}"
    if key in catalogue():
        return text(key)
    reason = error.strerror or str(error) or type(error).__name__
    return Text(ja=reason, en=reason)


def _plain(problem: Problem) -> dict[str, object]:
    message = {"ja": problem.message.ja, "en": problem.message.en}
    return {"where": problem.where, "value": problem.value, "message": message}
