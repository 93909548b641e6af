"""
Write the SIMULATED market of Echizen workshops that `pricing` bundles: nothing in it was observed.

Places, slots and closing days follow the bundled region Echizen; demand, prices, bookings and the truth behind them are
made up. Run ``python tools/make_workshop_market.py`` from the repository root to write the folder again; the same
bytes come out.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pricing.model import Market

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FOLDER = Path("pricing/data/echizen-workshops")
SEED = 20270315

TODAY = dt.date(2027, 3, 15)
PERIOD_STARTS = ("2027-03-15", "2027-03-29", "2027-04-08", "2027-04-15", "2027-04-19", "2027-04-23")
LAST_DAY = dt.date(2027, 4, 25)
ARRIVAL_SHARES = (0.10, 0.15, 0.17, 0.20, 0.20, 0.18)
"""How customers spread over the periods: more come as the day draws near."""

SATURDAYS = ("2027-04-17", "2027-04-24")
SUNDAYS = ("2027-04-18", "2027-04-25")
WEEKDAYS = ("2027-04-22", "2027-04-23")
DAY_APPEAL = {"sat": 0.45, "sun": 0.15, "weekday": -0.50}

FIRST_PAST_DAY, LAST_PAST_DAY = dt.date(2026, 10, 1), dt.date(2027, 3, 14)
LEAD_DAYS = 28
"""Days before the date in which past customers looked."""

LOOKS_PER_DAY = {"families": 18.0, "couples": 10.0, "makers": 11.0, "overseas": 10.0, "residents": 14.0}
"""Customers who looked at one past date."""

PRICE_RANGE = 0.4
"""Past prices were drawn by lot within so much of the price of today: a price test."""


class Workshop(NamedTuple):
    """Hold an offer of one place: what it costs, and how many seats its slots have."""

    key: str
    asset: str
    operator: str
    ja: str
    en: str
    ladder: tuple[int, ...]
    today: int
    cost: int
    seats: int
    minutes: int
    weekend_slots: tuple[str, ...]
    weekday_slots: tuple[str, ...]
    local_spend: int


WORKSHOPS = (
    Workshop(
        "lacquer", "urushi-painting-class", "urushi-no-sato", "漆器の絵付け", "Lacquer painting",
        (1200, 1400, 1600, 1800, 2000, 2400), 1600, 400, 12, 70, ("10:00", "13:30"), (), 1500,
    ),
    Workshop(
        "washi", "papyrus-washi-workshop", "washi-no-sato", "紙漉き体験", "Papermaking",
        (500, 600, 700, 800, 900, 1200), 700, 100, 12, 40, ("13:00",), ("10:30",), 1200,
    ),
    Workshop(
        "knife", "takefu-knife-class", "takefu-knife-village", "刃物づくり教室", "Knife making",
        (6000, 7000, 8000, 9000, 10000, 12000), 8000, 2000, 6, 210, ("10:00",), ("10:00",), 2500,
    ),
    Workshop(
        "pottery", "togeikan-pottery-class", "echizen-togeikan", "陶芸教室", "Pottery class",
        (1000, 1200, 1300, 1500, 1600, 2000), 1300, 300, 10, 90, ("11:00",), ("11:00",), 900,
    ),
    Workshop(
        "frame", "megane-frame-class", "megane-museum", "手作りめがね教室", "Frame making",
        (14000, 16000, 18000, 20000, 22000, 26000), 18000, 5000, 6, 330, ("10:00",), (), 3000,
    ),
    Workshop(
        "strap", "megane-strap-class", "megane-museum", "めがね素材の小物づくり", "Keyring workshop",
        (600, 800, 1000, 1100, 1200, 1600), 1000, 200, 10, 40, ("13:00",), (), 1000,
    ),
    Workshop(
        "glass", "kanaz-glass-studio", "kanaz-forest", "吹きガラス体験", "Glass blowing",
        (2000, 2500, 3000, 3500, 4000, 4500), 3000, 600, 6, 50, ("13:00",), (), 1100,
    ),
)  # fmt: skip
RESIDENT_LADDER, RESIDENT_TODAY = (600, 800, 900, 1000, 1100, 1300), 1000


class Customers(NamedTuple):
    """Hold the truth about a segment; ``stated`` is what its market says, which is near it."""

    id: str
    ja: str
    en: str
    looks_at: dict[str, float]
    """Appeal of each workshop at today's price, before the day and the slot."""
    arrivals: float
    sensitivity: float
    stated: float
    cancels: float
    stays_away: float


