"""
Time, memory and gap as trips grow: 50 to 2,000 candidates, one to seven days.

Run ``python -m benchmarks.scale [--candidates 50 …] [--days 1 …] [--seconds 1] [--iterations N] [--regions 1]
[--seed 1] [--json FILE]``.

Protocol: made-up regions from a seed (`benchmarks.made_up_region`), several for each size with ``--regions``. Each is
solved in a fresh process after a warm-up, and once more in this one with ten times the limit. The gap is how far the
first plan is below the second, in percent (negative: above). *To 1 %* is the time after which the first run was within
1 % of the second's score; it is only told where that was reached, and is as fine as the search's reports of progress.
Peak memory is the largest resident set (Linux only) of the fresh process: Python, numba, OR-Tools and all. Gap and
peak are the mean and the largest over the regions, times are medians.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any, Final

from benchmarks.fresh_process import run_fresh
from benchmarks.growth_plot import Panel, growth_plot
from benchmarks.instances import replay, tours_of, trip_problem
from benchmarks.made_up_region import made_up_region
from benchmarks.report import about_run, heading, markdown_table, write_figures
from benchmarks.run_options import DISTRIBUTIONS, command_text, limit_of, positive_count, positive_seconds
from benchmarks.runs import Limit, gap_percent, warm_up
from solvers.orienteering import Progress, solve

CANDIDATES: Final = (50, 100, 200, 500, 1000, 2000)
DAYS: Final = (1, 2, 3, 5, 7)
LONGER: Final = 10
"""How many times the limit the run has that the first is compared with."""

NEAR: Final = 0.99


@dataclass(frozen=True, slots=True)
class Row:
    """
    Hold the figures of one size.

    Parameters
    ----------
    candidates, days, options
        The size; options in the first region.
    iterations
        Median.
    seconds
        Median time of the run, the recombination included.
    seconds_to_near
        Median time to within 1 % of the longer run, over the regions where that was reached; None if nowhere.
    near
        Number of regions where it was reached.
    score, longer_score
        Mean over the regions.
    gap_percent
        Mean gap to the longer run.
    peak_mb
        Largest resident set.
    """

    candidates: int
    days: int
    options: int
    iterations: int
    seconds: float
    seconds_to_near: float | None
    near: int
    score: float
    longer_score: float
    gap_percent: float
    peak_mb: float


_FRESH: Final = """
import sys
from benchmarks.runs import Limit
from benchmarks.scale import solve_region
candidates, days, seed, seconds, iterations = sys.argv[1:]
limit = Limit(float(seconds) or None, int(iterations) or None)
result = solve_region(int(candidates), int(days), int(seed), limit)
"""


def solve_region(candidates: int, days: int, seed: int, limit: Limit) -> dict[str, Any]:
    """
    Solve one made-up region after a warm-up.

    Returns
    -------
    figures
        ``options``, ``iterations``, ``seconds``, ``score``, and ``progress``: pairs of seconds and best score so far.

    Raises
    ------
    AssertionError
        If the plan breaks a rule.
    """
    warm_up()
    instance = made_up_region(candidates, days, seed)
    problem = trip_problem(instance)
    progress: list[tuple[float, int]] = []

    def note(told: Progress) -> None:
        if told.objective is not None:
            progress.append((told.seconds, int(told.objective)))

    result = solve(problem, seed=seed, seconds=limit.seconds, iterations=limit.iterations, on_progress=note)
    judged = replay(instance, tours_of(instance, result.solution))
    assert not judged.errors, judged.errors
    return {
        "options": problem.options,
        "iterations": result.iterations,
        "seconds": result.seconds,
        "score": judged.score,
        "progress": progress,
    }


def measure(candidates: int, days: int, seeds: Sequence[int], limit: Limit) -> Row:
    """Return the figures of one size."""
    longer_limit = Limit(
        None if limit.seconds is None else limit.seconds * LONGER,
        None if limit.iterations is None else limit.iterations * LONGER,
    )
    told = (str(limit.seconds or 0), str(limit.iterations or 0))
    fresh = [run_fresh(_FRESH, str(candidates), str(days), str(seed), *told) for seed in seeds]
    runs = [figures for figures, _ in fresh]
    longer = [solve_region(candidates, days, seed, longer_limit)["score"] for seed in seeds]
    times = [seconds_to(NEAR * goal, run["progress"]) for run, goal in zip(runs, longer, strict=True)]
    reached = [seconds for seconds in times if seconds is not None]
    return Row(
        candidates=candidates,
        days=days,
        options=runs[0]["options"],
        iterations=int(median(run["iterations"] for run in runs)),
        seconds=round(median(run["seconds"] for run in runs), 4),
        seconds_to_near=round(median(reached), 4) if reached else None,
        near=len(reached),
        score=fmean(run["score"] for run in runs),
        longer_score=fmean(longer),
        gap_percent=round(fmean(gap_percent(run["score"], goal) for run, goal in zip(runs, longer, strict=True)), 4),
        peak_mb=round(max(peak for _, peak in fresh), 1),
    )


def seconds_to(goal: float, progress: Sequence[tuple[float, int]]) -> float | None:
    """Return when the best score so far first was at least the goal; None if never."""
    return next((seconds for seconds, score in progress if score >= goal), None)


def table_text(rows: Sequence[Row], regions: int) -> str:
    """Return the figures as a table to read."""
    titles = ["candidates", "days", "options", "iterations", "s", "to 1 % s", "within 1 %", "score", f"in {LONGER} x"]
    cells = [
        [
            f"{row.candidates:,}",
            str(row.days),
            f"{row.options:,}",
            f"{row.iterations:,}",
            f"{row.seconds:.2f}",
            "-" if row.seconds_to_near is None else f"{row.seconds_to_near:.2f}",
            f"{row.near} of {regions}",
            f"{row.score:,.0f}",
            f"{row.longer_score:,.0f}",
            f"{row.gap_percent:.2f}",
            f"{row.peak_mb:.0f}",
        ]
        for row in rows
    ]
    return markdown_table([*titles, "gap %", "peak MB"], cells, left=0)


def plot_text(rows: Sequence[Row]) -> str:
    """Return time to within 1 %, peak memory and gap as SVG: over candidates, and below it over days."""
    measures: list[tuple[str, Callable[[Row], float | None], bool]] = [
        ("seconds to within 1 %", lambda row: row.seconds_to_near, True),
        ("peak memory of the process, MB", lambda row: row.peak_mb, False),
        ("gap, %", lambda row: row.gap_percent, False),
    ]
    over_candidates, over_days = [], []
    for title, value, is_logarithmic in measures:
        by_days: dict[str, list[tuple[float, float | None]]] = {}
        by_candidates: dict[str, list[tuple[float, float | None]]] = {}
        for row in sorted(rows, key=lambda row: (row.days, row.candidates)):
            by_days.setdefault(f"{row.days} d", []).append((row.candidates, value(row)))
            by_candidates.setdefault(f"{row.candidates:,}", []).append((row.days, value(row)))
        over_candidates.append(Panel(title, "candidates", by_days, is_logarithmic))
        over_days.append(Panel(title, "days", by_candidates, is_logarithmic))
    return growth_plot([*over_candidates, *over_days], columns=len(measures))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--candidates", type=positive_count, nargs="+", default=list(CANDIDATES))
    parser.add_argument("--days", type=positive_count, nargs="+", default=list(DAYS))
    parser.add_argument("--regions", type=positive_count, default=1, help="made-up regions of each size (default: 1)")
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=positive_seconds, default=1.0, help="limit of each run (default: 1)")
    limit.add_argument("--iterations", type=positive_count, help="limit in iterations instead: repeats exactly")
    parser.add_argument("--seed", type=int, default=1, help="of the first region")
    parser.add_argument("--json", type=Path, help="write the figures here, and table and plot beside them")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parse(given)
    limit = limit_of(options)
    seeds = [options.seed + region for region in range(options.regions)]
    about = about_run(command_text("scale", given), DISTRIBUTIONS, limit=str(limit), seed=options.seed)
    rows = []
    for days in options.days:
        for candidates in options.candidates:
            print(f"{candidates} candidates, {days} days ...", file=sys.stderr)
            rows.append(measure(candidates, days, seeds, limit))
    note = f"Limit {limit}, one thread, {options.regions} made-up region{'s' * (options.regions > 1)} of each size."
    table = "\n\n".join([heading("Growth", about), note, table_text(rows, options.regions)])
    print(table)
    if options.json:
        write_figures(options.json, {**about, "regions": options.regions, "rows": [asdict(row) for row in rows]}, table)
        options.json.with_suffix(".svg").write_text(plot_text(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
