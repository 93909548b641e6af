"""Files of a pass: one JSON file, or a folder of tables, put into one shape that remembers where things stood."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_OFFER_COLUMNS = (
    "member", "member_ja", "member_en", "id", "name_ja", "name_en", "asset", "price", "currency", "cost", "capacities",
    "take_up", "visits",
)  # fmt: skip
_SEGMENT_COLUMNS = (
    "id", "name_ja", "name_en", "arrivals", "sensitivity", "sensitivity_low", "sensitivity_high", "pass_appeal", "adds",
    "tickets", "source",
)  # fmt: skip
_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "segments": _SEGMENT_COLUMNS,
    "capacities": ("id", "name_ja", "name_en", "units", "booked", "booked_yen"),
}
_KEYED = frozenset({"capacities", "adds", "tickets"})


@dataclass(slots=True)
class Source:
    """
    Hold a pass as plain data, and where it was read.

    Parameters
    ----------
    raw
        In the shape of `pricing.pass_model.Pass`, not yet checked.
    file
        Put in front of what has no row of its own.
    rows
        File and row of entries, by their place in ``raw`` (``members[0].offers[1]``).
    problems
        What was wrong with the files themselves.
    """

    raw: Any
    file: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, where: str) -> str:
        """Return where people find a place of ``raw``."""
        for prefix in sorted(self.rows, key=len, reverse=True):
            if where == prefix or where.startswith(f"{prefix}."):
                return f"{self.rows[prefix]} {where[len(prefix) + 1 :]}".strip()
        return f"{self.file} {where}".strip()


def read_source(path: Path) -> Source:
    """
    Read a JSON file or a folder.

    Raises
    ------
    InputError
        If a file cannot be read at all.
    """
    if not path.is_dir():
        return Source(_json(path), str(path))
    head = _json(path / "pass.json")
    if not isinstance(head, dict):
        raise InputError([_problem(str(path / "pass.json"), head, "表({…})を入れてください", "an object is accepted")])
    source = Source(head, str(path / "pass.json"))
    members: dict[str, dict[str, Any]] = {}
    for where, row in _table(path / "offers.csv", _OFFER_COLUMNS, source):
        name = row.pop("member", "")
        names = {language: row.pop(f"member_{language}", "") for language in ("ja", "en")}
        member = members.setdefault(name, {"id": name, "name": {}, "offers": []})
        member["name"].update({language: text for language, text in names.items() if text})
        place = f"members[{list(members).index(name)}]"
        source.rows.setdefault(place, where)
        source.rows[f"{place}.offers[{len(member['offers'])}]"] = where
        member["offers"].append(_entry(row, where, source))
    head["members"] = list(members.values())
    for name, columns in _TABLES.items():
        if name == "capacities" and not (path / f"{name}.csv").exists():
            continue
        head[name] = []
        for where, row in _table(path / f"{name}.csv", columns, source):
            source.rows[f"{name}[{len(head[name])}]"] = where
            head[name].append(_entry(row, where, source))
    return source


def _entry(cells: dict[str, str], where: str, source: Source) -> dict[str, Any]:
    """Return a row in the shape of its model: names and ranges put together, tables taken apart."""
    entry: dict[str, Any] = {}
    for name, cell in cells.items():
        if name in _KEYED:
            entry[name] = dict(_keyed(cell, f"{where} {name}", source))
        elif name in ("name_ja", "name_en"):
            entry.setdefault("name", {})[name.removeprefix("name_")] = cell
        elif name in ("sensitivity_low", "sensitivity_high"):
            entry["sensitivity_range"] = [cells.get("sensitivity_low"), cells.get("sensitivity_high")]
        else:
            entry[name] = _plain(cell)
    return entry


def _keyed(cell: str, where: str, source: Source) -> Iterator[tuple[str, Any]]:
    """Yield the entries of ``a=1;b=2``; a key alone stands for 1."""
    seen: set[str] = set()
    for part in cell.split(";"):
        key, _, value = (text.strip() for text in part.partition("="))
        if not key:
            continue
        if key in seen:
            text = (f"「{key}」が二度あります", f"{key!r} stands twice; once is accepted")
            source.problems.append(_problem(where, key, *text))
        seen.add(key)
        yield key, _plain(value or "1")


def _plain(cell: str) -> Any:
    """Return a number where a cell holds one."""
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell


def _table(path: Path, columns: Sequence[str], source: Source) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield file and row, and the filled cells by column, of each row."""
    lines = csv.reader(io.StringIO(_text(path), newline=""))
    header = [cell.strip() for cell in next(lines, [])]
    for cell in dict.fromkeys(header):
        if cell not in columns or header.count(cell) > 1:
            accepted = ", ".join(columns)
            ja, en = (
                ("知らない列です", "unknown column") if cell not in columns else ("列が二つあります", "stands twice")
            )
            source.problems.append(
                _problem(f"{path}:1 {cell}", cell, f"{ja}。受け付ける列: {accepted}", f"{en}; accepted: {accepted}")
            )
    for cells in lines:
        where = f"{path}:{lines.line_num}"
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            text = (
                f"列が {len(cells)} 個あります({len(header)} 個まで)",
                f"{len(cells)} cells; {len(header)} accepted",
            )
            source.problems.append(_problem(where, None, *text))
        filled = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
        yield where, {name: cell for name, cell in filled.items() if name in columns}


def _json(path: Path) -> Any:
    text = _text(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"{path}:{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else str(path)
        problem = _problem(where, None, f"JSON として読めません: {error}", f"is not JSON: {error}")
        raise InputError([problem]) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([_problem(str(path), None, "UTF-8 として読めません", "is not UTF-8 text")]) from error
    except OSError as error:
        text = (f"読めません: {error.strerror}", f"cannot be read: {error.strerror}")
        raise InputError([_problem(str(path), None, *text)]) from error


def _problem(where: str, value: object, ja: str, en: str) -> Problem:
    return Problem(where, value, Text(ja=ja, en=en))
