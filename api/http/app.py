"""The FastAPI app over a service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api.http import methods, openapi, outages, problems
from api.http.middleware import around
from api.http.routes import (
    assets,
    desk,
    exports,
    imports,
    jobs,
    ops,
    passes,
    places,
    prices,
    qubo,
    regions,
    tiles,
    trips,
)

if TYPE_CHECKING:
    from api.http.doors import Router
    from api.service import Service

# In the order of the documentation.
ROUTERS: tuple[Router, ...] = (
    trips.router,
    exports.router,
    regions.router,
    assets.router,
    places.router,
    tiles.router,
    imports.router,
    prices.router,
    passes.router,
    qubo.router,
    jobs.router,
    ops.router,
    desk.router,
)


def create_app(service: Service, *, routers: tuple[Router, ...] = ROUTERS) -> FastAPI:
    """
    Return the app of a service; its lifespan starts and closes the service.

    Parameters
    ----------
    routers
        From the files under `api.http.routes`.
    """
    app = FastAPI(
        title="Meguri",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(service),
        middleware=around(service),
    )
    app.state.service = service
    problems.install(app)
    methods.install(app)
    openapi.install(app)
    outages.install(app)
    for router in routers:
        app.include_router(router)
    return app


def _lifespan(service: Service) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def live(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(service.start)
        try:
            yield
        finally:
            await run_in_threadpool(service.close)

    return live
