"""
Demand behind sales: who came but found the wanted product sold out, and who came and bought nothing.

Customers come in each period at a rate of its own (or that of a group of periods) and choose by attractions that stay
the same; only sales and what was on offer are recorded. A share of the whole market must be given from outside, for
sales alone do not tell how many bought nothing: with no purchase at 1, the attractions of all products sum to
s / (1 - s).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing._words import reason
from pricing.estimation.errors import UnidentifiedError
from pricing.estimation.results import NORMAL_95, Estimate, positive_estimate
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pricing.proposal import Reason

MOST_ROUNDS: Final = 2_000
CHANGE: Final = 1e-4
"""Expectation maximisation gives way to scoring where no attraction changes by more than this share."""
MOST_STEPS: Final = 100
DECREMENT: Final = 1e-12
"""Scoring ends where a step would improve the log-likelihood per sale by less."""


@dataclass(frozen=True, slots=True, eq=False)
class Sales:
    """
    Hold sales and what was on offer.

    Parameters
    ----------
    products
        N names.
    sold
        Shape ``(T, N)``, whole numbers, 0 where a product was not on offer.
    on_offer
        Shape ``(T, N)``, bool.
    group
        Shape ``(T,)``, int64, ``0 .. G - 1``: periods with the same number arrive at one rate; every period has a rate
        of its own if left out.

    Raises
    ------
    InputError
        If shapes disagree, or something was sold that was not on offer.
    """

    products: tuple[str, ...]
    sold: NDArray[np.int64]
    on_offer: NDArray[np.bool_]
    group: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        if not len(self.group):
            object.__setattr__(self, "group", np.arange(len(self.sold)))
        problems = _sales_problems(self)
        if problems:
            raise InputError(problems)

    @property
    def groups(self) -> int:
        """Return G."""
        return int(self.group.max()) + 1


@dataclass(frozen=True, slots=True, eq=False)
class CensoredFit:
    """
    Hold demand behind sales.

    Parameters
    ----------
    attractions
        Of each product, against 1 for no purchase.
    rates
        Expected arrivals per period, for each group of periods.
    wanted
        Shape ``(N,)``: first-choice demand of each product over all periods, sales turned away included.
    lost
        Customers over all periods who came and bought nothing.
    market_share
        As it was given: share of customers who buy when everything is on offer.
    """

    products: tuple[str, ...]
    attractions: tuple[Estimate, ...]
    rates: tuple[Estimate, ...]
    wanted: NDArray[np.float64]
    lost: float
    market_share: float
    rounds: int
    remarks: tuple[Reason, ...]


def fit_censored(sales: Sales, *, market_share: float) -> CensoredFit:
    """
    Fit arrivals and attractions to sales: expectation maximisation, then scoring up to the maximum.

    The expectation step hands every sale to first and second choices. What it leaves out is that second choices tell of
    attractions too, so it comes to rest a little beside the maximum of the likelihood of the sales; Fisher scoring goes
    the rest of the way, and errors hold there.

    Parameters
    ----------
    market_share
        Share of customers who buy when every product is on offer, above 0 and below 1; known from outside. Nothing in
        the records checks it, and rates and attractions hang on it.

    Raises
    ------
    InputError
        If the share is not between 0 and 1, or nothing was sold.
    UnidentifiedError
        If products were never on offer, or never compete with each other, so that their attractions have no common
        scale; they are named.

    References
    ----------
    Vulcano, van Ryzin & Ratliff (2012), https://doi.org/10.1287/opre.1110.1012
    """
    _check_share(market_share)
    sold_at_all = sales.sold.sum(axis=0) > 0
    _refuse_unseen(sales, sold_at_all)
    total = market_share / (1 - market_share)
    sold, offer = sales.sold[:, sold_at_all].astype(np.float64), sales.on_offer[:, sold_at_all]
    attraction, rounds = _share_out(sold, offer, sales.group, sales.groups, total)
    attraction = _score(sold, offer, sales.group, sales.groups, attraction)
    rate = _rates(sold, offer @ attraction, sales.group, sales.groups)
    log_errors, rate_estimates = _errors(sold, offer, sales.group, attraction, rate)
    estimates = iter(
        positive_estimate(name, value, error)
        for name, value, error in zip(_named(sales, sold_at_all), attraction, log_errors, strict=True)
    )
    return CensoredFit(
        products=sales.products,
        attractions=tuple(
            next(estimates) if seen else Estimate(name, 0.0, np.nan, 0.0, np.nan)
            for name, seen in zip(sales.products, sold_at_all, strict=True)
        ),
        rates=rate_estimates,
        wanted=_wanted(sales, sold_at_all, attraction, rate),
        lost=float((rate[sales.group] / (1 + offer @ attraction)).sum()),
        market_share=market_share,
        rounds=rounds,
        remarks=_remarks(sales, sold_at_all, market_share),
    )


def _share_out(
    sold: NDArray[np.float64],
    offer: NDArray[np.bool_],
    group: NDArray[np.int64],
    groups: int,
    total: float,
) -> tuple[NDArray[np.float64], int]:
    """Return attractions ``(N,)`` where expectation maximisation comes to rest, and the rounds it took."""
    attraction = sold.sum(axis=0) / np.maximum(1, offer.sum(axis=0))
    attraction *= total / attraction.sum()
    rounds, change = 0, np.inf
    while change > CHANGE and rounds < MOST_ROUNDS:
        on_offer = offer @ attraction
        rate = _rates(sold, on_offer, group, groups)
        wanted = _first_choices(sold, offer, attraction, rate[group], on_offer, total)
        updated = wanted * (total / wanted.sum())
        change = float(np.abs(np.log(updated / attraction)).max())
        attraction = updated
        rounds += 1
    return attraction, rounds


def _score(
    sold: NDArray[np.float64],
    offer: NDArray[np.bool_],
    group: NDArray[np.int64],
    groups: int,
    attraction: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the attractions of the highest likelihood, with their sum kept and the best rates for each."""
    total = attraction.sum()
    for _ in range(MOST_STEPS if len(attraction) > 1 else 0):
        rate = _rates(sold, offer @ attraction, group, groups)
        information = _information(offer, group, attraction, rate)
        gradient = np.einsum("tj,tja->a", sold - information.mean, information.each)
        step = information.free_covariance @ gradient
        if float(gradient @ step) < DECREMENT * sold.sum():
            break
        now, length = _log_likelihood(sold, offer, group, groups, attraction), 1.0
        while length > 1e-8:
            moved = attraction * np.exp(length * np.append(step, 0.0))
            moved *= total / moved.sum()
            if _log_likelihood(sold, offer, group, groups, moved) >= now:
                break
            length /= 2
        attraction = np.asarray(moved, np.float64)
    return attraction


