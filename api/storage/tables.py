"""
Tables of the service: regions and their assets, keys, jobs and what happened to them.

Times are kept in UTC and read back with their zone. JSON is kept as text on both databases: it is never searched, and
PostgreSQL's binary JSON refuses characters that a caller may send. Names of constraints follow one pattern, so that
later migrations can name them on both databases.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[dt.datetime]):
    """
    Keep a moment in UTC, on databases with and without time zones.

    Raises
    ------
    ValueError
        If a time without a zone is written: nobody could tell which moment it means.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Turn a moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Give a moment its zone back: SQLite keeps none, PostgreSQL answers in that of the connection."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


# Ids of jobs are ordered by their bytes, as in Python; a locale's order would be slower and could differ.
_JobId = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
_Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

regions = sa.Table(
    "regions",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("head", sa.Text, nullable=False),  # JSON of the region without its assets
    sa.Column("files", sa.JSON, nullable=False),  # relative path: SHA-256
    sa.Column("data_version", sa.String, nullable=False),
    sa.Column("origin", sa.String, nullable=False),  # bundled, folder or import
    sa.Column("origin_digest", sa.String),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)

assets = sa.Table(
    "assets",
    METADATA,
    sa.Column("region_id", sa.ForeignKey("regions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),  # place in the order of the region
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("lon", sa.Float),  # degrees; empty where the position is unknown
    sa.Column("lat", sa.Float),
    sa.Column("body", sa.Text, nullable=False),  # GeoJSON feature
    sa.Index(None, "region_id", "position"),
)

asset_edits = sa.Table(
    "asset_edits",
    METADATA,
    sa.Column("id", _Serial, primary_key=True, autoincrement=True),
    # No foreign keys: the record outlives what it tells about.
    sa.Column("region_id", sa.String, nullable=False),
    sa.Column("asset_id", sa.String, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("action", sa.String, nullable=False),  # create, replace or delete
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("key_id", sa.String),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index(None, "region_id", "asset_id"),
)

removed_regions = sa.Table(
    "removed_regions",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("origin_digest", sa.String),  # of the folder that is not to come back by itself
    sa.Column("key_id", sa.String),
    sa.Column("at", UtcTime, nullable=False),
)

region_versions = sa.Table(
    "region_versions",
    METADATA,
    # States of regions that jobs work on, though the region may have changed since; and drafts of imports.
    sa.Column("data_version", sa.String, primary_key=True),
    sa.Column("region_id", sa.String, nullable=False),
    sa.Column("files", sa.JSON, nullable=False),  # relative path: SHA-256; the whole folder
    sa.Column("created_at", UtcTime, nullable=False),
)

files = sa.Table(
    "files",
    METADATA,
    sa.Column("digest", sa.String, primary_key=True),  # SHA-256
    sa.Column("size", sa.BigInteger, nullable=False),  # bytes
    sa.Column("is_complete", sa.Boolean, nullable=False),  # whether all parts are there
    sa.Column("created_at", UtcTime, nullable=False),
)

file_parts = sa.Table(
    "file_parts",
    METADATA,
    sa.Column("digest", sa.ForeignKey("files.digest", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

keys = sa.Table(
    "keys",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("secret_hash", sa.String, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime),
    sa.Column("revoked_at", UtcTime),
    sa.Column("last_used_at", UtcTime),
)

jobs = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", _JobId, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # queued, running, succeeded, stopped or failed
    sa.Column("region", sa.String),
    sa.Column("data_version", sa.String),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("result_is_final", sa.Boolean, nullable=False),
    sa.Column("problem", sa.JSON(none_as_null=True)),
    sa.Column("progress", sa.JSON, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),  # times begun; never goes down, so it fences late reports
    sa.Column("losses", sa.Integer, nullable=False),  # attempts that ended with a lost worker or server
    sa.Column("last_seq", sa.Integer, nullable=False),  # number of the latest event
    sa.Column("stop_requested", sa.Boolean, nullable=False),
    sa.Column("lease_owner", sa.String),
    sa.Column("lease_until", UtcTime),
    sa.Column("time_limit_s", sa.Float, nullable=False),
    sa.Column("request_id", sa.String, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("started_at", UtcTime),
    sa.Column("finished_at", UtcTime),
    # Large columns last: SQLite reads the others without wading through them.
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("result", sa.LargeBinary),  # best so far while running
    # The queue, oldest first, and the few running ones; the list of a caller; what may be removed.
    sa.Index(None, "state", "id"),
    sa.Index(None, "owner", "id"),
    sa.Index(None, "finished_at"),
)

job_events = sa.Table(
    "job_events",
    METADATA,
    sa.Column("job_id", sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

idempotency = sa.Table(
    "idempotency",
    METADATA,
    sa.Column("owner", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("request_digest", sa.String, nullable=False),
    sa.Column("job_id", sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False, index=True),
)
