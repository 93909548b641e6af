"""
Time what a newcomer waits for: help, first and later plans, reading a region's data.

Run ``python -m benchmarks.first_minutes [--runs N] [--json FILE]``. Commands run as whole processes with a state folder
of their own, so that the first plan compiles the solver as on a fresh machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.report import about_run, best_of, heading, markdown_table, write_figures
from benchmarks.shared_data import shared_folder

PLAN = ("plan", "--days", "2027-06-05..2027-06-06", "--start", "sabae-station", "--interest", "craft=1,food=0.8")
ISHIKAWA = "ishikawa/csv/170003_tourism.csv"
TARGETS_S = {"meguri --help": 0.5, "meguri plan, later": 4.0}


def command_seconds(words: Sequence[str], home: Path) -> float:
    """Return the wall seconds of one command as a whole process."""
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    start = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "api", *words],
        env=environment | {"MEGURI_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return perf_counter() - start


def command_figures(runs: int) -> list[dict[str, Any]]:
    """Time the commands; the first plan is timed once, since only one can be the first."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        first = command_seconds(PLAN, home)
        plans = [command_seconds(PLAN, home) for _ in range(runs)]
        helps = [command_seconds(["--help"], home) for _ in range(runs)]
    return [
        _figure("meguri --help", helps),
        _figure("meguri plan, first (compiles)", [first]),
        _figure("meguri plan, later", plans),
    ]


def reading_figures(runs: int) -> list[dict[str, Any]]:
    """Time reading within a warm process."""
    from regional_assets.readers import read_municipal
    from regional_assets.region import bundled_region_folder, load_region

    folder = bundled_region_folder("echizen")
    figures = [_figure("load the bundled region", [best_of(runs, lambda: load_region(folder))])]
    path = shared_folder() / "data" / ISHIKAWA
    if path.is_file():
        figures.append(_figure(f"read {path.name} (1,346 rows)", [best_of(runs, lambda: read_municipal(path))]))
    else:
        print(f"skipped: {path.name} is not there (set MEGURI_SHARED)", file=sys.stderr)
    return figures


def _figure(name: str, seconds: Sequence[float]) -> dict[str, Any]:
    return {
        "what": name,
        "runs": len(seconds),
        "min_s": round(min(seconds), 3),
        "median_s": round(median(seconds), 3),
        "target_s": TARGETS_S.get(name),
    }


def main() -> None:
    """Measure, print, and write the file if one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    about = about_run("python -m benchmarks.first_minutes", ["meguri", "numba", "ortools", "numpy"], runs=options.runs)
    rows = command_figures(options.runs) + reading_figures(options.runs)
    cells = [
        [
            row["what"],
            f"{row['min_s']:.2f}",
            f"{row['median_s']:.2f}",
            f"{row['target_s']:g}" if row["target_s"] else "",
        ]
        for row in rows
    ]
    table = markdown_table(["what", "min s", "median s", "target s"], cells)
    text = f"{heading('First minutes', about)}\n\n{table}"
    print(text)
    if options.json:
        write_figures(options.json, about | {"rows": rows}, text)


if __name__ == "__main__":
    main()
