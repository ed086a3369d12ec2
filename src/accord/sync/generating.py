"""Values that must be unique: given once, set-wise, and kept for ever after."""

from accord.engine.expressions import attempt
from accord.engine.frames import literal, quote
from accord.model.rules import UniqueValue
from accord.sync.bearing import look_beyond
from accord.sync.compiling import CompiledType, CompiledUnique
from accord.sync.problems import record
from accord.sync.relations import identity_relation, merged_relation, value_column
from accord.sync.workspace import Workspace, staged_relation

_MAX_PASSES = 16


def generate_unique_values(workspace: Workspace, identity_type: CompiledType) -> None:
    """Fill the unique attributes of "merged:M" where no rule contributes a value and none is stored.

    Lower ids choose first, so the result does not depend on the order of rows; a value given once stays.
    """
    name = identity_type.type.name
    for unique in identity_type.uniques:
        column = value_column(unique.attribute.name)
        workspace.engine.run(
            f"update {merged_relation(name)} set {column} = s.{column} from {quote(f'stored:{name}')} s "
            f"where s.id = {merged_relation(name)}.id and {merged_relation(name)}.{column} is null "
            f"and s.{column} is not null"
        )
        show_identities(workspace, identity_type)
        _claim(workspace, name, unique)
        _give(workspace, name, unique)


def show_identities(workspace: Workspace, identity_type: CompiledType) -> None:
    """Make the view "identity:M" of the merged identities as typed columns."""
    name = identity_type.type.name
    workspace.typed_view(identity_relation(name), merged_relation(name), workspace.identity_values(name), "id as _id")


def _claim(workspace: Workspace, name: str, unique: CompiledUnique) -> None:
    """Make claim(id, base) for identities without a value, taken(v) of all values in use, given(id, v) still empty.

    Who has an account already that bears the value, or the value and a number, keeps what the account bears.
    """
    engine, column = workspace.engine, value_column(unique.attribute.name)
    engine.run(
        f"create or replace temp table base as select _id as id, {attempt(unique.base.sql + '::varchar')} as v "
        f"from {identity_relation(name)} where {quote(unique.attribute.name)} is null"
    )
    record(
        workspace,
        "UNIQUE_FAILED",
        "select null::bigint as object_id, id as identity_id, null as evidence from base "
        "where v is null or coalesce(v.v, '') = ''",
        rule=name,
        attribute=unique.attribute.name,
    )
    engine.run("create or replace temp table claim as select id, v.v as base from base where coalesce(v.v, '') <> ''")
    taken = [
        f"select lower({column}) as v from {merged_relation(name)} where {column} is not null",
        *_gather_own(workspace, unique),
    ]
    engine.run("create or replace temp table given(id bigint, v varchar)")
    look_beyond(workspace, name, unique, "select o.v from own o join claim c on c.id = o.id")
    engine.run(
        f"insert into given select c.id, min(o.v) from claim c join own o on o.id = c.id where lower(o.v) not in "
        f"(select lower({column}) from {merged_relation(name)} where {column} is not null "
        "union all select lower(v) from other_value) "
        "and lower(o.v) in (select lower(v) from own group by 1 having count(distinct id) = 1) "
        "and starts_with(lower(o.v), lower(c.base)) "
        "and rtrim(substr(o.v, length(c.base) + 1), '0123456789') = '' group by c.id"
    )
    engine.run("delete from claim where id in (select id from given)")
    taken += ["select lower(v) as v from other_value", "select lower(v) as v from other_object"]
    engine.run("create or replace temp table taken as " + " union ".join(taken))


def _gather_own(workspace: Workspace, unique: CompiledUnique) -> list[str]:
    """Make own(id, v), the values that accounts of identities hold; return the queries of what all accounts hold."""
    engine = workspace.engine
    engine.run("create or replace temp table own(id bigint, v varchar)")
    held = []
    for system, object_type, attribute in unique.unique.taken_in:
        schema = workspace.object_values(system, object_type)[attribute]
        value = f"unnest({value_column(attribute)})" if schema.is_multivalued else value_column(attribute)
        held.append(f"select lower({value}) as v from {staged_relation(system, object_type)}")
        engine.run(
            f"insert into own select l.identity_id, s.v from (select id, {value} as v from "
            f"{staged_relation(system, object_type)}) s join link l on l.object_id = s.id where s.v is not null"
        )
    return held


