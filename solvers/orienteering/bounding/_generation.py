"""
Column generation: day-routes are the columns of a linear programme whose rows are the rules that join days.

Its duals price visits, nights and resources; labelling finds the best route of each kind of day under prices, allowing
some cycles. Memories grow where the programme uses routes with cycles; on longer trips, routes then have to keep all
rules of their day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.bounding import _labels
from solvers.orienteering.bounding._beam import beam
from solvers.orienteering.bounding._closing import combine
from solvers.orienteering.bounding._guards import guard_backward, guard_forward, no_guard
from solvers.orienteering.bounding._listed import LISTING_ROOM, ListedRoutes, best_of_day, list_day
from solvers.orienteering.bounding._master import Master
from solvers.orienteering.bounding._meters import meters_of
from solvers.orienteering.bounding._ng_sets import as_masks, cycles, grow, is_allowed, ng_sets
from solvers.orienteering.bounding._routes import breaks_counts, route_value, traced
from solvers.orienteering.bounding._rows import DayRoute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._ground import Ground
    from solvers.orienteering.bounding._labels import PricedDay
    from solvers.orienteering.bounding._ledger import Ledger
    from solvers.orienteering.bounding._prices import Prices
    from solvers.orienteering.ruin_and_recreate import PooledRoute

_MEMORY: Final = 8
"""Groups that a label remembers at first."""

_SHORT_MEMORY: Final = 3
"""Groups remembered in the passes that only prune."""

_SLOW: Final = 0.03
"""Share of the gap that a round must close to count as progress."""

_FEW: Final = 4
"""Labels kept at an option in a slice of the day by the quick pass."""

_MIDDLE_MEMORY: Final = 5
"""Groups remembered in the second of the passes that only prune."""

_MOST_MEMORY: Final = 30
"""Groups that a label may remember in the end."""

_COLUMNS_A_ROUND: Final = 60
"""Day-routes that enter the programme per kind of day and round."""

_STIFFNESS: Final = 0.6
"""Weight of the best prices so far when new ones are proposed (Wentges 1997, in-out separation)."""

_ROOM: Final = 400_000
"""Most labels of a pass."""

_STRICT_ROOM: Final = 300_000
"""Most partial routes when one day is priced strictly."""

_QUICK_SHARE: Final = 0.6
"""Share of the time left that an attempt at closing takes while column generation can still go on."""

_WORTH_CLOSING: Final = 0.2
"""Gap below which the routes of a trip of one day are listed before the programme is tightened."""

_WORTH_JOINING: Final = 0.02
"""The same for longer trips, whose routes have to be put together."""

_WHOLE: Final = 1e-6
"""Distance from a whole number that counts as none."""

_BEYOND: Final = 2**60
"""More than any route is worth on the grid, for passes that were cut short."""


@dataclass(slots=True)
class _Priced:
    """Hold what pricing one kind of day gave: a valid upper limit, whether it is attained, and routes found."""

    limit: int
    exact: bool
    routes: list[DayRoute] = field(default_factory=list)


class Generation:
    """
    Run column generation on a problem, and keep the day-routes that it met.

    Parameters
    ----------
    ground, ledger
        The problem, and the books of its proof.
    """

    def __init__(self, ground: Ground, ledger: Ledger) -> None:
        self._ground = ground
        self._ledger = ledger
        self._near = [ng_sets(kind, _MEMORY) for kind in ground.kinds]
        self._middle = [as_masks(ng_sets(kind, _MIDDLE_MEMORY)) for kind in ground.kinds]
        self._short = [as_masks(ng_sets(kind, _SHORT_MEMORY)) for kind in ground.kinds]
        # Here counts are left to prices: the programme's routes are compared with those of the labelling.
        self._unmetered = [meters_of(ground.problem, kind, none=True) for kind in ground.kinds]
        self._seen: dict[DayRoute, None] = {}
        self._forbidden: set[int] = set()
        self._strict = False
        self._values: list[int] = []
        self._entries: list[dict[int, int]] = []
        self._center: NDArray[np.float64] | None = None
        self._best: tuple[Prices, list[int], int] | None = None
        self._rebuild_master()

    @property
    def routes(self) -> Iterable[DayRoute]:
        """Return the routes met."""
        return self._seen

    def run(self, pool: Iterable[PooledRoute]) -> None:
        """Go on until the bound is proven or the limit is reached, beginning with the best plan and given routes."""
        self._add_first_routes(pool)
        self._generate()

    def _rebuild_master(self) -> None:
        scale = max(1, self._ledger.objective or self._ledger.bound // 2)
        self._master = Master(self._ground.rows, fine=2 * max(1, self._ledger.bound), unit=max(1.0, scale / 1000))

    def _add_first_routes(self, pool: Iterable[PooledRoute]) -> None:
        for index, kind in enumerate(self._ground.kinds):
            for start in range(kind.start_node.size):
                for end in range(kind.end_node.size):
                    self._add(DayRoute(index, start, end, ()))
        if self._ledger.plan is not None:
            for route in self._ground.translator.routes(self._ledger.plan):
                if route is not None:
                    self._add(route)
        for each in pool:
            pooled = self._ground.translator.route(each.day, each.options, each.lodging_before, each.lodging_after)
            if pooled is not None:
                self._add(pooled)

    def _add(self, route: DayRoute) -> bool:
        if route in self._seen:
            return False
        kind = self._ground.kinds[route.kind]
        value = route_value(kind, route, self._ground.problem.weights)
        if value is None:
            return False
        self._seen[route] = None
        entries = self._ground.rows.coefficients(route, capped=self._strict)
        self._values.append(value)
        self._entries.append(entries)
        self._master.add(route, value, entries)
        return True

    def _generate(self) -> None:
        """Generate columns until the programme is solved, close, let memories grow, and again."""
        stiffness, tried, last = _STIFFNESS, False, self._ledger.bound
        while self._ledger.goes_on:
            if not self._master.solve():
                break
            self._offer_whole()
            duals, day_duals = self._master.duals(), self._master.day_duals()
            blend = duals if self._center is None else stiffness * self._center + (1 - stiffness) * duals
            total, priced, prices = self._price(blend, thorough=stiffness == 0)
            self._ledger.rounds += 1
            added = self._add_useful(priced, duals, day_duals)
            self._note(total, priced, prices)
            self._ledger.tell()
            exact = all(each.exact for each in priced)
            # Where the last rounds brought little, listing routes or stricter routes bring more.
            slow = exact and (
                not added or last - self._ledger.bound < _SLOW * (self._ledger.bound - (self._ledger.objective or 0))
            )
            last = self._ledger.bound if exact else last
            worth_listing = _WORTH_CLOSING if self._ground.problem.days == 1 else _WORTH_JOINING
            if slow and not tried and self._ledger.gap < worth_listing:
                tried = True
                self._close(quick=True)
            if slow and not self._strict and (self._ground.problem.days > 1 or not added):
                # A single day, just listed, is as strict as it gets: there, memories grow as long as they can.
                if self._ground.problem.days > 1 or not self._grow():
                    self._tighten()
                stiffness, tried = _STIFFNESS, False
            elif added:
                stiffness = _STIFFNESS if stiffness else 0.3
            elif stiffness > 0:
                stiffness = 0.0
            else:
                break
        self._close()

    def _offer_whole(self) -> None:
        """Offer the programme's answer as a plan where it happens to be one."""
        shares = self._master.shares()
        if all(abs(share - round(share)) < _WHOLE for _, share in shares):
            routes = [self._master.routes[number] for number, share in shares for _ in range(round(share))]
            if len(routes) == self._ground.problem.days:
                self._ledger.offer(self._ground.translator.plan(routes))

    def _note(self, total: int, priced: list[_Priced], prices: Prices) -> None:
        bound = total // self._ground.pricer.grid
        if self._best is None or total < self._best[2]:
            self._best = (prices, [each.limit for each in priced], total)
            self._center = prices.row.astype(np.float64) / self._ground.pricer.grid
        self._ledger.lower(bound, "column-generation")

    def _price(self, duals: NDArray[np.float64], *, thorough: bool) -> tuple[int, list[_Priced], Prices]:
        prices = self._ground.pricer.prices(duals.tolist())
        priced = [
            self._price_strictly(index, prices, thorough=thorough)
            if self._strict
            else self._price_kind(index, prices, thorough=thorough)
            for index in range(len(self._ground.kinds))
        ]
        total = self._ground.pricer.constant(prices)
        total += sum(len(kind.days) * each.limit for kind, each in zip(self._ground.kinds, priced, strict=True))
        return total, priced, prices

    def _known(self, index: int, prices: Prices) -> int:
        """Return the best reduced value among the routes already offered."""
        best = _labels.WORST
        for number, route in enumerate(self._master.routes):
            if route.kind == index and number not in self._forbidden:
                best = max(best, self._ground.pricer.reduced(prices, self._values[number], self._entries[number]))
        return best

    def _price_kind(self, index: int, prices: Prices, *, thorough: bool) -> _Priced:
        kind = self._ground.kinds[index]
        empty = self._ground.pricer.empty(index, prices)
        known = self._known(index, prices)
        if not kind.options.size:
            return _Priced(empty[0] if empty else known, True)
        short = self._ground.pricer.day(index, prices, self._short[index])
        nothing = no_guard(short)
        back = _labels.label_day(short, nothing, False, _labels.WORST, _ROOM, self._ledger.stop)
        limit = max(known, back.best) if back.complete else _BEYOND
        guard = guard_forward(short, back, self._unmetered[index]) if back.complete else nothing
        day = self._ground.pricer.day(index, prices, as_masks(self._near[index]))
        if not thorough:
            quick = beam(day, guard.table, known + 1, _FEW, self._ledger.stop)
            routes = self._routes(index, quick)
            if routes:
                return _Priced(limit, False, routes)
        full = _labels.label_day(day, guard, True, known + 1, _ROOM, self._ledger.stop)
        routes = self._routes(index, full)
        if full.complete:
            return _Priced(max(known, full.best), True, routes)
        return _Priced(limit, False, routes)

    def _price_strictly(self, index: int, prices: Prices, *, thorough: bool) -> _Priced:
        """Price a kind of day by routes that visit no group twice, keep counts and are paid for no visit in excess."""
        kind = self._ground.kinds[index]
        if not kind.options.size:
            return self._price_kind(index, prices, thorough=True)
        known = self._known(index, prices)
        if not thorough:
            loose = self._price_kind(index, prices, thorough=False)
            routes = [route for route in loose.routes if self._gain(route, prices) > known]
            if routes:
                return _Priced(loose.limit, False, routes)
        day = self._ground.pricer.day(index, prices, as_masks(self._near[index]))
        back = self._complete(index, prices, day, known + 1)
        if back is None:
            return _Priced(_BEYOND, False)
        best = best_of_day(
            self._ground.problem,
            kind,
            day,
            self._ground.pricer.capped(index, prices),
            back,
            self._unmetered[index],
            known,
            most=_COLUMNS_A_ROUND,
            room=_STRICT_ROOM,
            is_over=lambda: self._ledger.left <= 0,
        )
        routes = [DayRoute(index, start, end, visits) for start, end, visits in best.routes]
        return _Priced(best.limit, best.finished, routes)

    def _gain(self, route: DayRoute, prices: Prices) -> int:
        """Return a route's value under prices, or `WORST` where it does not keep the day's own rules."""
        kind = self._ground.kinds[route.kind]
        value = route_value(kind, route, self._ground.problem.weights)
        if value is None or cycles(kind, route.visits) or breaks_counts(self._ground.problem, kind, route.visits):
            return _labels.WORST
        entries = self._ground.rows.coefficients(route, capped=True)
        return self._ground.pricer.reduced(prices, value, entries)

    def _tighten(self) -> None:
        """Go on with routes that keep the day's rules by themselves, in a programme that counts no visit in excess."""
        self._strict = True
        self._rebuild_master()
        for number, route in enumerate(self._seen):
            kind = self._ground.kinds[route.kind]
            if cycles(kind, route.visits) or breaks_counts(self._ground.problem, kind, route.visits):
                self._forbidden.add(number)
            self._entries[number] = self._ground.rows.coefficients(route, capped=True)
            self._master.add(route, self._values[number], self._entries[number])
        self._master.forbid(sorted(self._forbidden))

    def _routes(self, index: int, labels: _labels.Labels) -> list[DayRoute]:
        """Return the best routes of a pass, at most a few with the same last visit."""
        totals = labels.total
        good = np.flatnonzero(totals > _labels.WORST)
        good = good[np.argsort(-totals[good], kind="stable")]
        routes: list[DayRoute] = []
        last: dict[int, int] = {}
        for label in good.tolist():
            at = int(labels.option[label])
            if last.get(at, 0) >= 3:
                continue
            last[at] = last.get(at, 0) + 1
            routes.append(traced(index, labels, label))
            if len(routes) == _COLUMNS_A_ROUND:
                break
        return routes

    def _add_useful(self, priced: list[_Priced], duals: NDArray[np.float64], day_duals: NDArray[np.float64]) -> int:
        added = 0
        for index, each in enumerate(priced):
            for route in each.routes:
                if route in self._seen:
                    continue
                value = route_value(self._ground.kinds[index], route, self._ground.problem.weights)
                entries = self._ground.rows.coefficients(route, capped=self._strict)
                if value is None:
                    continue
                gain = value - sum(duals[row] * use for row, use in entries.items()) - day_duals[index]
                if gain > 1e-6 * max(1.0, abs(value)):
                    added += self._add(route)
        return added

    def _grow(self) -> int:
        """Let labels remember what the cycles of the programme's routes forgot; return how much was added."""
        added = 0
        for number, _ in self._master.shares():
            route = self._master.routes[number]
            added += grow(self._near[route.kind], self._ground.kinds[route.kind], [route.visits], _MOST_MEMORY)
        if added:
            fresh = [
                number
                for number, route in enumerate(self._master.routes)
                if number not in self._forbidden
                and not is_allowed(self._near[route.kind], self._ground.kinds[route.kind], route.visits)
            ]
            self._master.forbid(fresh)
            self._forbidden |= set(fresh)
        return added

    def _close(self, *, quick: bool = False) -> None:
        """List the routes that a better plan could use, and put them together."""
        if self._best is None or self._ledger.objective is None or self._ledger.left <= 0 or self._ledger.is_closed:
            return
        prices, limits, total = self._best
        target = self._ground.pricer.grid * (self._ledger.objective + self._ledger.step)
        ends = self._ledger.elapsed + self._ledger.left * (_QUICK_SHARE if quick else 1.0)
        listed: list[ListedRoutes] = []
        unlisted, tighter = _labels.WORST, total
        for index, kind in enumerate(self._ground.kinds):
            # A plan above the objective may fall short of the bound by so much, on all days together. Where passes were
            # cut short that can be more than fits into an integer; no route is worth less than the worst.
            threshold = max(_labels.WORST, limits[index] - (total - target))
            until = self._ledger.elapsed + (ends - self._ledger.elapsed) / (len(self._ground.kinds) - index)
            found = self._list(index, prices, threshold, until)
            if found is None:
                return
            listed.append(found)
            empty = self._ground.pricer.empty(index, prices)
            limit = max(threshold - 1, found.best, found.promise, empty[0] if empty else _labels.WORST)
            tighter -= len(kind.days) * max(0, limits[index] - limit)
            if found.promise > _labels.WORST:
                unlisted = max(unlisted, total - limits[index] + found.promise)
        self._ledger.lower(tighter // self._ground.pricer.grid, "enumeration")
        combine(self._ground, self._ledger, listed, unlisted, ends)
        self._ledger.tell()

    def _list(self, index: int, prices: Prices, threshold: int, until: float) -> ListedRoutes | None:
        """Return the routes of a kind worth the threshold under prices; None when the labelling does not end."""
        kind = self._ground.kinds[index]
        day = self._ground.pricer.day(index, prices, as_masks(self._near[index]))
        back = None
        if kind.options.size:
            back = self._complete(index, prices, day, threshold)
            if back is None:
                return None
        room = (
            LISTING_ROOM
            if self._ledger.seconds is None
            else int(min(LISTING_ROOM, max(10_000, 200_000 * self._ledger.left)))
        )
        return list_day(
            self._ground.problem,
            index,
            kind,
            day,
            self._ground.pricer.capped(index, prices),
            back,
            self._unmetered[index],
            threshold,
            room=room,
            is_over=lambda: self._ledger.is_past(until),
        )

    def _complete(self, index: int, prices: Prices, day: PricedDay, threshold: int) -> _labels.Labels | None:
        """
        Return a complete backward pass with full memories; None when there is no time for it.

        Passes with less memory, in turn forward and backward, prune the next: what they cost they save.
        """
        short = self._ground.pricer.day(index, prices, self._short[index])
        middle = self._ground.pricer.day(index, prices, self._middle[index])
        unmetered = self._unmetered[index]
        guard = no_guard(short)
        for ahead_day, back_day in ((short, middle), (middle, day)):
            ahead = _labels.label_day(ahead_day, guard, True, threshold, _ROOM, self._ledger.stop)
            if not ahead.complete:
                return None
            back = _labels.label_day(
                back_day, guard_backward(ahead_day, ahead, unmetered), False, threshold, _ROOM, self._ledger.stop
            )
            if not back.complete:
                return None
            guard = guard_forward(back_day, back, unmetered)
        return back
