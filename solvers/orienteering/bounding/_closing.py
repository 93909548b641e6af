"""Closing a proof: all routes that a better plan could use are listed and put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.orienteering.bounding import _labels
from solvers.orienteering.bounding._close import MOST_CHOICES, choose_routes, judge_routes
from solvers.orienteering.bounding._rows import DayRoute

if TYPE_CHECKING:
    from solvers.orienteering.bounding._close import JudgedRoutes
    from solvers.orienteering.bounding._ground import Ground
    from solvers.orienteering.bounding._ledger import Ledger
    from solvers.orienteering.bounding._listed import ListedRoutes

_EFFORT: Final = 20.0
"""CP-SAT's deterministic time to put routes together."""


def combine(ground: Ground, ledger: Ledger, listed: list[ListedRoutes], unlisted: int, until: float) -> None:
    """
    Find the best plan of listed routes, and what that proves.

    Parameters
    ----------
    ground, ledger
        The problem and its books, which must know a plan.
    listed
        Routes of each kind of day.
    unlisted
        Plans with any other route are worth this at most, on the grid; `WORST` for none above the best plan.
    until
        When CP-SAT has to end, in seconds since the start.
    """
    assert ledger.objective is not None
    problem = ground.problem
    judged = [judge_routes(problem, kind, each.routes) for kind, each in zip(ground.kinds, listed, strict=True)]
    other = ledger.objective
    if unlisted > _labels.WORST:
        other = max(other, unlisted // ground.pricer.grid)
    if problem.days == 1:
        if judged[0].value.size:
            best = int(np.argmax(judged[0].value))
            other = max(other, int(judged[0].value[best]))
            _offer(ground, ledger, listed, judged, ((0, best),))
        ledger.lower(other, "enumeration")
        return
    if sum(routes.value.size for routes in judged) > MOST_CHOICES:
        return
    seconds = None if ledger.seconds is None else until - ledger.elapsed
    least = ledger.objective + ledger.step
    choice = choose_routes(
        problem,
        ground.kinds,
        judged,
        at_least=least,
        seconds=seconds,
        effort=_EFFORT,
        should_stop=ledger.should_stop,
    )
    _offer(ground, ledger, listed, judged, choice.chosen)
    if choice.bound is not None:
        ledger.lower(max(other, choice.bound), "enumeration")
    elif choice.finished:
        ledger.lower(other, "enumeration")


def _offer(
    ground: Ground,
    ledger: Ledger,
    listed: list[ListedRoutes],
    judged: list[JudgedRoutes],
    chosen: tuple[tuple[int, int], ...],
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
        ledger.offer(ground.translator.plan(routes))
