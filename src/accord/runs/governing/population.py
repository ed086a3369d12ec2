"""What the analyses look at, read from the store: owners with their values, accounts, groups, holdings."""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from accord.engine.frames import Engine, literal
from accord.governance.holdings import OWNER_TYPES, Population, load_holdings, meaning_of
from accord.model.frames import StagedObjects
from accord.runs.context import Context

_NAMES = ("display_name", "displayName", "name", "cn", "full_name", "mail", "email", "login", "employee_id")
_GONE = ("inactive", "terminated", "disabled", "left", "leaver", "suspended", "deleted", "false", "0", "no")
_STATES = ("status", "state", "active", "is_active", "enabled", "account_enabled", "employment_status")


def load_population(context: Context, engine: Engine, *, system: str | None = None) -> None:
    """Make `owner` (owner_id, type, name, is_active, is_human, doc) and the relations of `load_holdings`."""
    store = context.store
    systems = [system] if system else sorted(context.rules.systems)
    objects = [store.connector_space.read_objects(name).table for name in systems]
    population = Population(
        objects=StagedObjects(pa.concat_tables(objects) if objects else StagedObjects.SCHEMA.empty_table()),
        edges=store.connector_space.read_edges(system) if system else store.connector_space.read_all_edges(),
        links=store.metaverse.read_links(),
        identities=store.metaverse.read_identities(),
    )
    load_owners(context, engine, population)


def load_owners(context: Context, engine: Engine, population: Population) -> None:
    """Make the relations of `load_population` from what was read."""
    load_holdings(engine, population, meaning_of(context.rules))
    owners = ", ".join(literal(t) for t in OWNER_TYPES)
    spoken = f"{said('doc', 'first_name')} || ' ' || {said('doc', 'last_name')}"
    # A display that is an attribute is told as it is; one that computes is for the few names that pages show.
    displays = [
        f"case when type = {literal(t.name)} then {said('doc', t.display)} end"
        for t in context.rules.identity_types.values()
        if t.display is not None and t.display in t.attributes
    ]
    name = ", ".join((*displays, *(said("doc", n) for n in _NAMES[:5]), spoken, *(said("doc", n) for n in _NAMES[5:])))
    state = " or ".join(f"lower({said('doc', s)}) in ({', '.join(map(literal, _GONE))})" for s in _STATES)
    engine.run(f"""create table owner as
        select id as owner_id, type, coalesce({name}, type || ' ' || id) as name,
            not coalesce({state}, false) and gone_since is null as is_active,
            type = 'person'
                and coalesce(lower({said("doc", "owner_type")}), 'human') in ('human', 'person') as is_human,
            doc
        from identity where type in ({owners})""")


def said(doc: str, name: str) -> str:
    """Return the SQL of one value of a document."""
    return f"json_extract_string({doc}, {literal(chr(36) + '.' + chr(34) + name + chr(34))})"


def values_of(table: str, key: str, names: Mapping[str, str] | Iterable[str]) -> str:
    """Return the SQL of the values of attributes, one row each: key, attribute's label, value."""
    labels = names if isinstance(names, Mapping) else {name: name for name in names}
    parts = []
    for name, label in labels.items():
        path = literal(f'$."{name}"')
        parts.append(f"""select {key}, {literal(label)} as label, unnest(case json_type(doc, {path})
            when 'ARRAY' then from_json(json_extract(doc, {path}), '["varchar"]')
            else [json_extract_string(doc, {path})] end) as value from {table}""")
    inner = " union all ".join(parts) or f"select {key}, '' as label, '' as value from {table} where false"
    return f"select {key}, label, value from ({inner}) where value is not null and value <> ''"


def attribute_names(context: Context) -> frozenset[str]:
    """Return the names of all declared attributes, of identities and of objects."""
    of_identities = {name for t in context.rules.identity_types.values() for name in t.attributes}
    of_objects = {
        name for s in context.rules.systems.values() for t in s.object_types.values() for name in t.attributes
    }
    return frozenset(of_identities | of_objects)
