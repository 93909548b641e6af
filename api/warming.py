"""What is compiled or read in before somebody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


@cache
def compile_trips() -> None:
    """Compile or load what plans trips and proves their bounds, once per process."""
    from solvers.orienteering import load_search
    from solvers.orienteering.bounding import warm_up

    load_search()
    warm_up()


def compile_prices() -> None:
    """Compile or load what finds prices."""
    from solvers.revenue.loading import warm_up

    warm_up()


def compile_annealer() -> None:
    """Compile or load the annealer."""
    from solvers.qubo.loading import load_annealer

    load_annealer()


COMPILING: tuple[Callable[[], None], ...] = (compile_trips, compile_prices, compile_annealer)
"""All that is compiled, that of trips first; numba keeps the outcome on disk."""
