"""
What price jobs are made from: a whole market, pass or file of records, or the name of a bundled one, which is made up.

These are fields of request bodies. The schema is that of the models; what no schema can say (that prices rise, that
names are known) is checked at the same time, so that everything wrong with a market is told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, WrapValidator
from pydantic_core import InitErrorDetails, PydanticCustomError

from pricing.model import Market
from pricing.pass_model import Pass, check_pass
from pricing.reading import market_of
from regional_assets.errors import InputError, Problem
from regional_assets.validation import FieldError

BUNDLED_MARKET: Final = "echizen-workshops"
BUNDLED_PASS: Final = "echizen-pass"

# As fields of models are worded that are not there: their place is told although nothing stands in it.
_MISSING = "required, and missing"
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]\s]+)")


def _checked(check: Callable[[Any], Any]) -> WrapValidator:
    """Return what validates a field by a check of its own, whose problems are told with those of other fields."""

    def validate(value: Any, handler: Callable[[Any], Any]) -> Any:
        if not isinstance(value, dict):
            # The name of a bundled one, a model made in Python, or something for which the schema has words.
            return handler(value)
        try:
            return check(value)
        except InputError as error:
            raise ValidationError.from_exception_data("source", [_details(each) for each in error.problems]) from None

    return WrapValidator(validate)


def _details(problem: Problem) -> InitErrorDetails:
    loc = tuple(int(index) if index else name for index, name in _STEP.findall(problem.where))
    if problem.message.en == _MISSING:
        return InitErrorDetails(type="missing", loc=loc, input=None)
    # The value is told beside the words wherever they are shown.
    told = f" ({problem.value})"
    words = FieldError(problem.message.ja.removesuffix(told), problem.message.en.removesuffix(told))
    return InitErrorDetails(
        type=PydanticCustomError("refused", "{message}", {"message": words.text.en, "error": words}),
        loc=loc,
        # Lists are not repeated in words.
        input=list(problem.value) if isinstance(problem.value, tuple) else problem.value,
    )


def _pass_of(raw: dict[str, Any]) -> Pass:
    return check_pass(raw, is_strict=True)


MarketSource = Annotated[Market | Literal["echizen-workshops"], _checked(market_of)]
PassSource = Annotated[Pass | Literal["echizen-pass"], _checked(_pass_of)]


class RecordsFile(BaseModel):
    """
    Hold a file of records.

    Parameters
    ----------
    csv
        Its text, with a header.
    name
        What it is called, in answers and problems.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    csv: Annotated[str, Field(min_length=1)]
    name: Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]+$", max_length=100)] = "records.csv"


RecordsSource = RecordsFile | Literal["echizen-workshops"]


def market_from(source: Market | str) -> Market:
    """Return a market: the one that was given whole, or the bundled one."""
    if isinstance(source, Market):
        return source
    from pricing.workshops import load_workshops

    return load_workshops()


def pass_from(source: Pass | str) -> Pass:
    """Return a pass: the one that was given whole, or the bundled one."""
    if isinstance(source, Pass):
        return source
    from pricing.pass_model import bundled_pass

    return bundled_pass()
