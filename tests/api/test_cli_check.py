"""`meguri check`: plans made by hand, judged on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from regional_assets.model import Region

TODAY = ("--today", "2026-12-01")
SATURDAY = "2026-12-05"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def written(folder: Path, *stops: Any, **fields: Any) -> Path:
    """Write a plan for a Saturday into a file; return its path."""
    request = {"days": [SATURDAY], "meals": {"lunch": None}} | fields
    path = folder / "plan.json"
    plan = {"region": "testland", "request": request, "days": [{"date": SATURDAY, "stops": stops}]}
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path


def test_a_good_plan_is_shown_with_its_times(stored_region: Region, tmp_path: Path) -> None:
    """Exit code 0, the verdict, and the timetable that comes of the plan."""
    result = run("check", written(tmp_path, "lacquer", {"asset": "paper", "arrive": "13:00"}), *TODAY)
    assert result.exit_code == 0, result.output
    assert "keeps every rule" in result.stdout
    assert "Echizen Washi Village" in result.stdout
    assert "13:00–14:00" in result.stdout
    assert "broken rules" not in result.stdout


def test_everything_that_is_broken_is_listed(stored_region: Region, tmp_path: Path) -> None:
    """Exit code 3, one line for each violation and each warning, with its code."""
    plan = written(tmp_path, "lacquer", "papr", {"asset": "soba", "arrive": "09:01"}, budget_jpy=100)
    result = run("check", plan, *TODAY)
    assert result.exit_code == 3
    for word in ("rules broken: 3", "UNKNOWN_ASSET", "ARRIVES_LATE", "OVER_BUDGET", "whole trip", "close: paper"):
        assert word in result.stdout


def test_the_judgement_as_json_is_one_document(stored_region: Region, tmp_path: Path) -> None:
    """With --json, standard output is the judgement; the exit code still tells."""
    result = run("check", written(tmp_path, "lacquer", "lacquer"), *TODAY, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [violation["code"] for violation in told["violations"]] == ["VISITED_TWICE"]
    assert told["feasible"] is False


def test_an_itinerary_can_be_checked_as_it_is(stored_region: Region, tmp_path: Path) -> None:
    """What `plan` wrote breaks no rule, and names its region."""
    planned = run(
        *("plan", "--region", "testland", "--days", SATURDAY, *TODAY, "--iterations", "200", "--out", tmp_path)
    )
    assert planned.exit_code == 0, planned.output
    result = run("check", tmp_path / "itinerary.json", *TODAY, "--json")
    assert result.exit_code == 0, result.output
    itinerary = json.loads((tmp_path / "itinerary.json").read_text(encoding="utf-8"))
    assert json.loads(result.stdout)["objective"] == itinerary["objective"]


def test_the_region_of_the_option_wins(stored_region: Region, tmp_path: Path) -> None:
    """A plan can be judged in another region than its file names; there its places are unknown."""
    result = run("check", written(tmp_path, "lacquer"), *TODAY, "--region", "echizen", "--json")
    told = json.loads(result.stdout)
    assert told["region"] == "echizen"
    assert [violation["code"] for violation in told["violations"]] == ["UNKNOWN_ASSET"]


def test_a_judgement_speaks_japanese(stored_region: Region, tmp_path: Path) -> None:
    """`--lang ja` words verdict and violations in Japanese."""
    result = run("check", written(tmp_path, "lacquer", "lacquer"), *TODAY, "--lang", "ja")
    assert "違反 1 件" in result.stdout
    assert "二度訪れている" in result.stdout


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[]", "JSON object"),
        ("{", "plan.json"),
        ('{"region": "testland", "days": []}', "request"),
        (
            '{"region": "testland", "request": {"days": ["2026-12-05"]}, "days": [{"date": "2026-12-06"}]}',
            "days[0].date",
        ),
        ('{"region": "testland", "request": {"days": ["2020-01-01"]}, "days": []}', "request.days[0].date"),
        (
            '{"region": "testland", "request": {"days": ["2026-12-05"]},'
            ' "days": [{"date": "2026-12-05", "stops": [{"asset": "paper", "arrive": "25 o\'clock"}]}]}',
            "days[0].stops[0].arrive",
        ),
        ('{"region": "nowhere", "request": {"days": ["2026-12-05"]}, "days": []}', "nowhere"),
    ],
)
def test_what_is_no_plan_is_refused(stored_region: Region, tmp_path: Path, content: str, named: str) -> None:
    """Files that hold no plan end with exit code 2 and a line that names the fault."""
    path = tmp_path / "plan.json"
    path.write_text(content, encoding="utf-8")
    result = run("check", path, *TODAY)
    assert result.exit_code == 2
    assert named in result.stderr


def test_plans_and_regions_are_checked_by_commands_of_their_own(stored_region: Region, tmp_path: Path) -> None:
    """`check` judges plans, `region check` regions: neither hides the other."""
    assert run("check", written(tmp_path, "lacquer"), *TODAY).exit_code == 0
    assert run("region", "check", "testland").exit_code == 0
