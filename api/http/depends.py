"""
What routes are handed besides parameters and body.

::

    async def show(service: ServiceOf, language: LanguageOf, ...) -> Response: ...
"""

from typing import Annotated

from fastapi import Depends, Request

from api.http.languages import language_of_request
from api.service import Service
from regional_assets.text import Language


def service_of(request: Request) -> Service:
    """Return the service behind the app that answers a request."""
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(service_of)]
LanguageOf = Annotated[Language, Depends(language_of_request)]
