"""Text in Japanese and English, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["ja", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """
    Hold one sentence or label in both languages of the project.

    Parameters
    ----------
    ja
        Japanese wording.
    en
        English wording.
    """

    ja: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the wording in ``language``."""
        return self.ja if language == "ja" else self.en

    def __str__(self) -> str:
        return self.en
