"""What the excel connector makes of workbooks, and what it leaves of them."""

import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from pydantic import ValidationError

from accord.connectors.base import (
    AttributeChange,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadBatch,
    ReadScope,
)
from accord.connectors.excel.connector import ExcelConnector
from accord.connectors.excel.settings import ExcelSettings
from accord.model.errors import IncompleteRead, SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

NAMES = ("id", "name", "hired", "seen", "active", "score")
TYPES: Mapping[str, ValueType] = {
    "hired": ValueType.DATE,
    "seen": ValueType.DATETIME,
    "active": ValueType.BOOLEAN,
    "score": ValueType.DECIMAL,
}


def person(*names: str) -> ObjectTypeSchema:
    attributes = {name: AttributeSchema(name=name, type=TYPES.get(name, ValueType.TEXT)) for name in names}
    return ObjectTypeSchema(name="person", anchor=("id",), attributes=attributes)


def connector(path: Path, **settings: object) -> ExcelConnector:
    return ExcelConnector(ExcelSettings.model_validate({"path": path, **settings}))


def read(path: Path, *names: str, **settings: object) -> list[ReadBatch]:
    scope = ReadScope(object_types={"person": person(*(names or ("id", "name")))})
    return list(connector(path, **settings).read(scope))


def rows(found: Sequence[ReadBatch]) -> list[dict[str, object]]:
    return [row for batch in found for row in batch.rows.to_pylist()]


def column(path: Path, name: str, **settings: object) -> list[object]:
    return [row[name] for row in rows(read(path, "id", name, **settings))]


def write(
    path: Path, *operations: ExportOperation, names: Sequence[str] = NAMES, **settings: object
) -> list[ExportOutcome]:
    scope = ReadScope(object_types={"person": person(*names)})
    return list(connector(path, **settings).write(operations, scope))


def change(name: str, *after: str) -> AttributeChange:
    return AttributeChange(name=name, added=after, after=after)


def operation(kind: Operation, anchor: str, **values: str) -> ExportOperation:
    changes = tuple(change(name, value) for name, value in values.items())
    return ExportOperation(row=0, operation=kind, object_type="person", anchor=anchor, changes=changes)


def create(anchor: str, **values: str) -> ExportOperation:
    return operation(Operation.CREATE, anchor, **values)


def update(anchor: str, **values: str) -> ExportOperation:
    return operation(Operation.UPDATE, anchor, **values)


def saved(path: Path, *lines: Sequence[object], title: str = "People") -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for line in lines:
        sheet.append(list(line))
    book.save(path)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.xlsx"


def test_typed_cells_become_canonical_text(file: Path) -> None:
    saved(
        file,
        NAMES,
        ["0042", "Anna", date(2020, 2, 29), datetime(2024, 5, 6, 7, 8, 9), True, 17.0],  # noqa: DTZ001
        ["12345678901234567890", "Ben", date(1985, 1, 2), datetime(2024, 5, 6), False, 2.5],  # noqa: DTZ001
    )
    first, second = rows(read(file, *NAMES))
    assert [first[name] for name in NAMES] == ["0042", "Anna", "2020-02-29", "2024-05-06T07:08:09Z", "true", "17"]
    expected = ["12345678901234567890", "Ben", "1985-01-02", "2024-05-06T00:00:00Z", "false", "2.5"]
    assert [second[name] for name in NAMES] == expected


def test_a_column_of_mixed_cells_loses_none(file: Path) -> None:
    cells = ["0012", 13, 13.5, date(2020, 1, 2), True, "x", 123456789012345, 1e22, " y "]
    saved(file, ["id", "name"], *([str(n), cell] for n, cell in enumerate(cells)))
    assert column(file, "name") == [
        "0012", "13", "13.5", "2020-01-02", "true", "x", "123456789012345", "10000000000000000000000", " y ",
    ]  # fmt: skip


def test_a_late_text_in_a_column_of_numbers_is_kept(file: Path) -> None:
    saved(file, ["id", "name"], *([n, n] for n in range(1500)), [1500, "A7"])
    values = column(file, "name")
    assert (values[0], values[1499], values[1500]) == ("0", "1499", "A7")


def test_formulas_are_read_as_their_last_result(file: Path) -> None:
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["id", "name"])
    sheet.write_row(1, 0, ["1"])
    sheet.write_formula(1, 1, '="a"&"b"', None, "ab")
    book.close()
    assert column(file, "name") == ["ab"]


