"""What is documented exists, and what exists is documented; examples are valid and links lead somewhere."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main
from pydantic import BaseModel

from api.cli import app
from api.cli._session import ExitCode
from api.http.app import create_app
from api.priced_trips import PricedTrips, VisitorGroup
from api.qubo_sidecar import MarketSource, Packing, Sidecar, Size, TripSource, Variable
from api.service import build_service
from api.service_settings import ServiceSettings
from pricing.itineraries import CongestionPlan, GroupPlan, SlotPlan, TripGroup, TripMarket, TripPlan, TripStop
from pricing.pass_model import Member, Offer, Pass, PassSegment
from pricing.pass_plan import Flag, FlagCode, LadderStep, MemberPlan, MemberShare, PassPlan, SensitivityCase, Split
from regional_assets.defaults import CATEGORIES
from regional_assets.model import Asset, CombinationRule, Kind, Price, Region, Selector, StreetSource
from regional_assets.opening.model import (
    AnnualClosing,
    DatedClosing,
    HolidayClosing,
    MonthlyClosing,
    Opening,
    WeeklyClosing,
)
from regional_assets.region import bundled_region_folder, load_region
from routing._judge_model import ViolationCode, WarningCode
from routing._scoring import MOST_ALIKE_A_DAY, MOST_BITES_A_DAY, PACES, UNITS_PER_POINT, WEIGHTS
from routing.itinerary import (
    AlternativePlan,
    AssumedFact,
    CombinationEffect,
    Conflict,
    Day,
    DayTotals,
    Excluded,
    Itinerary,
    MadeCombination,
    Provenance,
    ReasonCode,
    Sampling,
    Step,
)
from routing.judge import Finding, HandMadeDay, HandMadeStop, HandMadeTrip, Judgement, judge_trip
from routing.request import DayRequest, Limits, Meals, Party, Pin, SolverChoice, TripRequest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
ROOMS = ("api", "pricing", "regional_assets", "routing", "solvers")
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "README.ja.md"])

CLOSING_RULES = (WeeklyClosing, AnnualClosing, DatedClosing, MonthlyClosing, HolidayClosing)
DESCRIBED: list[tuple[str, tuple[type[BaseModel], ...]]] = [
    ("region-folder.md", (Region, StreetSource, Asset, Opening, *CLOSING_RULES, Price, CombinationRule, Selector)),
    ("requests.md", (TripRequest, DayRequest, Party, Limits, Meals, Pin, SolverChoice)),
    (
        "itineraries.md",
        (
            Itinerary,
            Day,
            Step,
            DayTotals,
            MadeCombination,
            CombinationEffect,
            Excluded,
            AlternativePlan,
            AssumedFact,
            Conflict,
            Provenance,
            Sampling,
        ),
    ),
    ("checks.md", (HandMadeTrip, HandMadeDay, HandMadeStop, Judgement, Finding)),
    (
        "passes.md",
        (
            *(Pass, Member, Offer, PassSegment),
            *(PassPlan, LadderStep, MemberPlan, Split, MemberShare, SensitivityCase, Flag),
        ),
    ),
    ("data-formats.md", (Sidecar, Size, Variable, TripSource, MarketSource, Packing)),
    (
        "routes-and-prices.md",
        (VisitorGroup, PricedTrips, TripMarket, TripGroup, TripStop, CongestionPlan, SlotPlan, GroupPlan, TripPlan),
    ),
]
# `assets` and `combinations` are files of their own, `folder` is where they lie.
NOT_IN_REGION_TOML = {"assets", "combinations", "folder"}


def page(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / name).read_text(encoding="utf-8")


def words_in_code(text: str) -> set[str]:
    """Return the words that stand between backticks or in code blocks."""
    code = " ".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    return set(re.findall(r"[A-Za-z_][A-Za-z0-9_-]*", code))


def examples(name: str, kind: str) -> list[str]:
    """Return the code blocks of a page that are marked with ``kind``."""
    return re.findall(rf"^```{kind}\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("name", "model"), [(name, model) for name, models in DESCRIBED for model in models], ids=lambda item: str(item)
)
def test_every_field_is_described(name: str, model: type[BaseModel]) -> None:
    """Each field of a model that people write or read is named on its page."""
    fields = set(model.model_fields) - (NOT_IN_REGION_TOML if model is Region else set())
    assert fields - words_in_code(page(name)) == set()


def test_every_reason_has_its_meaning() -> None:
    """Each code for a place left out has a row of its own, and no other code is claimed."""
    section = page("itineraries.md").split("## Why a place is left out")[1].split("## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)) == set(get_args(ReasonCode))


def test_every_conflict_has_its_meaning() -> None:
    """Each code of its own that a conflict may carry has a row, and no other code is claimed."""
    tree = ast.parse((ROOT / "routing" / "_conflicts.py").read_text(encoding="utf-8"))
    codes = {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Conflict"
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }
    section = page("itineraries.md").split("## When nothing can be planned")[1]
    assert codes
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)) == codes


@pytest.mark.parametrize(("heading", "codes"), [("Violations", ViolationCode), ("Warnings", WarningCode)])
def test_every_code_of_a_judgement_has_its_meaning(heading: str, codes: object) -> None:
    """Each code has a row in its table, and no other code is claimed."""
    section = page("checks.md").split(f"### {heading}\n")[1].split("\n##")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)) == set(get_args(codes))


def test_every_flag_of_a_pass_has_its_meaning() -> None:
    """Each flag has a row, and no other flag is claimed."""
    section = page("passes.md").split("## Flags")[1].split("## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)) == set(get_args(FlagCode))


def test_every_exit_code_has_its_meaning() -> None:
    """The table of exit codes is complete."""
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page("errors.md"), re.MULTILINE)} == set(ExitCode)


def test_every_setting_is_described() -> None:
    """Each environment variable that the code reads stands in the table of settings, and no other one does."""
    code = "".join(file.read_text(encoding="utf-8") for room in ROOMS for file in (ROOT / room).rglob("*.py"))
    named = set(re.findall(r'"(MEGURI_[A-Z_]+|NUMBA_CACHE_DIR)"', code))
    named |= {f"MEGURI_{field.upper()}" for field in ServiceSettings.model_fields}
    assert named == set(re.findall(r"^\| `([A-Z_]+)` \|", page("settings.md"), re.MULTILINE))


def test_documented_settings_of_the_service_have_the_defaults_of_the_code() -> None:
    """The last column of the table is what a server does without the variable."""
    rows = dict(re.findall(r"^\| `MEGURI_([A-Z_]+)` \|.*\| ([^|]+) \|$", page("settings.md"), re.MULTILINE))
    defaults = {name: field.default for name, field in ServiceSettings.model_fields.items()}
    plain = {name: value for name, value in defaults.items() if isinstance(value, int | float | str) and value != ""}
    assert len(plain) > 20
    for name, value in plain.items():
        shown = f"{value:g}" if isinstance(value, float) else f"{value}"
        assert rows[name.upper()].split(" ")[0] == f"`{shown}`", name


def test_every_route_is_described(tmp_path: Path) -> None:
    """The table of routes is that of the server, scopes included."""
    app = create_app(build_service(ServiceSettings(home=tmp_path)))
    served = {
        (f"{method.upper()} {path}", _scopes(operation))
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }
    rows = re.findall(r"^\| `([A-Z]+ /[^`]*)` \|.*\| ([a-z –]+) \|$", page("http-api.md"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == served


def _scopes(operation: dict[str, Any]) -> str:
    """Return the scopes of a route as the docs write them."""
    # Where no key is needed, none is an alternative to it.
    needed, *_ = operation.get("security") or [{"ApiKey": ["–"]}]
    return " or ".join(needed["ApiKey"])


def commands() -> Iterator[tuple[str, set[str]]]:
    """Yield each command with its long options."""
    open_groups = [("meguri", typer.main.get_command(app))]
    while open_groups:
        name, command = open_groups.pop()
        inner = getattr(command, "commands", None)
        if inner:
            open_groups.extend((f"{name} {word}", each) for word, each in inner.items())
            continue
        options = {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}
        yield name, {flag for flag in options if flag.startswith("--")} - {"--help", "--json", "--lang"}


@pytest.mark.parametrize(("command", "options"), list(commands()))
def test_every_option_is_described(command: str, options: set[str]) -> None:
    """Each command has its section, and the section names exactly its options."""
    text = page("commands.md")
    assert f"\n## {command}\n" in text
    section = text.split(f"\n## {command}\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(--[a-z-]+)", section)) == options


@pytest.mark.parametrize("example", examples("requests.md", "json request"))
def test_documented_requests_are_valid(example: str) -> None:
    """A request of the docs can be sent as it stands."""
    assert TripRequest.model_validate_json(example).days


@pytest.mark.parametrize("example", examples("checks.md", "json plan"))
def test_documented_plans_can_be_judged(example: str) -> None:
    """A plan of the docs can be checked as it stands, in the bundled region."""
    trip = HandMadeTrip.model_validate_json(example)
    region = load_region(bundled_region_folder())
    judgement = judge_trip(region, trip.request, trip.days, today=trip.days[0].date)
    assert "UNKNOWN_ASSET" not in {violation.code for violation in judgement.violations}


def test_documented_region_can_be_loaded(tmp_path: Path) -> None:
    """The three example files of the region folder are a region."""
    (head,) = examples("region-folder.md", "toml region")
    (feature,) = examples("region-folder.md", "json asset")
    (rules,) = examples("region-folder.md", "toml combinations")
    (tmp_path / "region.toml").write_text(head, encoding="utf-8")
    collection = {"type": "FeatureCollection", "features": [json.loads(feature)]}
    (tmp_path / "assets.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (tmp_path / "combinations.toml").write_text(rules, encoding="utf-8")
    region = load_region(tmp_path)
    assert [asset.id for asset in region.assets] == ["paper-museum"]
    assert len(region.combinations) == 2


def test_documented_closing_rules_are_valid() -> None:
    """Each rule of the table can be written into a region as it stands."""
    section = page("region-folder.md").split("**Closing rules**")[1].split("### ")[0]
    rules = [json.loads(rule) for rule in re.findall(r'`(\{"type".*?\})`', section)]
    assert len(rules) >= 9
    assert len(Opening.model_validate({"closed": rules}).closed) == len(rules)


def test_documented_defaults_are_those_of_the_code() -> None:
    """Lengths of visit, appeal, kinds and day windows in the docs are the figures in use."""
    assumptions, requests = page("assumptions.md"), page("requests.md")
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+), (\d+), (\d+) \| (\d+) \|$", assumptions, re.MULTILINE)
    assert len(rows) >= 5
    for name, *figures in rows:
        default = CATEGORIES[name.removesuffix(" shop")]
        assert [int(figure) for figure in figures] == [*default.visit, default.appeal], name
    for pace, rule in PACES.items():
        assert re.search(
            rf"^\| `{pace}` \| {rule.after} to {rule.before} \| .* \| {rule.visits} \|$", requests, re.MULTILINE
        )
    for act, weight in (("travel", WEIGHTS.travel), ("waiting", WEIGHTS.wait)):
        assert f"| an hour of {act} | {3600 * weight / UNITS_PER_POINT:g} points |" in requests
    assert f"at most {MOST_BITES_A_DAY} food places besides lunch, and at most {MOST_ALIKE_A_DAY} places of" in requests
    assert {kind.value for kind in Kind} <= words_in_code(page("glossary.md"))


@pytest.mark.parametrize("source", PAGES, ids=lambda file: file.name)
def test_links_lead_somewhere(source: Path) -> None:
    """Each relative link names a file of the checkout, and a heading where it names one."""
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", source.read_text(encoding="utf-8")):
        path, _, heading = target.partition("#")
        file = source.parent / path if path else source
        assert file.exists(), f"{source.name}: {target}"
        if heading:
            assert heading in set(headings(file)), f"{source.name}: {target}"


def headings(file: Path) -> Iterator[str]:
    """Yield the anchors that GitHub and others make of a page's headings."""
    for line in re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-")


def test_the_index_lists_every_page() -> None:
    """No page is an orphan."""
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", page("index.md")))
    assert linked == {file.name for file in DOCS.glob("*.md")} - {"index.md"}
