"""The bundled simulated market: marked as such, made by its generator, in the region, and as true as it says."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from pricing._check import check_market
from pricing.estimation.choice_records import choices_of
from pricing.estimation.mnl import fit_mnl
from pricing.estimation.records import Bookings, read_bookings
from pricing.workshops import BOOKINGS_FILE, TRUTH_FILE, load_workshops, workshops_folder
from regional_assets import bundled_region_folder, load_region

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bookings() -> Bookings:
    """Return the bundled past bookings."""
    return read_bookings(workshops_folder() / BOOKINGS_FILE)


def test_the_generator_writes_the_bundled_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the folder was changed by hand, and nothing else lies there."""
    spec = importlib.util.spec_from_file_location("make_workshop_market", ROOT / "tools" / "make_workshop_market.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    # Data classes look their module up.
    monkeypatch.setitem(sys.modules, spec.name, generator)
    spec.loader.exec_module(generator)
    made = {name: text.encode() for name, text in generator.files().items()}
    assert made == {file.name: file.read_bytes() for file in workshops_folder().iterdir()}


def test_every_file_says_that_it_is_simulated() -> None:
    """Nobody can take it for the figures of a real workshop."""
    for file in workshops_folder().iterdir():
        assert "SIMULATED" in file.read_text(encoding="utf-8"), file.name
    rows = (workshops_folder() / BOOKINGS_FILE).read_text(encoding="utf-8").splitlines()[1:]
    assert all(row.startswith("SIMULATED-") for row in rows)
    assert load_workshops().simulated


def test_it_is_a_market_of_forty_products() -> None:
    """Forty products with six prices in steps of ¥100, five segments, six to twelve seats, and rules that agree."""
    of = load_workshops()
    check_market(of)
    assert len(of.products) == 40
    assert len(of.segments) == 5
    assert {len(product.ladder) for product in of.products} == {6}
    assert all(yen % 100 == 0 for product in of.products for yen in product.ladder)
    assert all(6 <= capacity.units <= 12 for capacity in of.capacities)
    assert all(segment.source == "simulated" for segment in of.segments)


def test_its_places_are_open_places_of_the_bundled_region() -> None:
    """Every product belongs to a place of Echizen, on a day that is none of its closing days, in one of its slots."""
    assets = {asset.id: asset for asset in load_region(bundled_region_folder("echizen")).assets}
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    for product in load_workshops().products:
        asset = assets[str(product.asset)]
        assert product.kind == asset.kind
        assert product.start in {slot.start for slot in asset.slots}
        weekly = [rule for rule in asset.opening.closed if rule.type == "weekly" and not rule.nth]
        closed = {day for rule in weekly for day in rule.weekdays}
        assert names[product.date.weekday()] not in closed


def test_stated_demand_is_near_the_truth_and_equal_at_todays_price() -> None:
    """The truth lies inside every stated range; at today's prices both give the same weights."""
    of = load_workshops()
    truth = {row["id"]: row for row in json.loads((workshops_folder() / TRUTH_FILE).read_text("utf-8"))["segments"]}
    current = {product.id: product.current for product in of.products}
    for segment in of.segments:
        true = truth[segment.id]
        assert segment.sensitivity_range is not None
        assert segment.sensitivity != true["sensitivity"]
        assert segment.sensitivity_range[0] < true["sensitivity"] < segment.sensitivity_range[1]
        assert set(segment.appeal) == set(true["appeal"])
        for product, appeal in segment.appeal.items():
            yen = current[product]
            assert yen is not None
            stated = appeal - segment.sensitivity * yen / 1000
            assert stated == pytest.approx(true["appeal"][product] - true["sensitivity"] * yen / 1000, abs=2e-4)


def test_estimation_finds_the_truth_in_the_bookings(bookings: Bookings) -> None:
    """Prices were drawn by lot, so a logit of each segment's looks finds sensitivity and appeals within its errors."""
    truth = json.loads((workshops_folder() / TRUTH_FILE).read_text("utf-8"))
    scores = []
    for true in truth["segments"]:
        rows = tuple(row for row in bookings.rows if row.segment == true["id"])
        fit = fit_mnl(choices_of(Bookings(rows, bookings.currency, bookings.source)))
        price = fit.estimate("price")
        assert price.low <= -true["sensitivity"] <= price.high
        assert price.high < 0
        for name in fit.names[1:]:
            found = fit.estimate(name)
            scores.append((found.value - truth["offers"][true["id"]][name]) / found.standard_error)
    assert len(scores) > 30
    assert np.mean(np.abs(scores) < 1.96) >= 0.9


def test_bookings_lie_before_the_market(bookings: Bookings) -> None:
    """They end before its first day, and hold cancellations, absences and people who bought nothing."""
    of = load_workshops()
    assert max(row.date for row in bookings.rows) < of.today
    assert min(row.date for row in bookings.rows) >= date(2026, 10, 1)
    assert bookings.has_offers
    assert bookings.has_no_purchases
    assert any(row.cancelled_on for row in bookings.rows)
    assert any(row.came is False for row in bookings.rows)
