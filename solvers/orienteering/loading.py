"""Loading what is compiled or heavy, before somebody waits for it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from solvers.orienteering.problem import Resources, TripProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray


@cache
def load_search() -> None:
    """Compile or load the search and load CP-SAT, once per process; no limit in seconds should count this."""
    # Imported here: both are heavy, and the door is light.
    import solvers.orienteering.recombine  # noqa: F401
    from solvers.orienteering.ruin_and_recreate import Search

    Search(_smallest_problem()).run(2, total=2)


def _smallest_problem() -> TripProblem:
    """Return one place on one day: the compiled search is the same for all problems."""

    def zeros(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, np.int64)

    none, one = zeros(0), zeros(1)
    return TripProblem(
        day_start=one,
        day_end=one,
        day_earliest=one,
        day_latest=one,
        option_node=one,
        option_group=one,
        option_day=one,
        option_open=one,
        option_close=one,
        option_duration=one,
        option_score=one,
        option_cost=one,
        option_load=one,
        travel=zeros(1, 1, 1),
        day_travel=one,
        arc_cost=zeros(1, 1),
        groups=1,
        required=none,
        precedence=zeros(0, 3),
        resources=Resources(none, np.zeros(0, np.bool_), zeros(0, 1), zeros(0, 1, 1), zeros(0, 0)),
    )
