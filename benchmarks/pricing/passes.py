"""Passes: the bundled one with its splits, drawn orders against all orders, and sums over many made-up passes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.pricing.section import Given, Section
from benchmarks.timing import timed
from pricing.pass_model import Pass, bundled_pass, check_pass
from pricing.pass_plan import PassPlan
from pricing.passes import price_pass
from solvers.revenue.shares import shapley

_HORIZONS = 1_000
_MEMBERS = 12
_SHOWN = {
    "price",
    "passes",
    "takings_yen",
    "income_yen",
    "more_than_without",
    "model_income_yen",
    "bound_yen",
    "splits",
}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """How drawn orders compare with all orders: share of members inside the interval, largest error, seconds."""

    inside: float
    error: float
    exact_s: float
    drawn_s: float


def run(given: Given) -> Section:
    """Measure all."""
    bundled = timed(lambda: price_pass(bundled_pass(), seed=given.seed, horizons=100 if given.is_quick else _HORIZONS))
    plan = bundled.answer
    games = 3 if given.is_quick else 20
    drawn = _drawn_orders(games, given.seed)
    passes = 5 if given.is_quick else 100
    sums, bounds, floors = _made_up(passes, given.seed)
    figures = {
        "bundled": {"seconds": bundled.seconds, **plan.model_dump(mode="json", include=_SHOWN)},
        "drawn_orders": {"games": games, "members": _MEMBERS, "inside": drawn.inside, "largest_error": drawn.error},
        "seconds_of_shapley": {"exact": drawn.exact_s, "drawn": drawn.drawn_s},
        "made_up": {"passes": passes, "sums_to_the_yen": sums, "below_bound": bounds, "floors_kept": floors},
    }
    met = {
        "the bundled pass over six operators is priced, tested and shared in four ways": len(plan.splits) == 4,
        "every split sums to the yen, of takings and of each pass": sums == passes and _sums_up(plan),
        "nobody is paid less than it earns alone": floors == passes,
        "no simulated mean is above the bound beyond its interval": bounds == passes and _is_below_bound(plan),
        "at least 9 of 10 exact shares lie in the interval of drawn orders": drawn.inside >= 0.9,
    }
    return Section("Passes", figures, _table(plan, bundled.seconds, drawn, passes, (sums, bounds, floors)), met)


_SHOWN = {
    "price",
    "passes",
    "takings_yen",
    "income_yen",
    "more_than_without",
    "model_income_yen",
    "bound_yen",
    "splits",
}


def _drawn_orders(games: int, seed: int) -> _Drawn:
    """Compare on games in which what a member adds depends on who is there already."""
    inside, errors, exact_s, drawn_s = [], [], 0.0, 0.0
    for game in range(games):
        rng = np.random.default_rng([seed, game])
        own, pair = rng.uniform(0, 100, _MEMBERS), rng.uniform(-10, 40, (_MEMBERS, _MEMBERS))
        joined = (np.arange(1 << _MEMBERS)[:, None] >> np.arange(_MEMBERS)) & 1
        together = np.einsum("ci,ij,cj->c", joined, np.triu(pair, 1), joined)
        # Pairs alone would make every drawn pair of orders exact: three together add something, too.
        table = (joined @ own + together + np.maximum(0.0, together) ** 1.5).tolist()
        exact = timed(partial(shapley, _MEMBERS, table.__getitem__))
        drawn = timed(partial(shapley, _MEMBERS, table.__getitem__, most_exact=1, pairs=300, seed=seed + game))
        exact_s, drawn_s = exact_s + exact.seconds, drawn_s + drawn.seconds
        shares = exact.answer.shares
        inside.append(((drawn.answer.low <= shares) & (shares <= drawn.answer.high)).mean())
        errors.append(float(np.abs(drawn.answer.shares - shares).max() / table[-1]))
    return _Drawn(float(np.mean(inside)), max(errors), exact_s / games, drawn_s / games)


def _made_up(passes: int, seed: int) -> tuple[int, int, int]:
    """Price made-up passes; return how many sum up, stay below their bound, and keep every floor."""
    sums = bounds = floors = 0
    for index in range(passes):
        plan = price_pass(_made_up_pass(np.random.default_rng([seed, index])), seed=seed + index, horizons=30)
        sums += _sums_up(plan)
        bounds += _is_below_bound(plan)
        alone = {member.member: member.alone_yen for member in plan.members}
        floors += all(share.worth_yen >= alone[share.member] - 1e-3 for split in plan.splits for share in split.shares)
    return sums, bounds, floors


def _made_up_pass(rng: np.random.Generator) -> Pass:
    members = int(rng.integers(2, 7))
    offers = [
        {
            "id": f"offer{index}", "name": {"en": f"Offer {index}"}, "price": int(rng.integers(2, 40)) * 100,
            "cost": int(rng.integers(0, 20)) * 10, "take_up": float(rng.uniform(0.1, 1)),
            "capacities": {"hall": 1} if rng.random() < 0.4 else {},
        }
        for index in range(members)
    ]  # fmt: skip
    names = [f"offer{index}" for index in range(members)]
    segments = [
        {
            "id": f"segment{index}", "name": {"en": f"Segment {index}"}, "arrivals": float(rng.uniform(20, 400)),
            "sensitivity": float(rng.uniform(0.3, 2)), "pass_appeal": float(rng.uniform(-3, 1)),
            "adds": {name: float(rng.uniform(0, 1)) for name in names},
            "tickets": {name: float(rng.uniform(-1, 2)) for name in names},
        }
        for index in range(int(rng.integers(1, 4)))
    ]  # fmt: skip
    return check_pass(
        {
            "id": "made-up", "name": {"en": "Made up"}, "simulated": True,
            "ladder": sorted({int(price) * 100 for price in rng.integers(5, 80, 6)}),
            "capacities": [{"id": "hall", "name": {"en": "Hall"}, "units": int(rng.integers(5, 200))}],
            "members": [{"id": f"m{i}", "name": {"en": f"M{i}"}, "offers": [each]} for i, each in enumerate(offers)],
            "segments": segments,
        }
    )  # fmt: skip


def _sums_up(plan: PassPlan) -> bool:
    takings = next(step.takings_yen for step in plan.ladder if step.price == plan.price)
    return all(
        sum(share.payout_yen for share in split.shares) == round(takings)
        and sum(share.per_pass_yen for share in split.shares) == plan.price
        for split in plan.splits
    )


def _is_below_bound(plan: PassPlan) -> bool:
    """Whether bound and simulated mean agree; 4 standard errors, as many are looked at."""
    half = (plan.income_yen.high - plan.income_yen.low) / 2
    return plan.income_yen.mean <= plan.bound_yen + 2 * half + 1e-6


def _table(plan: PassPlan, seconds: float, drawn: _Drawn, passes: int, counts: tuple[int, int, int]) -> str:
    members = [member.member for member in plan.members]
    rows = [
        f"Bundled pass (simulated demand): ¥{plan.price:,}, {plan.passes.mean:.0f} sold "
        f"({plan.passes.low:.0f} to {plan.passes.high:.0f}), income ¥{plan.income_yen.mean:,.0f} "
        f"(¥{plan.income_yen.low:,.0f} to ¥{plan.income_yen.high:,.0f}), ¥{plan.more_than_without.mean:,.0f} more than "
        f"without a pass; bound ¥{plan.bound_yen:,.0f}; {seconds:.1f} s.",
        "",
        "| yen of each pass | " + " | ".join(members) + " | in the core | lifted |",
        "|---|" + "--:|" * len(members) + "---|---|",
    ]
    for split in plan.splits:
        shares = " | ".join(f"{share.per_pass_yen}" for share in split.shares)
        core = "yes" if split.is_in_core else f"no: {', '.join(split.leaving)} gain ¥{split.gain_yen:,.0f}"
        rows.append(f"| {split.method} | {shares} | {core} | {', '.join(split.lifted) or '–'} |")
    rows += [
        "",
        f"Shapley of {_MEMBERS} members: {drawn.exact_s:.2f} s over all coalitions; 300 drawn pairs of orders hold "
        f"{drawn.inside:.1%} of exact shares in their 95 % intervals, largest error {drawn.error:.2%} of the total.",
        "",
        f"Of {passes} made-up passes {counts[0]} sum to the yen, {counts[1]} stay below their bound, {counts[2]} keep "
        "every floor.",
    ]
    return "\n".join(rows)
