"""VROOM: jobs with priorities, of which it first maximises the sum, then minimises travel."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import vroom

from benchmarks.instances.instance import Instance
from benchmarks.peers import PeerRun
from benchmarks.timing import timed

HIGHEST_PRIORITY: Final = 100
"""VROOM accepts priorities from 0 to 100."""

EXPLORATION: Final = 5
"""The highest level: under the same limit in seconds it served VROOM better than 2, 3 and 4."""


def solve(instance: Instance, seconds: float, seed: int) -> PeerRun:
    """
    Return VROOM's tours within a limit in seconds; it knows no seed.

    Raises
    ------
    ValueError
        If a score is above `HIGHEST_PRIORITY`: scaled down, it would no longer be the same problem.
    """
    highest = int(instance.score.max())
    if highest > HIGHEST_PRIORITY:
        raise ValueError(f"{instance.name}: score {highest} exceeds VROOM's highest priority of {HIGHEST_PRIORITY}")
    problem = _problem(instance)
    limit = timedelta(seconds=seconds)
    run = timed(lambda: problem.solve(exploration_level=EXPLORATION, nb_threads=1, timeout=limit))
    tours: dict[int, list[int]] = {}
    for route in run.answer.to_dict()["routes"]:
        visits = [step["id"] for step in route["steps"] if step["type"] == "job"]
        tours[route["vehicle"]] = [int(instance.ids[point]) for point in visits]
    return PeerRun([tours[vehicle] for vehicle in sorted(tours)], run.seconds, run.cpu_seconds)


def _problem(instance: Instance) -> vroom.Input:
    problem = vroom.Input()
    problem.set_durations_matrix(profile="car", matrix_input=instance.travel)
    opens, closes = int(instance.tour_open[0] + instance.duration[0]), int(instance.tour_close[0])
    for tour in range(instance.tours):
        problem.add_vehicle(vroom.Vehicle(tour + 1, start=0, end=0, time_window=vroom.TimeWindow(opens, closes)))
    windows = {int(point): (int(first), int(last)) for tour, point, first, last in instance.windows if tour == 0}
    for point in range(1, instance.points):
        problem.add_job(
            vroom.Job(
                point,
                location=point,
                default_service=int(instance.duration[point]),
                time_windows=[vroom.TimeWindow(*windows[point])],
                priority=int(instance.score[point]),
            )
        )
    return problem
