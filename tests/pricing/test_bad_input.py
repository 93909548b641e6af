"""Nonsense is told with file, row and field in both languages, from JSON, from tables and from booking records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_markets import market, product
from written_markets import CAPACITIES, PRODUCTS, SEGMENTS, file, folder

from pricing.errors import ConflictingRulesError
from pricing.estimation import read_bookings
from pricing.pass_model import load_pass
from pricing.reading import read_market
from regional_assets.errors import InputError

TWO_RATES = market(
    products=(product(), product("loom-r", rate="resident", ladder=(1000, 2000), current=1000)),
)
"""A market with a public and a resident rate of one slot."""


def lines_of(read: Callable[[Path], Any], path: Path) -> list[tuple[str, str]]:
    """Return place and English words of every problem, each of which has words of its own in Japanese."""
    with pytest.raises(InputError) as refused:
        read(path)
    for problem in refused.value.problems:
        assert problem.message.ja
        assert any(ord(letter) > 0x3000 for letter in problem.message.ja)
    return [(problem.where.replace(f"{path.parent}/", ""), problem.message.en) for problem in refused.value.problems]


def changed(at: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Write the market of two rates as JSON, changed."""
    raw = json.loads(TWO_RATES.model_dump_json())
    change(raw)
    return file(at, **raw)


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        (lambda raw: raw["products"][0].update(ladder=[1000, -5]), "products[0] ladder[1]", "at least 0"),
        (lambda raw: raw["products"][1].update(current=-5), "products[1] current", "at least 0"),
        (lambda raw: raw["products"][0].update(ladder=[1000, 3000, 2000]), "products[0] ladder", "must rise"),
        (lambda raw: raw["capacities"][0].update(units=0), "capacities[0] units", "at least 1"),
        (
            lambda raw: raw["products"][1].update(ladder=[4000], current=4000),
            "products[1] ladder",
            "every public price",
        ),
        (lambda raw: raw["products"][0].update(date="2027-01-01"), "products[0] date", "after the last period"),
        (lambda raw: raw["products"][0].update(date="2026-11-30"), "products[0] date", "in the past"),
        (lambda raw: raw["capacities"][0].update(booked=1001), "capacities[0] booked", "1001 booked of 1000"),
        (lambda raw: raw["products"][1].update(id="loom"), "products[1] id", "taken by"),
        (lambda raw: raw["products"][1].update(currency="USD"), "products[1] currency", "currencies are mixed"),
    ],
)
def test_nonsense_in_json_is_told_with_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], where: str, words: str
) -> None:
    """One problem, at the entry and field that is wrong."""
    ((place, told),) = lines_of(read_market, changed(tmp_path, change))
    assert place == f"market.json {where}"
    assert words in told


@pytest.mark.parametrize(
    ("files", "where", "words"),
    [
        (
            {"products_csv": PRODUCTS.replace("1000;1500;2000", "1000;-5;2000")},
            "products.csv:2 ladder[1]",
            "at least 0",
        ),
        ({"products_csv": PRODUCTS.replace("500;1000,1000", "500;1000,-5")}, "products.csv:3 current", "at least 0"),
        ({"products_csv": PRODUCTS.replace("1000;1500;2000", "1500;1000;2000")}, "products.csv:2 ladder", "must rise"),
        ({"capacities_csv": CAPACITIES.replace("席,20", "席,0")}, "capacities.csv:2 units", "at least 1"),
        (
            {"products_csv": PRODUCTS.replace("500;1000,1000", "5000,5000")},
            "products.csv:3 ladder",
            "every public price",
        ),
        ({"products_csv": PRODUCTS.replace("-20,", "-21,", 1)}, "products.csv:2 date", "after the last period"),
        ({"capacities_csv": CAPACITIES.replace("席,20,3", "席,20,23")}, "capacities.csv:2 booked", "23 booked of 20"),
        ({"capacities_csv": CAPACITIES.replace("table,", "seats,")}, "capacities.csv:3 id", "taken by"),
        ({"products_csv": PRODUCTS.replace("2026-12-20", "the 20th", 1)}, "products.csv:2 date", ""),
        ({"segments_csv": SEGMENTS.replace("10;12.5", "10;-12.5")}, "segments.csv:2 arrivals[1]", "at least 0"),
    ],
)
def test_nonsense_in_tables_is_told_with_its_row(tmp_path: Path, files: dict[str, str], where: str, words: str) -> None:
    """One problem at least (an id that is gone is missed elsewhere), in the row and column that is wrong."""
    (tmp_path / "mill").mkdir()
    told = dict(lines_of(read_market, folder(tmp_path / "mill", **files)))
    assert words in told[f"mill/{where}"]


