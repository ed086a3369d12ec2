"""The statements of the store, by name, from the .sql files in `queries`."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def load_queries(file: str) -> Mapping[str, str]:
    """Return the statements of `queries/FILE.sql`. Parameters are written `:name`."""
    text = (files("accord.store") / "queries" / f"{file}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"queries/{file}.sql names a statement twice")
    return MappingProxyType({n: b.strip().removesuffix(";") for n, b in zip(names, bodies, strict=True)})
