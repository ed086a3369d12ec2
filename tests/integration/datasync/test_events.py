"""Events of a job in their documented order, in both languages, and what scripts may do to rows at them."""

import csv

import pytest

from accord.model.errors import Invalid
from accord.operations.datasync import providers
from offices import Office, excel, set_script, table_job, text_file

EVENTS = (
    "Startup", "BuildSourceQuery", "RowStarting", "BuildDestinationQuery", "RowChanging", "RowChanged", "RowAdding",
    "RowAdded", "RowDeleting", "RowDeleted", "RowFinishing", "RowFinished", "RowFailed", "Shutdown",
)  # fmt: skip
PYTHON_LOGS = "\n".join(
    f"def DTM_{event}(dtmsource, args):\n    DTM = dtmsource\n    DTM.Log('{event}')\n" for event in EVENTS
)
BASIC_LOGS = "\n".join(
    f"Sub DTM_{event}(ByVal dtmsource As Object, ByVal args As EventArgs) Handles DTM.{event}\n"
    f' DTM.Log("{event}")\nEnd Sub\n'
    for event in EVENTS
)


@pytest.fixture
def desk(office: Office) -> Office:
    """An office with the workbook, and a text file as destination."""
    with office.server.writing("ann") as context:
        providers.create_provider(context, excel(office.workbook))
        providers.create_provider(context, text_file(office.folder / "out.csv"))
    return office


def out(office: Office) -> dict[str, dict[str, str]]:
    rows = csv.DictReader((office.folder / "out.csv").read_text(encoding="utf-8").splitlines())
    return {row["No"]: row for row in rows}


@pytest.mark.parametrize(("language", "code"), [(0, BASIC_LOGS), (1, PYTHON_LOGS)])
def test_the_fourteen_events_fire_in_the_documented_order(desk: Office, language: int, code: str) -> None:
    header = ("First", "Last", "No")
    job = desk.create(set_script(table_job(is_delete=True), language, code))
    desk.fill([("Ann", "Lee", "1"), ("Bob", "Ray", "2"), *((f"P{n}", "Q", str(n)) for n in range(3, 9))], header)
    desk.run(job)
    # One row changes, one comes, one has no key; then one goes.
    staying = [("Anna", "Lee", "1"), *((f"P{n}", "Q", str(n)) for n in range(3, 9)), ("New", "One", "9")]
    desk.fill([*staying, ("Bob", "Ray", "2"), ("No", "Key", "")], header)
    run = desk.run(job)
    told = [(r.attribute, r.row) for r in desk.results if r.outcome == "note"]
    desk.fill(staying, header)
    desk.run(job)
    deleted = [r.attribute for r in desk.results if r.outcome == "note"]

    assert run.state == "CompletedWithErrors", run.message
    once = ["Startup", "BuildSourceQuery", "BuildDestinationQuery", "Shutdown"]
    assert [event for event, _ in told if event in once] == once
    assert set(EVENTS) == {event for event, _ in told} | set(deleted)
    assert [event for event, row in told if row == "row 2"] == [
        "RowStarting", "RowChanging", "RowChanged", "RowFinishing", "RowFinished",
    ]  # fmt: skip
    assert [event for event, row in told if row == "row 9"] == [
        "RowStarting", "RowAdding", "RowAdded", "RowFinishing", "RowFinished",
    ]  # fmt: skip
    assert [event for event, row in told if row == "row 11"] == ["RowStarting", "RowFailed"]
    assert [event for event, row in told if row == "row 3"] == ["RowStarting", "RowFinishing", "RowFinished"]
    assert deleted.index("RowDeleting") < deleted.index("RowDeleted") < deleted.index("RowFinishing")
    order = [event for event, _ in told]
    assert order.index("BuildSourceQuery") < order.index("RowStarting") < order.index("BuildDestinationQuery")


PYTHON_CHANGES = """
import re
seen = []

def BuildSourceQuery(dtmsource, args):
    args.Query = args.Query + " WHERE [No] <> '4'"

def RowStarting(dtmsource, args):
    seen.append(dtmsource.Source("No"))
    if re.match("Skip", dtmsource.Source("First")):
        dtmsource.CancelRow()

def RowAdding(dtmsource, args):
    if dtmsource.Source("First") == "Late":
        dtmsource.CancelRow()
    if dtmsource.Source("First") == "Bad":
        raise ValueError("no such person")
    args.StagingDestination["Name"] = args.StagingDestination("Name").upper() + str(len(seen))
"""
BASIC_CHANGES = """
Sub A(ByVal s As Object, ByVal args As QueryEventArgs) Handles DTM.BuildSourceQuery
 args.Query = args.Query & " WHERE [No] <> '4'"
End Sub
Sub B(ByVal s As Object, ByVal args As EventArgs) Handles DTM.RowStarting
 If Left(DTM.Source("First"), 4) = "Skip" Then DTM.CancelRow()
End Sub
Sub C(ByVal s As Object, ByVal args As JobEventArgs) Handles DTM.RowAdding
 If DTM.Source("First") = "Late" Then DTM.CancelRow()
 If DTM.Source("First") = "Bad" Then
  Dim x = "a".Substring(5)
 End If
 args.StagingDestination("Name") = args.StagingDestination("Name").ToUpper() & "4"
End Sub
"""


