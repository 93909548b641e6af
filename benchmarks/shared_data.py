"""Where the maintainers keep real data and public instances, which are not part of the repository."""

from __future__ import annotations

import os
from pathlib import Path


def shared_folder() -> Path:
    """Return the folder that ``MEGURI_SHARED`` names, else ``shared`` beside the checkout; it may be absent."""
    return Path(os.environ.get("MEGURI_SHARED") or Path(__file__).parents[1].parent / "shared")
