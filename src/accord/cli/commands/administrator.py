"""The command that lets people sign in to the portal by password."""

import sys
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give, say
from accord.cli.session import reading, writing
from accord.model.errors import UsageError

if TYPE_CHECKING:
    from accord.operations.access import Role


def administrator(
    what: Annotated[Literal["list", "add", "remove"], Parameter(name="WHAT", help="list, add or remove.")] = "list",
    name: Annotated[str, Parameter(name="NAME", help="Who; needed to add and to remove.")] = "",
    /,
    *,
    role: Annotated[
        list[str] | None, Parameter(name="--role", negative=(), help="What they may do; may be repeated.")
    ] = None,
    options: Options = DEFAULTS,
) -> int:
    """Let people sign in to the portal by name and password; the password is asked for, or read from a pipe."""
    from accord.cli.tables.administrators import administrator_table
    from accord.operations.administrators import add_administrator, list_administrators, remove_administrator

    if what == "list":
        with reading(options) as accord:
            found = list_administrators(accord.context)
        give(Answer(data=found, rows=found, table=lambda: [administrator_table(found)]), options)
        return ExitCode.OK
    if not name:
        raise UsageError(f"nobody is named to {what}", remedy=f"accord administrator {what} NAME")
    with writing(options) as accord:
        if what == "remove":
            remove_administrator(accord.context, name)
        else:
            add_administrator(accord.context, name, _password(), _roles(role))
    say(f"{name} {'may sign in' if what == 'add' else 'may sign in no longer'}", options)
    return ExitCode.OK


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password: ")
    if getpass("The same again: ") != password:
        raise UsageError("the two passwords differ", remedy="try again")
    return password


def _roles(given: list[str] | None) -> "frozenset[Role]":
    from accord.operations.access import Role

    try:
        return frozenset(Role(name.capitalize()) for name in given or [Role.ADMINISTRATOR])
    except ValueError as error:
        raise UsageError(f"{error}", remedy=f"use one of: {', '.join(Role)}") from error
