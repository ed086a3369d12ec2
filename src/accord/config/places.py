"""Where in the folder each declared thing stands, down to the line of one key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from accord.config.rules import every_rule
from accord.config.tree import Keys, Step, line_of
from accord.model.rules import RuleSet


class FileKind(StrEnum):
    """The kinds of files; each but ACCORD is the folder its files are in."""

    ACCORD = "accord"
    SYSTEM = "systems"
    TYPE = "types"
    RULE = "rules"
    LOOKUP = "lookups"
    SCHEDULE = "schedules"


PlaceOf = Callable[..., str]
"""`place_of(kind, name, *path)` returns the place of a key of a declared thing, as near as it is known."""


@dataclass(slots=True)
class Places:
    """The trees of the files read. `broken` are the names of files that could not be used."""

    trees: dict[tuple[FileKind, str], tuple[str, Keys]] = field(default_factory=dict)
    broken: set[tuple[FileKind, str]] = field(default_factory=set)

    def __call__(self, kind: FileKind, name: str, *path: Step) -> str:
        """Return `file:line` of the key at the path."""
        found = self.trees.get((kind, name))
        if found is None:
            return f"{kind}/{name}.yaml"
        file, tree = found
        return f"{file}:{line_of(tree, path)}"


def declared_places(rules: RuleSet) -> PlaceOf:
    """Return places for rules that were not read from a folder: what each carries, else its kind and name."""
    known: Mapping[tuple[FileKind, str], str] = {
        **{(FileKind.SYSTEM, s.name): s.place for s in rules.systems.values()},
        **{(FileKind.TYPE, t.name): t.place for t in rules.identity_types.values()},
        **{(FileKind.RULE, r.name): r.place for r in every_rule(rules)},
    }

    def place_of(kind: FileKind, name: str, *path: Step) -> str:
        within = ".".join(str(step) for step in path)
        head = known.get((kind, name)) or f"{kind}/{name}"
        return f"{head} ({within})" if within else head

    return place_of
