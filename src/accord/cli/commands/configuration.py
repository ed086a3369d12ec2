"""Commands about the configuration folder: begin one, check one, schemas for editors."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give, say, warn
from accord.model.errors import UsageError


def init(
    folder: Annotated[Path | None, Parameter(name="FOLDER", help="A new folder; else --config or here.")] = None,
    /,
    *,
    options: Options = DEFAULTS,
) -> int:
    """Write a small commented configuration that works: five people, one identity type, two rules, one target.

    With --data and no folder it is a store for a server instead, and the first API key is printed, this once.
    """
    from accord.cli.tables.parts import cell
    from accord.operations.configuration import begin

    if folder is None and options.config is None and options.data is not None:
        return _begin_store(options, options.data)
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


def _begin_store(options: Options, data: Path) -> int:
    from accord.app import open_kept
    from accord.cli.tables.parts import cell
    from accord.operations.keys import first_key

    with open_kept(data) as accord:
        made = first_key(accord.context)
    if made is None:
        raise UsageError(f"the store in {data} has API keys already", remedy="make another over HTTP, with one of them")
    shown = {"key": made.secret, "name": made.key.name, "roles": sorted(made.key.roles)}
    give(Answer(data=shown, rows=[shown], table=lambda: [cell(made.secret)]), options)
    say(f"next: accord serve --data {data}; the key above is not shown again", options)
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
