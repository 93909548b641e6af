"""The public door of the package: every name opens, and knocking costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import regional_assets


def test_every_public_name_resolves() -> None:
    """Each name in ``__all__`` is there, and is listed by ``dir``."""
    for name in regional_assets.__all__:
        assert getattr(regional_assets, name) is not None
    assert set(regional_assets.__all__) <= set(dir(regional_assets))


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that does not exist fails as it does everywhere in Python."""
    with pytest.raises(AttributeError, match="atlantis"):
        _ = regional_assets.atlantis  # type: ignore[attr-defined,unused-ignore]


def test_importing_the_package_loads_nothing_heavy() -> None:
    """The door alone brings in neither pydantic nor any geographic package."""
    heavy = "{'pydantic', 'geopandas', 'pandas', 'numpy', 'shapely', 'osmium', 'pyarrow', 'scipy'}"
    code = f"import sys, regional_assets; print({heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
