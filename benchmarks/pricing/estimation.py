"""Estimation: Swissmetro and ModeCanada, recovery of made-up truths, and records that must be refused."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.pricing.section import Given, Section
from benchmarks.timing import timed
from pricing.estimation import Choices, MnlFit, estimate, fit_mnl, read_hotel_bookings, read_sales, recovery
from pricing.estimation.trials import Model
from regional_assets.opening import is_holiday

MODELS: Final[tuple[Model, ...]] = ("logit", "latent-classes", "censored-sales")
NEEDED: Final = 0.90
"""Share of seeds in which an interval must hold the truth."""
DIGITS: Final = 5e-5
LAST_COMPLETE_DAY: Final = dt.date(2026, 7, 31)
"""Later days of the Awara Onsen records are advance bookings."""


def run(given: Given) -> Section:
    """Return the figures of estimation."""
    seeds = 10 if given.is_quick else 100
    recovered = {model: timed(lambda model=model: recovery(model, seeds=seeds)) for model in MODELS}  # type: ignore[misc]
    lines = ["| | figure | value |", "|---|---|---|"]
    figures: dict[str, Any] = {"recovery": {}}
    is_met: dict[str, bool] = {}
    for model, trial in recovered.items():
        figures["recovery"][model] = {"seeds": seeds, "shares": trial.answer.shares, "cpu_seconds": trial.cpu_seconds}
        least = min(trial.answer.shares.items(), key=lambda item: item[1])
        lines.append(
            f"| {model} | 95 % intervals that hold the truth, of {seeds} seeds: "
            f"worst and mean of {len(trial.answer.shares)} figures | "
            f"{least[1]:.0%} ({least[0]}), {np.mean(list(trial.answer.shares.values())):.1%} |"
        )
        if not given.is_quick:
            is_met[f"{model}: every figure's interval holds the truth in 90 of 100 seeds"] = least[1] >= NEEDED
    if given.shared is not None:
        for part in (_swissmetro, _mode_canada, _awara, _hotels):
            part(given.shared, figures, lines, is_met)
    return Section("Estimation", figures, "\n".join(lines), is_met)


def swissmetro(folder: Path) -> Choices:
    """Return the Swissmetro choices as `swissmetro_mnl.json` describes them; a traveller made up to nine."""
    rows = [row for row in _rows(folder / "swissmetro.csv.gz") if row["PURPOSE"] in "13" and row["CHOICE"] != "0"]
    column = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    design = np.zeros((len(rows), 3, 4))
    design[:, 0, 0] = design[:, 2, 1] = 1.0
    paid = column["GA"] == 0
    for place, mode in enumerate(("TRAIN", "SM", "CAR")):
        design[:, place, 2] = column[f"{mode}_TT"] / 100
        design[:, place, 3] = column[f"{mode}_CO"] / 100 * (1.0 if mode == "CAR" else paid)
    shown = column["SP"] != 0
    available = [(column["TRAIN_AV"] != 0) & shown, column["SM_AV"] != 0, (column["CAR_AV"] != 0) & shown]
    return Choices(
        ("ASC_TRAIN", "ASC_CAR", "B_TIME", "B_COST"),
        design,
        np.stack(available, axis=1),
        column["CHOICE"].astype(np.int64) - 1,
        person=column["ID"].astype(np.int64),
    )


def mode_canada(folder: Path) -> Choices:
    """Return the ModeCanada choices: alternative-specific constants and incomes, generic cost, times and frequency."""
    rows = list(_rows(folder / "ModeCanada.csv.gz"))
    modes = ("car", "train", "bus", "air")
    cases = {case: place for place, case in enumerate(dict.fromkeys(row["case"] for row in rows))}
    names = ("cost", "ivt", "ovt", "freq", *modes[1:], *(f"income {mode}" for mode in modes[1:]))
    design = np.zeros((len(cases), len(modes), len(names)))
    available = np.zeros((len(cases), len(modes)), np.bool_)
    chosen = np.zeros(len(cases), np.int64)
    for row in rows:
        case, mode = cases[row["case"]], modes.index(row["alt"])
        available[case, mode] = True
        design[case, mode, :4] = [float(row[name]) for name in names[:4]]
        if mode:
            design[case, mode, 3 + mode] = 1.0
            design[case, mode, 6 + mode] = float(row["income"])
        if row["choice"] == "1":
            chosen[case] = mode
    return Choices(names, design, available, chosen)


def scipy_log_likelihood(choices: Choices, start: NDArray[np.float64]) -> float:
    """Return the largest log-likelihood that a general optimiser of scipy finds, with code of its own."""
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    scale = np.abs(choices.design).max(axis=(0, 1))
    row = np.arange(len(choices))

    def loss(theta: NDArray[np.float64]) -> float:
        utility = np.where(choices.available, choices.design @ (theta / scale), -np.inf)
        return float(logsumexp(utility, axis=1).sum() - utility[row, choices.chosen].sum())

    found = minimize(loss, start, method="L-BFGS-B", options={"maxiter": 2000, "maxfun": 100_000, "ftol": 1e-13})
    return -float(found.fun)


def _swissmetro(shared: Path, figures: dict[str, Any], lines: list[str], is_met: dict[str, bool]) -> None:
    folder = shared / "benchmarks" / "pricing"
    known = json.loads((folder / "swissmetro_mnl.json").read_text(encoding="utf-8"))["measured"]
    choices = swissmetro(folder)
    fit = timed(lambda: fit_mnl(choices))
    found = {**dict(zip(fit.answer.names, fit.answer.values.tolist(), strict=True))}
    is_equal = all(abs(found[name] - known[name]) < DIGITS for name in found)
    figures["swissmetro"] = {**found, "loglik": fit.answer.log_likelihood, "seconds": fit.seconds}
    shown = ", ".join(f"{name} {value:.5f}" for name, value in found.items())
    lines.append(f"| Swissmetro, {len(choices)} choices | coefficients | {shown} |")
    lines.append(
        f"| | log-likelihood (known {known['loglik']:.6f}), seconds | "
        f"{fit.answer.log_likelihood:.6f}, {fit.seconds:.3f} s |"
    )
    ratio = max(robust.standard_error / plain.standard_error for robust, plain in _errors(fit.answer))
    lines.append(f"| | errors by traveller (sandwich) are larger than classic ones by up to | {ratio:.1f} times |")
    is_met["Swissmetro to 4 digits"] = is_equal and abs(fit.answer.log_likelihood - known["loglik"]) < DIGITS
    is_met["Swissmetro in 1 s"] = fit.seconds <= 1.0


def _errors(fit: MnlFit) -> list[tuple[Any, Any]]:
    return list(zip(fit.robust_estimates, fit.estimates, strict=True))


def _mode_canada(shared: Path, figures: dict[str, Any], lines: list[str], is_met: dict[str, bool]) -> None:
    choices = mode_canada(shared / "benchmarks" / "pricing")
    fit = timed(lambda: fit_mnl(choices))
    other = scipy_log_likelihood(choices, np.zeros(len(choices.names)))
    figures["mode_canada"] = {
        **dict(zip(fit.answer.names, fit.answer.values.tolist(), strict=True)),
        "loglik": fit.answer.log_likelihood,
        "loglik_scipy": other,
        "seconds": fit.seconds,
    }
    lines.append(
        f"| ModeCanada, {len(choices)} choices | log-likelihood (scipy L-BFGS-B {other:.4f}), seconds | "
        f"{fit.answer.log_likelihood:.4f}, {fit.seconds:.3f} s |"
    )
    is_met["ModeCanada: no optimiser of scipy finds more"] = fit.answer.log_likelihood >= other - 1e-6


def _awara(shared: Path, figures: dict[str, Any], lines: list[str], is_met: dict[str, bool]) -> None:
    records = read_sales(
        shared / "data" / "fukui" / "demand" / "awara_onsen_latest_rsv_sum.csv",
        date="date_visit",
        quantity="n_room",
        revenue="amount_fee",
        is_holiday=is_holiday,
        last=LAST_COMPLETE_DAY,
    )
    found = estimate(records)
    codes = [remark.code for remark in found.remarks]
    study: Any = found.fit
    steps = [(" + ".join(step.held) or "nothing", step.elasticity) for step in study.steps]
    figures["awara_onsen"] = {
        "codes": codes,
        "steps": {held: [one.value, one.low, one.high] for held, one in steps},
    }
    for held, one in steps:
        lines.append(
            f"| Awara Onsen, {len(records)} days | looks like an elasticity, with {held} held fixed | "
            f"{one.value:+.2f} [{one.low:+.2f}, {one.high:+.2f}] |"
        )
    lines.append(f"| | elasticity, and why | {found.elasticity or 'refused'}: {', '.join(codes)} |")
    is_met["Awara Onsen: sign problem told, naive elasticity refused"] = (
        found.elasticity is None and "PRICE_AND_VOLUME_RISE_TOGETHER" in codes and "NOT_IDENTIFIED" in codes
    )


def _hotels(shared: Path, figures: dict[str, Any], lines: list[str], is_met: dict[str, bool]) -> None:
    bookings = read_hotel_bookings(shared / "data" / "price-response" / "hotel_bookings_subset.csv")
    done = timed(lambda: estimate(bookings))
    codes = [remark.code for remark in done.answer.remarks]
    habits = done.answer.habits
    assert habits is not None
    first, last = habits.by_lead[0].cancelled, habits.by_lead[-2].cancelled
    figures["hotel_bookings"] = {
        "rows": len(bookings.rows),
        "left_out": len(bookings.left_out),
        "codes": codes,
        "cancelled": {one.cancelled.name: one.cancelled.value for one in habits.by_lead},
        "booked_30_days_ahead": habits.curve[30].share,
        "cpu_seconds": done.cpu_seconds,
    }
    lines.append(
        f"| hotel bookings, {len(bookings.rows)} rows | cancelled when booked {first.name} and {last.name} days ahead; "
        f"booked 30 days ahead or more | {first.value:.0%}, {last.value:.0%}; {habits.curve[30].share:.0%} |"
    )
    lines.append(f"| | elasticity, and why | {done.answer.elasticity or 'refused'}: {', '.join(codes)} |")
    is_met["hotel bookings run end to end, flagged as without choice sets"] = "NO_CHOICE_SETS" in codes


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
