"""Who holds what, across systems: accounts with their owners, groups, and every membership with its way.

An account is an object of a type that a rule ties to an owner type, or that is linked to an owner; whatever its
memberships refer to is a group. Members of a group in a group hold both. An account without an owner is its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyarrow as pa

from accord.engine.frames import Engine
from accord.model.frames import Identities, Links, StagedEdges, StagedObjects
from accord.model.rules import RuleSet
from accord.model.schema import ValueType

OWNER_TYPES = ("person", "owner", "service")
"""The identity types that own accounts."""

ANSWERING = ("responsible", "managedby", "owner", "owned_by")
"""What systems call the attribute that tells who answers for a service, a group or an application."""

_TYPES = pa.schema([("system", pa.string()), ("type", pa.string())])
_ATTRIBUTES = pa.schema(
    [("system", pa.string()), ("type", pa.string()), ("attr", pa.string()), ("is_upward", pa.bool_())]
)
_NO_MEMBERS = (*ANSWERING, "manager", "supervisor", "secretary", "seealso")
_UPWARD = ("memberof", "groups", "roles", "entitlements", "ismemberof", "teams", "applications")


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """What the store knows, as it is read for an analysis."""

    objects: StagedObjects
    edges: StagedEdges
    links: Links
    identities: Identities


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Which object types are accounts, and which attributes are memberships; `upward` ones name the group."""

    account_types: frozenset[tuple[str, str]]
    memberships: Mapping[tuple[str, str, str], bool]


def meaning_of(rules: RuleSet) -> Meaning:
    """Tell accounts and memberships from the configuration: many-valued references, but those to who answers for it."""
    inbound = {(r.system, r.object_type) for r in rules.inbound if r.identity_type in OWNER_TYPES}
    outbound = {(r.system, r.object_type) for r in rules.outbound if r.identity_type in OWNER_TYPES}
    accounts = frozenset(inbound | outbound)
    memberships = {
        (system.name, name, attribute): _is_upward(attribute, (system.name, name) in accounts)
        for system in rules.systems.values()
        for name, declared in system.object_types.items()
        for attribute, schema in declared.attributes.items()
        if schema.type is ValueType.REFERENCE and schema.is_multivalued and attribute.lower() not in _NO_MEMBERS
    }
    return Meaning(account_types=accounts, memberships=memberships)


def load_holdings(engine: Engine, population: Population, meaning: Meaning) -> None:
    """Make `account`, `grp`, `membership` (direct) and `holding` (effective, with the group it comes by)."""
    for name, frame in (
        ("object", population.objects), ("edge", population.edges), ("link", population.links),
        ("identity", population.identities),
    ):  # fmt: skip
        engine.register(name, frame.table)
    engine.register("account_type", _types(meaning.account_types))
    engine.register("member_attribute", _memberships(meaning))
    owners = ", ".join(f"'{t}'" for t in OWNER_TYPES)
    engine.run(f"""create table account as
        select o.id, o.system, o.type, coalesce(o.anchor, o.dn) as name, o.doc, i.id as owner_id
        from object o
        left join link l on l.object_id = o.id
        left join identity i on i.id = l.identity_id and i.type in ({owners})
        where i.id is not null or (o.system, o.type) in (select (system, type) from account_type)""")
    engine.run("""create table named as
        select id, system, anchor as name from object where anchor is not null
        union select id, system, lower(dn) from object where dn is not null
        union select id, system, dn from object where dn is not null""")
    engine.run("""create table reference as
        select distinct e.src, n.id as dst, m.is_upward
        from edge e
        join object s on s.id = e.src
        join member_attribute m on m.system = s.system and m.type = s.type and m.attr = e.attr
        join named n on n.system = s.system and n.name in (e.dst, lower(e.dst))""")
    engine.run("""create table membership as
        select distinct case when is_upward then src else dst end as member,
            case when is_upward then dst else src end as grp
        from reference""")
    _load_groups(engine)
    engine.run("""create table holding as
        select a.id as account, coalesce(a.owner_id, -a.id) as owner, m.grp, m.grp as via
        from account a join membership m on m.member = a.id
        union
        select a.id, coalesce(a.owner_id, -a.id), u.above, m.grp
        from account a join membership m on m.member = a.id join upwards u on u.grp = m.grp""")


def _load_groups(engine: Engine) -> None:
    """Make `grp`, and `upwards`: every group with those it is in, however deep; cycles end where they began."""
    engine.run("""create table grp as
        select o.id, o.system, o.type, coalesce(o.anchor, o.dn) as anchor, o.doc,
            coalesce(json_extract_string(o.doc, '$.cn'), json_extract_string(o.doc, '$.name'),
                json_extract_string(o.doc, '$.displayName'), json_extract_string(o.doc, '$.display_name'),
                o.anchor, o.dn) as name
        from object o anti join account a on a.id = o.id
        where o.id in (select grp from membership) or o.id in (select member from membership)""")
    engine.run("""create table nested as
        select distinct m.member as child, m.grp as parent from membership m join grp g on g.id = m.member""")
    engine.run("""create table upwards as
        with recursive up(grp, above) as (
            select child, parent from nested
            union select up.grp, n.parent from up join nested n on n.child = up.above)
        select grp, above from up where grp <> above""")


def assignment_pairs(engine: Engine) -> pa.Table:
    """Return `user` and `permission` of every holding, once each, in a fixed order."""
    return engine.frame("""select a.system || '/' || a.name as user, g.system || '/' || g.anchor as permission
        from (select distinct account, grp from holding) h
        join account a on a.id = h.account join grp g on g.id = h.grp
        order by all""")


def _is_upward(attribute: str, is_of_account: bool) -> bool:  # noqa: FBT001 - a fact, not a switch
    return is_of_account or attribute.lower() in _UPWARD


def _types(types: Collection[tuple[str, str]]) -> pa.Table:
    rows = sorted(types)
    return pa.table([[s for s, _ in rows], [t for _, t in rows]], schema=_TYPES)


def _memberships(meaning: Meaning) -> pa.Table:
    rows = sorted(meaning.memberships.items())
    columns = [[key[at] for key, _ in rows] for at in range(3)]
    return pa.table([*columns, [is_upward for _, is_upward in rows]], schema=_ATTRIBUTES)
