"""Which contribution wins, attribute by attribute: precedence, and the identities as they shall be."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from accord.engine.frames import literal, quote
from accord.engine.types import lasting_hash
from accord.model.schema import AttributeSchema
from accord.sync.compiling import CompiledInbound, CompiledType
from accord.sync.relations import (
    contribution_relation,
    failed_column,
    merged_relation,
    value_column,
)
from accord.sync.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """One rule's place in the order of an attribute; `null_is_value` lets its silence win."""

    rule: str
    null_is_value: bool


def contributors(
    identity_type: CompiledType, attribute: str, inbound: Sequence[CompiledInbound]
) -> tuple[Contributor, ...]:
    """Return who feeds the attribute, first wins: the declared precedence, then the rules' own order."""
    feeding = {
        i.rule.name: Contributor(rule=i.rule.name, null_is_value=f.flow.null_is_value)
        for i in inbound
        if i.rule.identity_type == identity_type.type.name
        for f in i.flows
        if f.target.name == attribute
    }
    declared = [n for n in identity_type.type.attributes[attribute].precedence if n in feeding]
    return tuple(feeding[n] for n in [*declared, *(n for n in feeding if n not in declared)])


def begin_settling(workspace: Workspace) -> None:
    """Make what all types fill together, which is there also where no type is declared yet."""
    workspace.engine.run("create table contributing(id bigint)")
    workspace.engine.run("create table gone(id bigint, gone_since bigint)")
    workspace.engine.run("create table ended(id bigint, type varchar)")
    workspace.engine.run("create table new_origin(type varchar, pattern varchar, id bigint, doc varchar)")


def settle_precedence(workspace: Workspace, identity_type: CompiledType) -> None:
    """Make "merged:M"(id, pattern, values): one row per identity of the type to which any rule contributes.

    `pattern` stands for who won where; new_origin translates it.
    """
    name, engine = identity_type.type.name, workspace.engine
    inbound = [i for i in workspace.rules.inbound if i.rule.identity_type == name]
    aliases = {i.rule.name: f"c{n}" if len(inbound) > 1 else "m" for n, i in enumerate(inbound)}
    first, *others = _all_contributions(inbound, aliases)
    values, winners = [], []
    for attribute in identity_type.values:
        order = contributors(identity_type, attribute.name, inbound)
        values.append(f"{_winning(order, aliases, attribute)} as {value_column(attribute.name)}")
        if len(order) > 1:
            winners.append(_winner(order, aliases, attribute.name))
    pattern = f"concat_ws(',', {', '.join(winners)})" if winners else "''"
    columns = f"{_identity(aliases)} as id, {pattern} as pattern{''.join(f', {v}' for v in values)}"
    engine.run(f"create table {merged_relation(name)} as select {columns} from {first}")
    for relation in others:
        engine.run(f"insert into {merged_relation(name)} select {columns} from {relation}")
    engine.run(f"insert into contributing select id from {merged_relation(name)}")
    _make_origins(workspace, identity_type, inbound)
    _keep_last_good(workspace, identity_type, inbound)
    workspace.drop(*(contribution_relation(i.rule.name) for i in inbound))


def _all_contributions(inbound: Sequence[CompiledInbound], aliases: dict[str, str]) -> tuple[str, ...]:
    """Return the relations of all identities with every rule's contribution beside them, each identity in one.

    Whoever says most comes first: the others are looked up for its rows, which are gone through once and stay in their
    order. A full join would not keep it, and wide rows are sorted at a price.
    """
    if not inbound:
        return ("(select 0::bigint as identity_id where false) m",)
    first, *others = (i.rule.name for i in sorted(inbound, key=lambda i: -len(i.flows)))
    here, alias = contribution_relation(first), aliases[first]
    looked_up = "".join(
        f" left join {contribution_relation(r)} {aliases[r]} on {aliases[r]}.identity_id = {alias}.identity_id"
        for r in others
    )
    if not others:
        return (f"{here} {alias}",)
    rest, before = f"(from {here} where false) {alias}", [f"{alias}.identity_id"]
    for rule in others:
        theirs = (
            f"(select c.* from {contribution_relation(rule)} c anti join {here} f on f.identity_id = c.identity_id)"
        )
        rest += (
            f" full join {theirs} {aliases[rule]} on {aliases[rule]}.identity_id = coalesce({', '.join(before)}, null)"
        )
        before.append(f"{aliases[rule]}.identity_id")
    return f"{here} {alias}{looked_up}", rest


