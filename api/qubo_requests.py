"""Bodies and answers about models for annealers over HTTP: everything inside, no path leads anywhere."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from api.inline_sources import MarketSource
from api.price_requests import Seed
from api.qubo_sidecar import FileFormat, ModelName, Sidecar
from pricing.proposal import Objective, PricePlan
from regional_assets.text import Text
from regional_assets.validation import FieldError
from routing.itinerary import Itinerary
from routing.request import TripRequest

MOST_VARIABLES = 5_000


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TripModelSource(_Body):
    """
    Name a trip to make a model of.

    Parameters
    ----------
    region
        Id of a region of this server.
    request
        The trip; its solver is ``qubo`` unless it names one, and says which model (``routes`` or ``day``) and seed.
    today
        Date to take for today; by default that of the region.
    most
        Variables at most; few fit hardware.
    """

    kind: Literal["trip"]
    region: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
    request: TripRequest
    today: dt.date | None = None
    most: Annotated[int, Field(ge=1, le=MOST_VARIABLES)] | None = None


class MarketModelSource(_Body):
    """
    Hold a market to make a model of.

    Parameters
    ----------
    market
        The market, whole; or ``echizen-workshops``, the bundled one, which is made up.
    objective
        What prices are for.
    may_close
        Whether a product may be taken off sale.
    seed
        Of what is submitted.
    """

    kind: Literal["market"]
    market: MarketSource
    objective: Objective = "revenue"
    may_close: bool = False
    seed: Seed = 1


def _source_of(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"of-{kind}" if kind in ("trip", "market") else None


# The tags are no names of fields: whoever tells where a problem lies must not take one for the other.
_Source = Annotated[
    Annotated[TripModelSource, Tag("of-trip")] | Annotated[MarketModelSource, Tag("of-market")],
    Discriminator(
        _source_of,
        custom_error_type="source_kind",
        custom_error_message="`kind` is needed: trip or market",
        custom_error_context={
            "error": FieldError("kind に trip か market を指定してください", "`kind` is needed: trip or market")
        },
    ),
]


class QuboExportRequest(_Body):
    """
    Ask for a model.

    Parameters
    ----------
    source
        What to make it of.
    format
        ``coo``: coordinate text; ``bqm``: dimod's own bytes; ``lp``: the constrained model as LP text.
    """

    source: _Source
    format: FileFormat = "coo"


class QuboDecodeRequest(_Body):
    """
    Ask what samples of an exported model stand for.

    Parameters
    ----------
    sidecar
        As it was exported by this service. It is made anew from its source to be believed, so the region or market must
        still be the same.
    samples
        Samples of any machine: JSON of our form or of a dimod ``SampleSet``, or the text of such a file or of CSV.
    """

    sidecar: Sidecar
    samples: Annotated[str, Field(min_length=1)] | Annotated[dict[str, Any], Field(min_length=1)]


class ModelFile(_Body):
    """
    Hold the file of a model.

    Parameters
    ----------
    name
        To keep it under.
    encoding
        Of ``content``: text as it stands, or bytes in base64.
    content
        What stands in the file.
    """

    name: str
    encoding: Literal["utf-8", "base64"]
    content: str


class ExportedModel(_Body):
    """
    Hold a model with what its variables stand for.

    Parameters
    ----------
    model
        Which model it is: ``routes`` or ``day`` of a trip, ``prices`` of a market.
    format
        Of its file, as asked for.
    variables, interactions, density, largest_clique
        Variables, and pairs of them with a coupling; share of all pairs that are coupled, 0 to 1; variables of the
        largest set found in which every two are coupled.
    hardware_clique, may_fit_hardware
        Variables of the largest complete graph that hardware holds, about, and whether this model may fit.
    digest
        Of the problem and the meanings.
    simulated
        Whether any of the market was made up for a show.
    submitted
        Never: the model was sent nowhere.
    file, sidecar
        The model, and what lies beside it to read samples back.
    """

    model: ModelName
    format: FileFormat
    variables: int
    interactions: int
    density: float
    largest_clique: int
    hardware_clique: int
    may_fit_hardware: bool
    digest: str
    simulated: bool
    submitted: Literal[False] = False
    file: ModelFile
    sidecar: Sidecar


class DecodedModel(_Body):
    """
    Hold what samples stand for.

    Parameters
    ----------
    model
        Which model they were of.
    itinerary, plan
        One of them: a trip, or prices; ``sampling`` in it tells what the samples are worth.
    """

    model: ModelName
    itinerary: Itinerary | None
    plan: PricePlan | None


class SamplerAnswer(_Body):
    """
    Describe a sampler that can be asked for by name.

    Parameters
    ----------
    name
        To ask for it.
    method
        How it works, where it is Meguri's own; of others only they know.
    origin
        ``meguri``, or the package that registered it.
    is_installed
        Whether what it needs is there.
    extra
        The extra of Meguri that brings it; null where none is needed.
    is_reproducible
        Whether the same seed gives the same samples; null where only the loaded sampler can tell.
    is_remote
        Whether it sends models to another machine, so that it is refused here; null where only the loaded sampler can
        tell.
    """

    name: str
    method: Text | None
    origin: str
    is_installed: bool
    extra: str | None
    is_reproducible: bool | None
    is_remote: bool | None


class Samplers(_Body):
    """List the samplers."""

    samplers: tuple[SamplerAnswer, ...]
