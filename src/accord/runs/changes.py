"""What happened since the last synchronisation: where a delta synchronisation begins."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from accord.store.baselines import Baseline
from accord.store.store import Store

BIG = 1_000
"""From so many references on, an object's references are looked at one by one instead of all together."""


@dataclass(slots=True, kw_only=True)
class Changes:
    """Objects and identities to look at, and names under which others may refer to them.

    `whole` are objects of which more than references changed; `texts` are references added to or removed from others.
    """

    objects: set[int] = field(default_factory=set)
    identities: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    renamed: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)


def read_changes(store: Store, baseline: Baseline) -> Changes:
    """Return what changed since the baseline, by the history, and what it left open."""
    found = Changes(objects=set(baseline.objects), identities=set(baseline.identities))
    since = baseline.position
    decisions = store.decisions.read().table
    found.objects |= _ids(decisions["object_id"])
    found.identities |= _ids(decisions["identity_id"])
    rows = store.history.changes_since(since.history)
    kinds = {kind: rows.filter(pc.equal(rows["kind"], kind)) for kind in _KINDS}
    _take_objects(store, found, kinds["object"])
    for table in (kinds["edge"],):
        found.objects |= _ids(table["subject"])
        found.texts |= set(table["dst"].to_pylist())
    found.objects |= _ids(kinds["link"]["subject"])
    found.identities |= {int(i) for i in kinds["link"]["dst"].to_pylist()}
    found.identities |= _ids(kinds["identity"]["subject"]) | _ids(kinds["identity_edge"]["subject"])
    new = _ids(store.subsets.new_objects(since.next_object_id))
    found.objects |= new | _ids(store.history.sent_since(since.journal)) | _ids(store.subsets.unanswered())
    found.whole |= new
    found.renamed |= new
    found.identities |= _ids(store.subsets.new_identities(since.next_identity_id))
    found.identities |= _ids(store.subsets.waiting_identities())
    return found


def _take_objects(store: Store, found: Changes, rows: pa.Table) -> None:
    """Take in objects that changed or went: what they were first is what the last synchronisation saw."""
    before: dict[int, dict[str, object]] = {}
    for row in rows.to_pylist():
        before.setdefault(row["subject"], row)
        found.names |= {str(row[n]) for n in ("before_dn", "anchor") if row[n] is not None}
    found.objects |= before.keys()
    now = {row["id"]: row for row in store.connector_space.read_objects_by_id(list(before)).table.to_pylist()}
    for object_id, was in before.items():
        row = now.get(object_id)
        if row is None or (row["dn"], row["anchor"]) != (was["before_dn"], was["anchor"]) or was["before"] is None:
            found.renamed.add(object_id)
            found.whole.add(object_id)
        elif row["doc"] != was["before"]:
            found.whole.add(object_id)


def _ids(column: pa.ChunkedArray | Iterable[int]) -> set[int]:
    return set(column.to_pylist() if isinstance(column, pa.ChunkedArray) else column)


_KINDS = ("object", "edge", "link", "identity", "identity_edge")
