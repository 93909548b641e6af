"""
Settings of this installation, read from the environment.

======================  ==================================================================================
variable                meaning (default)
======================  ==================================================================================
``MEGURI_HOME``         folder of all state: regions and caches (the platform's user data folder)
``MEGURI_LANG``         language of all output, ``ja`` or ``en`` (that of the locale; English where it is neither)
``NUMBA_CACHE_DIR``     where compiled solver code is kept (``cache/numba`` in the folder of state)
======================  ==================================================================================
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Hold what the environment decides.

    Parameters
    ----------
    home
        Folder of state; made when something is first written.
    language
        Language of output when a command does not name one.
    """

    home: Path
    language: Language

    @property
    def regions(self) -> Path:
        """Return the folder of the user's own regions."""
        return self.home / "regions"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Read the settings from environment variables.

    Raises
    ------
    InputError
        If a variable holds nonsense; all such variables at once.
    """
    problems = []
    home = environment.get("MEGURI_HOME", "")
    if home and Path(home).expanduser().is_file():
        message = Text(
            ja=f"{home} はファイルです。フォルダーを指定してください", en=f"{home} is a file; a folder is accepted"
        )
        problems.append(Problem("MEGURI_HOME", home, message))
    named = environment.get("MEGURI_LANG", "")
    if named not in ("", "ja", "en"):
        message = Text(ja=f"{named!r} は使えません。ja か en を指定してください", en=f"{named!r}: ja or en is accepted")
        problems.append(Problem("MEGURI_LANG", named, message))
    if problems:
        raise InputError(problems)
    return Settings(
        home=Path(home).expanduser().absolute() if home else _platform_folder(),
        language=language_of(environment),
    )


def language_of(environment: Mapping[str, str] = os.environ) -> Language:
    """Return the language asked for by ``MEGURI_LANG``, else by the locale: Japanese, or else English."""
    if environment.get("MEGURI_LANG") in ("ja", "en"):
        return "ja" if environment["MEGURI_LANG"] == "ja" else "en"
    # The order in which POSIX reads them.
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "ja" if locale.lower().startswith("ja") else "en"


def prepare_compiler_cache(home: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """
    Tell numba where to keep compiled code, unless the environment says so already.

    Its own choice is beside the source, which fails where the installation is read-only. Must run before the first
    import of a solver. Where ``home`` cannot be written either, a folder for temporary files serves.
    """
    if environment.get("NUMBA_CACHE_DIR"):
        return
    folder = home / "cache" / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / "meguri-numba"
    environment["NUMBA_CACHE_DIR"] = str(folder)


def _platform_folder() -> Path:
    from platformdirs import user_data_path  # only where MEGURI_HOME is unset

    return user_data_path("meguri", appauthor=False)
