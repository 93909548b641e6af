"""Work on trips, as a worker does it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from api.jobs.kinds import work_of
from api.jobs.trips import explain, plan
from api.jobs.work import Stopped, Workplace
from api.regions.snapshots import MANIFEST_FILE
from api.trip_requests import ExplanationTask, TripTask
from regional_assets.errors import InputError
from regional_assets.model import Region
from regional_assets.region import load_region, save_region
from routing import _watch
from routing.explain import explain_trip
from routing.itinerary import Excluded, Itinerary
from routing.plan import plan_trip
from routing.request import TripRequest

TODAY = dt.date(2026, 11, 23)
VERSION = "ab" * 32
ENDLESS = 10_000_000


class Ear:
    """A reporter that keeps what it hears, and asks for the end after so many questions."""

    def __init__(self, *, questions: int | None = None) -> None:
        self._left = questions
        self.stages: list[str] = []
        self.shares: list[float] = []
        self.offers: list[tuple[bytes, dict[str, Any]]] = []

    def tell(self, share: float | None = None, stage: str | None = None) -> None:
        if stage is not None:
            self.stages.append(stage)
        if share is not None:
            self.shares.append(share)

    def offer(self, answer: bytes, **facts: Any) -> None:
        self.offers.append((answer, facts))

    def stop_requested(self) -> bool:
        if self._left is None:
            return False
        self._left -= 1
        return self._left < 0


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """Return a workplace without streets."""
    return Workplace(tmp_path, tmp_path / "scratch")


@pytest.fixture
def snapshot(region: Region, tmp_path: Path) -> Region:
    """Return the small region as read from a snapshot."""
    folder = tmp_path / "snapshots" / VERSION
    save_region(region, folder)
    (folder / MANIFEST_FILE).write_text("{}", encoding="utf-8")
    return load_region(folder)


@pytest.fixture
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let plans be told as soon as they are found."""
    for name in ("_FIRST_S", "_APART_S", "_LEAST_WORK"):
        monkeypatch.setattr(_watch, name, 0)


def task(**fields: Any) -> bytes:
    request = {"days": ["2026-12-05", "2026-12-06"], "solver": {"iterations": 400}} | fields
    return TripTask(request=TripRequest.model_validate(request), today=TODAY).model_dump_json().encode()


@pytest.mark.usefixtures("told_at_once")
def test_a_plan_is_that_of_the_planner_with_the_state_of_the_data(snapshot: Region, workplace: Workplace) -> None:
    """The work adds nothing but the data version; better plans are handed out in the same shape, with facts."""
    ear = Ear()
    trip = Itinerary.model_validate_json(plan(task(), snapshot, ear, workplace))
    alone = plan_trip(snapshot, trip.request, today=TODAY)
    assert (trip.days, trip.objective) == (alone.days, alone.objective)
    assert trip.provenance.data_version == VERSION
    assert ear.stages == ["streets", "compiling", "search"]
    assert ear.shares[-1] == 1.0
    answer, facts = ear.offers[-1]
    offered = Itinerary.model_validate_json(answer)
    assert offered.provenance.data_version == VERSION
    assert facts["objective"] == offered.objective <= trip.objective
    assert facts["bound"] >= trip.objective
    assert [day["date"] for day in facts["days"]] == ["2026-12-05", "2026-12-06"]
    assert {asset for day in facts["days"] for asset in day["assets"]} <= {asset.id for asset in snapshot.assets}
    assert json.dumps(facts)


def test_a_region_that_is_no_snapshot_has_no_state(region: Region, workplace: Workplace, tmp_path: Path) -> None:
    """Without a manifest, a folder is no state of anything, whatever its name."""
    save_region(region, tmp_path / VERSION)
    for land in (region, load_region(tmp_path / VERSION)):
        trip = Itinerary.model_validate_json(plan(task(), land, Ear(), workplace))
        assert trip.provenance.data_version is None
    shutil.rmtree(tmp_path / VERSION)


def test_a_plan_that_is_stopped_is_the_best_by_then(region: Region, workplace: Workplace) -> None:
    """Asked to stop, the work returns a plan at once."""
    answer = plan(task(solver={"iterations": ENDLESS}), region, Ear(questions=3), workplace)
    trip = Itinerary.model_validate_json(answer)
    assert (trip.status in ("feasible", "optimal"), trip.provenance.limit) == (True, "stopped")


def test_without_a_plan_there_is_nothing_to_return(region: Region, workplace: Workplace) -> None:
    """Stopped before any plan kept every wish, the work has no answer."""
    morning = {"date": "2026-12-05", "after": "09:00", "before": "12:00"}
    wishes = ["cliff", "castle", "ruins", "eiheiji", "paper"]
    with pytest.raises(Stopped):
        plan(task(days=[morning], must=wishes), region, Ear(questions=0), workplace)


def test_a_reason_is_that_of_the_planner(region: Region, workplace: Workplace) -> None:
    """The place asked about is explained; stopped before that, the work has no answer."""
    trip = plan_trip(region, TripTask.model_validate_json(task(days=["2026-12-05"])).request, today=TODAY)
    asset = next(place.asset for place in trip.excluded if place.code is None)
    payload = ExplanationTask(itinerary=trip, asset=asset, today=TODAY).model_dump_json().encode()
    reason = Excluded.model_validate_json(explain(payload, region, Ear(), workplace))
    assert (reason,) == explain_trip(region, trip, [asset], today=TODAY)
    with pytest.raises(Stopped):
        explain(payload, region, Ear(questions=0), workplace)


def test_bad_input_is_refused_by_the_work_too(region: Region, workplace: Workplace) -> None:
    """What the server would have refused before is refused with every problem."""
    with pytest.raises(InputError) as refused:
        plan(task(must=["nowhere"], avoid=["nobody"]), region, Ear(), workplace)
    assert {problem.where for problem in refused.value.problems} == {"must[0]", "avoid[0]"}


def test_kinds_name_these_functions() -> None:
    """The table of kinds leads here."""
    assert work_of("trip") is plan
    assert work_of("trip-explanation") is explain
