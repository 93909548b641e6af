"""
Learn demand from records: choices, sales, bookings, daily sums; and refuse what they cannot tell.

Everything in ``__all__`` is loaded when it is first asked for, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pricing.estimation.aggregate import SalesStudy as SalesStudy
    from pricing.estimation.aggregate import study_sales as study_sales
    from pricing.estimation.by_segment import SegmentFits as SegmentFits
    from pricing.estimation.by_segment import fit_segments as fit_segments
    from pricing.estimation.censored import CensoredFit as CensoredFit
    from pricing.estimation.censored import Sales as Sales
    from pricing.estimation.censored import fit_censored as fit_censored
    from pricing.estimation.choice_records import choices_of as choices_of
    from pricing.estimation.choices import Choices as Choices
    from pricing.estimation.control_function import ControlledFit as ControlledFit
    from pricing.estimation.control_function import fit_choices_with_instruments as fit_choices_with_instruments
    from pricing.estimation.control_function import fit_sales_with_instruments as fit_sales_with_instruments
    from pricing.estimation.elasticity import BestPrice as BestPrice
    from pricing.estimation.elasticity import DemandCurve as DemandCurve
    from pricing.estimation.elasticity import demand_curve as demand_curve
    from pricing.estimation.elasticity import elasticity_at as elasticity_at
    from pricing.estimation.elasticity import optimal_price_interval as optimal_price_interval
    from pricing.estimation.errors import SeparationError as SeparationError
    from pricing.estimation.errors import SignError as SignError
    from pricing.estimation.errors import UnidentifiedError as UnidentifiedError
    from pricing.estimation.habits import BookingHabits as BookingHabits
    from pricing.estimation.habits import booking_habits as booking_habits
    from pricing.estimation.hotels import parse_hotel_bookings as parse_hotel_bookings
    from pricing.estimation.hotels import read_hotel_bookings as read_hotel_bookings
    from pricing.estimation.latent_class import LatentClassFit as LatentClassFit
    from pricing.estimation.latent_class import choose_classes as choose_classes
    from pricing.estimation.latent_class import fit_latent_classes as fit_latent_classes
    from pricing.estimation.method import Estimation as Estimation
    from pricing.estimation.method import estimate as estimate
    from pricing.estimation.mnl import MnlFit as MnlFit
    from pricing.estimation.mnl import fit_mnl as fit_mnl
    from pricing.estimation.records import Booking as Booking
    from pricing.estimation.records import Bookings as Bookings
    from pricing.estimation.records import parse_bookings as parse_bookings
    from pricing.estimation.records import read_bookings as read_bookings
    from pricing.estimation.results import Estimate as Estimate
    from pricing.estimation.sales_records import SalesRecords as SalesRecords
    from pricing.estimation.sales_records import parse_sales as parse_sales
    from pricing.estimation.sales_records import read_sales as read_sales
    from pricing.estimation.sales_records import sales_of as sales_of
    from pricing.estimation.segments import segment_from_sales as segment_from_sales
    from pricing.estimation.segments import segments_from as segments_from
    from pricing.estimation.trials import Recovery as Recovery
    from pricing.estimation.trials import recovery as recovery

_HOMES = {
    "aggregate": ("SalesStudy", "study_sales"),
    "habits": ("BookingHabits", "booking_habits"),
    "by_segment": ("SegmentFits", "fit_segments"),
    "censored": ("CensoredFit", "Sales", "fit_censored"),
    "choice_records": ("choices_of",),
    "choices": ("Choices",),
    "control_function": ("ControlledFit", "fit_choices_with_instruments", "fit_sales_with_instruments"),
    "elasticity": ("BestPrice", "DemandCurve", "demand_curve", "elasticity_at", "optimal_price_interval"),
    "errors": ("SeparationError", "SignError", "UnidentifiedError"),
    "hotels": ("parse_hotel_bookings", "read_hotel_bookings"),
    "latent_class": ("LatentClassFit", "choose_classes", "fit_latent_classes"),
    "method": ("Estimation", "estimate"),
    "mnl": ("MnlFit", "fit_mnl"),
    "records": ("Booking", "Bookings", "parse_bookings", "read_bookings"),
    "results": ("Estimate",),
    "sales_records": ("SalesRecords", "parse_sales", "read_sales", "sales_of"),
    "segments": ("segment_from_sales", "segments_from"),
    "trials": ("Recovery", "recovery"),
}

__all__ = sorted(name for names in _HOMES.values() for name in names)


def __getattr__(name: str) -> Any:
    """Load a name of the public door when it is first used."""
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
