"""Commands about the configuration folder: begin one, check one, schemas for editors."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give, say, warn


def init(
    folder: Annotated[Path | None, Parameter(name="FOLDER", help="A new folder; else --config or here.")] = None,
    /,
    *,
    options: Options = DEFAULTS,
) -> int:
    """Write a small commented configuration that works: five people, one identity type, two rules, one target."""
    from accord.cli.tables.parts import cell
    from accord.operations.configuration import begin

    target = folder or options.config or Path()
    begun = begin(target)
    rows = [{"file": name} for name in begun.files]
    give(
        Answer(data=begun, rows=rows, table=lambda: [cell(name) for name in begun.files]),
        options,
    )
    inside = "" if target == Path() else f" -c {target}"
    say(f"next: accord plan --import{inside} to see what would change, accord cycle{inside} to do it", options)
    return ExitCode.OK


def validate(*, options: Options = DEFAULTS) -> int:
    """Check the configuration without touching any system; report everything that is wrong at once."""
    from accord.app import load_configuration
    from accord.cli.tables.checks import checked_page
    from accord.operations.configuration import check

    checked = check(lambda: load_configuration(options.config))
    for warning in checked.warnings:
        warn(f"warning: {warning.place}: {warning.message}")
        say(f"  remedy: {warning.remedy}", options)
    give(Answer(data=checked, rows=checked.warnings, table=lambda: checked_page(checked)), options)
    return ExitCode.OK


def schema(
    kind: Annotated[
        str | None, Parameter(name="KIND", help="accord, systems, types, rules or lookups; else all.")
    ] = None,
    /,
    *,
    to: Annotated[Path | None, Parameter(name="--to", help="Write KIND.json into this folder.")] = None,
    options: Options = DEFAULTS,
) -> int:
    """Write the JSON Schema of configuration files, by which editors complete, explain and check.

    Without KIND or --to the names of the kinds are listed.
    """
    from accord.operations.configuration import schema_of, schema_texts

    texts = {kind: schema_of(kind)} if kind else schema_texts()
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (to / f"{name}.json").write_text(text, encoding="utf-8")
        say(f"wrote {', '.join(f'{name}.json' for name in texts)} to {to}", options)
    elif kind:
        sys.stdout.write(texts[kind])
    else:
        from accord.cli.tables.parts import cell

        rows = [{"kind": name} for name in texts]
        give(Answer(data=list(texts), rows=rows, table=lambda: [cell(name) for name in texts]), options)
    return ExitCode.OK
