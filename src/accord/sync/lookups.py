"""By which values identities and objects must be found again: hashes of what joins, unique values and derivations use.

Hashes are of the value in lower case and of what it is a value of. They may collide: whoever is found is looked at.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from accord.engine.expressions import attempt
from accord.engine.frames import ENGINE_VERSION, literal
from accord.model.schema import AttributeSchema
from accord.sync.compiling import CompiledInbound, CompiledJoin, CompiledOutbound, CompiledRules
from accord.sync.relations import contribution_relation, merged_relation, value_column
from accord.sync.workspace import Workspace, object_relation, staged_relation

VERSION = f"1/{ENGINE_VERSION}"
"""Of the hashes: those of another version are not comparable."""


def identity_hash(identity_type: str, attribute: str, value: str) -> str:
    """Return SQL of the hash of a value that an identity bears."""
    return _hash(f"identity:{identity_type}:{attribute}:", value)


def seeker_hash(identity_type: str, attribute: str, value: str) -> str:
    """Return SQL of the hash of a value by which an object looks for an identity, or is looked for."""
    return _hash(f"seeker:{identity_type}:{attribute}:", value)


def taken_hash(system: str, object_type: str, attribute: str, value: str) -> str:
    """Return SQL of the hash of a value that an object takes from unique values."""
    return _hash(f"taken:{system}:{object_type}:{attribute}:", value)


def known_attributes(rules: CompiledRules) -> tuple[tuple[str, AttributeSchema], ...]:
    """Return (identity type, attribute) of everything identities are looked up by."""
    found: dict[tuple[str, str], AttributeSchema] = {}
    for seeker in seekers(rules):
        attribute = seeker.join.keys[seeker.position].attribute
        found[seeker.rule.rule.identity_type, attribute.name] = attribute
    for name, identity_type in rules.types.items():
        for unique in identity_type.uniques:
            found[name, unique.attribute.name] = unique.attribute
        for derived in identity_type.derived:
            ours, theirs, other = derived.derived.ours, derived.derived.theirs, derived.derived.type
            found[name, ours] = identity_type.type.attributes[ours].schema
            found[other, theirs] = rules.types[other].type.attributes[theirs].schema
    return tuple((name, attribute) for (name, _), attribute in sorted(found.items()))


def note_contributed(workspace: Workspace) -> None:
    """Note what rules contribute, also what will not win: joins of later rules know identities by all of it."""
    workspace.engine.run("create table lookup_row(hash bigint, id bigint)")
    for name, attribute in known_attributes(workspace.rules):
        for inbound in workspace.rules.inbound:
            if inbound.rule.identity_type == name and any(f.target.name == attribute.name for f in inbound.flows):
                _note_identities(workspace, name, attribute, contribution_relation(inbound.rule.name), "identity_id")
    for probe in seekers(workspace.rules):
        workspace.engine.run(
            f"insert into lookup_row select {probe.seeker_hash('v')}, id from ({probe.values()}) "
            "where id not in (select object_id from link) and v is not null"
        )
    for identity_type in workspace.rules.types.values():
        for unique in identity_type.uniques:
            for system, object_type, taken in unique.unique.taken_in:
                schema = workspace.object_values(system, object_type)[taken]
                value = one_by_one(value_column(taken), is_multivalued=schema.is_multivalued)
                workspace.engine.run(
                    f"insert into lookup_row select {taken_hash(system, object_type, taken, 'v')}, id "
                    f"from (select id, {value} as v from {staged_relation(system, object_type)}) where v is not null"
                )


def note_settled(workspace: Workspace) -> None:
    """Note the values of identities as they shall be."""
    for name, attribute in known_attributes(workspace.rules):
        _note_identities(workspace, name, attribute, merged_relation(name), "id")


def read_notes(workspace: Workspace) -> pa.Table:
    """Return all that was noted: hash, id."""
    return workspace.frame("select distinct hash, id from lookup_row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """One key of one join: how objects look for identities, or identities for accounts."""

    rule: CompiledInbound | CompiledOutbound
    name: str
    join: CompiledJoin
    position: int

    def seeker_hash(self, value: str) -> str:
        """Return SQL of the hash under which the object looks."""
        return seeker_hash(self.rule.rule.identity_type, self.join.keys[self.position].attribute.name, value)

    def identity_hash(self, value: str) -> str:
        """Return SQL of the hash under which the identity is known."""
        return identity_hash(self.rule.rule.identity_type, self.join.keys[self.position].attribute.name, value)

    def values(self) -> str:
        """Return the query of (id, v): the key's values of every object that is there."""
        key, rule = self.join.keys[self.position], self.rule.rule
        value = one_by_one(f"({attempt(key.sql)}).v", is_multivalued=key.is_multivalued)
        objects = object_relation(rule.system, rule.object_type)
        return f"select _id as id, {value} as v from {objects} where not _is_planned"


def seekers(rules: CompiledRules) -> Iterator[Seeker]:
    """Yield every key of every join."""
    ordered: Iterable[CompiledInbound | CompiledOutbound] = (*rules.inbound, *rules.outbound)
    for rule in ordered:
        for number, join in enumerate(rule.joins):
            for position in range(len(join.keys)):
                yield Seeker(rule=rule, name=f"{rule.rule.name}#{number}", join=join, position=position)


def one_by_one(value: str, *, is_multivalued: bool) -> str:
    """Return SQL of each of several values in a row of its own."""
    return f"unnest({value})" if is_multivalued else value


def _note_identities(workspace: Workspace, name: str, attribute: AttributeSchema, relation: str, key: str) -> None:
    value = one_by_one(value_column(attribute.name), is_multivalued=attribute.is_multivalued)
    workspace.engine.run(
        f"insert into lookup_row select {identity_hash(name, attribute.name, 'v')}, id "
        f"from (select {key} as id, {value} as v from {relation}) where v is not null"
    )


def _hash(prefix: str, value: str) -> str:
    return f"(hash({literal(prefix)} || lower({value})) >> 1)::bigint"
