"""The csv connector against files that Python's own csv module wrote and reads back."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from accord.connectors.base import ConnectorKind, Settings
from accord.connectors.csv import KIND
from accord.connectors.csv.settings import CsvSettings
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType
from accord.testing.connector_suite import ConnectorSuite, Roles, SystemUnderTest, Values

PERSON = ObjectTypeSchema(
    name="person",
    anchor=("id",),
    attributes={
        a.name: a
        for a in (
            AttributeSchema(name="id"),
            AttributeSchema(name="display name"),
            AttributeSchema(name="title"),
            AttributeSchema(name="mail", is_multivalued=True),
            AttributeSchema(name="hired", type=ValueType.DATE),
            AttributeSchema(name="manager", type=ValueType.REFERENCE),
        )
    },
)


class CsvSystem:
    kind: ConnectorKind = KIND
    object_type = PERSON
    roles = Roles(text="display name", other="title", multi="mail", date="hired", reference="manager")

    def __init__(self, folder: Path) -> None:
        self._path = folder / "people.csv"
        self.settings: Settings = CsvSettings(path=self._path)
        self.missing_settings: Settings = CsvSettings(path=folder / "nowhere.csv")

    def seed(self, objects: Mapping[str, Values]) -> None:
        with self._path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(PERSON.attributes))
            writer.writeheader()
            for key, values in objects.items():
                writer.writerow({"id": key} | {name: "|".join(texts) for name, texts in values.items()})

    def contents(self) -> Mapping[str, Values]:
        with self._path.open(newline="", encoding="utf-8") as file:
            return {row["id"]: _values(row) for row in csv.DictReader(file)}

    def anchor_of(self, key: str) -> str:
        return key

    def dn_of(self, key: str) -> None:
        return None

    def required(self, key: str) -> Values:
        return {"id": (key,)}

    def reference_to(self, key: str) -> str:
        return key

    def close(self) -> None:
        pass


class TestCsv(ConnectorSuite):
    awkward: ClassVar[Mapping[str, str]] = {**ConnectorSuite.awkward, "outer_spaces": "  both sides  "}

    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        return CsvSystem(tmp_path)


def _values(row: Mapping[str, str]) -> Values:
    return {
        name: tuple(text.split("|")) if PERSON.attributes[name].is_multivalued else (text,)
        for name, text in row.items()
        if text
    }
