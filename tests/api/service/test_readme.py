"""What the README tells a newcomer to type, typed at a real server."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]
PATIENCE_S = 300.0
CSV = "170003_tourism.csv"


def blocks(page: str, heading: str) -> list[str]:
    """Return the shell blocks of a section."""
    section = (ROOT / page).read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


SERVE, NAMES, *STEPS = blocks("README.md", "Over HTTP")
OF_ISHIKAWA = next(number for number, step in enumerate(STEPS) if CSV in step)


@pytest.fixture
def typed(planning_server: httpx.Client, tmp_path: Path) -> Callable[..., str]:
    """Return a function that types commands in an empty folder, and gives what they print."""
    if shutil.which("curl") is None:
        pytest.skip("no curl: apt install curl")

    def run(*commands: str) -> str:
        words = {
            "http://127.0.0.1:8000": str(planning_server.base_url).rstrip("/"),
            ".venv/bin/python": shlex.quote(sys.executable),
        }
        script = "".join(commands)
        for written, here in words.items():
            assert written in script
            script = script.replace(written, here)
        # No proxy, no settings of whoever runs the tests.
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "NO_PROXY": "*"}
        shell = ["sh", "-eu", "-c", script]
        # `head -c` may cut a character in two.
        done = subprocess.run(
            shell,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE_S,
        )
        assert (done.returncode, done.stderr) == (0, ""), script
        return done.stdout

    return run


@pytest.fixture
def _without_ishikawa(planning_server: httpx.Client) -> Iterator[None]:
    """Take the region away that the commands make; other tests make it, too."""

    def remove() -> None:
        planning_server.delete("/v1/regions/ishikawa", headers={"If-Match": "*"})

    remove()
    yield
    remove()


def test_both_languages_tell_the_same_commands() -> None:
    """Whoever reads the one can do what the other tells."""
    assert blocks("README.ja.md", "HTTP で使う") == [SERVE, NAMES, *STEPS]


def test_the_server_is_where_the_readme_looks_for_it() -> None:
    """`make serve` listens on the port that the commands name."""
    port = re.search(r"^PORT := (\d+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert SERVE == "make serve\n"
    assert port is not None
    assert f"http://127.0.0.1:{port[1]}/v1\n" in NAMES


@pytest.mark.slow
def test_a_trip_is_planned_followed_and_taken_along(typed: Callable[..., str], tmp_path: Path) -> None:
    """The stream ends with the plan; map, calendar and revenues are there."""
    told = typed(NAMES, *STEPS[:OF_ISHIKAWA])
    trip = json.loads((tmp_path / "trip.json").read_text(encoding="utf-8"))
    assert told.startswith(f'{{"id":"{trip["id"]}"')
    events = re.findall(r"^event: (\w+)$", told, re.MULTILINE)
    assert events[:2] == ["queued", "started"]
    assert "improvement" in events
    assert told.count('"type":"finished"') == told.count('"data":{"state":"succeeded"}') == 2
    stops = json.loads((tmp_path / "trip.geojson").read_text(encoding="utf-8"))["features"]
    assert len([stop for stop in stops if stop["properties"]["role"] == "stop"]) > 3
    calendar = (tmp_path / "trip.ics").read_text(encoding="utf-8")
    assert calendar.startswith("BEGIN:VCALENDAR")
    assert "をめぐる旅" in calendar
    today, proposed = json.loads((tmp_path / "prices.json").read_text(encoding="utf-8"))["comparison"]["outcomes"]
    assert (today["policy"], proposed["policy"]) == ("today", "static")
    assert f'"mean": {proposed["more_than_today"]["mean"]}' in told


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.usefixtures("_without_ishikawa")
def test_a_prefecture_becomes_a_region_and_is_planned_in(
    typed: Callable[..., str], tmp_path: Path, shared: Path
) -> None:
    """Every row is accounted for, and a day in the region can be printed."""
    shutil.copy(shared / "data" / "ishikawa" / "csv" / CSV, tmp_path)
    told = typed(NAMES, *STEPS[OF_ISHIKAWA:])
    assert '"data":{"state":"succeeded"}' in told
    [read] = json.loads((tmp_path / "import.json").read_text(encoding="utf-8"))["result"]["inputs"]
    assert read["rows"] == read["accepted"] + len(read["refused"])
    assert (tmp_path / "ishikawa.pdf").read_bytes().startswith(b"%PDF-")
