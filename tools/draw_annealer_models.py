"""
Draw three models of the bundled region as samplers see them: ``python tools/draw_annealer_models.py``.

Writes ``docs/images/annealer-models.svg``. A dot is an item (a variable), a column a group; filled dots are the best
plan, as proven by the exact solver. For one item of each model, lines join all that it is in conflict with, and all
that pay together with it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from pricing.packing import pack_prices
from pricing.workshops import load_workshops
from regional_assets import bundled_region_folder, load_region
from routing.packing import StartMeaning, pack_trip
from routing.request import TripRequest
from solvers.qubo.exact import solve_exactly
from solvers.qubo.quadratic import density, quadratic_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from regional_assets.model import Region
    from solvers.qubo.problem import PackingProblem

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "annealer-models.svg"
DAY = dt.date(2026, 11, 28)
STATION = {"asset": "sabae-station"}

CHANGE = "change from today's price"
INK, PAPER, CONFLICT, PAYS = "#22303c", "#c9d3db", "#c8553d", "#2e7d6b"


@dataclass(frozen=True)
class Picture:
    """
    Hold one model and how to show it.

    Parameters
    ----------
    height
        Shape ``(n,)``: where each item stands in its column.
    column, row
        What they mean.
    """

    title: str
    problem: PackingProblem
    height: NDArray[np.float64]
    column: str
    row: str


def main() -> None:
    """Make the models, solve them and draw them."""
    mpl.rcParams.update({"svg.hashsalt": "meguri", "font.family": "sans-serif", "font.size": 9, "svg.fonttype": "path"})
    pictures = [routes(), one_day(), prices()]
    figure, axes = plt.subplots(1, 3, figsize=(12, 4.6), layout="constrained", width_ratios=(1.35, 2, 2.4))
    for axis, picture in zip(axes, pictures, strict=True):
        draw(axis, picture)
    figure.legend(handles=_legend(), loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(PICTURE, metadata={"Date": None})
    print(PICTURE)


def routes() -> Picture:
    """Return model A of a trip of two days."""
    packed = pack_trip(*_trip(days=2), model="routes", today=DAY)
    return Picture("A  routes of two days", packed.problem, _value_rank(packed.problem), "day", "worth")


def one_day() -> Picture:
    """Return model B of one day."""
    packed = pack_trip(*_trip(days=1), model="day", today=DAY)
    starts = [meaning.start for meaning in packed.meanings if isinstance(meaning, StartMeaning)]
    hours = np.array([start.hour + start.minute / 60 for start in starts])
    return Picture("B  one day", packed.problem, -hours, "place", "start, morning above")


def prices() -> Picture:
    """Return model C of the bundled workshops, whose demand is simulated."""
    market = load_workshops()
    packed = pack_prices(market)
    today = {product.id: product.current for product in market.products}
    changes = [(meaning.price_yen or 0) / (today[meaning.product] or 1) - 1 for meaning in packed.meanings]
    return Picture("C  prices (simulated workshops)", packed.problem, np.array(changes), "product and period", CHANGE)


def draw(axis: Axes, picture: Picture) -> None:
    """Draw one model."""
    problem = picture.problem
    chosen = solve_exactly(problem, seconds=20).chosen
    across, up = problem.group.astype(np.float64), picture.height
    busy = _most_coupled(problem, chosen)
    for pairs, colour, width in ((problem.conflict, CONFLICT, 0.5), (problem.pair[problem.reward > 0], PAYS, 1.1)):
        own = pairs[(pairs == busy).any(axis=1)]
        for first, second in own:
            axis.plot(across[[first, second]], up[[first, second]], color=colour, linewidth=width, alpha=0.55, zorder=1)
    axis.scatter(across, up, s=9, color=PAPER, edgecolor=INK, linewidth=0.4, zorder=2)
    axis.scatter(across[chosen], up[chosen], s=42, color=INK, zorder=3)
    axis.scatter(across[busy], up[busy], s=95, facecolor="none", edgecolor=CONFLICT, linewidth=1.4, zorder=4)
    quadratic = quadratic_of(problem)
    size = f"{quadratic.variables} variables, {quadratic.interactions:,} pairs coupled ({density(quadratic):.0%})"
    axis.set_title(f"{picture.title}\n{size}", fontsize=9, loc="left")
    axis.set_xlabel(picture.column)
    axis.set_ylabel(picture.row)
    axis.set_xticks([])
    if picture.row == CHANGE:
        axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    else:
        axis.set_yticks([])
    axis.margins(x=0.25 if problem.groups < 5 else 0.04, y=0.06)
    axis.spines[["top", "right"]].set_visible(False)


def _trip(*, days: int) -> tuple[Region, TripRequest]:
    region = load_region(bundled_region_folder())
    wanted = [
        {"date": (DAY + dt.timedelta(days=day)).isoformat(), "start": STATION, "end": STATION} for day in range(days)
    ]
    return region, TripRequest.model_validate({"days": wanted, "lodging": "none", "max_candidates": 40})


def _value_rank(problem: PackingProblem) -> NDArray[np.float64]:
    """Return each item's rank by value within its group, so that dots do not cover each other."""
    rank = np.zeros(problem.items)
    for group in range(problem.groups):
        own = np.flatnonzero(problem.group == group)
        rank[own[np.argsort(problem.value[own], kind="stable")]] = np.linspace(0, 1, len(own))
    return rank


def _most_coupled(problem: PackingProblem, chosen: NDArray[np.bool_]) -> int:
    """Return the chosen item that most others pay with, or else are in conflict with."""
    pays = np.bincount(problem.pair[problem.reward > 0].ravel(), minlength=problem.items)
    meets = np.bincount(problem.conflict.ravel(), minlength=problem.items)
    return int(np.argmax(np.where(chosen, pays * problem.items + meets, -1)))


def _legend() -> list[Line2D]:
    return [
        Line2D([], [], marker="o", linestyle="", markerfacecolor=PAPER, markeredgecolor=INK, label="item (variable)"),
        Line2D([], [], marker="o", linestyle="", markersize=8, color=INK, label="best plan, proven"),
        Line2D([], [], color=CONFLICT, label="in conflict with the ringed item"),
        Line2D([], [], color=PAYS, label="pays more together with it"),
    ]


if __name__ == "__main__":
    main()
