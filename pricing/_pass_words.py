"""Why a pass costs what it does, and what to know of the proposal, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pricing._pass_market import ASSUMED_TAKE_UP
from pricing._words import reason
from pricing.pass_plan import Flag, FlagCode, SplitMethod
from regional_assets.model import Name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pricing._pass_market import PassMarket
    from pricing._pass_splits import Shared
    from pricing.pass_model import Pass
    from pricing.pass_plan import LadderStep, MemberPlan
    from pricing.proposal import Reason


_METHODS: Final[dict[SplitMethod, tuple[str, str]]] = {
    "shapley": ("シャープレイ配分", "by Shapley"),
    "per-visit": ("来訪回数による配分", "per visit"),
    "dual": ("枠の価値による配分", "by scarce room"),
    "core": ("抜ける得を抑えた配分", "towards the core"),
}


def reasons_of(
    pass_: Pass, ladder: Sequence[LadderStep], best: int, members: Sequence[MemberPlan]
) -> tuple[Reason, ...]:
    """Say why the price is what it is: what it brings, what it takes from tickets, and what its neighbours bring."""
    step, none = ladder[best], ladder[0]
    if step.price is None:
        nearest = max(ladder[1:], key=lambda each: each.income_yen)
        loss = none.income_yen - nearest.income_yen
        return (
            reason(
                "NO_PASS",
                f"どの料金でもパスなし(収入 {_yen_ja(none.income_yen)})を上回りません。"
                f"最も近い {_yen_ja(nearest.price or 0)} で {_yen_ja(loss)} 少なくなります",
                f"no price brings more than having no pass ({_yen(none.income_yen)}); the nearest, "
                f"{_yen(nearest.price or 0)}, brings {_yen(loss)} less",
            ),
        )
    lost = none.tickets_yen - step.tickets_yen
    cost = sum(member.visits_cost_yen for member in members)
    more = step.income_yen - none.income_yen
    reasons = [
        reason(
            "BEST_OF_LADDER",
            f"{_yen_ja(step.price)} で {step.passes:.0f} 枚、売上 {_yen_ja(step.takings_yen)}。"
            f"個別券の減収 {_yen_ja(lost)} と来訪の費用 {_yen_ja(cost)} を引いて、"
            f"パスなしより {_yen_ja(more)} 多くなります",
            f"at {_yen(step.price)} some {step.passes:.0f} are sold for {_yen(step.takings_yen)}; less {_yen(lost)} of "
            f"single tickets lost and {_yen(cost)} that visits cost, {_yen(more)} more than without a pass",
        )
    ]
    for neighbour, ja, en in ((best - 1, "安い", "lower"), (best + 1, "高い", "higher")):
        if 1 <= neighbour < len(ladder):
            other = ladder[neighbour]
            less = step.income_yen - other.income_yen
            reasons.append(
                reason(
                    "NEIGHBOUR_BRINGS_LESS",
                    f"一段{ja} {_yen_ja(other.price or 0)} では {other.passes:.0f} 枚で、"
                    f"収入は {_yen_ja(less)} 少なくなります",
                    f"one step {en}, {_yen(other.price or 0)}, sells {other.passes:.0f} and brings {_yen(less)} less",
                )
            )
    return tuple(reasons)


def flags_of(
    pass_: Pass, market: PassMarket, price: int | None, passes: float, tickets: NDArray[np.float64], shared: Shared
) -> tuple[Flag, ...]:
    """Say what is assumed, full, shared or disputed."""
    flags = [
        *_data_flags(pass_),
        *_price_flags(pass_, market, price),
        *_capacity_flags(pass_, market, passes, tickets),
        *_split_flags(pass_, shared),
    ]
    return tuple(flags)


def _data_flags(pass_: Pass) -> Iterator[Flag]:
    if pass_.simulated:
        yield _flag("SIMULATED", "説明用に作った架空のデータです", "made-up data for a show")
    assumed = [member for member in pass_.members if any(offer.take_up is None for offer in member.offers)]
    if assumed:
        yield _flag(
            "ASSUMED_TAKE_UP",
            f"利用率が不明な商品は {ASSUMED_TAKE_UP:.0%} と仮定しました",
            f"offers of unknown take-up are assumed to be used by {ASSUMED_TAKE_UP:.0%} of pass-holders",
            *(member.id for member in assumed),
        )
    stated = sum(1 for segment in pass_.segments if segment.source == "stated")
    if stated:
        yield _flag(
            "STATED_DEMAND",
            f"{len(pass_.segments)} の客層のうち {stated} は記録からの推定ではなく入力された値です",
            f"{stated} of {len(pass_.segments)} segments are stated, not estimated from records",
        )


def _price_flags(pass_: Pass, market: PassMarket, price: int | None) -> Iterator[Flag]:
    if price is None:
        yield _flag("NO_GAIN", "どの料金でもパスなしを上回りません", "no price brings more than having no pass")
        return
    if price in (pass_.ladder[0], pass_.ladder[-1]) and len(pass_.ladder) > 1:
        yield _flag(
            "LADDER_ENDS",
            f"最良の {_yen_ja(price)} は料金表の端です。範囲を広げると、もっと良い料金がありえます",
            f"the best price, {_yen(price)}, is at the end of the ladder: a wider one may hold a better",
        )
    worth = float((market.take_up * market.visits) @ market.price)
    if price > worth:
        yield _flag(
            "DEARER_THAN_TICKETS",
            f"{_yen_ja(price)} は、見込まれる来訪を個別券で買うより高くなります({_yen_ja(worth)})",
            f"{_yen(price)} is more than single tickets for the visits that are expected ({_yen(worth)})",
        )


def _capacity_flags(pass_: Pass, market: PassMarket, passes: float, tickets: NDArray[np.float64]) -> Iterator[Flag]:
    everybody = (1 << market.members) - 1
    used = tickets @ market.ticket_use + passes * market.pass_use(everybody)
    for row, capacity in enumerate(pass_.capacities):
        users = [
            member.id for member in pass_.members if any(capacity.id in offer.capacities for offer in member.offers)
        ]
        ja, en = capacity.name.in_("ja"), capacity.name.in_("en")
        if len(users) > 1:
            yield _flag(
                "CAPACITY_SHARED",
                f"{ja} を {len(users)} 者が共に使います。その価値は利用量で分けます",
                f"{en} is used by {len(users)} members; its worth is shared by use",
                *users,
            )
        if users and used[row] >= market.capacity[row] * (1 - 1e-6):
            yield _flag("CAPACITY_FULL", f"{ja} は売り切れる見込みです", f"{en} is expected to sell out", *users)


def _split_flags(pass_: Pass, shared: Shared) -> Iterator[Flag]:
    names = {member.id: member.name for member in pass_.members}

    def listed(ids: Sequence[str], language: str) -> str:
        return ("、" if language == "ja" else ", ").join(
            names[each].ja or names[each].en or each if language == "ja" else names[each].en or names[each].ja or each
            for each in ids
        )

    if shared.is_sampled:
        yield _flag(
            "SAMPLED_SHARES",
            "参加順を抽出して計算しました。調べていない組み合わせがあります",
            "orders of joining were drawn; some coalitions were not looked at",
        )
    if shared.is_core_empty:
        yield _flag(
            "EMPTY_CORE",
            f"どう分けても、抜けると合わせて {_yen_ja(shared.least_gain)} 得をする組み合わせがあります",
            f"however it is shared, some coalition gains {_yen(shared.least_gain)} by leaving",
        )
    for split in shared.splits:
        method_ja, method_en = _METHODS[split.method]
        if not split.is_in_core:
            yield _flag(
                "OUTSIDE_CORE",
                f"{method_ja}: {listed(split.leaving, 'ja')} は独自のパスにすると {_yen_ja(split.gain_yen)} 得をします",
                f"{method_en}: {listed(split.leaving, 'en')} gain {_yen(split.gain_yen)} by a pass of their own",
                *split.leaving,
            )
        if split.lifted:
            yield _flag(
                "BELOW_ALONE",
                f"{method_ja}: {listed(split.lifted, 'ja')} はパスなしの収入を下回るため、そこまで引き上げました",
                f"{method_en}: {listed(split.lifted, 'en')} would earn less than without the pass; lifted to that",
                *split.lifted,
            )
        paying = [each.member for each in split.shares if each.payout_yen < 0]
        if paying:
            yield _flag(
                "NEGATIVE_SHARE",
                f"{method_ja}: {listed(paying, 'ja')} はパスで個別券が増え、差額を払う側になります",
                f"{method_en}: {listed(paying, 'en')} sells more tickets because of the pass, and would pay",
                *paying,
            )


def _flag(code: FlagCode, ja: str, en: str, *members: str) -> Flag:
    return Flag(code=code, text=Name(ja=ja, en=en), members=members)


def _yen(value: float) -> str:
    return f"¥{value:,.0f}"


def _yen_ja(value: float) -> str:
    return f"{value:,.0f}円"
