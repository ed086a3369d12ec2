"""Takes the files of a configuration from a folder, and tells of those that would be passed over in silence."""

from pathlib import Path

from accord.config.findings import Findings, suggest
from accord.config.lookups import MAX_BYTES as MAX_LOOKUP_BYTES
from accord.config.places import FileKind
from accord.config.reading import ACCORD_FILE
from accord.config.tree import MAX_BYTES
from accord.model.errors import ConfigError

FOLDERS = tuple(kind for kind in FileKind if kind is not FileKind.ACCORD)


def folder_files(folder: Path, findings: Findings) -> dict[str, bytes]:
    """Return the content of every file by its path; raises ConfigError when it is no configuration folder at all."""
    if not (folder / ACCORD_FILE).is_file() and not any((folder / kind).is_dir() for kind in FOLDERS):
        raise ConfigError(
            "there is no configuration in this folder", place=str(folder), remedy="run `accord init` to make one"
        )
    _note_strays(folder, findings)
    paths = [folder / ACCORD_FILE] if (folder / ACCORD_FILE).is_file() else []
    for kind in FOLDERS:
        paths += [path for path in sorted((folder / kind).glob("*")) if _is_read(path, kind)]
    contents = {path.relative_to(folder).as_posix(): _content(path, folder, findings) for path in paths}
    return {name: content for name, content in contents.items() if content is not None}


def _is_read(path: Path, kind: FileKind) -> bool:
    suffixes = {".yaml", ".yml", ".csv"} if kind is FileKind.LOOKUP else {".yaml", ".yml"}
    return path.suffix in suffixes and not path.name.startswith(".")


def _content(path: Path, folder: Path, findings: Findings) -> bytes | None:
    most = MAX_LOOKUP_BYTES if path.suffix == ".csv" else MAX_BYTES
    try:
        with path.open("rb") as stream:
            # One byte more than allowed tells that there is more, whatever the size of the file.
            return stream.read(most + 1)
    except OSError as error:
        findings.error(
            f"the file cannot be read: {error.strerror}",
            place=path.relative_to(folder).as_posix(),
            remedy="check its rights",
        )
        return None


def _note_strays(folder: Path, findings: Findings) -> None:
    """Note YAML at the top, or in a folder whose name is misspelt."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in (ACCORD_FILE, *FOLDERS):
            continue
        close = suggest(path.name, FOLDERS)
        if path.is_file() and path.suffix in {".yaml", ".yml"}:
            remedy = f"put it into one of the folders {', '.join(FOLDERS)}"
            findings.error("this file belongs to nothing", place=path.name, remedy=remedy)
        elif path.is_dir() and close.startswith("did you mean") and any(path.glob("*.y*ml")):
            findings.error("no folder of this name is read", place=path.name, remedy=close)
