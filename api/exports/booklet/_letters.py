"""Text that can be printed: no control characters, no letter that no font has, no word wider than the page."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection

MISSING_LETTER: Final = "〓"
"""What Japanese printers set for a letter that they lack (geta)."""

# Marks of direction could turn the rest of a line around; joiners and controls say nothing alone.
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn")
_VARIANTS: Final = "\ufe0e\ufe0f"

# A word of more than this many letters without a place to break is given some.
_LONGEST_WORD = 24
_LONG_WORD = re.compile(rf"[!-~]{{{_LONGEST_WORD},}}")
_BREAKS_AFTER = re.compile(r"([/?&=._-]+|[!-~]{12})")


class Letters:
    """
    Make texts printable with the letters of some fonts.

    Parameters
    ----------
    letters
        Code points that can be printed.

    Attributes
    ----------
    has_missing
        Whether a letter was met that cannot be printed; `MISSING_LETTER` stands in its place.
    """

    def __init__(self, letters: Collection[int]) -> None:
        self._letters = letters
        self.has_missing = False

    def printable(self, value: Any) -> Any:
        """Return a JSON value with every text in it made printable; keys and drawings (``svg``) stay as they are."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.printable(item) for item in value]
        if isinstance(value, dict):
            return {key: item if key == "svg" else self.printable(item) for key, item in value.items()}
        return value

    def _text(self, words: str) -> str:
        lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", words).splitlines())
        kept = "\n".join(line for line in lines if line)
        return _LONG_WORD.sub(_with_breaks, "".join(self._letter(letter) for letter in kept))

    def _letter(self, letter: str) -> str:
        if letter == "\n" or (ord(letter) in self._letters and unicodedata.category(letter) not in _UNSEEN):
            return letter
        if unicodedata.category(letter) in _UNSEEN or letter in _VARIANTS:
            return ""
        self.has_missing = True
        return MISSING_LETTER


def _with_breaks(word: re.Match[str]) -> str:
    return _BREAKS_AFTER.sub("\\1\u200b", word[0])
