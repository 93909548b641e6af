"""The benchmark of proofs closes small problems, and does not believe a bound that others refute."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmarks import proof
from benchmarks.instances.toptw import load_toptw
from benchmarks.proof import Proof, findings, first_places, gap_at
from benchmarks.trip_requests import random_problems
from regional_assets.region import bundled_region_folder, load_region


@pytest.fixture
def handmade_shared(toptw_folder: Path, ttdp_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the handmade instances where the maintainers keep the public ones."""
    home = tmp_path / "shared" / "benchmarks"
    shutil.copytree(toptw_folder.parent, home / "toptw")
    shutil.copytree(ttdp_folder.parent, home / "ttdp_athens")
    monkeypatch.setenv("MEGURI_SHARED", str(home.parent))
    return home


def test_small_problems_are_closed(handmade_shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Plan and bound meet at the scores worked out by hand: 5 on the first day of the tourist, 28 on one tour."""
    figures_file = tmp_path / "proof.json"
    assert proof.main(["--families", "ttdp", "toptw", "--seconds", "2", "--json", str(figures_file)]) == 0
    proofs = json.loads(figures_file.read_text(encoding="utf-8"))["proofs"]
    assert [(each["objective"], each["bound"], each["is_optimal"]) for each in proofs] == [(5, 5, True), (28, 28, True)]
    assert "Not closed" not in capsys.readouterr().out


def test_a_bound_below_a_known_score_fails_the_run(handmade_shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If somebody attained 29 where we prove that nobody can attain more than 28, the run says so and fails."""
    (handmade_shared / "toptw" / "best_known.csv").write_text(
        "instance,tours,best_known,status\nc101,1,29,optimal\n", encoding="utf-8"
    )
    assert proof.main(["--families", "toptw", "--seconds", "1"]) == 1
    assert "Wrong bound: c101, 28, yet 29 is attained." in capsys.readouterr().out


def test_missing_instances_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the maintainers' folder, the run ends with what to set."""
    monkeypatch.setenv("MEGURI_SHARED", str(tmp_path / "nothing"))
    assert proof.main(["--families", "ttdp"]) == 2
    assert "MEGURI_SHARED" in capsys.readouterr().err


def test_day_trips_in_the_bundled_region_are_proven_or_listed_as_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two random requests with few candidates each have a plan and a bound not below it."""
    figures_file = tmp_path / "proof.json"
    sizes = ["--requests", "2", "--candidates", "8", "--seconds", "1"]
    assert proof.main(["--families", "echizen", *sizes, "--json", str(figures_file)]) == 0
    proofs = json.loads(figures_file.read_text(encoding="utf-8"))["proofs"]
    assert len(proofs) == 2
    assert all(each["objective"] is None or each["bound"] >= each["objective"] for each in proofs)
    assert "| echizen |" in capsys.readouterr().out


def test_random_requests_repeat_with_their_seed() -> None:
    """Same seed, same problems."""
    region = load_region(bundled_region_folder())
    first, again = (next(random_problems(region, 1, 10, seed=3)) for _ in range(2))
    assert first.option_score.tolist() == again.option_score.tolist()
    assert first.travel.tolist() == again.travel.tolist()


def test_only_the_first_places_are_kept(toptw_folder: Path) -> None:
    """Cutting to two places keeps the depot and points 1 and 2, and no window of the others."""
    cut = first_places(load_toptw(toptw_folder / "c101.txt", 1), 2)
    assert cut.ids.tolist() == [0, 1, 2]
    assert cut.windows[:, 1].tolist() == [1, 2]
    assert cut.travel.shape == (3, 3)


def test_the_gap_at_a_time_is_the_last_one_told_by_then() -> None:
    """Before the first report there is none."""
    told = [(0.5, 20.0), (1.5, 3.0)]
    assert [gap_at(seconds, told) for seconds in (0.4, 0.5, 1.4, 9.0)] == [None, 20.0, 20.0, 3.0]


def test_open_problems_are_listed_with_their_gap() -> None:
    """One per cent counts as closed, a little more does not."""
    base = {"family": "ttdp", "options": 9, "is_optimal": False, "method": "trivial", "seconds": 1.0, "known": None}
    proofs = [
        Proof(name="near", objective=99, bound=100, gaps_percent=(None, 1.0), **base),
        Proof(name="far", objective=98, bound=100, gaps_percent=(None, 2.0), **base),
    ]
    assert findings(proofs) == ["Not closed: far 2.0 %."]
