"""Passes: a market worked out by hand, splits that add up to the yen, and input that makes no sense."""

from __future__ import annotations

import json
import math
import random
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pricing._pass_market import PassMarket
from pricing._pass_simulation import simulate
from pricing.pass_model import Pass, bundled_pass, check_pass, load_pass
from pricing.pass_plan import PassPlan
from pricing.passes import price_pass
from regional_assets.errors import InputError
from regional_assets.region import bundled_region_folder, load_region

ROOT = Path(__file__).parents[2]


def offer(name: str, **fields: Any) -> dict[str, Any]:
    """Return an offer at 1,000 yen that every pass-holder uses once."""
    return {"id": name, "name": {"en": name}, "price": 1000, "take_up": 1.0} | fields


def two_members(**fields: Any) -> dict[str, Any]:
    """Return a pass over a and b; 100 customers to whom everything weighs as much as buying nothing."""
    return {
        "id": "tiny",
        "name": {"ja": "小さなパス"},
        "ladder": [1500],
        "members": [
            {"id": "A", "name": {"en": "A"}, "offers": [offer("a")]},
            {"id": "B", "name": {"en": "B"}, "offers": [offer("b")]},
        ],
        "segments": [
            {
                "id": "all", "name": {"en": "all"}, "arrivals": 100, "sensitivity": 1.0, "pass_appeal": 0.5,
                "adds": {"a": 0.5, "b": 0.5}, "tickets": {"a": 1.0, "b": 1.0},
            }
        ],
    } | fields  # fmt: skip


def random_pass(seed: int, members: int = 4) -> Pass:
    """Return a pass with anything that can be in one."""
    rng = random.Random(seed)
    names = [f"m{index}" for index in range(members)]
    capacities = [{"id": f"c{index}", "name": {"en": f"c{index}"}, "units": rng.randint(5, 80)} for index in range(3)]
    offers = {}
    for name in names:
        offers[name] = [
            offer(
                f"{name}-{index}",
                price=rng.randrange(200, 3000, 100),
                cost=rng.randrange(0, 400, 10),
                take_up=rng.choice([None, 0.0, 0.3, 0.8, 1.0]),
                visits=rng.choice([1, 1, 2]),
                capacities=rng.choice([{}, {f"c{rng.randrange(3)}": rng.choice([1, 2])}]),
            )
            for index in range(rng.choice([1, 1, 2]))
        ]
    ids = [each["id"] for name in names for each in offers[name]]
    segments = [
        {
            "id": f"s{index}", "name": {"en": "s"}, "arrivals": rng.uniform(10, 200),
            "sensitivity": rng.uniform(0.3, 2), "pass_appeal": rng.uniform(-2, 1),
            "adds": {each: rng.uniform(0, 1) for each in ids},
            "tickets": {each: rng.uniform(-1, 2) for each in ids} | {f"{ids[0]}+{ids[-1]}": rng.uniform(0, 3)},
        }
        for index in range(2)
    ]  # fmt: skip
    return check_pass(
        {
            "id": "random", "name": {"en": "random"}, "ladder": sorted(rng.sample(range(500, 6000, 100), 5)),
            "most": rng.choice([None, 30]), "capacities": capacities, "segments": segments,
            "members": [{"id": name, "name": {"en": name}, "offers": offers[name]} for name in names],
        }
    )  # fmt: skip


def test_a_market_worked_out_by_hand() -> None:
    """Four choices of equal weight: 25 of 100 take each; without the pass a third takes each ticket."""
    plan = price_pass(check_pass(two_members()), horizons=2)
    assert plan.price == 1500
    none, step = plan.ladder
    assert none.income_yen == pytest.approx(2 * 100_000 / 3)
    assert step.passes == pytest.approx(25)
    assert step.income_yen == pytest.approx(25 * 1500 + 50 * 1000)
    assert [member.alone_yen for member in plan.members] == pytest.approx([100_000 / 3] * 2)
    assert [member.tickets_lost for member in plan.members] == pytest.approx([100 / 3 - 25] * 2)
    for split in plan.splits:
        assert [share.per_pass_yen for share in split.shares] == [750, 750]
        assert [share.payout_yen for share in split.shares] == [18_750, 18_750]
        assert split.is_in_core


def test_a_sold_out_offer_closes_the_pass_and_its_ticket() -> None:
    """Ten places at a, taken by 50 in 100 customers: gone after a fifth of them; then b alone is left."""
    raw = two_members(capacities=[{"id": "hall", "name": {"en": "Hall"}, "units": 12, "booked": 2}])
    raw["members"][0]["offers"] = [offer("a", capacities={"hall": 1})]
    market = PassMarket(check_pass(raw))
    sales = market.sell(3, np.array([1500.0]))
    assert sales.passes == pytest.approx([5])
    assert sales.tickets[0] == pytest.approx([5, 5 + 40])
    plan = price_pass(check_pass(raw), horizons=20)
    assert any(flag.code == "CAPACITY_FULL" and flag.members == ("A",) for flag in plan.flags)