def _identity(aliases: dict[str, str]) -> str:
    """Return SQL of whose contributions stand in a row."""
    ids = [f"{alias}.identity_id" for alias in aliases.values()] or ["m.identity_id"]
    return f"coalesce({', '.join(ids)}, null)"


def _winning(order: Sequence[Contributor], aliases: dict[str, str], attribute: AttributeSchema) -> str:
    columns = [f"{aliases[c.rule]}.{value_column(attribute.name)}" for c in order]
    if not columns:
        return f"null::varchar{'[]' if attribute.is_multivalued else ''}"
    if not any(c.null_is_value for c in order):
        return f"coalesce({', '.join(columns)})" if len(columns) > 1 else columns[0]
    cases = [
        f"when {_wins(c, aliases, attribute.name)} then {column}" for c, column in zip(order, columns, strict=True)
    ]
    return f"case {' '.join(cases)} end"


def _wins(contributor: Contributor, aliases: dict[str, str], attribute: str) -> str:
    alias = aliases[contributor.rule]
    if contributor.null_is_value:
        return f"({alias}.identity_id is not null and not {alias}.{failed_column(attribute)})"
    return f"{alias}.{value_column(attribute)} is not null"


def _winner(order: Sequence[Contributor], aliases: dict[str, str], attribute: str) -> str:
    cases = " ".join(f"when {_wins(c, aliases, attribute)} then '{n}'" for n, c in enumerate(order))
    return f"case {cases} else '-' end"


def _make_origins(workspace: Workspace, identity_type: CompiledType, inbound: Sequence[CompiledInbound]) -> None:
    """Fill new_origin(type, pattern, id, doc): few rows however many identities, since patterns repeat."""
    engine, name = workspace.engine, identity_type.type.name
    orders = _orders(identity_type, inbound)
    contested = [attribute for attribute, order in orders.items() if len(order) > 1]
    for (pattern,) in engine.rows(f"select distinct pattern from {merged_relation(name)}"):
        won = dict(zip(contested, pattern.split(","), strict=True)) if contested else {}
        doc = {
            attribute: order[int(won.get(attribute, "0"))].rule
            for attribute, order in orders.items()
            if order and won.get(attribute) != "-"
        }
        text = json.dumps(doc, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        engine.run(
            f"insert into new_origin values (?, ?, {lasting_hash('?::varchar')}, ?)", [name, pattern, text, text]
        )


def _keep_last_good(workspace: Workspace, identity_type: CompiledType, inbound: Sequence[CompiledInbound]) -> None:
    """Put the stored value back where a contributor failed that comes before the one that won."""
    engine, name = workspace.engine, identity_type.type.name
    merged, orders = merged_relation(name), _orders(identity_type, inbound)
    contested = [attribute for attribute, order in orders.items() if len(order) > 1]
    for attribute, rule in engine.rows("select distinct attribute, rule from flow_error order by all"):
        ranks = {c.rule: n for n, c in enumerate(orders.get(attribute, ()))}
        if rule not in ranks:
            continue
        before_winner = "true"
        if attribute in contested:
            won = f"try_cast(split_part({merged}.pattern, ',', {contested.index(attribute) + 1}) as integer)"
            before_winner = f"coalesce({won}, {len(ranks)}) > {ranks[rule]}"
        engine.run(
            f"update {merged} set {value_column(attribute)} = s.{value_column(attribute)} "
            f"from {quote(f'stored:{name}')} s where s.id = {merged}.id and {before_winner} and s.id in "
            f"(select identity_id from flow_error where attribute = {literal(attribute)} and rule = {literal(rule)})"
        )


def _orders(identity_type: CompiledType, inbound: Sequence[CompiledInbound]) -> dict[str, tuple[Contributor, ...]]:
    return {a.name: contributors(identity_type, a.name, inbound) for a in identity_type.values}
