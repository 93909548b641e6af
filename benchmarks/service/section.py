"""What every part of the benchmark is given, and the requests it sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from benchmarks.trip_requests import random_request
from regional_assets.region import find_region

REGION: Final = "echizen"
CANDIDATES: Final = 120
SOLVE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Given:
    """
    Hold what the command line says.

    Parameters
    ----------
    is_quick
        Whether to show that it runs, rather than to measure.
    seed
        Of the requests.
    """

    is_quick: bool
    seed: int


def trip_requests(count: int, *, seed: int, solve_s: float | None = SOLVE_S, **wishes: Any) -> list[dict[str, Any]]:
    """
    Return random day trips over `CANDIDATES` places, as the API takes them.

    Parameters
    ----------
    count
        How many.
    seed
        Same seed, same requests.
    solve_s
        Limit of each search; None for one iteration, where the work around the search is what counts.
    wishes
        Further fields of every request.
    """
    region = find_region(REGION)
    rng = np.random.default_rng(seed)
    limit = {"iterations": 1} if solve_s is None else {"time_limit_s": solve_s}
    drawn = [random_request(region, rng, CANDIDATES) for _ in range(count)]
    return [
        {
            **request.model_dump(mode="json", exclude_defaults=True),
            # A second search without bonuses, beside the first, would double the work of a request.
            "compare_combinations": False,
            "solver": limit,
            **wishes,
        }
        for request in drawn
    ]
