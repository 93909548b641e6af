"""`meguri plan`, `meguri demo`, and what every command has in common."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from api.cli.demo import coming_saturday
from regional_assets.model import Region

HEAVY = ("geopandas", "pandas", "osmnx", "pyogrio", "pyarrow", "networkx", "fastapi", "osmium")
SOLVING = ("numba", "ortools", "scipy", "shapely", "numpy", "dimod")


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def _plan(*words: object) -> Result:
    return run(
        *("plan", "--region", "testland", "--days", "2026-12-05", "--today", "2026-12-01", "--start", "station"),
        *("--iterations", "200", *words),
    )


def test_a_plan_is_shown_and_written(stored_region: Region, tmp_path: Path) -> None:
    """The timetable goes to standard output, the files to the folder, notes to standard error."""
    result = _plan("--end", "station", "--must", "paper", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Echizen Washi Village" in result.stdout
    assert "Sat 5 Dec 2026" in result.stdout
    assert "wrote" not in result.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "itinerary.geojson",
        "itinerary.gpx",
        "itinerary.ics",
        "itinerary.json",
        "map.html",
    ]
    assert "Washi" in (tmp_path / "out" / "map.html").read_text(encoding="utf-8")


def test_a_plan_as_json_is_the_itinerary(stored_region: Region) -> None:
    """Standard output is one JSON document; the same seed gives the same days."""
    first, second = (json.loads(_plan("--json").stdout) for _ in range(2))
    assert first["region"] == "testland"
    assert first["days"] == second["days"]


def test_a_plan_speaks_japanese(stored_region: Region) -> None:
    """`--lang ja` words everything in Japanese."""
    result = _plan("--lang", "ja")
    assert "1日目" in result.stdout
    assert "Day 1" not in result.stdout


def test_other_plans_and_reasons_are_told_on_request(stored_region: Region) -> None:
    """Each alternative says what differs; each place asked about has its reason, in words and in the JSON."""
    wishes = ("--alternatives", "2", "--before", "13:00", "--avoid", "fair")
    plan = json.loads(_plan(*wishes, "--json").stdout)
    assert plan["alternatives"]
    here = {step["asset"] for step in plan["days"][0]["steps"] if step["type"] in ("visit", "meal")}
    absent = next(place["asset"] for place in plan["excluded"] if place["code"] is None)
    asked = ("--explain", absent, "--explain", next(iter(sorted(here))), "--explain", "fair")
    printed = _plan(*wishes, *asked).stdout
    assert f"({len(plan['alternatives'])} of 2 asked for)" in printed
    assert "Why not" in printed
    assert "is in the trip" in printed
    assert "to be avoided, as asked" in printed
    explained = json.loads(_plan(*wishes, *asked, "--json").stdout)
    assert explained["days"] == plan["days"]
    why = next(place for place in explained["excluded"] if place["asset"] == absent)
    assert why["costs_points"] is not None
    assert why["text"]["en"].split(",")[0] in " ".join(printed.split())


def test_another_solver_can_be_named_and_tells_what_it_does_not_know(stored_region: Region) -> None:
    """`--solver` names a reference; what it did not know stands among the assumptions, its limit in the last line."""
    words = ("plan", "--region", "testland", "--days", "2026-12-05", "--today", "2026-12-01", "--start", "station")
    printed = run(*words, "--solver", "or-tools-routing", "--seconds", "0.2", "--lang", "en").stdout
    assert "or-tools-routing: chose places without knowing what combinations add" in " ".join(printed.split())
    assert "below the best possible (proven)" in printed
    assert "s (does not reproduce exactly)" in " ".join(printed.split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--solver", "gurobi"), "--solver"),
        (("--solver", "or-tools-routing"), "--iterations: or-tools-routing knows no iterations"),
        (("--seconds", "3"), "--seconds"),
        (("--prove", "0"), "--prove"),
    ],
)
def test_a_solver_or_limit_that_makes_no_sense_is_refused(
    stored_region: Region, words: tuple[str, ...], expected: str
) -> None:
    """The option that is wrong is named, beside what is accepted."""
    result = _plan(*words, "--lang", "en")
    assert result.exit_code == 2
    assert expected in result.stderr


def test_without_a_plan_there_is_nothing_to_compare_with(stored_region: Region) -> None:
    """Where nothing can be planned, the exit code says so and no reason is made up."""
    result = _plan("--must", "paper", "--budget", "0", "--explain", "cliff")
    assert result.exit_code == 3
    assert "Traceback" not in result.output


def test_a_request_file_is_read(stored_region: Region, tmp_path: Path) -> None:
    """The file may name the region; options win over it."""
    file = tmp_path / "request.json"
    content = {"region": "testland", "days": ["2026-12-06"], "mode": "walk", "solver": {"iterations": 200}}
    file.write_text(json.dumps(content), encoding="utf-8")
    result = run("plan", "--request", file, "--mode", "car", "--today", "2026-12-01", "--json")
    itinerary = json.loads(result.stdout)
    assert result.exit_code == 0
    assert itinerary["request"]["mode"] == "car"
    assert itinerary["request"]["days"][0]["date"] == "2026-12-06"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--must", "papr"), "paper"),
        (("--days", "2025-01-01"), "2025-01-01"),
        (("--end", "nowhere"), "nowhere"),
        (("--interest", "cratf=1"), "craft"),
        (("--region", "atlantis"), "atlantis"),
        (("--after", "9am"), "HH:MM"),
        (("--theme", "space"), "space"),
        (("--mode", "rocket"), "bicycle"),
        (("--budget", "lots"), "--budget: a whole number"),
        (("--budget", "9" * 30), "--budget"),
        (("--limit", "food=" + "9" * 30), "--limit"),
        (("--seconds", "0"), "--seconds"),
        (("--seconds", "nan"), "--seconds"),
        (("--region", ""), "region"),
        (("--today", "2026-02-30"), "--today: '2026-02-30'"),
        (("--bogus", "x"), "--bogus"),
        (("--colour",), "--colour"),
        (("spare",), "spare"),
        (("--days",), "--days: needs a value"),
        (("--lang", "tlh"), "ja, en"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(stored_region: Region, words: tuple[str, ...], expected: str) -> None:
    """The line names what was given, and close matches where there are any."""
    result = _plan(*words)
    assert result.exit_code == 2
    assert expected in result.stderr
    assert result.stderr.startswith("error:")
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "--bogus"),
        ("plan", "--today", "x"),
        ("bogus",),
        ("region", "bogus"),
        ("region", "build"),
        ("plan", "x"),
    ],
)
def test_mistakes_in_the_command_line_are_json_too(words: tuple[str, ...]) -> None:
    """With `--json` every refusal has the one documented shape, in both languages."""
    result = run(*words, "--json", "--lang", "ja")
    content = json.loads(result.stdout)
    assert result.exit_code == content["exit_code"] == 2
    assert not content["errors"][0]["message"]["ja"].isascii()
    assert result.stderr.startswith("エラー:")


@pytest.mark.parametrize(
    "words", [("--start", "0,0", "--end", "0,0"), ("--interest", "craft=0,food=0,culture=0,nature=0,event=0,hub=0")]
)
def test_where_nothing_can_be_visited_no_plan_is_made(stored_region: Region, words: tuple[str, ...]) -> None:
    """A start at the far end of the world, or no interest in anything, is told; it is no failure of the program."""
    result = _plan(*words)
    assert result.exit_code == 3, result.output
    assert "no place" in result.stdout


@pytest.mark.parametrize("words", [(), ("region",)])
def test_a_command_without_words_shows_its_help_once(words: tuple[str, ...]) -> None:
    """The help names the commands, one time."""
    assert run(*words).output.count("Usage:") == 1


@pytest.mark.parametrize(("word", "hint"), [("request.json", "follows --request"), ("kyoto", "follow their option")])
def test_a_word_without_an_option_is_told_where_it_belongs(word: str, hint: str) -> None:
    """A request file is the likeliest: it needs its option."""
    result = run("plan", word)
    assert result.exit_code == 2
    assert word in result.output
    assert hint in result.output


def test_what_cannot_be_planned_is_exit_code_3(stored_region: Region, tmp_path: Path) -> None:
    """A must that costs more than the budget leaves no plan: the reason is told, no file is written."""
    words = ("--must", "paper", "--budget", "10", "--out", tmp_path / "out")
    result = _plan(*words)
    assert result.exit_code == 3
    assert "No plan" in result.stdout
    assert not (tmp_path / "out").exists()
    as_json = _plan(*words, "--json")
    assert as_json.exit_code == 3
    itinerary = json.loads(as_json.stdout)
    assert itinerary["status"] == "infeasible"
    assert itinerary["conflicts"]


def test_a_folder_that_cannot_be_written_is_exit_code_4(stored_region: Region, tmp_path: Path) -> None:
    """The surroundings failed, not the input."""
    (tmp_path / "file").write_text("")
    result = _plan("--out", tmp_path / "file" / "out")
    assert result.exit_code == 4
    assert "Traceback" not in result.output


def test_nonsense_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong setting stops every command early."""
    monkeypatch.setenv("MEGURI_LANG", "tlh")
    result = run("region", "show")
    assert result.exit_code == 2
    assert "MEGURI_LANG" in result.stderr


