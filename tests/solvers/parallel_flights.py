"""The 15 published cases of three parallel flights whose segments overlap."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from solvers.revenue.problem import ChoiceProblem


def load_cases(shared: Path) -> list[tuple[ChoiceProblem, float, float]]:
    """Return each case with the values of the choice-based and of the sales-based program."""
    data = json.loads((shared / "benchmarks/pricing/parallel_flights.json").read_text(encoding="utf-8"))
    arrivals = np.repeat(np.array(data["segment_arrival_prob"])[:, None], data["horizon_T"], axis=1)
    return [
        (
            ChoiceProblem(
                np.arange(6),
                np.array(data["fares"], np.float64),
                np.array(data["incidence"], np.float64),
                np.array(case["capacity"], np.float64),
                arrivals,
                np.array(data["preference"], np.float64),
                np.array(case["v0"], np.float64),
            ),
            case["cdlp_recomputed"],
            case["segment_relaxed_sblp_upper_bound"],
        )
        for case in data["cases"]
    ]