CUSTOMERS = (
    Customers(
        "families", "家族連れ", "Families",
        {"lacquer": -2.3, "washi": -1.7, "pottery": -2.2, "strap": -2.0}, 210.0, 1.5, 1.3, 0.12, 0.03,
    ),
    Customers(
        "couples", "日帰りの二人連れ", "Day-trip couples",
        {"lacquer": -2.1, "pottery": -2.0, "glass": -1.7}, 130.0, 0.8, 0.9, 0.10, 0.04,
    ),
    Customers(
        "makers", "ものづくり好き", "Craft lovers",
        {"knife": -1.6, "glass": -1.9}, 100.0, 0.30, 0.27, 0.08, 0.02,
    ),
    Customers(
        "overseas", "海外からの旅行者", "Visitors from abroad",
        {"knife": -1.8, "frame": -1.5, "lacquer": -2.6}, 90.0, 0.15, 0.17, 0.15, 0.06,
    ),
    Customers(
        "residents", "地元の人", "Residents",
        {"pottery-resident": -1.2, "washi": -1.6, "strap": -2.2}, 70.0, 2.2, 2.5, 0.06, 0.03,
    ),
)  # fmt: skip
RANGE = 1.6
"""Stated ranges of sensitivity reach from the figure divided by this to the figure times it."""


@dataclass(frozen=True)
class Offer:
    """Hold one product before it has a date: a workshop at a time on a kind of day, at a rate."""

    workshop: Workshop
    start: str
    day: str
    is_resident: bool = False

    @property
    def key(self) -> str:
        """Return what customers look at."""
        return "pottery-resident" if self.is_resident else self.workshop.key

    @property
    def id(self) -> str:
        """Return the id without a date."""
        return f"{self.key}-{self.start.replace(':', '')}"

    @property
    def ladder(self) -> tuple[int, ...]:
        """Return the prices it may have."""
        return RESIDENT_LADDER if self.is_resident else self.workshop.ladder

    @property
    def today(self) -> int:
        """Return its price."""
        return RESIDENT_TODAY if self.is_resident else self.workshop.today

    def appeal(self, customers: Customers, sensitivity: float) -> float | None:
        """Return its appeal at no price; at today's price the same for every sensitivity."""
        at_today = customers.looks_at.get(self.key)
        if at_today is None:
            return None
        slot = 0.1 if self.start >= "12:00" else 0.0
        return round(at_today + DAY_APPEAL[self.day] + slot + sensitivity * self.today / 1000, 4)


def offers_of(day: str) -> Iterator[Offer]:
    """Yield what is sold on a kind of day; residents have a rate of their own on weekdays."""
    for workshop in WORKSHOPS:
        for start in workshop.weekday_slots if day == "weekday" else workshop.weekend_slots:
            yield Offer(workshop, start, day)
            if workshop.key == "pottery" and day == "weekday":
                yield Offer(workshop, start, day, is_resident=True)


def dated_offers() -> Iterator[tuple[str, Offer]]:
    """Yield every product of the market with its date."""
    days = {**dict.fromkeys(SATURDAYS, "sat"), **dict.fromkeys(SUNDAYS, "sun"), **dict.fromkeys(WEEKDAYS, "weekday")}
    for date in sorted(days):
        for offer in offers_of(days[date]):
            yield date, offer


