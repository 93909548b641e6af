"""Prices as models for annealers: what their variables stand for, in plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.qubo_models import Model
from api.qubo_sidecar import MarketSource

if TYPE_CHECKING:
    from pricing.model import Market
    from pricing.packing import PackedPrices


def price_model(market: Market, packed: PackedPrices, source: MarketSource, *, seed: int) -> Model:
    """Return the model of a market whose prices were laid out."""
    names = {product.id: product.name.model_dump(mode="json") for product in market.products}
    meanings: list[dict[str, Any]] = [
        {
            "product": meaning.product,
            "name": names[meaning.product],
            "yen": meaning.price_yen,
            "from": meaning.first.isoformat(),
            "until": meaning.last.isoformat(),
        }
        for meaning in packed.meanings
    ]
    groups: dict[int, dict[str, Any]] = {}
    for group, meaning in zip(packed.problem.group.tolist(), meanings, strict=True):
        groups.setdefault(group, {name: meaning[name] for name in ("product", "name", "from", "until")})
    return Model("prices", packed.problem, meanings, [groups[group] for group in sorted(groups)], source, seed)
