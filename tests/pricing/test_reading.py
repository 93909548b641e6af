"""A market is read whole or refused with every problem, its file and its row; a plan is written as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_markets import market, product, segment
from written_markets import CAPACITIES, PRODUCTS, SEGMENTS, file, folder

from pricing.errors import ConflictingRulesError
from pricing.model import Market, RangeRule
from pricing.reading import market_of, read_market
from regional_assets.errors import InputError


def told(path: Path) -> dict[str, str]:
    """Return what is wrong with a market, by place (without the folder)."""
    with pytest.raises(InputError) as refused:
        read_market(path)
    for problem in refused.value.problems:
        assert problem.message.ja
        assert problem.message.ja != problem.message.en
    return {Path(problem.where).name: problem.message.en for problem in refused.value.problems}


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """One JSON file holds the whole market, rules too."""
    whole = market(rules=(RangeRule(id="floor", floor=1500),))
    (tmp_path / "m.json").write_text(whole.model_dump_json(), encoding="utf-8")
    assert read_market(tmp_path / "m.json") == whole


def test_tables_are_read_into_the_same_market(tmp_path: Path) -> None:
    """A folder of tables holds names, ladders, capacities and appeals in cells; empty cells are what nobody said."""
    found = read_market(folder(tmp_path, rules_json='[{"type": "range", "id": "cap", "cap": 1500}]'))
    loom, resident = found.products
    assert loom.capacities == {"seats": 1, "table": 2}
    assert loom.ladder == (1000, 1500, 2000)
    assert (loom.off_peak, loom.local_spend, loom.cost) == (True, None, 0)
    assert (resident.rate, resident.capacities, resident.off_peak, resident.local_spend, resident.cost) == (
        ("resident", {"seats": 1, "table": 2}, None, 800, 200)
    )
    assert resident.name.en is None
    assert found.capacities[0].booked_yen == 4500
    assert found.segments[0].arrivals == (10.0, 12.5)
    assert found.segments[0].appeal == {"loom": 1.5, "loom-r": -0.5}
    assert found.segments[0].sensitivity_range == (0.8, 1.6)
    assert found.rules == (RangeRule(id="cap", cap=1500),)


def test_segments_may_be_json_beside_tables(tmp_path: Path) -> None:
    """``segments.json`` stands for ``segments.csv``."""
    folder(tmp_path)
    (tmp_path / "segments.csv").unlink()
    (tmp_path / "segments.json").write_text(f"[{segment().model_dump_json()}]", encoding="utf-8")
    assert read_market(tmp_path).segments == (segment(),)


def test_problems_of_tables_name_file_and_row(tmp_path: Path) -> None:
    """Every problem is told at once, in whichever table it is."""
    problems = told(
        folder(
            tmp_path,
            products_csv=PRODUCTS.replace("1000;1500;2000,1500", "1000;-5;2000,1500").replace("seats;table", "seat"),
            capacities_csv=CAPACITIES.replace("seats,席,20", "seats,席,0"),
            segments_csv=SEGMENTS.replace("10;12.5", "10"),
            rules_json='[{"type": "range", "id": "cap", "cap": "much"}, {"type": "bingo", "id": "x"}]',
        )
    )
    assert problems["products.csv:2 ladder[1]"] == "at least 0 is accepted (-5)"
    assert "unknown capacity 'seat'" in problems["products.csv:3 capacities"]
    assert problems["capacities.csv:2 units"] == "at least 1 is accepted (0)"
    assert "1 figures for 2 periods" in problems["segments.csv:2 arrivals"]
    assert "a whole number" in problems["rules.json[0] cap"]
    assert "daily-step" in problems["rules.json[1]"]
    assert len(problems) == 6


def test_broken_entries_are_not_called_unknown(tmp_path: Path) -> None:
    """A product with a wrong price is known by its id: only the price is told of."""
    assert set(told(folder(tmp_path, products_csv=PRODUCTS.replace("500;1000,1000", "500;x,1000")))) == {
        "products.csv:3 ladder[1]"
    }


@pytest.mark.parametrize(
    ("table", "place", "message"),
    [
        ("id,colour\nloom,red\n", "products.csv:1 colour", "unknown column"),
        ("id,id\nloom,loom\n", "products.csv:1 id", "stands twice"),
        ("id\nloom,red\n", "products.csv:2", "2 cells for 1 columns"),
        (PRODUCTS.replace("seats=1;table=2", "seats=1;seats=2"), "products.csv:2 capacities", "'seats' stands twice"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path: Path, table: str, place: str, message: str) -> None:
    """Nothing of a table is dropped: unknown or doubled columns, cells too many, keys twice, no rows."""
    problems = told(folder(tmp_path, products_csv=table))
    assert message in problems[place]


def test_mixed_currencies_are_refused(tmp_path: Path) -> None:
    """One market has one currency, which is the yen."""
    products = PRODUCTS.replace("local_spend\n", "local_spend,currency\n").replace(",yes,\n", ",yes,,USD\n")
    assert "currencies are mixed" in told(folder(tmp_path, products_csv=products))["products.csv:2 currency"]
    raw = json.loads(product().model_dump_json())
    place = "market.json products[0] currency"
    assert "currencies are mixed" in told(file(tmp_path, products=[raw | {"currency": "EUR"}]))[place]
    assert "JPY" in told(file(tmp_path, currency="EUR"))["market.json currency"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "an object is accepted"),
        ('{"id": NaN}', "NaN is not a number"),
    ],
)
def test_files_that_are_no_market_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """Text that is no JSON object is told as such."""
    (tmp_path / "m.json").write_text(text, encoding="utf-8")
    assert any(message in each for each in told(tmp_path / "m.json").values())


def test_keys_that_stand_twice_are_refused(tmp_path: Path) -> None:
    """JSON would silently keep the last."""
    path = file(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace('"today"', '"id": "again", "today"'), encoding="utf-8")
    assert "stands twice" in told(path)["market.json id"]


def test_missing_lists_and_files_are_told(tmp_path: Path) -> None:
    """What is needed and not there has a line of its own."""
    assert told(file(tmp_path, products=[]))["market.json products"] == "at least 1 needed"
    (tmp_path / "mill").mkdir()
    assert told(folder(tmp_path / "mill", products_csv=""))["mill products"] == "at least 1 needed"
    (tmp_path / "empty").mkdir()
    problems = told(tmp_path / "empty")
    assert {"market.json", "products.csv", "capacities.csv", "segments.json"} <= set(problems)
    assert told(tmp_path / "nowhere.json") == {"nowhere.json": "no such file"}


def test_a_folder_may_hold_a_whole_market(tmp_path: Path) -> None:
    """Without tables, its ``market.json`` is the market, and other files beside it are none of it."""
    file(tmp_path)
    (tmp_path / "bookings.csv").write_text("day\n", encoding="utf-8")
    assert read_market(tmp_path) == market()


def test_files_nobody_reads_are_refused(tmp_path: Path) -> None:
    """A table under a wrong name would be dropped silently."""
    folder(tmp_path)
    (tmp_path / "product.csv").write_text("id\n", encoding="utf-8")
    assert any("unknown file" in each for each in told(tmp_path).values())


def test_rules_that_conflict_are_named(tmp_path: Path) -> None:
    """The message holds a minimal set of rules in words, in both languages."""
    rules = [
        {"type": "range", "id": "floor", "floor": 2800},
        {"type": "daily-step", "id": "step", "yen": 100},
        {"type": "rounding", "id": "round", "unit": 500},
    ]
    with pytest.raises(ConflictingRulesError) as refused:
        read_market(file(tmp_path, rules=rules))
    assert refused.value.rules == ("floor", "step")
    assert "'at least ¥2,800' (floor)" in refused.value.message.en
    assert "「上げ下げは1日100円まで」(step)" in refused.value.message.ja
    assert refused.value.message.en.endswith(f"({tmp_path}/market.json rules[0], {tmp_path}/market.json rules[1])")
    assert refused.value.message.ja.endswith(f"({tmp_path}/market.json rules[0]、{tmp_path}/market.json rules[1])")


def test_a_market_in_memory_is_a_market() -> None:
    """The small market of these tests is right, so that what is refused is what was changed."""
    assert isinstance(market(), Market)


def test_a_market_over_a_wire_is_the_one_of_a_file(tmp_path: Path) -> None:
    """What a plan is made from does not hang on the way it came."""
    whole = market(rules=(RangeRule(id="floor", floor=1500),))
    (tmp_path / "m.json").write_text(whole.model_dump_json(), encoding="utf-8")
    assert market_of(json.loads(whole.model_dump_json())) == read_market(tmp_path / "m.json")


def test_problems_of_a_market_over_a_wire_name_its_fields() -> None:
    """Fields of a wrong type, fields that contradict each other and unknown fields are told together."""
    raw = json.loads(market().model_dump_json())
    raw["capacities"][0]["units"] = "30"
    raw["products"][0]["ladder"] = [2000, 1000]
    raw["rules"] = [{"type": "range", "id": "cap", "cap": "much"}]
    raw["products"][0]["currency"] = "JPY"
    with pytest.raises(InputError) as refused:
        market_of(raw | {"colour": "red"})
    places = {problem.where.strip() for problem in refused.value.problems}
    assert {"capacities[0] units", "products[0] currency", "rules[0] cap", "colour"} <= places


def test_problems_between_fields_are_told_up_to_a_hundred() -> None:
    """A file of thousands of unknown names is not answered by thousands of lines."""
    raw = json.loads(market().model_dump_json())
    raw["segments"][0]["appeal"] = {f"nobody-{at}": 1.0 for at in range(500)}
    with pytest.raises(InputError) as refused:
        market_of(raw)
    assert len(refused.value.problems) == 100
