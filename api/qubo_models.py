"""Trips and prices as models for annealers: what their variables stand for, and their files with the sidecar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.qubo_sidecar import (
    SIDECAR_NAME,
    FileFormat,
    MarketSource,
    ModelName,
    Packing,
    Sidecar,
    Size,
    TripSource,
    Variable,
    digest_of,
    this_version,
)
from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from pricing.model import Market
    from pricing.packing import PackedPrices
    from routing.packing import PackedTrip, RouteMeaning, StartMeaning
    from routing.request import TripRequest
    from solvers.qubo.problem import PackingProblem

HARDWARE_CLIQUE = 180
"""Variables of the largest complete graph that ideal Pegasus and Zephyr graphs (D-Wave's machines) hold, about."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """
    Hold a packing problem, what its parts stand for, and what it was made from.

    Parameters
    ----------
    name
        Which model it is.
    problem
        The problem.
    meanings, groups
        What each variable and each group stands for, plain values only.
    source
        The request or the market.
    seed
        Of everything random on the way to the model, and to what is submitted.
    """

    name: ModelName
    problem: PackingProblem
    meanings: Sequence[dict[str, Any]]
    groups: Sequence[dict[str, Any]]
    source: TripSource | MarketSource
    seed: int


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


def price_model(market: Market, packed: PackedPrices, source: MarketSource, *, seed: int) -> Model:
    """Return the model of a market whose prices were laid out."""
    names = {product.id: product.name.model_dump(mode="json") for product in market.products}
    meanings: list[dict[str, Any]] = [
        {
            "product": meaning.product,
            "name": names[meaning.product],
            "yen": meaning.price_yen,
            "from": meaning.first.isoformat(),
            "until": meaning.last.isoformat(),
        }
        for meaning in packed.meanings
    ]
    groups: dict[int, dict[str, Any]] = {}
    for group, meaning in zip(packed.problem.group.tolist(), meanings, strict=True):
        groups.setdefault(group, {name: meaning[name] for name in ("product", "name", "from", "until")})
    return Model("prices", packed.problem, meanings, [groups[group] for group in sorted(groups)], source, seed)


def market_model(market: Market, source: MarketSource, *, seed: int) -> Model:
    """
    Return the model of a market.

    Raises
    ------
    InputError
        If the market makes no sense, or has more prices than a model may hold.
    pricing.errors.ConflictingRulesError
        If no prices keep all rules.
    """
    from pricing.packing import pack_prices

    packed = pack_prices(market, objective=source.objective, may_close=source.may_close)
    return price_model(market, packed, source, seed=seed)


def refuse_empty(model: Model, where: str) -> None:
    """
    Refuse a model without variables.

    Raises
    ------
    InputError
        If nothing is left to choose.
    """
    if not model.problem.items:
        raise InputError([Problem(where, None, text("qubo.nothing_to_choose"))])


def model_files(model: Model, form: FileFormat) -> tuple[Sidecar, dict[str, str | bytes]]:
    """
    Return the sidecar of a model, and the contents of both files by name; the sidecar stands last.

    Raises
    ------
    solvers.errors.ProblemError
        If the problem is too large.
    """
    from solvers.qubo.formats import bqm_bytes, coo_text, lp_text, variable_names
    from solvers.qubo.quadratic import density, largest_clique
    from solvers.qubo.submission import submission_of

    submission = submission_of(model.problem, seed=model.seed)
    quadratic = submission.quadratic
    packing = Packing.of(model.problem)
    labels = variable_names(model.problem.items)
    sidecar = Sidecar(
        version=this_version(),
        model=model.name,
        file=f"model.{form}",
        seed=model.seed,
        size=Size(
            variables=quadratic.variables,
            interactions=quadratic.interactions,
            density=round(density(quadratic), 4),
            largest_clique=largest_clique(quadratic, group=model.problem.group),
        ),
        digest=digest_of(packing, model.meanings),
        source=model.source,
        groups=list(model.groups),
        variables=[
            Variable(name=name, group=group, meaning=meaning)
            for name, group, meaning in zip(labels, packing.group, model.meanings, strict=True)
        ],
        packing=packing,
    )
    content: str | bytes
    if form == "bqm":
        content = bqm_bytes(quadratic)
    else:
        content = coo_text(quadratic) if form == "coo" else lp_text(model.problem)
    return sidecar, {sidecar.file: content, SIDECAR_NAME: sidecar.model_dump_json() + "\n"}


def refuse_changed_source(sidecar: Sidecar, model: Model, where: str) -> None:
    """
    Refuse a model that, built anew from its source, is no longer the one that was exported.

    Raises
    ------
    InputError
        If its digest is another one.
    """
    digest = digest_of(Packing.of(model.problem), model.meanings)
    if digest != sidecar.digest:
        message = text("qubo.source_changed", old=sidecar.version, new=this_version())
        raise InputError([Problem(where, digest, message)])


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