@pytest.mark.parametrize(("language", "code"), [(0, BASIC_CHANGES), (1, PYTHON_CHANGES)])
def test_scripts_replace_queries_cancel_rows_fail_rows_and_change_what_is_written(
    desk: Office, language: int, code: str
) -> None:
    people = [("Ann", "Lee", "1"), ("Skip", "Me", "2"), ("Late", "Too", "3"), ("Un", "Asked", "4"), ("Bad", "One", "5")]
    desk.fill(people, ("First", "Last", "No"))
    job = desk.create(set_script(table_job(), language, code))

    run = desk.run(job)

    assert run.state == "CompletedWithErrors"
    assert {no: row["Name"] for no, row in out(desk).items()} == {"1": "ANN LEE4"}
    failed = [(r.row, r.code) for r in desk.results if r.outcome == "failed"]
    assert failed == [("row 6", "SCRIPT_FAILED")]
    assert [(r.row, r.code) for r in desk.results if r.outcome == "skipped"] == [("row 4", "ROW_CANCELLED")]


def test_what_a_script_made_of_a_value_is_no_change_in_the_next_run(desk: Office) -> None:
    handler = 'def {}(s, args):\n    args.StagingDestination["Name"] = "by script"\n'
    code = handler.format("RowAdding") + handler.format("RowChanging")
    desk.fill([("Ann", "Lee", "1"), ("Bob", "Ray", "2")], ("First", "Last", "No"))
    job = desk.create(set_script(table_job(), 1, code))
    desk.run(job)
    assert out(desk)["1"]["Name"] == "by script"

    assert (desk.run(job).counts, desk.run(job).counts) == ({}, {})
    desk.fill([("Anna", "Lee", "1"), ("Bob", "Ray", "2")], ("First", "Last", "No"))
    changed = desk.run(job)

    assert changed.counts == {"update done": 1}
    assert [row["Name"] for row in out(desk).values()] == ["by script", "by script"]
    assert desk.run(job).counts == {}


def test_one_process_serves_a_whole_run_of_python_transforms(desk: Office) -> None:
    body = table_job()
    body["fieldsMap"][1]["transform"] = (
        "Script:text=n = DTM.Context('n') or 0\nDTM.AddToContext('n', n + 1)\nDTM.Result = f\"{DTM.Source('Last')}{n}\""
    )
    desk.fill([(f"P{n}", "L", str(n)) for n in range(1500)], ("First", "Last", "No"))

    run = desk.run(desk.create(set_script(body, 1, "")))

    assert (run.state, run.counts) == ("Success", {"create done": 1500})
    assert sorted(row["Name"] for row in out(desk).values()) == sorted(f"L{n}" for n in range(1500))


@pytest.mark.parametrize(
    ("language", "code", "said"),
    [
        (1, "def RowAdding(s, args):\n    open('/etc/passwd')\n", "line 2: open"),
        (1, "import os\n", "line 1: only"),
        (1, "x = 1\ny = ().__class__\n", "line 2: .__class__"),
        (
            1,
            "def RowExploding(s, a):\n    pass\ndef DTM_Nothing(s, a):\n    pass\n",
            "line 3: there is no event Nothing",
        ),
        (0, "Sub A(ByVal s As Object) Handles DTM.RowAdding\nargs.Delete()\nEnd Sub", "line 2: args.delete"),
        (0, "Sub A(ByVal s As Object) Handles DTM.Shutdown\nSystem.IO.File.Delete(1)\nEnd Sub", "line 2"),
        (2, "", "scripting language 2"),
    ],
)
def test_what_is_not_run_is_refused_when_the_job_is_saved(desk: Office, language: int, code: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.create(set_script(table_job(), language, code))
    assert said in str(refused.value)


def test_a_script_that_fails_outside_of_rows_is_told_and_the_job_goes_on(desk: Office) -> None:
    code = "def Startup(s, a):\n    x = 1 / 0\n"
    desk.fill([("Ann", "Lee", "1")], ("First", "Last", "No"))

    run = desk.run(desk.create(set_script(table_job(), 1, code)))

    assert run.counts == {"create done": 1, "script error": 1}
    assert [r.message for r in desk.results if r.code] == ["line 2: ZeroDivisionError: division by zero"]
