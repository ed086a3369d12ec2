"""How objects and identities recognise each other: matching rules of an object type, or of one synchronisation rule."""

from accord.config.canonical import Document
from accord.config.expressions import bare_name
from accord.config.files import MatchPart
from accord.config.join_parts import JoinPart
from accord.config.places import FileKind
from accord.model.errors import Invalid, NotFound
from accord.operations.administration.cleaning import quoted
from accord.operations.administration.desk import Desk, Draft
from accord.operations.administration.matching_views import MatchSource, MatchView, NewMatch
from accord.operations.administration.moments import made_at
from accord.operations.administration.naming import DN_ATTRIBUTE, path
from accord.operations.administration.rules import rule_named
from accord.operations.administration.schema import type_named
from accord.operations.administration.systems import system_named

RULE, SYSTEM = FileKind.RULE, FileKind.SYSTEM
"""Whose matching rules are meant."""

Place = tuple[FileKind, str, str]
"""A system and its object type, or a rule and nothing."""


def matches_of_type(desk: Desk, system_number: int, type_number: int) -> list[MatchView]:
    """Return the matching rules of an object type, in order."""
    name = system_named(desk, system_number)
    type_name = type_named(desk, name, type_number)
    part = desk.read.systems[name].objects.get(type_name)
    at: Place = (FileKind.SYSTEM, name, type_name)
    return [_view(desk, at, position) for position in range(len(part.match) if part else 0)]


def matches_of_rule(desk: Desk, rule_number: int) -> list[MatchView]:
    """Return the matching rules of a synchronisation rule, in order."""
    name = rule_named(desk, rule_number)
    return [_view(desk, (FileKind.RULE, name, ""), n) for n in range(len(desk.read.rules[name].join))]


def read_match(desk: Desk, kind: FileKind, owner: int, number: int) -> MatchView:
    """Return one matching rule; raise NotFound when it is none of this owner."""
    return _view(desk, *_named(desk, kind, owner, number))


def add_match(desk: Desk, kind: FileKind, owner: int, new: NewMatch) -> MatchView:
    """Add a matching rule, at its place in the order or last."""
    at = _place(desk, kind, owner, new)
    count = _count(desk, at)
    position = count if new.order is None else max(0, min(new.order, count))
    document = _document(desk, at, new, None)

    def edit(draft: Draft) -> None:
        written_list(draft, at).insert(position, document)
        for n in range(position, count):
            draft.renamed[_key(at, n)] = _key(at, n + 1)

    return _view(desk.change("add_matching_rule", at[1], new.change_reason, edit), at, position)


def change_match(desk: Desk, kind: FileKind, owner: int, number: int, new: NewMatch) -> MatchView:
    """Change a matching rule; what is not given stays."""
    at, position = _named(desk, kind, owner, number)
    before = _parts(desk, at)[position]
    document = _document(desk, at, new, before)

    def edit(draft: Draft) -> None:
        written_list(draft, at)[position] = document

    return _view(desk.change("change_matching_rule", at[1], new.change_reason, edit), at, position)


def remove_match(desk: Desk, kind: FileKind, owner: int, number: int, reason: str | None) -> None:
    """Remove a matching rule."""
    at, position = _named(desk, kind, owner, number)
    count = _count(desk, at)

    def edit(draft: Draft) -> None:
        del written_list(draft, at)[position]
        draft.dropped.add(_key(at, position))
        for n in range(position + 1, count):
            draft.renamed[_key(at, n)] = _key(at, n - 1)

    desk.change("remove_matching_rule", at[1], reason, edit)


def _key(at: Place, position: int) -> tuple[str, str]:
    kind, name, type_name = at
    return ("rule_match", path(name, position)) if kind is FileKind.RULE else ("match", path(name, type_name, position))


def _place(desk: Desk, kind: FileKind, owner: int, new: NewMatch) -> Place:
    if kind is FileKind.RULE:
        return kind, rule_named(desk, owner), ""
    name = system_named(desk, owner)
    if new.connected_system_object_type_id is None or new.metaverse_object_type_id is None:
        raise Invalid("a matching rule is between object types", {"connectedSystemObjectTypeId": ["give both types"]})
    type_name = type_named(desk, name, new.connected_system_object_type_id)
    if type_name not in desk.read.systems[name].objects:
        raise Invalid("the object type is not selected", {"connectedSystemObjectTypeId": ["select it first"]})
    return kind, name, type_name


