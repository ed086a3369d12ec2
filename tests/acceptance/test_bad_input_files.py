"""Bad input from files and configuration: a clear error with place and remedy, all else goes on, nothing is lost."""

import xlsxwriter
from processes import accord, refused

from accord.cli.exit_codes import ExitCode
from accord.store.activities import ActivityState
from worlds import HR_COLUMNS, World, people, person

EXCEL = """
system: hr
connector: excel
settings: {path: data/hr.xlsx, sheet: @SHEET@}
objects:
  person:
    anchor: number
    attributes:
      number: text
      first: text
      last: text
      department: text
      title: text
      hired: {type: date, format: "%d.%m.%Y"}
      manager: reference
      status: text
"""


def test_a_missing_file_is_named_and_everything_stays_as_it_was(local_settled: World) -> None:
    world = local_settled
    before = world.staged("hr")
    world.hr_file.rename(world.hr_file.with_suffix(".gone"))
    said = refused(accord(world, "run", "hr", "full-import"), ExitCode.PERMISSION, str(world.hr_file))
    assert "SYSTEM_REFUSED" in said
    assert world.staged("hr") == before
    assert world.last_activity().state is ActivityState.FAILED


def test_a_cycle_goes_on_with_the_other_systems_and_ends_with_the_failure(local_settled: World) -> None:
    world = local_settled
    world.hr_file.rename(world.hr_file.with_suffix(".gone"))
    world.write_phones({"E001": ("555-1", None)})
    said = refused(accord(world, "cycle"), ExitCode.PERMISSION, str(world.hr_file))
    assert "hr" in said
    assert world.target("telephoneNumber")["alee1"] == "555-1"


def test_a_wrong_sheet_is_answered_with_the_sheets_there_are(local_settled: World) -> None:
    world = local_settled
    book = xlsxwriter.Workbook(world.folder / "data" / "hr.xlsx")
    for name in ("People", "Rooms"):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, HR_COLUMNS)
        for number, row in enumerate(people(25), start=1):
            sheet.write_row(number, 0, [row[column] for column in HR_COLUMNS])
    book.close()
    before = world.staged("hr")
    world.configure("systems/hr", EXCEL, SHEET="Persons")
    said = refused(accord(world, "run", "hr", "full-import"), ExitCode.PERMISSION, "hr.xlsx")
    assert "'Persons'" in said
    assert "'People', 'Rooms'" in said
    assert world.staged("hr") == before
    world.configure("systems/hr", EXCEL, SHEET="People")
    assert world.import_("hr").activity.message == "25 read, 25 unchanged"
    assert world.staged("hr") == before


def test_bad_rows_are_named_each_and_all_others_go_on(settled: World) -> None:
    """Ragged rows, a date nobody can read, an anchor twice, and an anchor missing, in one file."""
    before = settled.staged("hr")
    settled.write_hr([person(n, title="head") for n in range(1, 27)])
    lines = settled.hr_file.read_text(encoding="utf-8").splitlines()
    lines[3] += ",one,too many"
    lines[4] = lines[4].rpartition(",")[0]
    lines[5] = lines[5].replace("01.03.2015", "soon")
    lines.insert(8, lines[7].replace("Lee7", "Double"))
    settled.hr_file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    ended = accord(settled, "run", "hr", "full-import")
    assert ended.code == ExitCode.OBJECT_ERRORS, ended.err
    for said in ("line 4", "line 5", "line 6", "line 8", "line 9", "'soon'", "hired", "E007", "correct the value"):
        assert said in ended.out, ended.out
    items = settled.accord.store.activities.items(settled.last_activity().id).table.to_pylist()
    assert sorted((i["code"], i["at"], i["anchor"]) for i in items) == [
        ("DUPLICATE_ANCHOR", "line 8", "E007"),
        ("DUPLICATE_ANCHOR", "line 9", "E007"),
        ("RAGGED_ROW", "line 4", None),
        ("RAGGED_ROW", "line 5", None),
        ("UNPARSEABLE_VALUE", "line 6", "E005"),
    ]
    assert all(item["remedy"] for item in items)

    after = settled.staged("hr")
    kept = {"E003", "E004", "E005", "E007"}
    assert {anchor: after[anchor] for anchor in kept} == {anchor: before[anchor] for anchor in kept}
    assert {after[anchor]["title"] for anchor in after if anchor not in kept} == {"head"}
    assert len(after) == 26

    settled.sync()
    settled.export()
    titles = settled.target("title")
    assert len(titles) == 26
    assert sorted(uid for uid, title in titles.items() if title == "clerk") == ["alee3", "alee4", "alee5", "alee7"]


def test_a_wrong_encoding_is_refused_with_line_and_byte(local_settled: World) -> None:
    world = local_settled
    before = world.staged("hr")
    world.edit("systems/hr", "{path: data/hr.csv}", "{path: data/hr.csv, encoding: utf-8}")
    world.write_hr([*people(24), person(25, last="Müller")])
    world.hr_file.write_bytes(world.hr_file.read_text(encoding="utf-8").encode("cp1252"))
    said = refused(accord(world, "run", "hr", "full-import"), ExitCode.PERMISSION, str(world.hr_file))
    assert "line 26, byte" in said
    assert "cp1252" in said
    assert world.staged("hr") == before
    world.edit("systems/hr", "encoding: utf-8", "encoding: cp1252")
    world.turn()
    assert world.target("sn")["alee25"] == "Müller"


def test_an_unknown_attribute_in_an_expression_stops_before_anything_is_touched(local_world: World) -> None:
    world = local_world.make(people(3))
    world.edit("rules/hr-person", "title: title", "title: upper(titel)")
    said = refused(accord(world, "cycle"), ExitCode.FAILED, "rules/hr-person.yaml:15")
    assert "EXPRESSION_ERROR" in said
    assert "upper(titel)\n" in said
    assert "        ^" in said
    assert "title" in said.rpartition("remedy")[2]
    assert world.target() == {}
    world.edit("rules/hr-person", "upper(titel)", "upper(title)")
    assert accord(world, "validate").code == ExitCode.OK
    assert world.accord.store.activities.list() == ()


def test_whoever_nothing_can_be_decided_about_is_named_with_a_remedy_before_and_after(local_world: World) -> None:
    world = local_world.make([person(1), person(2, first="", last=""), person(3)])
    planned = accord(world, "plan", "--import")
    assert planned.code == ExitCode.OK, planned.err
    for ended in (planned, accord(world, "cycle"), accord(world, "show", "A8")):
        for said in ("person 2", "UNIQUE_FAILED", "account", "fill the values it is made of in the source"):
            assert said in ended.out, ended.out
    assert sorted(world.target()) == ["alee1", "alee3"]
