"""A small problem that runs through all of the proof engine."""

from __future__ import annotations

from typing import Final

import numpy as np

from solvers.orienteering.problem import Resources, TripProblem

_DAYS: Final = 2
"""On a single day the engine would find the best plan, and that nothing is better, before any route is listed."""


def example(places: int = 8) -> TripProblem:
    """Return two days along a line of places that do not all fit."""
    spot = np.arange(places + 1, dtype=np.int64) * 10
    node = np.tile(np.arange(1, places + 1), _DAYS)
    zeros, ends = np.zeros(node.size, np.int64), np.zeros(_DAYS, np.int64)
    return TripProblem(
        day_start=ends,
        day_end=ends,
        day_earliest=ends,
        day_latest=np.full(_DAYS, 8 * places),
        option_node=node,
        option_group=node - 1,
        option_day=np.repeat(np.arange(_DAYS), places),
        option_open=7 * (node % 3),
        option_close=np.full(node.size, 15 * places),
        option_duration=np.full(node.size, 5),
        option_score=10 + node * 7 % 11,
        option_cost=zeros,
        option_load=zeros,
        travel=np.abs(spot[:, None] - spot[None, :])[None],
        day_travel=ends,
        arc_cost=np.zeros((places + 1, places + 1), np.int64),
        groups=places,
        required=np.zeros(0, np.int64),
        precedence=np.zeros((0, 3), np.int64),
        resources=Resources(
            capacity=np.zeros(0, np.int64),
            per_day=np.zeros(0, np.bool_),
            option_use=np.zeros((0, node.size), np.int64),
            arc_use=np.zeros((0, places + 1, places + 1), np.int64),
            lodging_use=np.zeros((0, 0), np.int64),
        ),
    )
