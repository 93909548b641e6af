"""
An upper bound for any trip problem, valid whenever it stops, and a proof of optimality where it meets the plan.

Day-routes are the columns of a linear programme whose rows are the rules that join days (`_rows`). Its duals price
visits, nights and resources; labelling finds the best route of each kind of day under prices (`_labels`), allowing some
cycles (ng-routes). By weak duality, prices and those best routes give a bound, in exact integers (`_prices`): the
programme itself only proposes prices. Memories grow where the programme uses routes with cycles; on longer trips,
routes then have to keep all rules of their day. Once the bound is near the plan, all routes that could still be part of
a better one are listed (`_enumerate`) and put together by CP-SAT (`_close`); the plan is optimal when none is better.

See ``docs/proof.md`` for why each step is valid.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.bounding import _labels
from solvers.orienteering.bounding._beam import beam
from solvers.orienteering.bounding._close import MOST_CHOICES, choose_routes, judge_routes
from solvers.orienteering.bounding._days import day_kinds
from solvers.orienteering.bounding._guards import guard_backward, guard_forward, no_guard
from solvers.orienteering.bounding._listed import LISTING_ROOM, ListedRoutes, best_of_day, list_day
from solvers.orienteering.bounding._master import Master
from solvers.orienteering.bounding._ng_sets import as_masks, cycles, grow, is_allowed, ng_sets
from solvers.orienteering.bounding._prices import Pricer, days_longest, grid_of
from solvers.orienteering.bounding._routes import Translator, breaks_counts, route_value
from solvers.orienteering.bounding._rows import DayRoute, Rows
from solvers.orienteering.bounding._static import static_relaxation
from solvers.orienteering.bounding.trivial import objective_step, trivial_bound
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import TripSolution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._close import JudgedRoutes
    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.bounding._labels import PricedDay
    from solvers.orienteering.bounding._prices import Prices
    from solvers.orienteering.problem import TripProblem
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

_EFFORT: Final = 20.0
"""CP-SAT's deterministic time to put routes together."""


@dataclass(frozen=True, slots=True)
class BoundProgress:
    """
    Tell how far a proof is.

    Parameters
    ----------
    bound
        Upper bound so far, never rising.
    objective
        Best plan so far; None while there is none.
    rounds
        Rounds of column generation done.
    seconds
        Time since the start.
    """

    bound: int
    objective: int | None
    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BoundResult:
    """
    Hold what was proven.

    Parameters
    ----------
    bound
        No plan that keeps all hard rules has a higher objective. On a problem without such plans it says nothing.
    optimal
        The best plan known, ``solution`` or else the incumbent, has exactly this objective.
    solution
        A plan better than the incumbent, if one was found, that keeps all hard rules.
    columns
        Day-routes met on the way as (day, options, lodging before, lodging after), without repetitions and each
        within its windows: material for recombination.
    method
        What gave the bound: ``trivial``, ``column-generation``, ``enumeration``.
    rounds
        Rounds of column generation.
    seconds
        Time used.
    """

    bound: int
    optimal: bool
    solution: TripSolution | None
    columns: tuple[tuple[int, tuple[int, ...], int, int], ...]
    method: str
    rounds: int
    seconds: float

    @property
    def closed(self) -> bool:
        """Return whether nothing is left to prove."""
        return self.optimal