def test_scarce_room_earns_more_by_duals_than_by_visits() -> None:
    """Both are visited by every holder, but only one of them runs out."""
    raw = two_members(capacities=[{"id": "hall", "name": {"en": "Hall"}, "units": 10}])
    raw["members"][0]["offers"] = [offer("a", capacities={"hall": 1})]
    raw["ladder"] = [2600]
    raw["segments"][0]["pass_appeal"] = 4.0
    plan = price_pass(check_pass(raw), horizons=2)
    worth = {split.method: split.shares[0].worth_yen for split in plan.splits}
    assert worth["dual"] > worth["per-visit"] + 1


@pytest.mark.parametrize("seed", range(12))
def test_splits_sum_to_the_yen_and_leave_nobody_below_what_it_earns_alone(seed: int) -> None:
    """Every split of every random pass: takings, price, floor, and the core as the values themselves say."""
    given = random_pass(seed)
    plan = price_pass(given, horizons=2, seed=seed)
    if plan.price is None:
        assert plan.splits == ()
        return
    market, step = PassMarket(given), next(step for step in plan.ladder if step.price == plan.price)
    values = {mask: market.value(mask) for mask in range(1, 16)}
    assert values[15] == pytest.approx(plan.model_income_yen)
    for split in plan.splits:
        assert sum(share.payout_yen for share in split.shares) == round(step.takings_yen)
        assert sum(share.per_pass_yen for share in split.shares) == plan.price
        assert sum(share.worth_yen for share in split.shares) == pytest.approx(plan.model_income_yen)
        for share, member in zip(split.shares, plan.members, strict=True):
            assert share.worth_yen >= member.alone_yen - 1e-3
            payout = share.worth_yen - member.tickets_yen + member.visits_cost_yen
            assert abs(share.payout_yen - payout) <= 1.5
        short = {
            mask: value - sum(share.worth_yen for row, share in enumerate(split.shares) if mask >> row & 1)
            for mask, value in values.items()
        }
        assert split.is_in_core == (max(short.values()) <= 1e-6 * values[15] + 1e-6)
        if not split.is_in_core:
            assert split.gain_yen == pytest.approx(max(short.values()))
    outside = {split.method for split in plan.splits if not split.is_in_core}
    flagged = [flag for flag in plan.flags if flag.code == "OUTSIDE_CORE"]
    assert len(flagged) == len(outside)


@pytest.mark.parametrize("seed", range(6))
def test_sales_are_those_of_the_logit_where_there_is_room(seed: int) -> None:
    """A coalition's pass in a market without limits, worked out in plain loops."""
    raw = json.loads(random_pass(seed).model_dump_json()) | {"most": None, "capacities": []}
    for member in raw["members"]:
        for each in member["offers"]:
            each["capacities"] = {}
    given = check_pass(raw)
    inside, price = ("m0", "m2"), 2100.0
    market = PassMarket(given)
    sales = market.sell(0b101, np.array([price]))
    expected = 0.0
    for segment in given.segments:
        prices = {each.id: each.price for each in given.offers}
        weights = [
            math.exp(appeal - segment.sensitivity * sum(prices[name] for name in key.split("+")) / 1000)
            for key, appeal in segment.tickets.items()
        ]
        adds = sum(segment.adds[each.id] for member in given.members if member.id in inside for each in member.offers)
        own = math.exp(segment.pass_appeal + adds - segment.sensitivity * price / 1000)
        expected += segment.arrivals * own / (1 + own + sum(weights))
    assert sales.passes[0] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(6))
def test_simulated_customers_agree_with_the_model_and_never_beat_the_bound(seed: int) -> None:
    """Means of many seasons: near the model where nothing runs out, below the bound in any case."""
    given = random_pass(seed)
    plan = price_pass(given, horizons=60, seed=seed)
    error = (plan.income_yen.high - plan.income_yen.low) / 3.92
    assert plan.income_yen.mean <= plan.bound_yen + 4 * error
    assert plan.model_income_yen <= plan.bound_yen * (1 + 1e-9)
    raw = json.loads(given.model_dump_json()) | {"most": None}
    for each in raw["capacities"]:
        each["units"] = 100_000
    market = PassMarket(check_pass(raw))
    seen, _ = simulate(market, 2000.0, horizons=60, seed=seed)
    prices = np.array([2000.0])
    model = market.incomes(15, prices, market.sell(15, prices))[0]
    assert abs(seen.income.mean() - model) <= 4 * seen.income.std() / math.sqrt(60)


