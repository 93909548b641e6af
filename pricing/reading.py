"""
Read a market from a JSON file or a folder of tables.

A folder holds ``market.json`` (id, name, today, periods), ``products.csv``, ``capacities.csv``, ``segments.csv`` or
``segments.json``, and ``rules.json`` where there are rules; or just a ``market.json`` that
holds all. Everything wrong is told at once, with file and row.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, TypeAdapter, ValidationError, create_model

from pricing._check import Entry, Parts, check_market, problems_of
from pricing._tables import entry_of, read_json, read_rows
from pricing._words import problem
from pricing.errors import ConflictingRulesError
from pricing.model import Capacity, Market, Period, Product, Rule, Segment
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from regional_assets.validation import problems_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


_LISTS: dict[str, TypeAdapter[Any]] = {
    "periods": TypeAdapter(Period),
    "capacities": TypeAdapter(Capacity),
    "products": TypeAdapter(Product),
    "segments": TypeAdapter(Segment),
    "rules": TypeAdapter(Rule),
}
_NEEDED = tuple(name for name in _LISTS if name != "rules")
_head_fields: dict[str, Any] = {
    name: (each.annotation, each) for name, each in Market.model_fields.items() if name not in _LISTS
}
_HEAD: TypeAdapter[Any] = TypeAdapter(
    create_model("_Head", __config__=ConfigDict(extra="forbid", str_strip_whitespace=True), **_head_fields)
)
_DAY: TypeAdapter[Any] = TypeAdapter(dt.date)
_CURRENCY = "JPY"
_MOST_PROBLEMS = 100
"""Between fields: nobody reads more, and a file may have them by the thousand."""
_PRODUCT_COLUMNS = (
    "id", "name_ja", "name_en", "operator", "asset", "kind", "date", "start", "end", "rate", "capacities", "ladder",
    "current", "cost", "off_peak", "local_spend", "currency",
)  # fmt: skip
_CAPACITY_COLUMNS = ("id", "name_ja", "name_en", "units", "booked", "booked_yen", "walk_ins")
_SEGMENT_COLUMNS = (
    "id", "name_ja", "name_en", "arrivals", "sensitivity", "sensitivity_low", "sensitivity_high", "appeal", "cancels",
    "stays_away", "source",
)  # fmt: skip
_LISTED = frozenset({"ladder", "arrivals"})
_KEYED = frozenset({"capacities", "appeal"})

Rows = list[tuple[str, Any]]
"""Entries as they were read, each with its file and row."""


def read_market(path: Path | str) -> Market:
    """
    Return the market of a JSON file or of a folder.

    Raises
    ------
    InputError
        With every problem found: file, row and field.
    ConflictingRulesError
        If no prices keep all rules.
    """
    path = Path(path)
    problems: list[Problem] = []
    if path.is_dir() and not (path / "products.csv").exists() and (path / "market.json").exists():
        path = path / "market.json"
    head, lists = _read_folder(path, problems) if path.is_dir() else _read_file(path, problems)
    market, parts = _market(head, lists, f"{path} ", problems)
    try:
        check_market(market)
    except ConflictingRulesError as error:
        raise _with_places(error, parts) from None
    return market


def market_of(raw: Mapping[str, Any]) -> Market:
    """
    Return the market of a JSON object as it came over a wire: every field in the very type that the schema names.

    Whether prices can keep all rules is left to whoever makes a plan: it takes more than a look at each field.

    Raises
    ------
    InputError
        With every problem found, up to the first hundred: the field, in the manner of ``products[3].ladder``.
    """
    problems: list[Problem] = []
    head = dict(raw)
    lists = {name: _rows(head.pop(name), name, problems) for name in _LISTS if name in head}
    return _market([("", head)], lists, "", problems, is_strict=True)[0]


def refuse_conflicts(market: Market) -> None:
    """
    Refuse a market whose rules no prices can keep together; whoever makes a plan does so by themselves.

    Raises
    ------
    InputError
        If the market makes no sense to begin with.
    ConflictingRulesError
        With rules of which none can be left out of the conflict.
    """
    check_market(market)


def _market(
    head: Rows, lists: Mapping[str, Rows], where: str, problems: list[Problem], *, is_strict: bool = False
) -> tuple[Market, Parts]:
    """Return what was read as a market, and its parts, or refuse all of it at once."""
    problems += _missing(where, lists)
    parts = Parts()
    items = {name: _validated(name, lists.get(name), parts, problems, is_strict=is_strict) for name in _LISTS}
    head_fields = _head(head, problems, is_strict=is_strict)
    parts.today = head_fields.get("today")
    problems += islice(problems_of(parts), _MOST_PROBLEMS)
    if problems:
        raise InputError(problems)
    return Market(**{**head_fields, **{name: tuple(each) for name, each in items.items()}}), parts


def _with_places(error: ConflictingRulesError, parts: Parts) -> ConflictingRulesError:
    """Return the same conflict with the places of its rules in their file."""
    places = [entry.where for entry in parts.rules if entry.item.id in error.rules]
    return ConflictingRulesError(
        error.rules,
        Text(ja=f"{error.message.ja}({'、'.join(places)})", en=f"{error.message.en} ({', '.join(places)})"),
    )


def _read_file(path: Path, problems: list[Problem]) -> tuple[Rows, dict[str, Rows]]:
    raw = read_json(path, problems)
    if raw is not None and not isinstance(raw, dict):
        problems.append(
            problem(str(path), None, "商品などを持つオブジェクト({…})にしてください", "an object is accepted")
        )
        raw = None
    if raw is None:
        raise InputError(problems)
    _refuse_other_currencies(raw, str(path), problems)
    lists = {name: _rows(raw.pop(name), f"{path} {name}", problems) for name in _LISTS if name in raw}
    return [(str(path), raw)], lists


def _read_folder(path: Path, problems: list[Problem]) -> tuple[Rows, dict[str, Rows]]:
    head = read_json(path / "market.json", problems)
    if head is not None and not isinstance(head, dict):
        problems.append(
            problem(str(path / "market.json"), None, "オブジェクト({…})にしてください", "an object is accepted")
        )
        head = None
    lists: dict[str, Rows] = {}
    if head is not None and "periods" in head:
        lists["periods"] = _rows(head.pop("periods"), f"{path / 'market.json'} periods", problems)
    currency = head.get("currency", _CURRENCY) if head is not None else _CURRENCY
    lists["products"] = _table(path / "products.csv", _PRODUCT_COLUMNS, problems)
    for where, row in lists["products"]:
        _refuse_other_currency(row, currency, where, problems)
    lists["capacities"] = _table(path / "capacities.csv", _CAPACITY_COLUMNS, problems)
    if (path / "segments.csv").exists():
        lists["segments"] = _table(path / "segments.csv", _SEGMENT_COLUMNS, problems)
    else:
        lists["segments"] = _list_file(path / "segments.json", problems)
    if (path / "rules.json").exists():
        lists["rules"] = _list_file(path / "rules.json", problems)
    known = {"market.json", "products.csv", "capacities.csv", "segments.csv", "segments.json", "rules.json"}
    if (path / "segments.csv").exists() and (path / "segments.json").exists():
        problems.append(
            problem(str(path), None, "segments は csv と json のどちらか一方だけにしてください", "give segments once")
        )
    problems += [
        problem(str(file), file.name, "知らないファイルです", f"unknown file; accepted: {', '.join(sorted(known))}")
        for file in sorted(path.iterdir())
        if file.suffix in {".csv", ".json"} and file.name not in known
    ]
    return ([(str(path / "market.json"), head)] if head is not None else []), lists


def _missing(where: str, lists: Mapping[str, Rows]) -> Iterator[Problem]:
    for name in _NEEDED:
        if name not in lists:
            yield problem(f"{where}{name}", None, "必須の項目がありません", "required, and missing")
        elif not lists[name]:
            yield problem(f"{where}{name}", None, "1個以上必要です", "at least 1 needed")


def _list_file(path: Path, problems: list[Problem]) -> Rows:
    before = len(problems)
    raw = read_json(path, problems)
    return _rows(raw, str(path), problems) if len(problems) == before else []


def _rows(raw: Any, where: str, problems: list[Problem]) -> Rows:
    if not isinstance(raw, list):
        problems.append(problem(where, raw, "リスト([…])にしてください", "a list is accepted"))
        return []
    return [(f"{where}[{index}]", entry) for index, entry in enumerate(raw)]


def _validated(name: str, rows: Rows | None, parts: Parts, problems: list[Problem], *, is_strict: bool) -> list[Any]:
    """Return the entries of a list that are right one by one, and put them among the parts."""
    items = []
    for where, raw in rows or []:
        try:
            item = _entry(_LISTS[name], raw, is_strict=is_strict)
        except ValidationError as error:
            problems += _without_type(raw, problems_from(error, where), where)
            _remember(name, raw, parts)
            continue
        items.append(item)
        getattr(parts, name).append(Entry(where, item))
    if name == "periods" and rows:
        parts.periods_read = len(rows)
    return items


def _entry(shape: TypeAdapter[Any], raw: Any, *, is_strict: bool) -> Any:
    # Strictness of Python would want dates as dates and lists as tuples: JSON has neither.
    return shape.validate_json(json.dumps(raw), strict=True) if is_strict else shape.validate_python(raw)


def _without_type(raw: Any, problems: Iterable[Problem], where: str) -> Iterator[Problem]:
    """Yield the same problems without the type of a rule, which pydantic puts in front of its fields."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    for each in problems:
        yield replace(each, where=each.where.replace(f"{where} {kind}.", f"{where} ", 1))


