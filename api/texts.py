"""
The catalogue: every word shown to people, in Japanese and English.

The words stand in ``texts.toml`` and ``texts_*.toml`` beside this module, each section in one file, both languages of
an entry together::

    [timetable]
    wait = { ja = "開くまで待つ", en = "wait until it opens" }

and are called by section and key: ``say("timetable.wait", "ja")``.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from regional_assets.text import Text

if TYPE_CHECKING:
    from regional_assets.text import Language


@cache
def catalogue() -> dict[str, Text]:
    """Return every entry by ``section.key``."""
    return {
        f"{section}.{key}": Text(ja=wording["ja"], en=wording["en"])
        for file in resources.files("api").iterdir()
        if file.name.startswith("texts") and file.name.endswith(".toml")
        for section, entries in tomllib.loads(file.read_text(encoding="utf-8")).items()
        for key, wording in entries.items()
    }


def text(key: str, **values: object) -> Text:
    """
    Return an entry in both languages, with ``{placeholders}`` filled.

    Raises
    ------
    KeyError
        If the catalogue has no such entry, or a placeholder is left unfilled.
    """
    entry = catalogue()[key]
    if not values:
        return entry
    return Text(
        ja=entry.ja.format_map({name: _in(value, "ja") for name, value in values.items()}),
        en=entry.en.format_map({name: _in(value, "en") for name, value in values.items()}),
    )


def say(key: str, language: Language, **values: object) -> str:
    """Return an entry in one language, with ``{placeholders}`` filled."""
    return text(key, **values).in_(language)


def section(name: str) -> dict[str, Text]:
    """Return all entries of a section, by key."""
    prefix = f"{name}."
    return {key.removeprefix(prefix): value for key, value in catalogue().items() if key.startswith(prefix)}


def _in(value: object, language: Language) -> object:
    return value.in_(language) if isinstance(value, Text) else value
