from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.pricing.estimation import mode_canada, scipy_log_likelihood, swissmetro
from pricing.estimation import estimate, fit_mnl, read_hotel_bookings, read_sales
from regional_assets.opening import is_holiday

pytestmark = pytest.mark.shared_data


def test_swissmetro_is_met_to_four_digits(shared: Path) -> None:
    """Coefficients and log-likelihood are those that four other programs agree on."""
    folder = shared / "benchmarks" / "pricing"
    known = json.loads((folder / "swissmetro_mnl.json").read_text(encoding="utf-8"))["measured"]
    fit = fit_mnl(swissmetro(folder))
    assert dict(zip(fit.names, fit.values, strict=True)) == pytest.approx(
        {name: known[name] for name in fit.names}, abs=5e-5
    )
    assert fit.log_likelihood == pytest.approx(known["loglik"], abs=5e-6)
    robust, plain = fit.estimate("B_TIME", is_robust=True), fit.estimate("B_TIME")
    assert robust.standard_error > plain.standard_error


def test_mode_canada_is_a_maximum(shared: Path) -> None:
    """The gradient vanishes and a general optimiser finds nothing better."""
    choices = mode_canada(shared / "benchmarks" / "pricing")
    fit = fit_mnl(choices)
    assert fit.gradient_norm < 1e-4
    assert fit.values[fit.names.index("cost")] < 0
    start = fit.values * np.abs(choices.design).max(axis=(0, 1))
    assert fit.log_likelihood >= scipy_log_likelihood(choices, start + 0.01) - 1e-6


def test_awara_onsen_reports_the_sign_problem(shared: Path) -> None:
    """Price and volume rise together, controls take little of it, and no elasticity is given."""
    records = read_sales(
        shared / "data" / "fukui" / "demand" / "awara_onsen_latest_rsv_sum.csv",
        date="date_visit",
        quantity="n_room",
        revenue="amount_fee",
        also={"people per room": ("n_people", "n_room")},
        is_holiday=is_holiday,
        last=dt.date(2026, 7, 31),
    )
    found = estimate(records)
    told = {remark.code: remark.text.in_("en") for remark in found.remarks}
    assert "Saturday averages 97,126 with 443 sold, Wednesday 69,643 with 264" in told["PRICE_AND_VOLUME_RISE_TOGETHER"]
    assert {"CONTROLS_CHANGE_IT", "POSITIVE_PRICE_EFFECT", "NOT_IDENTIFIED", "LATER_DAYS_LEFT_OUT"} <= set(told)
    assert (found.elasticity, found.price_effects) == (None, ())


def test_hotel_bookings_run_end_to_end(shared: Path) -> None:
    """Every row is read, early bookings are cancelled most, and the lack of choice sets is flagged."""
    bookings = read_hotel_bookings(shared / "data" / "price-response" / "hotel_bookings_subset.csv")
    assert (len(bookings.rows), bookings.left_out) == (14_938, ())
    found = estimate(bookings)
    assert found.habits is not None
    first, late = found.habits.by_lead[0].cancelled, found.habits.by_lead[-2].cancelled
    assert first.high < late.low
    assert "NO_CHOICE_SETS" in [remark.code for remark in found.remarks]
    assert found.elasticity is None
