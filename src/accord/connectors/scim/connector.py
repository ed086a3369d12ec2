"""An open SCIM service as a connector."""

import json
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyarrow as pa

from accord.connectors.base import (
    ANCHOR,
    AT,
    ConnectionReport,
    Connector,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadBatch,
    ReadScope,
)
from accord.connectors.scim.paths import known_attributes, patches, put_value, read_value, schemas_of
from accord.connectors.scim.settings import ScimObjects, ScimSettings
from accord.model.errors import IncompleteRead, SystemRefused, SystemUnavailable
from accord.model.schema import ObjectTypeSchema, SystemSchema

_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_TYPE = "application/scim+json"
_CODES = {400: "INVALID_VALUE", 401: "SIGN_IN_REFUSED", 403: "NO_PERMISSION", 404: "NOT_FOUND", 409: "ALREADY_EXISTS"}
_MAY_HEAL = (429, 500, 502, 503, 504)


def open_connector(settings: ScimSettings) -> Connector:
    """Return a connector; nothing is sent before the first use."""
    return ScimConnector(settings)


class ScimConnector:
    """One service."""

    def __init__(self, settings: ScimSettings) -> None:
        self._settings = settings
        parts = urlsplit(settings.url)
        if parts.scheme == "http" and not settings.insecure and not _is_here(parts.hostname or ""):
            raise SystemRefused(
                "a SCIM service elsewhere is spoken to by TLS only", place=settings.url,
                remedy="write https:// in `url`, or set `insecure`",
            )  # fmt: skip
        headers = {"Accept": _TYPE}
        if settings.token is not None:
            headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
        verify = True if settings.ca_file is None else httpx.create_ssl_context(verify=str(settings.ca_file))
        self._client = httpx.Client(
            base_url=settings.url, headers=headers, timeout=settings.timeout_s, verify=verify, trust_env=False
        )

    def test(self) -> ConnectionReport:
        """Return how many objects of each type there are."""
        facts = [("service", self._settings.url)]
        for name, objects in self._settings.objects.items():
            facts.append((name, str(self._page(objects, 1, 1).get("totalResults", 0))))
        return ConnectionReport(facts=tuple(facts))

    def discover(self) -> SystemSchema:
        """Return the attributes that the standard gives users and groups."""
        return SystemSchema(
            object_types={
                name: ObjectTypeSchema(name=name, anchor=("id",), attributes=known_attributes(objects.resource))
                for name, objects in self._settings.objects.items()
            }
        )

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield every object, a page at a time; raise IncompleteRead when pages do not add up."""
        for name, schema in scope.object_types.items():
            objects, start = self._objects(name), 1
            while True:
                page = self._page(objects, start, self._settings.page_rows)
                found, total = page.get("Resources") or [], int(page.get("totalResults", 0))
                if found:
                    yield ReadBatch(object_type=name, rows=_rows(found, schema, objects.resource))
                start += len(found)
                if start > total:
                    break
                if not found:
                    raise IncompleteRead(
                        f"{objects.resource}: {start - 1} of {total} objects were told", place=self._settings.url,
                        remedy="try again; if it stays so, the service limits what this token may read",
                    )  # fmt: skip

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:  # noqa: ARG002
        """Carry out the operations, one request each."""
        for operation in operations:
            try:
                answer = self._send(operation)
            except httpx.TransportError as error:
                yield ExportOutcome(
                    row=operation.row, state=OutcomeState.UNKNOWN, anchor=operation.anchor, code="NO_ANSWER",
                    message=str(error) or type(error).__name__, is_retryable=True,
                )  # fmt: skip
            else:
                yield _outcome(operation, answer)

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def _objects(self, name: str) -> ScimObjects:
        return self._settings.objects.get(name) or ScimObjects(resource="Groups" if "group" in name else "Users")

    def _page(self, objects: ScimObjects, start: int, count: int) -> Mapping[str, Any]:
        query: dict[str, str | int] = {"startIndex": start, "count": count}
        if objects.filter:
            query["filter"] = objects.filter
        try:
            answer = self._client.get(f"/{objects.resource}", params=query)
        except httpx.TransportError as error:
            raise SystemUnavailable(
                f"the service does not answer: {error}", place=self._settings.url, remedy="check address and network"
            ) from error
        if answer.status_code in _MAY_HEAL:
            raise SystemUnavailable(_detail(answer), place=self._settings.url, remedy="try again later")
        if answer.status_code != httpx.codes.OK:
            raise SystemRefused(_detail(answer), place=self._settings.url, remedy="check address and token")
        found = answer.json()
        return found if isinstance(found, dict) else {}

    def _send(self, operation: ExportOperation) -> httpx.Response:
        resource = self._objects(operation.object_type).resource
        path = f"/{resource}/{operation.anchor}"
        match operation.operation:
            case Operation.DELETE:
                return self._client.delete(path)
            case Operation.CREATE:
                content: dict[str, Any] = {}
                for change in operation.changes:
                    if change.after or change.added:
                        put_value(content, change.name, change.after or change.added)
                body = {"schemas": schemas_of(content, resource), **content}
                return self._posted("POST", f"/{resource}", body)
            case Operation.UPDATE | Operation.RENAME:
                wanted = [
                    patch
                    for c in operation.changes
                    for patch in patches(c.name, after=c.after, added=c.added, removed=c.removed)
                ]
                return self._posted("PATCH", path, {"schemas": [_PATCH], "Operations": wanted})

    def _posted(self, method: str, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return self._client.request(method, path, content=json.dumps(body), headers={"Content-Type": _TYPE})


def _rows(found: Sequence[Mapping[str, Any]], schema: ObjectTypeSchema, resource: str) -> pa.RecordBatch:
    ids = [str(item["id"]) if item.get("id") else None for item in found]
    columns: dict[str, pa.Array] = {
        ANCHOR: pa.array(ids, pa.string()),
        AT: pa.array([f"{resource}/{identifier}" for identifier in ids], pa.string()),
    }
    for name, attribute in schema.attributes.items():
        values = [read_value(item, name) for item in found]
        if attribute.is_multivalued:
            lists = [value if isinstance(value, list) or value is None else [value] for value in values]
            columns[name] = pa.array(lists, pa.list_(pa.string()))
        else:
            single = [value[0] if isinstance(value, list) else value for value in values]
            columns[name] = pa.array(single, pa.string())
    return pa.RecordBatch.from_pydict(columns)


def _outcome(operation: ExportOperation, answer: httpx.Response) -> ExportOutcome:
    if answer.is_success:
        anchor = operation.anchor
        if operation.operation is Operation.CREATE:
            anchor = str(answer.json().get("id") or "") or None
        return ExportOutcome(row=operation.row, state=OutcomeState.DONE, anchor=anchor)
    code = _CODES.get(answer.status_code, "REFUSED")
    return ExportOutcome(
        row=operation.row, state=OutcomeState.FAILED, anchor=operation.anchor, code=code, message=_detail(answer),
        is_retryable=answer.status_code in _MAY_HEAL,
    )  # fmt: skip


def _detail(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        said = {}
    detail = said.get("detail") if isinstance(said, dict) else None
    return f"{answer.status_code}: {detail or answer.reason_phrase}"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
