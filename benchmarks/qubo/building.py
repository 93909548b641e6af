"""Time and memory for building the largest made-up model: arrays, not loops over pairs."""

from __future__ import annotations

from typing import Final

from benchmarks.fresh_process import run_fresh
from benchmarks.qubo.section import Given
from benchmarks.report import markdown_table
from benchmarks.sections import Section

ITEMS: Final = 2000
QUICK_ITEMS: Final = 500
LIMIT_S: Final = 5.0
"""For pool, energies and dimod's model of 2,000 items together."""

_LOADED: Final = """
import sys
from time import perf_counter
import dimod
from benchmarks.qubo.instances import Shape, make_instance
from solvers.qubo.quadratic import density, quadratic_of, to_bqm
result = []
"""

_BUILT: Final = """
items, seed = map(int, sys.argv[1:])
times = [perf_counter()]
problem = make_instance(Shape("A", items), seed).problem
times.append(perf_counter())
quadratic = quadratic_of(problem)
times.append(perf_counter())
model = to_bqm(quadratic)
times.append(perf_counter())
steps = [round(end - begin, 3) for begin, end in zip(times, times[1:])]
result = [problem.groups, model.num_interactions, density(quadratic), *steps]
"""


def run(given: Given) -> Section:
    """Measure in fresh processes, for trips of each number of days."""
    items = QUICK_ITEMS if given.is_quick else ITEMS
    _, empty_mb = run_fresh(_LOADED)
    rows = []
    for seed in range(given.seed, given.seed + (1 if given.is_quick else 4)):
        (days, couplings, dense, pool_s, energy_s, model_s), peak_mb = run_fresh(
            _LOADED + _BUILT, str(items), str(seed)
        )
        rows.append(
            {
                "days": days,
                "couplings": couplings,
                "density": round(dense, 3),
                "pool_s": pool_s,
                "energy_s": energy_s,
                "model_s": model_s,
                "memory_mb": round(peak_mb - empty_mb),
            }
        )
    titles = ["days", "couplings", "density", "problem, s", "energies, s", "dimod's model, s", "memory, MB"]
    table = markdown_table(titles, [[f"{cell:,}" for cell in row.values()] for row in rows], left=0)
    slowest = max(row["pool_s"] + row["energy_s"] + row["model_s"] for row in rows)
    return Section(
        f"Building a model of {items} day-routes",
        {"items": items, "models": rows},
        f"{table}\n\nMemory is the peak of a fresh process above one that has only loaded its libraries.",
        {f"built within {LIMIT_S:g} s": slowest <= LIMIT_S},
    )
