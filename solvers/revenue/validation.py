"""Checks that arrays describe a revenue problem, all faults at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue.problem import ChoiceProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from solvers.revenue.problem import PriceRules, RequestProblem


Kind = Literal["integers", "floating-point numbers", "bools"]

_LETTERS: Final[dict[Kind, str]] = {"integers": "iu", "floating-point numbers": "f", "bools": "b"}
"""What NumPy calls them."""


def validate(problem: ChoiceProblem | RequestProblem) -> None:
    """
    Refuse arrays that do not describe a problem.

    Parameters
    ----------
    problem
        The problem to check.

    Raises
    ------
    ProblemError
        With one sentence per fault: sizes and types that disagree, numbers that are negative, not finite or not
        numbers, indices out of range, products without alternatives, segments without attraction of buying nothing,
        chances of a period above 1.
    """
    faults = _choice_faults(problem) if isinstance(problem, ChoiceProblem) else _request_faults(problem)
    if faults:
        raise ProblemError(tuple(faults))


def validate_rules(problem: ChoiceProblem, rules: PriceRules, phases: int) -> None:
    """
    Refuse rules that do not belong to a problem.

    Parameters
    ----------
    problem
        A valid problem.
    rules
        The rules to check.
    phases
        Number of phases, at least 1.

    Raises
    ------
    ProblemError
        With one sentence per fault: sizes and types that disagree, rows, phases or alternatives out of range,
        coefficients that are not finite, and rows whose lower side is above the upper one.
    """
    entries, rows = rules.row.size, rules.lower.size
    faults = [] if phases >= 1 else [f"phases is {phases}; at least 1 is needed"]
    for name in ("row", "phase", "alternative"):
        faults += _shape(f"rules.{name}", getattr(rules, name), (entries,), "integers")
    faults += _shape("rules.coefficient", rules.coefficient, (entries,), "floating-point numbers")
    faults += _shape("rules.lower", rules.lower, (rows,), "floating-point numbers")
    faults += _shape("rules.upper", rules.upper, (rows,), "floating-point numbers")
    if not faults:
        faults += _indices("rules.row", rules.row, rows)
        faults += _indices("rules.phase", rules.phase, phases)
        faults += _indices("rules.alternative", rules.alternative, problem.alternatives)
        faults += _where("rules.coefficient", rules.coefficient, ~np.isfinite(rules.coefficient), "a finite number")
        faults += _sides(rules)
    if faults:
        raise ProblemError(tuple(faults))


def _sides(rules: PriceRules) -> list[str]:
    faults = []
    for row, (lower, upper) in enumerate(zip(rules.lower, rules.upper, strict=True)):
        if np.isnan(lower) or np.isnan(upper) or lower > upper or lower == np.inf or upper == -np.inf:
            faults.append(f"rules row {row} runs from {lower} to {upper}; a lower side not above the upper is needed")
    return faults


def _choice_faults(problem: ChoiceProblem) -> list[str]:
    faults = _choice_sizes(problem)
    # Contents are looked at only where the shapes agree: indexing would fail otherwise.
    if faults:
        return faults
    faults = _indices("product", problem.product, problem.products)
    if not faults:
        sold = np.bincount(problem.product, minlength=problem.products)
        faults += [f"product {index} has no alternative; at least one is needed" for index in np.flatnonzero(sold == 0)]
    for name in ("price", "use", "capacity", "arrivals", "attraction"):
        faults += _not_negative(name, getattr(problem, name))
    bad = ~(np.isfinite(problem.no_purchase) & (problem.no_purchase > 0))
    return faults + _where("no_purchase", problem.no_purchase, bad, "a finite number above 0")


def _choice_sizes(problem: ChoiceProblem) -> list[str]:
    faults = _axes(
        {"product": 1, "price": 1, "use": 2, "capacity": 1, "arrivals": 2, "attraction": 2, "no_purchase": 1}, problem
    )
    if faults:
        return faults
    alternatives, segments = problem.alternatives, problem.segments
    for name, count in (
        ("product", alternatives),
        ("capacity", problem.resources),
        ("arrivals", segments),
        ("arrivals", problem.periods),
    ):
        faults += [] if count else [f"{name} has shape {getattr(problem, name).shape}; no side may be empty"]
    faults += _shape("product", problem.product, (alternatives,), "integers")
    faults += _shape("price", problem.price, (alternatives,), "floating-point numbers")
    faults += _shape("use", problem.use, (problem.resources, problem.products), "floating-point numbers")
    faults += _shape("capacity", problem.capacity, (problem.resources,), "floating-point numbers")
    faults += _shape("arrivals", problem.arrivals, (segments, problem.periods), "floating-point numbers")
    faults += _shape("attraction", problem.attraction, (segments, alternatives), "floating-point numbers")
    faults += _shape("no_purchase", problem.no_purchase, (segments,), "floating-point numbers")
    if problem.on_sale.size:
        faults += _shape("on_sale", problem.on_sale, (problem.periods, problem.products), "bools")
    return faults


def _request_faults(problem: RequestProblem) -> list[str]:
    faults = _axes({"fare": 1, "use": 2, "capacity": 1, "probability": 2}, problem)
    if faults:
        return faults
    faults += [] if problem.products else ["fare is empty; at least one product is needed"]
    faults += [] if problem.resources else ["capacity is empty; at least one resource is needed"]
    faults += [] if problem.periods else ["probability has no rows; at least one period is needed"]
    faults += _shape("fare", problem.fare, (problem.products,), "floating-point numbers")
    faults += _shape("use", problem.use, (problem.resources, problem.products), "integers")
    faults += _shape("capacity", problem.capacity, (problem.resources,), "integers")
    faults += _shape("probability", problem.probability, (problem.periods, problem.products), "floating-point numbers")
    if faults:
        return faults
    for name in ("fare", "use", "capacity", "probability"):
        faults += _not_negative(name, getattr(problem, name))
    if not faults:
        total = problem.probability.sum(axis=1)
        # Rows are sums of rounded numbers.
        faults += _where("the sum of probability", total, total > 1 + 1e-9, "at most 1")
    return faults


def _axes(wanted: Mapping[str, int], problem: ChoiceProblem | RequestProblem) -> list[str]:
    found = ((name, np.ndim(getattr(problem, name)), axes) for name, axes in wanted.items())
    return [f"{name} has {seen} axes; {axes} are needed" for name, seen, axes in found if seen != axes]


def _shape(name: str, array: NDArray[np.generic], expected: tuple[int, ...], kind: Kind) -> list[str]:
    if array.shape != expected:
        return [f"{name} has shape {array.shape}; {expected} is needed"]
    if array.dtype.kind not in _LETTERS[kind]:
        return [f"{name} holds {array.dtype}; {kind} are needed"]
    return []


def _indices(name: str, array: NDArray[np.int64], count: int) -> list[str]:
    return _where(name, array, (array < 0) | (array >= count), f"0 to {count - 1}")


def _not_negative(name: str, array: NDArray[np.float64] | NDArray[np.int64]) -> list[str]:
    return _where(name, array, ~(np.isfinite(array) & (array >= 0)), "a finite number, not negative,")


def _where(
    name: str, array: NDArray[np.float64] | NDArray[np.int64], is_bad: NDArray[np.bool_], accepted: str
) -> list[str]:
    places = (tuple(int(axis) for axis in place) for place in np.argwhere(is_bad))
    return [f"{name}[{', '.join(map(str, place))}] is {array[place]}; {accepted} is needed" for place in places]
