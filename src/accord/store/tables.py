"""All tables: those of `schema` and of every module `schema_NOUN` beside it."""

from importlib import import_module
from pkgutil import iter_modules

import accord.store
from accord.store.columns import metadata

__all__ = ["metadata"]

for _module in iter_modules(accord.store.__path__):
    if _module.name.startswith("schema"):
        import_module(f"accord.store.{_module.name}")
