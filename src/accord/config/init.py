"""Writes a small commented configuration that works: five people, one identity type, two rules, one target."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from accord.model.errors import UsageError

# A file called .gitignore would act on Accord's own repository.
_RENAMED = {"gitignore": ".gitignore"}


def init(folder: Path) -> tuple[Path, ...]:
    """Write the example into the folder and return the files written, in order.

    Raises UsageError, before anything is written, when one of the files exists.
    """
    starter = sorted(_files(files("accord.config") / "starter", Path()))
    targets = [(folder / path, content) for path, content in starter]
    existing = [str(path) for path, _ in targets if path.exists()]
    if existing:
        raise UsageError(
            f"there is a file already: {', '.join(existing)}", place=str(folder), remedy="name a new folder"
        )
    for path, content in targets:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tuple(path for path, _ in targets)


def _files(folder: Traversable, under: Path) -> Iterator[tuple[Path, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, under / entry.name)
        else:
            yield under / _RENAMED.get(entry.name, entry.name), entry.read_bytes()
