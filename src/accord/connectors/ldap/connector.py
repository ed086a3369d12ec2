"""The LDAP connector: connects when first needed, reads, writes, and says what the directory offers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from accord.connectors.base import (
    ChangeBatch,
    ConnectionReport,
    ExportOperation,
    ExportOutcome,
    FoundPartition,
    ReadBatch,
    ReadScope,
)
from accord.connectors.ldap.ber import PAGED_RESULTS, POST_READ
from accord.connectors.ldap.changes import Marks, change_batches, sync_changes, sync_marks, usn_changes, usn_marks
from accord.connectors.ldap.client import Dialect, DirectoryClient
from accord.connectors.ldap.columns import Shape
from accord.connectors.ldap.containers import Containers
from accord.connectors.ldap.discovery import discovered
from accord.connectors.ldap.dn import ancestors, escape_filter_value, name_key
from accord.connectors.ldap.hierarchy import find_partitions
from accord.connectors.ldap.operations import WriteTarget
from accord.connectors.ldap.reader import ReadPlan, read_all
from accord.connectors.ldap.settings import LdapSettings, ObjectSettings
from accord.connectors.ldap.sync_values import SYNC_REQUEST
from accord.connectors.ldap.watermarks import Watermark, Way, fingerprint, watermark_in
from accord.connectors.ldap.writer import WritePlan, write_all
from accord.model.errors import SystemRefused, SystemUnavailable
from accord.model.schema import SystemSchema

_ACTIVE_DIRECTORY = b"1.2.840.113556.1.4.800"
_NEVER_EMPTY: Mapping[str, str] = {"groupofnames": "member", "groupofuniquenames": "uniqueMember"}
_SERVICE_CONTEXTS = frozenset({"cn=accesslog", "cn=changelog", "cn=monitor", "cn=config"})

Connect = Callable[[LdapSettings], DirectoryClient]
"""Returns a bound connection or raises SystemUnavailable or SystemRefused."""


class LdapConnector:
    """One directory. A lost connection is made again by the next call."""

    def __init__(self, settings: LdapSettings, connect: Connect) -> None:
        self._settings = settings
        self._connect = connect
        self._client: DirectoryClient | None = None
        self._root: Mapping[str, list[bytes]] = {}

    def test(self) -> ConnectionReport:
        """Return vendor, naming contexts, protection, identity and whether paging works."""
        client = self._connected()
        pages = "yes" if self._supports(PAGED_RESULTS) else "no: large reads will fail"
        facts = [
            ("server", self._vendor()),
            ("dialect", self._dialect().value),
            ("naming contexts", "; ".join(self._texts("namingContexts")) or "none shown"),
            *client.facts(),
            ("paged results", pages),
        ]
        return ConnectionReport(facts=tuple(facts))

    def discover(self) -> SystemSchema:
        """Return the configured object types, and each structural object class under its own name."""
        client = self._connected()
        configured = {name: o.object_class for name, o in self._settings.objects.items()}
        try:
            return discovered(client.subschema(), self._dialect(), configured)
        except SystemUnavailable:
            self._forget()
            raise

    def hierarchy(self) -> tuple[FoundPartition, ...]:
        """Return the naming contexts with the containers in them, each before those below it."""
        client = self._connected()
        try:
            return find_partitions(client, self._partitions(), self._settings.page_rows)
        except SystemUnavailable:
            self._forget()
            raise

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield everything in scope, entry by entry as the pages come."""
        client = self._alive()
        try:
            yield from read_all(client, self._plan(scope))
        except SystemUnavailable:
            self._forget()
            raise

    def watermark(self) -> str:
        """Return the present watermark; raise SystemRefused when the directory offers no way to read changes."""
        client = self._alive()
        way = self._way()
        try:
            return self._watermark(way, self._marks(client, way)).to_text()
        except SystemUnavailable:
            self._forget()
            raise

    def read_changes(self, scope: ReadScope, since: str) -> Iterator[ChangeBatch]:
        """Yield entries changed since the watermark and anchors that are gone, also those that left the containers."""
        client = self._alive()
        way = self._way()
        plan = self._plan(scope)
        partitions = self._partitions()
        known = watermark_in(since, way=way, scope=self._fingerprint(), place=self._settings.url).marks
        try:
            if way is Way.USN:
                changes = usn_changes(client, plan, partitions, known, self._marks(client, way))
            else:
                changes = sync_changes(client, plan, partitions, known)
            after = self._watermark(way, changes.marks).to_text()
            yield from change_batches(client, plan, changes, since=since, after=after)
        except SystemUnavailable:
            self._forget()
            raise

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Carry out the operations, those that depend on each other one after the other."""
        client = self._alive()
        plan = WritePlan(
            targets={name: self._target(name, scope) for name in scope.object_types},
            shapes=self._shapes(scope),
            window=self._settings.window,
            has_post_read=self._supports(POST_READ),
            containers=self._containers() if self._settings.containers and not self._settings.write_outside else None,
        )
        for outcome in write_all(client, plan, operations):
            if outcome.code in ("NO_ANSWER", "NOT_SENT"):
                self._forget()
            yield outcome

    def close(self) -> None:
        """Unbind; may be repeated."""
        self._forget()

    def _connected(self) -> DirectoryClient:
        if self._client is None:
            client = self._connect(self._settings)
            self._root = client.root_dse()
            self._client = client
        return self._client

    def _alive(self) -> DirectoryClient:
        """Return a connection that answers: one that was idle may have been dropped by the server."""
        known = self._client
        if known is not None:
            try:
                known.read_entry("", ("1.1",))
            except SystemUnavailable:
                self._forget()
        return self._connected()

    def _forget(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _plan(self, scope: ReadScope) -> ReadPlan:
        shapes = self._shapes(scope)
        return ReadPlan(
            containers=self._containers(scope.partition),
            filters={name: self._filter(name) for name in shapes},
            shapes=shapes,
            page_rows=min(self._settings.page_rows, scope.asked_rows or self._settings.page_rows),
            batch_rows=scope.page_rows,
        )

    def _containers(self, partition: str | None = None) -> Containers:
        declared = [c.to_container() for c in self._settings.containers]
        if partition is None:
            return Containers(declared, self._partitions())
        key = name_key(partition)
        within = [c for c in declared if key in (name_key(c.dn), *ancestors(name_key(c.dn)))]
        if key not in map(name_key, self._partitions()) or (declared and not within):
            raise SystemRefused(
                f"nothing in the partition {partition} is selected",
                place=self._settings.url,
                remedy="select the partition, or containers in it",
            )
        return Containers(within, [partition])

    def _way(self) -> Way:
        if self._dialect() is Dialect.ACTIVE_DIRECTORY:
            return Way.USN
        if self._supports(SYNC_REQUEST):
            return Way.SYNCREPL
        raise SystemRefused(
            "the directory offers no way to read changes: its rootDSE does not name content synchronisation (RFC 4533)",
            place=self._settings.url,
            remedy="configure the syncprov overlay with syncprov-sessionlog (OpenLDAP), or use full imports",
        )

    def _marks(self, client: DirectoryClient, way: Way) -> Marks:
        if way is Way.USN:
            return usn_marks(client, client.root_dse(), self._settings.url)
        return sync_marks(client, self._containers().bases)

    def _watermark(self, way: Way, marks: Marks) -> Watermark:
        return Watermark(way=way, scope=self._fingerprint(), marks=marks)

    def _fingerprint(self) -> str:
        return fingerprint(self._settings, self._partitions())

    def _shapes(self, scope: ReadScope) -> dict[str, Shape]:
        return {
            name: Shape(
                schema=schema,
                dialect=self._dialect(),
                hidden=frozenset({self._object(name).placeholder_member.lower()}),
                hidden_in=(self._placeholder_attribute(name) or "").lower(),
            )
            for name, schema in scope.object_types.items()
        }

    def _target(self, name: str, scope: ReadScope) -> WriteTarget:
        configured = self._object(name)
        attribute = self._placeholder_attribute(name)
        return WriteTarget(
            schema=scope.object_types[name],
            object_classes=configured.object_class,
            placeholder=(attribute, configured.placeholder_member) if attribute else None,
            is_active_directory=self._dialect() is Dialect.ACTIVE_DIRECTORY,
        )

    def _object(self, name: str) -> ObjectSettings:
        return self._settings.objects.get(name) or ObjectSettings(object_class=(name,))

    def _placeholder_attribute(self, name: str) -> str | None:
        classes = (c.lower() for c in self._object(name).object_class)
        return next((_NEVER_EMPTY[c] for c in classes if c in _NEVER_EMPTY), None)

    def _filter(self, name: str) -> str:
        configured = self._object(name)
        if configured.filter is not None:
            return configured.filter
        wanted = f"(objectClass={escape_filter_value(configured.object_class[0])})"
        is_user = configured.object_class[0].lower() == "user"
        if is_user and self._dialect() is Dialect.ACTIVE_DIRECTORY:
            # There a computer is a kind of user.
            return f"(&{wanted}(!(objectClass=computer)))"
        return wanted

    def _partitions(self) -> tuple[str, ...]:
        if self._settings.partitions:
            return self._settings.partitions
        found = self._texts("defaultNamingContext") if self._dialect() is Dialect.ACTIVE_DIRECTORY else []
        found = found or [dn for dn in self._texts("namingContexts") if name_key(dn) not in _SERVICE_CONTEXTS]
        if not found and not any(c.mode == "include" for c in self._settings.containers):
            raise SystemRefused(
                "the directory does not say which naming contexts it holds",
                place=self._settings.url,
                remedy="set partitions or containers",
            )
        return tuple(found)

    def _dialect(self) -> Dialect:
        if self._settings.dialect != "auto":
            return Dialect(self._settings.dialect)
        is_ad = _ACTIVE_DIRECTORY in self._root.get("supportedCapabilities", [])
        return Dialect.ACTIVE_DIRECTORY if is_ad else Dialect.OPENLDAP

    def _supports(self, control: str) -> bool:
        return control.encode() in self._root.get("supportedControl", [])

    def _vendor(self) -> str:
        named = " ".join((*self._texts("vendorName"), *self._texts("vendorVersion")))
        if named:
            return named
        if "OpenLDAProotDSE" in self._texts("structuralObjectClass"):
            return "OpenLDAP"
        return "Active Directory" if self._dialect() is Dialect.ACTIVE_DIRECTORY else "not named"

    def _texts(self, name: str) -> list[str]:
        return [value.decode(errors="replace") for value in self._root.get(name, [])]


def opener(connect: Connect) -> Callable[[LdapSettings], LdapConnector]:
    """Return how a connector is opened with this way to connect."""
    return partial(LdapConnector, connect=connect)