def _give(workspace: Workspace, name: str, unique: CompiledUnique) -> None:
    """Give each claim its first free value, pass by pass, until no two claims want the same."""
    engine, column = workspace.engine, value_column(unique.attribute.name)
    for attempt_number in range(_MAX_PASSES):
        if not engine.value("select count(*) from claim"):
            break
        engine.run(_proposals(unique.unique, spare=2 << attempt_number))
        if look_beyond(workspace, name, unique, "select v from proposal"):
            engine.run("insert into taken select lower(v) from other_value union select lower(v) from other_object")
            engine.run(_proposals(unique.unique, spare=8 << attempt_number))
            look_beyond(workspace, name, unique, "select v from proposal")
            engine.run("insert into taken select lower(v) from other_value union select lower(v) from other_object")
        engine.run(_candidates(unique.unique))
        # The lowest id gets a value that several bases lead to; the others look again with it taken.
        engine.run(
            "create or replace temp table agreed as select id, v from candidate "
            "qualify row_number() over (partition by lower(v) order by id) = 1"
        )
        engine.run("insert into given select id, v from agreed")
        engine.run("insert into taken select lower(v) from agreed")
        engine.run("delete from claim where id in (select id from agreed)")
    engine.run(
        f"update {merged_relation(name)} set {column} = g.v from given g where g.id = {merged_relation(name)}.id"
    )
    record(
        workspace,
        "UNIQUE_FAILED",
        "select null::bigint as object_id, id as identity_id, 'no free value for ' || base as evidence from claim",
        rule=name,
        attribute=unique.attribute.name,
    )


def _proposals(unique: UniqueValue, spare: int) -> str:
    """Return the statement that makes proposal(base, n, v): the values to look at for each base.

    As many numbers are tried per base as there are claims, values in use with the same stem, and `spare` more.
    """
    return (
        "create or replace temp table proposal as "
        "with wanted as (select lower(base) as base, count(*) as c from claim group by 1), "
        "used as (select rtrim(v, '0123456789') as stem, count(*) as t from taken group by 1), "
        f"spread as (select w.base, unnest(range(1, w.c + coalesce(u.t, 0) + {spare})) as n from wanted w "
        "left join used u on u.stem = rtrim(w.base, '0123456789')) "
        f"select base, n, {_numbered(unique)} as v from spread"
    )


def _candidates(unique: UniqueValue) -> str:
    """Return the statement that proposes candidate(id, v): the k-th claim of a base gets its k-th free number."""
    return (
        "create or replace temp table candidate as "
        "with free as (select o.base, o.n, row_number() over (partition by o.base order by o.n) as k from proposal o "
        "anti join taken x on x.v = lower(o.v)), "
        "queue as (select id, base, row_number() over (partition by lower(base) order by id) as k from claim) "
        f"select id, n, {_numbered(unique)} as v from (select q.id, q.base, f.n from queue q "
        "join free f on f.base = lower(q.base) and f.k = q.k)"
    )


def _numbered(unique: UniqueValue) -> str:
    """Return SQL of the value that `base` makes with the number `n`."""
    length = unique.max_length
    parts = unique.suffix.replace("{base}", "\0b\0").replace("{n}", "\0n\0").split("\0")
    around = "".join(p for p in parts if p not in ("b", "n"))
    number = "n::varchar"
    room = f"greatest({length} - length({number}) - {len(around)}, 0)"
    pieces = {"b": f"left(base, {room}::bigint)", "n": number}
    numbered = " || ".join(pieces.get(p, literal(p)) for p in parts if p)
    return f"case when n = 1 then left(base, {length}) else {numbered} end"
