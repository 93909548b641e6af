"""PyVRP: prize-collecting routing with time windows."""

from __future__ import annotations

from typing import Final
from warnings import catch_warnings, simplefilter

import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.stop import MaxRuntime

from benchmarks.instances.instance import Instance
from benchmarks.peers import PeerRun
from benchmarks.timing import timed

PRIZE_PER_POINT: Final = 1_000
"""
Prize of one point of score, in ticks of distance: what served PyVRP best among prizes of 1 to 10,000 with and without
a cost of distance. Far larger ones, which would put score strictly first, outgrow its penalties: it then finds no
feasible plan. Without a cost of distance its gap is four times as large.
"""


def solve(instance: Instance, seconds: float, seed: int) -> PeerRun:
    """Return PyVRP's tours within a limit in seconds."""
    data = _problem(instance)
    with catch_warnings():
        # It warns where its penalties reach their limit; the table shows what that costs.
        simplefilter("ignore", PenaltyBoundWarning)
        run = timed(lambda: pyvrp.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False, display=False))
    tours = [
        [int(instance.ids[visit.idx + 1]) for visit in route if visit.is_client()]
        for route in run.answer.best.routes()
        if run.answer.best.is_feasible()
    ]
    return PeerRun(tours, run.seconds, run.cpu_seconds)


def _problem(instance: Instance) -> pyvrp.ProblemData:
    windows = {int(point): (int(opens), int(closes)) for tour, point, opens, closes in instance.windows if tour == 0}
    clients = [
        pyvrp.Client(
            location=point,
            service_duration=int(instance.duration[point]),
            tw_early=windows[point][0],
            tw_late=windows[point][1],
            prize=int(instance.score[point]) * PRIZE_PER_POINT,
            required=False,
        )
        for point in range(1, instance.points)
    ]
    vehicles = pyvrp.VehicleType(
        num_available=instance.tours,
        tw_early=int(instance.tour_open[0] + instance.duration[0]),
        tw_late=int(instance.tour_close[0]),
    )
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0)] * instance.points,
        clients=clients,
        depots=[pyvrp.Depot(location=0)],
        vehicle_types=[vehicles],
        distance_matrices=[instance.travel],
        duration_matrices=[instance.travel],
    )