def _remember(name: str, raw: Any, parts: Parts) -> None:
    """Keep the id of a broken entry, so that others may name it."""
    known = {"products": parts.products_named, "capacities": parts.capacities_named}.get(name)
    if known is not None and isinstance(raw, dict) and isinstance(raw.get("id"), str):
        known.add(raw["id"].strip())


def _head(rows: Rows, problems: list[Problem], *, is_strict: bool) -> dict[str, Any]:
    """Return the fields of a market that are no lists, refusing what is wrong with them."""
    if not rows:
        return {}
    where, raw = rows[0]
    try:
        return dict(_entry(_HEAD, raw, is_strict=is_strict))
    except ValidationError as error:
        problems += problems_from(error, where)
    try:
        return {"today": _entry(_DAY, raw.get("today"), is_strict=is_strict)}
    except ValidationError:
        return {}


def _table(path: Path, columns: Sequence[str], problems: list[Problem]) -> Rows:
    """Return the rows of a table as entries of a model."""
    return [
        (f"{path}:{line}", entry_of(cells, f"{path}:{line}", problems, listed=_LISTED, keyed=_KEYED))
        for line, cells in read_rows(path, str(path), problems, known=columns)
    ]


def _refuse_other_currencies(raw: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
    products = raw.get("products")
    for index, product in enumerate(products if isinstance(products, list) else []):
        if isinstance(product, dict):
            _refuse_other_currency(product, raw.get("currency", _CURRENCY), f"{where} products[{index}]", problems)


def _refuse_other_currency(product: dict[str, Any], currency: Any, where: str, problems: list[Problem]) -> None:
    """Take the currency off a product; one market has one."""
    found = product.pop("currency", currency)
    if found != currency:
        problems.append(
            problem(
                f"{where} currency",
                found,
                f"通貨が混ざっています: {found}(この市場は {currency})",
                f"currencies are mixed: {found!r} in a market of {currency!r}; one is accepted",
            )
        )
