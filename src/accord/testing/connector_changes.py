"""What a connector that reads changes must pass; part of `accord.testing.connector_suite`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import pytest

from accord.connectors.base import ANCHOR, AT, ChangeReader, Connector
from accord.model.errors import WatermarkLost
from accord.testing.connector_harness import SystemUnderTest, Values, opened, scope_of


class ChangingSystem(SystemUnderTest, Protocol):
    """What the system of a kind with `can_read_changes` offers besides; `seed` may be called again to add objects."""

    def change(self, key: str, values: Values) -> None:
        """Give the object with that key these values; others stay."""

    def remove(self, key: str) -> None:
        """Delete the object with that key."""


@dataclass(slots=True)
class ChangesRead:
    """What one reading of changes yielded: the last state of each object by anchor, what is gone, where to go on."""

    rows: dict[str | None, dict[str, Any]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    watermark: str = ""


class ChangesSuite:
    """Nothing is missed, nothing is invented, and what cannot be told is said to be lost."""

    def test_nothing_changed_is_nothing_read(self, system: SystemUnderTest) -> None:
        """Still one batch per object type, with where to continue."""
        with _reading(system) as (reader, _):
            system.seed({"a1": _text(system, "old")})
            read = _read(system, reader, reader.watermark())
        assert (read.rows, read.removed) == ({}, set())
        assert read.watermark

    def test_each_change_is_exactly_what_comes(self, system: SystemUnderTest) -> None:
        """Added, changed and removed objects, with their values of now; the others do not come."""
        with _reading(system) as (reader, changing):
            system.seed({key: _text(system, "old") for key in ("a1", "a2", "a3")})
            since = reader.watermark()
            anchor = system.anchor_of("a3")
            system.seed({"b1": _text(system, "added")})
            changing.change("a2", _text(system, "changed"))
            changing.remove("a3")
            read = _read(system, reader, since)
        assert read.removed == {anchor}
        assert _texts(system, read) == {system.anchor_of("b1"): "added", system.anchor_of("a2"): "changed"}

    def test_one_reading_goes_on_where_the_other_ended(self, system: SystemUnderTest) -> None:
        """Each change comes once; the watermark outlives the connection."""
        with _reading(system) as (reader, changing):
            system.seed({"a1": _text(system, "old"), "a2": _text(system, "old")})
            since = reader.watermark()
            changing.change("a1", _text(system, "first"))
            first = _read(system, reader, since)
        with _reading(system) as (reader, changing):
            changing.change("a2", _text(system, "second"))
            second = _read(system, reader, first.watermark)
            third = _read(system, reader, second.watermark)
        assert _texts(system, first) == {system.anchor_of("a1"): "first"}
        assert _texts(system, second) == {system.anchor_of("a2"): "second"}
        assert (third.rows, third.removed) == ({}, set())

    def test_the_first_change_of_an_empty_system_is_seen(self, system: SystemUnderTest) -> None:
        """A watermark of nothing is a watermark."""
        with _reading(system) as (reader, _):
            since = reader.watermark()
            system.seed({"a1": _text(system, "new")})
            read = _read(system, reader, since)
        assert _texts(system, read) == {system.anchor_of("a1"): "new"}

    def test_changes_during_a_full_read_are_not_missed(self, system: SystemUnderTest) -> None:
        """What happens after the watermark comes with the changes, whether the full read saw it or not."""
        with _reading(system) as (reader, changing):
            system.seed({"a1": _text(system, "old"), "a2": _text(system, "old")})
            anchor = system.anchor_of("a2")
            since = reader.watermark()
            changing.change("a1", _text(system, "meanwhile"))
            list(cast("Connector", reader).read(scope_of(system)))
            changing.remove("a2")
            read = _read(system, reader, since)
        assert _texts(system, read) == {system.anchor_of("a1"): "meanwhile"}
        assert read.removed == {anchor}

    def test_an_object_that_was_removed_and_made_again_is_there(self, system: SystemUnderTest) -> None:
        """The last state counts."""
        with _reading(system) as (reader, changing):
            system.seed({"a1": _text(system, "old")})
            since = reader.watermark()
            changing.remove("a1")
            system.seed({"a1": _text(system, "again")})
            read = _read(system, reader, since)
        assert _texts(system, read) == {system.anchor_of("a1"): "again"}
        assert system.anchor_of("a1") not in read.removed

    @pytest.mark.parametrize("watermark", ["", "17", "garbage", "{}", "[]", '{"kind": "other", "scope": "x"}'])
    def test_a_foreign_watermark_is_lost(self, system: SystemUnderTest, watermark: str) -> None:
        """Never taken for one that shows nothing, or everything."""
        with _reading(system) as (reader, _):
            system.seed({"a1": _text(system, "old")})
            with pytest.raises(WatermarkLost) as raised:
                _read(system, reader, watermark)
        assert raised.value.remedy


@contextmanager
def _reading(system: SystemUnderTest) -> Iterator[tuple[ChangeReader, ChangingSystem]]:
    if not system.kind.capabilities.can_read_changes:
        pytest.skip("not declared by this kind")
    with opened(system) as connector:
        yield cast("ChangeReader", connector), cast("ChangingSystem", system)


def _read(system: SystemUnderTest, reader: ChangeReader, since: str) -> ChangesRead:
    read = ChangesRead()
    batches = list(reader.read_changes(scope_of(system), since))
    assert {batch.object_type for batch in batches} == {system.object_type.name}
    for batch in batches:
        assert batch.errors == ()
        assert batch.watermark
        for row in batch.rows.to_pylist():
            anchor = row.pop(ANCHOR)
            assert row.pop(AT)
            read.rows[anchor] = row
            read.removed.discard(anchor)
        for anchor in batch.removed:
            read.rows.pop(anchor, None)
            read.removed.add(anchor)
        read.watermark = batch.watermark
    return read


def _text(system: SystemUnderTest, text: str) -> Values:
    return {system.roles.text: (text,)}


def _texts(system: SystemUnderTest, read: ChangesRead) -> dict[str | None, Any]:
    return {anchor: row[system.roles.text] for anchor, row in read.rows.items()}