@pytest.mark.parametrize(
    ("today", "saturday"),
    [("2026-12-04", "2026-12-05"), ("2026-12-05", "2026-12-12"), ("2026-12-06", "2026-12-12")],
)
def test_the_demo_is_for_the_coming_weekend(today: str, saturday: str) -> None:
    """On a Saturday, for the next one."""
    assert coming_saturday(dt.date.fromisoformat(today)).isoformat() == saturday


@pytest.mark.slow
def test_the_demo_plans_two_days_and_writes_a_map(tmp_path: Path) -> None:
    """From Sabae to Sabae, with a night between and lunch on both days, on a fixed date."""
    result = run("demo", "--out", tmp_path / "demo", "--date", "2026-12-05", "--json")
    assert result.exit_code == 0, result.output
    itinerary = json.loads(result.stdout)
    kinds = [[step["type"] for step in day["steps"]] for day in itinerary["days"]]
    assert kinds[0][-1] == "stay"
    assert all("meal" in of_day for of_day in kinds)
    assert itinerary["days"][0]["start"]["en"] == itinerary["days"][1]["end"]["en"] == "Sabae Station"
    assert (tmp_path / "demo" / "map.html").stat().st_size < 3_000_000
    prices = json.loads((tmp_path / "demo" / "prices" / "plan.json").read_text(encoding="utf-8"))
    assert prices == itinerary["prices"]
    assert prices["simulated"] is True
    report = (tmp_path / "demo" / "prices" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in report
    assert "【模擬データ】" in report


def _loaded(*words: str) -> set[str]:
    """Return the names of modules in a fresh interpreter after a command."""
    code = (
        "import sys\nfrom api.cli import main\nsys.argv = ['meguri', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        "print('MODULES', code, *sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env=os.environ,
    )
    last = done.stderr.strip().splitlines()[-1].split()
    assert last[:2] in (["MODULES", "0"], ["MODULES", "None"]), done.stderr
    return set(last[2:])


@pytest.mark.parametrize("words", [("--help",), ("plan", "--help"), ("region", "build", "--help"), ("--version",)])
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    """Help is quick because nothing but the command line is imported."""
    loaded = _loaded(*words)
    assert not loaded & {*HEAVY, *SOLVING, "regional_assets.model", "routing.request"}


@pytest.mark.parametrize(
    ("words", "expected", "refused"),
    [
        (("plan", "--help", "--lang", "ja"), ("オプション", "希望", "[既定:"), ("Options", "Wishes", "[default:")),
        (("warmup", "--lang=ja", "-h"), ("オプション",), ("Options",)),
        (("region", "show", "--help", "--lang", "en"), ("Arguments", "Options"), ("引数",)),
    ],
)
def test_help_is_in_one_language_titles_included(
    words: tuple[str, ...], expected: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    """`--lang` also words the help, whatever the environment says."""
    env = {**os.environ, "MEGURI_LANG": "en" if "en" not in words else "ja", "COLUMNS": "120"}
    command = [sys.executable, "-m", "api", *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=env)
    assert all(title in done.stdout for title in expected), done.stdout + done.stderr
    assert not any(title in done.stdout for title in refused)


def test_showing_a_region_loads_no_solver_and_no_tables(stored_region: Region) -> None:
    """A list of places needs neither numba nor pandas."""
    assert not _loaded("region", "show", "testland") & {*HEAVY, "numba", "ortools", "scipy"}


@pytest.mark.slow
def test_planning_loads_no_tables_no_map_libraries_and_no_samplers(stored_region: Region) -> None:
    """A plan on a stored region starts without geopandas or OSMnx, and without dimod where no sampler is asked."""
    words = ("plan", "--region", "testland", "--days", "2026-12-05", "--today", "2026-12-01", "--iterations", "200")
    # OR-Tools imports pandas, and that pyarrow, by itself.
    assert not _loaded(*words) & ({*HEAVY, "dimod", "dwave", "openjij"} - {"pandas", "pyarrow"})


def test_japanese_survives_a_pipe_without_locale(stored_region: Region) -> None:
    """Output is UTF-8 wherever it goes."""
    env = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "api", "region", "show", "testland", "--lang", "ja"],
        capture_output=True,
        check=True,
        env=env,
    )
    assert "鯖江駅" in done.stdout.decode("utf-8")