def _named(desk: Desk, kind: FileKind, owner: int, number: int) -> tuple[Place, int]:
    if kind is FileKind.RULE:
        name = rule_named(desk, owner)
        rule, position = desk.ids.steps("rule_match", number, what="matching rule")
        at: Place = (kind, rule, "")
    else:
        name = system_named(desk, owner)
        system, type_name, position = desk.ids.steps("match", number, what="matching rule")
        at = (kind, system, type_name)
    if at[1] != name:
        raise NotFound(f"there is no matching rule {number} here", remedy="list the matching rules")
    return at, int(position)


def _parts(desk: Desk, at: Place) -> tuple[MatchPart | JoinPart, ...]:
    kind, name, type_name = at
    return desk.read.rules[name].join if kind is FileKind.RULE else desk.read.systems[name].objects[type_name].match


def _count(desk: Desk, at: Place) -> int:
    return len(_parts(desk, at))


def written_list(draft: Draft, at: Place) -> list[object]:
    """Return the list in which matching rules are written there, to change in place."""
    kind, name, type_name = at
    document = draft.document(kind, name)
    if kind is FileKind.RULE:
        found = document.setdefault("join", [])
    else:
        objects = document["objects"]
        found = objects[type_name].setdefault("match", []) if isinstance(objects, dict) else []
    return found if isinstance(found, list) else []


def _document(desk: Desk, at: Place, new: NewMatch, before: MatchPart | JoinPart | None) -> Document:
    kind, name, type_name = at
    system = desk.read.rules[name].system if kind is FileKind.RULE else name
    object_type = desk.read.rules[name].object if kind is FileKind.RULE else type_name
    old_source, old_target = next(iter(before.keys.items())) if before else (None, None)
    source, target = old_source, old_target
    if new.sources:
        of, of_type, attribute = desk.ids.steps("attribute", new.sources[0].connected_system_attribute_id)
        if (of, of_type) != (system, object_type) or len(new.sources) > 1:
            raise Invalid("a matching rule has one source", {"sources": [f"name one attribute of {object_type}"]})
        source = "dn" if attribute == DN_ATTRIBUTE else quoted(attribute)
    if new.target_metaverse_attribute_id is not None:
        target = desk.ids.steps("type_attribute", new.target_metaverse_attribute_id)[0]
    if source is None or target is None:
        raise Invalid("a matching rule compares", {"sources": ["give a source and a target attribute"]})
    is_sensitive = before.case_sensitive if before else True
    document: Document = {
        "keys": {source: target},
        "case_sensitive": is_sensitive if new.case_sensitive is None else new.case_sensitive,
    }
    if kind is FileKind.RULE:
        return document
    identity = before.identity if isinstance(before, MatchPart) else ""
    if new.metaverse_object_type_id is not None:
        identity = desk.ids.steps("type", new.metaverse_object_type_id, what="metaverse object type")[0]
    return {"identity": identity, **document}


def _view(desk: Desk, at: Place, position: int) -> MatchView:
    kind, name, type_name = at
    part = _parts(desk, at)[position]
    rule = desk.read.rules[name] if kind is FileKind.RULE else None
    system, object_type = (rule.system, rule.object) if rule else (name, type_name)
    identity = rule.identity if rule else part.identity if isinstance(part, MatchPart) else ""
    number = desk.ids.of(*_key(at, position))
    targets = list(part.keys.values())
    return MatchView(
        id=number, order=position, connected_system_object_type_id=desk.ids.of("object_type", system, object_type),
        connected_system_object_type_name=object_type, metaverse_object_type_id=desk.ids.get("type", identity),
        metaverse_object_type_name=identity, sync_rule_id=desk.ids.of("rule", name) if rule else None,
        target_metaverse_attribute_id=desk.ids.get("type_attribute", targets[0]),
        target_metaverse_attribute_name=targets[0],
        sources=tuple(_source(desk, system, object_type, text, n, number) for n, text in enumerate(part.keys)),
        case_sensitive=part.case_sensitive, created=made_at(desk, kind, name),
    )  # fmt: skip


def _source(  # noqa: PLR0913, PLR0917 - where it stands
    desk: Desk, system: str, object_type: str, text: str, position: int, number: int
) -> MatchSource:
    name = DN_ATTRIBUTE if bare_name(text) == "dn" else bare_name(text)
    found = desk.ids.get("attribute", system, object_type, name)
    return MatchSource(
        id=number, order=position, connected_system_attribute_id=found,
        connected_system_attribute_name=name if found else None, expression=None if found else text,
    )  # fmt: skip