def upper_bound(
    problem: TripProblem,
    *,
    incumbent: TripSolution | None = None,
    seconds: float | None = None,
    iterations: int | None = None,
    pool: Iterable[PooledRoute] = (),
    on_progress: Callable[[BoundProgress], None] | None = None,
) -> BoundResult:
    """
    Bound the objective of every plan from above, as tightly as the limits allow.

    Parameters
    ----------
    problem
        A problem that `validate` accepts.
    incumbent
        The best plan known. The better it is, the more can be left out of the search; a plan that breaks a rule is not
        used.
    seconds
        Limit in time, kept to within a pass of the labelling (a fraction of a second); 0 gives the trivial bound.
    iterations
        Limit in rounds of column generation instead; such runs repeat exactly.
    pool
        Day-routes to begin with, such as `Search.pool` returns.
    on_progress
        Called after each round.

    Returns
    -------
    result
        The bound, whether it proves a plan optimal, and that plan where it is better than the incumbent.

    References
    ----------
    ng-routes: Baldacci, Mingozzi & Roberti 2011, https://doi.org/10.1287/opre.1110.0975. Growing them: Roberti &
    Mingozzi 2014, https://doi.org/10.1287/trsc.2013.0474. Column generation for team orienteering: Boussier, Feillet &
    Gendreau 2007, https://doi.org/10.1007/s10288-006-0009-1. Listing routes within the gap: Baldacci, Christofides &
    Mingozzi 2008, https://doi.org/10.1007/s10107-007-0178-5.
    """
    proof = _Proof(problem, incumbent, seconds, iterations, on_progress)
    if seconds is None:
        proof.run(pool)
    elif seconds > 0:
        # The compiled passes run without the interpreter's lock and look at what this sets.
        alarm = threading.Timer(min(seconds, threading.TIMEOUT_MAX), proof.stop)
        alarm.daemon = True
        alarm.start()
        try:
            proof.run(pool)
        finally:
            alarm.cancel()
    return proof.result()


def warm_up() -> None:
    """Compile the labelling, or load it from the cache, so that the first real call does not wait for it."""
    from solvers.orienteering.bounding._example import example

    # A poor plan and a single round leave a gap, so that routes are listed as well.
    upper_bound(example(), incumbent=TripSolution(((),)), iterations=1)


@dataclass(slots=True)
class _Priced:
    """Hold what pricing one kind of day gave: a valid upper limit, whether it is attained, and routes found."""

    limit: int
    exact: bool
    routes: list[DayRoute] = field(default_factory=list)


