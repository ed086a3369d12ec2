"""Undoing a run, or what it did to one object or attribute: a plan like any other."""

import json
from collections.abc import Iterable, Mapping

from accord.model.errors import NotFound, UsageError
from accord.operations.activities import read_activity
from accord.operations.runs import RunReport, report_of
from accord.operations.subjects import Subject, find_subject
from accord.runs.context import Context
from accord.runs.undo_run import AGAIN, run_undo
from accord.sync.rewinding import Choice

__all__ = ["AGAIN", "undo"]


def undo(context: Context, run: str, *, subject: str | None = None, attribute: str | None = None) -> RunReport:
    """Plan what takes back a run (`A7`, or its GUID) and keep the plan; nothing else changes.

    `subject` limits it to one identity with its accounts, or one account, named as anywhere or as it was called
    before the run; `attribute` to one attribute. Raises UsageError when the run cannot be undone, NotFound.
    """
    activity = int(read_activity(context, run, limit=1).activity.id.removeprefix("A"))
    if subject is None:
        return report_of(context, run_undo(context, activity, Choice(attribute=attribute)))
    identities, objects = _chosen(context, activity, subject)
    choice = Choice(identities=identities, objects=objects, attribute=attribute)
    return report_of(context, run_undo(context, activity, choice))


def _chosen(context: Context, activity: int, text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    try:
        found = find_subject(context, text)
    except NotFound:
        found = _removed(context, activity, text)
    if found.identity_id is None:
        return (), () if found.object_id is None else (found.object_id,)
    linked = context.store.metaverse.read_links_to([found.identity_id]).table["object_id"].to_pylist()
    lost = [
        row["subject"]
        for row in context.store.history.changes_of(activity).to_pylist()
        if row["kind"] == "link" and row["dst"] == str(found.identity_id)
    ]
    return (found.identity_id,), tuple({*linked, *lost})


def _removed(context: Context, activity: int, text: str) -> Subject:
    """Return the identity or object that the run removed and that was called so; raise NotFound, UsageError."""
    rows = [
        row
        for row in context.store.history.changes_of(activity).to_pylist()
        if row["operation"] == "remove" and row["kind"] in ("identity", "object") and _is_called(row, text)
    ]
    if not rows:
        raise NotFound(f"nothing is called {text!r}, nor did A{activity} remove it", remedy=f"accord show A{activity}")
    identities = {row["subject"] for row in rows if row["kind"] == "identity"}
    objects = {row["subject"] for row in rows if row["kind"] == "object"}
    if len(identities) > 1 or (not identities and len(objects) > 1):
        names = [f"identity:{i}" for i in sorted(identities)] or [f"{r['system']}/{r['anchor']}" for r in rows]
        raise UsageError(f"{text!r} may mean several", remedy=f"say which: {', '.join(names)}")
    if identities:
        return Subject(identity_id=identities.pop())
    return Subject(object_id=objects.pop())


def _is_called(row: Mapping[str, object], text: str) -> bool:
    if row["kind"] == "identity" and text == f"identity:{row['subject']}":
        return True
    if text in (row["anchor"], f"{row['system']}/{row['anchor']}"):
        return True
    folded = text.casefold()
    if str(row["before_dn"] or "").casefold() == folded:
        return True
    document = json.loads(str(row["before"])) if row["before"] else {}
    return any(str(value).casefold() == folded for value in _values(document.values()))


def _values(held: Iterable[object]) -> Iterable[object]:
    for value in held:
        yield from value if isinstance(value, list) else [value]
