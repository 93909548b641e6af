"""Which plan of an itinerary is exported: the best one, or another that really differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from routing.itinerary import Itinerary


def chosen_plan(itinerary: Itinerary, alternative: int | None) -> Itinerary:
    """
    Return the itinerary with one of its alternatives in the place of its plan.

    Parameters
    ----------
    itinerary
        With its alternatives.
    alternative
        1 for the first; ``None`` for the plan itself, which comes back as it is.

    Returns
    -------
    itinerary
        What is only known of the first plan (its parts of the objective, combinations, places left out) is gone.

    Raises
    ------
    InputError
        If there is no such alternative.
    """
    if alternative is None:
        return itinerary
    if not 1 <= alternative <= len(itinerary.alternatives):
        message = text("exports.no_alternative", count=len(itinerary.alternatives))
        raise InputError([Problem("alternative", alternative, message)])
    other = itinerary.alternatives[alternative - 1]
    bound = itinerary.bound
    return itinerary.model_copy(
        update={
            "status": "feasible",
            "objective": other.objective,
            "terms": {},
            "gap": None if bound is None else max(0.0, bound - other.objective) / max(1.0, abs(bound)),
            "days": other.days,
            "totals": other.totals,
            "combinations": (),
            "combination_effect": None,
            "excluded": (),
            "assumed": other.assumed,
            "alternatives": (),
            "sampling": None,
        }
    )
