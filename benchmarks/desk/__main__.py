"""
The planning desk in a real browser: how soon it is there, what it weighs, how long a map of many streets takes.

Run ``python -m benchmarks.desk [--only PART...] [--quick] [--json FILE]``. Needs Chromium.

Parts: ``opening``, from the address to the first paint, to a plan button that can be pressed, and to a map; ``weight``,
what that loads; ``streets``, a region of about 60,000 street edges, drawn.

Protocol: ``meguri serve`` in a process of its own with the bundled region; a new browser context for each of five runs,
so that nothing is cached; medians. Chromium draws WebGL in software, as on a server: a laptop is quicker. Times of the
page are its own (`performance`), from the beginning of the navigation. The streets are those of Ube (30,750 edges,
© OpenStreetMap contributors, from the maintainers' folder), and once more a little further east; skipped without them.

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
from benchmarks.timing import timed

PARTS: Final = ("opening", "weight", "streets")
DISTRIBUTIONS: Final = ("fastapi", "uvicorn", "maplibre", "playwright", "pyogrio")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.desk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="one run each: shows that it runs, measures nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, and the table beside them")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts and print their tables; 1 if a promise was broken."""
    typed = sys.argv[1:] if arguments is None else arguments
    options = parse(typed)
    about = about_run(command_text("desk", typed), DISTRIBUTIONS)
    texts, parts, is_kept = [heading("The planning desk in a browser", about)], {}, True
    for name in options.only or PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        took = timed(partial(_section, name, options.quick))
        section = took.answer
        texts.append(section_text(section, took.seconds))
        parts[name] = {"title": section.title, **section.figures, "is_met": section.is_met}
        is_kept &= all(section.is_met.values())
    table = "\n\n".join(texts)
    print(table)
    if options.json:
        write_figures(options.json, {**about, "parts": parts}, table)
    return 0 if is_kept else 1


def _section(name: str, is_quick: bool) -> Section:
    section: Section = import_module(f"benchmarks.desk.{name}").run(is_quick=is_quick)
    return section


if __name__ == "__main__":
    raise SystemExit(main())
