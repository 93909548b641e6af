"""The page on prices names every field, rule, reason and assumption, and its example can be planned."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from pricing.model import Capacity, Market, Period, Product, Rule, Segment
from pricing.objectives import TradeOff, TradeOffPoint
from pricing.plan import plan_prices
from pricing.proposal import CapacityPlan, Figures, PricePlan, ProductPlan, Reason, RuleCost, Sampling
from pricing.reading import read_market
from pricing.reasons import ReasonCode
from pricing.violations import violations

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "prices.md").read_text(encoding="utf-8")
RULES: tuple[type[BaseModel], ...] = get_args(get_args(Rule)[0])
PARTS = (Market, Period, Capacity, Product, Segment, *RULES)
ANSWERS = (PricePlan, ProductPlan, CapacityPlan, RuleCost, Reason, Figures, Sampling, TradeOff, TradeOffPoint)


def words(text: str) -> set[str]:
    """Return what stands between backticks or in blocks of code."""
    code = " ".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    return set(re.findall(r"[A-Za-z_][A-Za-z0-9_-]*", code))


def section(title: str) -> str:
    """Return a section of the page."""
    return re.split(r"\n#+ ", PAGE.split(f"# {title}\n")[1])[0]


def codes(title: str) -> set[str]:
    """Return the codes that have a row in a section."""
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", section(title), re.MULTILINE)
    return set(re.findall(r"[A-Z_]+", " ".join(rows)))


@pytest.mark.parametrize("model", [*PARTS, *ANSWERS], ids=lambda model: model.__name__)
def test_every_field_is_on_the_page(model: type[BaseModel]) -> None:
    """Whoever writes a market or reads a plan finds each field there."""
    assert set(model.model_fields) - words(PAGE) == set()


def test_every_rule_has_its_row() -> None:
    """The table of rules is complete, and claims no other."""
    types = {str(rule.model_fields["type"].default) for rule in RULES}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", section("Rules"), re.MULTILINE)) == types


def test_every_reason_has_its_row() -> None:
    """Each code is told, and no other."""
    assert codes("Prices and reasons") == set(get_args(ReasonCode))


def test_every_assumption_has_its_row() -> None:
    """Each code that the plan or the objectives give is told, and no other."""
    given = set()
    for name in ("plan.py", "objectives.py", "_sampled.py"):
        tree = ast.parse((ROOT / "pricing" / name).read_text(encoding="utf-8"))
        strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str}
        given |= {text for text in strings if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", text)}
    assert codes("What is assumed") == given


def test_the_example_can_be_planned(tmp_path: Path) -> None:
    """The market of the page is read, priced under its rules, and explained."""
    (example,) = re.findall(r"```json market\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "market.json").write_text(example, encoding="utf-8")
    market = read_market(tmp_path)
    plan = plan_prices(market)
    assert violations(market, plan) == []
    assert all(row.reasons for row in plan.products)
    assert plan.capacities[0].kept == 2
