"""
Errors of trips: ground that gave way under a request.

Input that makes no sense (files, columns, places) is refused with `regional_assets.errors.InputError`, which carries
every problem found in both languages. What stands here is the rest.

::

    RoutingError
    ├── NetworkCacheError (also ValueError)    a stored network that cannot be trusted: rebuild it
    ├── NothingToChooseError                   a trip of which no model for annealers can be made
    └── OfflineError (also ConnectionError)    a place name that could not be looked up
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from regional_assets.text import Text


class RoutingError(Exception):
    """Base of every error this package raises on purpose."""


class NetworkCacheError(RoutingError, ValueError):
    """
    Refuse a stored street network; whoever asked builds it anew.

    Parameters
    ----------
    path
        The file.
    reason
        What is wrong with it.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class NothingToChooseError(RoutingError):
    """
    Report that nothing can be planned, so that there is no model of it for a sampler.

    Parameters
    ----------
    messages
        What stands in the way, at least one.
    """

    def __init__(self, messages: Iterable[Text]) -> None:
        self.messages = tuple(messages)
        super().__init__("; ".join(message.en for message in self.messages))


class OfflineError(RoutingError, ConnectionError):
    """
    Report that a place name could not be turned into streets.

    Parameters
    ----------
    message
        What was tried, and what works without a connection.
    """

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)
