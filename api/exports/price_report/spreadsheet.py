"""Prices as a CSV table for spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.exports.table import Cell, spreadsheet_csv

if TYPE_CHECKING:
    from api.exports.price_report.report import PriceReport
    from pricing.proposal import ProductPlan


def prices_csv(report: PriceReport) -> str:
    """
    Return prices as CSV text, one row per product, with a byte-order mark so that spreadsheets read Japanese.

    There is a column for each booking period, named by its first day; an empty price means not on sale. A text that a
    spreadsheet would run as a formula gets an apostrophe in front.
    """
    rows = [_row(report, planned) for planned in report.plan.products]
    return spreadsheet_csv(list(rows[0]), (row.values() for row in rows))


def _row(report: PriceReport, planned: ProductPlan) -> dict[str, Cell]:
    product = report.products[planned.product]
    path = zip(report.market.periods, planned.path, strict=True)
    return {
        "product": product.id,
        "name_ja": product.name.ja,
        "name_en": product.name.en,
        "operator": product.operator,
        "date": product.date.isoformat(),
        "start": product.start,
        "end": product.end,
        "rate": product.rate,
        "current_yen": planned.current,
        "proposed_yen": planned.proposed,
        **{f"from_{period.first.isoformat()}": price for period, price in path},
        "expected_sales": round(planned.sales, 3),
        "expected_revenue_yen": round(planned.revenue_yen),
        "reasons_ja": " / ".join(reason.text.in_("ja") for reason in planned.reasons),
        "reasons_en": " / ".join(reason.text.in_("en") for reason in planned.reasons),
        "simulated": "yes" if report.plan.simulated else "no",
    }
