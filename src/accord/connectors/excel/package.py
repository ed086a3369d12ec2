"""One sheet of an existing workbook replaced, all other parts of the file copied byte for byte.

An .xlsx is a zip of XML parts. The new sheet is written as a workbook of its own and its part put in the old
one's place. Besides it change: the styles (two date formats are appended) and the calculation chain (dropped:
it lists formulas that are values now; Excel makes it again).
"""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from accord.connectors.excel.sheet import DATE_FORMAT, DATETIME_FORMAT, SheetContent, write_workbook
from accord.model.errors import SystemRefused

_STYLES = "xl/styles.xml"
_BOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_CHAIN = "xl/calcChain.xml"
_CELL_STYLE = re.compile(rb'(<c r="[A-Z]+\d+" s=")(\d+)(")')
_STYLE_LIST = re.compile(rb"<((?:\w+:)?)cellXfs\b[^>]*>(.*?)</\1cellXfs>", re.DOTALL)
_IS_1904 = re.compile(rb'\bdate1904="(?:1|true)"')


def insert_sheet(old: Path, new: Path, sheet: str, content: SheetContent) -> None:
    """Write to `new` the workbook `old` with this content in the sheet of that name."""
    with zipfile.ZipFile(old) as package, TemporaryDirectory(dir=new.parent, prefix=".accord-") as folder:
        alone = Path(folder) / "sheet.xlsx"
        counts_from_1904 = bool(_IS_1904.search(package.read(_BOOK)))
        write_workbook(alone, sheet, content, counts_from_1904=counts_from_1904)
        part = _part_of(package, sheet, old)
        styles, first = _with_date_styles(package.read(_STYLES), old)
        with zipfile.ZipFile(alone) as made:
            own_formats = _formats(made.read(_STYLES))
            body = _restyled(made.read("xl/worksheets/sheet1.xml"), own_formats, first)
        relations = PurePosixPath(part)
        dropped = {_CHAIN, str(relations.parent / "_rels" / f"{relations.name}.rels")}
        changed: dict[str, Callable[[bytes], bytes]] = {
            part: lambda _: body,
            _STYLES: lambda _: styles,
            _RELATIONS: _without_chain,
            "[Content_Types].xml": _without_chain,
        }
        _copy(package, new, changed, dropped)


def _copy(package: zipfile.ZipFile, new: Path, changed: dict[str, Callable[[bytes], bytes]], dropped: set[str]) -> None:
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in package.infolist():
            if entry.filename not in dropped:
                change = changed.get(entry.filename, bytes)
                target.writestr(entry, change(package.read(entry)), zipfile.ZIP_DEFLATED)


def _part_of(package: zipfile.ZipFile, sheet: str, path: Path) -> str:
    """Return the name of the part that holds the sheet."""
    # Expat bounds entity expansion, and the unpacked size of the file was checked before.
    book = ET.fromstring(package.read(_BOOK))  # noqa: S314
    relations = ET.fromstring(package.read(_RELATIONS))  # noqa: S314
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = next(targets[value] for key, value in element.items() if key.endswith("}id"))
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise _unusual(path, f"sheet {sheet!r} is not in its list of sheets")


def _with_date_styles(styles: bytes, path: Path) -> tuple[bytes, int]:
    """Return the styles with a date and a date-and-time style appended, and the number of the first."""
    found = _STYLE_LIST.search(styles)
    if found is None:
        raise _unusual(path, "it has no list of cell styles")
    prefix = found[1]
    count = len(re.findall(rb"<" + prefix + rb"xf\b", found[2]))
    added = b"".join(
        b'<%bxf numFmtId="%d" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' % (prefix, number)
        for number in (DATE_FORMAT, DATETIME_FORMAT)
    )
    whole = b'<%bcellXfs count="%d">%b%b</%bcellXfs>' % (prefix, count + 2, found[2], added, prefix)
    return styles[: found.start()] + whole + styles[found.end() :], count


def _formats(styles: bytes) -> list[int]:
    """Return the number format of each cell style."""
    found = _STYLE_LIST.search(styles)
    return [] if found is None else [int(number) for number in re.findall(rb'<xf numFmtId="(\d+)"', found[2])]


def _restyled(body: bytes, formats: list[int], first: int) -> bytes:
    places = {DATE_FORMAT: first, DATETIME_FORMAT: first + 1}

    def renumbered(match: re.Match[bytes]) -> bytes:
        return match[1] + str(places.get(formats[int(match[2])], 0)).encode() + match[3]

    return _CELL_STYLE.sub(renumbered, body)


def _without_chain(part: bytes) -> bytes:
    return re.sub(rb"<(?:\w+:)?(?:Override|Relationship)\b[^>]*calcChain[^>]*/>", b"", part)


def _unusual(path: Path, reason: str) -> SystemRefused:
    return SystemRefused(
        f"is not laid out as Excel does ({reason})",
        place=str(path),
        remedy="open it in Excel or LibreOffice and save it as .xlsx again",
    )
