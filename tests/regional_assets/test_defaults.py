"""What is assumed where a source is silent."""

from __future__ import annotations

import opening_hours
import pytest

from regional_assets.defaults import (
    CATEGORIES,
    KINDS,
    assumed_hours,
    assumption,
    default_appeal,
    default_indoor,
    default_meals,
    default_visit,
)
from regional_assets.model import Kind, Name


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_usual_values(kind: Kind) -> None:
    """Each of the seven kinds has an ordered visit length and an appeal on the scale."""
    visit = default_visit(kind, None)
    assert visit.min <= visit.typical <= visit.max
    assert 0 <= default_appeal(kind, None) <= 100


@pytest.mark.parametrize("category", list(CATEGORIES))
def test_every_category_is_usable(category: str) -> None:
    """Each category has an ordered visit length and hours in valid OSM syntax."""
    default_visit(Kind.CULTURE, category)
    assert 0 <= default_appeal(Kind.CULTURE, category) <= 100
    opening_hours.OpeningHours(CATEGORIES[category].hours)


def test_unknown_category_takes_the_values_of_its_kind() -> None:
    """A category nobody listed is no error."""
    assert default_visit(Kind.FOOD, "noodle_bar_on_mars") == default_visit(Kind.FOOD, None)


def test_hours_come_from_the_first_known_tag() -> None:
    """A shrine keeps a shrine's hours, and says so in both languages."""
    hours, rule = assumed_hours(Kind.CULTURE, ("stairs", "shrine"))
    assert hours == CATEGORIES["shrine"].hours
    assert hours in rule.in_("ja")
    assert "shrines" in rule.in_("en")


def test_hours_fall_back_to_the_kind() -> None:
    """Without a known tag the kind decides."""
    assert assumed_hours(Kind.CRAFT)[0] == KINDS[Kind.CRAFT].hours


def test_assumption_names_its_rule_in_both_languages() -> None:
    """A flag carries a wording for people; another rule may be given."""
    flag = assumption("visit_minutes")
    assert flag.rule.ja
    assert flag.rule.en
    own = Name(ja="手入力", en="typed in")
    assert assumption("anything", own).rule == own


def test_roofs_and_meals_are_assumed_only_where_they_are_usual() -> None:
    """A museum is indoors, a beach is not, a castle may be either; a shop serves no meal."""
    assert default_indoor(Kind.CULTURE, "museum") == "yes"
    assert default_indoor(Kind.NATURE, "beach") == "no"
    assert default_indoor(Kind.NATURE, "cave") == "unknown"
    assert default_indoor(Kind.CULTURE, "castle") == "unknown"
    assert default_meals(Kind.FOOD, "soba") == ("lunch",)
    assert default_meals(Kind.FOOD, "food_shop") == ()
    assert default_meals(Kind.CULTURE, "restaurant") == ()
