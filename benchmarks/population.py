"""A population of any size as an HR workbook's CSV: 15 attributes, managers, awkward names; deterministic."""

from pathlib import Path

import duckdb

FIRST = [
    "Anna", "José", "Marie", "Jürgen", "Zoë", "Björn", "Łukasz", "François", "Søren", "Peter", "Renée", "Çağla",
    "Mårten", "Noël", "Ivan", "Olga", "Chloé", "Émile", "Göran", "Ana",
]  # fmt: skip
LAST = [
    "Müller", "García", "Smith", "Øverby", "Dvořák", "Nowak", "Lefèvre", "Šimić", "Ångström", "Jones", "Kowalczyk",
    "Peña", "Brontë", "Weiß", "Ünal", "Ibáñez", "Sze", "Dupont", "Lindqvist", "Szabó",
]  # fmt: skip
COLUMNS = (
    "employee_id", "first_name", "last_name", "title", "department", "company", "office", "phone", "mobile",
    "hire_date", "end_date", "employee_type", "manager_id", "cost_center", "description",
)  # fmt: skip


def write_population(folder: Path, people: int) -> None:
    """Write hr.csv and hr_1pct.csv (1 % changed, 0.1 % added, 0.1 % gone)."""
    with duckdb.connect() as con:
        con.execute("set threads=2")
        con.execute("create macro pick(l, i) as l[1 + (hash(i) % len(l))::int]")
        con.execute(
            f"""create table person as select
              'E' || lpad(i::varchar, 8, '0') as employee_id,
              pick({FIRST}, i * 7 + 1) as first_name,
              pick({LAST}, i * 13 + 2) || (i % 5000)::varchar as last_name,
              pick(['Engineer', 'Manager', 'Analyst', 'Director', 'Clerk', 'Nurse', 'Teacher'], i * 3) as title,
              'Department ' || (hash(i) % 300)::varchar as department,
              pick(['Contoso Holdings', 'Fabrikam International', 'Northwind Traders'], i) as company,
              pick(['Zürich', 'Berlin', 'Paris', 'Oslo'], i * 11) || ', ' || (hash(i) % 40)::varchar as office,
              '+41 44 ' || lpad((hash(i * 17) % 10000000)::varchar, 7, '0') as phone,
              '+41 79 ' || lpad((hash(i * 19) % 10000000)::varchar, 7, '0') as mobile,
              strftime(date '1990-01-01' + (hash(i * 23) % 12000)::int, '%d.%m.%Y') as hire_date,
              case when hash(i * 29) % 20 = 0 then '31.12.2027' else '' end as end_date,
              pick(['employee', 'employee', 'employee', 'contractor', 'intern'], i * 37) as employee_type,
              case when i < 1000 then '' else 'E' || lpad((i // 100)::varchar, 8, '0') end as manager_id,
              'CC-' || lpad((hash(i * 41) % 9000)::varchar, 6, '0') as cost_center,
              md5(i::varchar) || ' ' || md5((i * 3)::varchar) || ' ' || i as description
            from range(1, {people} + 1) t(i)"""
        )
        con.execute(f"copy (from person order by employee_id) to '{folder / 'hr.csv'}' (header)")
        con.execute(
            "copy (select * from (select * replace (case when hash(employee_id || 'x') % 100 = 0 "
            "then title || ' (acting)' else title end as title) from person "
            "where hash(employee_id || 'd') % 1000 <> 0 union all "
            "select * replace ('N' || employee_id[2:] as employee_id, '' as manager_id) from person "
            f"where hash(employee_id || 'n') % 1000 = 0) order by employee_id) to '{folder / 'hr_1pct.csv'}' (header)"
        )


def write_phonebook(folder: Path, people: int) -> None:
    """Write phonebook.csv: 95 % of the people by their number, telephones written in another way."""
    with duckdb.connect() as con:
        con.execute("set threads=2")
        con.execute(
            f"""copy (select 'T' || i::varchar as entry, 'E' || lpad(i::varchar, 8, '0') as number,
              '+41 (0)44 ' || lpad((hash(i * 17) % 10000000)::varchar, 7, '0') as phone,
              case when i % 3 = 0 then '+41 79 ' || lpad((hash(i * 43) % 10000000)::varchar, 7, '0') end as mobile,
              'Room ' || (hash(i * 47) % 900)::varchar as office
            from range(1, {people} + 1) t(i) where hash(i * 53) % 20 <> 0 order by hash(i))
            to '{folder / "phonebook.csv"}' (header)"""
        )
