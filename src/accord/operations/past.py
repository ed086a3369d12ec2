"""What an identity or object was at a time, by which rules and since which runs: the present, told backwards."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from accord.model.errors import NotFound, UsageError
from accord.operations.activities import activity_name
from accord.operations.objects import IdentityView, ObjectPage, ObjectView
from accord.operations.provenance import Run, read_runs, since_of, told_by, told_since
from accord.operations.subjects import Subject as Meant
from accord.operations.subjects import find_subject
from accord.operations.values import Attribute, attributes_of
from accord.runs.context import Context
from accord.store.history import Change, PastLink, Subject

_IDENTITY = "identity:"


def read_time(text: str) -> datetime:
    """Return the time that a text says, in UTC where it names no zone; raise UsageError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time", remedy="write it like 2026-11-01T10:00Z") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastExplanation:
    """Why things were as they were: the state at a time, its values with rule and run, and what runs these were."""

    at: str
    identity: IdentityView | None
    objects: tuple[ObjectView, ...]
    runs: tuple[Run, ...]


def explain_at(context: Context, text: str, moment: datetime, attribute: str | None = None) -> PastExplanation:
    """Return the state at a time, or one attribute of it, with rules and runs; raise NotFound."""
    page = read_object_at(context, text, moment)
    identity, objects = page.identity, page.objects
    if attribute is not None:
        identity, objects = _only(page, attribute.lower())
    named = [a.since for a in _attributes_of(identity, objects)] + [o.since for o in objects]
    return PastExplanation(at=moment.isoformat(), identity=identity, objects=objects, runs=read_runs(context, named))


def read_object_at(context: Context, text: str, moment: datetime) -> ObjectPage:
    """Return an identity with the accounts it had at a time, or an object as it was then.

    What a run did counts from its end on. `identity:7` may name one that has ended since. Raises NotFound when the
    text means nothing, or what it means was not there.
    """
    subject = _meant(context, text)
    is_before = _before(context, moment)
    if subject.identity_id is None:
        view = _object(context, subject.object_id or 0, is_before, None)
        if view is None:
            raise NotFound(f"{text} was not there at {moment.isoformat()}", remedy="see: accord history")
        return ObjectPage(identity=None, objects=(view,))
    identity = _identity(context, subject.identity_id, is_before)
    if identity is None:
        raise NotFound(f"{text} was not there at {moment.isoformat()}", remedy="see: accord history")
    links = [
        link
        for link in context.store.history.links_ever(subject.identity_id)
        if is_before(link.since) and (link.until is None or not is_before(link.until))
    ]
    views = (_object(context, link.object_id, is_before, link) for link in links)
    found = [v for v in views if v is not None]
    return ObjectPage(identity=identity, objects=tuple(sorted(found, key=lambda v: (v.system, v.type, v.id))))


