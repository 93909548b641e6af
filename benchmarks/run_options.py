"""Options and settings that the benchmarks on public instances share."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.runs import Limit, Reference

DISTRIBUTIONS: Final = ("numpy", "numba", "ortools")
"""What our solver stands on."""

_SCORE_COLUMNS: Final = ("best_known", "memory_value", "long_run")


def options_parser(module: str, description: str | None, instances: Path) -> argparse.ArgumentParser:
    """Return a parser with the options that all these benchmarks know."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--instances", type=Path, default=instances, metavar="DIR", help="folder of instance files")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="instances by name or pattern, as 'c1*'")
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--seconds", type=positive_seconds, default=1.0, help="limit of each run (default: 1)")
    limit.add_argument("--iterations", type=positive_count, help="limit in iterations instead: repeats exactly")
    parser.add_argument(
        "--threads", type=positive_count, default=1, help="of our search; peers run on one (default: 1)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, and the table beside them")
    return parser


def add_bound_option(parser: argparse.ArgumentParser, default: float) -> None:
    """Add the option that asks for a bound after each run."""
    parser.add_argument(
        "--bound-seconds",
        type=seconds_or_none,
        default=default,
        help=f"prove a bound in so many seconds after each run; 0: the search's own only (default: {default:g})",
    )


def seconds_or_none(text: str) -> float:
    """Return seconds of 0 or more, or raise what argparse turns into a message."""
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds of at least 0")
    return seconds


def positive_seconds(text: str) -> float:
    """Return seconds above zero, or raise what argparse turns into a message."""
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds


def positive_count(text: str) -> int:
    """Return a count above zero, or raise what argparse turns into a message."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a count of at least 1")
    return count


def limit_of(options: argparse.Namespace) -> Limit:
    """Return the limit that the options ask for."""
    return Limit(None if options.iterations else options.seconds, options.iterations)


def threads_text(threads: int) -> str:
    """Return how many threads our solver ran on, in words."""
    return "one thread" if threads == 1 else f"{threads} threads"


def command_text(module: str, arguments: Sequence[str]) -> str:
    """Return the command as it was typed, for the head of a results file."""
    return " ".join([f"python -m benchmarks.{module}", *arguments])


def load_references(path: Path) -> dict[tuple[str, int], Reference]:
    """
    Return the reference of each instance and number of tours: the largest score that the file names for it.

    Raises
    ------
    ValueError
        If the file has not the columns ``instance``, ``tours`` and ``best_known``.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not {"instance", "tours", "best_known"} <= set(reader.fieldnames or ()):
            raise ValueError(f"{path} has not the columns instance, tours and best_known")
        return {(row["instance"], int(row["tours"])): _reference(row) for row in reader}


def _reference(row: Mapping[str, str]) -> Reference:
    scores = [int(row[column]) for column in _SCORE_COLUMNS if row.get(column)]
    return Reference(max(scores), row.get("status") == "optimal")
