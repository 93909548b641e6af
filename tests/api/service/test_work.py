"""What work finds in its process, the functions of kinds, and what counts as bad input."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from api.jobs._kept import Kept
from api.jobs.kinds import KINDS, work_of
from api.jobs.work import Workplace
from api.refusals import model_told, problems_of
from api.regions.snapshots import SnapshotRef
from pricing.errors import ConflictingRulesError, PricingError
from regional_assets.errors import InputError, Problem
from regional_assets.model import Region, StreetSource
from regional_assets.text import Text
from routing import plan
from routing.errors import NothingToChooseError
from solvers.errors import ProblemError, SamplerError, SolutionError

BAD = Text(ja="だめ", en="bad")


def _counted(made: list[str], key: str) -> Callable[[], str]:
    def make() -> str:
        made.append(key)
        return key.upper()

    return make


def test_things_used_last_are_kept() -> None:
    """The one that was not asked for the longest goes first; what cannot be made is not kept."""
    kept: Kept[str, str] = Kept(2)
    made: list[str] = []
    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, _counted(made, key)) == key.upper()
    assert made == ["a", "b", "c", "b"]

    def fail() -> str:
        raise InputError([Problem("file", None, BAD)])

    with pytest.raises(InputError):
        kept.get("d", fail)
    assert kept.get("d", _counted(made, "d")) == "D"


def test_a_version_of_a_region_is_read_once(stored_region: Region, tmp_path: Path) -> None:
    """Its region comes from the first reading; another version is read from its own folder."""
    assert stored_region.folder is not None
    workplace = Workplace(tmp_path, tmp_path / "scratch")
    ref = SnapshotRef("testland", "1" * 64, stored_region.folder)
    region = workplace.region(ref)
    assert region == stored_region
    assert workplace.region(ref) is region
    other = tmp_path / "other"
    shutil.copytree(stored_region.folder, other)
    assert workplace.region(SnapshotRef("testland", "2" * 64, other)).folder == other


def test_streets_that_versions_share_are_read_once(
    stored_region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed asset makes a new version of the region, not new streets; changed streets are read anew."""
    assert stored_region.folder is not None
    read: list[Path | None] = []
    monkeypatch.setattr(plan, "load_streets", lambda region, mode: read.append(region.folder) or object())
    workplace = Workplace(tmp_path, tmp_path / "scratch")
    streets = (StreetSource(mode="walk", file="walk.npz", source=stored_region.sources[0]),)
    regions = []
    for version in ("first", "edited", "rebuilt"):
        folder = tmp_path / version
        shutil.copytree(stored_region.folder, folder)
        regions.append(stored_region.model_copy(update={"folder": folder, "streets": streets}))
    (tmp_path / "first" / "walk.npz").write_bytes(b"streets")
    os.link(tmp_path / "first" / "walk.npz", tmp_path / "edited" / "walk.npz")
    (tmp_path / "rebuilt" / "walk.npz").write_bytes(b"streets")
    networks = [workplace.networks(region, "walk") for region in (*regions, regions[0])]
    assert read == [tmp_path / "first", tmp_path / "rebuilt"]
    assert networks[0] == networks[1] == networks[3] != networks[2]


def test_regions_without_streets_have_none(stored_region: Region, tmp_path: Path) -> None:
    """Nothing is read, and the planner gets no networks."""
    assert Workplace(tmp_path, tmp_path / "scratch").networks(stored_region, "walk") == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_job_has_its_work(kind: str) -> None:
    """The function that a kind names can be imported and called."""
    assert callable(work_of(kind))


@pytest.mark.parametrize(
    ("error", "wheres"),
    [
        (InputError([Problem("days", 1, BAD), Problem("party", 2, BAD)]), ["days", "party"]),
        (ConflictingRulesError(["a", "b"], BAD), ["rules"]),
        (NothingToChooseError([BAD, BAD]), ["days", "days"]),
        (SamplerError("unknown", "nobody", "no such sampler"), ["solver.sampler"]),
        (SolutionError("reads of another model"), ["solver.sampler"]),
    ],
)
def test_errors_about_the_input_are_problems_of_it(error: Exception, wheres: list[str]) -> None:
    """Whatever room they come from, in both languages."""
    problems = problems_of(error)
    assert problems is not None
    assert [problem.where for problem in problems] == wheres
    assert all(problem.message.ja and problem.message.en for problem in problems)


@pytest.mark.parametrize("error", [ZeroDivisionError(), PricingError("broken"), ProblemError(("odd",)), SystemExit(1)])
def test_other_errors_are_faults_of_the_program(error: BaseException) -> None:
    """Nobody who asked could do anything about them, and their trace stays what it was."""
    with pytest.raises(type(error)):
        raise error
    trace = error.__traceback__
    assert problems_of(error) is None
    assert error.__traceback__ is trace


def test_models_of_an_input_tell_what_is_wrong_with_it() -> None:
    """Who makes a model of somebody's input names the field it came from."""
    with pytest.raises(InputError) as refusal, model_told("packing"):
        raise ProblemError(("too few", "too many"))
    assert [problem.where for problem in refusal.value.problems] == ["packing", "packing"]
