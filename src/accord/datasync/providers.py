"""Data sources and identity stores as registered: what the contract's configuration values mean to our connectors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.engine import make_url

from accord.datasync.databases import database_url
from accord.datasync.loose import Loose, wrong

IDENTITY_STORE_TYPES: Mapping[str, int] = {"active directory": 101, "generic ldap": 102, "scim": 103}
"""Numbers of ours: the contract numbers data sources only."""

_TYPE_NAMES: Mapping[int, str] = {
    1: "microsoft excel", 2: "microsoft access", 3: "sql server", 4: "text", 5: "oracle", 6: "odbc",
    101: "active directory", 102: "generic ldap", 103: "scim",
}  # fmt: skip
_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}
_THROUGH_SCIM = ("microsoftentraid", "googleworkspace")
_URL = re.compile(r"^[a-z][a-z0-9+]*://", re.IGNORECASE)


class ProviderKind(StrEnum):
    """What a registered provider is to us."""

    EXCEL = "excel"
    CSV = "csv"
    SQL = "sql"
    LDAP = "ldap"
    ACTIVE_DIRECTORY = "active_directory"
    SCIM = "scim"

    @property
    def connector(self) -> str:
        """Return the name of the connector."""
        return "ldap" if self.is_directory else self.value

    @property
    def assigns_anchor(self) -> bool:
        """Tell whether it names its objects itself."""
        return self.is_directory or self is ProviderKind.SCIM

    @property
    def is_directory(self) -> bool:
        """Tell whether its objects have distinguished names."""
        return self in (ProviderKind.LDAP, ProviderKind.ACTIVE_DIRECTORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where the mails of jobs are handed in: `security` is starttls, tls or none, `password` a reference."""

    host: str
    port: int
    sender: str
    security: str
    user: str = ""
    password: str = ""
    ca_file: str = ""


_IGNORING_CASE = ("mysql", "mariadb", "mssql")
"""Databases whose usual collations do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A data source or identity store by its name; secrets in `settings` are references or sealed."""

    name: str
    kind: ProviderKind
    settings: Mapping[str, object]
    mail: MailServer | None = None

    @property
    def ignores_case(self) -> bool:
        """Tell whether its keys are the same without case: as directories, services and some databases have it."""
        if self.kind is ProviderKind.SQL:
            return make_url(str(self.settings["url"])).get_backend_name() in _IGNORING_CASE
        return self.kind.assigns_anchor


def provider_from(content: Mapping[str, object]) -> Provider:
    """Return the provider that a data source's body registers; raise Invalid that says what it lacks."""
    body = Loose(content)
    name = body.text("name").strip()
    if not name:
        raise wrong("name", "a data source needs a name")
    kind = _kind(body)
    values = body.one("configurationValues")
    build = {
        ProviderKind.EXCEL: _excel,
        ProviderKind.CSV: _csv,
        ProviderKind.SQL: lambda values: _sql(values, _letters(_said(body))),
        ProviderKind.LDAP: _directory,
        ProviderKind.ACTIVE_DIRECTORY: _directory,
        ProviderKind.SCIM: _scim,
    }[kind]
    settings = build(values)
    if kind is ProviderKind.ACTIVE_DIRECTORY:
        settings["dialect"] = "active_directory"
    return Provider(name=name, kind=kind, settings=settings, mail=_mail(values))


def _said(body: Loose) -> str:
    return body.text("providerTypeName").strip() or _TYPE_NAMES.get(body.number("type"), "")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.casefold())