class _Proof:
    """Run one proof; see `upper_bound`."""

    def __init__(
        self,
        problem: TripProblem,
        incumbent: TripSolution | None,
        seconds: float | None,
        iterations: int | None,
        on_progress: Callable[[BoundProgress], None] | None,
    ) -> None:
        self._began = time.perf_counter()
        self._judged = problem
        problem = static_relaxation(problem)
        self._problem = problem
        self._seconds = seconds
        self._iterations = iterations
        self._on_progress = on_progress
        self._bound = trivial_bound(problem)
        self._method = "trivial"
        self._step = objective_step(problem)
        self._rounds = 0
        self._incumbent: TripSolution | None = None
        self._objective: int | None = None
        self._improved = False
        if incumbent is not None:
            self._offer_plan(incumbent)
            self._improved = False
        self._seen: dict[DayRoute, None] = {}
        self._forbidden: set[int] = set()
        self._stop = np.zeros(1, np.int64)
        self._strict = False
        self._kinds: tuple[DayKind, ...] = ()

    @property
    def _elapsed(self) -> float:
        return time.perf_counter() - self._began

    @property
    def _left(self) -> float:
        return float("inf") if self._seconds is None else self._seconds - self._elapsed

    @property
    def _closed(self) -> bool:
        return self._objective is not None and self._objective >= self._bound

    def _offer_plan(self, plan: TripSolution) -> None:
        evaluation = evaluate(self._judged, plan)
        if evaluation.feasible and (self._objective is None or evaluation.objective > self._objective):
            self._incumbent, self._objective, self._improved = plan, evaluation.objective, True

    def _lower(self, bound: int, method: str) -> None:
        # No objective lies between two multiples of what divides all its terms.
        bound -= bound % self._step
        if bound < self._bound:
            self._bound, self._method = bound, method

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(BoundProgress(self._bound, self._objective, self._rounds, self._elapsed))

    def stop(self) -> None:
        """End the passes of the labelling that run."""
        self._stop[0] = 1

    def result(self) -> BoundResult:
        """Return what is proven so far."""
        # A bound below a plan that keeps the rules would be a fault of ours; the plan is the fact.
        bound = self._bound if self._objective is None else max(self._bound, self._objective)
        return BoundResult(
            bound=bound,
            optimal=self._objective is not None and self._objective == bound,
            solution=self._incumbent if self._improved else None,
            columns=tuple(self._columns()),
            method=self._method,
            rounds=self._rounds,
            seconds=self._elapsed,
        )

    def _columns(self) -> Iterable[tuple[int, tuple[int, ...], int, int]]:
        if self._judged.arrivals is not None:
            return  # On time under the fastest travel, which says little about the travel of the hour.
        for route in self._seen:
            kind = self._kinds[route.kind]
            if cycles(kind, route.visits):
                continue
            for twin, day in enumerate(kind.days):
                options = tuple(kind.twins[twin, list(route.visits)].tolist())
                yield day, options, int(kind.start_stays[route.start]), int(kind.end_stays[route.end])

    def run(self, pool: Iterable[PooledRoute]) -> None:
        """Prove what the limits allow."""
        self._kinds = day_kinds(self._problem)
        rows = Rows(self._problem, self._kinds)
        ticks = [
            int(self._problem.day_latest[kind.days[0]] - self._problem.day_earliest[kind.days[0]])
            for kind in self._kinds
        ]
        grid = grid_of(rows, days_longest(self._kinds, ticks))
        if grid < 1 or self._closed:
            return
        self._rows = rows
        self._pricer = Pricer(rows, grid)
        self._near = [ng_sets(kind, _MEMORY) for kind in self._kinds]
        self._middle = [as_masks(ng_sets(kind, _MIDDLE_MEMORY)) for kind in self._kinds]
        self._short = [as_masks(ng_sets(kind, _SHORT_MEMORY)) for kind in self._kinds]
        self._rebuild_master()
        # More than any route is worth on the grid, for passes that were cut short.
        self._beyond = 2**60
        self._translator = Translator(self._kinds)
        self._values: list[int] = []
        self._entries: list[dict[int, int]] = []
        self._add_first_routes(pool)
        self._center: NDArray[np.float64] | None = None
        self._best: tuple[Prices, list[int], int] | None = None
        self._generate()

    def _rebuild_master(self) -> None:
        scale = max(1, self._objective or self._bound // 2)
        self._master = Master(self._rows, fine=2 * max(1, self._bound), unit=max(1.0, scale / 1000))

    def _add_first_routes(self, pool: Iterable[PooledRoute]) -> None:
        for index, kind in enumerate(self._kinds):
            for start in range(kind.start_node.size):
                for end in range(kind.end_node.size):
                    self._add(DayRoute(index, start, end, ()))
        if self._incumbent is not None:
            for route in self._translator.routes(self._incumbent):
                if route is not None:
                    self._add(route)
        for each in pool:
            pooled = self._translator.route(each.day, each.options, each.lodging_before, each.lodging_after)
            if pooled is not None:
                self._add(pooled)

    def _add(self, route: DayRoute) -> bool:
        if route in self._seen:
            return False
        kind = self._kinds[route.kind]
        value = route_value(kind, route, self._problem.weights.wait)
        if value is None:
            return False
        self._seen[route] = None
        entries = self._rows.coefficients(route, capped=self._strict)
        self._values.append(value)
        self._entries.append(entries)
        self._master.add(route, value, entries)
        return True

    def _generate(self) -> None:
        """Generate columns until the programme is solved, close, let memories grow, and again."""
        stiffness, tried, last = _STIFFNESS, False, self._bound
        while self._goes_on():
            if not self._master.solve():
                break
            self._offer_whole()
            duals, day_duals = self._master.duals(), self._master.day_duals()
            blend = duals if self._center is None else stiffness * self._center + (1 - stiffness) * duals
            total, priced, prices = self._price(blend, thorough=stiffness == 0)
            self._rounds += 1
            added = self._add_useful(priced, duals, day_duals)
            self._note(total, priced, prices)
            self._tell()
            exact = all(each.exact for each in priced)
            # Where the last rounds brought little, listing routes or stricter routes bring more.
            slow = exact and (not added or last - self._bound < _SLOW * (self._bound - (self._objective or 0)))
            last = self._bound if exact else last
            if slow and not tried and self._gap() < (_WORTH_CLOSING if self._problem.days == 1 else _WORTH_JOINING):
                tried = True
                self._close(quick=True)
            if slow and not self._strict and (self._problem.days > 1 or not added):
                # A single day, just listed, is as strict as it gets: there, memories grow as long as they can.
                if self._problem.days > 1 or not self._grow():
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
            if len(routes) == self._problem.days:
                self._offer_plan(self._translator.plan(routes))

    def _goes_on(self) -> bool:
        return self._left > 0 and not self._closed and (self._iterations is None or self._rounds < self._iterations)

    def _gap(self) -> float:
        if self._objective is None:
            return float("inf")
        return (self._bound - self._objective) / max(1, abs(self._bound))

    def _note(self, total: int, priced: list[_Priced], prices: Prices) -> None:
        bound = total // self._pricer.grid
        if self._best is None or total < self._best[2]:
            self._best = (prices, [each.limit for each in priced], total)
            self._center = prices.row.astype(np.float64) / self._pricer.grid
        self._lower(bound, "column-generation")

    def _price(self, duals: NDArray[np.float64], *, thorough: bool) -> tuple[int, list[_Priced], Prices]:
        prices = self._pricer.prices(duals.tolist())
        priced = [
            self._price_strictly(index, prices, thorough=thorough)
            if self._strict
            else self._price_kind(index, prices, thorough=thorough)
            for index in range(len(self._kinds))
        ]
        total = self._pricer.constant(prices)
        total += sum(len(kind.days) * each.limit for kind, each in zip(self._kinds, priced, strict=True))
        return total, priced, prices

    def _known(self, index: int, prices: Prices) -> int:
        """Return the best reduced value among the routes already offered."""
        best = _labels.WORST
        for number, route in enumerate(self._master.routes):
            if route.kind == index and number not in self._forbidden:
                cost = sum(int(prices.row[row]) * use for row, use in self._entries[number].items())
                best = max(best, self._pricer.grid * self._values[number] - cost)
        return best

    def _price_kind(self, index: int, prices: Prices, *, thorough: bool) -> _Priced:
        kind = self._kinds[index]
        empty = self._pricer.empty(index, prices)
        known = self._known(index, prices)
        if not kind.options.size:
            return _Priced(empty[0] if empty else known, True)
        short = self._pricer.day(index, prices, self._short[index])
        nothing = no_guard(short)
        back = _labels.label_day(short, nothing, False, _labels.WORST, _ROOM, self._stop)
        limit = max(known, back.best) if back.complete else self._beyond
        guard = guard_forward(short, back) if back.complete else nothing
        day = self._pricer.day(index, prices, as_masks(self._near[index]))
        if not thorough:
            quick = beam(day, guard.table, known + 1, _FEW, self._stop)
            routes = self._routes(index, quick)
            if routes:
                return _Priced(limit, False, routes)
        full = _labels.label_day(day, guard, True, known + 1, _ROOM, self._stop)
        routes = self._routes(index, full)
        if full.complete:
            return _Priced(max(known, full.best), True, routes)
        return _Priced(limit, False, routes)

    def _price_strictly(self, index: int, prices: Prices, *, thorough: bool) -> _Priced:
        """Price a kind of day by routes that visit no group twice, keep counts and are paid for no visit in excess."""
        kind = self._kinds[index]
        if not kind.options.size:
            return self._price_kind(index, prices, thorough=True)
        known = self._known(index, prices)
        if not thorough:
            loose = self._price_kind(index, prices, thorough=False)
            routes = [route for route in loose.routes if self._gain(route, prices) > known]
            if routes:
                return _Priced(loose.limit, False, routes)
        day = self._pricer.day(index, prices, as_masks(self._near[index]))
        back = self._complete(index, prices, day, known + 1)
        if back is None:
            return _Priced(self._beyond, False)
        best = best_of_day(
            self._problem,
            kind,
            day,
            self._pricer.capped(index, prices),
            back,
            known,
            most=_COLUMNS_A_ROUND,
            room=_STRICT_ROOM,
            is_over=lambda: self._left <= 0,
        )
        routes = [DayRoute(index, start, end, visits) for start, end, visits in best.routes]
        return _Priced(best.limit, best.finished, routes)

    def _gain(self, route: DayRoute, prices: Prices) -> int:
        """Return a route's value under prices, or `WORST` where it does not keep the day's own rules."""
        kind = self._kinds[route.kind]
        value = route_value(kind, route, self._problem.weights.wait)
        if value is None or cycles(kind, route.visits) or breaks_counts(self._problem, kind, route.visits):
            return _labels.WORST
        entries = self._rows.coefficients(route, capped=True)
        return self._pricer.grid * value - sum(int(prices.row[row]) * use for row, use in entries.items())

    def _tighten(self) -> None:
        """Go on with routes that keep the day's rules by themselves, in a programme that counts no visit in excess."""
        self._strict = True
        self._rebuild_master()
        for number, route in enumerate(self._seen):
            kind = self._kinds[route.kind]
            if cycles(kind, route.visits) or breaks_counts(self._problem, kind, route.visits):
                self._forbidden.add(number)
            self._entries[number] = self._rows.coefficients(route, capped=True)
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
            routes.append(_trace(index, labels, label))
            if len(routes) == _COLUMNS_A_ROUND:
                break
        return routes

    def _add_useful(self, priced: list[_Priced], duals: NDArray[np.float64], day_duals: NDArray[np.float64]) -> int:
        added = 0
        for index, each in enumerate(priced):
            for route in each.routes:
                if route in self._seen:
                    continue
                value = route_value(self._kinds[index], route, self._problem.weights.wait)
                entries = self._rows.coefficients(route, capped=self._strict)
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
            added += grow(self._near[route.kind], self._kinds[route.kind], [route.visits], _MOST_MEMORY)
        if added:
            fresh = [
                number
                for number, route in enumerate(self._master.routes)
                if number not in self._forbidden
                and not is_allowed(self._near[route.kind], self._kinds[route.kind], route.visits)
            ]
            self._master.forbid(fresh)
            self._forbidden |= set(fresh)
        return added

    def _close(self, *, quick: bool = False) -> None:
        """List the routes that a better plan could use, and put them together."""
        if self._best is None or self._objective is None or self._left <= 0 or self._closed:
            return
        prices, limits, total = self._best
        target = self._pricer.grid * (self._objective + self._step)
        ends = self._elapsed + self._left * (_QUICK_SHARE if quick else 1.0)
        listed: list[ListedRoutes] = []
        unlisted, tighter = _labels.WORST, total
        for index, kind in enumerate(self._kinds):
            # A plan above the objective may fall short of the bound by so much, on all days together.
            threshold = limits[index] - (total - target)
            until = self._elapsed + (ends - self._elapsed) / (len(self._kinds) - index)
            found = self._list(index, prices, threshold, until)
            if found is None:
                return
            listed.append(found)
            empty = self._pricer.empty(index, prices)
            limit = max(threshold - 1, found.best, found.promise, empty[0] if empty else _labels.WORST)
            tighter -= len(kind.days) * max(0, limits[index] - limit)
            if found.promise > _labels.WORST:
                unlisted = max(unlisted, total - limits[index] + found.promise)
        self._lower(tighter // self._pricer.grid, "enumeration")
        until = ends
        self._combine(listed, unlisted, until)
        self._tell()

    def _list(self, index: int, prices: Prices, threshold: int, until: float) -> ListedRoutes | None:
        """Return the routes of a kind worth the threshold under prices; None when the labelling does not end."""
        kind = self._kinds[index]
        day = self._pricer.day(index, prices, as_masks(self._near[index]))
        back = None
        if kind.options.size:
            back = self._complete(index, prices, day, threshold)
            if back is None:
                return None
        room = LISTING_ROOM if self._seconds is None else int(min(LISTING_ROOM, max(10_000, 200_000 * self._left)))
        return list_day(
            self._problem,
            index,
            kind,
            day,
            self._pricer.capped(index, prices),
            back,
            threshold,
            room=room,
            is_over=lambda: self._seconds is not None and self._elapsed > until,
        )

    def _complete(self, index: int, prices: Prices, day: PricedDay, threshold: int) -> _labels.Labels | None:
        """
        Return a complete backward pass with full memories; None when there is no time for it.

        Passes with less memory, in turn forward and backward, prune the next: what they cost they save.
        """
        short = self._pricer.day(index, prices, self._short[index])
        middle = self._pricer.day(index, prices, self._middle[index])
        guard = no_guard(short)
        for ahead_day, back_day in ((short, middle), (middle, day)):
            ahead = _labels.label_day(ahead_day, guard, True, threshold, _ROOM, self._stop)
            if not ahead.complete:
                return None
            back = _labels.label_day(back_day, guard_backward(ahead_day, ahead), False, threshold, _ROOM, self._stop)
            if not back.complete:
                return None
            guard = guard_forward(back_day, back)
        return back

    def _combine(self, listed: list[ListedRoutes], unlisted: int, until: float) -> None:
        """Find the best plan of listed routes; plans with any other route are worth ``unlisted`` at most."""
        assert self._objective is not None
        judged = [
            judge_routes(self._problem, kind, each.routes) for kind, each in zip(self._kinds, listed, strict=True)
        ]
        other = self._objective
        if unlisted > _labels.WORST:
            other = max(other, unlisted // self._pricer.grid)
        if self._problem.days == 1:
            if judged[0].value.size:
                best = int(np.argmax(judged[0].value))
                other = max(other, int(judged[0].value[best]))
                self._offer_chosen(listed, judged, ((0, best),))
            self._lower(other, "enumeration")
            return
        if sum(routes.value.size for routes in judged) > MOST_CHOICES:
            return
        seconds = None if self._seconds is None else until - self._elapsed
        least = self._objective + self._step
        choice = choose_routes(self._problem, self._kinds, judged, at_least=least, seconds=seconds, effort=_EFFORT)
        self._offer_chosen(listed, judged, choice.chosen)
        if choice.bound is not None or choice.finished:
            self._lower(max(other, choice.bound or other), "enumeration")

    def _offer_chosen(
        self, listed: list[ListedRoutes], judged: list[JudgedRoutes], chosen: tuple[tuple[int, int], ...]
    ) -> None:
        if chosen:
            routes = [
                DayRoute(
                    index,
                    int(judged[index].start[row]),
                    int(judged[index].end[row]),
                    listed[index].visits(row, judged[index]),
                )
                for index, row in chosen
            ]
            self._offer_plan(self._translator.plan(routes))


def _trace(index: int, labels: _labels.Labels, label: int) -> DayRoute:
    """Return the route that a forward label and its best end make."""
    end, visits = int(labels.close[label]), []
    while label >= 0:
        visits.append(int(labels.option[label]))
        label = int(labels.link[label])
    return DayRoute(index, -1 - label, end, tuple(reversed(visits)))
