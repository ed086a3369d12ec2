"""What the documents say happens: their commands are run, and their links lead somewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]+\]\(([^)#:\s]+)(?:#[^)]*)?\)")


@dataclass
class Step:
    command: str
    expected: list[str] = field(default_factory=list)


@pytest.mark.parametrize("document", ["tutorial.md", "how-to/undo.md", "how-to/decide-by-hand.md", "how-to/explain.md"])
def test_what_a_document_tells_to_do_goes_as_told(document: str, tmp_path: Path) -> None:
    folder = tmp_path
    for step in steps((ROOT / "docs" / document).read_text(encoding="utf-8")):
        if step.command.startswith("cd "):
            folder = folder / step.command.removeprefix("cd ")
            continue
        shown = _run(step.command, folder)
        missing = _not_found_in_order(step.expected, shown)
        assert not missing, f"$ {step.command}\nlacks: {missing[0]}\n--- it shows\n{shown}"


def test_the_set_up_of_the_readme_is_two_commands_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [step.command for step in steps(text.partition("## Set up")[2].partition("\n## ")[0])]
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(commands) == 2
    assert {c.removeprefix("make ") for c in commands} <= targets


def test_the_first_minutes_of_the_readme_go_as_told(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## First minutes")[2]
    found = list(steps(text))
    assert found
    for step in found:
        shown = _run(step.command.replace(".venv/bin/accord", "accord"), tmp_path)
        missing = _not_found_in_order(step.expected, shown)
        assert not missing, f"$ {step.command}\nlacks: {missing[0]}\n--- it shows\n{shown}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def steps(text: str) -> Iterator[Step]:
    for block in _BLOCK.findall(text):
        step: Step | None = None
        for line in block.splitlines():
            if line.startswith("$ "):
                if step is not None:
                    yield step
                step = Step(line.removeprefix("$ "))
            elif step is not None and line.strip():
                step.expected.append(line)
        if step is not None:
            yield step


def _run(command: str, folder: Path) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**kept, "PATH": path, "COLUMNS": "160"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"$ {command}\nended with {ended.returncode}\n{ended.stdout}"
    return ended.stdout


def _not_found_in_order(expected: list[str], shown: str) -> list[str]:
    """Return the expected lines that do not come, in order; `...` stands for anything, blanks count as one."""
    waiting = [line for line in expected if line.strip() != "..."]
    for line in shown.splitlines():
        if waiting and _pattern(waiting[0]).search(" ".join(line.split())):
            waiting.pop(0)
    return waiting


def _pattern(line: str) -> re.Pattern[str]:
    parts = (re.escape(" ".join(part.split())) for part in line.split("..."))
    return re.compile(".*".join(parts))


def test_every_fault_that_is_kept_out_names_tests_and_scenarios_that_exist() -> None:
    text = (ROOT / "docs" / "explanation" / "faults.md").read_text(encoding="utf-8")
    tests = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    scenarios = {f.relative_to(ROOT / "tests" / "scenarios").with_suffix("").as_posix()
                 for f in (ROOT / "tests" / "scenarios").rglob("*.yaml")}  # fmt: skip
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    for row in rows:
        named = re.findall(r"`([a-z_/]+)`", row.split(" | ")[1])
        assert named or "The same." in row, row
        missing = [n for n in named if (n not in scenarios if "/" in n else f"def {n}(" not in tests)]
        assert not missing, row
    assert len(rows) == 35
