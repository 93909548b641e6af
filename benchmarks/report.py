"""What every benchmark says about itself: machine, versions, tables, dated files."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """
    Return a Markdown table, padded so that it also reads well in a terminal.

    Parameters
    ----------
    titles, rows
        The head, and the cells of each row.
    left
        How many columns hold text, aligned to the left; the others hold numbers.
    """
    widths = [max(3, *(len(row[column]) for row in (titles, *rows))) for column in range(len(titles))]
    rule = ["-" * width if column < left else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    padded = [
        [text.ljust(width) if column < left else text.rjust(width) for column, (text, width) in enumerate(cells)]
        for cells in (list(zip(row, widths, strict=True)) for row in (titles, rule, *rows))
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in padded)


def machine() -> dict[str, Any]:
    """Return where the figures come from: system, processor count, Python, and how busy others keep it."""
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "load_average": [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else None,
    }


def versions(distributions: Sequence[str]) -> dict[str, str]:
    """Return the versions of those distributions that are installed."""
    found = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def heading(title: str, about: Mapping[str, Any]) -> str:
    """Return the first lines of a table file: what, when, with which command, where."""
    load = about.get("load_average")
    busy = f", load {load[0]:g} at the start" if load else ""
    packages = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return "\n".join(
        [
            f"# {title}, {about['date']}",
            "",
            f"`{about['command']}`",
            "",
            f"{about['machine']}{busy}; Python {about['python']}, {packages}.",
        ]
    )


def about_run(command: str, distributions: Sequence[str], **settings: Any) -> dict[str, Any]:
    """Return what a results file opens with: date, command, settings, machine and versions."""
    opening = {"date": date.today().isoformat(), "command": command, **settings}
    return {**opening, **machine(), "versions": versions(distributions)}


def write_figures(path: Path, figures: Mapping[str, Any], table: str) -> None:
    """
    Write a benchmark's figures as JSON, and its table beside them as Markdown.

    Parameters
    ----------
    path
        The JSON file; the table has the same name and ends in ``.md``.
    figures
        Plain values.
    table
        As printed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=1, ensure_ascii=False)
    # Innermost lists and objects on one line each: routes of hundreds of instances would fill a line per place.
    text = re.sub(r"[\[{]\s[^\[\]{}]*[\]}]", lambda innermost: re.sub(r"\n\s*", " ", innermost[0]), text)
    path.write_text(text + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(table + "\n", encoding="utf-8")


def best_of(runs: int, action: Callable[[], object]) -> float:
    """Return the shortest of several timings in seconds."""
    times = []
    for _ in range(runs):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return min(times)
