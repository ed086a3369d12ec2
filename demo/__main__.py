"""Runs the demonstration: `python -m demo`. Everything lives in `.demo/`; nothing outside is touched."""

import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from accord.app import Accord, open_accord
from accord.model.errors import AccordError, Held
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import
from accord.runs.sync_run import apply_plan, run_plan, run_sync
from demo import people, screen, targets
from demo.expectations import expect

FOLDER = Path(".demo")
SOURCES = ("hr", "departments", "phones")


def main() -> int:
    """Run every step; return 0 when each did what it should."""
    started = time.monotonic()
    console = Console(highlight=False, width=min(Console().width, 110))
    try:
        with ExitStack() as stack:
            _run(console, stack)
    except (AccordError, AssertionError) as error:
        console.print(f"[red]demo: failed[/red] {error}")
        return 1
    console.print(f"[bold green]demo: ok[/] [dim]in {time.monotonic() - started:.0f} s; look around with "
                  f".venv/bin/accord status --config {FOLDER}[/]")  # fmt: skip
    return 0


def _run(console: Console, stack: ExitStack) -> None:
    everyone = _make_world()
    target = stack.enter_context(targets.open_target(FOLDER))
    console.print(
        f"[bold]Accord[/]: {len(everyone)} people from an Excel workbook, phones from SQLite, into {target.title}\n"
    )
    accord = stack.enter_context(open_accord(FOLDER, actor="demo"))
    context = accord.context
    for system in (*SOURCES, "directory"):
        screen.show_import(console, system, run_import(context, system), accord)
    planned = run_plan(context)
    screen.show_plan(console, planned)
    _check(not planned.breaches, "the guard should let the first plan pass")
    apply_plan(context, planned.plan_id or "")
    screen.show_export(console, "directory", run_export(context, "directory"))
    screen.show_import(console, "directory", run_import(context, "directory"), accord)
    wanted = expect(everyone)
    found = target.read()
    _check(found.problems(wanted) == [], "; ".join(found.problems(wanted)[:5]))
    screen.show_verification(console, found, target.reader)
    _run_again(console, accord)
    _run_truncated(console, accord, everyone, target)
    screen.show_explanation(console, accord, "E00007", "mail")


def _make_world() -> list[people.Person]:
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    shutil.copytree(Path(__file__).parent / "configuration", FOLDER)
    (FOLDER / "data").mkdir()
    everyone = people.make_people()
    people.write_workbook(FOLDER / "data" / "hr.xlsx", everyone)
    people.write_phones(FOLDER / "data" / "phones.db", everyone)
    return everyone


def _run_again(console: Console, accord: Accord) -> None:
    for system in (*SOURCES, "directory"):
        run_import(accord.context, system)
    synchronised = run_sync(accord.context)
    exported = run_export(accord.context, "directory")
    changes = [c for c in (*synchronised.counts, *exported.counts) if c.area != "errors"]
    _check(not changes, f"a second run should change nothing, but: {changes[:3]}")
    screen.show_again(console, synchronised)


def _run_truncated(console: Console, accord: Accord, everyone: list[people.Person], target: targets.Target) -> None:
    before = target.read()
    people.write_workbook(FOLDER / "data" / "hr.xlsx", everyone[:400])
    try:
        run_import(accord.context, "hr")
    except Held as held:
        screen.show_held(console, held)
    else:
        raise AssertionError("a truncated workbook should be held")
    run_sync(accord.context)
    run_export(accord.context, "directory")
    _check(target.read() == before, "nothing should have been written")
    people.write_workbook(FOLDER / "data" / "hr.xlsx", everyone)


def _check(holds: bool, message: str) -> None:  # noqa: FBT001 - an assertion that optimised runs keep
    if not holds:
        raise AssertionError(message)


if __name__ == "__main__":
    sys.exit(main())
