# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""
What posted prices earn when customers flow like water: each product is sold until something it takes is used up.

Customers of a period come evenly; the moment a resource is used up, the products that take it close, and those who come
later choose among the rest. With ``forbids``, nothing closes, and each capacity that is exceeded costs ``penalty``, and
more.

The market falls into *parts* that share neither customers nor resources, so that a changed price is scored in its part
alone, from its phase on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.compiling import compiled, plain
from solvers.revenue._blocks import considered
from solvers.revenue._logit import HEAVY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import ChoiceProblem

USED_UP = 1e-9
"""Share of a capacity (at least of one unit) below which nothing is left."""


class Market(NamedTuple):
    """
    Hold a choice problem, laid out for the compiled loops.

    Parameters
    ----------
    ladder_start, ladder
        Alternatives of each product by price.
    rung
        Shape ``(A,)``: place of each alternative in ``ladder``.
    weight
        Shape ``(L, A)``: attraction as a multiple of that of buying nothing.
    phase_start
        Shape ``(F + 1,)``: first period of each phase, and T.
    seen_start, seen, seen_by
        Products that each segment considers, and whose entry each is.
    seer_start, seer
        Entries of ``seen`` of each product.
    use_start, use_resource, use_amount
        What each product takes.
    part
        Shape ``(P,)``; the others list the segments, products and resources of each part.
    """

    price: NDArray[np.float64]
    ladder_start: NDArray[np.int64]
    ladder: NDArray[np.int64]
    rung: NDArray[np.int64]
    weight: NDArray[np.float64]
    arrivals: NDArray[np.float64]
    on_sale: NDArray[np.bool_]
    phase_start: NDArray[np.int64]
    seen_start: NDArray[np.int64]
    seen: NDArray[np.int64]
    seen_by: NDArray[np.int64]
    seer_start: NDArray[np.int64]
    seer: NDArray[np.int64]
    use_start: NDArray[np.int64]
    use_resource: NDArray[np.int64]
    use_amount: NDArray[np.float64]
    capacity: NDArray[np.float64]
    part: NDArray[np.int64]
    segment_start: NDArray[np.int64]
    segments: NDArray[np.int64]
    product_start: NDArray[np.int64]
    products: NDArray[np.int64]
    resource_start: NDArray[np.int64]
    resources: NDArray[np.int64]
    forbids: bool
    penalty: float


class Flow(NamedTuple):
    """
    Hold what is left and earned at the start of each phase, and room to compute in.

    Parameters
    ----------
    left
        Shape ``(F + 1, R)``.
    earned
        Shape ``(parts, F + 1)``: by each part before each phase.
    total
        Shape ``(parts,)``: by each part in all, less penalties.
    sold
        Shape ``(A,)``: filled on demand.
    """

    left: NDArray[np.float64]
    earned: NDArray[np.float64]
    total: NDArray[np.float64]
    sold: NDArray[np.float64]
    rate: NDArray[np.float64]
    is_open: NDArray[np.bool_]
    drain: NDArray[np.float64]
    here: NDArray[np.float64]
    shown: NDArray[np.float64]
    mass: NDArray[np.float64]
    pace: NDArray[np.float64]


def lay_out(problem: ChoiceProblem, phase_of_period: NDArray[np.int64], *, forbids: bool) -> Market:
    """Lay out a problem."""
    seen = considered(problem)
    on_sale = problem.on_sale if problem.on_sale.size else np.ones((problem.periods, problem.products), np.bool_)
    phases = int(phase_of_period[-1]) + 1
    order = np.lexsort((np.arange(problem.alternatives), problem.price, problem.product))
    takes = problem.use.T > 0
    product_of_use, resource_of_use = np.nonzero(takes)
    part, segment_part, resource_part = _parts(seen, takes)
    parts = int(part.max()) + 1
    return Market(
        price=plain(problem.price),
        ladder_start=starts_of(problem.product, problem.products),
        ladder=order,
        rung=np.argsort(order),
        weight=plain(problem.attraction / problem.no_purchase[:, None]),
        arrivals=plain(problem.arrivals),
        on_sale=plain(on_sale, np.bool_),
        phase_start=starts_of(phase_of_period, phases),
        seen_start=starts_of(np.nonzero(seen)[0], problem.segments),
        seen=plain(np.nonzero(seen)[1], np.int64),
        seen_by=plain(np.nonzero(seen)[0], np.int64),
        seer_start=starts_of(np.nonzero(seen)[1], problem.products),
        seer=np.argsort(np.nonzero(seen)[1], kind="stable"),
        use_start=starts_of(product_of_use, problem.products),
        use_resource=plain(resource_of_use, np.int64),
        use_amount=plain(problem.use.T[product_of_use, resource_of_use]),
        capacity=plain(problem.capacity),
        part=part,
        segment_start=starts_of(segment_part[segment_part >= 0], parts),
        segments=_members(segment_part),
        product_start=starts_of(part, parts),
        products=_members(part),
        resource_start=starts_of(resource_part[resource_part >= 0], parts),
        resources=_members(resource_part),
        forbids=forbids,
        # More than everybody could ever spend: nothing beyond capacity pays.
        penalty=10.0 * max(float(problem.price.max()), 1.0) * max(float(problem.arrivals.sum()), 1.0),
    )


