"""The language of one run, before its words are understood: what help and refusals are written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.settings import language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regional_assets.text import Language


def language_asked(words: Sequence[str]) -> Language:
    """Return the language that a command line asks for, even one that makes no sense; else the environment's."""
    for index, word in enumerate(words):
        value = word.partition("=")[2] if word.startswith("--lang=") else None
        if word == "--lang" and index + 1 < len(words):
            value = words[index + 1]
        if value in ("ja", "en"):
            return "ja" if value == "ja" else "en"
    return language_of()
