"""Commands about the configuration that a store keeps: take in a folder, write one, secrets."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give, say

Folder = Annotated[Path, Parameter(name="FOLDER", help="A configuration folder.")]
SecretName = Annotated[str, Parameter(name="NAME", help="The name: `secret:NAME` in a setting.")]


def import_(
    folder: Folder,
    /,
    *,
    dry_run: Annotated[bool, Parameter(name="--dry-run", negative="", help="Only show what would change.")] = False,
    drafts: Annotated[
        bool, Parameter(name="--drafts", negative="", help="Take in what is new and unfinished, too; it does not run.")
    ] = False,
    reason: Annotated[str, Parameter(name="--reason", help="Why, for the record.")] = "",
    options: Options = DEFAULTS,
) -> int:
    """Let the configuration that the server's store keeps be that of a folder, as one revision."""
    from accord.app import open_kept
    from accord.cli.tables.moving import imported_page
    from accord.operations.administration.desk import Desk
    from accord.operations.administration.moving import import_folder

    with open_kept(options.data) as accord:
        found = import_folder(Desk(accord.context), folder, reason=reason, drafts=drafts, dry_run=dry_run)
    give(Answer(data=found, rows=found.files, table=lambda: imported_page(found)), options)
    return ExitCode.OK


def export(
    folder: Folder,
    /,
    *,
    replace: Annotated[
        bool, Parameter(name="--replace", negative="", help="Write over the configuration in the folder.")
    ] = False,
    options: Options = DEFAULTS,
) -> int:
    """Write the configuration that the server's store keeps into a folder, byte for byte what it keeps."""
    from accord.app import open_kept
    from accord.cli.tables.parts import cell
    from accord.operations.administration.desk import Desk
    from accord.operations.administration.moving import export_folder

    with open_kept(options.data) as accord:
        written = export_folder(Desk(accord.context), folder, replace=replace)
    rows = [{"file": name} for name in written.files]
    give(Answer(data=written, rows=rows, table=lambda: [cell(name) for name in written.files]), options)
    return ExitCode.OK


def set_secret(name: SecretName, /, *, options: Options = DEFAULTS) -> int:
    """Keep a secret in the store, encrypted; it is asked for, or read from standard input."""
    from accord.app import open_kept
    from accord.operations.administration.secrets import keep_secret

    value = getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    with open_kept(options.data) as accord:
        keep_secret(accord.context, name, value)
    say(f"write secret:{name} where it is needed", options)
    return ExitCode.OK


def list_secrets(*, options: Options = DEFAULTS) -> int:
    """List the names of the secrets that the store keeps."""
    from accord.app import open_kept
    from accord.cli.tables.parts import cell
    from accord.operations.administration.secrets import secret_names

    with open_kept(options.data) as accord:
        names = secret_names(accord.context)
    give(Answer(data=names, rows=[{"name": n} for n in names], table=lambda: [cell(n) for n in names]), options)
    return ExitCode.OK


def rotate_secrets(*, options: Options = DEFAULTS) -> int:
    """Seal every secret with a new key, and forget the old one."""
    from accord.app import open_kept
    from accord.operations.administration.secrets import rotate_key

    with open_kept(options.data) as accord:
        count = rotate_key(accord.context)
    say(f"{count} secret{'' if count == 1 else 's'} sealed with a new key", options)
    return ExitCode.OK
