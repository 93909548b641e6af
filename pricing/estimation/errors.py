"""
Errors of estimation, beside `pricing.errors.NoPriceVariationError`.

::

    PricingError
    ├── UnidentifiedError (also ValueError)   the records cannot tell some parameters
    │   └── SeparationError                   something predicts the choices perfectly: no finite estimate exists
    └── SignError (also ValueError)           more seems to be sold at higher prices
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricing.errors import PricingError
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pricing.estimation.results import Estimate


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


class SignError(PricingError, ValueError):
    """
    Refuse to make a sensitivity of an effect that is not negative.

    Parameters
    ----------
    effect
        The estimate.
    """

    def __init__(self, effect: Estimate) -> None:
        self.effect = effect
        said = f"{effect.value:+.4g} [{effect.low:+.4g}, {effect.high:+.4g}]"
        self.message = Text(
            ja=f"料金が高いほど売れるという推定({said})から感度は作れません。"
            "料金は需要を見て決められたのかもしれません: "
            "曜日や季節を揃えるか、操作変数や無作為な料金テストを使ってください",
            en=f"an estimated effect of {said} says that more is sold at higher prices; no sensitivity is made of it. "
            "Prices may have followed demand: hold days and seasons fixed, or use instruments or a randomised test",
        )
        super().__init__(self.message.en)
