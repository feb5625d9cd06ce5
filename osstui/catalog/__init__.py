"""What can be asked: providers, models, prices and presets, read from `providers.yaml` and the user's file.

The names are loaded on first use, because pydantic and YAML cost a start-up that a screen can use better.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osstui.catalog.catalog import DEFAULT_MODEL, Catalog
    from osstui.catalog.lanes import parse_lanes
    from osstui.catalog.load import check_catalog, fetched_prices_path, load_catalog, user_catalog_path
    from osstui.catalog.models import Model, Offer, OtherPrice, Preset, Provider, Published, Variable
    from osstui.catalog.presets import FIGURES, blended, ranking
    from osstui.catalog.problems import CatalogError, Problem

__all__ = [
    "DEFAULT_MODEL",
    "FIGURES",
    "Catalog",
    "CatalogError",
    "Model",
    "Offer",
    "OtherPrice",
    "Preset",
    "Problem",
    "Provider",
    "Published",
    "Variable",
    "blended",
    "check_catalog",
    "fetched_prices_path",
    "load_catalog",
    "parse_lanes",
    "ranking",
    "user_catalog_path",
]

_HOMES = {
    "catalog": ("DEFAULT_MODEL", "Catalog"),
    "lanes": ("parse_lanes",),
    "load": ("check_catalog", "fetched_prices_path", "load_catalog", "user_catalog_path"),
    "models": ("Model", "Offer", "OtherPrice", "Preset", "Provider", "Published", "Variable"),
    "problems": ("CatalogError", "Problem"),
    "presets": ("FIGURES", "blended", "ranking"),
}


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
