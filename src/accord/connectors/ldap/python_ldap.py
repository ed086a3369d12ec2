"""The one module that touches python-ldap (over libldap)."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

import ldap
import ldap.schema
from ldap.controls import RequestControl, ResponseControl

from accord.connectors.authorities import machine_authorities
from accord.connectors.ldap.ber import PAGED_RESULTS, page_cookie, page_request
from accord.connectors.ldap.client import (
    AttributeDefinition,
    ClassDefinition,
    Control,
    Entry,
    ReadBack,
    Response,
    Search,
    SearchPage,
    Subschema,
    SyncPart,
)
from accord.connectors.ldap.failures import connect_failure, is_lost, refresh_failure, request_failure
from accord.connectors.ldap.operations import Add, Delete, Modify, Rename, Request
from accord.connectors.ldap.results import OTHER, SUCCESS
from accord.connectors.ldap.settings import LdapSettings
from accord.connectors.ldap.sync_values import SYNC_REQUEST, done_part, entry_part, info_part, request_value
from accord.model.errors import SystemRefused, SystemUnavailable

_EVERYTHING = "(objectClass=*)"


class _AnyControl(dict[str, type[ResponseControl]]):
    """Every response control, undecoded: their values are ours to read."""

    def __missing__(self, oid: str) -> type[ResponseControl]:
        return lambda: ResponseControl(oid)  # type: ignore[return-value]  # called, never used as a class


# Empty would count as absent, and the library would decode with its own slow classes.
_RAW_CONTROLS = _AnyControl({"": ResponseControl})


def connect(settings: LdapSettings) -> "PythonLdapClient":
    """Return a bound connection; raise SystemUnavailable or SystemRefused with what to do."""
    ca_file = _ca_file(settings)
    try:
        connection = ldap.initialize(settings.url)
        connection.protocol_version = ldap.VERSION3
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.set_option(ldap.OPT_NETWORK_TIMEOUT, settings.connect_timeout_s)
        connection.timeout = settings.connect_timeout_s
        if settings.is_encrypted:
            connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
            if ca_file:
                connection.set_option(ldap.OPT_X_TLS_CACERTFILE, ca_file)
            # Last: it makes the TLS context from the options before it.
            connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        if settings.uses_start_tls:
            connection.start_tls_s()
        password = settings.password.get_secret_value() if settings.password else ""
        connection.simple_bind_s(settings.bind_dn or "", password)
    except ldap.LDAPError as error:
        raise connect_failure(_code(error), _said(error), settings, ca_file) from error
    return PythonLdapClient(connection, settings)


class PythonLdapClient:
    """A bound connection; several requests may be in flight on it."""

    def __init__(self, connection: Any, settings: LdapSettings) -> None:
        self._connection = connection
        self._settings = settings
        self._refused_here: deque[Response] = deque()
        self._next_local_id = -1

    @property
    def is_encrypted(self) -> bool:
        """Tell whether what is sent is protected by TLS."""
        return self._settings.is_encrypted

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return what is known of the connection: its protection, who we are."""
        protection = "none"
        if self.is_encrypted:
            version = self._connection.get_option(ldap.OPT_X_TLS_VERSION)
            cipher = self._connection.get_option(ldap.OPT_X_TLS_CIPHER)
            way = "StartTLS" if self._settings.uses_start_tls else "LDAPS"
            protection = f"{way}, {version}, {cipher}, certificate verified"
        return (("protection", protection), ("signed in as", self._who()))

    def root_dse(self) -> Mapping[str, list[bytes]]:
        """Return what the server says of itself, all attributes."""
        return self.read_entry("", ("*", "+")) or {}

    def subschema(self) -> Subschema:
        """Return the schema of the directory."""
        try:
            dn = self._connection.search_subschemasubentry_s("")
            entry = self._connection.read_subschemasubentry_s(dn) if dn else None
        except ldap.LDAPError as error:
            raise self._failure(error, "the schema") from error
        if entry is None:
            raise SystemRefused(
                "the directory does not show its schema",
                place=self._settings.url,
                remedy="let the bind account read the subschema entry",
            )
        return _subschema(ldap.schema.SubSchema(entry, check_uniqueness=0))

    def search_pages(self, search: Search, page_rows: int) -> Iterator[SearchPage]:
        """Yield pages until the last one; the next page is asked for before this one is handed out."""
        sent: int | None = self._search(search, page_rows, b"")
        try:
            while sent is not None:
                try:
                    _kind, found, _id, controls, _, _ = self._connection.result4(
                        sent, 1, self._settings.operation_timeout_s, resp_ctrl_classes=_RAW_CONTROLS
                    )
                except ldap.LDAPError as error:
                    sent = None
                    raise self._failure(error, search.base) from error
                cookie = _cookie(controls)
                sent = self._search(search, page_rows, cookie) if cookie else None
                yield _page(found)
        finally:
            if sent is not None:
                self._abandon(sent)

    def refresh(self, search: Search, cookie: str | None) -> Iterator[SyncPart]:
        """Yield the parts of a content synchronisation as they come; one result at a time, as only so controls come."""
        control = RequestControl(SYNC_REQUEST, True, request_value(cookie))
        names = list(search.attributes)
        try:
            sent = self._connection.search_ext(
                search.base, search.scope.value, search.filter, names, serverctrls=[control]
            )
            is_last = False
            while not is_last:
                kind, found, _id, controls, _, _ = self._connection.result4(
                    sent, 0, self._settings.operation_timeout_s, 1, 1, resp_ctrl_classes=_RAW_CONTROLS
                )
                is_last = kind == ldap.RES_SEARCH_RESULT
                yield done_part(_values(controls)) if is_last else _sync_part(found)
        except ldap.LDAPError as error:
            raise refresh_failure(_code(error), _said(error), search.base, self._settings) from error

    def read_entry(self, dn: str, attributes: Sequence[str]) -> dict[str, list[bytes]] | None:
        """Return one entry's attributes, None when there is no such entry."""
        try:
            sent = self._connection.search_ext(dn, ldap.SCOPE_BASE, _EVERYTHING, list(attributes))
            found = self._connection.result4(sent, 1, self._settings.operation_timeout_s)[1]
        except ldap.NO_SUCH_OBJECT:
            return None
        except ldap.LDAPError as error:
            raise self._failure(error, dn) from error
        return next((attributes for name, attributes in found if name is not None), None)

    def submit(self, request: Request | ReadBack, controls: Sequence[Control] = ()) -> int:
        """Send a request without waiting and return its id."""
        sent = [RequestControl(c.oid, c.is_critical, c.value) for c in controls]
        try:
            return int(self._send(request, sent))
        except ldap.LDAPError as error:
            if is_lost(_code(error)):
                raise self._failure(error, request.dn) from error
            # Refused before it left: the answer is as good as the server's.
            return self._refuse_here(error)

    def poll(self) -> Response:
        """Wait for the next answer to any submitted request."""
        if self._refused_here:
            return self._refused_here.popleft()
        try:
            _kind, found, id_, controls, _, _ = self._connection.result4(
                ldap.RES_ANY, 1, self._settings.operation_timeout_s, resp_ctrl_classes=_RAW_CONTROLS
            )
        except ldap.LDAPError as error:
            answered = _details(error).get("msgid")
            if is_lost(_code(error)) or not answered:
                # Message 0 is the server's farewell.
                raise self._failure(error, "") from error
            return Response(id=answered, code=_code(error), diagnostic=_said(error))
        entries: tuple[Entry, ...] = tuple(e for e in found or () if e[0] is not None)
        carried = tuple(
            Control(oid=c.controlType, is_critical=c.criticality, value=c.encodedControlValue) for c in controls or ()
        )
        return Response(id=id_, code=SUCCESS, controls=carried, entries=entries)

    def close(self) -> None:
        """Unbind; may be repeated."""
        try:
            self._connection.unbind_s()
        except ldap.LDAPError:
            # Closing what is lost already is what was wanted.
            return

    def _send(self, request: Request | ReadBack, controls: list[RequestControl]) -> int:
        match request:
            case Add():
                attributes = [(name, list(values)) for name, values in request.attributes]
                sent = self._connection.add_ext(request.dn, attributes, controls)
            case Modify():
                changes = [(int(m.kind), m.name, list(m.values) or None) for m in request.modifications]
                sent = self._connection.modify_ext(request.dn, changes, controls)
            case Rename():
                sent = self._connection.rename(
                    request.dn, request.new_rdn, request.new_superior, 1, serverctrls=controls
                )
            case Delete():
                sent = self._connection.delete_ext(request.dn, controls)
            case ReadBack():
                sent = self._connection.search_ext(request.dn, ldap.SCOPE_BASE, _EVERYTHING, list(request.attributes))
            case never:
                assert_never(never)
        return int(sent)

    def _refuse_here(self, error: ldap.LDAPError) -> int:
        id_, self._next_local_id = self._next_local_id, self._next_local_id - 1
        text = _said(error) or str(_details(error).get("desc") or type(error).__name__)
        self._refused_here.append(Response(id=id_, code=_code(error), diagnostic=text))
        return id_

    def _search(self, search: Search, page_rows: int, cookie: bytes) -> int:
        control = RequestControl(PAGED_RESULTS, True, page_request(page_rows, cookie))
        others = [RequestControl(c.oid, c.is_critical, c.value) for c in search.controls]
        try:
            return int(
                self._connection.search_ext(
                    search.base,
                    search.scope.value,
                    search.filter,
                    list(search.attributes),
                    serverctrls=[control, *others],
                )
            )
        except ldap.LDAPError as error:
            raise self._failure(error, search.base) from error

    def _abandon(self, sent: int) -> None:
        try:
            self._connection.abandon_ext(sent)
        except ldap.LDAPError:
            # The connection is lost: nothing is left to abandon.
            return

    def _who(self) -> str:
        try:
            said: str = self._connection.whoami_s()
        except ldap.LDAPError:
            # Active Directory look-alikes lack this operation.
            said = ""
        return said.removeprefix("dn:") or self._settings.bind_dn or "nobody (anonymous)"

    def _failure(self, error: ldap.LDAPError, what: str) -> SystemUnavailable | SystemRefused:
        return request_failure(_code(error), _said(error), what, self._settings)


