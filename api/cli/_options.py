"""Options that several commands share, and the words of their help."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from api.cli._language import language_asked
from api.texts import say, text
from regional_assets.errors import InputError, Problem

ModeName = Literal["walk", "bicycle", "car"]
KindName = Literal["culture", "craft", "food", "nature", "lodging", "event", "hub"]
LanguageName = Literal["ja", "en"]


def help_text(key: str) -> str:
    """Return a help text in the language that the command line asks for, or else the environment."""
    return say(f"help.{key}", language_asked(sys.argv[1:]))


AsJson = Annotated[bool, typer.Option("--json", help=help_text("json"))]
Lang = Annotated[LanguageName | None, typer.Option("--lang", help=help_text("lang"))]
RegionName = Annotated[str, typer.Argument(help=help_text("region"), show_default=False)]
Date = Annotated[
    dt.datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help=help_text("date"), show_default=False)
]
Today = Annotated[
    dt.datetime | None, typer.Option("--today", formats=["%Y-%m-%d"], help=help_text("today"), show_default=False)
]
OutFolder = Annotated[Path | None, typer.Option("--out", help=help_text("out"), show_default=False)]


def modes_or_problems(values: Sequence[str] | None) -> tuple[tuple[ModeName, ...], tuple[Problem, ...]]:
    """Return the modes as `read_modes` does, or all of them with what is wrong, to be told with other problems."""
    try:
        return read_modes(values), ()
    except InputError as error:
        return read_modes(None), error.problems


def read_modes(values: Sequence[str] | None) -> tuple[ModeName, ...]:
    """
    Return the modes that ``--mode`` names, repeated or separated by commas or spaces; all of them where none is named.

    Raises
    ------
    InputError
        If one is none of the modes.
    """
    known = get_args(ModeName)
    named = [part for value in values or known for part in re.split(r"[,\s]+", value) if part]
    wrong = [name for name in named if name not in known]
    if wrong:
        message = text("cli.option_refused", value=", ".join(wrong), accepted=", ".join(known))
        raise InputError([Problem("--mode", ", ".join(wrong), message)])
    return tuple(dict.fromkeys(mode for mode in known if mode in named))
