"""
Annealer models: what samplers find, what repair does, and what classical solvers do in the same time.

Run ``python -m benchmarks.qubo [--only PART...] [--quick] [--samplers NAME...] [--reads N] [--seconds 4] [--seed 1]
[--json FILE]``.

Parts: made-up instances of three models and seven sizes, five of each (``A`` day-routes of trips of two to five days,
``B`` one day by starts of visits, ``C`` levels of prices); ``building``, time and memory for the largest model;
``trips``, ``long_trips`` and ``prices``, the bundled region and workshops with the default sampler.

Protocol of the made-up instances: the exact solver, two models of CP-SAT and all samplers run one after the other on
one thread, after a small instance that loads and compiles what they need. Every read is decoded in the same way, and so
are as many random starts: what a sampler adds is its lead over them. Gaps are to the best plan of all runs, in percent,
of the best read and on average over the reads after repair. *Raw feasible* are reads that kept every rule as they came,
*repaired* those that decoding changed, even if only to improve them. *To 1 %* is, of solvers, all their time if they
end within 1 % of the best plan; of samplers, the time of so many reads that one of them is, with probability 99 %.
``--seconds`` limits the exact solver, and CP-SAT once its model is written. Times include building models and decoding.
No speed-up is claimed for any sampler.

The command ends with 1 if a promise was broken. ``--quick`` takes one small instance of each model: no measurement.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

from benchmarks.qubo.instances import SHAPES, Shape, make_instance
from benchmarks.qubo.made_up import run_shape
from benchmarks.qubo.runs import fight
from benchmarks.qubo.section import Given
from benchmarks.report import about_run, heading, write_figures
from benchmarks.run_options import command_text, positive_count, positive_seconds
from benchmarks.sections import Section, section_text
from benchmarks.timing import timed
from solvers.qubo.samplers.registry import sampler_names

MADE_UP: Final = {shape.name: shape for shape in SHAPES}
PARTS: Final = (*MADE_UP, "building", "trips", "long_trips", "prices")
"""In the order in which they are told; those that are not made up are modules of this package."""

QUICK_PARTS: Final = ("A-100", "B-142", "C-200", "building", "trips", "prices")
SAMPLERS: Final = ("sa", "group-moves", "tabu", "steepest-descent")
DISTRIBUTIONS: Final = ("numpy", "numba", "ortools", "dimod", "dwave-samplers", "openjij")

SECONDS: Final = 4.0
QUICK_SECONDS: Final = 1.0

_WARM_ITEMS: Final = 30


def measure(names: Sequence[str], given: Given) -> Iterator[tuple[str, Section, float]]:
    """Yield each part with its name and the seconds it took, told on standard error as they come."""
    _warm_up(given)
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        took = timed(partial(_section, name, given))
        print(f"{name} done ({took.seconds:.1f} s)", file=sys.stderr, flush=True)
        yield name, took.answer, took.seconds


def _warm_up(given: Given) -> None:
    """Load and compile what any solver or sampler needs."""
    problem = make_instance(Shape("A", _WARM_ITEMS), given.seed).problem
    fight("warm", problem, samplers=given.samplers, reads=1, seconds=1.0, seed=given.seed)


def _section(name: str, given: Given) -> Section:
    if name in MADE_UP:
        return run_shape(MADE_UP[name], given)
    section: Section = import_module(f"benchmarks.qubo.{name}").run(given)
    return section


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.qubo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="small cases: shows that it runs, measures nothing")
    parser.add_argument(
        "--samplers",
        nargs="+",
        choices=sampler_names(),
        default=SAMPLERS,
        metavar="NAME",
        help=f"on made-up instances: {', '.join(sampler_names())} (default: {' '.join(SAMPLERS)})",
    )
    parser.add_argument("--reads", type=positive_count, help="of each sampler and instance (default: by size)")
    parser.add_argument(
        "--seconds", type=positive_seconds, help="limit of each classical solver (default: 4; 1 of a quick run)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, and the table beside them")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and print their tables; 1 if a promise was broken."""
    typed = sys.argv[1:] if arguments is None else arguments
    options = parse(typed)
    seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    given = Given(options.quick, tuple(options.samplers), options.reads, seconds, options.seed)
    about = about_run(command_text("qubo", typed), DISTRIBUTIONS, **asdict(given))
    measured = list(measure(options.only or (QUICK_PARTS if options.quick else PARTS), given))
    table = "\n\n".join(
        [heading("Annealer models", about), *(section_text(section, seconds) for _, section, seconds in measured)]
    )
    print(table)
    if options.json:
        parts = {
            name: {"title": section.title, **section.figures, "is_met": section.is_met, "seconds": round(seconds, 3)}
            for name, section, seconds in measured
        }
        write_figures(options.json, {**about, "parts": parts}, table)
    return 0 if all(all(section.is_met.values()) for _, section, _ in measured) else 1


if __name__ == "__main__":
    raise SystemExit(main())
