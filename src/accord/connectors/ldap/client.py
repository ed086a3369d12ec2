"""The narrow client interface that the connector needs; behind it one library, or a fake in tests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Protocol

from accord.connectors.ldap.operations import Request

Entry = tuple[str, dict[str, list[bytes]]]
"""One entry as it came: its name and the values of each attribute."""


class Dialect(StrEnum):
    """Which family of directory this is: decides the anchor, the filters and how an anchor is read back."""

    OPENLDAP = "openldap"
    ACTIVE_DIRECTORY = "active_directory"


class Scope(Enum):
    """How deep a search goes below its base."""

    BASE = 0
    ONE_LEVEL = 1
    SUBTREE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control of a request or response."""

    oid: str
    is_critical: bool = False
    value: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to search: base, scope, filter, and the attributes wanted (never empty: `1.1` means none)."""

    base: str
    scope: Scope
    filter: str
    attributes: tuple[str, ...]
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPart:
    """A part of a content synchronisation (RFC 4533): entries by their entryUUID, and the entryUUIDs that are gone.

    `names_present`: the server lists what there still is instead of what is gone.
    """

    entries: tuple[tuple[str, Entry], ...] = ()
    removed: tuple[str, ...] = ()
    names_present: bool = False
    cookie: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """One page of a search: entries, and the addresses of what another server holds."""

    entries: list[Entry]
    referrals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """A request to read one entry's attributes in the pipeline of writes."""

    dn: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The server's answer to the request that `submit` gave this id: result code 0 is success."""

    id: int
    code: int
    diagnostic: str = ""
    controls: tuple[Control, ...] = ()
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDefinition:
    """One attribute type of the subschema, with what it inherits from its superior."""

    names: tuple[str, ...]
    syntax: str
    equality: str
    is_single_valued: bool = False
    is_read_only: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDefinition:
    """One object class of the subschema, with what its superiors require and allow."""

    names: tuple[str, ...]
    is_structural: bool
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subschema:
    """What a directory says it can hold; both maps by every name in lower case."""

    attributes: Mapping[str, AttributeDefinition] = field(default_factory=dict)
    classes: Mapping[str, ClassDefinition] = field(default_factory=dict)


class DirectoryClient(Protocol):
    """One bound connection. Any method raises SystemUnavailable when the connection is lost."""

    @property
    def is_encrypted(self) -> bool:
        """Tell whether what is sent is protected by TLS."""

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return what is known of the connection: its protection, who we are."""

    def root_dse(self) -> Mapping[str, list[bytes]]:
        """Return what the server says of itself, all attributes."""

    def subschema(self) -> Subschema:
        """Return the schema of the directory."""

    def search_pages(self, search: Search, page_rows: int) -> Iterator[SearchPage]:
        """Yield pages until the last one; raise IncompleteRead when the server stops at a limit."""

    def refresh(self, search: Search, cookie: str | None) -> Iterator[SyncPart]:
        """Yield what changed since the cookie, by content synchronisation; the last part has the new cookie.

        Raises WatermarkLost when the server refuses the cookie.
        """

    def read_entry(self, dn: str, attributes: Sequence[str]) -> dict[str, list[bytes]] | None:
        """Return one entry's attributes, None when there is no such entry."""

    def submit(self, request: Request | ReadBack, controls: Sequence[Control] = ()) -> int:
        """Send a request without waiting and return its id."""

    def poll(self) -> Response:
        """Wait for the next answer to any submitted request."""

    def close(self) -> None:
        """Unbind; may be repeated."""
