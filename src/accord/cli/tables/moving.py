"""What taking in a configuration changes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from accord.cli.tables.parts import cell

if TYPE_CHECKING:
    from rich.console import RenderableType

    from accord.operations.administration.moving import Imported

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def imported_page(found: "Imported") -> "Iterator[RenderableType]":
    """Yield the files that differ with their fields, what is unfinished, and the revision."""
    for file in found.files:
        yield cell(f"{_SIGNS[file.change]} {file.file}")
        for field in file.fields:
            yield cell(f"    {'.'.join(field.field)}: {_shown(field.before)} -> {_shown(field.after)}")
    for draft in found.drafts:
        yield cell(f"draft {draft.place}: {draft.message}")
    if not found.files:
        yield cell("nothing changes")
    elif found.revision is not None:
        yield cell(f"revision {found.revision}")


def _shown(value: object) -> str:
    return "none" if value is None else str(value)
