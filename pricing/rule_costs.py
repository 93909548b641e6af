"""
What each rule costs: the revenue it keeps away, shared so that the costs of all rules add up to the yen.

The cost of a rule depends on which others hold: two rules that forbid the same price cost nothing one by one. So a rule
is charged the mean of what it takes away when rules come into force one after the other, over all orders (the Shapley
value). More rules never earn more: prices that keep more rules keep fewer, so each set of rules is credited with the
best prices known for any larger set.

References
----------
Shapley (1953), "A value for n-person games"; sampled orders with their reversals: Mitchell, Cooper, Frank & Holmes
(2022), https://jmlr.org/papers/v23/21-0439.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from pricing._rules import is_idle
from pricing._solve import Effort, Found, find_prices, keeps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from pricing._rules import RuleEffect
    from pricing._translate import Translation

MOST_RULES_EXACT = 7
"""Up to so many rules every set of them is priced (at most 128 searches)."""

_ITERATIONS = 5
"""Of each search where nobody set a limit: all of them begin from the proposal, which was searched for in full."""

PAIRS_OF_ORDERS = 6
"""Orders that are drawn where there are more rules, each with its reversal."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedCosts:
    """
    Hold what rules cost.

    Parameters
    ----------
    by_rule
        Yen of each rule, in their order, not negative; they add up to ``total``.
    total
        Yen between the best prices without any rule and those with all.
    best
        Best prices known that keep all rules; at least as good as those that were given.
    is_exact
        Whether all orders of the rules were counted, or only drawn ones.
    searches
        How many sets of rules a search was made for; others were settled by prices already known.
    """

    by_rule: tuple[int, ...]
    total: int
    best: Found
    is_exact: bool
    searches: int


