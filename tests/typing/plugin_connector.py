"""What the author of a connector writes, checked by mypy --strict: a kind that holds its objects in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from pydantic import Field

from accord.connectors.base import (
    ANCHOR,
    AT,
    Capabilities,
    ConnectionReport,
    Connector,
    ConnectorKind,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadBatch,
    ReadScope,
    Settings,
)
from accord.model.errors import SystemUnavailable
from accord.model.schema import AttributeSchema, ObjectTypeSchema, SystemSchema
from accord.testing.connector_suite import ALREADY_EXISTS, NOT_FOUND, ConnectorSuite, Roles, SystemUnderTest, Values

Store = dict[str, dict[str, str]]

STORES: dict[str, Store] = {}
"""The systems there are, by name; a real connector has a network here."""

PERSON = ObjectTypeSchema(
    name="person",
    anchor=("id",),
    attributes={name: AttributeSchema(name=name) for name in ("id", "name", "title")},
)


class MemorySettings(Settings):
    """Where the objects are."""

    store: str = Field(min_length=1, description="The name of the store.")


class MemoryConnector:
    """The smallest connector that keeps every promise of `accord.connectors.base`."""

    def __init__(self, settings: MemorySettings) -> None:
        self._name = settings.store

    def test(self) -> ConnectionReport:
        return ConnectionReport(facts=(("store", self._name), ("objects", str(len(self._store())))))

    def discover(self) -> SystemSchema:
        self._store()
        return SystemSchema(object_types={"person": PERSON})

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        objects = list(self._store().items())
        for object_type in scope.object_types.values():
            for start in range(0, len(objects), scope.page_rows):
                page = objects[start : start + scope.page_rows]
                columns = {
                    ANCHOR: pa.array([anchor for anchor, _ in page], type=pa.string()),
                    AT: pa.array([f"object {anchor}" for anchor, _ in page], type=pa.string()),
                }
                for name in object_type.attributes:
                    columns[name] = pa.array([values.get(name) for _, values in page], type=pa.string())
                yield ReadBatch(object_type=object_type.name, rows=pa.RecordBatch.from_pydict(columns))

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        for operation in operations:
            yield self._carry_out(operation)

    def close(self) -> None:
        pass

    def _store(self) -> Store:
        if self._name not in STORES:
            raise SystemUnavailable("there is no such store", place=self._name, remedy="start it")
        return STORES[self._name]

    def _carry_out(self, operation: ExportOperation) -> ExportOutcome:
        store, anchor = self._store(), operation.anchor or ""
        failed = ExportOutcome(row=operation.row, state=OutcomeState.FAILED, message="see the code")
        if operation.operation is Operation.RENAME:
            return replace(failed, code="NOT_SUPPORTED")
        if (operation.operation is Operation.CREATE) == (anchor in store):
            return replace(failed, code=ALREADY_EXISTS if anchor in store else NOT_FOUND)
        if operation.operation is Operation.DELETE:
            del store[anchor]
            return ExportOutcome(row=operation.row, state=OutcomeState.DONE, anchor=anchor)
        values = store.setdefault(anchor, {})
        for change in operation.changes:
            values.pop(change.name, None)
            values.update((change.name, value) for value in change.after or ())
        return ExportOutcome(row=operation.row, state=OutcomeState.DONE, anchor=anchor)


def open_memory(settings: MemorySettings) -> Connector:
    return MemoryConnector(settings)


KIND = ConnectorKind(
    name="memory",
    title="Memory",
    settings=MemorySettings,
    capabilities=Capabilities(can_write=True, can_delete=True),
    open=open_memory,
)


class MemorySystem:
    kind: ConnectorKind = KIND
    object_type = PERSON
    roles = Roles(text="name", other="title")

    def __init__(self, folder: Path) -> None:
        self._name = str(folder)
        self.settings: Settings = MemorySettings(store=self._name)
        self.missing_settings: Settings = MemorySettings(store=f"{folder}/nowhere")

    def seed(self, objects: Mapping[str, Values]) -> None:
        STORES[self._name] = {
            key: {"id": key} | {name: texts[0] for name, texts in values.items()} for key, values in objects.items()
        }

    def contents(self) -> Mapping[str, Values]:
        store = STORES[self._name]
        return {key: {name: (text,) for name, text in values.items()} for key, values in store.items()}

    def anchor_of(self, key: str) -> str:
        return key

    def dn_of(self, key: str) -> None:
        return None

    def required(self, key: str) -> Values:
        return {"id": (key,)}

    def reference_to(self, key: str) -> str:
        return key

    def close(self) -> None:
        STORES.pop(self._name, None)


class MemorySuite(ConnectorSuite):
    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        return MemorySystem(tmp_path)
