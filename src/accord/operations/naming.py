"""How identities are called: by the display expression of their type, computed where a name is shown."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from accord.engine.columns import identity_columns
from accord.engine.expressions import Compiler, attempt
from accord.engine.frames import Engine
from accord.engine.functions import install
from accord.engine.types import doc_columns
from accord.model.rules import IdentityType
from accord.model.schema import ValueType
from accord.runs.context import Context


def name_identities(context: Context, identities: pa.Table) -> Mapping[int, str]:
    """Return a name per id of a table with the columns id, type and doc; made for the few that are shown."""
    names = {i: f"{t} {i}" for i, t in zip(*_columns(identities, "id", "type"), strict=True)}
    displayed = {t: context.rules.identity_types[t] for t in set(names_of_types(identities)) & _declared(context)}
    if not displayed or not identities.num_rows:
        return names
    with context.engine() as engine, Compiler(lookups=context.rules.lookups) as compiler:
        install(engine, now=context.clock(), lookups=context.rules.lookups)
        for name, identity_type in displayed.items():
            rows = identities.filter(pc.equal(identities["type"], name)).select(["id", "doc"])
            names |= _displayed(engine, compiler, identity_type, rows)
    return names


def names_of_types(identities: pa.Table) -> list[str]:
    """Return the identity types that occur in a table."""
    return [str(t) for t in identities["type"].unique().to_pylist()]


def _declared(context: Context) -> set[str]:
    return {name for name, t in context.rules.identity_types.items() if t.display is not None}


def _displayed(engine: Engine, compiler: Compiler, identity_type: IdentityType, rows: pa.Table) -> dict[int, str]:
    attributes = {n: a.schema for n, a in identity_type.attributes.items() if a.schema.type is not ValueType.REFERENCE}
    display = compiler.compile(identity_type.display or "null", identity_columns(identity_type))
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
