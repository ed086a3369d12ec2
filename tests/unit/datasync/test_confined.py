"""Python scripts reach nothing: not by what the check lets through, and not even when there were no check."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.datasync.asking import Answer, Call
from accord.datasync.python.checking import check_transform
from accord.datasync.python.process import PythonHost
from accord.datasync.scripts.expressions import ScriptRefused

INSIDE = "inside = DTM.Source.__func__.__globals__\n"
NOW = datetime(2030, 5, 17, tzinfo=UTC)


def host_of(code: str) -> PythonHost:
    return PythonHost({"x": code}, "", now=NOW, row_s=0.3)


@pytest.fixture
def hosts() -> Iterator[list[PythonHost]]:
    made: list[PythonHost] = []
    yield made
    for host in made:
        host.close()


def answers(hosts: list[PythonHost], code: str, rows: int = 1) -> list[Answer]:
    hosts.append(host_of(code))
    return list(hosts[-1].ask([Call(programs=("x",), row={"n": str(n)}) for n in range(rows)]))


@pytest.mark.parametrize(
    "escape",
    [
        "inside['os'].open('/etc/passwd', 0)",
        "inside['os'].open('LEFT', 0o101)",
        "inside['os'].fork()",
        "inside['os'].execv('/bin/sh', ['sh', '-c', 'touch LEFT'])",
        "inside['os'].kill(inside['os'].getppid(), 9)",
        "inside['os'].listdir('/')",
        "inside['__builtins__'].open('/etc/passwd')",
        "inside['__builtins__'].__import__('socket')",
        "inside['__builtins__'].__import__('posix').system('touch LEFT')",
    ],
)
def test_whatever_a_script_gets_hold_of_the_kernel_refuses(
    hosts: list[PythonHost], tmp_path: Path, escape: str
) -> None:
    left = tmp_path / "left"
    found = answers(hosts, f"{INSIDE}DTM.Result = repr({escape.replace('LEFT', str(left))})")[0]

    # The shell of `system` never comes to be: 127, as if there were none.
    assert found.error or found.results == {"x": str(127 << 8)}
    assert "root:" not in str(found)
    assert not left.exists()


def test_a_script_that_does_not_end_or_wants_all_memory_fails_its_row_only(hosts: list[PythonHost]) -> None:
    code = (
        "n = DTM.Source('n')\nwhile n == '1':\n    pass\n"
        "if n == '2':\n    x = 'a' * 10 ** 10\nDTM.Result = n\n"
    )  # fmt: skip
    found = answers(hosts, code, rows=4)

    assert [a.results.get("x") for a in found] == ["0", None, None, "3"]
    assert "longer than 0.3 s" in found[1].error
    assert "MemoryError" in found[2].error


def test_a_process_that_dies_costs_one_row_and_is_begun_again(hosts: list[PythonHost]) -> None:
    found = answers(
        hosts, f"{INSIDE}n = DTM.Source('n')\nif n == '1':\n    inside['os']._exit(0)\nDTM.Result = n", rows=3
    )

    assert [a.results.get("x") for a in found] == ["0", None, "2"]
    assert "ended" in found[1].error


def test_all_rows_are_served_by_one_process(hosts: list[PythonHost]) -> None:
    hosts.append(host_of("DTM.AddToContext('n', (DTM.Context('n') or 0) + 1)\nDTM.Result = DTM.Context('n')"))
    first = list(hosts[0].ask([Call(programs=("x",))]))
    pid = hosts[0].pid
    many = list(hosts[0].ask([Call(programs=("x",)) for _ in range(1200)]))

    assert (first[0].results["x"], many[-1].results["x"]) == ("1", "1201")
    assert hosts[0].pid == pid


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("DTM.Result = open('x')", 1),
        ("import os\nDTM.Result = 1", 1),
        ("DTM.Result = 1\nDTM.Source.__func__", 2),
        ("DTM.Result = '{0.__class__}'.format(1)", 1),
        ("DTM.Result = getattr(1, 'x')", 1),
        ("DTM.Result = 1\nclass X:\n    pass", 2),
        ("DTM.Result = 1\ntry:\n    x = 1\nexcept:\n    pass", 4),
        ("DTM.Result = (lambda: 0).__globals__", 1),
        ("x = [g.gi_frame for g in [(i for i in [1])]]\nDTM.Result = x", 1),
        ("DTM.Result = 1\nwith x:\n    pass", 2),
        ("x = 1", 1),
        ("DTM.Result = (", 1),
    ],
)
def test_what_is_not_part_of_scripts_is_refused_with_its_line(code: str, line: int) -> None:
    with pytest.raises(ScriptRefused) as refused:
        check_transform(code)
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import re\nDTM.Result = re.sub('[^a-z]', '', DTM.Source('n').lower())", "ab"),
        (
            "def short(t):\n    return t[:1]\nDTM.Result = ''.join(short(p) for p in DTM.Source('n').split())",
            "AB",
        ),
        ("DTM.Result = (now + datetime.timedelta(days=30)).strftime('%d.%m.%Y')", "16.06.2030"),
        ("try:\n    x = int(DTM.Source('n'))\nexcept ValueError:\n    x = -1\nDTM.Result = x", "-1"),
        ("DTM.Result = f\"{DTM.Source('n'):>5}|\"", "  A B|"),
    ],
)
def test_ordinary_python_is_run(hosts: list[PythonHost], code: str, expected: str) -> None:
    check_transform(code)
    hosts.append(host_of(code))
    assert next(iter(hosts[0].ask([Call(programs=("x",), row={"n": "A B"})]))).results == {"x": expected}
