"""What the csv connector makes of the files that people really send."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from accord.connectors.base import ReadBatch, ReadScope
from accord.connectors.csv.connector import CsvConnector
from accord.connectors.csv.settings import CsvSettings
from accord.model.errors import IncompleteRead, RowError, SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema

NEWLINE = "\n"


def person(*names: str, anchor: tuple[str, ...] = ("id",)) -> ObjectTypeSchema:
    return ObjectTypeSchema(
        name="person", anchor=anchor, attributes={name: AttributeSchema(name=name) for name in names}
    )


def batches(
    path: Path, content: bytes, *names: str, anchor: tuple[str, ...] = ("id",), **settings: object
) -> list[ReadBatch]:
    path.write_bytes(content)
    scope = ReadScope(object_types={"person": person(*(names or ("id", "name")), anchor=anchor)})
    connector = CsvConnector(CsvSettings.model_validate({"path": path, **settings}))
    return list(connector.read(scope))


def rows(found: Sequence[ReadBatch]) -> list[dict[str, object]]:
    return [row for batch in found for row in batch.rows.to_pylist()]


def errors(found: Sequence[ReadBatch]) -> list[RowError]:
    return [error for batch in found for error in batch.errors]


def names(found: Sequence[ReadBatch]) -> list[object]:
    return [row["name"] for row in rows(found)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def test_a_file_of_no_bytes_is_refused_because_it_looks_cut_off(file: Path) -> None:
    with pytest.raises(SystemRefused, match="empty") as refused:
        batches(file, b"")
    assert refused.value.remedy
    with pytest.raises(SystemRefused, match="empty"):
        batches(file, b"\xef\xbb\xbf")


@pytest.mark.parametrize("content", [b"id,name\n", b"id,name", b"id,name\r\n\r\n", b"\n\nid,name\n"])
def test_a_header_alone_is_an_empty_population(file: Path, content: bytes) -> None:
    assert rows(batches(file, content)) == []


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("id,name\n1,Zoë\n".encode("utf-8-sig"), "auto"),
        ("id,name\n1,Zoë\n".encode("utf-16"), "auto"),
        ("id,name\n1,Zoë\n".encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + "id,name\n1,Zoë\n".encode("utf-16-be"), "auto"),
        ("id,name\n1,Zoë\n".encode("utf-16-le"), "utf-16"),
        ("id,name\n1,Zoë\n".encode("utf-16-le"), "auto"),
        ("id,name\n1,Zoë\n".encode(), "utf-8-sig"),
        ("id,name\n1,Zoë\n".encode("cp1252"), "windows-1252"),
        (
            ("id,name\n1,Zoë\n" + "2,Müller von Straßburg\n3,Françoise Élodie Gâteau\n" * 9).encode("cp1252"),
            "auto",
        ),
    ],
)
def test_encodings_are_recognised(file: Path, content: bytes, encoding: str) -> None:
    assert names(batches(file, content, encoding=encoding))[0] == "Zoë"


def test_a_wrong_encoding_names_line_and_byte(file: Path) -> None:
    content = b"id,name\n1,Anna\n2,Zo\xeb\n"
    with pytest.raises(SystemRefused, match=r"not utf-8: line 3, byte 19") as refused:
        batches(file, content, encoding="utf-8")
    assert "cp1252" in refused.value.remedy


def test_a_wrong_byte_far_into_the_file_is_found_and_guessed(file: Path) -> None:
    content = b"id,name\n" + b"1,Anna\n" * 700_000 + "2,Müller, geborene Schäfer\n".replace(", ", " ").encode("cp1252")
    assert names(batches(file, content))[-1] == "Müller geborene Schäfer"
    with pytest.raises(SystemRefused, match="line 700002, byte 4900011"):
        batches(file, content, encoding="utf-8")


def test_a_multibyte_character_across_blocks_is_whole(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.connectors.csv.survey.BLOCK_BYTES", 7)
    monkeypatch.setattr("accord.connectors.csv.read.BLOCK_BYTES", 64)
    content = "id,name\n" + "".join(f"{n},é😀é\n" for n in range(50))
    for encoding in ("utf-8", "utf-16", "utf-32"):
        assert set(names(batches(file, content.encode(encoding)))) == {"é😀é"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised(file: Path, delimiter: str) -> None:
    content = f'id{delimiter}name\n1{delimiter}"Berg, Anna; Dr. | x\ty"\n2{delimiter}Ben\n'
    assert names(batches(file, content.encode())) == ["Berg, Anna; Dr. | x\ty", "Ben"]


def test_a_sep_line_is_not_a_header(file: Path) -> None:
    found = batches(file, b"sep=;\r\nid;name\r\n1;Anna, B\r\n")
    assert (names(found), rows(found)[0]["_at"]) == (["Anna, B"], "line 3")


def test_ragged_rows_are_errors_of_their_lines_only(file: Path) -> None:
    found = batches(file, b'id,name\n1,Anna\n2\n"3","B\ne\nn"\n4,x,y\n"5\n",a,b\n6,Eve\n7,Zed,\n')
    assert [(row["_anchor"], row["_at"]) for row in rows(found)] == [
        ("1", "line 2"),
        ("3", "line 4"),
        ("6", "line 10"),
    ]
    assert [(error.at, error.code) for error in errors(found)] == [
        ("line 3", "RAGGED_ROW"),
        ("line 7", "RAGGED_ROW"),
        ("line 8", "RAGGED_ROW"),
        ("line 11", "RAGGED_ROW"),
    ]
    assert all((error.remedy, error.object_type) == (errors(found)[0].remedy, "person") for error in errors(found))


def test_lines_are_counted_over_many_blocks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.connectors.csv.read.BLOCK_BYTES", 64)
    lines, expected, ragged = ["id,name,extra"], {}, []
    for n in range(300):
        at = f"line {sum(1 + line.count(NEWLINE) for line in lines) + 1}"
        if n % 7 == 0:
            lines.append(f"{n},only two")
            ragged.append(at)
        else:
            expected[str(n)] = at
            lines.append(f'{n},"x","{NEWLINE * (n % 3)}"')
    found = batches(file, "\n".join([*lines, ""]).encode())
    assert {str(row["_anchor"]): row["_at"] for row in rows(found)} == expected
    assert [error.at for error in errors(found)] == ragged


def test_a_file_of_ragged_rows_only_still_reports_them(file: Path) -> None:
    found = batches(file, b"id,name\n1\n2\n")
    assert rows(found) == []
    assert [error.at for error in errors(found)] == ["line 2", "line 3"]


def test_blank_lines_are_no_rows_but_count(file: Path) -> None:
    found = batches(file, b"id,name\n\n1,Anna\n\n\n2,Ben\n,\n\n")
    assert [(row["_anchor"], row["_at"]) for row in rows(found)] == [("1", "line 3"), ("2", "line 6")]
    assert errors(found) == []


def test_a_row_without_anchor_is_handed_on_without_one(file: Path) -> None:
    assert rows(batches(file, b"id,name\n,Anna\n"))[0]["_anchor"] is None


@pytest.mark.parametrize(
    "content",
    [
        b'id,name\n1,Anna\n2,"Be',
        b'id,name\n1,Anna\n2,"Be\n',
        b'id,name\n1,Anna\n2,"',
        b'id,name\n1,"An\nna"\n2,"B\ne\n\n',
        b'id,name\n1,Anna\n"2,Ben\n3,Eve\n',
        b"id,name\n1,Anna\n2",
    ],
)
def test_a_file_that_ends_inside_a_row_is_incomplete(file: Path, content: bytes) -> None:
    with pytest.raises(IncompleteRead) as incomplete:
        batches(file, content)
    assert incomplete.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        b'id,name\n1,Anna\n2,"Be"',
        b'id,name\n1,Anna\n2,"Be\n"\n',
        b'id,name\n1,Anna\n2,"B""e"""\n',
        b'id,name\n1,"A\nb"\n2,"B\ne\n\n"',
        b'id,name\n1,Anna\n2,Ben 5" tall\n',
        b'id,name\n1,Anna\r\n2,"Ben"\r\n',
        b'id,name\n1,Anna\n2,"Ben"\n\n\n',
    ],
)
def test_a_file_that_ends_after_a_row_is_whole(file: Path, content: bytes) -> None:
    assert len(rows(batches(file, content))) == 2


