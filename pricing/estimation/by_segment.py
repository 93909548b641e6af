"""Where records name the segment of every customer: a logit for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pricing._words import reason
from pricing.errors import NoPriceVariationError
from pricing.estimation.choice_records import choices_of, never_bought
from pricing.estimation.errors import UnidentifiedError
from pricing.estimation.mnl import MnlFit, fit_mnl
from regional_assets.errors import InputError

if TYPE_CHECKING:
    from pricing.estimation.records import Bookings
    from pricing.estimation.results import Estimate
    from pricing.proposal import Reason


@dataclass(frozen=True, slots=True, eq=False)
class SegmentFits:
    """
    Hold a logit for each segment that the records name and can tell.

    Parameters
    ----------
    fits
        By segment; a segment whose records cannot tell its logit is left out, and a remark says why.
    """

    fits: dict[str, MnlFit]
    remarks: tuple[Reason, ...]

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Return all coefficients, named ``families.price`` and so on."""
        return tuple(
            replace(estimate, name=f"{segment}.{estimate.name}")
            for segment, fit in self.fits.items()
            for estimate in fit.estimates
        )


def fit_segments(bookings: Bookings) -> SegmentFits:
    """
    Fit a logit for each segment of bookings that tell what was on offer.

    Raises
    ------
    UnidentifiedError, NoPriceVariationError, InputError
        If no segment's logit can be told: that of the first segment.
    """
    fits: dict[str, MnlFit] = {}
    remarks: list[Reason] = []
    refusals: list[UnidentifiedError | NoPriceVariationError | InputError] = []
    for segment in segments_of(bookings):
        own = replace(bookings, rows=tuple(row for row in bookings.rows if row.segment == segment))
        lacking = ", ".join(never_bought(own))
        try:
            fits[segment] = fit_mnl(choices_of(own))
        except (UnidentifiedError, NoPriceVariationError, InputError) as refusal:
            refusals.append(refusal)
            remarks.append(_not_told(segment, refusal))
            continue
        if lacking:
            remarks.append(never_bought_remark(f"{segment}: {lacking}"))
    if not fits:
        raise refusals[0]
    return SegmentFits(fits, tuple(remarks))


def segments_of(bookings: Bookings) -> tuple[str, ...]:
    """Return the segments of bookings, or none where some customer's is unknown."""
    names = {row.segment for row in bookings.rows}
    return () if None in names else tuple(sorted(name for name in names if name))


def never_bought_remark(products: str) -> Reason:
    """Return the remark on products that were offered and that nobody bought."""
    return reason(
        "NEVER_BOUGHT",
        ja=f"一度も買われず、魅力の値が定まらないため除きました: {products}",
        en=f"offered and never bought, so without a finite appeal, and left out: {products}",
    )


def _not_told(segment: str, refusal: UnidentifiedError | NoPriceVariationError | InputError) -> Reason:
    if isinstance(refusal, InputError):
        ja, en = (refusal.problems[0].line(language) for language in ("ja", "en"))
    else:
        ja, en = refusal.message.ja, refusal.message.en
    return reason("SEGMENT_NOT_TOLD", ja=f"客層「{segment}」は推定できません: {ja}", en=f"no fit for {segment}: {en}")
