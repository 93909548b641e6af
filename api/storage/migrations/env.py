"""Run by Alembic: the caller's connection and transaction are used."""

from __future__ import annotations

from alembic import context

from api.storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
