"""Read and write the text files of a region: one message per problem, and never half a file."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text


def read_text(path: Path) -> str:
    """
    Return the text of a UTF-8 file (a byte-order mark is dropped).

    Raises
    ------
    InputError
        If the file is missing, unreadable or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        message = Text(ja="ファイルがありません", en="no such file")
    except IsADirectoryError:
        message = Text(ja="ファイルではなくフォルダーです", en="is a folder, not a file")
    except UnicodeDecodeError as error:
        message = Text(
            ja=f"UTF-8 として読めません({error.start} バイト目)", en=f"is not UTF-8 text (at byte {error.start})"
        )
    except OSError as error:
        message = Text(ja=f"読めません: {error.strerror}", en=f"cannot be read: {error.strerror}")
    raise InputError([Problem(str(path), str(path), message)])


def read_json(path: Path) -> Any:
    """
    Return the content of a JSON file; ``NaN`` and ``Infinity`` are refused, as RFC 8259 wants.

    Raises
    ------
    InputError
        If the file cannot be read or is not JSON, with the line.
    """
    text = read_text(path)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}:{error.colno}"
        message = Text(ja=f"JSON として読めません: {error.msg}", en=f"is not JSON: {error.msg}")
    except (ValueError, RecursionError) as error:
        where = str(path)
        message = Text(ja=f"JSON として読めません: {error}", en=f"is not JSON: {error}")
    raise InputError([Problem(where, None, message)])


def read_toml(path: Path) -> dict[str, Any]:
    """
    Return the content of a TOML file.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    """
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = Text(ja=f"TOML として読めません: {error}", en=f"is not TOML: {error}")
        raise InputError([Problem(str(path), None, message)]) from None


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, never half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        _give_usual_rights(temporary)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _give_usual_rights(path: str) -> None:
    # mkstemp makes files for the owner alone; a region is shared like any other file.
    mask = os.umask(0)
    os.umask(mask)
    Path(path).chmod(0o666 & ~mask)


def _refuse_constant(name: str) -> None:
    msg = f"{name} is not a number of JSON"
    raise ValueError(msg)