def error_book(file: Path) -> None:
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["id", "name", "note"])
    for row, (name, note) in enumerate([("A", None), (None, "#REF!"), ("#N/A", "#DIV/0!"), ("D", None)], 1):
        sheet.write_string(row, 0, str(row))
        for place, value in ((1, name), (2, note)):
            if value is not None and value.startswith("#"):
                sheet.write_formula(row, place, f"={value}", None, value)
            elif value is not None:
                sheet.write_string(row, place, value)
    book.close()


def test_an_error_value_is_an_error_of_its_row_only_where_it_is_wanted(file: Path) -> None:
    error_book(file)
    found = read(file)
    assert [row["_anchor"] for row in rows(found)] == ["1", "2", "4"]
    (error,) = [error for batch in found for error in batch.errors]
    assert (error.at, error.anchor, error.attribute, error.code) == ("row 4", "3", "name", "CELL_ERROR")
    assert "#N/A" in error.message
    assert error.remedy


def test_rows_are_counted_as_excel_shows_them(file: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["B2"] = "Staff of the week"
    for at, value in {"B4": "id", "C4": "name", "B5": 1, "C5": "Anna", "B9": 2, "C9": "Ben"}.items():
        sheet[at] = value
    book.save(file)
    found = rows(read(file, header_row=4))
    assert [(row["_anchor"], row["_at"], row["name"]) for row in found] == [
        ("1", "row 5", "Anna"),
        ("2", "row 9", "Ben"),
    ]


def test_an_empty_sheet_is_refused_and_a_header_alone_is_an_empty_population(file: Path) -> None:
    saved(file)
    with pytest.raises(SystemRefused, match="no column names in row 1") as refused:
        read(file)
    assert "header_row" in refused.value.remedy
    saved(file, ["id", "name"])
    assert rows(read(file)) == []
    with pytest.raises(SystemRefused, match="no column names in row 7"):
        read(file, header_row=7)


def test_a_wrong_sheet_names_those_there(file: Path) -> None:
    saved(file, ["id", "name"])
    with pytest.raises(SystemRefused, match="no sheet 'Staff'; its sheets are 'People'") as refused:
        read(file, sheet="Staff")
    assert refused.value.remedy
    book = openpyxl.load_workbook(file)
    book.create_sheet("Other")
    book.save(file)
    with pytest.raises(SystemRefused, match="more than one sheet; its sheets are 'People', 'Other'"):
        read(file)


def test_missing_and_doubled_columns_are_refused(file: Path) -> None:
    saved(file, ["id", "Name"], [1, "x"])
    with pytest.raises(SystemRefused, match="'id', 'Name'") as refused:
        read(file)
    assert "did you mean 'Name'" in refused.value.remedy
    saved(file, ["id", "name", "name"], [1, "x", "y"])
    with pytest.raises(SystemRefused, match="more than one column named 'name'"):
        read(file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.xlsx", b"id,name\n1,Anna\n"),
        ("people.xlsx", b""),
        ("people.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000),
        ("people.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000),
        ("people.xls", b"id\tname\n"),
        ("people.ods", b"PK\x03\x04 cut"),
        ("people.docx", b"PK\x03\x04"),
    ],
)
def test_what_is_no_workbook_is_refused_with_a_remedy(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SystemRefused) as refused:
        read(tmp_path / name)
    assert refused.value.remedy


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
><office:body><office:spreadsheet><table:table table:name="People">
<table:table-row><table:table-cell office:value-type="string"><text:p>id</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>name</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>007</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="12"><text:p>12</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def test_ods_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.ods"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<manifest/>")
        package.writestr("content.xml", ODS.replace("\n<", "<"))
    assert [(row["_anchor"], row["name"]) for row in rows(read(path))] == [("007", "12")]


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_workbook_cut_off_is_refused(file: Path, kept: float) -> None:
    saved(file, ["id", "name"], *([n, "x" * 50] for n in range(500)))
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(SystemRefused) as refused:
        read(file)
    assert refused.value.remedy


def test_damaged_xml_is_refused(file: Path) -> None:
    saved(file, ["id", "name"], [1, "x"])
    part = "xl/worksheets/sheet1.xml"
    rewritten(file, part, lambda body: body[: len(body) // 2])
    with pytest.raises(SystemRefused):
        read(file)


def rewritten(file, part, change):
    with zipfile.ZipFile(file) as package:
        parts = {entry.filename: package.read(entry) for entry in package.infolist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)


def test_a_workbook_that_unpacks_too_far_is_refused_unread(file: Path) -> None:
    saved(file, ["id", "name"])
    rewritten(file, "xl/media/bomb.bin", lambda _: b"\0" * (3 << 20))
    with pytest.raises(SystemRefused, match="unpacks to") as refused:
        read(file, max_unpacked_bytes=1 << 20)
    assert "max_unpacked_bytes" in refused.value.remedy
    with pytest.raises(ValidationError):
        ExcelSettings(path=file, max_unpacked_bytes=0)


def test_a_workbook_changed_while_it_is_read_is_incomplete(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(file, ["id", "name"], [1, "x"])
    from accord.connectors.excel import workbook  # noqa: PLC0415 - the module whose step is watched

    opened = workbook.fastexcel.read_excel

    def opened_then_touched(path: str) -> object:
        book = opened(path)
        os.utime(path, ns=(1, 1))
        return book

    monkeypatch.setattr(workbook.fastexcel, "read_excel", opened_then_touched)
    with pytest.raises(IncompleteRead):
        read(file)


def test_discovery_tells_the_types_of_the_cells(file: Path) -> None:
    test_typed_cells_become_canonical_text(file)
    found = connector(file).discover().object_types["person"]
    assert {name: found.attributes[name].type for name in NAMES} == {
        "id": ValueType.TEXT, "name": ValueType.TEXT, "hired": ValueType.DATE, "seen": ValueType.DATETIME,
        "active": ValueType.BOOLEAN, "score": ValueType.DECIMAL,
    }  # fmt: skip
    assert found.anchor == ("id",)


def cells(file: Path, sheet: str = "People") -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(file)[sheet].values]


def test_cells_are_written_with_the_type_of_their_column(file: Path) -> None:
    test_typed_cells_become_canonical_text(file)
    made = create("7", name="3", hired="2021-03-04", seen="2021-03-04T05:06:07Z", active="true", score="10")
    outcomes = write(file, made, update("0042", hired="2019-01-01", score="1e5"))
    assert {outcome.state for outcome in outcomes} == {OutcomeState.DONE}
    _, first, second, third = cells(file)
    assert first == ["0042", "Anna", datetime(2019, 1, 1), datetime(2024, 5, 6, 7, 8, 9), True, "1e5"]  # noqa: DTZ001
    assert second == ["12345678901234567890", "Ben", datetime(1985, 1, 2), datetime(2024, 5, 6), False, 2.5]  # noqa: DTZ001
    assert third == ["7", "3", datetime(2021, 3, 4), datetime(2021, 3, 4, 5, 6, 7), True, 10]  # noqa: DTZ001


def test_what_is_written_reads_back_the_same(file: Path) -> None:
    values = {"name": "_x0041_ \t= 😀\r\n", "hired": "1985-01-02", "active": "false", "score": "-12.25"}
    values["seen"] = "2021-03-04T05:06:07Z"
    write(file, create("00123456789012345678", **values))
    (row,) = rows(read(file, *NAMES))
    assert {name: row[name] for name in values} == values
    assert row["_anchor"] == "00123456789012345678"


def test_texts_are_never_formulas_or_links(file: Path) -> None:
    dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "https://example.com", "{=1}"]
    write(file, *(create(str(n), name=text) for n, text in enumerate(dangerous)), names=("id", "name"))
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in sheet["B"][1:]] == [
        (text, "s", None) for text in dangerous
    ]


def test_other_sheets_keep_values_formulas_and_formats(file: Path) -> None:
    saved(file, ["id", "name"], [1, "Anna"], [2, "Ben"])
    book = openpyxl.load_workbook(file)
    other = book.create_sheet("Sums & more")
    other["A1"] = "=SUM(B1:B2)"
    other["B1"] = 1.5
    other["B1"].number_format = "0.000"
    other["C1"] = date(2020, 1, 2)
    book.save(file)
    with zipfile.ZipFile(file) as package:
        before = package.read("xl/worksheets/sheet2.xml")
    write(file, create("3", name="Eve"), names=("id", "name"), sheet="People")
    with zipfile.ZipFile(file) as package:
        assert package.read("xl/worksheets/sheet2.xml") == before
        assert package.testzip() is None
    sheet = openpyxl.load_workbook(file)["Sums & more"]
    assert (sheet["A1"].value, sheet["B1"].number_format, sheet["C1"].is_date) == ("=SUM(B1:B2)", "0.000", True)
    assert cells(file) == [["id", "name"], [1, "Anna"], [2, "Ben"], [3, "Eve"]]


def test_the_chain_of_formulas_that_are_values_now_is_dropped(file: Path) -> None:
    saved(file, ["id", "name"], [1, "Anna"])
    rewritten(file, "xl/calcChain.xml", lambda _: b"<calcChain/>")
    override = b'<Override PartName="/xl/calcChain.xml" ContentType="x.calcChain+xml"/></Types>'
    rewritten(file, "[Content_Types].xml", lambda body: body.replace(b"</Types>", override))
    relation = b'<Relationship Id="rId99" Type="t/calcChain" Target="calcChain.xml"/></Relationships>'
    rewritten(file, "xl/_rels/workbook.xml.rels", lambda body: body.replace(b"</Relationships>", relation))
    write(file, update("1", name="Eve"), names=("id", "name"))
    with zipfile.ZipFile(file) as package:
        assert "xl/calcChain.xml" not in package.namelist()
        assert b"calcChain" not in package.read("[Content_Types].xml") + package.read("xl/_rels/workbook.xml.rels")
    assert cells(file) == [["id", "name"], [1, "Eve"]]


def test_rows_above_columns_beside_and_errors_stay(file: Path) -> None:
    error_book(file)
    write(
        file,
        update("1", name="X"),
        ExportOperation(row=1, operation=Operation.DELETE, object_type="person", anchor="2"),
        names=("id", "name"),
    )
    assert cells(file, "Sheet1") == [
        ["id", "name", "note"],
        ["1", "X", None],
        ["3", "=#N/A", "=#DIV/0!"],
        ["4", "D", None],
    ]
    assert [error.anchor for batch in read(file) for error in batch.errors] == ["3"]


def test_a_table_that_does_not_begin_in_the_corner_stays_where_it_is(file: Path) -> None:
    test_rows_are_counted_as_excel_shows_them(file)
    write(file, create("3", name="Eve"), names=("id", "name"), header_row=4)
    sheet = openpyxl.load_workbook(file).worksheets[0]
    found = {cell.coordinate: cell.value for row in sheet for cell in row if cell.value is not None}
    assert found == {
        "B2": "Staff of the week", "B4": "id", "C4": "name", "B5": 1, "C5": "Anna", "B9": 2, "C9": "Ben",
        "B10": 3, "C10": "Eve",
    }  # fmt: skip


def test_dates_of_a_workbook_that_counts_from_1904_are_right(file: Path) -> None:
    book = xlsxwriter.Workbook(str(file), {"date_1904": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["id", "hired"])
    sheet.write_string(1, 0, "1")
    sheet.write_datetime(1, 1, datetime(2020, 1, 2), book.add_format({"num_format": 14}))  # noqa: DTZ001
    book.close()
    write(file, create("2", hired="2021-03-04"), names=("id", "hired"))
    assert column(file, "hired") == ["2020-01-02", "2021-03-04"]


@pytest.mark.parametrize("name", ["people.xlsm", "people.xls", "people.ods"])
def test_only_xlsx_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(SystemRefused, match=r"only \.xlsx") as refused:
        write(tmp_path / name, create("1", name="x"))
    assert refused.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_value_longer_than_a_cell_fails_alone(file: Path) -> None:
    long, good = write(file, create("1", name="x" * 32_768), create("2", name="x" * 32_767))
    assert (long.state, long.code, good.state) == (OutcomeState.FAILED, "VALUE_TOO_LONG", OutcomeState.DONE)
    assert column(file, "name") == ["x" * 32_767]


def test_a_full_disk_leaves_the_old_workbook_and_nothing_else(file: Path) -> None:
    for path in (file, file.with_name("new.xlsx")):
        saved(file, ["id", "name"], [1, "Anna"])
        content = file.read_bytes()
        program = f"""
            import random, resource
            from pathlib import Path
            from test_excel_workbooks import create, write
            from accord.model.errors import SystemUnavailable
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
            texts = [random.Random(n).randbytes(90).hex() for n in range(2, 900)]
            try:
                creates = [create(str(n), name=text) for n, text in enumerate(texts, 2)]
                write(Path({str(path)!r}), *creates, names=("id", "name"))
            except SystemUnavailable as error:
                print(error.remedy)
        """
        done = subprocess.run(
            [sys.executable, "-B", "-W", "error", "-c", textwrap.dedent(program)],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert "make room" in done.stdout, done.stderr
        assert file.read_bytes() == content
        assert list(file.parent.iterdir()) == [file]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemRefused):
        write(tmp_path / "nowhere" / "people.xlsx", create("1", name="x"))
    with pytest.raises(SystemRefused) as refused:
        read(tmp_path / "people.xlsx")
    assert refused.value.remedy
