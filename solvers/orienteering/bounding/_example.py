"""A small problem that runs through all of the proof engine."""

from __future__ import annotations

import numpy as np

from solvers.orienteering.problem import Resources, TripProblem


def example(places: int = 8) -> TripProblem:
    """Return a day along a line of places that do not all fit."""
    spot = np.arange(places + 1, dtype=np.int64) * 10
    node = np.arange(1, places + 1)
    zeros = np.zeros(places, np.int64)
    return TripProblem(
        day_start=np.zeros(1, np.int64),
        day_end=np.zeros(1, np.int64),
        day_earliest=np.zeros(1, np.int64),
        day_latest=np.full(1, 15 * places),
        option_node=node,
        option_group=node - 1,
        option_day=zeros,
        option_open=7 * (node[::-1] % 3),
        option_close=np.full(places, 15 * places),
        option_duration=np.full(places, 5),
        option_score=10 + node * 7 % 11,
        option_cost=zeros,
        option_load=zeros,
        travel=np.abs(spot[:, None] - spot[None, :])[None],
        day_travel=np.zeros(1, np.int64),
        arc_cost=np.zeros((places + 1, places + 1), np.int64),
        groups=places,
        required=np.zeros(0, np.int64),
        precedence=np.zeros((0, 3), np.int64),
        resources=Resources(
            capacity=np.zeros(0, np.int64),
            per_day=np.zeros(0, np.bool_),
            option_use=np.zeros((0, places), np.int64),
            arc_use=np.zeros((0, places + 1, places + 1), np.int64),
            lodging_use=np.zeros((0, 0), np.int64),
        ),
    )
