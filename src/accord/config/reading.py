"""Reads the files of a configuration into their shapes; every mistake is noted, and reading goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
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
from accord.config.findings import Findings
from accord.config.lookups import read_csv_lookup
from accord.config.places import FileKind, Places
from accord.config.shape import Source, shaped
from accord.config.timetable import ScheduleFile
from accord.config.tree import Keys, Scalar, as_values, read_tree

ACCORD_FILE = "accord.yaml"

Files = Mapping[str, bytes]
"""The content of every file by its path in the folder: `accord.yaml`, `systems/hr.yaml`, `lookups/sites.csv`."""

_NAME_KEY = {FileKind.SYSTEM: "system", FileKind.TYPE: "type", FileKind.RULE: "rule", FileKind.LOOKUP: "lookup",
             FileKind.SCHEDULE: "schedule"}  # fmt: skip
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
    schedules: Mapping[str, ScheduleFile]


def read_files(files: Files, places: Places, findings: Findings) -> FilesRead:
    """Return what the files hold."""
    reading = _Reading(files, places, findings)
    systems = reading.shapes(FileKind.SYSTEM, SystemFile)
    return FilesRead(
        accord=reading.accord(),
        systems=systems,
        settings={name: reading.settings(name) for name in systems},
        types=reading.shapes(FileKind.TYPE, IdentityTypeFile),
        rules=reading.rules(),
        lookups=reading.lookups(),
        schedules=reading.shapes(FileKind.SCHEDULE, ScheduleFile),
    )


@dataclass(slots=True)
class _Reading:
    files: Files
    places: Places
    findings: Findings
    _trees: dict[str, Keys | None] = field(default_factory=dict)

    def accord(self) -> AccordFile:
        shape = self._shape(AccordFile, ACCORD_FILE, FileKind.ACCORD) if ACCORD_FILE in self.files else None
        return shape or AccordFile()

    def shapes(self, kind: FileKind, model: type[_Shape]) -> dict[str, _Shape]:
        shapes = {_stem(file): self._shape(model, file, kind) for file in self._yaml_files(kind)}
        return {name: shape for name, shape in shapes.items() if shape is not None}

    def rules(self) -> dict[str, InboundRuleFile | OutboundRuleFile]:
        rules: dict[str, InboundRuleFile | OutboundRuleFile] = {}
        for file in self._yaml_files(FileKind.RULE):
            model = self._rule_model(file)
            rule = self._shape(model, file, FileKind.RULE) if model else None
            if rule is None:
                self.places.broken.add((FileKind.RULE, _stem(file)))
            else:
                rules[_stem(file)] = rule
        return rules

    def lookups(self) -> dict[str, Mapping[str, str]]:
        written = self.shapes(FileKind.LOOKUP, LookupFile)
        lookups: dict[str, Mapping[str, str]] = {name: lookup.values for name, lookup in written.items()}
        for file in self._files(FileKind.LOOKUP, ".csv"):
            name = _stem(file)
            if name in lookups:
                message = f"the lookup {name!r} is here twice, as YAML and as CSV"
                self.findings.error(message, place=file, remedy="remove one of the files")
                continue
            table = read_csv_lookup(self.files[file], file, self.findings)
            lookups[name] = table if table is not None else {}
        return lookups

    def settings(self, system: str) -> Mapping[str, object]:
        _, tree = self.places.trees[FileKind.SYSTEM, system]
        node = tree.entries.get("settings")
        values = as_values(node) if node is not None else {}
        return values if isinstance(values, dict) else {}

    def _files(self, kind: FileKind, suffix: str) -> list[str]:
        return sorted(file for file in self.files if file.startswith(f"{kind}/") and file.endswith(suffix))

    def _yaml_files(self, kind: FileKind) -> list[str]:
        for file in self._files(kind, ".yml"):
            self.findings.error("the name must end in .yaml", place=file, remedy=f"rename it to {_stem(file)}.yaml")
        return self._files(kind, ".yaml")

    def _shape(self, model: type[_Shape], file: str, kind: FileKind) -> _Shape | None:
        tree = self._tree(file)
        shape = shaped(model, Source(file, tree, self.findings)) if tree is not None else None
        if shape is None or tree is None:
            self.places.broken.add((kind, _stem(file)))
            return None
        self.places.trees[kind, _stem(file)] = (file, tree)
        return shape if self._is_named_after(shape, file, kind) else None

    def _is_named_after(self, shape: BaseModel, file: str, kind: FileKind) -> bool:
        key, stem = _NAME_KEY.get(kind), _stem(file)
        name = getattr(shape, key) if key else stem
        if name == stem:
            return True
        self.places.broken.update({(kind, name), (kind, stem)})
        self.findings.error(
            f"the file declares the {key} {name!r}",
            place=self.places(kind, stem, str(key)),
            remedy=f"write `{key}: {stem}`, or rename the file to {name}.yaml",
        )
        return False

    def _rule_model(self, file: str) -> type[InboundRuleFile] | type[OutboundRuleFile] | None:
        tree = self._tree(file)
        if tree is None:
            return None
        given = tree.entries.get("direction")
        direction = given.text if isinstance(given, Scalar) else ""
        if direction not in _RULE_MODELS:
            message = f"the direction {direction!r} is not possible" if given else "the key direction is missing"
            place = f"{file}:{tree.lines.get('direction', 1)}"
            self.findings.error(message, place=place, remedy="write `direction: inbound` or `direction: outbound`")
        return _RULE_MODELS.get(direction)

    def _tree(self, file: str) -> Keys | None:
        if file not in self._trees:
            tree, found = _parsed(self.files[file], file)
            self.findings.errors += found.errors
            self._trees[file] = tree
        return self._trees[file]


@lru_cache(maxsize=4_096)
def _parsed(content: bytes, file: str) -> tuple[Keys | None, Findings]:
    # A server reads the same files again after every change of one of them.
    findings = Findings()
    return read_tree(content, file, findings), findings


def _stem(file: str) -> str:
    return PurePosixPath(file).stem
