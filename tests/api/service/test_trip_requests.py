"""What a server takes of trip requests, beyond what makes sense in a region."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import dimod
import pytest

from api.service_settings import ServiceSettings
from api.trip_requests import check_trip_request, fitted
from regional_assets.errors import InputError
from regional_assets.model import Region
from routing.request import TripRequest

TODAY = dt.date(2026, 11, 23)


class FarSampler(dimod.RandomSampler):
    """A sampler that says of itself that it is elsewhere."""

    is_remote = True


def problems(region: Region, home: Path, request: dict[str, Any], **limits: Any) -> dict[str, str]:
    """Return what is wrong with a request in English, by field."""
    settings = ServiceSettings(home=home, **limits)
    asked = TripRequest.model_validate({"days": ["2026-12-05"], **request})
    try:
        check_trip_request(region, fitted(asked, settings), settings, today=TODAY)
    except InputError as error:
        return {problem.where: problem.message.en for problem in error.problems}
    return {}


@pytest.mark.parametrize(
    ("fields", "limits", "where"),
    [
        ({"solver": {"time_limit_s": 61}}, {"search_limit_s": 60}, "solver.time_limit_s"),
        ({"solver": {"proof_s": 61}}, {"search_limit_s": 60}, "solver.proof_s"),
        ({"solver": {"iterations": 1001}}, {"most_iterations": 1000}, "solver.iterations"),
        ({"max_candidates": 101}, {"most_candidates": 100}, "max_candidates"),
    ],
)
def test_limits_of_the_server_are_told(
    region: Region, tmp_path: Path, fields: dict[str, Any], limits: dict[str, Any], where: str
) -> None:
    """Whoever asks for more than the server gives learns how much that is."""
    found = problems(region, tmp_path, fields, **limits)
    assert list(found) == [where]
    assert f"at most {next(iter(limits.values()))}" in found[where]


def test_what_nobody_asked_for_is_no_problem(region: Region, tmp_path: Path) -> None:
    """A server that searches fewer places than a request has by default does not refuse every request."""
    assert problems(region, tmp_path, {}, most_candidates=100) == {}
    asked = TripRequest(days=("2026-12-05",))
    assert fitted(asked, ServiceSettings(home=tmp_path, most_candidates=100)).max_candidates == 100
    assert fitted(asked, ServiceSettings(home=tmp_path)) is asked


def test_all_problems_are_told_at_once(region: Region, tmp_path: Path) -> None:
    """Limits of the server, wishes that the region does not know and past days stand side by side."""
    request = {"days": ["2020-01-01"], "must": ["nowhere"], "solver": {"iterations": 10_000_000}}
    assert set(problems(region, tmp_path, request)) == {"days[0].date", "must[0]", "solver.iterations"}


def test_unknown_samplers_are_refused(region: Region, tmp_path: Path) -> None:
    """A sampler that nobody has registered is refused before anything is planned."""
    found = problems(region, tmp_path, {"solver": {"name": "qubo", "sampler": "nobody"}})
    assert "there are: " in found["solver.sampler"]


def test_no_model_is_sent_away_for_a_client(region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sampler that is elsewhere is not used, and the refusal does not name an option that clients do not have."""
    from solvers.qubo.samplers import registry

    point = EntryPoint("far", f"{__name__}:FarSampler", "meguri.samplers")
    monkeypatch.setattr(EntryPoint, "load", lambda _self: FarSampler)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    found = problems(region, tmp_path, {"solver": {"name": "qubo", "sampler": "far"}})
    assert found == {"solver.sampler": "far sends the model to another machine, which this server does not do"}
