"""Looking through identities, a connector space or what waits for a system, as fast at a million as at ten.

What is looked for by a text is looked for in a window; `next` tells where to look on, and `looked` how many were looked
at, so that nobody takes a part for the whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from accord.operations.identities import FoundIdentity, describe_identities
from accord.operations.values import Attribute, ValueChange, attributes_of, changes_between
from accord.runs.context import Context

_WINDOW = 10_000
_SHOWN = 100
_TOLD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLook:
    """Identities found in a window."""

    identities: tuple[FoundIdentity, ...]
    looked: int
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceRow:
    """One staged object as it is listed; `values` are its first."""

    id: int
    type: str
    name: str
    is_planned: bool
    identity_id: int | None
    how: str
    values: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceLook:
    """Staged objects found in a window."""

    objects: tuple[SpaceRow, ...]
    looked: int
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """One pending export with what it changes."""

    object_id: int
    identity_id: int | None
    type: str
    name: str
    operation: str
    state: str
    attempts: int
    code: str
    message: str
    rule: str
    reason: str
    changes: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLook:
    """Pending exports in order of their objects."""

    rows: tuple[WaitingRow, ...]
    next: int | None


def look_for_identities(
    context: Context, text: str = "", *, identity_type: str | None = None, after: int = 0
) -> IdentityLook:
    """Return the next identities with a value that contains the text; the first look finds anchors and dns at once."""
    exact = _by_name(context, text) if text and not after else []
    window = context.store.looking.identities(after=after, limit=_WINDOW if text or identity_type else _SHOWN + 1)
    fitting = _of_type(_containing(window, text, ("doc",)), identity_type)
    known = set(exact)
    rows = [r for r in _rows_of(context, exact) if identity_type in (None, r["type"])]
    found = [r for r in fitting.slice(0, _SHOWN + 1).to_pylist() if r["id"] not in known]
    shown, following = _cut(window, found, "id", is_window=bool(text or identity_type))
    return IdentityLook(
        identities=describe_identities(context, [*rows, *shown]), looked=_looked(window, following), next=following
    )


def look_through_space(
    context: Context, system: str, text: str = "", *, object_type: str = "", after: int = 0
) -> SpaceLook:
    """Return the next objects of a system; the first look finds the anchor or dn that is the text at once."""
    context.system(system)
    exact = context.store.connector_space.find_objects(text, system=system).table.to_pylist() if text else []
    exact = [] if after else exact
    window = context.store.looking.objects(system, after=after, limit=_WINDOW if text or object_type else _SHOWN + 1)
    fitting = _of_type(_containing(window, text, ("anchor", "dn", "doc")), object_type or None)
    known = {row["id"] for row in exact}
    found = [r for r in fitting.slice(0, _SHOWN + 1).to_pylist() if r["id"] not in known]
    shown, following = _cut(window, found, "id", is_window=bool(text or object_type))
    rows = [r for r in exact if object_type in ("", r["type"])] + shown
    return SpaceLook(objects=_space_rows(context, rows), looked=_looked(window, following), next=following)


def look_at_waiting(
    context: Context, system: str, *, operation: str = "", state: str = "", after: int = 0
) -> WaitingLook:
    """Return the next pending exports of a system: all, those that delete, or those in one state."""
    context.system(system)
    looking, limit = context.store.looking, _SHOWN + 1
    if operation == "delete":
        table = looking.deleting(system, after=after, limit=limit)
    elif state:
        count = context.store.standing.states(system).get(state, 0)
        table = looking.in_state(system, state, count=count, after=after, limit=limit)
    else:
        table = looking.waiting(system, after=after, limit=limit)
    rows = table.to_pylist()
    return WaitingLook(
        rows=tuple(_waiting_row(row) for row in rows[:_SHOWN]),
        next=rows[_SHOWN - 1]["object_id"] if len(rows) > _SHOWN else None,
    )


_Row = Mapping[str, Any]


def _by_name(context: Context, text: str) -> list[int]:
    objects = context.store.connector_space.find_objects(text).table["id"].to_pylist()
    return list(dict.fromkeys(context.store.metaverse.read_links_of(objects).table["identity_id"].to_pylist()))


def _rows_of(context: Context, ids: Sequence[int]) -> list[_Row]:
    return list(context.store.metaverse.read_identities_by_id(ids).table.to_pylist()) if ids else []


def _containing(table: pa.Table, text: str, columns: Sequence[str]) -> pa.Table:
    if not text or not table.num_rows:
        return table
    is_hit = None
    for column in columns:
        hits = pc.fill_null(pc.match_substring(table[column], text, ignore_case=True), fill_value=False)
        is_hit = hits if is_hit is None else pc.or_(is_hit, hits)
    return table.filter(is_hit)


def _of_type(table: pa.Table, wanted: str | None) -> pa.Table:
    return table if wanted is None else table.filter(pc.equal(table["type"], wanted))


def _cut(window: pa.Table, found: list[_Row], key: str, *, is_window: bool) -> tuple[list[_Row], int | None]:
    """Return what is shown, and where to look on: behind the last that is shown, or behind the window."""
    if len(found) > _SHOWN:
        return found[:_SHOWN], int(found[_SHOWN - 1][key])
    is_whole = window.num_rows < (_WINDOW if is_window else _SHOWN + 1)
    return found, None if is_whole or not window.num_rows else int(window[key][-1].as_py())


def _looked(window: pa.Table, following: int | None) -> int:
    return window.num_rows if following is None else int(pc.sum(pc.less_equal(window["id"], following)).as_py() or 0)


def _space_rows(context: Context, rows: Sequence[_Row]) -> tuple[SpaceRow, ...]:
    links = context.store.metaverse.read_links_of([r["id"] for r in rows]).table.to_pylist() if rows else []
    linked = {link["object_id"]: (link["identity_id"], str(link["how"])) for link in links}
    return tuple(
        SpaceRow(
            id=row["id"], type=row["type"], name=row["dn"] or row["anchor"] or str(row["id"]),
            is_planned=row["doc"] is None, identity_id=linked.get(row["id"], (None, ""))[0],
            how=linked.get(row["id"], (None, ""))[1], values=attributes_of(row["doc"])[:_TOLD],
        )
        for row in rows
    )  # fmt: skip


def _waiting_row(row: _Row) -> WaitingRow:
    return WaitingRow(
        object_id=row["object_id"], identity_id=row["identity_id"], type=row["type"],
        name=row["new_dn"] or row["dn"] or row["object_dn"] or row["anchor"] or f"object {row['object_id']}",
        operation=row["operation"], state=row["state"], attempts=row["attempts"], code=row["code"] or "",
        message=row["message"] or "", rule=row["rule"] or "", reason=row["reason"] or "",
        changes=() if row["operation"] == "delete" else changes_between(row["before"], row["after"]),
    )  # fmt: skip