def test_all_nonsense_of_a_market_is_told_at_once(tmp_path: Path) -> None:
    """Six faults of issue and life in one file are six lines."""

    def change(raw: dict[str, Any]) -> None:
        raw["products"][0] |= {"ladder": [1000, -5], "currency": "EUR"}
        raw["products"].append(raw["products"][1] | {"date": "2027-01-01"})
        raw["capacities"][0]["units"] = 0
        raw["segments"][0]["arrivals"] = [1]

    assert [where for where, _ in lines_of(read_market, changed(tmp_path, change))] == [
        "market.json products[0] currency",
        "market.json capacities[0] units",
        "market.json products[0] ladder[1]",
        "market.json products[2] id",
        "market.json products[2] date",
        "market.json segments[0] arrivals",
    ]


@pytest.mark.parametrize("is_table", [False, True])
def test_rules_that_nothing_keeps_are_named_with_their_rows(tmp_path: Path, is_table: bool) -> None:
    """Only the two rules that conflict, in words, with their ids and where they stand."""
    rules = [
        {"type": "range", "id": "low", "cap": 1000},
        {"type": "rounding", "id": "round", "unit": 500},
        {"type": "range", "id": "high", "floor": 1500, "products": ["loom"]},
    ]
    path = folder(tmp_path, rules_json=json.dumps(rules)) if is_table else file(tmp_path, rules=rules)
    with pytest.raises(ConflictingRulesError) as refused:
        read_market(path)
    name = "rules.json" if is_table else "market.json rules"
    assert refused.value.rules == ("low", "high")
    assert f"({tmp_path}/{name}[0], {tmp_path}/{name}[2])" in refused.value.message.en
    assert "「1,000円以下」(low)、「1,500円以上」(high)" in refused.value.message.ja
    assert f"({tmp_path}/{name}[0]、{tmp_path}/{name}[2])" in refused.value.message.ja


def test_all_nonsense_of_booking_records_is_told_at_once(tmp_path: Path) -> None:
    """Negative, huge and foreign prices, an id twice, days outside the horizon, a row cut short: each with its line."""
    (tmp_path / "b.csv").write_text(
        "booking,booked_on,date,product,price,quantity\n"
        "1,2026-04-01,2026-04-29,a,-5,1\n"
        "2,2026-04-01,2026-04-29,a,$5,1\n"
        f"2,2026-04-01,2026-04-29,a,{'9' * 400},{'9' * 5000}\n"
        "4,2025-04-01,2026-04-29,a,5,1\n"
        "5,2026-04-01,2027-04-29,a,5,1\n"
        "6,2026-04-01\n",
        encoding="utf-8",
    )
    first, last = TWO_RATES.today.replace(month=1), TWO_RATES.today
    told = lines_of(lambda path: read_bookings(path, horizon=(first, last)), tmp_path / "b.csv")
    assert {where for where, _ in told} == {
        "b.csv:2 price",
        "b.csv:3 price",
        "b.csv:4 booking",
        "b.csv:4 price",
        "b.csv:4 quantity",
        "b.csv:5 booked_on",
        "b.csv:6 date",
        "b.csv:7",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [('{"id": NaN}', "NaN is not a number"), ('{"id": "a", "id": "b"}', "'id' stands twice"), ("[1]", "an object")],
)
def test_files_that_are_no_pass_are_refused_like_those_that_are_no_market(
    tmp_path: Path, text: str, words: str
) -> None:
    """All files are read alike: nothing stands twice, and what is no number is none."""
    (tmp_path / "pass.json").write_text(text, encoding="utf-8")
    for read in (load_pass, read_market):
        assert any(words in told for _, told in lines_of(read, tmp_path / "pass.json"))
