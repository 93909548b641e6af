"""Plans by a sampler: how it is asked, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from routing._scoring import UNITS_PER_POINT
from routing.itinerary import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    from routing.request import TripRequest
    from solvers.orienteering import SolveResult, TripProblem
    from solvers.qubo.trips import PosedTrip, SampledTrip


@dataclass(frozen=True, slots=True, eq=False)
class SamplerUse:
    """
    Hold what a request cannot say of a sampler.

    Parameters
    ----------
    sampler
        One handed in, in the place of that which the request names.
    allow_remote
        Whether the model may leave this machine.
    posed
        The trip, where it was posed before; None to pose it by the request.
    """

    sampler: Any = None
    allow_remote: bool = False
    posed: PosedTrip | None = None

    def check(self, request: TripRequest) -> None:
        """
        Refuse a sampler that cannot be used, or that nobody would ask.

        Raises
        ------
        InputError
            If the request names a classical solver.
        SamplerError
            See `solvers.qubo.samplers.registry.sampler_of`.
        """
        name = request.solver.name
        if name == "qubo":
            from solvers.qubo.samplers.registry import sampler_of

            sampler_of(self._of(request), allow_remote=self.allow_remote)
        elif self.sampler is not None or self.allow_remote:
            text = Text(
                ja=f"サンプラーと allow_remote は solver.name が qubo のときだけ使えます(指定は {name})",
                en=f"a sampler and allow_remote are only for the solver.name qubo (given: {name})",
            )
            raise InputError([Problem("solver.name", name, text)])

    def sample(
        self,
        problem: TripProblem,
        request: TripRequest,
        on_progress: Callable[[float], None] | None,
        should_stop: Callable[[], bool] | None = None,
    ) -> SampledTrip:
        """
        Plan the trip by the sampler.

        Where somebody ends it before the sampler is asked, the plan is that of the search before; a sampler that draws
        is not interrupted.
        """
        from solvers.qubo.trips import sample_trip, solve_trip

        choice = request.solver
        if self.posed is not None:
            return sample_trip(self.posed, sampler=self._of(request), on_progress=on_progress)
        return solve_trip(
            problem,
            model=choice.model,
            sampler=self._of(request),
            reads=choice.reads,
            seed=choice.seed,
            iterations=choice.iterations,
            seconds=choice.time_limit_s,
            allow_remote=self.allow_remote,
            on_progress=on_progress,
            should_stop=should_stop,
        )

    def _of(self, request: TripRequest) -> Any:
        return request.solver.sampler if self.sampler is None else self.sampler


def sampling_of(sampled: SampledTrip | None, answer: SolveResult) -> Sampling | None:
    """
    Return what a sampler did for an answer; None where none was asked.

    Parameters
    ----------
    sampled
        What it found.
    answer
        The plan that is shown in the end: a later search may have come upon a better one.
    """
    report = None if sampled is None or sampled.packing is None else sampled.packing.report
    if sampled is None or report is None or sampled.known_objective is None:
        return None
    is_its_own = answer.solution == sampled.result.solution

    def by_model(value: int | None) -> float | None:
        return _points(sampled.objective_of(value))

    return Sampling(
        sampler=report.sampler,
        model=sampled.model,
        source=report.source if is_its_own else "fallback",
        reads=report.reads,
        raw_feasible_rate=report.raw_feasible_rate,
        repaired=report.repaired,
        flips_removed=report.flips_removed,
        flips_added=report.flips_added,
        energy_raw=report.energy_raw,
        energy_final=report.energy_final,
        points=_points(sampled.sampled_objective),
        search_points=sampled.known_objective / UNITS_PER_POINT,
        raw_points=by_model(report.raw_value),
        model_points=by_model(report.value),
        random_points=by_model(report.random_value),
        best_points=by_model(report.optimum),
        is_exact=sampled.is_exact,
        variables=report.variables,
        interactions=report.interactions,
        largest_clique=report.largest_clique,
        seed=report.seed,
        is_reproducible=report.is_reproducible,
        seconds=report.seconds,
    )


def _points(objective: int | None) -> float | None:
    return None if objective is None else objective / UNITS_PER_POINT