def _kind(body: Loose) -> ProviderKind:
    said = _said(body)
    name = _letters(said)
    known = {
        "microsoftexcel": ProviderKind.EXCEL, "excel": ProviderKind.EXCEL, "text": ProviderKind.CSV,
        "textcsv": ProviderKind.CSV, "csv": ProviderKind.CSV, "textfile": ProviderKind.CSV,
        "sqlserver": ProviderKind.SQL, "microsoftsqlserver": ProviderKind.SQL, "sql": ProviderKind.SQL,
        "oracle": ProviderKind.SQL, "odbc": ProviderKind.SQL, "postgresql": ProviderKind.SQL,
        "database": ProviderKind.SQL, "mariadb": ProviderKind.SQL, "mysql": ProviderKind.SQL,
        "sqlite": ProviderKind.SQL,
        "activedirectory": ProviderKind.ACTIVE_DIRECTORY, "genericldap": ProviderKind.LDAP,
        "ldap": ProviderKind.LDAP, "openldap": ProviderKind.LDAP, "scim": ProviderKind.SCIM,
    }  # fmt: skip
    if name in known:
        return known[name]
    if name in _THROUGH_SCIM and body.one("configurationValues").text("ScimEndpoint"):
        return ProviderKind.SCIM
    reasons = {
        "microsoftentraid": "it offers no SCIM service itself: give the ScimEndpoint of a gateway, or use a file",
        "googleworkspace": "it offers no SCIM service itself: give the ScimEndpoint of a gateway, or use a file",
        "microsoftaccess": "export its tables to Excel or CSV",
    }
    remedy = reasons.get(
        name, "use Microsoft Excel, Text, SQL Server, Oracle, ODBC, SQL, Generic LDAP, Active Directory or SCIM"
    )
    raise wrong("providerTypeName", f"the provider {said!r} is not supported", remedy)


def _excel(values: Loose) -> dict[str, object]:
    _require_local(values)
    path = values.text("FilePath") or values.text("File")
    if not path:
        raise wrong(values.at("FilePath"), "an Excel data source needs the path of the workbook")
    return {"path": path}


def _csv(values: Loose) -> dict[str, object]:
    _require_local(values)
    path = values.text("File") or values.text("FilePath")
    if not path:
        raise wrong(values.at("File"), "a text data source needs the path of the file")
    delimiter = values.text("Delimiter")
    if delimiter.casefold() == "tab":
        delimiter = "\t"
    settings: dict[str, object] = {"path": path}
    return settings | ({"delimiter": delimiter} if delimiter else {})


def _require_local(values: Loose) -> None:
    server = values.text("FileServer", "LocalServer")
    if server.casefold() not in ("localserver", ""):
        raise wrong(values.at("FileServer"), f"files on {server} are not read", "copy the file here")


def _sql(values: Loose, kind: str) -> dict[str, object]:
    given = _given(values, {"password": "Password", "ca_file": "CaFile", "schema": "Schema"})
    settings = {"url": database_url(values, kind)} | given
    return settings | ({"insecure": True} if values.flag("Insecure") else {})


def _directory(values: Loose) -> dict[str, object]:
    url = values.text("Url") or values.text("Server") or values.text("ConnectionString")
    if not url:
        raise wrong(values.at("Server"), "a directory needs the address of a server", "write ldaps://HOST")
    if not _URL.match(url):
        url = f"ldaps://{url}"
    settings = {"url": url} | _given(values, {"bind_dn": "UserName", "password": "Password", "ca_file": "CaFile"})
    return settings | ({"insecure": True} if values.flag("Insecure") else {})


def _scim(values: Loose) -> dict[str, object]:
    url = values.text("ScimEndpoint") or values.text("Url") or values.text("Server")
    if not _URL.match(url):
        raise wrong(values.at("ScimEndpoint"), "a SCIM service needs its address", "write https://HOST/scim/v2")
    settings = {"url": url} | _given(values, {"token": "BearerToken", "ca_file": "CaFile"})
    return settings | ({"insecure": True} if values.flag("Insecure") else {})


def _mail(values: Loose) -> MailServer | None:
    server = values.text("SmtpServer").strip()
    if not server:
        return None
    security = values.text("SmtpSecurity", "starttls").casefold() or "starttls"
    if security not in _PORTS:
        raise wrong(values.at("SmtpSecurity"), f"{security!r} is not known", f"use one of: {', '.join(_PORTS)}")
    sender = values.text("SmtpFrom").strip()
    if "@" not in sender:
        raise wrong(values.at("SmtpFrom"), "mails need the address they come from")
    host, _, port = server.partition(":")
    return MailServer(
        host=host, port=int(port) if port.isdigit() else values.number("SmtpPort", _PORTS[security]), sender=sender,
        security=security, user=values.text("SmtpUserName"), password=values.text("SmtpPassword"),
        ca_file=values.text("SmtpCaFile"),
    )  # fmt: skip


def _given(values: Loose, keys: Mapping[str, str]) -> dict[str, object]:
    return {ours: text for ours, theirs in keys.items() if (text := values.text(theirs))}
