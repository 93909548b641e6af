"""Read one municipal CSV file: every row becomes an asset or a refusal, and the counts add up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from regional_assets.errors import Problem
from regional_assets.readers.municipal._cells import clean, fact
from regional_assets.readers.municipal._datasets import recognise
from regional_assets.readers.municipal._positions import position_warnings
from regional_assets.readers.municipal._rows import Context, RefusedRow, RowReader, asset_id
from regional_assets.readers.municipal._table import read_table
from regional_assets.report import ReadResult
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regional_assets.model import Asset
    from regional_assets.readers.municipal._datasets import Dataset
    from regional_assets.readers.municipal._table import Row, Table

_PROGRESS_EVERY = 200
_MOST_REPEATED = 0.1
# Words of columns and of file names, and the Japanese words by which the table of kinds knows them. The first two tell
# what every row is; the last only helps where a name says nothing.
_COLUMN_HINTS = {
    "直売所の名称": "直売所",
    "トイレ名": "公衆トイレ",
    "手すりの形状": "公衆トイレ",
    "店舗名": "マーケット",
    "客室数": "ホテル",
    "jigyosha": "特産品",
}
_FILE_WORDS = {"ramen": "ラーメン", "hotel": "ホテル", "toilet": "公衆トイレ", "michinoeki": "道の駅"}
_FILE_HINTS = {"geopark": "ジオパーク", "park": "公園"}


def read_municipal(
    path: str | Path,
    *,
    dataset: str | None = None,
    licence: str | None = None,
    id_prefix: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> ReadResult:
    """
    Read a municipal CSV file (also ``.csv.gz``) into assets.

    Encoding, delimiter, generation and kind of the data set are found out. Cells that cannot be read stay unknown and
    are told in ``warnings``; kinds, visit lengths and whatever else is filled in is flagged in each asset.

    Parameters
    ----------
    path
        File.
    dataset
        ``tourism``, ``heritage``, ``event``, ``toilet``, ``facility``, ``wifi``, ``food`` or ``other``, where the
        columns alone would be taken for something else.
    licence
        Licence of the data; kept with every asset.
    id_prefix
        Beginning of the ids; the name of the file where not given.
    progress
        Called with the number of rows read so far.

    Returns
    -------
    result
        ``rows`` = accepted + refused.

    Raises
    ------
    InputError
        If the file cannot be read at all, or it cannot be told what it lists.
    """
    path = Path(path)
    table = read_table(path)
    if {"jhno", "pidx"} <= set(table.header):
        from regional_assets.readers.heritage import read_heritage

        return read_heritage(path, licence=licence, progress=progress)
    kind = recognise(table.header, file=path.name, wanted=dataset)
    if kind.key == "catalogue":
        return _catalogue(table, kind)
    context = _context(path, table, kind, licence)
    assets, refused = _read_rows(table, context, id_prefix or _slug(path), progress)
    context.warnings += position_warnings(assets, path.name)
    # Promised to callers, and worth stopping for: no row may get lost.
    assert len(table.rows) == len(assets) + len(refused), f"{path.name}: rows do not add up"
    return ReadResult(path.name, kind.label, len(table.rows), tuple(assets), tuple(refused), tuple(context.warnings))


def _read_rows(
    table: Table, context: Context, prefix: str, progress: Callable[[int], None] | None
) -> tuple[list[Asset], list[Problem]]:
    assets: list[Asset] = []
    refused: list[Problem] = []
    taken: set[str] = set()
    for count, row in enumerate(table.rows, start=1):
        if progress is not None and count % _PROGRESS_EVERY == 0:
            progress(count)
        before = len(context.warnings)
        reader = RowReader(context, row)
        try:
            wanted = asset_id(prefix, reader)
            unique = _unique(wanted, taken)
            asset = reader.asset(unique)
        except RefusedRow as refusal:
            # A refused row needs no further remarks on its other cells.
            del context.warnings[before:]
            refused.append(refusal.problem)
            continue
        if unique != wanted:
            reader.warn(
                "id",
                wanted,
                f"ID {wanted!r} が前の行にもあるので {unique!r} としました",
                f"the id {wanted!r} occurs before; this row is {unique!r}",
            )
        _warn_of_surplus(reader, row)
        taken.add(unique)
        assets.append(asset)
    if progress is not None:
        progress(len(table.rows))
    return assets, refused


def _unique(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def _warn_of_surplus(reader: RowReader, row: Row) -> None:
    if row.surplus:
        values = "、".join(row.surplus)[:120]
        reader.warn(
            "",
            row.surplus,
            f"見出しのない列に値があります(列のずれかもしれません): {values}",
            f"has values in columns without a header (columns may have shifted): {values}",
        )


def _catalogue(table: Table, kind: Dataset) -> ReadResult:
    """Refuse every row of a list of data sets: it holds no places."""
    reason = Text(ja="データセットの目録の行で、場所ではありません", en="lists a data set, not a place")
    refused = tuple(
        Problem(f"{table.name}:{row.line}", next(iter(row.cells.values()), ""), reason) for row in table.rows
    )
    return ReadResult(table.name, kind.label, len(table.rows), (), refused)


def _guessed(file: str, kind: Dataset, header: Sequence[str]) -> Problem:
    unused = ", ".join(name for name in header if name and name not in kind.columns.values())
    more_ja, more_en = (f"。使わなかった列: {unused}", f"; not used: {unused}") if unused else ("", "")
    columns = ", ".join(f"{key} = {column}" for key, column in kind.columns.items())
    return Problem(
        file,
        kind.columns,
        Text(
            ja=f"標準の見出しではないので、列を名前から推定しました: {columns}{more_ja}",
            en=f"not a standard header; columns guessed from their names: {columns}{more_en}",
        ),
    )


def _context(path: Path, table: Table, kind: Dataset, licence: str | None) -> Context:
    """Return what all rows share, with one warning for each doubt that concerns the file as a whole."""
    strong, weak = "", ""
    if kind.guessed:
        strong = next((word for column, word in _COLUMN_HINTS.items() if column in table.header), "")
        strong = strong or next((word for part, word in _FILE_WORDS.items() if part in path.name.lower()), "")
        weak = next((word for part, word in _FILE_HINTS.items() if part in path.name.lower()), "")
    context = Context(path.name, kind, licence, strong, weak)
    if kind.guessed:
        context.warnings.append(_guessed(path.name, kind, table.header))
    filled = [row for row in table.rows if not row.is_empty]
    lat = kind.columns.get("lat", "")
    if filled and not any(fact(row.cells.get(lat, "")) for row in filled):
        context.has_positions = False
        message = Text(
            ja=f"どの行にも位置がありません({len(filled)} 行。計画に使うには位置が要ります)",
            en=f"no row has a position ({len(filled)} rows; they are kept, but cannot be planned)",
        )
        context.warnings.append(Problem(path.name, lat, message))
    ids = [clean(row.cells.get(kind.columns.get("id", ""), "")) for row in filled]
    given = [own for own in ids if own]
    repeated = len(given) - len(set(given))
    if repeated > _MOST_REPEATED * len(given):
        context.own_ids = False
        message = Text(
            ja=f"ID 列の値が {repeated} 回重複しているので、行番号を ID にしました",
            en=f"values of the id column are repeated {repeated} times; line numbers are used as ids",
        )
        context.warnings.append(Problem(path.name, kind.columns.get("id", ""), message))
    return context


def _slug(path: Path) -> str:
    stem = path.name.split(".csv")[0].split(".CSV")[0]
    return re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-") or "municipal"
