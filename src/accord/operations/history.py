"""What happened to an identity and its accounts, in order, each change with who made it and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accord.operations.activities import activity_name
from accord.operations.naming import name_identities
from accord.operations.subjects import find_subject
from accord.operations.values import ValueChange, changes_between
from accord.runs.context import Context
from accord.store.activities import Activity
from accord.store.history import Change, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One change of one subject (`identity 7`, `accounts/anna.meyer`) by one activity."""

    activity: str
    at: str
    actor: str
    kind: str
    subject: str
    operation: str
    changes: tuple[ValueChange, ...]


def read_history(context: Context, text: str) -> tuple[HistoryEntry, ...]:
    """Return all that happened to the identity or object a text means, oldest first."""
    found = find_subject(context, text)
    subjects: list[tuple[Subject, int, str]] = []
    object_ids = [] if found.object_id is None else [found.object_id]
    if found.identity_id is not None:
        identity = context.store.metaverse.read_identities_by_id([found.identity_id]).table
        subjects.append((Subject.IDENTITY, found.identity_id, name_identities(context, identity)[found.identity_id]))
        object_ids = context.store.metaverse.read_links_to([found.identity_id]).table["object_id"].to_pylist()
    subjects += [(Subject.OBJECT, i, name) for i, name in _names(context, object_ids).items()]
    told = [(change, name) for kind, i, name in subjects for change in context.store.history.timeline(kind, i)]
    activities = {a: context.store.activities.read(a) for a in sorted({change.activity for change, _ in told})}
    entries = [_entry(change, name, activities[change.activity]) for change, name in told]
    return tuple(sorted(_merged(entries), key=lambda e: int(e.activity[1:])))


def _names(context: Context, ids: list[int]) -> Mapping[int, str]:
    rows = context.store.connector_space.read_objects_by_id(ids).table.to_pylist() if ids else []
    return {r["id"]: f"{r['system']}/{r['dn'] or r['anchor'] or r['id']}" for r in rows}


def _entry(change: Change, name: str, activity: Activity) -> HistoryEntry:
    return HistoryEntry(
        activity=activity_name(activity.id),
        at=activity.started_at,
        actor=activity.actor,
        kind=activity.kind,
        subject=name,
        operation=change.operation if change.attribute is None else "link" if change.kind == "link" else "update",
        changes=_changes(change),
    )


def _changes(change: Change) -> tuple[ValueChange, ...]:
    if change.attribute is not None:
        there = (str(change.destination),)
        is_added = change.operation == "add"
        name = f"link by {change.attribute}" if change.kind == "link" else change.attribute
        return (ValueChange(name=name, before=() if is_added else there, after=there if is_added else ()),)
    renamed: tuple[ValueChange, ...] = ()
    if change.before_dn != change.after_dn:
        renamed = (ValueChange(name="dn", before=_optional(change.before_dn), after=_optional(change.after_dn)),)
    return (*renamed, *changes_between(change.before, change.after))


def _merged(entries: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """Put the changes that one activity made to one subject in one way together."""
    merged: dict[tuple[str, str, str], HistoryEntry] = {}
    for entry in entries:
        key = (entry.activity, entry.subject, entry.operation)
        known = merged.get(key)
        changes = entry.changes if known is None else (*known.changes, *entry.changes)
        merged[key] = HistoryEntry(
            activity=entry.activity, at=entry.at, actor=entry.actor, kind=entry.kind, subject=entry.subject,
            operation=entry.operation, changes=changes,
        )  # fmt: skip
    return list(merged.values())


def _optional(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)
