"""Who else bears a unique value, among those whom the workspace does not hold."""

from accord.engine.frames import literal, quote
from accord.engine.types import doc_structure
from accord.model.schema import AttributeSchema
from accord.sync.compiling import CompiledUnique
from accord.sync.lookups import identity_hash, one_by_one, taken_hash
from accord.sync.relations import merged_relation
from accord.sync.workspace import Workspace, staged_relation


def look_beyond(workspace: Workspace, name: str, unique: CompiledUnique, values: str) -> bool:
    """Make other_value(v), of identities, and other_object(v), of accounts; tell whether there are any.

    Accounts of identities go into own(id, v) as well. `values` is a query of (v). Without a beyond there is nobody.
    """
    engine = workspace.engine
    engine.run("create or replace temp table other_value(v varchar)")
    engine.run("create or replace temp table other_object(v varchar)")
    if workspace.beyond is None:
        return False
    hashes = [identity_hash(name, unique.attribute.name, "v")]
    hashes += [taken_hash(*taken, "v") for taken in unique.unique.taken_in]
    wanted = " union ".join(f"select {h} as hash from ({values})" for h in hashes)
    bearers = workspace.beyond.bearers(workspace.frame(wanted)["hash"])
    engine.register("_identities", bearers.identities.table)
    engine.register("_objects", bearers.objects.table)
    engine.register("_links", bearers.links.table)
    try:
        _add_identities(workspace, name, unique.attribute)
        for taken in unique.unique.taken_in:
            _add_objects(workspace, *taken)
    finally:
        for relation in ("_identities", "_objects", "_links"):
            engine.unregister(relation)
    return bool(engine.value("select exists (from other_value) or exists (from other_object)"))


def _add_identities(workspace: Workspace, name: str, attribute: AttributeSchema) -> None:
    workspace.engine.run(
        f"insert into other_value select {_value('doc', attribute)} as v from _identities "
        f"where type = {literal(name)} and id not in (select id from {merged_relation(name)}) "
        "and id not in (select id from ended) and v is not null"
    )


def _add_objects(workspace: Workspace, system: str, object_type: str, attribute: str) -> None:
    engine, schema = workspace.engine, workspace.object_values(system, object_type)[attribute]
    engine.run(
        f"create or replace temp table other_row as select id, {_value('doc', schema)} as v from _objects "
        f"where system = {literal(system)} and type = {literal(object_type)} and doc is not null "
        f"and id not in (select id from {staged_relation(system, object_type)})"
    )
    engine.run("delete from other_row where v is null")
    engine.run("insert into other_object select v from other_row")
    engine.run(
        "insert into own select l.identity_id, r.v from other_row r join _links l on l.object_id = r.id "
        "anti join own o on o.id = l.identity_id and o.v = r.v"
    )


def _value(doc: str, attribute: AttributeSchema) -> str:
    parsed = f"from_json({doc}, {literal(doc_structure({attribute.name: attribute}))}).{quote(attribute.name)}"
    return one_by_one(parsed, is_multivalued=attribute.is_multivalued)
