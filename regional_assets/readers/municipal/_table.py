"""A CSV file as publishers really write it: encodings, delimiters, comment lines, gzip; rows with line numbers."""

from __future__ import annotations

import csv
import gzip
import io
import re
import unicodedata
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DELIMITERS = (",", "\t", ";")
_BRACKETS = str.maketrans({"（": "(", "）": ")", "［": "[", "］": "]", "＿": "_"})
_SPREADSHEETS = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")
# What Python's CP932 makes of bytes that Shift_JIS does not know.
_NOT_SHIFT_JIS = re.compile(r"[\uf8f0-\uf8f3]")
_FEW_BROKEN = 0.3
_LINKDATA = "#LINK"
_LINKDATA_HEADER = re.compile(r"#property(?:<|$)")


@dataclass(frozen=True, slots=True)
class Row:
    """
    Hold one row.

    Parameters
    ----------
    line
        Line of the file on which the row begins, counted from 1; a quoted cell may span lines.
    cells
        Text by header, as it stands; columns without a header and missing cells are left out.
    surplus
        Cells beyond the header that hold something.
    """

    line: int
    cells: dict[str, str]
    surplus: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not self.surplus and not any(value.strip() for value in self.cells.values())


@dataclass(frozen=True, slots=True)
class Table:
    """
    Hold a CSV file.

    Parameters
    ----------
    name
        File name.
    encoding
        As detected.
    header
        Column names in one spelling (half-width, no spaces around).
    rows
        In order.
    """

    name: str
    encoding: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """
    Read a CSV file (also ``.csv.gz``), whatever its encoding and delimiter.

    Raises
    ------
    InputError
        If the file is missing, empty, a spreadsheet, in no known encoding, or has no header row.
    """
    text, encoding = _decode(_read_bytes(path), path.name)
    delimiter = _delimiter(text)
    lines = _records(text, delimiter, path.name)
    header: list[str] | None = None
    rows: list[Row] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            if header is not None and len(cells) > 1:
                rows.append(Row(line, {}))
            continue
        first = cells[0].strip()
        if _LINKDATA_HEADER.match(first):
            header = ["id", *(header_name(cell) for cell in cells[1:])]
        elif header is None and first.startswith("#"):
            continue
        elif header is None:
            header = [header_name(cell) for cell in cells]
        elif not (first.startswith("#") and _is_linkdata(text)):
            rows.append(_row(line, header, cells))
    if header is None:
        raise _refuse(path.name, "", "見出しの行がありません", "there is no header row")
    return Table(path.name, encoding, tuple(header), tuple(rows))


def header_name(cell: str) -> str:
    """Return a column name in one spelling: half-width brackets and letters, single spaces, no byte order mark."""
    plain = unicodedata.normalize("NFKC", cell.translate(_BRACKETS)).strip("\ufeff \t\r\n")
    return re.sub(r"\s+", " ", plain)


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    named: dict[str, str] = {}
    for name, cell in zip(header, cells, strict=False):
        # Of columns with one and the same name, the first that holds something counts.
        if name and not named.get(name, "").strip():
            named[name] = cell
    surplus = [cell for cell in cells[len(header) :] if cell.strip()]
    surplus += [cell for name, cell in zip(header, cells, strict=False) if not name and cell.strip()]
    return Row(line, named, tuple(surplus))


def _is_linkdata(text: str) -> bool:
    return text.lstrip("\ufeff").startswith(_LINKDATA)


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _refuse(str(path), str(path), "ファイルがありません", "no such file") from None
    except IsADirectoryError:
        raise _refuse(str(path), str(path), "ファイルではなくフォルダーです", "is a folder, not a file") from None
    except OSError as error:
        raise _refuse(
            str(path), str(path), f"読めません({error.strerror})", f"cannot be read ({error.strerror})"
        ) from None
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise _refuse(path.name, "", "gzip が壊れています", "the gzip data is broken") from None
    if data.startswith(_SPREADSHEETS):
        raise _refuse(
            path.name,
            path.suffix,
            "CSV ではなく表計算のファイルです。CSV(UTF-8)で保存し直してください",
            "is a spreadsheet, not a CSV file; save it as CSV (UTF-8) first",
        )
    if not data.strip():
        raise _refuse(path.name, "", "空のファイルです", "the file is empty")
    return data


def _decode(data: bytes, name: str) -> tuple[str, str]:
    candidates = ["utf-8-sig", "cp932"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp932":
            _refuse_broken_utf8(data, name)
        if "\0" not in text and not _NOT_SHIFT_JIS.search(text):
            return text, "utf-8" if encoding == "utf-8-sig" else encoding
    tried = ", ".join(candidates).replace("utf-8-sig", "UTF-8").replace("cp932", "CP932 (Shift_JIS)")
    raise _refuse(
        name,
        tried,
        f"文字コードが分かりません({tried} を試しました)。UTF-8 で保存し直してください",
        f"is in an unknown encoding (tried {tried}); save it as UTF-8",
    )


def _refuse_broken_utf8(data: bytes, name: str) -> None:
    """Refuse UTF-8 with a few broken bytes: as CP932 it would decode to nonsense."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken and broken < _FEW_BROKEN * sum(not character.isascii() for character in text):
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        raise _refuse(
            f"{name}:{line}",
            broken,
            f"UTF-8 として壊れています({broken} か所)。UTF-8 で保存し直してください",
            f"is UTF-8 with {broken} broken characters; save it as UTF-8 again",
        )


def _delimiter(text: str) -> str:
    """Return the delimiter that occurs most often in the first line that is no comment."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    first = next(lines, "")
    return max(_DELIMITERS, key=first.count)


def _records(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the physical line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refuse(
                f"{name}:{line}",
                "",
                f"CSV として読めません({error})。引用符が閉じているか確かめてください",
                f"cannot be read as CSV ({error}); check that every quote is closed",
            ) from None
        yield line, cells


def _refuse(where: str, value: object, ja: str, en: str) -> InputError:
    return InputError([Problem(where, value, Text(ja=ja, en=en))])
