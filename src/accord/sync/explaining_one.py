"""Why one reference is there, or is not: one who refers, one who is referred to, however many others there are.

Read from the relations of a plan that holds both; of all other references of the one who refers it needs none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from accord.engine.frames import literal, quote
from accord.model.schema import ValueType
from accord.sync.compiling import CompiledDerived, CompiledFlow, CompiledInbound, CompiledOutbound, CompiledType
from accord.sync.explaining import Input
from accord.sync.relations import account_relation, identity_relation, scope_relation
from accord.sync.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Who refers, and who is referred to: an identity, else an object that belongs to nobody, else a bare name."""

    identity_id: int
    identity_type: str
    other_id: int | None = None
    other_objects: tuple[int, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTrial:
    """What comes of one reference in one place: the metaverse (`system` is empty), or an account.

    `is_wanted` tells whether it should be there, `is_held` whether it is; `waits` is the change between them, and
    `inputs` are the names or values that were compared.
    """

    attribute: str
    rule: str
    system: str
    object_name: str
    is_wanted: bool
    is_held: bool
    waits: str
    reason: str
    inputs: tuple[Input, ...] = ()


def explain_reference(workspace: Workspace, pair: Pair) -> tuple[ReferenceTrial, ...]:
    """Return of every reference of the identity's type why it names the other or not; before accounts are settled."""
    compiled = workspace.rules.types[pair.identity_type]
    names = [n for n, a in compiled.type.attributes.items() if a.schema.type is ValueType.REFERENCE]
    return tuple(_in_metaverse(workspace, pair, compiled, name) for name in names)


def explain_account_reference(workspace: Workspace, pair: Pair) -> tuple[ReferenceTrial, ...]:
    """Return of every account and reference of it why it names an account of the other or not; after accounts are."""
    return tuple(
        trial
        for outbound in workspace.rules.outbound
        if outbound.rule.identity_type == pair.identity_type
        for flow in outbound.flows
        if flow.reference is not None
        for trial in _in_accounts(workspace, pair, outbound, flow)
    )


def _in_metaverse(workspace: Workspace, pair: Pair, compiled: CompiledType, attribute: str) -> ReferenceTrial:
    engine, other = workspace.engine, pair.other_id
    key = f"src = {pair.identity_id} and attr = {literal(attribute)} and dst = {'null' if other is None else other}"
    is_wanted = bool(engine.value(f"select count(*) from new_edge where {key}"))
    is_held = bool(engine.value(f"select count(*) from stored_edge where {key}"))
    derived = next((d for d in compiled.derived if d.attribute.name == attribute), None)
    if derived is not None:
        rule, reason, inputs = "", *_derived(workspace, pair, derived, is_wanted=is_wanted)
    else:
        rule, reason, inputs = _said(workspace, pair, compiled, attribute, is_wanted=is_wanted)
    return ReferenceTrial(
        attribute=attribute, rule=rule, system="", object_name="", is_wanted=is_wanted, is_held=is_held,
        waits="" if is_wanted == is_held else "the next synchronisation changes it", reason=reason, inputs=inputs,
    )  # fmt: skip


def _derived(
    workspace: Workspace, pair: Pair, derived: CompiledDerived, *, is_wanted: bool
) -> tuple[str, tuple[Input, ...]]:
    """Return the reason by which equal values refer or do not, and the two values."""
    rule, engine = derived.derived, workspace.engine
    says = f"refers to every {rule.type} whose {rule.theirs} equals its {rule.ours}"
    whole = identity_relation(pair.identity_type)
    ours = engine.value(f"select {quote(rule.ours)}::varchar from {whole} where _id = {pair.identity_id}")
    people = engine.rows(
        f"select {quote(rule.theirs)}::varchar from {identity_relation(rule.type)} where _id = ?", [pair.other_id]
    )
    inputs = (
        Input(name=f"its {rule.ours}", value=ours),
        Input(name=f"their {rule.theirs}", value=people[0][0] if people else None),
    )
    if is_wanted:
        return says, inputs
    if not people:
        return f"{says}, and this is no {rule.type}", inputs
    if ours is None or people[0][0] != ours:
        return f"{says}, and these are not equal", inputs
    return f"{says} and is in scope, and this one is not in scope", inputs


def _said(
    workspace: Workspace, pair: Pair, compiled: CompiledType, attribute: str, *, is_wanted: bool
) -> tuple[str, str, tuple[Input, ...]]:
    """Return by which rule, and why, what systems say refers to the other or does not."""
    precedence = compiled.type.attributes[attribute].precedence
    flows = [
        (i, f)
        for i in workspace.rules.inbound
        if i.rule.identity_type == pair.identity_type
        for f in i.flows
        if f.reference is not None and f.target.name == attribute
    ]
    flows.sort(key=lambda f: precedence.index(f[0].rule.name) if f[0].rule.name in precedence else len(precedence))
    found = [s for inbound, flow in flows for s in _named(workspace, pair, inbound, flow)]
    inputs = tuple(Input(name=place, value=told) for _, place, told, _ in found)
    counting = [(rule, told) for rule, _, told, counts in found if counts]
    if is_wanted:
        return (counting[0][0], "a source names it", inputs) if counting else ("", "kept as it was", inputs)
    if not flows:
        return "", "no rule feeds this attribute", ()
    if ending := _ending(workspace, pair):
        return "", ending, inputs
    if counting and pair.other_id is not None:
        return counting[0][0], "an earlier contributor in the order of precedence has its say alone", inputs
    if counting:
        return counting[0][0], "it is named, and belongs to nobody", inputs
    return "", "no source names it" if found else "no source speaks for whoever would refer", inputs


def _ending(workspace: Workspace, pair: Pair) -> str:
    """Return in words that one of the two ends or waits for it, so that nothing new refers; else nothing."""
    for identity, who in ((pair.identity_id, "who would refer"), (pair.other_id, "who would be referred to")):
        if workspace.engine.value("select count(*) from ended where id = ?", [identity]):
            return f"{who} ends with the next synchronisation"
    if workspace.engine.value("select count(*) from gone where id = ?", [pair.identity_id]):
        return "who would refer waits for its end, and keeps what it had"
    return ""


def _named(
    workspace: Workspace, pair: Pair, inbound: CompiledInbound, flow: CompiledFlow
) -> Iterator[tuple[str, str, str, bool]]:
    """Yield for each object that speaks by a rule: the rule, the object, what it says, and whether that counts."""
    rule, engine = inbound.rule, workspace.engine
    speakers = engine.rows(
        "select o.id, coalesce(o.dn, o.anchor, ''), s.id is not null from link l "
        f"join object o on o.id = l.object_id and o.system = {literal(rule.system)} "
        f"and o.type = {literal(rule.object_type)} left join {scope_relation(rule.name)} s on s.id = o.id "
        f"where l.identity_id = {pair.identity_id} order by 1"
    )
    meant = _objects_of(workspace, pair, rule.system)
    wanted = ", ".join(str(i) for i in meant) or "null"
    for speaker, name, is_in_scope in speakers:
        by = engine.rows(
            f"select dst from target where src = {speaker} and attr = {literal(flow.reference or '')} "
            f"and (dst_object in ({wanted}) or (dst_object is null and dst in ({_spelt(pair)}))) order by 1"
        )
        place = f"{rule.system}/{name}"
        if by:
            told = f"names {by[0][0]}" + ("" if is_in_scope else f", and is out of the scope of {rule.name}")
        elif meant:
            told = "does not name " + " or ".join(sorted(meant.values()))
        else:
            told = "could only name an object of its own system, and there is none"
        yield rule.name, place, told, bool(by) and is_in_scope


def _objects_of(workspace: Workspace, pair: Pair, system: str) -> dict[int, str]:
    """Return the other's objects in a system with their names."""
    objects = ", ".join(str(i) for i in pair.other_objects) or "null"
    linked = f"select object_id from link where identity_id = {pair.other_id}" if pair.other_id is not None else "null"
    rows = workspace.engine.rows(
        f"select id, coalesce(dn, anchor, '') from object where system = {literal(system)} and not is_planned "
        f"and (id in ({objects}) or id in ({linked}))"
    )
    return {int(i): str(name) for i, name in rows}


def _spelt(pair: Pair) -> str:
    return f"{literal(pair.name)}, {literal(pair.name.lower())}"


def _in_accounts(
    workspace: Workspace, pair: Pair, outbound: CompiledOutbound, flow: CompiledFlow
) -> Iterator[ReferenceTrial]:
    rule, engine, attribute = outbound.rule, workspace.engine, flow.target.name
    accounts = engine.rows(
        f"select a.object_id, coalesce(o.dn, o.anchor, '') from {account_relation(rule.name)} a "
        f"join object o on o.id = a.object_id where a.identity_id = {pair.identity_id} order by 1"
    )
    theirs = engine.rows(
        "select t.object_id, coalesce(o.dn, o.anchor, ''), coalesce(o.is_planned, true) from system_account t "
        f"left join object o on o.id = t.object_id where t.system = {literal(rule.system)} and t.identity_id = ?",
        [pair.other_id],
    )
    edge = f"src = {pair.identity_id} and attr = {literal(flow.reference or '')}"
    is_meant = bool(engine.value(f"select count(*) from new_edge where {edge} and dst = ?", [pair.other_id]))
    meant = {int(i) for i, _, _ in theirs} | set(_objects_of(workspace, pair, rule.system))
    ids = ", ".join(str(i) for i in sorted(meant)) or "null"
    for account, name in accounts:
        mine = f"src = {account} and attr = {literal(attribute)}"
        by_name = f"dst_object in ({ids}) or (dst_object is null and dst in ({_spelt(pair)}))"
        waiting = engine.rows(
            f"select change from wanted_edge where object_id = {account} and attr = {literal(attribute)} "
            f"and (dst_object in ({ids}) or dst_text in ({_spelt(pair)}))"
        )
        yield ReferenceTrial(
            attribute=attribute, rule=rule.name, system=rule.system, object_name=name,
            is_wanted=is_meant and bool(theirs),
            is_held=bool(engine.value(f"select count(*) from target where {mine} and ({by_name})")),
            waits=", ".join(sorted({str(change) for (change,) in waiting})),
            reason=_account_reason(flow, theirs, is_meant=is_meant, system=rule.system),
            inputs=tuple(Input(name="account", value=text) for _, text, _ in theirs),
        )  # fmt: skip


def _account_reason(flow: CompiledFlow, theirs: list[tuple[int, str, bool]], *, is_meant: bool, system: str) -> str:
    if not is_meant:
        return f"it follows {flow.reference} of the metaverse, where this reference is not"
    if not theirs:
        return f"it is in {flow.reference} of the metaverse, and has no account in {system} that could be named"
    if all(is_planned for *_, is_planned in theirs):
        return f"it is in {flow.reference} of the metaverse; its account is not there yet, and this follows then"
    return f"it is in {flow.reference} of the metaverse"
