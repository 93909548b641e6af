"""
Make the made-up pass over six operators of Echizen that Meguri ships as an example.

Places and the prices at their doors are those of the bundled region; everything else (who would buy, how many come,
how much room there is, prices that the region does not know) is drawn here and belongs to nobody. Run
``python tools/make_echizen_pass.py`` to write ``pricing/data/echizen-pass.json`` again; the same seed writes the same
file.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from regional_assets.region import bundled_region_folder, load_region

TARGET = Path(__file__).parents[1] / "pricing" / "data" / "echizen-pass.json"
SEED = 4

# Operator, its places with the price where the region has none, what a visit costs, room in the season, take-up.
OPERATORS: tuple[tuple[str, str, str, tuple[tuple[str, int | None, int, int | None, float | None], ...]], ...] = (
    ("washi", "越前和紙の里", "Echizen Washi Village",
     (("papyrus-washi-workshop", None, 200, 900, 0.62), ("udatsu-craft-hall", None, 20, None, 0.55))),
    ("lacquer", "越前漆器の里", "Echizen Lacquerware Village", (("urushi-painting-class", None, 500, 520, 0.48),)),
    ("knives", "越前打刃物の里", "Echizen Knife Village", (("takefu-knife-class", 3500, 1200, 300, 0.35),)),
    ("pottery", "越前焼の里", "Echizen Pottery Village",
     (("togeikan-pottery-class", None, 400, 700, 0.44), ("togeikan", None, 20, None, 0.5))),
    ("spectacles", "めがねの里", "Spectacles Village", (("megane-strap-class", 1000, 300, 480, None),)),
    ("ichijodani", "一乗谷", "Ichijodani", (("ichijodani-museum", None, 50, None, 0.58),)),
)  # fmt: skip

# Segment, arrivals, sensitivity, half-width of its range, how the pass draws, how crafts and museums draw.
SEGMENTS = (
    ("craft-lovers", "工芸好き", "craft lovers", 700, 0.75, 0.20, -2.2, 0.58, 0.9),
    ("families", "家族連れ", "families", 1100, 1.15, 0.25, -2.9, 0.56, 0.8),
    ("day-trippers", "日帰り客", "day trippers", 1600, 0.95, 0.30, -3.6, 0.40, 0.6),
)
BOUGHT_TOGETHER = (
    ("papyrus-washi-workshop", "udatsu-craft-hall"),
    ("togeikan-pottery-class", "togeikan"),
    ("papyrus-washi-workshop", "urushi-painting-class"),
    ("takefu-knife-class", "megane-strap-class"),
)


def echizen_pass(seed: int = SEED) -> dict[str, Any]:
    """Return the example as plain data, in the shape of `pricing.pass_model.Pass`."""
    rng = random.Random(seed)
    assets = {asset.id: asset for asset in load_region(bundled_region_folder()).assets}
    members, capacities = [], []
    for operator, ja, en, places in OPERATORS:
        offers = []
        for place, price, cost, room, take_up in places:
            asset = assets[place]
            offer: dict[str, Any] = {
                "id": place,
                "name": {"ja": asset.name.ja, "en": asset.name.en},
                "asset": place,
                "price": asset.price.adult if price is None else price,
                "cost": cost,
            }
            if take_up is not None:
                offer["take_up"] = take_up
            if room is not None:
                offer["capacities"] = {f"{place}-room": 1}
                name = {"ja": f"{asset.name.in_('ja')}の定員", "en": f"Room at {asset.name.in_('en')}"}
                capacities.append({"id": f"{place}-room", "name": name, "units": room})
            offers.append(offer)
        members.append({"id": operator, "name": {"ja": ja, "en": en}, "offers": offers})
    return {
        "id": "echizen-craft-pass",
        "name": {"ja": "越前工芸パス(架空の例)", "en": "Echizen craft pass (made-up example)"},
        "ladder": list(range(1500, 6001, 500)),
        "capacities": capacities,
        "members": members,
        "segments": [_segment(rng, members, *each) for each in SEGMENTS],
        "simulated": True,
    }


def _segment(
    rng: random.Random,
    members: list[dict[str, Any]],
    name: str,
    ja: str,
    en: str,
    arrivals: int,
    sensitivity: float,
    spread: float,
    pass_appeal: float,
    adds: float,
    ticket: float,
) -> dict[str, Any]:
    offers = [offer["id"] for member in members for offer in member["offers"]]
    prices = {offer["id"]: offer["price"] for member in members for offer in member["offers"]}
    # Dearer offers are worth more to those who come for them, or nobody would buy them.
    draws = {offer: ticket - 2.6 + sensitivity * prices[offer] / 1000 * rng.uniform(0.7, 0.95) for offer in offers}
    together = {f"{one}+{other}": draws[one] + draws[other] + rng.uniform(0.6, 1.2) for one, other in BOUGHT_TOGETHER}
    return {
        "id": name,
        "name": {"ja": ja, "en": en},
        "arrivals": arrivals,
        "sensitivity": sensitivity,
        "sensitivity_range": [round(sensitivity - spread, 3), round(sensitivity + spread, 3)],
        "pass_appeal": pass_appeal,
        "adds": {
            offer: round(adds * (0.4 + 0.4 * prices[offer] / 1000) * rng.uniform(0.8, 1.2), 3) for offer in offers
        },
        "tickets": {key: round(appeal, 3) for key, appeal in (draws | together).items()},
        "source": "simulated",
    }


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(echizen_pass(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
