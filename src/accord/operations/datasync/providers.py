"""Data sources and identity stores: registered under a name, shown with secrets masked, tested."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from accord.datasync.loose import Loose
from accord.datasync.providers import ProviderKind, provider_from
from accord.model.errors import Conflict, NotFound, UsageError
from accord.operations.datasync.opening import Opens
from accord.operations.datasync.sealing import forget, masked, sealed
from accord.runs.context import Context
from accord.store.audit import Deed
from accord.store.datasync import StoredProvider

_NUMBERS = {
    ProviderKind.EXCEL: 1, ProviderKind.SQL: 3, ProviderKind.CSV: 4, ProviderKind.ACTIVE_DIRECTORY: 101,
    ProviderKind.LDAP: 102, ProviderKind.SCIM: 103,
}  # fmt: skip


def create_provider(context: Context, body: Mapping[str, Any]) -> int:
    """Register a provider; return its id. Raises Invalid, or Conflict when the name is taken."""
    provider = provider_from(body)
    if context.store.datasync.find_provider(provider.name) is not None:
        raise Conflict(f"there is a data source {provider.name!r} already", remedy="choose another name, or update it")
    number = Loose(body).number("type") or _NUMBERS[provider.kind]
    with context.store.control.transaction():
        added = context.store.datasync.add_provider(provider.name, number, sealed(context, body), now=context.clock())
        _tell(context, "datasource.create", provider.name)
    return added


def update_provider(context: Context, number: int, body: Mapping[str, Any]) -> None:
    """Register a provider otherwise; secrets that come masked stay as they were."""
    stored = context.store.datasync.read_provider(number)
    provider = provider_from(body)
    other = context.store.datasync.find_provider(provider.name)
    if other is not None and other.id != number:
        raise Conflict(f"there is a data source {provider.name!r} already", remedy="choose another name")
    after = sealed(context, body, stored.body)
    with context.store.control.transaction():
        kind = Loose(body).number("type") or stored.type
        context.store.datasync.change_provider(number, provider.name, kind, after, now=context.clock())
        forget(context, stored.body, after)
        _tell(context, "datasource.update", provider.name)


def delete_provider(context: Context, number: int) -> None:
    """Forget a provider; raise Conflict while a job uses it, for a job without its provider cannot run."""
    stored = context.store.datasync.read_provider(number)
    users = [job.name for job in context.store.datasync.list_jobs("job") if _uses(job.body, stored.name)]
    if users:
        raise Conflict(
            f"{stored.name} is used by {', '.join(sorted(set(users))[:5])}",
            remedy="delete these jobs first, or change them",
        )
    with context.store.control.transaction():
        context.store.datasync.remove_provider(number)
        forget(context, stored.body)
        _tell(context, "datasource.delete", stored.name)


def read_provider(context: Context, number: int) -> StoredProvider:
    """Return a provider, secrets masked; raise NotFound."""
    return _shown(context.store.datasync.read_provider(number))


def list_providers(context: Context) -> tuple[StoredProvider, ...]:
    """Return all providers, secrets masked, oldest first."""
    return tuple(_shown(provider) for provider in context.store.datasync.list_providers())


def probe_provider(context: Context, body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Connect to a provider as its body says and return what it says of itself; nothing is kept."""
    provider = provider_from(body)
    stored = context.store.datasync.find_provider(provider.name)
    if stored is not None:
        provider = provider_from(sealed(context, body, stored.body))
    with closing(Opens(context=context).open(provider, {})) as connector:
        return connector.test().facts


def list_files(number: int, place: str) -> list[str]:
    """Return the files of one type in a folder of the server, by name; raise UsageError for a type that has none."""
    endings = {1: (".xlsx", ".xls"), 4: (".csv", ".txt")}.get(number)
    if endings is None:
        raise UsageError(f"data sources of type {number} are no files", remedy="ask for type 1 (Excel) or 4 (text)")
    given = Path(place or ".")
    folder = given if given.is_dir() else given.parent
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}", remedy="name a folder of the server")
    return sorted(file.name for file in folder.iterdir() if file.suffix.casefold() in endings and file.is_file())


def _uses(body: Mapping[str, Any], name: str) -> bool:
    info = Loose(body).one("jobInfo")
    return name.casefold() in (info.text("sourceProvider").casefold(), info.text("destinationProvider").casefold())


def _shown(stored: StoredProvider) -> StoredProvider:
    return StoredProvider(
        id=stored.id, name=stored.name, type=stored.type, body=masked(stored.body), created_at=stored.created_at,
        modified_at=stored.modified_at,
    )  # fmt: skip


def _tell(context: Context, action: str, name: str) -> None:
    context.store.audit.add(Deed(actor=context.actor, action=action, subject=f"data source {name}"), at=context.clock())


def provider_view(stored: StoredProvider) -> dict[str, Any]:
    """Return a provider as the contract shows it."""
    return {**stored.body, "id": stored.id, "name": stored.name, "type": stored.type,
            "creationDate": stored.created_at, "lastUpdate": stored.modified_at}  # fmt: skip


def provider_parameters(context: Context, number: int) -> dict[str, Any]:
    """Return the tables and columns of a provider."""
    stored = context.store.datasync.read_provider(number)
    provider = provider_from(stored.body)
    with closing(Opens(context=context).open(provider, {})) as connector:
        found = connector.discover().object_types
        facts = dict(connector.test().facts)
    tables = facts["sheets"].split(", ") if "sheets" in facts else list(found)
    return {
        "identityStoreId": None, "connectionString": None, "commandString": "SELECT * FROM []",
        "columnNames": [name for object_type in found.values() for name in object_type.attributes],
        "tableNames": tables, "selectedTable": tables[0] if tables else None, "name": stored.name,
        "provideTypeName": Loose(stored.body).text("providerTypeName"),
    }  # fmt: skip


def provider_options(context: Context, number: int) -> dict[str, Any]:
    """Return what a provider can be used for."""
    provider = provider_from(context.store.datasync.read_provider(number).body)
    is_directory = provider.kind.is_directory
    if is_directory:
        names = ["User", "Group", "Contact"]
    else:
        names = ["User", "Group"] if provider.kind is ProviderKind.SCIM else ["Object"]
    return {
        "isDirectoryProvider": is_directory, "isTableProvider": not is_directory,
        "capabilityMappings": {"Source": ["Read"], "Destination": ["Create", "Update", "Delete"]},
        "providerType": 1 if is_directory else 2,
        "creatableObjects": [{"ldapName": name.lower(), "displayName": name} for name in names],
    }  # fmt: skip
