"""The database: its tables, its migrations, and transactions on it."""

from __future__ import annotations

from api.storage.database import open_database, reading, writing
from api.storage.migration import upgrade
from api.storage.problems import StorageProblem, storage_problem

__all__ = ["StorageProblem", "open_database", "reading", "storage_problem", "upgrade", "writing"]
