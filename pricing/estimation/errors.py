"""
Errors of estimation, beside `pricing.errors.NoPriceVariationError`.

::

    PricingError
    └── UnidentifiedError (also ValueError)   the records cannot tell some parameters
        └── SeparationError                   something predicts the choices perfectly: no finite estimate exists
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricing.errors import PricingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regional_assets.text import Text


class UnidentifiedError(PricingError, ValueError):
    """
    Refuse to estimate what the records cannot tell.

    Parameters
    ----------
    parameters
        Names of the parameters concerned.
    message
        The same in words, with what would help.
    """

    def __init__(self, parameters: Iterable[str], message: Text) -> None:
        self.parameters = tuple(parameters)
        self.message = message
        super().__init__(message.en)


class SeparationError(UnidentifiedError):
    """Refuse parameters that predict choices perfectly, so that the fit would run to infinity."""
