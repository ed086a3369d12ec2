"""Reading what changed: by content synchronisation (RFC 4533), on Active Directory by update sequence numbers.

Both tell of single entries only: when a container was renamed or moved, nothing is said of the entries in it,
and then only a full import tells the truth.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from accord.connectors.base import ChangeBatch
from accord.connectors.ldap.client import Control, DirectoryClient, Entry, Scope, Search, SyncPart
from accord.connectors.ldap.columns import Shape, anchor_of
from accord.connectors.ldap.containers import SearchBase
from accord.connectors.ldap.reader import ReadPlan, attributes_to_ask, batch_of
from accord.connectors.ldap.watermarks import lost
from accord.model.errors import SystemRefused

Marks = Mapping[str, str]
"""Where a reading stands, by place."""

_NOTHING = "(!(objectClass=*))"
_SHOW_DELETED = Control(oid="1.2.840.113556.1.4.417", is_critical=True)
_PAGE_ROWS = 1000
_CSN = re.compile(r"\d{14}\.\d{6}Z#[0-9a-f]{6}#([0-9a-f]{3})#[0-9a-f]{6}")


@dataclass(slots=True)
class Changed:
    """What changed of one object type: entries, and the anchors that are gone unless an entry shows them."""

    entries: list[Entry] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that changed, by object type, and the marks to go on from."""

    by_type: Mapping[str, Changed]
    marks: Marks
    names_follow: bool = False


def sync_marks(client: DirectoryClient, bases: tuple[SearchBase, ...]) -> Marks:
    """Return the present cookie of each base, without reading an entry."""
    marks: dict[str, str] = {}
    for base in bases:
        search = Search(base=base.dn, scope=base.scope, filter=_NOTHING, attributes=("1.1",))
        cookies = [part.cookie for part in client.refresh(search, None) if part.cookie]
        if not cookies:
            raise SystemRefused(
                f"the directory gives no cookie for {base.dn}",
                place=base.dn,
                remedy="configure the syncprov overlay for the database that holds it",
            )
        marks[base.dn] = cookies[-1]
    return marks


def sync_changes(client: DirectoryClient, plan: ReadPlan, partitions: tuple[str, ...], marks: Marks) -> Changes:
    """Return what changed since the cookies; raise WatermarkLost when the server cannot say what is gone."""
    _need_anchor(plan, "entryUUID")
    _need_all_bases(plan, marks)
    by_type = {name: Changed() for name in plan.shapes}
    after = dict(marks)
    for base in plan.containers.bases:
        for number, (name, shape) in enumerate(plan.shapes.items()):
            search = Search(
                base=base.dn, scope=base.scope, filter=plan.filters[name], attributes=attributes_to_ask(shape)
            )
            parts = client.refresh(search, marks[base.dn])
            cookie = _gather(parts, plan, base, by_type[name])
            if number == 0 and cookie:
                # Later searches may see more; that comes again.
                after[base.dn] = cookie
    _need_still_containers(client, partitions, ";".join(marks.values()))
    return Changes(by_type=by_type, marks=after)


def usn_marks(client: DirectoryClient, root: Mapping[str, list[bytes]], place: str) -> Marks:
    """Return the highest sequence number of this domain controller, under the id of its database."""
    service = root.get("dsServiceName", [])
    numbers = root.get("highestCommittedUSN", [])
    found = client.read_entry(service[0].decode(), ("invocationId",)) if service else None
    ids = (found or {}).get("invocationId", [])
    if not ids or not numbers:
        raise SystemRefused(
            "the domain controller does not tell its invocationId and highestCommittedUSN",
            place=place,
            remedy="let the bind account read the configuration partition",
        )
    return {str(uuid.UUID(bytes_le=ids[0])): numbers[0].decode()}


def usn_changes(
    client: DirectoryClient, plan: ReadPlan, partitions: tuple[str, ...], marks: Marks, now: Marks
) -> Changes:
    """Return what changed since the sequence number; `now` are the marks taken just before."""
    _need_anchor(plan, "objectGUID")
    place = "; ".join(partitions)
    (controller,) = now
    if controller not in marks or not marks[controller].isdigit() or int(marks[controller]) > int(now[controller]):
        raise lost("another domain controller answers, or it was restored from a backup", place)
    first = int(marks[controller]) + 1
    since = f"(uSNChanged>={first})"
    moved = (
        f"(&(|(objectClass=organizationalUnit)(objectClass=container))(uSNChanged>={first})(!(uSNCreated>={first})))"
    )
    touched: set[str] = set()
    for partition in partitions:
        if next(_entries(client, _below(partition, moved, "1.1")), None) is not None:
            raise lost("a container was changed, and perhaps renamed or moved with all in it", partition)
        # Deleted ones are kept as tombstones, elsewhere and without the values that the filters look at.
        found = _entries(client, replace(_below(partition, since, "objectGUID"), controls=(_SHOW_DELETED,)))
        touched.update(str(uuid.UUID(bytes_le=given["objectGUID"][0])) for _, given in found if "objectGUID" in given)
    by_type = {name: _changed_users(client, plan, name, since, touched) for name in plan.shapes}
    # A link is kept by the identifier of what it leads to: only its name changes, and not whoever has the link.
    return Changes(by_type=by_type, marks=now, names_follow=True)


