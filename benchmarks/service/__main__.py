"""
The service under load: a real server over the loopback.

Run ``python -m benchmarks.service [--only PART...] [--quick] [--seed 1] [--json FILE]``.

Parts: ``rate``, a steady 20 requests a second; ``concurrency``, 1 to 64 clients at once; ``overload``, five times what
the machine can plan, on a short queue; ``memory``, 10,000 requests; ``workers``, one and two, as processes and on a
Dask cluster (skipped without ``distributed``).

Protocol: ``meguri serve`` in a process of its own, with an empty folder of state, SQLite and two solving processes;
rate limits are out of the way. Requests are random day trips (`benchmarks.trip_requests`) over 120 places of the
bundled region with 50 ms of search, sent with ``Prefer: wait`` from this process, which shares the cores with server
and solvers. Times are from the moment a request is due to its last byte. Each part starts its own server, which plans
some trips before anything is measured. *Server*, *workers* and *client ms* are processor time for each request.

The command ends with 1 if a promise was broken. ``--quick`` shows that it runs, and measures nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

from benchmarks.report import about_run, heading, write_figures
from benchmarks.run_options import command_text
from benchmarks.sections import Section, section_text
from benchmarks.service.section import Given
from benchmarks.timing import timed

PARTS: Final = ("rate", "concurrency", "overload", "memory", "workers")
DISTRIBUTIONS: Final = ("fastapi", "uvicorn", "sqlalchemy", "distributed", "ortools", "numba")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="a few requests: shows that it runs, measures nothing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, and the table beside them")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and print their tables; 1 if a promise was broken."""
    typed = sys.argv[1:] if arguments is None else arguments
    options = parse(typed)
    given = Given(options.quick, options.seed)
    about = about_run(command_text("service", typed), DISTRIBUTIONS, seed=given.seed)
    texts, parts, is_kept = [heading("The service under load", about)], {}, True
    for name in options.only or PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        took = timed(partial(_section, name, given))
        section = took.answer
        texts.append(section_text(section, took.seconds))
        parts[name] = {"title": section.title, **section.figures, "is_met": section.is_met}
        is_kept &= all(section.is_met.values())
        print(f"{name} done ({took.seconds:.1f} s)", file=sys.stderr, flush=True)
    table = "\n\n".join(texts)
    print(table)
    if options.json:
        write_figures(options.json, {**about, "parts": parts}, table)
    return 0 if is_kept else 1


def _section(name: str, given: Given) -> Section:
    section: Section = import_module(f"benchmarks.service.{name}").run(given)
    return section


if __name__ == "__main__":
    raise SystemExit(main())
