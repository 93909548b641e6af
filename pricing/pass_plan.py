"""What is proposed for a pass: its price, what it should bring, and every way of sharing it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from pricing.proposal import Interval, Reason

SplitMethod = Literal["shapley", "per-visit", "dual", "core"]

FlagCode = Literal[
    "ASSUMED_TAKE_UP",
    "BELOW_ALONE",
    "CAPACITY_FULL",
    "CAPACITY_SHARED",
    "DEARER_THAN_TICKETS",
    "EMPTY_CORE",
    "LADDER_ENDS",
    "NEGATIVE_SHARE",
    "NO_GAIN",
    "OUTSIDE_CORE",
    "SAMPLED_SHARES",
    "SIMULATED",
    "STATED_DEMAND",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Flag(Reason):
    """
    Say what is uncertain, assumed or disputed.

    Parameters
    ----------
    code
        See the table in the documentation.
    members
        Whom it concerns; empty where it concerns all.
    """

    code: FlagCode
    members: tuple[str, ...] = ()


class LadderStep(_Frozen):
    """
    Hold what a price of the pass should bring, in the model.

    Parameters
    ----------
    price
        None for no pass.
    passes
        Expected sales.
    takings_yen
        Paid for passes.
    tickets_yen
        Earned by single tickets, less what visits cost.
    income_yen
        What all members earn: takings and tickets, less what visits of pass-holders cost.
    """

    price: int | None
    passes: float
    takings_yen: float
    tickets_yen: float
    income_yen: float


class MemberPlan(_Frozen):
    """
    Hold what the pass does to a member.

    Parameters
    ----------
    alone_yen
        What it earns where there is no pass: nobody is left below that.
    tickets_yen
        What its single tickets bring beside the pass, less what visits cost.
    tickets_lost
        Single visits that it no longer sells because of the pass.
    visits
        Expected visits of pass-holders.
    visits_cost_yen
        What those cost it.
    """

    member: str
    alone_yen: float
    tickets_yen: float
    tickets_lost: float
    visits: float
    visits_cost_yen: float


class MemberShare(_Frozen):
    """
    Hold what a member is paid.

    Parameters
    ----------
    payout_yen
        Of expected takings; payouts of a split sum to them.
    per_pass_yen
        Of each pass sold; the sum is the price.
    worth_yen
        What the member earns in all: payout and tickets, less what visits cost.
    worth_low, worth_high
        95 % interval of the worth where orders were drawn; None where it is exact.
    """

    member: str
    payout_yen: int
    per_pass_yen: int
    worth_yen: float
    worth_low: float | None = None
    worth_high: float | None = None


class Split(_Frozen):
    """
    Hold one way of sharing.

    Parameters
    ----------
    method
        ``shapley``: what each adds, averaged over all orders of joining. ``per-visit``: the same for every visit.
        ``dual``: worth of scarce room first, the rest per visit. ``core``: nearest to Shapley of those that leave no
        coalition a reason to leave (or the least).
    is_in_core
        Whether no coalition would earn more with a pass of its own.
    is_proven
        Whether every coalition was looked at.
    leaving, gain_yen
        The coalition that would gain most by leaving, and what; empty and 0 inside the core.
    lifted
        Members that the method would have left below what they earn alone, and that were lifted to it.
    reason
        What the method does, in words.
    """

    method: SplitMethod
    shares: tuple[MemberShare, ...]
    is_in_core: bool
    is_proven: bool
    leaving: tuple[str, ...]
    gain_yen: float
    lifted: tuple[str, ...]
    reason: Reason


class SensitivityCase(_Frozen):
    """
    Hold what would be if customers minded prices less (``low``) or more (``high``) than stated.

    Parameters
    ----------
    price
        The best price then; None for no pass.
    income_yen
        What all members would earn at the proposed price.
    best_income_yen
        What they would earn at the best.
    """

    case: Literal["low", "high"]
    price: int | None
    income_yen: float
    best_income_yen: float


class PassPlan(_Frozen):
    """
    Hold a proposal for a pass.

    Parameters
    ----------
    pass_id
        Which pass.
    price
        Proposed; None where no price of the ladder brings more than having no pass.
    passes, takings_yen, income_yen
        Sold, paid for passes, and earned by all members (less the cost of visits), in simulated seasons.
    more_than_without
        Paired difference of income to having no pass.
    model_income_yen
        Income in the model that the price was chosen with.
    bound_yen
        What no price of the ladder exceeds in expectation, changed at will and with tickets closed at will.
    ladder
        Every price, no pass first.
    members, splits
        What the pass does to each member, and the ways of sharing it; no splits where there is no pass.
    sensitivities
        Empty where no segment states a range.
    flags, reasons
        What to know of it, and why the price is what it is.
    """

    pass_id: str
    simulated: bool
    price: int | None
    passes: Interval
    takings_yen: Interval
    income_yen: Interval
    more_than_without: Interval
    model_income_yen: float
    bound_yen: float
    ladder: tuple[LadderStep, ...]
    members: tuple[MemberPlan, ...]
    splits: tuple[Split, ...]
    sensitivities: tuple[SensitivityCase, ...]
    flags: tuple[Flag, ...]
    reasons: tuple[Reason, ...]
    horizons: int
    seed: int
    seconds: float