def test_nothing_is_sold_beyond_its_room() -> None:
    """In no simulated season do places run below none, or passes beyond their limit."""
    raw = two_members(capacities=[{"id": "hall", "name": {"en": "Hall"}, "units": 7}], most=3)
    for member in raw["members"]:
        member["offers"] = [each | {"capacities": {"hall": 1}, "take_up": 0.7} for each in member["offers"]]
    seen, without = simulate(PassMarket(check_pass(raw)), 1500.0, horizons=100, seed=1)
    assert seen.passes.max() == 3
    assert without.income.max() == 7000
    assert (seen.income <= 3 * 1500 + 7 * 1000).all()


def test_a_pass_that_brings_nothing_is_not_proposed() -> None:
    """A pass so cheap that it only takes customers from tickets: no price, no splits, the reason told."""
    plan = price_pass(check_pass(two_members(ladder=[100])), horizons=2)
    assert plan.price is None
    assert plan.splits == ()
    assert {"NO_GAIN"} <= {flag.code for flag in plan.flags}
    assert plan.reasons[0].code == "NO_PASS"
    assert plan.passes.mean == 0
    assert plan.more_than_without.mean == 0


def test_the_bundled_pass_is_priced_and_shared() -> None:
    """Six operators of the bundled region, marked as made up, all splits shown, the disputed ones flagged."""
    given = bundled_pass()
    plan = price_pass(given, seed=3, horizons=50)
    assert given.simulated
    assert plan.simulated
    assert len(plan.members) == 6
    assert plan.price in given.ladder
    assert plan.more_than_without.low > 0
    assert [split.method for split in plan.splits] == ["shapley", "per-visit", "dual", "core"]
    codes = {flag.code for flag in plan.flags}
    assert {"SIMULATED", "ASSUMED_TAKE_UP", "OUTSIDE_CORE", "BELOW_ALONE"} <= codes
    assert all(reason.text.ja and reason.text.en for reason in (*plan.reasons, *plan.flags))
    assert plan == price_pass(given, seed=3, horizons=50).model_copy(update={"seconds": plan.seconds})
    assert PassPlan.model_validate_json(plan.model_dump_json()) == plan


def test_the_bundled_pass_is_what_its_generator_writes() -> None:
    """The same seed, the same file; its places exist in the bundled region."""
    make = runpy.run_path(str(ROOT / "tools" / "make_echizen_pass.py"))["echizen_pass"]
    assert check_pass(make()) == bundled_pass()
    known = {asset.id for asset in load_region(bundled_region_folder()).assets}
    assert {each.asset for each in bundled_pass().offers} <= known


def test_ranges_of_sensitivity_are_carried_through() -> None:
    """Customers who mind prices less bring more at the same price, those who mind more bring less."""
    plan = price_pass(bundled_pass(), horizons=2)
    low, high = plan.sensitivities
    assert low.income_yen > plan.model_income_yen > high.income_yen
    assert low.best_income_yen >= low.income_yen
    assert low.price is not None
    assert high.price is not None
    assert low.price >= high.price


def test_many_operators_are_shared_by_drawn_orders() -> None:
    """Beyond twelve members shares carry an interval, and nothing is called proven."""
    raw = two_members(ladder=[4000])
    raw["members"] = [{"id": f"M{i}", "name": {"en": "m"}, "offers": [offer(f"o{i}")]} for i in range(14)]
    raw["segments"][0] |= {"adds": {f"o{i}": 0.3 for i in range(14)}, "tickets": {f"o{i}": 0.2 for i in range(14)}}
    plan = price_pass(check_pass(raw), horizons=2)
    shapley = plan.splits[0]
    assert "SAMPLED_SHARES" in {flag.code for flag in plan.flags}
    assert not any(split.is_proven and split.is_in_core for split in plan.splits)
    assert all(share.worth_low is not None and share.worth_low <= share.worth_yen for share in shapley.shares)
    assert sum(share.per_pass_yen for share in shapley.shares) == plan.price


