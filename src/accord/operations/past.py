"""What an identity or object was at a time: the present, told backwards."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from accord.model.errors import NotFound, UsageError
from accord.operations.objects import IdentityView, ObjectPage, ObjectView
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
    edges = _edges(timeline, now, is_before)
    return IdentityView(
        id=identity_id,
        type=str(present[0]) if present else "",
        name=f"{_IDENTITY}{identity_id}",
        gone_since=None,
        attributes=attributes_of(last.after),
        references=_listed((attr, f"{_IDENTITY}{dst}") for attr, dst in edges),
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
    references = _listed(_edges(timeline, now, is_before))
    return ObjectView(
        id=object_id,
        system=system,
        type=object_type,
        anchor=anchor,
        dn=last.after_dn,
        is_planned=last.after is None,
        rule=link.rule if link is not None else "",
        how=link.how if link is not None else "",
        attributes=tuple(sorted((*attributes_of(last.after), *references), key=lambda a: a.name)),
        pending=None,
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
