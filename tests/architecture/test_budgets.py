"""Files and functions stay small; what is larger stands here with a date and a reason, or is made smaller."""

import ast
from pathlib import Path

import pytest
from repository import modules, name, tree

SOFT_FILE_LINES = 300
HARD_FILE_LINES = 600
FUNCTION_LINES = 40

LARGE_FILES = {
    "src/accord/connectors/ldap/python_ldap.py": "2026-11-22: the one module that touches python-ldap",
    "src/accord/connectors/sql/mysql.py": "2026-11-22: one dialect, mostly its table of types",
    "src/accord/sync/compiling.py": "2026-11-22: to be split into what is compiled and how",
    "src/accord/sync/staging.py": "2026-11-22: to be split into intake and comparison",
    "src/accord/testing/connector_suite.py": "2026-11-22: one promise of connectors after the other, read as one page",
}
LARGE_FUNCTIONS = {
    "src/accord/store/migrations/versions/r0001_first.py:upgrade": "2026-11-22: a migration is never changed",
    "src/accord/sync/confirming.py:find_not_confirmed": "2026-11-22: mostly one statement",
    "src/accord/sync/staging.py:plan": "2026-11-22: one line per frame of a plan",
}


def test_no_file_is_beyond_reading() -> None:
    lines = {name(p): _lines(p) for folder in ("src", "tests", "demo", "benchmarks") for p in modules(folder)}
    assert {n: count for n, count in lines.items() if count > HARD_FILE_LINES} == {}


def test_large_files_are_known_and_the_list_is_true() -> None:
    large = {name(p) for p in modules() if _lines(p) > SOFT_FILE_LINES}
    assert large - LARGE_FILES.keys() == set(), "split it along a noun of the glossary"
    assert LARGE_FILES.keys() - large == set(), "it became smaller: take it off the list"


def test_large_functions_are_known_and_the_list_is_true() -> None:
    large = {
        f"{name(path)}:{node.name}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    }
    assert large - LARGE_FUNCTIONS.keys() == set(), "give its parts names"
    assert LARGE_FUNCTIONS.keys() - large == set(), "it became smaller: take it off the list"


@pytest.mark.parametrize("listed", [*LARGE_FILES.values(), *LARGE_FUNCTIONS.values()])
def test_exceptions_are_dated(listed: str) -> None:
    assert listed[:10].count("-") == 2
    assert listed[10:12] == ": "


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