def change_batches(
    client: DirectoryClient, plan: ReadPlan, changes: Changes, *, since: str, after: str
) -> Iterator[ChangeBatch]:
    """Yield the changes as columns; only the last batch moves the watermark."""
    last = list(plan.shapes)[-1:]
    for name, shape in plan.shapes.items():
        changed = changes.by_type[name]
        entries = changed.entries
        for start in range(0, len(entries), plan.batch_rows):
            batch = batch_of(client, entries[start : start + plan.batch_rows], [], shape)
            yield ChangeBatch(
                object_type=name, rows=batch.rows, errors=batch.errors, watermark=since,
                names_follow=changes.names_follow,
            )  # fmt: skip
        yield ChangeBatch(
            object_type=name,
            rows=batch_of(client, [], [], shape).rows,
            removed=tuple(sorted(changed.gone - changed.shown)),
            watermark=after if [name] == last else since,
            names_follow=changes.names_follow,
        )


def _gather(parts: Iterator[SyncPart], plan: ReadPlan, base: SearchBase, changed: Changed) -> str | None:
    """Gather one synchronisation; return the new cookie, None when nothing happened."""
    last: str | None = None
    for part in parts:
        last = part.cookie
        if part.names_present or last == "":
            raise lost(
                "the directory no longer knows what was deleted since then (its session log is too short, or it was "
                "started again)",
                base.dn,
            )
        changed.gone.update(part.removed)
        for anchor, entry in part.entries:
            if plan.containers.takes_all or plan.containers.covers(entry[0], base):
                if anchor not in changed.shown:
                    changed.shown.add(anchor)
                    changed.entries.append(entry)
            else:
                # It moved to where we do not read, or another base shows it.
                changed.gone.add(anchor)
    return last


def _changed_users(client: DirectoryClient, plan: ReadPlan, name: str, since: str, touched: set[str]) -> Changed:
    shape = plan.shapes[name]
    changed = Changed(gone=touched)
    wanted = f"(&{plan.filters[name]}{since})"
    for base in plan.containers.bases:
        for entry in _entries(client, _below(base.dn, wanted, *attributes_to_ask(shape), scope=base.scope)):
            if plan.containers.takes_all or plan.containers.covers(entry[0], base):
                changed.entries.append(entry)
                changed.shown.add(anchor_of(entry[1], shape) or "")
    return changed


def _need_still_containers(client: DirectoryClient, partitions: tuple[str, ...], cookies: str) -> None:
    """Raise WatermarkLost when an entry with others below it changed: it may have moved with all of them."""
    known = {found[1]: found[0] for found in _CSN.finditer(cookies)}
    if not known:
        return
    oldest = min(known.values())
    parents = f"(&(hasSubordinates=TRUE)(entryCSN>={oldest}))"
    for partition in partitions:
        for dn, given in _entries(client, _below(partition, parents, "entryCSN", "createTimestamp")):
            csn = given.get("entryCSN", [b""])[0].decode()
            created = given.get("createTimestamp", [b""])[0].decode()
            found = _CSN.fullmatch(csn)
            mark = known.get(found[1], "") if found else ""
            if csn > mark and created[:14] <= mark[:14]:
                raise lost(f"{dn} was changed, and perhaps renamed or moved with all in it", dn)


def _entries(client: DirectoryClient, search: Search) -> Iterator[Entry]:
    for page in client.search_pages(search, _PAGE_ROWS):
        yield from page.entries


def _below(base: str, wanted: str, *attributes: str, scope: Scope = Scope.SUBTREE) -> Search:
    return Search(base=base, scope=scope, filter=wanted, attributes=attributes)


def _need_anchor(plan: ReadPlan, name: str) -> None:
    for shape in plan.shapes.values():
        if [part.lower() for part in shape.schema.anchor] != [name.lower()]:
            raise lost(f"what is gone is told by {name}, which is not the anchor of {_title(shape)}", _title(shape))


def _need_all_bases(plan: ReadPlan, marks: Marks) -> None:
    unknown = [base.dn for base in plan.containers.bases if base.dn not in marks]
    if unknown:
        raise lost(f"the watermark knows nothing of {unknown[0]}", unknown[0])


def _title(shape: Shape) -> str:
    return f"object type {shape.schema.name}"
