"""
Proving a trip of one day: prices by descent, then passes that only follow what could still beat the plan.

Round by round: walk down along estimates while memories grow along the cycles of the routes met (Roberti & Mingozzi
2014, https://doi.org/10.1287/trsc.2013.0474), then label with more and more memory against a threshold. The first
threshold is what keeps the gap from being small, the second the next better plan. Where few labels are left, all routes
are listed, which closes the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.bounding import _labels
from solvers.orienteering.bounding._chain import Chain, run_chain
from solvers.orienteering.bounding._closing import combine
from solvers.orienteering.bounding._descent import Descent
from solvers.orienteering.bounding._listed import list_day
from solvers.orienteering.bounding._memories import Memories
from solvers.orienteering.bounding._routes import traced

if TYPE_CHECKING:
    from solvers.orienteering.bounding._ground import Ground
    from solvers.orienteering.bounding._ledger import Ledger
    from solvers.orienteering.bounding._prices import Prices

_SMALL_GAP: Final = 0.01
"""Gap that is proven first, as a share of the bound."""

_FIRST_WALKS: Final = ((40, range(25, 40)), (60, range(40)))
"""Steps of the first descents, and those in which memories grow; each begins with long steps again."""

_NEXT_WALK: Final = (50, range(30))
"""The same for the next ones."""

_FAR: Final = 0.05
"""Distance from estimate to plan, as a share of the plan, above which passes would be long: the walk goes on."""

_MOST_WALKS: Final = 3
"""So many times at most."""

_WORTH_WALKING: Final = 0.1
"""Share of the distance that a walk must have closed for another."""

_FIRST_MOST: Final = 10
"""Groups remembered at an option at most, at first."""

_FEWEST_MOST: Final = 4
"""The same after passes that did not end, at least."""

_MORE: Final = 3
"""So many more after each round that ended."""

_SHARES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Parts of the memory that the passes of a chain use; the last pass goes backward, which the listing needs."""

_ROOM: Final = 400_000
"""Most labels of a pass."""

_LISTABLE: Final = 400_000
"""Labels of the last pass above which listing is not tried."""

_LISTING_ROOM: Final = 300_000
"""Partial routes that a listing may hold."""

_LISTING_SHARE: Final = 0.4
"""Share of the time left that a listing may take."""

_ROUTES_TO_GROW: Final = 20
"""Best routes of a pass along whose cycles memories grow."""

_MOST_ROUNDS: Final = 20
"""Rounds after which column generation is tried."""


def prove_day(ground: Ground, ledger: Ledger) -> None:
    """
    Lower the bound of a trip of one day as far as the limits allow.

    Parameters
    ----------
    ground, ledger
        The problem and its books; without a plan to beat, nothing is done.
    """
    if ledger.objective is None or not ground.kinds[0].options.size:
        return
    proof = _DayProof(ground, ledger)
    for _ in range(_MOST_ROUNDS):
        if not ledger.goes_on or not proof.round():
            break


class _DayProof:
    def __init__(self, ground: Ground, ledger: Ledger) -> None:
        self._ground = ground
        self._ledger = ledger
        self._memories = Memories(ground.problem, ground.kinds[0], 1)
        self._descent = Descent(ground, ledger, self._memories)
        self._walks: tuple[tuple[int, range], ...] = _FIRST_WALKS
        self._most = _FIRST_MOST
        self._aim = 0

    def round(self) -> bool:
        """Walk down and attack; return whether another round may do better."""
        self._go_down()
        prices = self._descent.prices
        chain = self._attack(prices)
        while chain is not None and self._refutes(chain, prices) and self._ledger.goes_on:
            chain = self._attack(prices)
        self._ledger.rounds += 1
        self._ledger.tell()
        if chain is None or self._ledger.is_closed:
            return False
        if not chain.is_complete:
            return self._forget()
        self._most += _MORE
        self._grow_along(chain)
        return True

    def _forget(self) -> bool:
        """Begin again with less to remember, where there was too much for the passes; return whether that can be."""
        if self._most <= _FEWEST_MOST:
            return False
        self._most = max(_FEWEST_MOST, self._most // 2)
        self._memories = Memories(self._ground.problem, self._ground.kinds[0], 1)
        self._descent.memories = self._memories
        self._walks = _FIRST_WALKS[1:]
        return True

    def _go_down(self) -> None:
        """Walk until the estimate is near the plan, or comes no nearer."""
        assert self._ledger.objective is not None
        estimate = float("inf")
        for walk in self._walks:
            estimate = self._descent.walk(*walk, self._most)
        self._walks = (_NEXT_WALK,)
        for _ in range(_MOST_WALKS):
            distance = estimate - self._ledger.objective
            if distance <= _FAR * abs(self._ledger.objective) or self._ledger.left <= 0:
                break
            estimate = self._descent.walk(*_NEXT_WALK, self._most)
            if estimate - self._ledger.objective > (1 - _WORTH_WALKING) * distance:
                break

    def _threshold(self) -> int:
        """Return the objective to be refuted next."""
        assert self._ledger.objective is not None
        step, better = self._ledger.step, self._ledger.objective + self._ledger.step
        near = int(max(0, self._ledger.objective) / (1 - _SMALL_GAP))
        near += step - near % step
        return near if better < near <= self._ledger.bound else better

    def _attack(self, prices: Prices) -> Chain | None:
        """Try to refute the next objective; None when not even the first pass ended."""
        pricer = self._ground.pricer
        day = pricer.day(0, prices, self._memories.masks(), self._memories.meters)
        constant = pricer.constant(prices)
        self._aim = self._threshold()
        steps = self._memories.steps(_SHARES)
        threshold = pricer.grid * self._aim - constant
        chain = run_chain(day, steps, self._memories.meters, threshold, _ROOM, self._ledger.stop)
        if chain.labels is None:
            return None
        empty = pricer.empty(0, prices)
        limit = max(chain.limit, empty[0]) if empty else chain.limit
        self._ledger.lower((constant + limit) // pricer.grid, "labelling")
        return chain

    def _refutes(self, chain: Chain, prices: Prices) -> bool:
        """Say whether the objective aimed at is refuted, if need be by listing what the last pass left."""
        if chain.is_complete and self._ledger.bound >= self._aim and not chain.is_forward:
            self._list(chain, prices)
        return self._ledger.bound < self._aim

    def _list(self, chain: Chain, prices: Prices) -> None:
        assert chain.day is not None
        assert chain.labels is not None
        if chain.labels.option.size > _LISTABLE:
            return
        ground, constant = self._ground, self._ground.pricer.constant(prices)
        until = self._ledger.elapsed + _LISTING_SHARE * self._ledger.left
        target = ground.pricer.grid * self._aim
        found = list_day(
            ground.problem,
            0,
            ground.kinds[0],
            chain.day,
            ground.pricer.capped(0, prices),
            chain.labels,
            self._memories.meters,
            target - constant,
            room=_LISTING_ROOM,
            is_over=lambda: self._ledger.is_past(until),
        )
        # Routes below the aim are not listed, whatever they promise.
        combine(ground, self._ledger, [found], max(target - 1, constant + found.promise), 0.0)

    def _grow_along(self, chain: Chain) -> None:
        """Remember what the cycles of the best routes of a chain forgot."""
        assert chain.labels is not None
        totals = chain.labels.total
        best = np.argsort(-totals, kind="stable")[:_ROUTES_TO_GROW]
        routes = [traced(0, chain.labels, label).visits for label in best.tolist() if totals[label] > _labels.WORST]
        if not chain.is_forward:
            routes = [visits[::-1] for visits in routes]
        self._memories.grow(routes, self._most)