def new_flow(market: Market) -> Flow:
    """Make room for a market; `refresh` fills it."""
    products, resources, phases = len(market.part), len(market.capacity), len(market.phase_start) - 1
    parts = len(market.product_start) - 1
    left = np.zeros((phases + 1, resources))
    left[0] = market.capacity
    return Flow(
        left=left,
        earned=np.zeros((parts, phases + 1)),
        total=np.zeros(parts),
        sold=np.zeros(len(market.price)),
        rate=np.zeros(products),
        is_open=np.zeros(products, np.bool_),
        drain=np.zeros(resources),
        here=np.zeros(resources),
        shown=np.zeros(len(market.seen)),
        mass=np.ones(len(market.arrivals)),
        pace=np.zeros(len(market.arrivals)),
    )


def refresh(market: Market, flow: Flow, posted: NDArray[np.int64]) -> None:
    """Fill what is left and earned, and the sales of each alternative."""
    flow.sold[:] = 0.0
    shown = plain(posted, np.int64)
    for part in range(len(flow.total)):
        flow.total[part] = sell(market, flow, shown, part, 0, True, True)


def overflow(market: Market, flow: Flow) -> float:
    """Return how far sales are beyond capacity, as a share of it, where most."""
    return float(np.max(-flow.left[-1] / np.maximum(market.capacity, 1.0), initial=0.0))


