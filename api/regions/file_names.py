"""Names of files that come from outside: told to people, and never trusted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_LONGEST = 80
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_PLAIN = frozenset("._-() ・ー々")


def is_device_name(name: str) -> bool:
    """Whether some systems take a name for a device, or cannot keep it as it is."""
    return _DEVICES.fullmatch(name.strip()) is not None or name.endswith((".", " ")) or name.startswith(" ")


def safe_name(given: str, endings: Sequence[str], otherwise: str) -> tuple[str, str]:
    """
    Return what is left of a file name when everything is taken away that could mean something to a system.

    Parameters
    ----------
    given
        As the caller sent it: perhaps with folders, drives, control characters, or empty.
    endings
        That a file of its kind may have; one with another gets the first of them as well.
    otherwise
        What to call it where nothing is left.

    Returns
    -------
    stem, ending
        Letters, digits and a few plain signs; and one of the endings.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given[-1_000:])[-1])
    name = "".join(sign if sign.isalnum() or sign in _PLAIN else "_" for sign in name)
    ending = next((ending for ending in endings if name.lower().endswith(ending)), None)
    stem = name[: -len(ending)] if ending else name
    stem = stem.strip(" ._")[:_LONGEST].strip(" ._")
    # In UTF-8, a name of so many letters may be too long for a file system.
    while len(stem.encode()) > 2 * _LONGEST:
        stem = stem[:-1]
    if is_device_name(stem):
        stem = f"_{stem}"
    return stem or otherwise, ending or endings[0]