def test_a_file_that_grows_while_it_is_read_is_incomplete(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.connectors.csv.read.BLOCK_BYTES", 1024)
    file.write_bytes(b"id,name\n" + b"1,Anna\n" * 5000)
    reading = CsvConnector(CsvSettings(path=file)).read(ReadScope(object_types={"person": person("id", "name")}))
    next(reading)
    with file.open("ab") as more:
        more.write(b"2,Ben\n")
    with pytest.raises(IncompleteRead, match="changed"):
        list(reading)


def test_a_file_replaced_while_it_is_read_is_incomplete(file: Path) -> None:
    content = b"id,name\n1,Anna\n"
    file.write_bytes(content)
    reading = CsvConnector(CsvSettings(path=file)).read(ReadScope(object_types={"person": person("id", "name")}))
    next(reading)
    other = file.with_name("other.csv")
    other.write_bytes(content)
    stat = file.stat()
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(file)
    with pytest.raises(IncompleteRead, match="changed"):
        list(reading)


def test_a_missing_column_names_those_there_and_the_likely_one(file: Path) -> None:
    with pytest.raises(SystemRefused, match="'id', 'Name '") as refused:
        batches(file, b"id,Name \n1,Anna\n")
    assert "did you mean 'Name ' for 'name'?" in refused.value.remedy


def test_a_column_named_twice_is_refused(file: Path) -> None:
    with pytest.raises(SystemRefused, match="more than one column named 'name'"):
        batches(file, b"id,name,name\n1,Anna,B\n")


def test_a_type_that_the_file_does_not_hold_is_refused(file: Path) -> None:
    with pytest.raises(SystemRefused, match="'employee'") as refused:
        batches(file, b"id,name\n1,Anna\n", object_type="employee")
    assert "object_type: person" in refused.value.remedy


def test_columns_name_a_file_without_header(file: Path) -> None:
    found = batches(file, b"1,Anna\n2,Ben\n", has_header=False, columns=["id", "name"])
    assert [(row["_anchor"], row["_at"]) for row in rows(found)] == [("1", "line 1"), ("2", "line 2")]


def test_columns_rename_those_of_the_header(file: Path) -> None:
    assert names(batches(file, b"PNR,NACHN\n1,Anna\n", columns=["id", "name"])) == ["Anna"]
    with pytest.raises(SystemRefused, match="3 columns, the setting columns names 2"):
        batches(file, b"a,b,c\n1,Anna,x\n", columns=["id", "name"])


def test_an_anchor_of_several_columns_is_their_values_joined(file: Path) -> None:
    found = batches(file, b"company,id,name\n10,007,Anna\n10,,Ben\n", anchor=("company", "id"))
    assert [row["_anchor"] for row in rows(found)] == ["10|007", None]


def test_values_of_a_multivalued_attribute_are_separated_and_empty_ones_dropped(file: Path) -> None:
    file.write_bytes(b'id,mail\n1,a+b\n2,++a++b+\n3,\n4,"+"\n5,+a\n6, a +b\n')
    mail = AttributeSchema(name="mail", is_multivalued=True)
    scope = ReadScope(
        object_types={"person": ObjectTypeSchema(name="person", anchor=("id",), attributes={"mail": mail})}
    )
    found = list(CsvConnector(CsvSettings(path=file, multi_value_delimiter="+")).read(scope))
    assert [row["mail"] for row in rows(found)] == [["a", "b"], ["a", "b"], None, None, ["a"], [" a ", "b"]]


def test_the_discovered_anchor_is_the_first_column_that_identifies(file: Path) -> None:
    file.write_bytes(b"company,id,name\n10,1,Anna\n10,2,Ben\n")
    found = CsvConnector(CsvSettings(path=file)).discover().object_types["person"]
    assert found.anchor == ("id",)


@pytest.mark.parametrize(
    "settings",
    [
        {"delimiter": ",,"},
        {"delimiter": "\n"},
        {"encoding": "utf-99"},
        {"has_header": False},
        {"columns": ["a", "a"]},
        {"multi_value_delimiter": ""},
    ],
)
def test_settings_that_cannot_work_are_refused(file: Path, settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CsvSettings.model_validate({"path": file, **settings})


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(SystemRefused) as refused:
        CsvConnector(CsvSettings(path=tmp_path)).test()
    assert refused.value.remedy
