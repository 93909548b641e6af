"""What a sampler did for a plan, in sentences: found, repaired, beside random starts and classical search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from api.price_wording import percent_words
from api.texts import say
from api.wording import yen_words

if TYPE_CHECKING:
    from pricing.proposal import Sampling as PriceSampling
    from regional_assets.text import Language
    from routing.itinerary import Sampling as TripSampling

_AS_WELL = 1e-9
"""Share below which two results are the same."""


def trip_sampling_lines(sampling: TripSampling, language: Language) -> Iterator[str]:
    """Yield what a sampler did for a trip, one finding a line."""

    def points(value: float | None, otherwise: str = "none") -> str:
        return say(f"sampling.{otherwise}", language) if value is None else f"{value:,.1f}"

    yield _drawn(sampling, "trip", language)
    yield _source(sampling, "trip", language)
    yield say("sampling.trip_points", language, points=points(sampling.points), search=points(sampling.search_points))
    yield say(
        "sampling.trip_by_model",
        language,
        exactness=say(f"sampling.{'exact' if sampling.is_exact else 'estimate'}", language),
        raw=points(sampling.raw_points),
        repaired=points(sampling.model_points),
        random=points(sampling.random_points),
        best=points(sampling.best_points, "unproven"),
    )
    yield from _no_better(sampling.model_points, sampling.random_points, language)
    yield _size(sampling, sampling.model, language)


def price_sampling_lines(sampling: PriceSampling, language: Language) -> Iterator[str]:
    """Yield what a sampler did for a price plan, one finding a line."""

    def amount(value: float | None, otherwise: str = "none") -> str:
        if value is None:
            return say(f"sampling.{otherwise}", language)
        if sampling.unit == "yen":
            return yen_words(round(value), language)
        return say("price.sales_count", language, count=f"{value:,.1f}")

    yield _drawn(sampling, "prices", language)
    yield _source(sampling, "prices", language)
    if sampling.rules_mended:
        yield say("sampling.mended", language)
    yield say(
        "sampling.price_gain",
        language,
        gain=amount(sampling.gain),
        raw=amount(sampling.raw_gain),
        random=amount(sampling.random_gain),
        best=amount(sampling.best_gain, "unproven"),
    )
    yield from _no_better(sampling.gain, sampling.random_gain, language)
    yield say(
        "sampling.price_worth",
        language,
        worth=amount(sampling.worth),
        classical=amount(sampling.classical_worth),
        difference=percent_words(sampling.worth / max(sampling.classical_worth, 1e-9) - 1, signed=True),
    )
    yield _size(sampling, "prices", language)


def _drawn(sampling: TripSampling | PriceSampling, kind: str, language: Language) -> str:
    return say(
        "sampling.drawn",
        language,
        sampler=sampling.sampler,
        reads=f"{sampling.reads:,}",
        seconds=sampling.seconds,
        whose=say(f"sampling.of_{kind}", language),
        kept=f"{round(sampling.raw_feasible_rate * sampling.reads):,}",
    )


def _source(sampling: TripSampling | PriceSampling, kind: str, language: Language) -> str:
    if sampling.source == "fallback":
        return say(f"sampling.fallback_{kind}", language)
    removed, added = sampling.flips_removed, sampling.flips_added
    return say(f"sampling.source_{sampling.source}", language, removed=removed, added=added)


def _no_better(found: float | None, random: float | None, language: Language) -> Iterator[str]:
    """Yield that random starts do as well, where they do."""
    if found is not None and random is not None and random >= found - abs(found) * _AS_WELL:
        yield say("sampling.no_better", language)


def _size(sampling: TripSampling | PriceSampling, model: str, language: Language) -> str:
    return say(
        "sampling.size",
        language,
        variables=f"{sampling.variables:,}",
        meaning=say(f"sampling.variable_{model}", language),
        interactions=f"{sampling.interactions:,}",
        clique=f"{sampling.largest_clique:,}",
    )
