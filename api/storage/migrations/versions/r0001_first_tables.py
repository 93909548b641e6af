"""
Regions, keys and jobs.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_JOB_ID = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _make_regions()
    _make_region_files()
    _make_keys()
    _make_jobs()


def _make_regions() -> None:
    op.create_table(
        "regions",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("data_version", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("origin_digest", sa.String),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_regions"),
    )
    op.create_table(
        "assets",
        sa.Column("region_id", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("region_id", "id", name="pk_assets"),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name="fk_assets_region_id", ondelete="CASCADE"),
    )
    op.create_index("ix_assets_region_id_position", "assets", ["region_id", "position"])
    op.create_table(
        "asset_edits",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("region_id", sa.String, nullable=False),
        sa.Column("asset_id", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("key_id", sa.String),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asset_edits"),
    )
    op.create_index("ix_asset_edits_region_id_asset_id", "asset_edits", ["region_id", "asset_id"])


def _make_region_files() -> None:
    op.create_table(
        "removed_regions",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("origin_digest", sa.String),
        sa.Column("key_id", sa.String),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_removed_regions"),
    )
    op.create_table(
        "region_versions",
        sa.Column("data_version", sa.String, nullable=False),
        sa.Column("region_id", sa.String, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("data_version", name="pk_region_versions"),
    )
    op.create_table(
        "files",
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_files"),
    )
    op.create_table(
        "file_parts",
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", "number", name="pk_file_parts"),
        sa.ForeignKeyConstraint(["digest"], ["files.digest"], name="fk_file_parts_digest", ondelete="CASCADE"),
    )


def _make_keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("secret_hash", sa.String, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME),
        sa.Column("revoked_at", _TIME),
        sa.Column("last_used_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", _JOB_ID, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("region", sa.String),
        sa.Column("data_version", sa.String),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("result_is_final", sa.Boolean, nullable=False),
        sa.Column("problem", sa.JSON),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("stop_requested", sa.Boolean, nullable=False),
        sa.Column("lease_owner", sa.String),
        sa.Column("lease_until", _TIME),
        sa.Column("time_limit_s", sa.Float, nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("finished_at", _TIME),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("result", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state_id", "jobs", ["state", "id"])
    op.create_index("ix_jobs_owner_id", "jobs", ["owner", "id"])
    op.create_index("ix_jobs_finished_at", "jobs", ["finished_at"])
    op.create_table(
        "job_events",
        sa.Column("job_id", _JOB_ID, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "seq", name="pk_job_events"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_events_job_id", ondelete="CASCADE"),
    )
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("request_digest", sa.String, nullable=False),
        sa.Column("job_id", _JOB_ID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_idempotency_job_id", ondelete="CASCADE"),
    )
    op.create_index("ix_idempotency_job_id", "idempotency", ["job_id"])
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
