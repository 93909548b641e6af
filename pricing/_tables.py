"""
Files as rows and plain data: text, JSON and CSV, with whatever is wrong told by file and row.

Every reader of the package goes through here, so that all files are judged alike: UTF-8 (a byte-order mark is dropped),
no key or column twice, none that nobody reads, as many cells in a row as in the header.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from pricing._words import problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from regional_assets.errors import Problem

Rows = list[tuple[int, dict[str, str]]]
"""Rows of a table: the line in the file, and the cells by column, without spaces around them."""


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """Return the text of a file; None where it cannot be read, with a problem for it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.append(problem(str(path), None, "ファイルがありません", "no such file"))
    except UnicodeDecodeError:
        problems.append(problem(str(path), None, "UTF-8 として読めません", "is not UTF-8 text"))
    except OSError as error:
        problems.append(problem(str(path), None, f"読めません: {error.strerror}", f"cannot be read: {error.strerror}"))
    return None


def read_json(path: Path, problems: list[Problem]) -> Any:
    """Return what a JSON file holds; None where it cannot be read, with a problem for it and for keys named twice."""
    text = read_text(path, problems)
    if text is None:
        return None
    doubles: list[str] = []
    try:
        raw = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=lambda pairs: _object(pairs, doubles))
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}:{error.colno}"
        problems.append(problem(where, None, f"JSON として読めません: {error.msg}", f"is not JSON: {error.msg}"))
        return None
    except (ValueError, RecursionError) as error:
        problems.append(problem(str(path), None, f"JSON として読めません: {error}", f"is not JSON: {error}"))
        return None
    problems += [
        problem(f"{path} {key}", key, f"項目「{key}」が二度あります", f"the key {key!r} stands twice; once is accepted")
        for key in doubles
    ]
    return raw


def _object(pairs: list[tuple[str, Any]], doubles: list[str]) -> dict[str, Any]:
    counts = Counter(key for key, _ in pairs)
    doubles += sorted(key for key, count in counts.items() if count > 1)
    return dict(pairs)


def _refuse_constant(name: str) -> None:
    msg = f"{name} is not a number of JSON"
    raise ValueError(msg)


def table_rows(
    text: str,
    source: str,
    problems: list[Problem],
    *,
    needed: Collection[str] = (),
    known: Collection[str] | None = None,
) -> Rows:
    """
    Return the rows of a CSV text; empty lines are skipped.

    Parameters
    ----------
    source
        Name of the file, in front of the line of every problem.
    problems
        Gets one for every column that is missing or there twice (then there are no rows), or unknown (its cells are
        left out), and for every row with more or fewer cells than the header (which is left out).
    needed
        Columns that must be there.
    known
        All columns that may be there; None where others are skipped.
    """
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    rows: Rows = []
    try:
        header = [cell.strip() for cell in next(lines, [])]
        problems += _header_problems(header, source, needed, known)
        if len(set(header)) < len(header) or not set(needed) <= set(header):
            return []
        for cells in lines:
            if len(cells) == len(header):
                named = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
                if any(named.values()):
                    rows.append(
                        (lines.line_num, {name: named[name] for name in named if known is None or name in known})
                    )
            elif any(cell.strip() for cell in cells):
                count, columns = len(cells), len(header)
                ja, en = f"見出しは{columns}列なのに、この行は{count}列です", f"{count} cells for {columns} columns"
                problems.append(problem(f"{source}:{lines.line_num}", None, ja, en))
    except csv.Error as error:
        where = f"{source}:{lines.line_num}"
        problems.append(problem(where, None, f"CSV として読めません: {error}", f"is not CSV: {error}"))
    return rows


def read_rows(
    path: Path,
    source: str,
    problems: list[Problem],
    *,
    needed: Collection[str] = (),
    known: Collection[str] | None = None,
) -> Rows:
    """Return the rows of a CSV file; see `table_rows`."""
    text = read_text(path, problems)
    return [] if text is None else table_rows(text, source, problems, needed=needed, known=known)


def _header_problems(
    header: list[str], source: str, needed: Collection[str], known: Collection[str] | None
) -> Iterator[Problem]:
    accepted = ", ".join(needed if known is None else known)
    for name in needed:
        if name not in header:
            yield problem(f"{source}:1 {name}", None, "必要な列がありません", "this column is needed, and missing")
    for name, count in Counter(header).items():
        where = f"{source}:1 {name}".strip()
        if known is not None and name not in known:
            ja, en = f"知らない列です。受け付ける列: {accepted}", f"unknown column; accepted: {accepted}"
            yield problem(where, name, ja, en)
        elif count > 1:
            yield problem(where, name, "同じ列が二つ以上あります", "the column stands twice; once is accepted")


def entry_of(
    cells: Mapping[str, str], where: str, problems: list[Problem], *, listed: Collection[str], keyed: Collection[str]
) -> dict[str, Any]:
    """
    Return a row in the shape of its model: names and ranges put together, lists and tables taken apart.

    Parameters
    ----------
    cells
        By column; empty ones are left out.
    where
        File and row, for problems.
    listed, keyed
        Columns that hold ``1;2``, and ``a=1;b=2``, where a key alone stands for 1.
    """
    entry: dict[str, Any] = {}
    for name, cell in cells.items():
        if not cell:
            continue
        if name in listed:
            entry[name] = [part.strip() for part in cell.split(";") if part.strip()]
        elif name in keyed:
            entry[name] = _keyed(cell, f"{where} {name}", problems)
        elif name in ("name_ja", "name_en"):
            entry.setdefault("name", {})[name.removeprefix("name_")] = cell
        elif name in ("sensitivity_low", "sensitivity_high"):
            ends = (cells.get("sensitivity_low"), cells.get("sensitivity_high"))
            entry["sensitivity_range"] = [end or None for end in ends]
        else:
            entry[name] = cell
    return entry


def _keyed(cell: str, where: str, problems: list[Problem]) -> dict[str, str]:
    table: dict[str, str] = {}
    for part in cell.split(";"):
        key, _, value = (text.strip() for text in part.partition("="))
        if key in table:
            problems.append(problem(where, key, f"「{key}」が二度あります", f"{key!r} stands twice; once is accepted"))
        if key:
            table[key] = value or "1"
    return table
