"""Source queries on files: `SELECT columns FROM [Sheet$] WHERE ... ORDER BY ...`, confined to our own language.

The text is cut into its clauses here, and each clause is an expression that the gate checks: a query can do no more
than a rule can.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accord.datasync.loose import wrong
from accord.engine.frames import quote

_CLAUSES = ("select", "from", "where", "order by")
_CUT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\[[^\]]*\]|\b(select|from|where|order\s+by|group\s+by|having|"
                  r"union|join|limit|into|having)\b|;", re.IGNORECASE)  # fmt: skip
_BRACKETED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\[([^\]]*)\]")
_ALIAS = re.compile(r"^(?P<value>.+?)\s+as\s+(?P<name>\"(?:[^\"]|\"\")*\"|\w+)$", re.IGNORECASE | re.DOTALL)
_TOP = re.compile(r"^top\s+(\d+)\s+", re.IGNORECASE)
_DIRECTION = re.compile(r"\s+(asc|desc)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A query: `columns` are name and expression, empty for all; `order` are expressions, each with its direction."""

    table: str
    columns: tuple[tuple[str, str], ...] = ()
    where: str = ""
    order: tuple[tuple[str, bool], ...] = ()
    most: int | None = None


def parse_selection(text: str, place: str) -> Selection:
    """Return the query; raise Invalid for anything that is not one SELECT over one sheet or file."""
    clauses = _clauses(text.strip().rstrip(";"), place)
    if "select" not in clauses or "from" not in clauses:
        raise wrong(place, "a source query is SELECT columns FROM [Sheet$]")
    chosen, most = clauses["select"], None
    top = _TOP.match(chosen)
    if top:
        chosen, most = chosen[top.end() :], int(top.group(1))
    return Selection(
        table=_table(clauses["from"], place),
        columns=() if chosen.strip() == "*" else tuple(_columns(chosen, place)),
        where=_unbracketed(clauses.get("where", "")),
        order=tuple(_order(clauses.get("order by", ""))),
        most=most,
    )


def sheet_of(table: str) -> str:
    """Return the sheet that a table of a workbook names: `TTSheet1$` is the sheet TTSheet1."""
    return table.removesuffix("$")


def _clauses(text: str, place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name, start = "", 0
    for match in _CUT.finditer(text):
        if match.group() == ";":
            raise wrong(place, "a source query is one statement")
        if match.group(1) is None:
            continue
        word = " ".join(match.group(1).casefold().split())
        if word not in _CLAUSES:
            raise wrong(place, f"{word.upper()} is not part of source queries", "use SELECT, FROM, WHERE and ORDER BY")
        if word in found or word == name:
            raise wrong(place, f"{word.upper()} stands twice", "a source query reads one table")
        if name:
            found[name] = text[start : match.start()].strip()
        elif text[: match.start()].strip():
            raise wrong(place, "a source query begins with SELECT")
        name, start = word, match.end()
    if name:
        found[name] = text[start:].strip()
    return found


def _table(text: str, place: str) -> str:
    name = text.strip()
    if name[:1] in "[\"'`" and len(name) > 2 and name[1:-1].find("]") < 0:
        return name[1:-1]
    if not name or re.search(r"[\s,()]", name):
        raise wrong(place, f"FROM names one table, not {name!r}", "write a name with blanks in brackets: [My sheet$]")
    return name


def _columns(text: str, place: str) -> Iterator[tuple[str, str]]:
    for item in _split(_unbracketed(text)):
        alias = _ALIAS.match(item)
        value = alias.group("value").strip() if alias else item
        name = (alias.group("name") if alias else item).strip()
        if not alias and not re.fullmatch(r"\"(?:[^\"]|\"\")*\"|\w+", name):
            raise wrong(place, f"the column {item!r} has no name", "write `expression AS name`")
        yield name.strip('"').replace('""', '"') if name.startswith('"') else name, value


def _order(text: str) -> Iterator[tuple[str, bool]]:
    for item in _split(_unbracketed(text)):
        direction = _DIRECTION.search(item)
        value = item[: direction.start()] if direction else item
        yield value.strip(), bool(direction and direction.group(1).casefold() == "desc")


def _unbracketed(text: str) -> str:
    return _BRACKETED.sub(lambda match: match.group() if match.group(1) is None else quote(match.group(1)), text)


def _split(text: str) -> Sequence[str]:
    """Return the parts between commas that are in no quotation and no parentheses."""
    parts, depth, start, quoted = [], 0, 0, ""
    for position, character in enumerate(text):
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and not depth:
            parts.append(text[start:position])
            start = position + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]
