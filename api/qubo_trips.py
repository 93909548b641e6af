"""Trips as models for annealers: what their variables stand for, in plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.qubo_models import Model
from api.qubo_sidecar import TripSource

if TYPE_CHECKING:
    from routing.packing import PackedTrip, RouteMeaning, StartMeaning
    from routing.request import TripRequest


def trip_model(packed: PackedTrip, source: TripSource, request: TripRequest) -> Model:
    """Return the model of a trip that was packed."""
    from routing.packing import RouteMeaning

    meanings: list[dict[str, Any]] = []
    groups: dict[int, dict[str, Any]] = {}
    for group, meaning in zip(packed.problem.group.tolist(), packed.meanings, strict=True):
        if isinstance(meaning, RouteMeaning):
            meanings.append(_route(meaning))
            groups.setdefault(group, {"day": meaning.date.isoformat()})
        else:
            meanings.append(_start(meaning))
            groups.setdefault(group, _place(meaning))
    choice = request.solver
    return Model(choice.model, packed.problem, meanings, [groups[key] for key in sorted(groups)], source, choice.seed)


def _route(meaning: RouteMeaning) -> dict[str, Any]:
    return {
        "day": meaning.date.isoformat(),
        "assets": [_visit(visit) for visit in meaning.visits],
        "inn": meaning.inn,
        "inn_name": None if meaning.inn_name is None else meaning.inn_name.model_dump(mode="json"),
    }


def _visit(meaning: StartMeaning) -> dict[str, Any]:
    return {"id": meaning.asset, "name": meaning.name.model_dump(mode="json"), "start": meaning.start.isoformat()}


def _start(meaning: StartMeaning) -> dict[str, Any]:
    return {**_place(meaning), "start": meaning.start.isoformat()}


def _place(meaning: StartMeaning) -> dict[str, Any]:
    return {"asset": meaning.asset, "name": meaning.name.model_dump(mode="json")}
