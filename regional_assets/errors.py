"""
Errors of the land: input that makes no sense, told all at once.

::

    RegionalAssetsError
    ├── InputError (also ValueError)      files, rows and fields that cannot be used
    └── UnknownRegionError (also LookupError)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regional_assets.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """
    Describe one thing that is wrong with an input.

    Parameters
    ----------
    where
        Field, or file with line and column (``"assets.geojson:12 lat"``).
    value
        What was found there, as it stood.
    message
        What is wrong and what would be accepted.
    """

    where: str
    value: object
    message: Text

    def line(self, language: str) -> str:
        """Return the problem as one line of text."""
        wording = self.message.ja if language == "ja" else self.message.en
        return f"{self.where}: {wording}" if self.where else wording


class RegionalAssetsError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(RegionalAssetsError, ValueError):
    """
    Refuse an input, with every problem found in it.

    Parameters
    ----------
    problems
        At least one problem; all that could be found before stopping.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.line("en") for problem in self.problems))


class UnknownRegionError(InputError, LookupError):
    """Refuse a region name that is neither bundled, stored nor a folder."""
