"""
The sidecar: what lies beside an exported model, so that what any machine returns can be read back.

It tells what each variable stands for, holds the packing problem itself in plain lists, and names the request or the
market it was made from. Its digest covers the problem and the meanings: a model that is built anew from the same source
must have the same one before samples of the old one are believed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.texts import text
from pricing.model import Market
from regional_assets.errors import InputError, Problem
from regional_assets.validation import problems_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.formats import Fault, Samples
    from solvers.qubo.problem import PackingProblem

SIDECAR_NAME = "sidecar.json"

ModelName = Literal["routes", "day", "prices"]
FileFormat = Literal["bqm", "coo", "lp"]
Pair = Annotated[list[int], Field(min_length=2, max_length=2)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Packing(_Part):
    """
    Hold a packing problem in plain lists; see `solvers.qubo.problem.PackingProblem`.

    Parameters
    ----------
    value, group
        One entry per variable.
    pair, reward
        Pairs ``[i, j]`` of variables that bring something together, and how much.
    conflict
        Pairs of variables that exclude each other.
    use, capacity
        One list of uses per capacity, and how much there is of it.
    """

    value: list[int]
    group: list[int]
    pair: list[Pair]
    reward: list[int]
    conflict: list[Pair]
    use: list[list[int]]
    capacity: list[int]

    @classmethod
    def of(cls, problem: PackingProblem) -> Packing:
        """Return a problem as lists."""
        # Nothing to validate: these come from arrays that were validated as a problem.
        return cls.model_construct(**{name: getattr(problem, name).tolist() for name in cls.model_fields})

    def problem(self) -> PackingProblem:
        """
        Return the problem.

        Raises
        ------
        solvers.errors.ProblemError
            If the lists do not describe one.
        """
        import numpy as np

        from solvers.qubo.problem import PackingProblem
        from solvers.qubo.validation import validate

        def pairs(listed: Sequence[Sequence[int]]) -> NDArray[np.int64]:
            return np.array(listed, np.int64).reshape(-1, 2)

        problem = PackingProblem(
            value=np.array(self.value, np.int64),
            group=np.array(self.group, np.int64),
            pair=pairs(self.pair),
            reward=np.array(self.reward, np.int64),
            conflict=pairs(self.conflict),
            use=np.array(self.use, np.int64).reshape(len(self.capacity), len(self.value)),
            capacity=np.array(self.capacity, np.int64),
        )
        validate(problem)
        return problem


class Variable(_Part):
    """
    Tell what one variable stands for.

    Parameters
    ----------
    name
        In BQM, LP and sample files; in coordinate text it goes by its number in the list.
    group
        Number of its group: at most one variable of a group is chosen.
    meaning
        Of ``routes``: day, assets with ids and start times, inn. Of ``day``: asset and start time. Of ``prices``:
        product and price.
    """

    name: str
    group: int
    meaning: dict[str, Any]


class Size(_Part):
    """
    Hold the size of the model as it is submitted.

    Parameters
    ----------
    variables, interactions
        Variables, and pairs of them with a coupling.
    density
        Share of all pairs that are coupled, 0 to 1.
    largest_clique
        Variables of the largest set found in which every two are coupled: hardware needs no less.
    """

    variables: int
    interactions: int
    density: float
    largest_clique: int


class TripSource(_Part):
    """
    Name the trip a model was made from.

    Parameters
    ----------
    region
        Name, or path of its folder.
    today
        Date that was taken for today.
    request
        The trip request, with every default filled in.
    most
        Variables at most, as asked for; None for the model's own limit.
    """

    kind: Literal["trip"] = "trip"
    region: str
    today: date
    request: dict[str, Any]
    most: Annotated[int, Field(ge=1)] | None = None


class MarketSource(_Part):
    """
    Name the market a model was made from.

    Parameters
    ----------
    market
        Bundled name, path, or the whole market where it was sent over a wire.
    objective
        What prices are for.
    may_close
        Whether a product may be taken off sale.
    """

    kind: Literal["market"] = "market"
    market: str | Market
    objective: Literal["revenue", "visitors", "off-peak", "local-spend"] = "revenue"
    may_close: bool = False


class Sidecar(_Part):
    """
    Hold what lies beside an exported model.

    Parameters
    ----------
    format, version
        Of this file, and of the package that wrote it.
    model
        Which model: ``routes``, ``day`` or ``prices``.
    file
        Name of the model's own file, in the same folder.
    vartype
        Of its variables.
    seed
        Of everything random on the way to the model.
    size
        Of the model.
    digest
        SHA-256 of the problem and the meanings.
    source
        What it was made from.
    groups
        What each group stands for: a day, an asset or a product.
    variables
        In the order of the model.
    packing
        The problem itself.
    """

    format: Literal["meguri-sidecar/1"] = "meguri-sidecar/1"
    version: str
    model: ModelName
    file: str
    vartype: Literal["BINARY"] = "BINARY"
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    size: Size
    digest: str
    source: TripSource | MarketSource
    groups: list[dict[str, Any]]
    variables: list[Variable]
    packing: Packing

    @property
    def labels(self) -> list[str]:
        """Return the names of the variables in the order of the model."""
        return [variable.name for variable in self.variables]


def digest_of(packing: Packing, meanings: Sequence[dict[str, Any]]) -> str:
    """Return the digest of a problem and of what its variables stand for."""
    plain = json.dumps(list(meanings), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{packing.model_dump_json()}{plain}".encode()).hexdigest()


def read_sidecar(path: Path) -> Sidecar:
    """
    Return a sidecar, given its path or that of its folder.

    Raises
    ------
    InputError
        If it is none, or was changed by hand.
    """
    path = path / SIDECAR_NAME if path.is_dir() else path
    try:
        sidecar = Sidecar.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(_problems_of(error, path)) from None
    except OSError as error:
        raise InputError([Problem(str(path), None, text("cli.unreadable", reason=error.strerror or error))]) from None
    check_sidecar(sidecar, f"{path} ")
    return sidecar


def check_sidecar(sidecar: Sidecar, where: str) -> None:
    """
    Refuse a sidecar that describes no problem, or is not as it was written.

    Parameters
    ----------
    where
        In front of each field.

    Raises
    ------
    InputError
        With every problem found.
    """
    from solvers.errors import ProblemError

    try:
        sidecar.packing.problem()
    except (ValueError, OverflowError) as error:
        # Lists of unequal lengths, or numbers beyond 64 bits, do not even make arrays.
        faults = error.problems if isinstance(error, ProblemError) else (str(error),)
        messages = (text("qubo.sidecar_packing", reason=fault) for fault in faults)
        raise InputError(Problem(f"{where}packing", None, message) for message in messages) from None
    meanings = [variable.meaning for variable in sidecar.variables]
    if sidecar.digest != digest_of(sidecar.packing, meanings) or not _fits(sidecar):
        raise InputError([Problem(where.rstrip(" ."), sidecar.digest, text("qubo.sidecar_changed"))])


def samples_of(content: str, sidecar: Sidecar, where: str) -> Samples:
    """
    Return samples from the text of a file, in the order of the sidecar's variables.

    Raises
    ------
    InputError
        If they do not fit the sidecar, or were drawn from another model.
    """
    from solvers.qubo.formats import SamplesError, read_samples

    try:
        samples = read_samples(content, sidecar.labels)
    except SamplesError as error:
        raise InputError(_sample_problem(where, fault) for fault in error.faults) from None
    if samples.model not in (None, sidecar.digest):
        raise InputError([Problem(f"{where} model", samples.model, text("qubo.other_model"))])
    return samples


def _sample_problem(where: str, fault: Fault) -> Problem:
    message = text(f"samples.{fault.code}", **fault.facts)
    return Problem(f"{where} {fault.where}".rstrip(), fault.facts.get("value"), message)


def _problems_of(error: ValidationError, path: Path) -> list[Problem]:
    """Return what is wrong with the fields of a sidecar; of a broken file only that, and not its whole content."""
    (first, *_) = error.errors(include_url=False)
    if first["type"] == "json_invalid":
        return [Problem(str(path), None, text("cli.no_json", reason=first["ctx"]["error"]))]
    return problems_from(error, str(path))


def _fits(sidecar: Sidecar) -> bool:
    groups = [variable.group for variable in sidecar.variables]
    return groups == sidecar.packing.group and len(set(sidecar.labels)) == len(groups)


def this_version() -> str:
    """Return the version of the package, as sidecars name it."""
    return version("meguri")