def _ca_file(settings: LdapSettings) -> str | None:
    if settings.ca_file is None:
        return machine_authorities()
    if not settings.ca_file.is_file():
        raise SystemRefused(
            f"there is no file {settings.ca_file}", place="ca_file", remedy="give the path of a PEM file"
        )
    return str(settings.ca_file)


def _details(error: ldap.LDAPError) -> dict[str, Any]:
    found = error.args[0] if error.args else {}
    return found if isinstance(found, dict) else {"desc": str(found)}


def _code(error: ldap.LDAPError) -> int:
    # Negative codes are the library's own; an error without details has the number of its class.
    return int(_details(error).get("result", getattr(error, "errnum", OTHER)))


def _said(error: ldap.LDAPError) -> str:
    return str(_details(error).get("info") or "")


def _cookie(controls: Sequence[Any] | None) -> bytes:
    for control in controls or ():
        if control.controlType == PAGED_RESULTS and control.encodedControlValue:
            return page_cookie(control.encodedControlValue)
    return b""


def _values(controls: Sequence[Any] | None) -> dict[str, bytes]:
    return {c.controlType: c.encodedControlValue for c in controls or () if c.encodedControlValue}


def _sync_part(found: list[Any]) -> SyncPart:
    """Return an entry with its state, or what the server says in between (name and value of its message)."""
    (name, content, controls), *_ = found
    if isinstance(content, dict):
        return entry_part((name, content), _values(controls))
    return info_part(content) if isinstance(content, bytes) else SyncPart()


