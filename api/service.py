"""The service: everything that a server is made of, put together in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from api.http.limits import RequestLimits, Slots
from api.http.rendering import Rendering
from api.keys import KeyStore
from api.metrics import Metrics
from api.settings import language_of
from api.stopping import Stopping
from api.storage import open_database, upgrade

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from api.jobs.dispatcher import Dispatcher
    from api.jobs.executors import Executor
    from api.jobs.model import JobState
    from api.jobs.store import JobStore
    from api.jobs.watch import JobWatch
    from api.regions.store import RegionStore
    from api.service_settings import ServiceSettings
    from regional_assets.text import Language


@dataclass(slots=True)
class Service:
    """
    Hold the parts of a server.

    Parameters
    ----------
    settings
        Of this server.
    engine
        The database.
    jobs, watch, dispatcher, executor
        Where jobs are kept, who tells of their changes, who hands them out, who does them.
    regions
        Where regions are kept.
    keys
        Who may call.
    metrics
        What is counted.
    limits, streams
        How often a caller may ask, and how many event streams it may hold open.
    language
        Of answers to callers who name none.
    stopping
        Set when the server begins to shut down.
    """

    settings: ServiceSettings
    engine: Engine
    jobs: JobStore
    watch: JobWatch
    dispatcher: Dispatcher
    executor: Executor
    regions: RegionStore
    keys: KeyStore
    metrics: Metrics
    limits: RequestLimits
    streams: Slots
    rendering: Rendering
    language: Language = field(default_factory=language_of)
    stopping: Stopping = field(default_factory=Stopping)
    is_ready: bool = False

    def start(self) -> None:
        """
        Bring the database up to date, take in the bundled regions, and begin to work; once.

        Raises
        ------
        InputError
            If the database was written by a newer version.
        """
        if self.is_ready:
            return
        upgrade(self.engine)
        self.regions.seed()
        self.executor.start()
        self.dispatcher.start()
        self.is_ready = True

    def close(self) -> None:
        """Let running jobs go on for ``settings.shutdown_s``, hand back those that remain, and end everything; once."""
        if not self.is_ready:
            return
        self.is_ready = False
        self.stopping.set()
        self.dispatcher.close(self.settings.shutdown_s)
        self.executor.close(0)
        self.watch.close()
        self.engine.dispose()

    def jobs_in(self, state: JobState) -> float:
        """Return how many jobs wait, or run, over all servers; not a number while the database cannot tell."""
        try:
            return self.jobs.counts()[state]
        except SQLAlchemyError:
            return math.nan


def build_service(settings: ServiceSettings, *, executor: Executor | None = None) -> Service:
    """
    Put a service together; nothing runs and nothing is written before `Service.start`.

    Parameters
    ----------
    executor
        Who does the work; by default processes of this machine, or the cluster that the settings name.

    Raises
    ------
    InputError
        If the settings cannot be met: no such database, no driver for it, no library for clusters.
    """
    from api.jobs.dispatcher import Dispatcher
    from api.jobs.executors import executor_for
    from api.jobs.store import JobStore
    from api.jobs.watch import JobWatch
    from api.regions.importing import KIND, settle_import
    from api.regions.store import RegionStore

    engine, metrics = open_database(settings.database_url), Metrics()
    jobs, regions = JobStore(engine, settings), RegionStore(engine, settings)
    executor = executor or executor_for(settings)
    dispatcher = Dispatcher(
        jobs,
        executor,
        settings,
        metrics=metrics,
        locate=regions.locate,
        # Workers have no database: what an import returns is stored here.
        settle={KIND: partial(settle_import, regions)},
    )
    service = Service(
        settings=settings,
        engine=engine,
        jobs=jobs,
        watch=JobWatch(jobs),
        dispatcher=dispatcher,
        executor=executor,
        regions=regions,
        keys=KeyStore(engine),
        metrics=metrics,
        limits=RequestLimits(settings, metrics),
        streams=Slots(settings.streams_limit, metrics, "streams"),
        rendering=Rendering(metrics),
    )
    metrics.watch(
        queued=lambda: service.jobs_in("queued"),
        running=lambda: service.jobs_in("running"),
        streams=lambda: service.streams.open,
    )
    return service
