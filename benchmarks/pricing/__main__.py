"""
Figures of the pricing engines, part by part, against published and analytic ones.

Run ``python -m benchmarks.pricing [--only NAME...] [--quick] [--seed 1] [--json FILE]``.

Each part is a module of this package with a function ``run``; it returns a table, its figures, and what was promised
and whether it was kept. A part whose data is absent is skipped and says so. The command ends with 1 if a promise was
broken. ``--quick`` takes small cases: its figures are no measurement.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.pricing.section import Given, Section
from benchmarks.report import about_run, heading, write_figures
from benchmarks.run_options import command_text
from benchmarks.sections import section_text
from benchmarks.shared_data import shared_folder
from benchmarks.timing import timed

PARTS: Final = (
    "topaloglu",
    "analytic",
    "parallel_flights",
    "sizes",
    "estimation",
    "simulation",
    "passes",
    "itineraries",
)
"""In the order in which they are told."""

DISTRIBUTIONS: Final = ("numpy", "scipy", "numba", "ortools")


def existing_parts() -> list[str]:
    """Return the parts that there are."""
    return [name for name in PARTS if find_spec(f"benchmarks.pricing.{name}") is not None]


def measure(names: Sequence[str], given: Given) -> Iterator[tuple[str, Section, float]]:
    """Yield each part with its name and the seconds it took, told on standard error as they come."""
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        took = timed(partial(_section, name, given))
        section = took.answer
        print(f"{name} {section.skipped or 'done'} ({took.seconds:.1f} s)", file=sys.stderr, flush=True)
        yield name, section, took.seconds


def _section(name: str, given: Given) -> Section:
    section: Section = import_module(f"benchmarks.pricing.{name}").run(given)
    return section


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pricing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = existing_parts()
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--quick", action="store_true", help="small cases: shows that it runs, measures nothing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, and the table beside them")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and print their tables; 1 if a promise was broken."""
    typed = sys.argv[1:] if arguments is None else arguments
    options = parse(typed)
    home = shared_folder()
    given = Given(shared=home if home.is_dir() else None, is_quick=options.quick, seed=options.seed)
    about = about_run(command_text("pricing", typed), DISTRIBUTIONS, seed=options.seed, quick=options.quick)
    measured = list(measure(options.only, given))
    texts = [section_text(section, seconds) for _, section, seconds in measured]
    table = "\n\n".join([heading("Prices", about), *texts])
    print(table)
    if options.json:
        sections = {name: {**asdict(section), "seconds": round(seconds, 3)} for name, section, seconds in measured}
        for plain in sections.values():
            del plain["table"]
        write_figures(options.json, {**about, "sections": sections}, table)
    return 0 if all(all(section.is_met.values()) for _, section, _ in measured) else 1


if __name__ == "__main__":
    raise SystemExit(main())
