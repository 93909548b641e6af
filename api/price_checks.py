"""What a server looks at before it takes a price job: that the work is of a bounded size, and the sampler is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final, get_args

from api.inline_sources import market_from, pass_from
from api.server_limits import over_limits
from api.server_samplers import sampler_problems
from api.texts import text
from pricing.model import OneNonResidentPriceRule, SpreadRule
from pricing.proposal import Policy
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from api.price_requests import PassPriceRequest, PricePlanRequest, PriceSimulationRequest
    from api.service_settings import ServiceSettings
    from pricing.estimation import Bookings, SalesRecords
    from pricing.model import Market
    from regional_assets.text import Text

MOST_CELLS: Final = 20_000_000
"""Periods, times prices on all ladders, times segments and rules together."""

MOST_PAIRS: Final = 5_000_000
"""Capacities times products; and products whose prices a rule holds together, two by two, in each period."""

MOST_CUSTOMERS: Final = 100_000_000
"""Played one by one: horizons, times policies, times expected customers; a processor plays 1.5 million a second."""

MOST_RECORD_CELLS: Final = 50_000_000
"""Numbers in a table of records, some 400 MB."""


def check_plan_request(request: PricePlanRequest, settings: ServiceSettings) -> None:
    """
    Refuse a request for prices that asks for more than this server gives.

    Raises
    ------
    InputError
        With every problem found.
    """
    market = market_from(request.market)
    problems = list(_sizes(market))
    if request.horizons:
        problems += _played(market, request.horizons, get_args(Policy))
    problems += over_limits(
        [
            ("seconds", request.seconds, settings.search_limit_s),
            ("iterations", request.iterations, settings.most_iterations),
        ]
    )
    if request.solver == "qubo":
        problems += sampler_problems("sampler", request.sampler or "sa")
    _refuse(problems)


def check_simulation_request(request: PriceSimulationRequest) -> None:
    """
    Refuse a simulation that is too large.

    Raises
    ------
    InputError
        With every problem found.
    """
    market = market_from(request.market)
    policies = {"today", *request.policies} if request.policies else get_args(Policy)
    _refuse([*_sizes(market), *_played(market, request.horizons, policies)])


def check_market_size(market: Market) -> None:
    """
    Refuse a market that is too large to work on for a client.

    Raises
    ------
    InputError
        With every problem found.
    """
    _refuse(_sizes(market))


def check_pass_request(request: PassPriceRequest) -> None:
    """
    Refuse a pass whose customers are too many to be played one by one.

    Raises
    ------
    InputError
        If they are.
    """
    customers = sum(segment.arrivals for segment in pass_from(request.offered).segments)
    _refuse(_too_many("horizons", request.horizons, customers * request.horizons))


def check_records_size(records: Bookings | SalesRecords) -> None:
    """
    Refuse records whose regression would not fit into memory: each product and each month is a column.

    Raises
    ------
    InputError
        If they are too many.
    """
    from pricing.estimation import Bookings

    if isinstance(records, Bookings):
        if records.has_offers:
            # Choices have a limit of their own.
            return
        dates = [row.date for row in records.rows]
        products = len({(row.product, row.segment) for row in records.rows})
    else:
        dates, products = list(records.dates), 1
    months = len({(date.year, date.month) for date in dates})
    _refuse(_too_large(text("price_job.records_columns"), len(dates) * (products + months)))


def check_backtest_size(bookings: Bookings) -> None:
    """
    Refuse bookings of which draws would not fit into memory.

    Raises
    ------
    InputError
        If they are too many.
    """
    from pricing.backtest import DRAWS

    products = {name for row in bookings.rows for name, _ in row.offered}
    what = text("price_job.records_draws", draws=DRAWS)
    _refuse(_too_large(what, DRAWS * len(bookings.rows) * (len(products) + 1)))


def _too_large(table: Text, cells: int) -> Iterator[Problem]:
    if cells > MOST_RECORD_CELLS:
        message = text("price_job.records", what=table, value=f"{cells:,}", most=f"{MOST_RECORD_CELLS:,}")
        yield Problem("records", cells, message)


def _refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise InputError(found)


def _sizes(market: Market) -> Iterator[Problem]:
    periods, products = len(market.periods), len(market.products)
    prices = sum(len(product.ladder) for product in market.products)
    cells = periods * prices * (len(market.segments) + len(market.rules))
    if cells > MOST_CELLS:
        yield Problem("market", None, text("price_job.cells", value=f"{cells:,}", most=f"{MOST_CELLS:,}"))
    pairs = len(market.capacities) * products
    if pairs > MOST_PAIRS:
        yield Problem("market.capacities", None, text("price_job.pairs", value=f"{pairs:,}", most=f"{MOST_PAIRS:,}"))
    held = sum(
        periods * (products if rule.products is None else len(rule.products)) ** 2
        for rule in market.rules
        if isinstance(rule, SpreadRule | OneNonResidentPriceRule)
    )
    if held > MOST_PAIRS:
        yield Problem("market.rules", None, text("price_job.held", value=f"{held:,}", most=f"{MOST_PAIRS:,}"))


def _played(market: Market, horizons: int, policies: Collection[str]) -> Iterator[Problem]:
    customers = sum(sum(segment.arrivals) for segment in market.segments)
    walk_ins = sum(capacity.walk_ins or 0.0 for capacity in market.capacities)
    yield from _too_many("horizons", horizons, horizons * len(policies) * (customers + walk_ins))


def _too_many(field: str, horizons: int, customers: float) -> Iterator[Problem]:
    if customers > MOST_CUSTOMERS:
        message = text("price_job.customers", value=f"{customers:,.0f}", most=f"{MOST_CUSTOMERS:,}")
        yield Problem(field, horizons, message)
