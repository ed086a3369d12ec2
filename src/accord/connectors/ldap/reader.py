"""Reading: one paged search per object type and search base, pages gathered into columnar batches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accord.connectors.base import ReadBatch
from accord.connectors.ldap.client import Dialect, DirectoryClient, Entry, Search, SearchPage
from accord.connectors.ldap.columns import Shape, to_batch
from accord.connectors.ldap.containers import Containers, SearchBase
from accord.model.errors import IncompleteRead, RowError

_ROWS_PER_BATCH = 5_000
_RANGE = ";range="


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlan:
    """What one read needs besides the client: where to search, by which filter, what becomes of an entry."""

    containers: Containers
    filters: Mapping[str, str]
    shapes: Mapping[str, Shape]
    page_rows: int
    batch_rows: int = _ROWS_PER_BATCH


def read_all(client: DirectoryClient, plan: ReadPlan) -> Iterator[ReadBatch]:
    """Yield every wanted entry; raise IncompleteRead when the server stops early."""
    for name, shape in plan.shapes.items():
        for base in plan.containers.bases:
            yield from _read_base(client, plan, shape, base, plan.filters[name])


def attributes_to_ask(shape: Shape) -> tuple[str, ...]:
    """Return the attributes wanted of an entry and those of its anchor, each once; never empty."""
    wanted = {name.lower(): name for name in (*shape.schema.anchor, *shape.schema.attributes)}
    return tuple(wanted.values()) or ("1.1",)


def batch_of(client: DirectoryClient, entries: list[Entry], errors: list[RowError], shape: Shape) -> ReadBatch:
    """Return entries as columns, with all values of attributes that came in part."""
    if shape.dialect is Dialect.ACTIVE_DIRECTORY:
        for dn, attributes in entries:
            _follow_ranges(client, dn, attributes)
    batch = to_batch(entries, shape)
    if not errors:
        return batch
    return ReadBatch(object_type=batch.object_type, rows=batch.rows, errors=(*errors, *batch.errors))


def _read_base(
    client: DirectoryClient, plan: ReadPlan, shape: Shape, base: SearchBase, search_filter: str
) -> Iterator[ReadBatch]:
    search = Search(base=base.dn, scope=base.scope, filter=search_filter, attributes=attributes_to_ask(shape))
    gathered: list[Entry] = []
    errors: list[RowError] = []
    most = min(plan.batch_rows, _ROWS_PER_BATCH)
    for page in client.search_pages(search, min(plan.page_rows, most)):
        errors.extend(_referral_errors(page, shape))
        entries = page.entries
        if not plan.containers.takes_all:
            entries = [entry for entry in entries if plan.containers.covers(entry[0], base)]
        if gathered and len(gathered) + len(entries) > most:
            yield batch_of(client, gathered, errors, shape)
            gathered, errors = [], []
        gathered.extend(entries)
    if gathered or errors:
        yield batch_of(client, gathered, errors, shape)


def _follow_ranges(client: DirectoryClient, dn: str, attributes: dict[str, list[bytes]]) -> None:
    """Replace each `name;range=0-1499` by `name` with all its values."""
    for key in [key for key in attributes if _RANGE in key.lower()]:
        values = attributes.pop(key)
        name, _, bounds = key.lower().partition(_RANGE)
        name = key[: len(name)]
        while not bounds.endswith("-*"):
            part, bounds = _next_range(client, dn, name, len(values))
            values.extend(part)
        attributes[name] = values


def _next_range(client: DirectoryClient, dn: str, name: str, start: int) -> tuple[list[bytes], str]:
    entry = client.read_entry(dn, [f"{name}{_RANGE}{start}-*"]) or {}
    for key, values in entry.items():
        if key.lower().startswith(f"{name.lower()}{_RANGE}") and (values or key.endswith("-*")):
            return values, key.partition("=")[2]
    raise IncompleteRead(
        f"{name} of {dn} changed while its values were read in ranges",
        place=dn,
        remedy="import again",
    )


def _referral_errors(page: SearchPage, shape: Shape) -> Iterator[RowError]:
    if shape.dialect is Dialect.ACTIVE_DIRECTORY:
        # There the root of every domain refers to its own partitions, which hold no objects of ours.
        return
    for url in page.referrals:
        yield RowError(
            code="REFERRAL",
            message="this part of the tree is held by another server and was not read",
            at=url,
            object_type=shape.schema.name,
            remedy="connect that server as a system of its own, or exclude the container",
        )
