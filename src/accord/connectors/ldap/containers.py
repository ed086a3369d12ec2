"""Which part of the tree is read: search bases, and the entries below them that are left out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from accord.connectors.ldap.client import Scope
from accord.connectors.ldap.dn import ancestors, name_key, normalise, split


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A place in the tree that is read, or left out: with all below it, or only what is directly below."""

    dn: str
    is_included: bool = True
    is_one_level: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBase:
    """Where one search begins and how deep it goes."""

    dn: str
    scope: Scope


class Containers:
    """The deepest container that covers an entry decides whether it is read."""

    def __init__(self, containers: Sequence[Container], partitions: Sequence[str]) -> None:
        declared = {name_key(c.dn): c for c in containers}
        if not any(c.is_included for c in containers):
            declared = {name_key(dn): Container(dn=dn) for dn in partitions} | declared
        self._containers = declared
        self._has_exclusions = any(not c.is_included for c in declared.values())
        self._is_nested = any(self._deepest(key, is_own=False) for key in declared)
        self._searched = {
            key: SearchBase(dn=normalise(c.dn), scope=Scope.ONE_LEVEL if c.is_one_level else Scope.SUBTREE)
            for key, c in declared.items()
            if c.is_included and not self._is_searched_from_above(key)
        }
        self.bases: tuple[SearchBase, ...] = tuple(self._searched.values())

    @property
    def takes_all(self) -> bool:
        """Tell whether every entry a search finds is wanted, so that none need be looked at."""
        return not (self._has_exclusions or self._is_nested)

    def reads(self, dn: str) -> bool:
        """Tell whether an entry of this name is read at all."""
        deepest = self._deepest(name_key(dn), is_own=True)
        return deepest is not None and deepest.is_included

    def covers(self, dn: str, found_from: SearchBase) -> bool:
        """Tell whether an entry is wanted from this search, so that no entry comes twice."""
        key = name_key(dn)
        deepest = self._deepest(key, is_own=True)
        return deepest is not None and deepest.is_included and self._nearest_base(key) == found_from

    def _deepest(self, key: str, *, is_own: bool) -> Container | None:
        own = self._containers.get(key) if is_own else None
        if own is not None and not own.is_one_level:
            return own
        parent = split(key)[1]
        for ancestor in ancestors(key):
            container = self._containers.get(ancestor)
            if container is not None and (ancestor == parent or not container.is_one_level):
                return container
        return None

    def _nearest_base(self, key: str) -> SearchBase | None:
        own = self._searched.get(key)
        if own is not None and own.scope is Scope.SUBTREE:
            return own
        parent = split(key)[1]
        for ancestor in ancestors(key):
            base = self._searched.get(ancestor)
            if base is not None and (ancestor == parent or base.scope is Scope.SUBTREE):
                return base
        return None

    def _is_searched_from_above(self, key: str) -> bool:
        above = (self._containers.get(ancestor) for ancestor in ancestors(key))
        return any(c is not None and c.is_included and not c.is_one_level for c in above)
