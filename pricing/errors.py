"""
Errors of prices.

Input that makes no sense (files, rows, rules) is refused with `regional_assets.errors.InputError`, which carries every
problem found in both languages. What stands here is the rest.

::

    PricingError
    ├── NoPriceVariationError (also ValueError)   records in which no price ever changed tell nothing of its effect
    └── ConflictingRulesError (also ValueError)   rules that no price can keep together
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regional_assets.text import Text


class PricingError(Exception):
    """Base of every error this package raises on purpose."""


class NoPriceVariationError(PricingError, ValueError):
    """
    Refuse to estimate the effect of a price that never changed.

    Parameters
    ----------
    message
        Which price, over how many records, and what would help.
    """

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)


class ConflictingRulesError(PricingError, ValueError):
    """
    Report rules that no price can keep together.

    Parameters
    ----------
    rules
        Ids of rules, none of which can be left out of the conflict.
    message
        The same in words.
    """

    def __init__(self, rules: Iterable[str], message: Text) -> None:
        self.rules = tuple(rules)
        self.message = message
        super().__init__(message.en)
