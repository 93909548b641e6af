"""Prices for annealers: from a market to a model, and from samples to a price plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.cli._planning import check_folder
from api.cli._pricing import BUNDLED, load_market, show
from api.cli._progress import working
from api.refusals import prices_told

if TYPE_CHECKING:
    from api.cli._qubo import Wish
    from api.cli._session import Session
    from api.qubo_models import Model
    from api.qubo_sidecar import MarketSource, Sidecar
    from pricing.model import Market
    from solvers.qubo.reads import Reads


def exported_prices(session: Session, market: str, wish: Wish) -> Model:
    """
    Return the model of a market.

    Raises
    ------
    InputError
        If the market makes no sense, or no other price could pay.
    """
    from api.cli._price_options import DEFAULT_SEED
    from api.qubo_models import refuse_empty
    from api.qubo_sidecar import MarketSource

    # The path must still lead there when the sidecar is used from another folder.
    name = market if market == BUNDLED else str(Path(market).absolute())
    source = MarketSource(market=name, objective=wish.objective or "revenue", may_close=wish.may_close)
    _, model = _modelled(session, source, seed=DEFAULT_SEED if wish.seed is None else wish.seed)
    refuse_empty(model, "SOURCE")
    return model


def decode_prices(
    session: Session, sidecar: Sidecar, source: MarketSource, reads: Reads, *, folder: Path | None
) -> None:
    """
    Show the price plan that samples stand for, and write its files.

    Raises
    ------
    InputError
        If the market is no longer the one that was exported.
    """
    from api.exports.price_report.report import PriceReport
    from api.qubo_models import refuse_changed_source

    sold, model = _modelled(session, source, seed=sidecar.seed)
    refuse_changed_source(sidecar, model, source.market if isinstance(source.market, str) else sold.id)
    if folder is not None:
        check_folder(folder)
    with working(session, "progress.decoding") as progress:
        from pricing.plan import plan_prices

        plan = plan_prices(
            sold,
            objective=source.objective,
            seed=sidecar.seed,
            may_close=source.may_close,
            solver="qubo",
            sampler=reads,
            on_progress=lambda _stage, done, total: progress(done / max(1, total)),
        )
    show(session, PriceReport(sold, plan), folder=folder, show_all=False)


def _modelled(session: Session, source: MarketSource, *, seed: int) -> tuple[Market, Model]:
    with working(session, "progress.modelling"), prices_told():
        from api.qubo_models import market_model

        sold = load_market(source.market) if isinstance(source.market, str) else source.market
        return sold, market_model(sold, source, seed=seed)
