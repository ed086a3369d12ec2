"""Who may import whom, what every package says of itself, and what no file may hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from repository import ROOT, files, modules, name, tree

# Written so that this file does not find itself.
_MACHINE_PATHS = re.compile("|".join(f"/{folder}/" for folder in ("work", "farm", "root", "home/[a-z]+")))
_PROMISES = re.compile("|".join(("Not" + "ImplementedError", "# *TO" + "DO", "# *FIX" + "ME")))


def test_every_module_keeps_to_the_map() -> None:
    linted = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_package_says_what_it_is_for() -> None:
    silent = [name(p) for p in modules() if not ast.get_docstring(tree(p)) and "migrations/versions" not in name(p)]
    assert silent == []


def test_package_files_hold_no_code_of_their_own() -> None:
    def holds_code(node: ast.stmt) -> bool:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        return not (is_text or isinstance(node, ast.Import | ast.ImportFrom | ast.Assign))

    packages = [p for p in modules() if p.name == "__init__.py"]
    assert [name(p) for p in packages if any(holds_code(n) for n in tree(p).body)] == []


def test_no_file_knows_a_machine() -> None:
    found = [f"{name(p)}: {m.group()}" for p in files() for m in _MACHINE_PATHS.finditer(_text(p))]
    assert found == []


def test_nothing_is_left_as_a_promise() -> None:
    # What the authors of connectors must give to the suite of tests is theirs to implement.
    written = [p for p in modules() if name(p) != "src/accord/testing/connector_suite.py"]
    found = [f"{name(p)}: {m.group()}" for p in written for m in _PROMISES.finditer(_text(p))]
    assert found == []


def test_errors_are_caught_broadly_at_the_boundary_of_a_job_and_of_the_process_only() -> None:
    broad = [
        name(path)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    # What runs scripts is a process of its own as well.
    scripts = "src/accord/datasync/python/confined.py"
    assert sorted(set(broad)) == ["src/accord/cli/main.py", scripts, "src/accord/runs/context.py"]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
