"""Data sources and identity stores: registered by name, so that jobs can point to them."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request

from accord.api.callers import AsOperator, AsReader
from accord.api.datasync.envelopes import DATA_SERVICE, Body, Done, OptionalBody, envelope, listing
from accord.api.datasync.forms import FILE_FIELDS, FORMS
from accord.api.datasync.jobs import asked
from accord.datasync.loose import Loose
from accord.datasync.searching import search
from accord.model.errors import NotFound, UsageError
from accord.operations.datasync.providers import (
    create_provider,
    delete_provider,
    list_files,
    list_providers,
    probe_provider,
    provider_options,
    provider_parameters,
    provider_view,
    read_provider,
    update_provider,
)

router = APIRouter(prefix=f"{DATA_SERVICE}/DataSource", include_in_schema=False)


@router.post("/Create")
def create(door: AsOperator, body: Body) -> dict[str, Any]:
    """Register a data source or an identity store."""
    with door.writing() as context:
        return envelope(Done.SAVED, create_provider(context, body))


@router.put("/Update")
def update(door: AsOperator, body: Body) -> dict[str, Any]:
    """Register it otherwise; secrets that come masked stay as they were."""
    with door.writing() as context:
        update_provider(context, Loose(body).number("id"), body)
    return envelope(Done.SAVED, data=True)


@router.get("/GetAll")
def list_all(door: AsReader) -> list[Any]:
    """List everything registered."""
    with door.reading() as context:
        return [provider_view(one) for one in list_providers(context)]


@router.get("/GetAllByType/{number}")
def list_of_type(door: AsReader, number: int) -> list[Any]:
    """List what is registered of one type."""
    with door.reading() as context:
        return [provider_view(one) for one in list_providers(context) if one.type == number]


@router.get("/Get")
def find(door: AsReader, type: int | None = None, name: str | None = None) -> dict[str, Any]:  # noqa: A002 - the contract's
    """Find by type and name."""
    with door.reading() as context:
        found = [
            {**provider_view(one), "configurationValues": {}}
            for one in list_providers(context)
            if (type is None or one.type == type) and (name is None or one.name.casefold() == name.casefold())
        ]
    return envelope(Done.SAVED, found)


@router.get("/GetByType/{number}")
def search_type(door: AsReader, number: int, request: Request, body: OptionalBody) -> dict[str, Any]:
    """List what is registered of one type, filtered and paged."""
    criteria, paging = asked(request, body)
    has_values = Loose(body).flag("LoadConfigurations")
    with door.reading() as context:
        views = [provider_view(one) for one in list_providers(context) if one.type == number]
    count, rows = search(views, criteria, paging)
    shown = [row if has_values else {**row, "configurationValues": {}} for row in rows]
    return envelope(Done.SAVED, listing(count, shown))


@router.get("/GetFilteredDataSources")
def list_allowed(door: AsReader) -> list[Any]:
    """List what the caller may use: everything."""
    return list_all(door)


@router.get("/GetMetaData")
def list_forms(_door: AsReader) -> list[Any]:
    """Describe what each kind of data source asks for."""
    return list(FORMS)


@router.get("/GetMetaDataByType/{_server}/{kind}")
def form_of(_door: AsReader, _server: str, kind: int) -> dict[str, Any]:
    """Describe what one kind of data source asks for."""
    found = next((form for form in FORMS if form["type"] == kind), None)
    if found is None:
        raise NotFound(f"there is no kind of data source {kind}", remedy="see GetMetaData")
    return dict(found)


@router.get("/GetFileServerMetaDataByType")
def form_of_file_server(_door: AsReader, fileServerType: str = "LocalServer") -> dict[str, Any]:  # noqa: N803 - the contract's
    """Describe what a file on one kind of server asks for."""
    if fileServerType.casefold() != "localserver":
        raise UsageError(f"files on {fileServerType} are not read", remedy="copy the file to the server")
    return {"fileServerType": "LocalServer", "configurations": FILE_FIELDS}


@router.get("/GetFilesNameByType")
def list_file_names(_door: AsOperator, body: OptionalBody, type: int = 1, folder: str = "") -> list[str]:  # noqa: A002 - the contract's
    """List the files of a folder on the server that can be a source of one type."""
    values = Loose(body).one("configurationValues")
    return list_files(Loose(body).number("type", type), values.text("FilePath") or values.text("File") or folder)


@router.get("/GetDataSourceParameter/{number}")
def parameters(door: AsReader, number: int) -> list[Any]:
    """Tell which tables and columns a data source has."""
    with door.reading() as context:
        return [provider_parameters(context, number)]


@router.get("/GetDataSourceProviderOptions/{number}")
def options(door: AsReader, number: int) -> dict[str, Any]:
    """Tell what a data source can be used for."""
    with door.reading() as context:
        return provider_options(context, number)


@router.post("/ParseConnectionString")
def parse(_door: AsReader, body: Body) -> dict[str, Any]:
    """Take a database's URL apart; its password is not told."""
    parts = urlsplit(Loose(body).text("connectionString"))
    return {
        "Server": parts.hostname, "PortNumber": parts.port, "Database": parts.path.strip("/"),
        "UserName": parts.username, "Protocol": parts.scheme,
    }  # fmt: skip


@router.get("/ValidateServerConnectivity")
@router.post("/ValidateServerConnectivity")
def validate(door: AsOperator, body: Body) -> dict[str, Any]:
    """Connect as a data source's body says; nothing is kept."""
    with door.writing() as context:
        facts = probe_provider(context, body)
    answer = envelope(Done.CHECKED, None, name=Loose(body).text("name"), message="Connection Succeeded")
    return {**answer, "details": [{"name": name, "status": 0, "message": text, "details": []} for name, text in facts]}


@router.get("/{number}")
def read(door: AsReader, number: int) -> dict[str, Any]:
    """Return one, secrets masked."""
    with door.reading() as context:
        return envelope(Done.SAVED, provider_view(read_provider(context, number)))


@router.delete("/{number}")
def delete(door: AsOperator, number: int) -> dict[str, Any]:
    """Forget one that no job uses."""
    with door.writing() as context:
        delete_provider(context, number)
    return envelope(Done.SAVED, data=True)