def share_costs(
    translation: Translation,
    effects: list[RuleEffect],
    values: NDArray[np.float64],
    proposal: Found,
    effort: Effort,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> SharedCosts | None:
    """
    Return what each rule costs; rules that ask nothing of this market cost nothing and are left aside.

    Parameters
    ----------
    proposal
        The best prices found under all rules.
    on_progress
        Called with the sets of rules priced and those there are to price.

    Returns
    -------
    costs
        None where somebody ended the work before all sets were priced: costs of a few of them do not add up.
    """
    asking = [number for number, effect in enumerate(effects) if not is_idle(translation, effect)]
    costs = _share(translation, [effects[number] for number in asking], values, proposal, effort, on_progress)
    if costs is None:
        return None
    by_rule = dict(zip(asking, costs.by_rule, strict=True))
    return replace(costs, by_rule=tuple(by_rule.get(number, 0) for number in range(len(effects))))


def _share(
    translation: Translation,
    effects: list[RuleEffect],
    values: NDArray[np.float64],
    proposal: Found,
    effort: Effort,
    on_progress: Callable[[int, int], None] | None,
) -> SharedCosts | None:
    is_exact = len(effects) <= MOST_RULES_EXACT
    orders = None if is_exact else _drawn_orders(len(effects), effort.seed)
    wanted = range(1 << len(effects)) if orders is None else sorted({mask for each in orders for mask in _chain(each)})
    if effort.seconds is not None:
        effort = replace(effort, seconds=effort.seconds / len(wanted))
    elif effort.iterations is None:
        effort = replace(effort, iterations=_ITERATIONS)
    pricing = _Coalitions(translation, effects, values, proposal, effort)
    for number, mask in enumerate(sorted(wanted, key=lambda each: (each.bit_count(), each))):
        pricing.price(mask)
        if effort.is_over:
            return None
        if on_progress is not None:
            on_progress(number + 1, len(wanted))
    worth = pricing.monotone()
    shares = _exact_shares(worth, len(effects)) if orders is None else _sampled_shares(worth, orders)
    everything = (1 << len(effects)) - 1
    total = round(worth[0] - worth[everything])
    return SharedCosts(
        by_rule=whole_shares(shares, total),
        total=total,
        best=pricing.known[everything],
        is_exact=is_exact,
        searches=pricing.searches,
    )


def whole_shares(shares: NDArray[np.float64], total: int) -> tuple[int, ...]:
    """Return shares in whole yen that add up to ``total``: rounded down, the rest to the largest fractions."""
    if not len(shares):
        return ()
    scaled = shares * (total / shares.sum()) if shares.sum() > 0 else np.zeros(len(shares))
    whole = np.floor(scaled + 1e-9).astype(np.int64)
    for index in np.argsort(whole - scaled, kind="stable")[: total - int(whole.sum())]:
        whole[index] += 1
    return tuple(int(yen) for yen in whole)


class _Coalitions:
    """Best prices known under sets of rules, each set a mask of bits."""

    def __init__(
        self,
        translation: Translation,
        effects: list[RuleEffect],
        values: NDArray[np.float64],
        proposal: Found,
        effort: Effort,
    ) -> None:
        self._translation, self._effects, self._values, self._effort = translation, effects, values, effort
        self._everything = (1 << len(effects)) - 1
        self._proposal = proposal
        self._kept_by: dict[int, int] = {}
        self.known: dict[int, Found] = {}
        self.searches = 0

    def price(self, mask: int) -> None:
        """
        Find prices for a set of rules, fewer rules before more.

        Prices for fewer rules that keep the others of the set, too, are the best for it as far as anybody knows: no
        search is made.
        """
        kept = [found for fewer, found in self.known.items() if fewer & mask == fewer and self._keeps(fewer, mask)]
        best = max(kept, key=lambda found: found.value, default=None)
        if best is None:
            best = self._proposal if mask == self._everything else self._search(mask)
        if mask == self._everything and self._proposal.value >= best.value:
            best = self._proposal
        self.known[mask] = best

    def monotone(self) -> dict[int, float]:
        """Return the worth of each set: that of the best prices known for it or for more rules."""
        return {
            mask: max(found.value for more, found in self.known.items() if more & mask == mask) for mask in self.known
        }

    def _search(self, mask: int) -> Found:
        self.searches += 1
        effects = [effect for bit, effect in enumerate(self._effects) if mask >> bit & 1]
        start = self._proposal.posted
        return find_prices(self._translation, effects, self._values, self._effort, start=start, proves=False)

    def _keeps(self, fewer: int, mask: int) -> bool:
        """Whether the prices known for fewer rules keep all of a set."""
        if fewer not in self._kept_by:
            found = self.known[fewer]
            self._kept_by[fewer] = sum(
                1 << bit for bit, effect in enumerate(self._effects) if keeps(self._translation, effect, found)
            )
        return (self._kept_by[fewer] | fewer) & mask == mask


def _exact_shares(worth: Mapping[int, float], rules: int) -> NDArray[np.float64]:
    shares = np.zeros(rules)
    for mask, value in worth.items():
        for rule in range(rules):
            if not mask >> rule & 1:
                held = mask.bit_count()
                weight = factorial(held) * factorial(rules - held - 1) / factorial(rules)
                shares[rule] += weight * (value - worth[mask | 1 << rule])
    return shares


def _sampled_shares(worth: Mapping[int, float], orders: list[list[int]]) -> NDArray[np.float64]:
    shares = np.zeros(len(orders[0]))
    for order in orders:
        masks = list(_chain(order))
        for rule, before, after in zip(order, masks, masks[1:], strict=False):
            shares[rule] += (worth[before] - worth[after]) / len(orders)
    return shares


def _drawn_orders(rules: int, seed: int) -> list[list[int]]:
    draw = np.random.default_rng(seed)
    orders = [[int(rule) for rule in draw.permutation(rules)] for _ in range(PAIRS_OF_ORDERS)]
    return orders + [order[::-1] for order in orders]


def _chain(order: list[int]) -> Iterator[int]:
    """Yield the sets of rules as they come into force one after the other."""
    mask = 0
    yield mask
    for rule in order:
        mask |= 1 << rule
        yield mask
