"""
Scores on the public MC-TOP-MTW instances: several windows a day, a budget, limits per type, one to four tours.

Run ``python -m benchmarks.mctopmtw [--instances DIR] [--best CSV] [--seconds 1] [--seed 1] [--json FILE]
[--only NAME …] [--iterations N] [--bound-seconds 0]``. The number of tours is part of an instance's name:
``--only 'MCTOPMTW-2-*'``.

Protocol: as `benchmarks.toptw`, without peers. Every answer is replayed from the instance alone, windows, budget and
limits included. With ``--bound-seconds``, a bound is proven after each run; it may find a better plan, which is told
but does not count as the run's score.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.instance_benchmark import Benchmark, run_benchmark
from benchmarks.instances.mctopmtw import load_mctopmtw
from benchmarks.run_options import add_bound_option, load_references, options_parser
from benchmarks.runs import instance_files
from benchmarks.shared_data import shared_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables; 1 if an answer is refused."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = options_parser("mctopmtw", __doc__, shared_folder() / "benchmarks" / "mctopmtw" / "instances")
    parser.add_argument("--best", type=Path, metavar="CSV", help="reference scores (default: DIR/../best_known.csv)")
    add_bound_option(parser, 0.0)
    options = parser.parse_args(given)
    try:
        files = instance_files(options.instances, options.only, ".txt")
        references = load_references(options.best or options.instances.parent / "best_known.csv")
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))
    return run_benchmark(Benchmark("mctopmtw", "MC-TOP-MTW", load_mctopmtw), options, given, files, references)


if __name__ == "__main__":
    raise SystemExit(main())