def market() -> dict[str, Any]:
    """Return the market with stated demand."""
    capacities: dict[str, dict[str, Any]] = {}
    products = []
    for date, offer in dated_offers():
        seats = f"{offer.workshop.key}-{offer.start.replace(':', '')}-{date}-seats"
        capacities.setdefault(seats, capacity(seats, date, offer))
        products.append(product(date, offer, seats))
    return {
        "id": "echizen-workshops",
        "name": {"ja": "越前の工房体験（模擬データ）", "en": "Echizen workshops (SIMULATED data)"},
        "currency": "JPY",
        "today": TODAY.isoformat(),
        "periods": periods(),
        "capacities": list(capacities.values()),
        "products": products,
        "segments": [segment(customers, customers.stated) for customers in CUSTOMERS],
        "rules": rules(products),
        "simulated": True,
    }


def periods() -> list[dict[str, str]]:
    """Return the booking periods, one after the other."""
    starts = [dt.date.fromisoformat(day) for day in PERIOD_STARTS]
    ends = [later - dt.timedelta(days=1) for _, later in pairwise(starts)]
    return [
        {"first": first.isoformat(), "last": last.isoformat()}
        for first, last in zip(starts, [*ends, LAST_DAY], strict=True)
    ]


def capacity(seats: str, date: str, offer: Offer) -> dict[str, Any]:
    """Return the seats of a slot; some of the first Saturday's are booked already."""
    booked = 2 if date == SATURDAYS[0] and offer.workshop.seats >= 10 else 0
    row: dict[str, Any] = {
        "id": seats,
        "name": {
            "ja": f"{offer.workshop.ja} {date} {offer.start} の席",
            "en": f"Seats of {offer.workshop.en}, {date} {offer.start}",
        },
        "units": offer.workshop.seats,
    }
    if booked:
        row |= {"booked": booked, "booked_yen": booked * offer.workshop.today}
    if offer.workshop.key in {"washi", "strap"}:
        row["walk_ins"] = 1.5 if offer.day == "sat" else 1.0
    return row


def product(date: str, offer: Offer, seats: str) -> dict[str, Any]:
    """Return one product of the market."""
    minutes = int(offer.start[:2]) * 60 + int(offer.start[3:]) + offer.workshop.minutes
    rate = "市民料金" if offer.is_resident else "一般"
    rate_en = "resident rate" if offer.is_resident else "public"
    return {
        "id": f"{offer.id}-{date}",
        "name": {
            "ja": f"{offer.workshop.ja} {date} {offer.start}（{rate}）",
            "en": f"{offer.workshop.en}, {date} {offer.start} ({rate_en})",
        },
        "operator": offer.workshop.operator,
        "asset": offer.workshop.asset,
        "kind": "craft",
        "date": date,
        "start": offer.start,
        "end": f"{minutes // 60:02d}:{minutes % 60:02d}",
        "rate": "resident" if offer.is_resident else "public",
        "capacities": {seats: 1},
        "ladder": list(offer.ladder),
        "current": offer.today,
        "cost": offer.workshop.cost,
        "off_peak": offer.day == "weekday",
        "local_spend": offer.workshop.local_spend,
    }


def segment(customers: Customers, sensitivity: float) -> dict[str, Any]:
    """Return a segment of the market, with a sensitivity."""
    row: dict[str, Any] = {
        "id": customers.id,
        "name": {"ja": customers.ja, "en": customers.en},
        "arrivals": [round(customers.arrivals * share, 2) for share in ARRIVAL_SHARES],
        "sensitivity": sensitivity,
        "appeal": {
            f"{offer.id}-{date}": appeal
            for date, offer in dated_offers()
            if (appeal := offer.appeal(customers, sensitivity)) is not None
        },
        "cancels": customers.cancels,
        "stays_away": customers.stays_away,
        "source": "simulated",
    }
    if sensitivity == customers.stated:
        row["sensitivity_range"] = [round(sensitivity / RANGE, 4), round(sensitivity * RANGE, 4)]
    return row


