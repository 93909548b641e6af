"""Models for annealers: take one along, bring samples back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.client._bodies import json_body
from api.client._connection import Connection
from api.jobs.model import Answer
from api.qubo_requests import (
    DecodedModel,
    ExportedModel,
    QuboDecodeRequest,
    QuboExportRequest,
    SamplerAnswer,
    Samplers,
)


class Annealers(Connection):
    """Ask about models for annealers."""

    def export_model(
        self, request: QuboExportRequest | Mapping[str, Any], *, wait: float = 10
    ) -> Answer[ExportedModel]:
        """Make a model of a trip or a market, with what its variables stand for; nothing is submitted anywhere."""
        return self._start(Answer[ExportedModel], "/v1/qubo:export", wait=wait, **json_body(request))

    def decode_samples(
        self, request: QuboDecodeRequest | Mapping[str, Any], *, wait: float = 10
    ) -> Answer[DecodedModel]:
        """Read samples of an exported model, from any machine, as a trip or as prices."""
        return self._start(Answer[DecodedModel], "/v1/qubo:decode", wait=wait, **json_body(request))

    def samplers(self) -> tuple[SamplerAnswer, ...]:
        """Return the samplers that the server can be asked for by name."""
        return self._get(Samplers, "/v1/samplers").samplers
