"""What a visit is worth, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from regional_assets.model import Asset, VisitMinutes
from routing._scoring import points, visit_seconds
from routing.request import TripRequest

MakeAsset = Callable[..., Asset]


def request(**fields: object) -> TripRequest:
    return TripRequest.model_validate({"days": ["2026-12-05"]} | fields)


def test_points_keep_the_ends_of_the_scale(make_asset: MakeAsset) -> None:
    """Appeal 0 and 100 keep their worth; 90 outweighs three of 50."""
    worth = {appeal: points(make_asset("a", appeal=appeal), request()) for appeal in (0, 50, 90, 100)}
    assert worth[0] == 0
    assert worth[100] == pytest.approx(100)
    assert worth[90] > 3 * worth[50]


def test_interests_weigh_kinds_and_tags(make_asset: MakeAsset) -> None:
    """The best of kind and tag counts; unnamed kinds count half once a kind is named, but not when only a tag is."""
    craft = make_asset("a", "craft", tags=("washi",))
    nature = make_asset("b", "nature")
    base = points(craft, request())
    assert points(craft, request(interests={"craft": 0.8})) == pytest.approx(0.8 * base)
    assert points(craft, request(interests={"craft": 0.8, "washi": 1.5})) == pytest.approx(1.5 * base)
    assert points(nature, request(interests={"craft": 1})) == pytest.approx(0.5 * base)
    assert points(nature, request(interests={"washi": 1})) == pytest.approx(base)


def test_a_wished_theme_counts_a_third_more(make_asset: MakeAsset) -> None:
    """Only assets of the theme gain."""
    zen = make_asset("a", themes=("zen",))
    assert points(zen, request(themes=["zen"])) == pytest.approx(points(zen, request()) * 4 / 3)
    assert points(make_asset("b"), request(themes=["zen"])) == points(make_asset("b"), request())


@pytest.mark.parametrize(
    ("minutes", "pace", "expected"),
    [
        ((30, 45, 60), "normal", 45),
        ((30, 45, 60), "relaxed", 50),
        ((30, 45, 60), "busy", 40),
        ((12, 12, 12), "normal", 12),
        ((41, 42, 43), "normal", 41),
        ((0, 0, 0), "busy", 0),
    ],
)
def test_pace_stretches_visits_within_their_limits(minutes: tuple[int, int, int], pace: str, expected: int) -> None:
    """A visit is never shorter than its least nor longer than its most."""
    least, typical, most = minutes
    seconds = visit_seconds(VisitMinutes(min=least, typical=typical, max=most), pace)  # type: ignore[arg-type]
    assert seconds == 60 * expected