def rules(products: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rules as an association of workshops might have them."""
    dear = [row["id"] for row in products if row["ladder"][0] >= 2000]
    others = [row["id"] for row in products if row["ladder"][0] < 2000]
    lacquer = [row["id"] for row in products if row["id"].startswith("lacquer")]
    keeps_seats = [next(iter(row["capacities"])) for row in products if row["id"].startswith(("washi", "strap"))]
    promised = [f"glass-1300-{SUNDAYS[1]}"]
    return [
        {"type": "rounding", "id": "hundreds", "unit": 100},
        {"type": "mode", "id": "standard-mode", "mode": "standard"},
        {"type": "daily-step", "id": "small-steps", "products": others, "yen": 200},
        {"type": "daily-step", "id": "steps-of-dear-classes", "products": dear, "yen": 2000},
        {"type": "neighbour-step", "id": "lacquer-slots-alike", "products": lacquer, "yen": 400},
        {"type": "no-drop", "id": "no-late-drop", "days": 3},
        {"type": "resident-not-above-public", "id": "residents-first"},
        {"type": "walk-in", "id": "seats-for-walk-ins", "capacities": keeps_seats, "seats": 1},
        {"type": "frozen", "id": "price-promised-to-a-group", "products": promised},
    ]


def truth() -> dict[str, Any]:
    """Return what customers of the past bookings, and of the market, really are like."""
    return {
        "notice": "SIMULATED: the demand from which this folder was made. A real operator never sees such a file.",
        "segments": [segment(customers, customers.sensitivity) for customers in CUSTOMERS],
        "offers": {
            customers.id: {
                f"{offer.id}-{day}": appeal
                for day in DAY_APPEAL
                for offer in offers_of(day)
                if (appeal := offer.appeal(customers, customers.sensitivity)) is not None
            }
            for customers in CUSTOMERS
        },
    }


@dataclass
class Look:
    """Hold one past customer in the order of time: when, who, what was on offer, what was taken."""

    when: float
    customers: Customers
    offered: dict[str, int]
    taken: str | None = None
    cancelled: float | None = None
    comes: bool = True


def past_bookings() -> str:
    """Return the past bookings as CSV; a row without a product is somebody who looked and bought nothing."""
    generator = np.random.default_rng(SEED)
    rows: list[tuple[dt.date, dt.date, Look]] = []
    for day in past_days():
        rows += [(day - dt.timedelta(days=LEAD_DAYS - int(look.when)), day, look) for look in play_date(day, generator)]
    rows.sort(key=lambda row: row[0])
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(
        ("booking", "booked_on", "date", "product", "price", "quantity", "segment", "cancelled_on", "came", "offered")
    )
    for number, (booked_on, day, look) in enumerate(rows, start=1):
        cancelled = (
            "" if look.cancelled is None else (day - dt.timedelta(days=LEAD_DAYS - int(look.cancelled))).isoformat()
        )
        came = "" if look.taken is None or look.cancelled is not None else "yes" if look.comes else "no"
        offered = ";".join(f"{product}={price}" for product, price in look.offered.items())
        bought = ("", "", "") if look.taken is None else (look.taken, look.offered[look.taken], 1)
        table.writerow(
            (f"SIMULATED-{number:05d}", booked_on, day, *bought, look.customers.id, cancelled, came, offered)
        )
    return text.getvalue()


def past_days() -> Iterator[dt.date]:
    """Yield the past dates: Saturdays and Sundays, and the Thursday between."""
    day = FIRST_PAST_DAY
    while day <= LAST_PAST_DAY:
        if day.weekday() in {3, 5, 6}:
            yield day
        day += dt.timedelta(days=1)


def play_date(day: dt.date, generator: np.random.Generator) -> list[Look]:
    """Return who looked at one past date, with prices drawn by lot for each workshop."""
    kind = {5: "sat", 6: "sun"}.get(day.weekday(), "weekday")
    offers = {f"{offer.id}-{kind}": offer for offer in offers_of(kind)}
    prices: dict[str, int] = {}
    for name, offer in offers.items():
        tried = [yen for yen in offer.ladder if abs(yen - offer.today) <= PRICE_RANGE * offer.today]
        prices[name] = int(generator.choice(tried))
    looks = [
        Look(float(when), customers, {})
        for customers in CUSTOMERS
        for when in generator.uniform(0.0, LEAD_DAYS, generator.poisson(LOOKS_PER_DAY[customers.id]))
    ]
    looks.sort(key=lambda look: look.when)
    for place, look in enumerate(looks):
        choose(look, looks[:place], offers, prices, generator)
    return [look for look in looks if look.offered]


def choose(
    look: Look, before: list[Look], offers: dict[str, Offer], prices: dict[str, int], generator: np.random.Generator
) -> None:
    """Let a customer choose among what has seats left; then draw whether the booking stands and whether they come."""
    taken: dict[tuple[str, str], int] = {}
    for other in before:
        if other.taken is not None and (other.cancelled is None or other.cancelled > look.when):
            slot = (offers[other.taken].workshop.key, offers[other.taken].start)
            taken[slot] = taken.get(slot, 0) + 1
    for name, offer in offers.items():
        has_room = taken.get((offer.workshop.key, offer.start), 0) < offer.workshop.seats
        if has_room and offer.appeal(look.customers, look.customers.sensitivity) is not None:
            look.offered[name] = prices[name]
    names = list(look.offered)
    weights = np.array([weight(look.customers, offers[name], prices[name]) for name in names] + [1.0])
    at = int(generator.choice(len(weights), p=weights / weights.sum()))
    cancels, share, stays_away = generator.uniform(size=3)
    if at == len(names):
        return
    look.taken = names[at]
    if cancels < look.customers.cancels:
        look.cancelled = look.when + share * (LEAD_DAYS - look.when)
    look.comes = bool(stays_away >= look.customers.stays_away)


def weight(customers: Customers, offer: Offer, price: int) -> float:
    """Return the weight of an offer at a price against 1 for nothing."""
    appeal = offer.appeal(customers, customers.sensitivity)
    assert appeal is not None
    exponent: NDArray[np.float64] = np.exp(appeal - customers.sensitivity * price / 1000)
    return float(exponent)


README = """# SIMULATED workshops of Echizen

**Everything in this folder is simulated.** `tools/make_workshop_market.py` made it up (seed {seed}); nothing was
observed, no operator was asked, no customer exists. Names and ids of places, their slots and closing days come from
the bundled region; seats are a made-up part of theirs.

- `market.json`: SIMULATED market: {products} products of seven workshops on two weekends and two weekdays, with stated
  demand and rules.
- `simulated_bookings.csv`: {rows} rows of SIMULATED past bookings, with prices that were drawn by lot and what was on
  offer; a row without a product is somebody who looked and bought nothing.
- `simulated_truth.json`: SIMULATED truth, the demand from which both were drawn, to see whether estimation finds it.

The stated sensitivities of `market.json` are not the truth but near it, inside the stated ranges, as those of an
operator who knows the place would be; at today's prices both say the same. Licence: Apache-2.0, as the code.
"""


def files() -> dict[str, str]:
    """Return the text of every file of the folder by its name."""
    held = market()
    Market.model_validate(held)
    bookings = past_bookings()
    return {
        "README.md": README.format(seed=SEED, products=len(held["products"]), rows=bookings.count("\n") - 1),
        "market.json": _json(held),
        "simulated_bookings.csv": bookings,
        "simulated_truth.json": _json(truth()),
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write the folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
