"""Packing problems of trips and prices as files that other machines take, with their sidecar."""

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

if TYPE_CHECKING:
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
