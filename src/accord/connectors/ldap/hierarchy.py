"""The tree of a directory: its naming contexts, and the containers in which entries may be."""

from collections.abc import Sequence

from accord.connectors.base import FoundContainer, FoundPartition
from accord.connectors.ldap.client import DirectoryClient, Scope, Search
from accord.connectors.ldap.dn import ancestors, name_key

_CLASSES = ("organizationalUnit", "organization", "container", "builtinDomain", "locality")


def find_partitions(client: DirectoryClient, partitions: Sequence[str], page_rows: int) -> tuple[FoundPartition, ...]:
    """Return each partition with its containers, parents first."""
    return tuple(FoundPartition(dn=dn, containers=_containers(client, dn, page_rows)) for dn in partitions)


def _containers(client: DirectoryClient, partition: str, page_rows: int) -> tuple[FoundContainer, ...]:
    wanted = "".join(f"(objectClass={name})" for name in _CLASSES)
    search = Search(base=partition, scope=Scope.SUBTREE, filter=f"(|{wanted})", attributes=("description",))
    found = [
        FoundContainer(dn=dn, description=_text(attributes.get("description", [])))
        for page in client.search_pages(search, page_rows)
        for dn, attributes in page.entries
        if name_key(dn) != name_key(partition)
    ]
    return tuple(sorted(found, key=lambda c: (len(list(ancestors(name_key(c.dn)))), name_key(c.dn))))


def _text(values: Sequence[bytes]) -> str:
    return values[0].decode(errors="replace") if values else ""
