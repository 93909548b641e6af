"""Mistakes in the words of the command line itself, told like every other problem: one line, or JSON, in ja and en."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import typer
from typer.core import TyperGroup

from api.cli._language import language_asked
from api.cli._session import ExitCode, fail
from api.texts import say, text
from regional_assets.errors import Problem

# Typer carries a copy of click in newer versions, and takes the installed one in older ones: the public class that
# both have leads to the base of all mistakes in usage.
_UsageError: Any = typer.BadParameter.__base__

_TITLES = {
    "ARGUMENTS_PANEL_TITLE": "panel_arguments",
    "OPTIONS_PANEL_TITLE": "panel_options",
    "COMMANDS_PANEL_TITLE": "panel_commands",
    "DEFAULT_STRING": "default_is",
    "REQUIRED_LONG_STRING": "required",
}

_CHOICE = re.compile(r"'(?P<value>.*)' is not one of (?P<accepted>'.*')\.?$")
_DATE = re.compile(r"'(?P<value>.*)' does not match the formats? ")
_COMMAND = re.compile(r"No such command '(?P<value>.*?)'")
_SURPLUS = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((?P<value>.*)\)")


class Commands(TyperGroup):
    """Hold commands whose usage errors are worded by us."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; a mistake in its options ends with one line, or JSON where that was asked for."""
        run = partial(super().main, args, prog_name, complete_var, False, windows_expand_args, **extra)
        if not standalone_mode:
            return run()
        words = sys.argv[1:] if args is None else list(args)
        if len(words) < 2 or {"-h", "--help"} & set(words):
            _word_help(words)
        try:
            code = run()
        except _UsageError as error:
            code = _refuse(error, words)
        sys.exit(code if isinstance(code, int) else 0)


def _word_help(words: Sequence[str]) -> None:
    """Put the titles that Typer gives its tables of help into the language asked for."""
    # Imported here: only help needs it. Its titles are fixed strings of the module; there is no other way to set them.
    from typer import rich_utils

    for name, key in _TITLES.items():
        if hasattr(rich_utils, name):
            setattr(rich_utils, name, say(f"help.{key}", language_asked(words)))


def _refuse(error: Any, words: Sequence[str]) -> int:
    """Tell a usage error; return the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":
        # Where rich is at work, making the error has printed the help already, and its message is blank.
        if str(error.message).strip():
            typer.echo(error.message)
        return int(error.exit_code)
    try:
        fail([usage_problem(error)], ExitCode.BAD_INPUT, as_json="--json" in words, language=language_asked(words))
    except typer.Exit as ending:
        return ending.exit_code
    return int(ExitCode.BAD_INPUT)


def usage_problem(error: Any) -> Problem:
    """Return a usage error of click or Typer as a problem: the option, the value where it is told, what is accepted."""
    message = str(error.message or "").removeprefix("Value error, ")
    where = _option(error)
    kind = type(error).__name__
    if kind == "MissingParameter":
        return Problem(where, None, text("usage.missing"))
    if kind == "NoSuchOption":
        close = ", ".join(sorted(error.possibilities or ()))
        return Problem(where, where, text("usage.no_option_but", close=close) if close else text("usage.no_option"))
    if kind == "BadOptionUsage":
        return Problem(where, None, text("usage.needs_value" if "requires" in message else "usage.takes_no_value"))
    if match := _CHOICE.search(message):
        accepted = match["accepted"].replace("'", "")
        return Problem(where, match["value"], text("cli.option_refused", value=match["value"], accepted=accepted))
    if match := _DATE.search(message):
        return Problem(
            where, match["value"], text("cli.option_refused", value=match["value"], accepted=text("accepted.date"))
        )
    if match := _COMMAND.search(message):
        commands = ", ".join(getattr(error.ctx.command, "commands", ()))
        return Problem("", match["value"], text("usage.no_command", value=match["value"], accepted=commands))
    if match := _SURPLUS.search(message):
        takes_file = any("--request" in option.opts for option in error.ctx.command.params)
        key = "usage.surplus_file" if takes_file and match["value"].endswith(".json") else "usage.surplus"
        return Problem("", match["value"], text(key, value=match["value"]))
    return Problem(where, None, text("usage.other", reason=message))


def _option(error: Any) -> str:
    """Return the option or argument that an error is about, as people type it; blank where it is about none."""
    if getattr(error, "option_name", None):
        return str(error.option_name)
    parameter = getattr(error, "param", None)
    if parameter is None:
        return ""
    # Of `--mode/--modes` the longest says most; an argument goes by its place holder.
    options = [name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("-")]
    return max(options, key=len) if options else str(parameter.metavar or parameter.name).upper()
