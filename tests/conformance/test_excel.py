"""The excel connector against workbooks that openpyxl wrote and reads back."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

import openpyxl

from accord.connectors.base import ConnectorKind, Settings
from accord.connectors.excel import KIND
from accord.connectors.excel.settings import ExcelSettings
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


class ExcelSystem:
    kind: ConnectorKind = KIND
    object_type = PERSON
    roles = Roles(text="display name", other="title", multi="mail", date="hired", reference="manager")

    def __init__(self, folder: Path) -> None:
        self._path = folder / "people.xlsx"
        self.settings: Settings = ExcelSettings(path=self._path, sheet="People")
        self.missing_settings: Settings = ExcelSettings(path=folder / "nowhere.xlsx")

    def seed(self, objects: Mapping[str, Values]) -> None:
        book = openpyxl.Workbook()
        book.create_sheet("People")
        sheet = book["People"]
        for column, name in enumerate(PERSON.attributes, 1):
            sheet.cell(1, column, name)
        for row, (key, values) in enumerate(objects.items(), 2):
            for column, name in enumerate(PERSON.attributes, 1):
                texts = (key,) if name == "id" else values.get(name, ())
                cell = sheet.cell(row, column)
                if name == "hired" and texts:
                    cell.value = date.fromisoformat(texts[0])
                elif texts:
                    cell.value = "|".join(texts)
                    cell.data_type = "s"
        book.save(self._path)

    def contents(self) -> Mapping[str, Values]:
        header, *rows = openpyxl.load_workbook(self._path)["People"].values
        objects = [dict(zip(map(str, header), row, strict=True)) for row in rows]
        return {str(cells["id"]): _values(cells) for cells in objects}

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


class TestExcel(ConnectorSuite):
    awkward: ClassVar[Mapping[str, str]] = {
        **ConnectorSuite.awkward,
        "outer_spaces": "  both sides  ",
        "long_number": "12345678901234567890",
        "link": "https://example.com",
        "markup": "<b>&amp;</b>",
    }

    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        return ExcelSystem(tmp_path)


def _values(cells: Mapping[str, object]) -> Values:
    return {name: _texts(name, value) for name, value in cells.items() if value is not None}


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, datetime):
        return (value.date().isoformat(),)
    assert isinstance(value, str)
    return tuple(value.split("|")) if PERSON.attributes[name].is_multivalued else (value,)
