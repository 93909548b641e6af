"""
Scores and bounds on the tourist trip instances of Athens, whose opening hours differ by weekday.

Run ``python -m benchmarks.ttdp [--instances DIR] [--tours N] [--seconds 1] [--seed 1] [--json FILE] [--only NAME …]
[--iterations N] [--bound-seconds 10]``.

Protocol: as `benchmarks.mctopmtw`. No best known scores are published with these files. The one reference is not a
proven optimum: 400 on t101 with one tour, by a trained network with active search (its plain search gives 399), both
routes printed in the readme of https://github.com/mustelideos/optw_rl and replayed here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from benchmarks.instance_benchmark import Benchmark, run_benchmark
from benchmarks.instances.ttdp import load_ttdp
from benchmarks.run_options import add_bound_option, options_parser, positive_count
from benchmarks.runs import Reference, instance_files
from benchmarks.shared_data import shared_folder

REFERENCES: Final = {("t101", 1): Reference(400)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables; 1 if an answer is refused."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = options_parser("ttdp", __doc__, shared_folder() / "benchmarks" / "ttdp_athens" / "instances")
    parser.add_argument("--tours", type=positive_count, help="another number of tours than each file's own")
    add_bound_option(parser, 10.0)
    options = parser.parse_args(given)
    try:
        files = instance_files(options.instances, options.only, ".txt")
    except FileNotFoundError as error:
        parser.error(str(error))
    notes = ("The reference, on t101 only, is the best published score found, not a proven optimum.",)
    benchmark = Benchmark("ttdp", "TTDP Athens", lambda file: load_ttdp(file, options.tours), notes)
    return run_benchmark(benchmark, options, given, files, REFERENCES)


if __name__ == "__main__":
    raise SystemExit(main())
