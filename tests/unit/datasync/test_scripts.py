"""The small part of Visual Basic that jobs use: what it computes, what is refused, and that it ends."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.datasync.scripts.events import EVENTS, handlers
from accord.datasync.scripts.expressions import ScriptRefused
from accord.datasync.scripts.library import ScriptFailed
from accord.datasync.scripts.running import RowCancelled, Surrounding, compile_script

ROW = {"first": "Zoë", "last": "O'Neil", "department": "Sales", "empty": None}
BODY = Path(__file__).parents[2] / "integration" / "datasync" / "create-job-request.json"


def result(code: str) -> str | None:
    return compile_script(code).result(Surrounding(row=ROW, now=datetime(2030, 5, 17, 8, 30, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('DTM.Result = DTM.Source("First") & "_" & DTM.Source("Last")', "Zoë_O'Neil"),
        ('DTM.Result = Left(DTM.Source("last"), 1) & Len("abc") \' a comment', "O3"),
        ('Dim a As String = "x"\nDim b\nb = a.ToUpper()\nDTM.Result = b & a.Length', "X1"),
        ('If DTM.Source("empty") = "" Then\nDTM.Result = "none"\nElse\nDTM.Result = "some"\nEnd If', "none"),
        ('If 1 > 2 Or Not 3 <> 4 Then DTM.Result = "a" Else DTM.Result = "b"', "b"),
        (
            'Select Case DTM.Source("Department")\nCase "HR", "Sales"\nDTM.Result = "A"\nEnd Select',
            "A",
        ),
        ('Dim r = ""\nFor Each c In "a1b2".ToCharArray()\nIf Char.IsDigit(c) Then r &= c\nNext\nDTM.Result = r', "12"),
        ("Dim i = 0\nDo While i < 3\ni = i + 1\nLoop\nDTM.Result = i * 2", "6"),
        ('DTM.Result = DateTime.Now.AddDays(30).ToString("dd.MM.yyyy")', "16.06.2030"),
        ('DTM.Result = String.Format("{0}-{1}", "a", 7) & _\n "!"', "a-7!"),
        ('DTM.Result = "a,b,c".Split(",")(1) & Mid("hello", 2, 3)', "bell"),
        ('DTM.Result = "say ""hi"""', 'say "hi"'),
        ('DTM.Result = DTM.Source("empty")', None),
    ],
)  # fmt: skip
def test_scripts_compute_what_visual_basic_would(code: str, expected: str | None) -> None:
    assert result(code) == expected


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ('DTM.Result = "a"\nSystem.IO.File.Delete("x")', 2),
        ("Dim x = New Object()", 1),
        ('DTM.Result = CreateObject("WScript.Shell")', 1),
        ('DTM.Result = DTM.Secrets("x")', 1),
        ('DTM.Result = "a"\nIf 1 = 1 Then\nDTM.Result = "b"', 2),
        ("Try\nDTM.Result = 1\nCatch\nEnd Try", 1),
        ("For i = 1 To 10\nNext", 1),
    ],
)  # fmt: skip
def test_what_is_not_run_is_refused_with_its_line(code: str, line: int) -> None:
    with pytest.raises(ScriptRefused) as refused:
        compile_script(code)
    assert refused.value.line == line


def test_a_script_that_does_not_end_or_assigns_nothing_fails_its_row() -> None:
    with pytest.raises(ScriptFailed, match="steps"):
        result("Do While True\nDim x = 1\nLoop")
    with pytest.raises(ScriptFailed, match="assigns no"):
        result("Dim x = 1")
    with pytest.raises(ScriptFailed, match="too long"):
        result('Dim x = "a"\nDo While True\nx = x & x\nLoop')


def test_a_row_may_be_cancelled() -> None:
    with pytest.raises(RowCancelled):
        result("DTM.CancelRow()")


def test_the_untouched_skeleton_of_the_specification_does_nothing() -> None:
    settings = json.loads(BODY.read_text(encoding="utf-8"))["settings"]
    code = next(s["value"] for s in settings if s["key"] == "Destination.ExposedScriptCode")

    assert code.count(" Handles DTM.") == len(EVENTS) == 14
    assert handlers(code) == {}


def test_a_handler_that_does_something_is_found_with_its_line() -> None:
    code = "Module X\nSub A(ByVal s As Object) Handles DTM.RowStarting\nDTM.CancelRow()\nEnd Sub\n"
    assert handlers(code + "End Module") == {"RowStarting": (3, "DTM.CancelRow()")}
    with pytest.raises(ScriptRefused, match="line 5"):
        handlers(code + "Function F()\nEnd Function")
