"""Files of a pass: one JSON file, or a folder of tables, put into one shape that remembers where things stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pricing._tables import entry_of, read_json, read_rows
from pricing._words import problem
from regional_assets.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regional_assets.errors import Problem

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
    source = Source(None, str(path / "pass.json" if path.is_dir() else path))
    source.raw = read_json(Path(source.file), source.problems)
    if not path.is_dir() or not isinstance(source.raw, dict):
        if not isinstance(source.raw, dict) and not source.problems:
            source.problems.append(
                problem(source.file, source.raw, "オブジェクト({…})にしてください", "an object is accepted")
            )
        if not isinstance(source.raw, dict):
            raise InputError(source.problems)
        return source
    source.raw["members"] = _members(path / "offers.csv", source)
    for name, columns in _TABLES.items():
        if name == "segments" or (path / f"{name}.csv").exists():
            source.raw[name] = _entries(path / f"{name}.csv", name, columns, source)
    return source


def _members(path: Path, source: Source) -> list[dict[str, Any]]:
    """Return members with their offers, in the order of their first rows."""
    members: dict[str, dict[str, Any]] = {}
    for where, row in _table(path, _OFFER_COLUMNS, source):
        name = row.pop("member", "")
        names = {language: row.pop(f"member_{language}", "") for language in ("ja", "en")}
        member = members.setdefault(name, {"id": name, "name": {}, "offers": []})
        member["name"].update({language: text for language, text in names.items() if text})
        place = f"members[{list(members).index(name)}]"
        source.rows.setdefault(place, where)
        source.rows[f"{place}.offers[{len(member['offers'])}]"] = where
        member["offers"].append(row)
    return list(members.values())


def _entries(path: Path, name: str, columns: tuple[str, ...], source: Source) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for where, row in _table(path, columns, source):
        source.rows[f"{name}[{len(entries)}]"] = where
        entries.append(row)
    return entries


def _table(path: Path, columns: tuple[str, ...], source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield file and row, and the entry, of each row."""
    for line, cells in read_rows(path, str(path), source.problems, known=columns):
        where = f"{path}:{line}"
        entry = entry_of(cells, where, source.problems, listed=(), keyed=_KEYED)
        yield where, {name: _plain(value) for name, value in entry.items()}


def _plain(value: Any) -> Any:
    """Return numbers where cells hold them, in tables of cells too."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    for kind in (int, float):
        try:
            return kind(value)
        except (TypeError, ValueError):
            continue
    return value
