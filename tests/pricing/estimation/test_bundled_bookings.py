from __future__ import annotations

import json
from importlib.resources import as_file, files

from pricing.estimation import estimate, read_bookings

FOLDER = files("pricing") / "data" / "echizen-workshops"


def test_simulated_bookings_give_back_the_truth() -> None:
    """A logit is fitted for each segment of the bundled bookings, and four of five sensitivities at least are held."""
    truth = {one["id"]: one for one in json.loads((FOLDER / "simulated_truth.json").read_text("utf-8"))["segments"]}
    with as_file(FOLDER / "simulated_bookings.csv") as file:
        found = estimate(read_bookings(file), is_randomised=True)
    assert found.method == "choices-by-segment"
    assert len(found.price_effects) == len(truth)
    held = [
        effect.low <= -truth[effect.name.removesuffix(".price")]["sensitivity"] <= effect.high
        for effect in found.price_effects
    ]
    assert sum(held) >= 4
