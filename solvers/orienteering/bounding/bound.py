"""
An upper bound for any trip problem, valid whenever it stops, and a proof of optimality where it meets the plan.

Prices on visits, nights and resources, and the best route of each kind of day under them (`_labels`), give a bound by
weak duality, in exact integers (`_prices`): whatever proposes prices need not be trusted. For a trip of one day that is
a descent along cheap estimates (`_single_day`); for longer ones, and where the descent does not close, column
generation (`_generation`). Once the bound is near the plan, all routes that could still be part of a better one are
listed (`_enumerate`) and put together (`_closing`); the plan is optimal when none is better.

See ``docs/proof.md`` for why each step is valid.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals
from solvers.orienteering.bounding._generation import Generation
from solvers.orienteering.bounding._ground import lay_ground
from solvers.orienteering.bounding._ledger import Ledger
from solvers.orienteering.bounding._ng_sets import cycles
from solvers.orienteering.bounding._single_day import prove_day
from solvers.orienteering.bounding.result import BoundProgress, BoundResult
from solvers.orienteering.bounding.trivial import trivial_bound
from solvers.orienteering.problem import TripSolution
from solvers.stopping import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from solvers.orienteering.bounding._ground import Ground
    from solvers.orienteering.bounding._rows import DayRoute
    from solvers.orienteering.problem import TripProblem
    from solvers.orienteering.ruin_and_recreate import PooledRoute

__all__ = ["BoundProgress", "BoundResult", "upper_bound", "warm_up"]

Column = tuple[int, tuple[int, ...], int, int]
"""Day, options, lodging before and after; -1 for none."""


def upper_bound(
    problem: TripProblem,
    *,
    incumbent: TripSolution | None = None,
    seconds: float | None = None,
    iterations: int | None = None,
    pool: Iterable[PooledRoute] = (),
    on_progress: Callable[[BoundProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
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
    should_stop
        Ends the proof like a limit in time that is over; asked from another thread.

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
    ledger = Ledger(
        problem, incumbent, seconds=seconds, iterations=iterations, on_progress=on_progress, should_stop=should_stop
    )
    columns: tuple[Column, ...] = ()
    if seconds is None:
        with watched(should_stop, ledger.halt):
            columns = _prove(problem, ledger, pool)
    elif seconds > 0:
        # The compiled passes run without the interpreter's lock and look at what this sets.
        alarm = threading.Timer(min(seconds, threading.TIMEOUT_MAX), ledger.stop.fill, (1,))
        alarm.daemon = True
        alarm.start()
        try:
            with watched(should_stop, ledger.halt):
                columns = _prove(problem, ledger, pool)
        finally:
            alarm.cancel()
    if ledger.is_refuted:
        # This would be a fault of ours. The plan is the fact, and what was wrong once proves nothing.
        ledger.bound, ledger.method = trivial_bound(problem), "trivial"
    return BoundResult(
        bound=ledger.bound,
        optimal=ledger.is_closed,
        solution=ledger.plan if ledger.is_improved else None,
        columns=columns,
        method=ledger.method,
        rounds=ledger.rounds,
        seconds=ledger.elapsed,
    )


def _prove(problem: TripProblem, ledger: Ledger, pool: Iterable[PooledRoute]) -> tuple[Column, ...]:
    """Prove what the limits allow; return the day-routes met."""
    ground = lay_ground(problem)
    if ground is None or ledger.is_closed:
        return ()
    if problem.days == 1:
        prove_day(ground, ledger)
    generation = Generation(ground, ledger)
    generation.run(pool)
    return tuple(_columns(ground, generation.routes))


def _columns(ground: Ground, routes: Iterable[DayRoute]) -> Iterable[Column]:
    for route in routes:
        kind = ground.kinds[route.kind]
        if cycles(kind, route.visits):
            continue
        for twin, day in enumerate(kind.days):
            options = tuple(kind.twins[twin, list(route.visits)].tolist())
            yield day, options, int(kind.start_stays[route.start]), int(kind.end_stays[route.end])


def warm_up() -> None:
    """Compile the labelling, or load it from the cache, so that the first real call does not wait for it."""
    from solvers.orienteering.bounding._example import example

    # A poor plan and a single round leave a gap, so that routes are listed as well; with and without arrival functions.
    for problem in (example(), _by_the_clock(example())):
        upper_bound(problem, incumbent=TripSolution(((),) * problem.days), iterations=1)


def _by_the_clock(problem: TripProblem) -> TripProblem:
    earliest, latest = int(problem.day_earliest.min()), int(problem.day_latest.max())
    return with_arrivals(problem, ArrivalFunctions.from_travel(problem.travel, earliest, latest))
