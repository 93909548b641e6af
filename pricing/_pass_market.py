"""The market of a pass in arrays: who buys what at which price, until something is sold out."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.pass_model import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pricing.pass_model import Pass
    from solvers.revenue.problem import ChoiceProblem

ASSUMED_TAKE_UP: Final = 0.5
"""Share of pass-holders who come to an offer of which nobody knows it; flagged wherever it is used."""

_EMPTY: Final = 1e-7
"""Units below which a capacity is sold out."""

_MOST_UTILITY: Final = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Sales:
    """
    Hold expected sales at K prices of the pass.

    Parameters
    ----------
    passes
        Shape ``(K,)``.
    tickets
        Shape ``(K, B)``: of each kind of ticket.
    """

    passes: NDArray[np.float64]
    tickets: NDArray[np.float64]


class PassMarket:
    """
    Hold the arrays of a pass: L segments, B kinds of ticket, O offers, M members, R capacities.

    Everything is on sale until what it takes up is sold out, first come first served; the pass as long as there is
    room in everything that it opens. Customers come evenly. Tickets of operators outside a coalition stay on sale.

    Parameters
    ----------
    pass_
        What is sold to whom.
    sensitivity
        Of each segment, shape ``(L,)``, per 1,000 yen; by default as stated.
    """

    def __init__(self, pass_: Pass, sensitivity: NDArray[np.float64] | None = None) -> None:
        offers, segments = pass_.offers, pass_.segments
        index = {offer.id: row for row, offer in enumerate(offers)}
        resource = {capacity.id: row for row, capacity in enumerate(pass_.capacities)}
        self.members = len(pass_.members)
        self.member_of = np.array([row for row, member in enumerate(pass_.members) for _ in member.offers])
        self.price = np.array([offer.price for offer in offers], float)
        self.cost = np.array([offer.cost for offer in offers], float)
        take_up = [ASSUMED_TAKE_UP if offer.take_up is None else offer.take_up for offer in offers]
        self.take_up = np.array(take_up)
        self.visits = np.array([offer.visits for offer in offers], float)
        self.units = np.zeros((len(offers), len(resource) + 1))
        for row, offer in enumerate(offers):
            for name, units in offer.capacities.items():
                self.units[row, resource[name]] = units
        # The limit on passes is one more capacity, which only the pass takes up.
        most = np.inf if pass_.most is None else float(pass_.most)
        self.capacity = np.array([*(float(each.units - each.booked) for each in pass_.capacities), most])
        self.baskets = tuple(
            dict.fromkeys(
                tuple(sorted(index[name] for name in names.split(SEPARATOR)))
                for segment in segments
                for names in segment.tickets
            )
        )
        self.arrivals = np.array([segment.arrivals for segment in segments])
        stated = np.array([segment.sensitivity for segment in segments])
        self.sensitivity = stated if sensitivity is None else sensitivity
        self.ladder = np.array(pass_.ladder, float)
        basket = np.zeros((len(self.baskets), len(offers)))
        for row, members in enumerate(self.baskets):
            basket[row, list(members)] = 1
        self._belongs = np.eye(self.members)[self.member_of]
        self.ticket_price = basket @ self.price
        self.ticket_offers = basket
        self.ticket_use = basket @ self.units
        self.ticket_income = (basket * (self.price - self.cost)) @ self._belongs
        self._ticket_weight = np.zeros((len(segments), len(self.baskets)))
        place = {members: row for row, members in enumerate(self.baskets)}
        for row, segment in enumerate(segments):
            for names, appeal in segment.tickets.items():
                at = place[tuple(sorted(index[name] for name in names.split(SEPARATOR)))]
                utility = appeal - self.sensitivity[row] * self.ticket_price[at] / 1000
                # Two spellings of one basket are two ways to want it.
                self._ticket_weight[row, at] += _weight(np.array(utility))
        self._appeal = np.array([segment.pass_appeal for segment in segments])
        self._adds = np.array([[segment.adds.get(offer.id, 0.0) for offer in offers] for segment in segments])

    def offers_of(self, mask: int) -> NDArray[np.bool_]:
        """Return which offers belong to members of a coalition, shape ``(O,)``."""
        chosen: NDArray[np.bool_] = (mask >> self.member_of) & 1 == 1
        return chosen

    def visits_of(self, mask: int) -> NDArray[np.float64]:
        """Return expected visits of one pass-holder to each offer, shape ``(O,)``."""
        return np.where(self.offers_of(mask), self.take_up * self.visits, 0.0)

    def pass_use(self, mask: int) -> NDArray[np.float64]:
        """Return expected units that one pass takes up, shape ``(R + 1,)``."""
        use = self.visits_of(mask) @ self.units
        use[-1] = 1.0
        return use

    def pass_weight(self, mask: int, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of a coalition's pass to each segment at each price, shape ``(K, L)``."""
        appeal = self._appeal + self._adds @ self.offers_of(mask)
        return _weight(appeal - np.outer(prices, self.sensitivity) / 1000)

    def prices_of(self, mask: int) -> NDArray[np.float64]:
        """
        Return the prices that a coalition's pass may have: the ladder, and the ladder cut to what it opens.

        A pass that opens half is offered at half as well, to the step of the ladder: on the ladder of the whole pass
        alone no part of it would ever be worth leaving for.
        """
        whole = self.take_up * self.visits @ self.price
        part = self.visits_of(mask) @ self.price
        if part <= 0 or part >= whole:
            return self.ladder
        step = gcd(*self.ladder.astype(int).tolist())
        cut = np.maximum(step, np.round(self.ladder * part / whole / step) * step)
        return np.unique(np.concatenate((self.ladder, cut)))

    def sell(self, mask: int, prices: NDArray[np.float64]) -> Sales:
        """Return expected sales where a coalition's pass is sold at each of some prices; no pass for infinite ones."""
        is_sold = np.isfinite(prices)
        passes = np.where(is_sold[:, None], self.pass_weight(mask, np.where(is_sold, prices, 0.0)), 0.0)
        tickets = np.broadcast_to(self._ticket_weight, (len(prices), *self._ticket_weight.shape))
        weight = np.concatenate((tickets, passes[:, :, None]), axis=2)
        use = np.vstack((self.ticket_use, self.pass_use(mask)))
        takes = use > 0
        left = np.tile(self.capacity, (len(prices), 1))
        time, sold = np.ones(len(prices)), np.zeros((len(prices), len(use)))
        # Each turn lasts until something is sold out, or to the end.
        for _ in range(len(self.capacity) + 1):
            closed = np.any((left <= 0)[:, None, :] & takes, axis=2)
            offered = np.where(closed[:, None, :], 0.0, weight)
            rate = np.einsum("l,klj->kj", self.arrivals, offered / (1 + offered.sum(2, keepdims=True)))
            drain = rate @ use
            with np.errstate(divide="ignore", invalid="ignore"):
                lasts = np.where(drain > 0, left / drain, np.inf).min(1)
            step = np.minimum(time, lasts)
            sold += rate * step[:, None]
            left = left - drain * step[:, None]
            left[left <= _EMPTY] = 0.0
            time = time - step
            if (time <= 0).all():
                break
        return Sales(sold[:, -1], sold[:, :-1])

    def incomes(self, mask: int, prices: NDArray[np.float64], sales: Sales) -> NDArray[np.float64]:
        """Return what members of a coalition earn together at each price, less what visits cost, shape ``(K,)``."""
        inside = (mask >> np.arange(self.members)) & 1
        visits_cost = self.visits_of(mask) @ self.cost
        paid = np.where(np.isfinite(prices), prices, 0.0) - visits_cost
        earned: NDArray[np.float64] = sales.tickets @ (self.ticket_income @ inside) + sales.passes * paid
        return earned

    def value(self, mask: int) -> float:
        """Return what a coalition earns at the best price of a pass of its own, or without one."""
        prices = np.array([np.inf])
        if mask.bit_count() > 1:
            prices = np.append(prices, self.prices_of(mask))
        return float(self.incomes(mask, prices, self.sell(mask, prices)).max())

    def choice_problem(self, prices: Sequence[float]) -> ChoiceProblem:
        """
        Return the market with all members as customers who choose, the pass at one of some prices at a time.

        Tickets that cost more than they bring count as bringing nothing, which can only raise a bound.
        """
        from solvers.revenue.problem import ChoiceProblem

        everybody = (1 << self.members) - 1
        tickets, asked = len(self.baskets), np.array(prices, float)
        paid = asked - self.visits_of(everybody) @ self.cost
        use = np.vstack((self.ticket_use, self.pass_use(everybody)))
        return ChoiceProblem(
            product=np.concatenate((np.arange(tickets), np.full(len(asked), tickets))).astype(np.int64),
            price=np.maximum(0.0, np.concatenate((self.ticket_income.sum(1), paid))),
            use=np.ascontiguousarray(use.T),
            # No more passes are sold than customers come: a limit that never binds stands for none.
            capacity=np.where(np.isinf(self.capacity), self.arrivals.sum() + 1.0, self.capacity),
            arrivals=self.arrivals[:, None].copy(),
            attraction=np.concatenate((self._ticket_weight, self.pass_weight(everybody, asked).T), axis=1),
            no_purchase=np.ones(len(self.arrivals)),
        )

    def belongs(self, by_offer: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum figures of offers by member: the last axis goes from O to M."""
        summed: NDArray[np.float64] = by_offer @ self._belongs
        return summed

    def log_weights(self, price: float) -> NDArray[np.float64]:
        """Return logarithms of the weights of tickets, the whole pass at a price, and nothing: ``(L, B + 2)``."""
        everybody = (1 << self.members) - 1
        weights = np.column_stack(
            (self._ticket_weight, self.pass_weight(everybody, np.array([price]))[0], np.ones(len(self.arrivals)))
        )
        with np.errstate(divide="ignore"):
            logarithms: NDArray[np.float64] = np.log(weights)
        return logarithms


def _weight(utility: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the exponential, of a utility of at most 30: then all but one in 10**13 take it anyway."""
    weight: NDArray[np.float64] = np.exp(np.minimum(utility, _MOST_UTILITY))
    return weight
