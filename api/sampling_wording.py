"""What a sampler did for a price plan, in sentences: found, repaired, beside random starts and classical search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from api.price_wording import percent_words
from api.texts import say
from api.wording import yen_words

if TYPE_CHECKING:
    from pricing.proposal import Sampling
    from regional_assets.text import Language

_AS_WELL = 1e-9
"""Share below which two gains are the same."""


def sampling_lines(sampling: Sampling, language: Language) -> Iterator[str]:
    """Yield what a sampler did, one sentence a line."""
    yield say(
        "price.sampled",
        language,
        sampler=sampling.sampler,
        variables=f"{sampling.variables:,}",
        interactions=f"{sampling.interactions:,}",
        clique=sampling.largest_clique,
        reads=sampling.reads,
        seconds=sampling.seconds,
        kept=percent_words(sampling.raw_feasible_rate),
    )
    yield _source(sampling, language)
    if sampling.rules_mended:
        yield say("price.sampled_mended", language)
    yield say(
        "price.sampled_gain",
        language,
        gain=_amount(sampling, sampling.gain, language),
        raw=_amount_or(sampling, sampling.raw_gain, "none", language),
        random=_amount(sampling, sampling.random_gain, language),
        best=_amount_or(sampling, sampling.best_gain, "unproven", language),
    )
    if sampling.random_gain >= sampling.gain * (1 - _AS_WELL):
        yield say("price.sampled_no_better", language)
    yield say(
        "price.sampled_worth",
        language,
        worth=_amount(sampling, sampling.worth, language),
        classical=_amount(sampling, sampling.classical_worth, language),
        difference=percent_words(sampling.worth / max(sampling.classical_worth, 1e-9) - 1, signed=True),
    )


def _source(sampling: Sampling, language: Language) -> str:
    if sampling.source == "fallback":
        return say("price.sampled_fallback", language)
    if sampling.source == "sampler":
        return say("price.sampled_as_it_came", language)
    removed, added = sampling.flips_removed, sampling.flips_added
    return say("price.sampled_repaired", language, removed=removed, added=added)


def _amount_or(sampling: Sampling, amount: float | None, otherwise: str, language: Language) -> str:
    return say(f"price.sampled_{otherwise}", language) if amount is None else _amount(sampling, amount, language)


def _amount(sampling: Sampling, amount: float, language: Language) -> str:
    if sampling.unit == "yen":
        return yen_words(round(amount), language)
    return say("price.sales_count", language, count=f"{amount:,.1f}")
