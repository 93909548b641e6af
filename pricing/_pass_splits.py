"""Ways of sharing what a pass brings: by what members add, by visit, by scarce room, and so that nobody leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.pass_plan import MemberShare, Split, SplitMethod
from pricing.proposal import Reason
from regional_assets.model import Name
from solvers.revenue.shares import (
    Coalitions,
    ShapleyResult,
    core_split,
    dual_split,
    in_core,
    shapley,
    whole_amounts,
    with_floor,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pricing._pass_market import PassMarket
    from pricing.pass_model import Pass
    from pricing.pass_plan import MemberPlan

_REASONS: Final[dict[SplitMethod, Name]] = {
    "shapley": Name(
        ja="参加によって増える収入を、すべての参加順について平均",
        en="what each member adds to those before it, averaged over all orders of joining",
    ),
    "per-visit": Name(ja="パス利用者の来訪1回ごとに同額", en="the same for every visit of a pass-holder"),
    "dual": Name(
        ja="満員になる枠には残り1枠の価値を先に払い、残りを来訪回数で分ける",
        en="room that runs out is paid what one more unit would bring; the rest goes by visits",
    ),
    "core": Name(
        ja="どの事業者の組み合わせも抜けて得をしない分け方のうち、シャープレイ配分に最も近いもの",
        en="of the splits that give no coalition a reason to leave, the one nearest to Shapley",
    ),
}
_LEAST_CORE: Final = Name(
    ja="誰も抜けて得をしない分け方はない。得が最も小さくなる分け方",
    en="no split gives all coalitions a reason to stay; this one makes the largest gain from leaving smallest",
)


@dataclass(frozen=True, slots=True)
class Shared:
    """
    Hold all splits.

    Parameters
    ----------
    is_core_empty
        Whether every split gives some coalition a reason to leave; None where that was not asked.
    least_gain
        Yen that some coalition gains by leaving, whatever the split.
    """

    splits: tuple[Split, ...]
    is_core_empty: bool | None
    least_gain: float
    is_sampled: bool = False


def share(pass_: Pass, market: PassMarket, price: int, members: Sequence[MemberPlan], *, seed: int) -> Shared:
    """
    Split the expected takings of a pass in every way.

    What is split is the worth, takings and single tickets less costs; a member's payout is its worth without what its
    own tickets bring, and with what its visits cost. Every split is then lifted to what each member earns alone.
    """
    added = shapley(market.members, market.value, seed=seed)
    tickets = np.array([each.tickets_yen for each in members])
    costs = np.array([each.visits_cost_yen for each in members])
    visits = np.array([each.visits for each in members])
    alone = np.array([each.alone_yen for each in members])
    passes, takings = _passes(market, price)
    per_visit = tickets - costs + takings * _parts(visits)
    # Orders that were drawn sum to the value of all; both are what the best price of the ladder brings.
    core, least = core_split(added.coalitions, added.shares)
    is_empty = least > 1e-6 * max(1.0, abs(added.coalitions.total))
    worths: dict[SplitMethod, NDArray[np.float64]] = {
        "shapley": added.shares,
        "per-visit": per_visit,
        "dual": _by_duals(market, price, tickets, costs, visits),
        "core": core,
    }
    splits = []
    for method, worth in worths.items():
        lifted, who = with_floor(worth, alone)
        payouts = lifted - tickets + costs
        reason = _LEAST_CORE if method == "core" and is_empty else _REASONS[method]
        splits.append(
            _split(
                pass_,
                method,
                (lifted, payouts, who),
                (passes, takings, price),
                added if method == "shapley" and not added.is_exact else None,
                added.coalitions,
                Reason(code=f"SPLIT_{method.upper().replace('-', '_')}", text=reason),
            )
        )
    return Shared(tuple(splits), is_empty, max(0.0, least), not added.is_exact)


def _split(
    pass_: Pass,
    method: SplitMethod,
    found: tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, ...]],
    sold: tuple[float, float, int],
    drawn: ShapleyResult | None,
    coalitions: Coalitions,
    reason: Reason,
) -> Split:
    (worth, payouts, lifted), (passes, takings, price) = found, sold
    check = in_core(coalitions, worth)
    whole = whole_amounts(payouts, round(takings))
    each = whole_amounts(payouts / max(passes, 1e-9), price)
    ids = [member.id for member in pass_.members]
    return Split(
        method=method,
        shares=tuple(
            MemberShare(
                member=member,
                payout_yen=int(whole[row]),
                per_pass_yen=int(each[row]),
                worth_yen=float(worth[row]),
                worth_low=None if drawn is None else float(drawn.low[row]),
                worth_high=None if drawn is None else float(drawn.high[row]),
            )
            for row, member in enumerate(ids)
        ),
        is_in_core=check.is_in_core,
        is_proven=check.is_complete or not check.is_in_core,
        leaving=tuple(ids[row] for row in check.coalition),
        gain_yen=check.gain,
        lifted=tuple(ids[row] for row in lifted),
        reason=reason,
    )


def _passes(market: PassMarket, price: int) -> tuple[float, float]:
    everybody = (1 << market.members) - 1
    passes = float(market.sell(everybody, np.array([float(price)])).passes[0])
    return passes, passes * price


def _parts(visits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return parts that sum to 1 in proportion to visits; even ones where nobody comes."""
    total = float(visits.sum())
    return visits / total if total > 0 else np.full(len(visits), 1 / len(visits))


def _by_duals(
    market: PassMarket,
    price: int,
    tickets: NDArray[np.float64],
    costs: NDArray[np.float64],
    visits: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Pay for room at its dual, tickets what is left of them to their seller, and what is left of passes by visit."""
    # Imported here: the search for sets is compiled.
    from solvers.revenue.choice_based import choice_based

    everybody = (1 << market.members) - 1
    sales = market.sell(everybody, np.array([float(price)]))
    duals = choice_based(market.choice_problem([float(price)]), iterations=100).duals.copy()
    # The limit on passes belongs to nobody: what it is worth stays with the passes.
    duals[-1] = 0.0
    by_tickets = (sales.tickets[0] @ market.ticket_offers)[:, None] * market.units
    by_pass = (sales.passes[0] * market.visits_of(everybody))[:, None] * market.units
    used = (by_tickets + by_pass).sum(0)
    owned = market.belongs((by_tickets + by_pass).T) / np.maximum(used, 1e-12)[:, None]
    ticket_room = market.belongs(by_tickets @ duals)
    pass_room = market.belongs(by_pass @ duals)
    takings = float(sales.passes[0]) * price
    left = takings - float(costs.sum()) - float(pass_room.sum())
    # Costs are paid back first, so that a visit that costs more does not earn less.
    return dual_split(duals, used, owned, tickets - ticket_room + left * _parts(visits))