def _page(found: list[Any]) -> SearchPage:
    referrals = tuple(url for dn, urls in found if dn is None for url in urls)
    return SearchPage(entries=[e for e in found if e[0] is not None] if referrals else found, referrals=referrals)


def _subschema(schema: Any) -> Subschema:
    attributes: dict[str, AttributeDefinition] = {}
    for oid in schema.listall(ldap.schema.AttributeType):
        definition = _attribute_definition(schema, oid)
        for name in (*definition.names, oid):
            attributes[name.lower()] = definition
    classes: dict[str, ClassDefinition] = {}
    for oid in schema.listall(ldap.schema.ObjectClass):
        found = _class_definition(schema, oid)
        for name in (*found.names, oid):
            classes[name.lower()] = found
    return Subschema(attributes=attributes, classes=classes)


def _attribute_definition(schema: Any, oid: str) -> AttributeDefinition:
    own = schema.get_obj(ldap.schema.AttributeType, oid)
    inherited = schema.get_inheritedobj(ldap.schema.AttributeType, oid, ["syntax", "equality"])
    return AttributeDefinition(
        names=tuple(own.names) or (oid,),
        syntax=inherited.syntax or "",
        equality=inherited.equality or "",
        is_single_valued=bool(own.single_value),
        is_read_only=bool(own.no_user_mod),
        description=own.desc or "",
    )


def _class_definition(schema: Any, oid: str) -> ClassDefinition:
    own = schema.get_obj(ldap.schema.ObjectClass, oid)
    must: dict[str, None] = {}
    may: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [oid]
    while waiting:
        current = waiting.pop(0)
        found = schema.get_obj(ldap.schema.ObjectClass, current)
        if found is None or found.oid in seen:
            continue
        seen.add(found.oid)
        must.update(dict.fromkeys(found.must))
        may.update(dict.fromkeys(found.may))
        waiting.extend(found.sup)
    # Active Directory tells here what auxiliary classes give to every object of the class.
    rule = schema.get_obj(ldap.schema.DITContentRule, oid)
    if rule is not None:
        must.update(dict.fromkeys(rule.must))
        may.update(dict.fromkeys(rule.may))
    return ClassDefinition(
        names=tuple(own.names) or (oid,),
        is_structural=own.kind == 0,
        must=tuple(must),
        may=tuple(name for name in may if name not in must),
    )
