"""Cells of municipal tables: clean text, yes/no, numbers and dates; what cannot be read is unknown, never guessed."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import TYPE_CHECKING

from regional_assets.model import DateRange

if TYPE_CHECKING:
    from regional_assets.model import Known

SPREADSHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "########"})
_NOTHING = frozenset({"-", "--", "―", "ー", "－", "‐", "−", "なし", "無し", "null", "NULL", "None", "nan", ","})
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z][^<>]*>")
_BREAK = re.compile(r"<\s*br[^<>]*>", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u3000]+")
_YES = re.compile(r"^(?:有り?|あり|可|可能|○|〇|◯|●|◎|はい|yes|y|true|[1-9]\d*)(?:$|[\s(、・。])", re.IGNORECASE)
_NO = re.compile(r"^(?:無し?|なし|否|不可|×|✕|✖|いいえ|no|n|false|0)(?:$|[\s(、・。])", re.IGNORECASE)
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
_DATE = re.compile(
    r"(?:(?P<era>令和|平成|[RH](?=\d))\s*(?P<era_year>\d{1,2}|元)|(?P<year>\d{4}))\s*[年/.\-]\s*(?P<month>\d{1,2})\s*[月/.\-]\s*"
    r"(?P<day>\d{1,2})(?!\d)\s*日?"
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_AFTER_DATE = re.compile(r"(?:\s*[(][^()]*[)])*(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?")
_TO = re.compile(r"\s*(?:~|〜|-|から)\s*")


def clean(cell: str | None) -> str:
    """Return one line of text without tags, tabs and full-width spaces; empty for error values of spreadsheets."""
    if not cell:
        return ""
    text = cell if "<" not in cell else _TAG.sub(" ", cell)
    text = _SPACES.sub(" ", text).strip()
    return "" if text in SPREADSHEET_ERRORS else text


def fact(cell: str | None) -> str:
    """Return a cell as by `clean`, empty also where it only says that there is nothing (``-``, 「なし」)."""
    text = clean(cell)
    return "" if text in _NOTHING else text


def untagged(cell: str | None) -> str:
    """Return a cell with its line breaks, without HTML; empty for error values of spreadsheets."""
    if not cell or cell.strip() in SPREADSHEET_ERRORS:
        return ""
    return cell if "<" not in cell else _TAG.sub("", _BREAK.sub("\n", cell))


def yes_no(cell: str | None) -> Known:
    """Return what 有/無, 可/否, ○/× or a count says; anything else is unknown."""
    text = unicodedata.normalize("NFKC", clean(cell))
    if _YES.match(text):
        return "yes"
    return "no" if _NO.match(text) else "unknown"


def number(cell: str | None) -> float | None:
    """Return a decimal number; ``None`` where the cell holds none."""
    text = unicodedata.normalize("NFKC", clean(cell)).rstrip("°度NEne").strip()
    return float(text) if re.fullmatch(r"[+-]?\d{1,9}(?:\.\d+)?", text) else None


def date_of(cell: str | None) -> datetime.date | None:
    """Return a full date in any of the usual forms (2024/4/19, 2024-04-19, 令和6年4月19日, 20240419), else ``None``."""
    text = unicodedata.normalize("NFKC", clean(cell))
    match = _DATE.match(text) or _COMPACT.match(text)
    if match is None or not _AFTER_DATE.fullmatch(text, match.end()):
        return None
    return _date(match)


def date_ranges(text: str) -> tuple[DateRange, ...]:
    """Return the dates of a text in which every line is a date or a range of dates (hours may follow); else nothing."""
    ranges: list[DateRange] = []
    for line in unicodedata.normalize("NFKC", text).replace("〜", "~").splitlines():
        if not line.strip():
            continue
        first_match = _DATE.match(line.strip())
        first = _date(first_match) if first_match else None
        if first is None or first_match is None:
            return ()
        rest = line.strip()[first_match.end() :]
        to = _TO.match(rest)
        last_match = _DATE.match(rest, to.end()) if to else None
        last = _date(last_match) if last_match else first
        if last is None or last < first:
            return ()
        ranges.append(DateRange(first=first.isoformat(), last=last.isoformat()))
    return tuple(ranges)


def _date(match: re.Match[str]) -> datetime.date | None:
    groups = match.groupdict()
    if groups["year"]:
        year = int(groups["year"])
    else:
        era_year = 1 if groups["era_year"] == "元" else int(groups["era_year"])
        year = _ERAS[groups["era"]] + era_year
    try:
        return datetime.date(year, int(groups["month"]), int(groups["day"]))
    except ValueError:
        return None
