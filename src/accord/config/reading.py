"""Reads the files of a configuration folder into their shapes; every mistake is noted, and reading goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from accord.config.files import (
    AccordFile,
    IdentityTypeFile,
    InboundRuleFile,
    LookupFile,
    OutboundRuleFile,
    SystemFile,
)
from accord.config.findings import Findings, suggest
from accord.config.lookups import read_csv_lookup
from accord.config.places import FileKind, Places
from accord.config.shape import Source, shaped
from accord.config.tree import MAX_BYTES, Keys, Scalar, as_values, read_tree
from accord.model.errors import ConfigError

ACCORD_FILE = "accord.yaml"
FOLDERS = tuple(kind for kind in FileKind if kind is not FileKind.ACCORD)

_NAME_KEY = {FileKind.SYSTEM: "system", FileKind.TYPE: "type", FileKind.RULE: "rule", FileKind.LOOKUP: "lookup"}
_RULE_MODELS: Mapping[str, type[InboundRuleFile] | type[OutboundRuleFile]] = {
    "inbound": InboundRuleFile,
    "outbound": OutboundRuleFile,
}
_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesRead:
    """The shapes of all files that could be used, by name; `settings` by system, with YAML's own values."""

    accord: AccordFile
    systems: Mapping[str, SystemFile]
    settings: Mapping[str, Mapping[str, object]]
    types: Mapping[str, IdentityTypeFile]
    rules: Mapping[str, InboundRuleFile | OutboundRuleFile]
    lookups: Mapping[str, Mapping[str, str]]


def read_files(folder: Path, places: Places, findings: Findings) -> FilesRead:
    """Return what the folder holds; raises ConfigError when it is no configuration folder at all."""
    if not (folder / ACCORD_FILE).is_file() and not any((folder / kind).is_dir() for kind in FOLDERS):
        raise ConfigError(
            "there is no configuration in this folder", place=str(folder), remedy="run `accord init` to make one"
        )
    reading = _Reading(folder, places, findings)
    reading.note_strays()
    systems = reading.shapes(FileKind.SYSTEM, SystemFile)
    return FilesRead(
        accord=reading.accord(),
        systems=systems,
        settings={name: reading.settings(name) for name in systems},
        types=reading.shapes(FileKind.TYPE, IdentityTypeFile),
        rules=reading.rules(),
        lookups=reading.lookups(),
    )


