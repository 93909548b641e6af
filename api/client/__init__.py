"""
A client of the service, for apps in Python.

::

    from api.client import MeguriClient

    with MeguriClient("http://127.0.0.1:8000") as client:
        trip = client.wait(client.plan_trip("echizen", {"days": ["2026-12-05"]}))
        client.export(trip, "ics", "trip.ics")

What it takes and returns are the models of the rooms: `routing.request.TripRequest`, `routing.itinerary.Itinerary`, …
"""

from __future__ import annotations

from api.client._errors import ClientError, ServiceError, UnreachableError, UnreadableError
from api.client._events import Events
from api.client.annealers import Annealers
from api.client.prices import Prices
from api.client.regions import Regions, VersionedAsset
from api.client.trips import Trip, Trips

__all__ = [
    "ClientError",
    "MeguriClient",
    "ServiceError",
    "Trip",
    "UnreachableError",
    "UnreadableError",
    "VersionedAsset",
]


class MeguriClient(Trips, Regions, Prices, Annealers, Events):
    """
    Ask one server about trips, regions, prices and models for annealers.

    Every method blocks until the server answers. Requests that fail on the way, or that a busy server refuses, are sent
    again for a while; what starts a job carries a key, so that it is started once. One client may be used by several
    threads.
    """