def _log_likelihood(
    sold: NDArray[np.float64],
    offer: NDArray[np.bool_],
    group: NDArray[np.int64],
    groups: int,
    attraction: NDArray[np.float64],
) -> float:
    """Return the log-likelihood of the sales with the best rates, but for a constant (their total is expected)."""
    on_offer = offer @ attraction
    rate = _rates(sold, on_offer, group, groups)
    mean = rate[group, None] * attraction / (1 + on_offer)[:, None]
    return float(sold[sold > 0] @ np.log(mean[sold > 0]))


def _rates(
    sold: NDArray[np.float64], on_offer: NDArray[np.float64], group: NDArray[np.int64], groups: int
) -> NDArray[np.float64]:
    """Return the rates under which expected sales of each group equal those recorded."""
    bought = np.bincount(group, sold.sum(axis=1), minlength=groups)
    chance = np.bincount(group, on_offer / (1 + on_offer), minlength=groups)
    return np.asarray(np.divide(bought, chance, out=np.zeros(groups), where=chance > 0), np.float64)


def _first_choices(
    sold: NDArray[np.float64],
    offer: NDArray[np.bool_],
    attraction: NDArray[np.float64],
    rate: NDArray[np.float64],
    on_offer: NDArray[np.float64],
    total: float,
) -> NDArray[np.float64]:
    """Return how many customers are expected to have wanted each product first, shape ``(N,)``."""
    everything = 1 + total
    # A sale of what was on offer was a first choice with chance (1 + V_offer) / (1 + V), else the second choice of
    # somebody who found the first one gone; and of those who found it gone, some left with nothing.
    kept = ((1 + on_offer) / everything)[:, None] * sold
    gone = (sold.sum(axis=1) + rate / (1 + on_offer))[:, None] * attraction / everything
    first = np.where(offer, kept, gone)
    return np.asarray(first.sum(axis=0), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Information:
    """
    Hold what the sales tell, in the logarithms of attractions against the last one.

    Parameters
    ----------
    mean
        Shape ``(T, N)``: expected sales.
    each
        Shape ``(T, N, N - 1)``: slope of the logarithm of each.
    slope
        Shape ``(N, N - 1)``: slope of the logarithm of each attraction, their sum being fixed.
    free_covariance
        Shape ``(N - 1, N - 1)``, with the rates unknown.
    rate_variance
        Shape ``(G,)``: of the logarithm of each rate, as far as it comes from the attractions.
    """

    mean: NDArray[np.float64]
    each: NDArray[np.float64]
    slope: NDArray[np.float64]
    free_covariance: NDArray[np.float64]
    rate_variance: NDArray[np.float64]


def _information(
    offer: NDArray[np.bool_], group: NDArray[np.int64], attraction: NDArray[np.float64], rate: NDArray[np.float64]
) -> _Information:
    """Return the Poisson information of the sales."""
    products, groups = len(attraction), len(rate)
    on_offer = offer @ attraction
    mean = np.where(offer, rate[group, None] * attraction / (1 + on_offer)[:, None], 0.0)
    slope = (np.eye(products) - attraction / attraction.sum())[:, :-1]
    drawn = (offer * attraction) @ slope / (1 + on_offer)[:, None]
    each = slope[None, :, :] - drawn[:, None, :]
    upper = np.einsum("tj,tja,tjb->ab", mean, each, each, optimize=True)
    cross = np.zeros((groups, products - 1))
    np.add.at(cross, group, np.einsum("tj,tja->ta", mean, each))
    lower = np.bincount(group, mean.sum(axis=1), minlength=groups)
    inverse = np.divide(1.0, lower, out=np.zeros(groups), where=lower > 0)
    free = np.linalg.inv(upper - cross.T @ (inverse[:, None] * cross)) if products > 1 else np.zeros((0, 0))
    borrowed = np.einsum("ga,ab,gb->g", cross, free, cross) * inverse**2
    return _Information(mean, each, slope, np.asarray(free, np.float64), np.asarray(borrowed, np.float64))


def _errors(
    sold: NDArray[np.float64],
    offer: NDArray[np.bool_],
    group: NDArray[np.int64],
    attraction: NDArray[np.float64],
    rate: NDArray[np.float64],
) -> tuple[NDArray[np.float64], tuple[Estimate, ...]]:
    """Return errors of log attractions, and the rates with their intervals."""
    information = _information(offer, group, attraction, rate)
    spread = information.slope @ information.free_covariance @ information.slope.T
    on_offer = offer @ attraction
    bought = np.bincount(group, sold.sum(axis=1), minlength=len(rate))
    chance = np.bincount(group, on_offer / (1 + on_offer), minlength=len(rate))
    rates = tuple(
        _rate_estimate(
            f"rate {place + 1}",
            float(rate[place]),
            int(bought[place]),
            float(chance[place]),
            float(information.rate_variance[place]),
        )
        for place in range(len(rate))
    )
    return np.sqrt(np.diag(spread)), rates


def _rate_estimate(name: str, rate: float, bought: int, chance: float, borrowed: float) -> Estimate:
    """
    Return a rate with an interval for counts however small.

    The exact interval of a Poisson count and that of the chance to buy are combined on the logarithm, each side from
    the sides of both (Zou & Donner 2008, https://doi.org/10.1002/sim.3095).
    """
    from scipy.special import gammaincinv

    if chance <= 0:
        return Estimate(name, np.nan, np.nan, 0.0, np.inf)
    low = float(gammaincinv(bought, 0.025)) if bought else 0.0
    high = float(gammaincinv(bought + 1, 0.975))
    reach = NORMAL_95 * float(np.sqrt(max(0.0, borrowed)))
    if not bought:
        return Estimate(name, 0.0, np.nan, 0.0, high / chance * float(np.exp(reach)))
    down = float(np.hypot(np.log(bought / low), reach))
    up = float(np.hypot(np.log(high / bought), reach))
    error = rate * float(np.sqrt(1 / bought + max(0.0, borrowed)))
    return Estimate(name, rate, error, rate * float(np.exp(-down)), rate * float(np.exp(up)))


def _wanted(
    sales: Sales, sold_at_all: NDArray[np.bool_], attraction: NDArray[np.float64], rate: NDArray[np.float64]
) -> NDArray[np.float64]:
    wanted = np.zeros(len(sales.products))
    offer = sales.on_offer[:, sold_at_all]
    wanted[sold_at_all] = _first_choices(
        sales.sold[:, sold_at_all].astype(np.float64),
        offer,
        attraction,
        rate[sales.group],
        offer @ attraction,
        float(attraction.sum()),
    )
    return wanted


def _remarks(sales: Sales, sold_at_all: NDArray[np.bool_], market_share: float) -> tuple[Reason, ...]:
    remarks = [
        reason(
            "MARKET_SHARE_GIVEN",
            ja=f"市場シェア {market_share:.1%} は外から与えたもので、記録では確かめられません",
            en=f"the market share of {market_share:.1%} was given from outside; the records cannot check it",
        )
    ]
    never = ", ".join(name for name, seen in zip(sales.products, sold_at_all, strict=True) if not seen)
    if never:
        remarks.append(
            reason(
                "NEVER_SOLD",
                ja=f"一度も売れていないため魅力は 0 とし、上限は分かりません: {never}",
                en=f"never sold, so taken to attract nobody, with no upper limit known: {never}",
            )
        )
    return tuple(remarks)


def _named(sales: Sales, which: NDArray[np.bool_]) -> list[str]:
    return [name for name, is_in in zip(sales.products, which, strict=True) if is_in]


def _check_share(market_share: float) -> None:
    if not 0 < market_share < 1:
        message = Text(ja=f"0 と 1 の間の数が必要です: {market_share}", en=f"must be between 0 and 1: {market_share}")
        raise InputError([Problem("market_share", market_share, message)])


def _refuse_unseen(sales: Sales, sold_at_all: NDArray[np.bool_]) -> None:
    """Refuse products that were never on offer, or that no chain of sales compares with the others."""
    unseen = _named(sales, np.asarray(~sales.on_offer.any(axis=0), np.bool_))
    if unseen:
        listed = ", ".join(unseen)
        message = Text(ja=f"一度も販売されていません: {listed}", en=f"was never on offer: {listed}")
        raise UnidentifiedError(unseen, message)
    if not sold_at_all.any():
        raise InputError([Problem("sold", 0, Text(ja="一つも売れていません", en="nothing was sold at all"))])
    sold, offer = sales.sold[:, sold_at_all] > 0, sales.on_offer[:, sold_at_all]
    beats = (sold.T.astype(np.int64) @ offer.astype(np.int64)) > 0
    for _ in range(max(1, int(np.ceil(np.log2(len(beats)))))):
        beats = (beats.astype(np.int64) @ beats.astype(np.int64)) > 0
    apart = ~(beats[0] & beats[:, 0])
    if apart.any():
        names = [name for name, is_apart in zip(_named(sales, sold_at_all), apart, strict=True) if is_apart]
        listed = ", ".join(names)
        raise UnidentifiedError(
            names,
            Text(
                ja=f"他の商品と同じ時に売れた記録がなく、魅力を比べられません: {listed}",
                en=f"never sells against the others, so its attraction has no common scale with theirs: {listed}",
            ),
        )


def _sales_problems(sales: Sales) -> list[Problem]:
    shape = (len(sales.sold), len(sales.products))
    if sales.sold.shape != shape or sales.on_offer.shape != shape or sales.group.shape != shape[:1] or 0 in shape:
        given = {"sold": sales.sold.shape, "on_offer": sales.on_offer.shape, "group": sales.group.shape}
        message = Text(ja=f"形が合いません: {given}", en=f"shapes disagree: {given}; the first two must be {shape}")
        return [Problem("sales", given, message)]
    problems = [
        Problem(f"sold[{period}]", int(sales.sold[period, product]), message)
        for wrong, message in (
            (sales.sold < 0, Text(ja="マイナスの販売数です", en="is negative")),
            (
                (sales.sold > 0) & ~sales.on_offer,
                Text(ja="販売していない商品が売れています", en="sells what was not on offer"),
            ),
        )
        for period, product in np.argwhere(wrong)[:20]
    ]
    if sorted(set(sales.group.tolist())) != list(range(sales.groups)):
        message = Text(ja="群は 0 から続く番号です", en="groups must be numbered from 0 on without holes")
        problems.append(Problem("group", sales.groups, message))
    return problems