@dataclass(slots=True)
class _Reading:
    folder: Path
    places: Places
    findings: Findings
    _trees: dict[Path, Keys] = field(default_factory=dict)

    def accord(self) -> AccordFile:
        path = self.folder / ACCORD_FILE
        shape = self._shape(AccordFile, path, FileKind.ACCORD) if path.is_file() else None
        return shape or AccordFile()

    def shapes(self, kind: FileKind, model: type[_Shape]) -> dict[str, _Shape]:
        shapes = {path.stem: self._shape(model, path, kind) for path in self._yaml_files(kind)}
        return {name: shape for name, shape in shapes.items() if shape is not None}

    def rules(self) -> dict[str, InboundRuleFile | OutboundRuleFile]:
        rules: dict[str, InboundRuleFile | OutboundRuleFile] = {}
        for path in self._yaml_files(FileKind.RULE):
            model = self._rule_model(path)
            rule = self._shape(model, path, FileKind.RULE) if model else None
            if rule is None:
                self.places.broken.add((FileKind.RULE, path.stem))
            else:
                rules[path.stem] = rule
        return rules

    def lookups(self) -> dict[str, Mapping[str, str]]:
        written = self.shapes(FileKind.LOOKUP, LookupFile)
        lookups: dict[str, Mapping[str, str]] = {name: lookup.values for name, lookup in written.items()}
        for path in sorted((self.folder / FileKind.LOOKUP).glob("*.csv")):
            file = _shown(path, FileKind.LOOKUP)
            if path.stem in lookups:
                message = f"the lookup {path.stem!r} is here twice, as YAML and as CSV"
                self.findings.error(message, place=file, remedy="remove one of the files")
                continue
            table = read_csv_lookup(path, file, self.findings)
            lookups[path.stem] = table if table is not None else {}
        return lookups

    def settings(self, system: str) -> Mapping[str, object]:
        _, tree = self.places.trees[FileKind.SYSTEM, system]
        node = tree.entries.get("settings")
        values = as_values(node) if node is not None else {}
        return values if isinstance(values, dict) else {}

    def note_strays(self) -> None:
        """Note YAML that would be passed over in silence: at the top, or in a folder whose name is misspelt."""
        for path in sorted(self.folder.iterdir()):
            if path.name.startswith(".") or path.name in (ACCORD_FILE, *FOLDERS):
                continue
            folder = suggest(path.name, FOLDERS)
            if path.is_file() and path.suffix in {".yaml", ".yml"}:
                remedy = f"put it into one of the folders {', '.join(FOLDERS)}"
                self.findings.error("this file belongs to nothing", place=path.name, remedy=remedy)
            elif path.is_dir() and folder.startswith("did you mean") and any(path.glob("*.y*ml")):
                self.findings.error("no folder of this name is read", place=path.name, remedy=folder)

    def _yaml_files(self, kind: FileKind) -> list[Path]:
        for path in sorted((self.folder / kind).glob("*.yml")):
            remedy = f"rename it to {path.stem}.yaml"
            self.findings.error("the name must end in .yaml", place=_shown(path, kind), remedy=remedy)
        return sorted(p for p in (self.folder / kind).glob("*.yaml") if not p.name.startswith("."))

    def _shape(self, model: type[_Shape], path: Path, kind: FileKind) -> _Shape | None:
        file, tree = _shown(path, kind), self._tree(path, kind)
        shape = shaped(model, Source(file, tree, self.findings)) if tree is not None else None
        if shape is None or tree is None:
            self.places.broken.add((kind, path.stem))
            return None
        self.places.trees[kind, path.stem] = (file, tree)
        return shape if self._is_named_after(shape, path, kind) else None

    def _is_named_after(self, shape: BaseModel, path: Path, kind: FileKind) -> bool:
        key = _NAME_KEY.get(kind)
        name = getattr(shape, key) if key else path.stem
        if name == path.stem:
            return True
        self.places.broken.update({(kind, name), (kind, path.stem)})
        self.findings.error(
            f"the file declares the {key} {name!r}",
            place=self.places(kind, path.stem, str(key)),
            remedy=f"write `{key}: {path.stem}`, or rename the file to {name}.yaml",
        )
        return False

    def _rule_model(self, path: Path) -> type[InboundRuleFile] | type[OutboundRuleFile] | None:
        tree = self._tree(path, FileKind.RULE)
        if tree is None:
            return None
        given = tree.entries.get("direction")
        direction = given.text if isinstance(given, Scalar) else ""
        if direction not in _RULE_MODELS:
            message = f"the direction {direction!r} is not possible" if given else "the key direction is missing"
            place = f"{_shown(path, FileKind.RULE)}:{tree.lines.get('direction', 1)}"
            self.findings.error(message, place=place, remedy="write `direction: inbound` or `direction: outbound`")
        return _RULE_MODELS.get(direction)

    def _tree(self, path: Path, kind: FileKind) -> Keys | None:
        if path in self._trees:
            return self._trees[path]
        file = _shown(path, kind)
        try:
            with path.open("rb") as stream:
                # One byte more than allowed tells that there is more, whatever the size of the file.
                content = stream.read(MAX_BYTES + 1)
        except OSError as error:
            self.findings.error(f"the file cannot be read: {error.strerror}", place=file, remedy="check its rights")
            return None
        tree = read_tree(content, file, self.findings)
        if tree is not None:
            self._trees[path] = tree
        return tree


def _shown(path: Path, kind: FileKind) -> str:
    return path.name if kind is FileKind.ACCORD else f"{kind}/{path.name}"