def starts_of(names: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return where each name's entries start once sorted, and how many there are in all."""
    return np.concatenate([[0], np.cumsum(np.bincount(names, minlength=count))]).astype(np.int64)


def _members(part: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(part, kind="stable")
    return order[part[order] >= 0].astype(np.int64)


def _parts(
    seen: NDArray[np.bool_], takes: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the part of each product, segment and resource; -1 where no product belongs to one."""
    part = np.arange(seen.shape[1])
    for linked in (*seen, *takes.T):
        names = np.unique(part[linked])
        if len(names) > 1:
            part[np.isin(part, names)] = names[0]
    part = np.unique(part, return_inverse=True)[1].astype(np.int64)
    of = [np.where(links.any(axis=1), part[links.argmax(axis=1)], -1).astype(np.int64) for links in (seen, takes.T)]
    return part, of[0], of[1]


@compiled
def sell(
    market: Market, flow: Flow, posted: NDArray[np.int64], part: int, first_phase: int, stores: bool, tallies: bool
) -> float:
    """
    Return what a part earns over the whole horizon, from what was left at the start of ``first_phase``.

    With ``stores``, what is left and earned later is written down; with ``tallies``, the sales are added up.
    """
    earned = flow.earned[part, first_phase]
    resource_from, resource_to = market.resource_start[part], market.resource_start[part + 1]
    for position in range(resource_from, resource_to):
        resource = market.resources[position]
        flow.here[resource] = flow.left[first_phase, resource]
    for phase in range(first_phase, len(market.phase_start) - 1):
        for period in range(market.phase_start[phase], market.phase_start[phase + 1]):
            earned += _sell_period(market, flow, posted[phase], part, period, tallies)
        if stores:
            flow.earned[part, phase + 1] = earned
            for position in range(resource_from, resource_to):
                resource = market.resources[position]
                flow.left[phase + 1, resource] = flow.here[resource]
    if market.forbids:
        for position in range(resource_from, resource_to):
            resource = market.resources[position]
            if flow.here[resource] < -USED_UP * max(market.capacity[resource], 1.0):
                earned -= market.penalty * (1.0 - flow.here[resource] / max(market.capacity[resource], 1.0))
    return earned


@compiled
def _open_products(market: Market, flow: Flow, shown: NDArray[np.int64], part: int, period: int) -> None:
    """Mark the products of a part that can be bought."""
    for position in range(market.product_start[part], market.product_start[part + 1]):
        product = market.products[position]
        flow.rate[product] = 0.0
        can = shown[product] >= 0 and market.on_sale[period, product]
        if can and not market.forbids:
            for taken in range(market.use_start[product], market.use_start[product + 1]):
                resource = market.use_resource[taken]
                if flow.here[resource] <= USED_UP * max(market.capacity[resource], 1.0):
                    can = False
        flow.is_open[product] = can


@compiled
def _let_come(market: Market, flow: Flow, shown: NDArray[np.int64], part: int, period: int) -> None:
    """Fill how each segment weighs what is open, and how fast each product sells."""
    for position in range(market.segment_start[part], market.segment_start[part + 1]):
        segment = market.segments[position]
        customers = market.arrivals[segment, period]
        flow.pace[segment] = 0.0
        if customers == 0.0:
            continue
        mass = 1.0
        for at in range(market.seen_start[segment], market.seen_start[segment + 1]):
            product = market.seen[at]
            weight = market.weight[segment, shown[product]] if flow.is_open[product] else 0.0
            flow.shown[at] = weight
            mass += weight
        flow.mass[segment] = mass
        flow.pace[segment] = customers / mass
        for at in range(market.seen_start[segment], market.seen_start[segment + 1]):
            flow.rate[market.seen[at]] += flow.pace[segment] * flow.shown[at]


@compiled
def _set_drain(market: Market, flow: Flow, shown: NDArray[np.int64], part: int) -> float:
    """Fill how fast each resource is used up; return the yen earned in a whole period."""
    for position in range(market.resource_start[part], market.resource_start[part + 1]):
        flow.drain[market.resources[position]] = 0.0
    earned = 0.0
    for position in range(market.product_start[part], market.product_start[part + 1]):
        product = market.products[position]
        rate = flow.rate[product]
        if rate > 0.0:
            earned += rate * market.price[shown[product]]
            for taken in range(market.use_start[product], market.use_start[product + 1]):
                flow.drain[market.use_resource[taken]] += rate * market.use_amount[taken]
    return earned


@compiled
def _sell_period(market: Market, flow: Flow, shown: NDArray[np.int64], part: int, period: int, tallies: bool) -> float:
    """Let the customers of a period come; return the yen earned."""
    _open_products(market, flow, shown, part, period)
    _let_come(market, flow, shown, part, period)
    resource_from, resource_to = market.resource_start[part], market.resource_start[part + 1]
    earned, ahead = 0.0, 1.0
    while ahead > 0.0:
        speed = _set_drain(market, flow, shown, part)
        step = ahead
        if not market.forbids:
            for position in range(resource_from, resource_to):
                resource = market.resources[position]
                if flow.drain[resource] > 0.0 and flow.here[resource] < step * flow.drain[resource]:
                    step = flow.here[resource] / flow.drain[resource]
        earned += step * speed
        for position in range(resource_from, resource_to):
            resource = market.resources[position]
            flow.here[resource] -= step * flow.drain[resource]
        if tallies:
            for position in range(market.product_start[part], market.product_start[part + 1]):
                product = market.products[position]
                if flow.rate[product] > 0.0:
                    flow.sold[shown[product]] += step * flow.rate[product]
        if step == ahead:
            return earned
        ahead -= step
        _close_used_up(market, flow, part, period)
    return earned


@compiled
def _mass_shown(market: Market, flow: Flow, segment: int) -> float:
    """Return the weight of all that a segment sees, buying nothing included."""
    mass = 1.0
    for at in range(market.seen_start[segment], market.seen_start[segment + 1]):
        mass += flow.shown[at]
    return mass


@compiled
def _close_used_up(market: Market, flow: Flow, part: int, period: int) -> None:
    """Close the products that take something used up, and let the segments that saw them choose among the rest."""
    for position in range(market.product_start[part], market.product_start[part + 1]):
        product = market.products[position]
        if not flow.is_open[product]:
            continue
        for taken in range(market.use_start[product], market.use_start[product + 1]):
            resource = market.use_resource[taken]
            if flow.here[resource] <= USED_UP * max(market.capacity[resource], 1.0):
                flow.is_open[product] = False
        if not flow.is_open[product]:
            for seeing in range(market.seer_start[product], market.seer_start[product + 1]):
                at = market.seer[seeing]
                segment = market.seen_by[at]
                is_heavy = flow.mass[segment] > HEAVY
                flow.mass[segment] -= flow.shown[at]
                flow.shown[at] = 0.0
                if is_heavy:
                    flow.mass[segment] = _mass_shown(market, flow, segment)
    for position in range(market.segment_start[part], market.segment_start[part + 1]):
        segment = market.segments[position]
        if flow.pace[segment] == 0.0:
            continue
        pace = market.arrivals[segment, period] / flow.mass[segment]
        more = pace - flow.pace[segment]
        if more != 0.0:
            flow.pace[segment] = pace
            for at in range(market.seen_start[segment], market.seen_start[segment + 1]):
                flow.rate[market.seen[at]] += more * flow.shown[at]
    for position in range(market.product_start[part], market.product_start[part + 1]):
        product = market.products[position]
        if not flow.is_open[product]:
            flow.rate[product] = 0.0