def _only(page: ObjectPage, wanted: str) -> tuple[IdentityView | None, tuple[ObjectView, ...]]:
    def of(attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
        return tuple(a for a in attributes if a.name.lower() == wanted)

    identity = page.identity
    if identity is not None:
        identity = replace(identity, attributes=of(identity.attributes), references=of(identity.references))
    objects = tuple(replace(o, attributes=of(o.attributes)) for o in page.objects)
    if not _attributes_of(identity, objects):
        known = sorted({a.name for a in _attributes_of(page.identity, page.objects)})
        raise NotFound(f"there was no attribute {wanted!r} then", remedy=f"use one of: {', '.join(known)}")
    return identity, objects


def _attributes_of(identity: IdentityView | None, objects: Iterable[ObjectView]) -> list[Attribute]:
    found = [a for o in objects for a in o.attributes]
    return found if identity is None else [*identity.attributes, *identity.references, *found]


def _meant(context: Context, text: str) -> Meant:
    number = text.removeprefix(_IDENTITY)
    if text.startswith(_IDENTITY) and number.isdecimal():
        return Meant(identity_id=int(number))
    return find_subject(context, text)


def _before(context: Context, moment: datetime) -> Callable[[int], bool]:
    """Return the question whether an activity had ended by then; each activity is read once."""
    known: dict[int, bool] = {}

    def is_before(activity: int) -> bool:
        if activity not in known:
            ended = context.store.activities.read(activity).ended_at
            known[activity] = bool(ended) and datetime.fromisoformat(str(ended)) <= moment
        return known[activity]

    return is_before


def _identity(context: Context, identity_id: int, is_before: Callable[[int], bool]) -> IdentityView | None:
    timeline = context.store.history.timeline(Subject.IDENTITY, identity_id)
    last = _last(timeline, Subject.IDENTITY, is_before)
    if last is None or last.after is None:
        return None
    now = {(e["attr"], str(e["dst"])) for e in
           context.store.metaverse.read_identity_edges_of([identity_id]).table.to_pylist()}  # fmt: skip
    present = context.store.metaverse.read_identities_by_id([identity_id]).table["type"].to_pylist()
    edges = _listed((attr, f"{_IDENTITY}{dst}") for attr, dst in _edges(timeline, now, is_before))
    since = since_of(timeline, Subject.IDENTITY, is_before)
    return IdentityView(
        id=identity_id,
        type=str(present[0]) if present else "",
        name=f"{_IDENTITY}{identity_id}",
        gone_since=None,
        attributes=told_by(context, told_since(attributes_of(last.after), since), last.origin),
        references=told_since(edges, since),
    )


def _object(
    context: Context, object_id: int, is_before: Callable[[int], bool], link: PastLink | None
) -> ObjectView | None:
    timeline = context.store.history.timeline(Subject.OBJECT, object_id)
    last = _last(timeline, Subject.OBJECT, is_before)
    rows = context.store.connector_space.read_objects_by_id([object_id]).table.to_pylist()
    if last is None or last.operation == "remove":
        return None
    place = [(row["system"], row["type"], row["anchor"]) for row in rows]
    system, object_type, anchor = place[0] if place else context.store.history.removed_place(object_id)
    now = {
        (e["attr"], str(e["dst"])) for e in context.store.connector_space.read_edges_of([object_id]).table.to_pylist()
    }
    held = (*attributes_of(last.after), *_listed(_edges(timeline, now, is_before)))
    since = since_of(timeline, Subject.OBJECT, is_before)
    return ObjectView(
        id=object_id,
        system=system,
        type=object_type,
        anchor=anchor,
        dn=last.after_dn,
        is_planned=last.after is None,
        rule=link.rule if link is not None else "",
        how=link.how if link is not None else "",
        attributes=tuple(sorted(told_since(held, since), key=lambda a: a.name)),
        pending=None,
        since=activity_name(link.since) if link is not None else "",
    )


def _last(timeline: Iterable[Change], kind: Subject, is_before: Callable[[int], bool]) -> Change | None:
    found = [c for c in timeline if c.kind == kind and c.attribute is None and is_before(c.activity)]
    return found[-1] if found else None


def _edges(
    timeline: Iterable[Change], now: set[tuple[str, str]], is_before: Callable[[int], bool]
) -> set[tuple[str, str]]:
    """Return the references of then: those of now, with what happened since taken back, the last first."""
    edges = set(now)
    for change in reversed(list(timeline)):
        if change.attribute is None or change.kind == "link" or is_before(change.activity):
            continue
        edge = (change.attribute, str(change.destination))
        if change.operation == "add":
            edges.discard(edge)
        else:
            edges.add(edge)
    return edges


def _listed(edges: Iterable[tuple[str, str]]) -> tuple[Attribute, ...]:
    by_name: dict[str, list[str]] = {}
    for name, value in sorted(edges):
        by_name.setdefault(name, []).append(value)
    return tuple(Attribute(name=n, values=tuple(v)) for n, v in sorted(by_name.items()))
