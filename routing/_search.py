"""Looking for plans: the best one, the one without bonuses to compare with, and others that differ."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from regional_assets.model import Name
from routing.itinerary import AssumedFact
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import Combinations

if TYPE_CHECKING:
    from collections.abc import Callable

    from routing._sampled import SamplerUse
    from routing._translate import Translation
    from routing._watch import Incumbents, Watch
    from routing.request import TripRequest
    from solvers.orienteering import Progress, SolveResult, TripProblem, TripSolution
    from solvers.orienteering.alternatives import Alternative
    from solvers.orienteering.result import UnknownRule
    from solvers.qubo.trips import SampledTrip

_KNOW_NO_BONUSES: Final = frozenset({"or-tools-routing"})
"""Solvers to which a second plan without bonuses would be the same problem."""

_UNKNOWN: Final[dict[UnknownRule, Name]] = {
    "combinations": Name(
        ja="新結合の加点を知らずに場所を選んだ(点数には数えてある)",
        en="chose places without knowing what combinations add (the points count it)",
    ),
    "lodgings": Name(
        ja="宿は選べないため、点数と近さで先に決めた",
        en="cannot choose inns: those of most points less the way there were taken beforehand",
    ),
    "counts": Name(
        ja="旅全体で足りないものの減点を知らずに場所を選んだ(点数には数えてある)",
        en="chose places without knowing what too few of a kind in the whole trip cost (the points count it)",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """
    Hold what was found.

    Parameters
    ----------
    result
        The plan.
    without
        The one made without bonuses; ``None`` where nobody asked, the solver never looks at bonuses, or somebody ended
        the search, so that the two cannot be compared.
    sampled
        What a sampler did; ``None`` of classical solvers. Its plan need not be the one in ``result``.
    """

    result: SolveResult
    without: SolveResult | None = None
    sampled: SampledTrip | None = None


def search(
    translation: Translation,
    request: TripRequest,
    use: SamplerUse,
    watch: Watch,
    on_progress: Callable[[float], None] | None,
    incumbents: Incumbents | None,
) -> Searched:
    """
    Solve the trip; and again without bonuses, at the same time, where the request wants to know what they changed.

    A sampler is asked for the plan alone: the one without bonuses is searched for.

    Parameters
    ----------
    translation, request, use
        The trip, and who plans it.
    watch, on_progress
        Who may end the search, and who hears how far it is.
    incumbents
        Who hears of plans for which there was no time yet to be the best; None for nobody.
    """
    ask = watch.question
    knows_bonuses = request.solver.name not in _KNOW_NO_BONUSES
    if not (request.compare_combinations and translation.rules and knows_bonuses):
        return _first(translation.problem, request, use, ask, on_progress, incumbents)
    plain = replace(translation.problem, combinations=Combinations())
    given_up = threading.Event()
    with ThreadPoolExecutor(1, "without-combinations") as other:
        future = other.submit(_solve, plain, request, lambda: given_up.is_set() or (ask is not None and ask()))
        try:
            found = _first(translation.problem, request, use, ask, on_progress, incumbents)
            without = future.result()
        except BaseException:
            # Whoever leaves, by Ctrl-C say, should not have to wait for the other search.
            given_up.set()
            raise
    judged = evaluate(translation.problem, without.solution)
    is_better = judged.feasible and judged.objective > found.result.evaluation.objective
    # Bonuses make the search harder: what was found without them may be worth more with them.
    if watch.stop():
        better = replace(found.result, status="feasible", solution=without.solution, evaluation=judged)
        return replace(found, result=better) if is_better else found
    if is_better:
        found = replace(found, result=_improve(translation.problem, request, found.result, without.solution, ask))
    return replace(found, without=without)


def _first(
    problem: TripProblem,
    request: TripRequest,
    use: SamplerUse,
    should_stop: Callable[[], bool] | None,
    on_progress: Callable[[float], None] | None,
    incumbents: Incumbents | None,
) -> Searched:
    """Return the plan that the solver of the request makes."""
    if request.solver.name != "qubo":
        return Searched(_solve(problem, request, should_stop, on_progress, incumbents))
    sampled = use.sample(problem, request, on_progress, should_stop)
    return Searched(sampled.result, sampled=sampled)


def _improve(
    problem: TripProblem,
    request: TripRequest,
    found: SolveResult,
    start: TripSolution,
    should_stop: Callable[[], bool] | None,
) -> SolveResult:
    """Go on from a better plan for a tenth of the limit; the answer counts the work of both runs."""
    from solvers.orienteering import solve

    seconds = request.solver.time_limit_s
    counts_iterations = request.solver.name != "cp-sat"
    better = solve(
        problem,
        solver=request.solver.classical,
        seed=request.solver.seed,
        iterations=max(1, found.iterations // 10) if counts_iterations and not seconds else None,
        seconds=seconds / 10 if seconds else None,
        warm_start=start,
        should_stop=should_stop,
    )
    return replace(
        better,
        solver=found.solver,
        iterations=found.iterations + better.iterations,
        seconds=found.seconds + better.seconds,
    )


def other_plans(
    translation: Translation,
    request: TripRequest,
    result: SolveResult,
    watch: Watch,
    on_progress: Callable[[float], None] | None,
) -> tuple[SolveResult, tuple[Alternative, ...]]:
    """Look for the further plans that the request asks for, each with the limit of the first; the best is the plan."""
    if request.alternatives == 0 or watch.stop():
        return result, ()
    from solvers.orienteering.alternatives import alternatives, with_best_first

    others = alternatives(
        translation.problem,
        result.solution,
        request.alternatives,
        solver=request.solver.classical,
        iterations=request.solver.iterations,
        seconds=request.solver.time_limit_s,
        seed=request.solver.seed,
        on_progress=on_progress,
        should_stop=watch.question,
    )
    return with_best_first(translation.problem, result, others)


def _solve(
    problem: TripProblem,
    request: TripRequest,
    should_stop: Callable[[], bool] | None,
    on_progress: Callable[[float], None] | None = None,
    incumbents: Incumbents | None = None,
) -> SolveResult:
    from solvers.orienteering import solve

    def report(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(progress.share)
        if incumbents is not None:
            incumbents.hear(progress)

    return solve(
        problem,
        solver=request.solver.classical,
        seed=request.solver.seed,
        iterations=request.solver.iterations,
        seconds=request.solver.time_limit_s,
        on_progress=None if on_progress is None and incumbents is None else report,
        should_stop=should_stop,
    )


def what_it_did_not_know(result: SolveResult) -> tuple[AssumedFact, ...]:
    """Return what the solver left out of its search, though the plan is judged by it: to be told, never silently."""
    return tuple(
        AssumedFact(
            asset=None,
            field="solver",
            text=Name(
                ja=f"探索方法 {result.solver}: {_UNKNOWN[rule].in_('ja')}",
                en=f"solver {result.solver}: {_UNKNOWN[rule].in_('en')}",
            ),
        )
        for rule in result.unknown_rules
    )
