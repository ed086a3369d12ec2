"""Makes the people: deterministic, with the awkwardness that real HR workbooks have."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

PEOPLE = 1_000
_SEED = 20_261_122
_FIRST = (
    "Anna", "José", "Marie", "Jürgen", "Zoë", "Björn", "Łukasz", "François", "Søren", "Peter", "Renée", "Çağla",
    "Mårten", "Noël", "Ivan", "Olga", "Chloé", "Émile", "Göran", "Siobhán", "Nguyễn", "Þóra", "Ana-María",
    "Jean-Luc", "Γιώργος", "Наталья",
)  # fmt: skip
_LAST = (
    "Müller", "García", "Smith", "Øverby", "Dvořák", "Nowak", "Lefèvre", "Šimić", "Ångström", "Jones", "Kowalczyk",
    "Peña", "Brontë", "Weiß", "Ünal", "Ibáñez", "O'Neill", "Dupont", "Lindqvist", "Szabó", "Mac Donald",
    "van der Berg", "de la Cruz", "Smith, Jr.",
)  # fmt: skip
DEPARTMENTS = {
    "100": "Sales", "200": "Research & Development", "300": "Finance", "400": "Human Resources",
    "500": "Operations", "600": "Legal", "700": "Logistics, Europe", "800": "IT",
}  # fmt: skip
_TITLES = ("Engineer", "Manager", "Analyst", "Clerk", "Consultant", "Director")
_HEADER = ("Employee ID", "First name", "Last name", "Department", "Title", "Hired", "Left", "Manager", "Status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One row of the workbook. `hired` may be text: that is the malformed row."""

    number: str
    first: str
    last: str
    department: str
    title: str
    hired: date | str
    left: date | None
    manager: str | None
    status: str


def make_people(count: int = PEOPLE) -> list[Person]:
    """Return the people: managers by tens, 5 % leavers, one row that no one can read, two that share a number."""
    random = Random(_SEED)  # noqa: S311 - sample data, not a secret
    people = [_person(n, random) for n in range(1, count + 1)]
    people[41] = replace(people[41], hired="31.13.2024")
    people[776] = replace(people[776], number=people[775].number)
    return people


def write_workbook(path: Path, people: list[Person]) -> None:
    """Write the workbook: sheets People and Departments, numbers as text, dates as dates."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet("People")
        sheet.write_row(0, 0, _HEADER)
        for row, person in enumerate(people, start=1):
            cells = (person.number, person.first, person.last, person.department, person.title)
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
            for column, when in ((5, person.hired), (6, person.left)):
                if isinstance(when, date):
                    sheet.write_datetime(row, column, when)
                elif when is not None:
                    sheet.write_string(row, column, when)
            sheet.write_string(row, 7, person.manager or "")
            sheet.write_string(row, 8, person.status)
        sheet = book.add_worksheet("Departments")
        sheet.write_row(0, 0, ("Code", "Name"))
        for row, (code, name) in enumerate(DEPARTMENTS.items(), start=1):
            sheet.write_string(row, 0, code)
            sheet.write_string(row, 1, name)


def write_phones(path: Path, people: list[Person]) -> int:
    """Write the phone table of another system: nine of ten people, padded numbers; return the rows written."""
    random = Random(_SEED + 1)  # noqa: S311 - the same
    rows = {
        p.number: (p.number.removeprefix("E").lstrip("0"), f"+41 44 {random.randrange(1000, 9999)} {n % 100:02d}")
        for n, p in enumerate(people)
        if random.random() < 0.9
    }
    with sqlite3.connect(path) as database:
        database.execute("create table phones(personnel_no text primary key, phone text not null)")
        database.executemany("insert into phones values (?, ?)", rows.values())
    database.close()
    return len(rows)


def _person(n: int, random: Random) -> Person:
    has_left = random.random() < 0.05
    return Person(
        number=f"E{n:05d}",
        first=random.choice(_FIRST),
        last=random.choice(_LAST),
        department=random.choice(list(DEPARTMENTS)),
        title=random.choice(_TITLES),
        hired=date(1995, 1, 1) + timedelta(days=random.randrange(11_000)),
        left=date(2025, 1, 1) + timedelta(days=random.randrange(600)) if has_left else None,
        manager=None if n <= 10 else f"E{n // 10:05d}",
        status="left" if has_left else "active",
    )
