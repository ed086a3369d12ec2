"""How identities are called: by the display expression of their type, computed where a name is shown."""

import atexit
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock

import pyarrow as pa
import pyarrow.compute as pc

from accord.engine.columns import identity_columns
from accord.engine.expressions import Column, Compiler, Expression, attempt
from accord.engine.frames import Engine, EngineError
from accord.engine.functions import install_used
from accord.engine.types import doc_columns
from accord.model.rules import IdentityType
from accord.model.schema import ValueType
from accord.runs.context import Context

_TURN = Lock()


def name_identities(context: Context, identities: pa.Table) -> Mapping[int, str]:
    """Return a name per id of a table with the columns id, type and doc; made for the few that are shown."""
    names = {i: f"{t} {i}" for i, t in zip(*_columns(identities, "id", "type"), strict=True)}
    displayed = {t: context.rules.identity_types[t] for t in set(names_of_types(identities)) & _declared(context)}
    if not displayed or not identities.num_rows:
        return names
    lookups = context.rules.lookups
    for name, identity_type in displayed.items():
        columns = tuple(identity_columns(identity_type).items())
        display = _compiled(identity_type.display or "null", columns, frozenset(lookups))
        rows = identities.filter(pc.equal(identities["type"], name)).select(["id", "doc"])
        with _engine() as engine:
            install_used(engine, display.sql, now=context.clock(), lookups=lookups)
            names |= _displayed(engine, display, identity_type, rows)
    return names


def names_of_types(identities: pa.Table) -> list[str]:
    """Return the identity types that occur in a table."""
    return [str(t) for t in identities["type"].unique().to_pylist()]


def _declared(context: Context) -> set[str]:
    return {name for name, t in context.rules.identity_types.items() if t.display is not None}


@contextmanager
def _engine() -> Iterator[Engine]:
    """Lend the one engine that names are made on, to one at a time: a new one takes longer than most pages."""
    with _TURN:
        try:
            yield _started()
        except EngineError:
            # What went wrong in it may have spoilt it.
            _end()
            raise


@lru_cache(maxsize=1)
def _started() -> Engine:
    atexit.register(_end)
    return Engine(memory_limit="256MB", threads=1)


def _end() -> None:
    atexit.unregister(_end)
    _started().close()
    _started.cache_clear()


@lru_cache(maxsize=100)
def _compiled(text: str, columns: tuple[tuple[str, Column], ...], lookups: frozenset[str]) -> Expression:
    """Return a display expression, compiled once for all pages: that takes longer than most pages."""
    with Compiler(lookups=lookups) as compiler:
        return compiler.compile(text, dict(columns))


def _displayed(engine: Engine, display: Expression, identity_type: IdentityType, rows: pa.Table) -> dict[int, str]:
    attributes = {n: a.schema for n, a in identity_type.attributes.items() if a.schema.type is not ValueType.REFERENCE}
    engine.register("_shown", rows)
    try:
        found = engine.rows(
            f"select id, (({attempt(display.sql)}).v)::varchar "
            f"from (select id, {doc_columns('doc', attributes)} from _shown)"
        )
    finally:
        engine.unregister("_shown")
    return {identity: name for identity, name in found if name}


def _columns(table: pa.Table, *names: str) -> list[list[object]]:
    return [table[name].to_pylist() for name in names]