def test_capacity_in_common_is_flagged() -> None:
    """A hall that both use: its worth goes by use, and the plan says so."""
    raw = two_members(capacities=[{"id": "hall", "name": {"en": "Hall"}, "units": 10}])
    for member in raw["members"]:
        member["offers"] = [each | {"capacities": {"hall": 1}} for each in member["offers"]]
    plan = price_pass(check_pass(raw), horizons=2)
    assert ("CAPACITY_SHARED", ("A", "B")) in {(flag.code, flag.members) for flag in plan.flags}


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("negative price", {"members": [{"id": "A", "name": {"en": "A"}, "offers": [offer("a", price=-1)]}] * 1}, "price"),
    ("no offers", {"members": [{"id": "A", "name": {"en": "A"}, "offers": []}] * 2}, "members[0].offers"),
    ("same id", {"members": [{"id": "A", "name": {"en": "A"}, "offers": [offer("a")]}] * 2}, "members[1].id"),
    ("take-up", {"members": [{"id": "A", "name": {"en": "A"}, "offers": [offer("a", take_up=1.2)]}]}, "take_up"),
    ("currency", {"members": [{"id": "A", "name": {"en": "A"}, "offers": [offer("a", currency="EUR")]}]}, "currency"),
    ("room", {"capacities": [{"id": "h", "name": {"en": "h"}, "units": 0}]}, "capacities[0].units"),
    ("overbooked", {"capacities": [{"id": "h", "name": {"en": "h"}, "units": 3, "booked": 4}]}, "booked"),
    ("ladder", {"ladder": [2000, 1500]}, "ladder"),
    ("one member", {"members": [{"id": "A", "name": {"en": "A"}, "offers": [offer("a")]}]}, "members"),
    ("unknown", {"segments": [two_members()["segments"][0] | {"tickets": {"a+c": 1}}]}, "segments[0].tickets"),
    ("range", {"segments": [two_members()["segments"][0] | {"sensitivity_range": [2, 3]}]}, "segments[0]"),
]


@pytest.mark.parametrize(("changes", "where"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
def test_senseless_input_is_named(changes: dict[str, Any], where: str) -> None:
    """Field and value are told, in both languages."""
    with pytest.raises(InputError) as caught:
        check_pass(two_members(**changes))
    assert any(where in problem.where for problem in caught.value.problems)
    assert all(problem.message.ja and problem.message.en for problem in caught.value.problems)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """A file with a wrong price, an unknown offer, a falling ladder and a double id: four problems."""
    raw = two_members(ladder=[2000, 1000])
    raw["members"][0]["offers"][0]["price"] = -5
    raw["members"][1]["id"] = "A"
    raw["segments"][0]["adds"] = {"bb": 1}
    file = tmp_path / "pass.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_pass(file)
    assert [problem.where for problem in caught.value.problems] == [
        f"{file} members[0].offers[0].price",
        f"{file} members[1].id",
        f"{file} ladder",
        f"{file} segments[0].adds",
    ]
    assert "did you mean 'b'" in caught.value.problems[-1].message.en


def test_a_folder_of_tables_is_the_same_pass(tmp_path: Path) -> None:
    """Tables and JSON say the same."""
    head = {key: value for key, value in two_members().items() if key not in ("members", "segments")}
    write = {
        "pass.json": json.dumps(head),
        "offers.csv": "member,member_en,id,name_en,price,take_up,capacities\nA,A,a,a,1000,1,hall=1\nB,B,b,b,1000,1,\n",
        "segments.csv": "id,name_en,arrivals,sensitivity,pass_appeal,adds,tickets\nall,all,100,1,.5,a=0.5;b=.5,a;b=1\n",
        "capacities.csv": "id,name_en,units\nhall,Hall,50\n",
    }
    for name, text in write.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    raw = two_members(capacities=[{"id": "hall", "name": {"en": "Hall"}, "units": 50}])
    raw["members"][0]["offers"][0]["capacities"] = {"hall": 1}
    assert load_pass(tmp_path) == check_pass(raw)


def test_problems_of_tables_name_file_and_row(tmp_path: Path) -> None:
    """An unknown column, a share above 1 and an id twice, each where it stands."""
    head = {key: value for key, value in two_members().items() if key not in ("members", "segments")}
    (tmp_path / "pass.json").write_text(json.dumps(head), encoding="utf-8")
    (tmp_path / "offers.csv").write_text(
        "member,member_en,id,name_en,price,take_up,colour\nA,A,a,a,900,1.5,red\nB,B,a,b,900,1,blue\n",
        encoding="utf-8",
    )
    (tmp_path / "segments.csv").write_text(
        "id,name_en,arrivals,sensitivity,adds,tickets\nall,all,100,1,a=1;a=2,a=1\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        load_pass(tmp_path)
    assert [problem.where for problem in caught.value.problems] == [
        f"{tmp_path}/offers.csv:1 colour",
        f"{tmp_path}/segments.csv:2 adds",
        f"{tmp_path}/offers.csv:2 take_up",
        f"{tmp_path}/offers.csv:3 id",
    ]


@pytest.mark.parametrize("text", [None, "{", "[]", '"pass"', b"\xff\xfe{}"])
def test_unreadable_files_are_one_clear_problem(tmp_path: Path, text: str | bytes | None) -> None:
    """Missing, no JSON, no object, no UTF-8: an error with the file, never a traceback of another kind."""
    file = tmp_path / "pass.json"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        load_pass(file)
    assert str(file) in caught.value.problems[0].where
