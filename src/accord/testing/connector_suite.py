"""The proof of a connector: subclass `ConnectorSuite`, build a system, get a test for everything declared.

    class TestMyConnector(ConnectorSuite):
        def make_system(self, tmp_path: Path) -> SystemUnderTest:
            return MySystem(tmp_path)

The system seeds and reads back *without* the connector, so that a connector cannot mark its own homework.
Objects are named by a `key` that the harness chooses; `anchor_of` and `dn_of` translate. A kind that declares
`can_read_changes` gives a `ChangingSystem`. To see values in failed
assertions, put `pytest.register_assert_rewrite("accord.testing.connector_suite")` in your conftest.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import ValidationError

from accord.connectors.base import (
    ANCHOR,
    AT,
    DN,
    AttributeChange,
    ExportOperation,
    Operation,
    OutcomeState,
    ReadScope,
)
from accord.model.errors import SystemRefused, SystemUnavailable
from accord.testing.connector_changes import ChangesSuite, ChangingSystem
from accord.testing.connector_harness import (
    ALREADY_EXISTS,
    AWKWARD,
    NOT_FOUND,
    Roles,
    SystemUnderTest,
    Values,
    change_of,
    collected,
    comparable_contents,
    creation,
    declared_columns,
    deletion,
    full_values,
    in_order,
    narrowed,
    opened,
    opened_missing,
    read_batches,
    read_by_key,
    read_objects,
    scope_of,
    undeclared_operations,
    update_of,
    written,
)

__all__ = [
    "ALREADY_EXISTS",
    "AWKWARD",
    "NOT_FOUND",
    "ChangingSystem",
    "ConnectorSuite",
    "Roles",
    "SystemUnderTest",
    "Values",
]


class ConnectorSuite(ChangesSuite):
    """Every test that a connector must pass; what it does not declare is checked to be refused, or skipped."""

    awkward: ClassVar[Mapping[str, str]] = AWKWARD

    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        """Return a fresh, empty system."""
        raise NotImplementedError

    @pytest.fixture
    def system(self, tmp_path: Path) -> Iterator[SystemUnderTest]:
        """Make the system of one test and end it."""
        system = self.make_system(tmp_path)
        try:
            yield system
        finally:
            system.close()

    # -- settings, lifecycle, errors

    def test_settings_have_a_json_schema_and_refuse_unknown_names(self, system: SystemUnderTest) -> None:
        """Portal and validation live on the schema; a misspelt setting must not be ignored."""
        schema = system.kind.settings.model_json_schema()
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
        with pytest.raises(ValidationError, match="no_such_setting"):
            system.kind.settings.model_validate({"no_such_setting": 1})

    def test_the_connection_test_reports_facts(self, system: SystemUnderTest) -> None:
        """Facts are names and texts that a person can read."""
        system.seed({"a1": {system.roles.text: ("Anna",)}})
        with opened(system) as connector:
            facts = connector.test().facts
        assert facts
        assert all(name and value for name, value in facts)
        assert len({name for name, _ in facts}) == len(facts)

    def test_close_may_be_repeated(self, system: SystemUnderTest) -> None:
        """A connector is closed on every way out."""
        connector = system.kind.open(system.settings)
        connector.close()
        connector.close()

    def test_a_missing_system_says_what_to_do(self, system: SystemUnderTest) -> None:
        """Test and read fail with a remedy, never as an empty population."""
        with (
            pytest.raises((SystemUnavailable, SystemRefused)) as tested,
            closing(opened_missing(system)) as connector,
        ):
            connector.test()
        assert tested.value.remedy
        with (
            pytest.raises((SystemUnavailable, SystemRefused)) as read,
            closing(opened_missing(system)) as connector,
        ):
            list(connector.read(scope_of(system)))
        assert read.value.remedy

    # -- discovery

    def test_discovery_finds_the_types_and_attributes(self, system: SystemUnderTest) -> None:
        """Everything the suite reads and writes is offered, with the same number of values."""
        system.seed({"a1": full_values(system, "a1")})
        with opened(system) as connector:
            found = connector.discover().object_types
        assert system.object_type.name in found
        offered = found[system.object_type.name]
        assert set(system.object_type.attributes) <= set(offered.attributes)
        assert offered.anchor
        assert offered.has_dn is system.kind.capabilities.has_dn

    def test_discovery_is_stable(self, system: SystemUnderTest) -> None:
        """Two looks at an unchanged system see the same."""
        system.seed({"a1": full_values(system, "a1")})
        with opened(system) as connector:
            assert connector.discover() == connector.discover()

    # -- reading

    def test_an_empty_system_reads_as_no_objects(self, system: SystemUnderTest) -> None:
        """Empty is an answer, not an error."""
        system.seed({})
        assert read_objects(system).values == {}

    def test_columns_are_exactly_those_declared(self, system: SystemUnderTest) -> None:
        """Names and Arrow types follow from the scope alone."""
        system.seed({"a1": full_values(system, "a1"), "a2": {system.roles.text: ("Ben",)}})
        batches = read_batches(system)
        assert batches
        for batch in batches:
            assert batch.object_type == system.object_type.name
            assert {f.name: f.type for f in batch.rows.schema} == declared_columns(system)

    def test_only_the_attributes_wanted_are_read(self, system: SystemUnderTest) -> None:
        """A scope of one attribute gives one attribute."""
        system.seed({"a1": full_values(system, "a1")})
        wanted = narrowed(system, [system.roles.text])
        batches = read_batches(system, scope=ReadScope(object_types={wanted.name: wanted}))
        names = set(batches[0].rows.schema.names)
        assert names - {ANCHOR, AT, DN} == {system.roles.text}

    def test_values_are_those_in_the_system(self, system: SystemUnderTest) -> None:
        """Single and multi-valued, dates and references, all as canonical text."""
        system.seed({"a1": {}, "a2": full_values(system, "a2", refers_to="a1"), "a3": {}})
        assert read_by_key(system, ["a1", "a2", "a3"]) == comparable_contents(system)

    def test_no_value_is_null_and_never_the_empty_string(self, system: SystemUnderTest) -> None:
        """An object without optional values has nulls, in lists too."""
        system.seed({"a1": {}})
        row = read_objects(system).values[system.anchor_of("a1")]
        optional = {system.roles.text, system.roles.other, system.roles.multi, system.roles.date} - {None}
        optional -= set(system.required("a1"))
        assert {name: row[name] for name in optional if name is not None} == dict.fromkeys(optional)

    def test_anchors_are_present_and_stable(self, system: SystemUnderTest) -> None:
        """The same object has the same anchor in every read."""
        keys = [f"a{n}" for n in range(5)]
        system.seed({key: {system.roles.text: (key,)} for key in keys})
        first, second = read_objects(system), read_objects(system)
        assert set(first.values) == {system.anchor_of(key) for key in keys}
        assert None not in first.values
        assert first.values == second.values

    def test_locators_are_present_and_distinct(self, system: SystemUnderTest) -> None:
        """`_at` tells a person where one object is."""
        system.seed({f"a{n}": {system.roles.text: (str(n),)} for n in range(5)})
        at = read_objects(system).at
        assert all(at.values())
        assert len(set(at.values())) == 5

    def test_pages_are_bounded_and_lose_nothing(self, system: SystemUnderTest) -> None:
        """Reading two rows at a time equals reading all at once."""
        system.seed({f"a{n}": {system.roles.text: (str(n),)} for n in range(7)})
        paged = read_batches(system, page_rows=2)
        assert max(batch.rows.num_rows for batch in paged) <= 2
        assert collected(paged).values == read_objects(system).values

    def test_awkward_values_are_read_unchanged(self, system: SystemUnderTest) -> None:
        """Nothing is trimmed, converted, cut or evaluated."""
        system.seed({key: {system.roles.text: (value,)} for key, value in self.awkward.items()})
        read = read_objects(system).values
        assert {key: read[system.anchor_of(key)][system.roles.text] for key in self.awkward} == self.awkward

    # -- writing

    def test_create_is_seen_in_the_system(self, system: SystemUnderTest) -> None:
        """A created object has the values sent, and the outcome its anchor where the system assigns it."""
        _needs(system.kind.capabilities.can_write)
        system.seed({"a1": {system.roles.text: ("Anna",)}})
        outcome = written(system, [creation(system, 7, "b2", full_values(system, "b2", refers_to="a1"))])[7]
        assert (outcome.state, outcome.code) == (OutcomeState.DONE, "")
        contents = system.contents()
        assert set(contents) == {"a1", "b2"}
        assert contents["a1"][system.roles.text] == ("Anna",)
        assert in_order(contents["b2"]).items() >= in_order(full_values(system, "b2", refers_to="a1")).items()
        if system.kind.capabilities.assigns_anchor:
            assert outcome.anchor == system.anchor_of("b2")
            assert outcome.anchor

    def test_update_changes_only_what_it_names(self, system: SystemUnderTest) -> None:
        """Set, replace and clear; all other values and objects stay."""
        _needs(system.kind.capabilities.can_write)
        roles = system.roles
        system.seed({"a1": {roles.text: ("old",), roles.other: ("gone",)}, "a2": {roles.text: ("kept",)}})
        before = system.contents()
        changes = (change_of(roles.text, ("old",), ("new",)), change_of(roles.other, ("gone",), ()))
        assert written(system, [update_of(system, 1, "a1", *changes)])[1].state is OutcomeState.DONE
        expected = {k: v for k, v in before["a1"].items() if k != roles.other} | {roles.text: ("new",)}
        assert system.contents() == {"a1": expected, "a2": before["a2"]}

    def test_delete_removes_that_object_only(self, system: SystemUnderTest) -> None:
        """The others stay as they are."""
        _needs(system.kind.capabilities.can_delete)
        system.seed({"a1": {system.roles.text: ("x",)}, "a2": {system.roles.text: ("y",)}})
        before = system.contents()
        assert written(system, [deletion(system, 1, "a1")])[1].state is OutcomeState.DONE
        assert system.contents() == {"a2": before["a2"]}

    def test_rename_gives_the_new_name_and_keeps_the_values(self, system: SystemUnderTest) -> None:
        """The object is the same one under its new dn."""
        _needs(system.kind.capabilities.can_rename)
        system.seed({"a1": {system.roles.text: ("x",)}})
        operation = ExportOperation(
            row=1,
            operation=Operation.RENAME,
            object_type=system.object_type.name,
            anchor=system.anchor_of("a1"),
            dn=system.dn_of("a1"),
            new_dn=system.dn_of("z9"),
        )
        assert written(system, [operation])[1].state is OutcomeState.DONE
        contents = system.contents()
        assert set(contents) == {"z9"}
        assert contents["z9"][system.roles.text] == ("x",)

    def test_adding_and_removing_single_values_leaves_the_others(self, system: SystemUnderTest) -> None:
        """A difference is applied to the values there now, even those nobody knew of."""
        multi = system.roles.multi
        _needs(system.kind.capabilities.writes_single_values and multi is not None)
        assert multi is not None
        system.seed({"a1": {multi: ("one", "two", "unknown to us")}})
        change = AttributeChange(name=multi, added=("three",), removed=("one",), after=None)
        assert written(system, [update_of(system, 1, "a1", change)])[1].state is OutcomeState.DONE
        assert sorted(system.contents()["a1"][multi]) == ["three", "two", "unknown to us"]

    def test_multiple_values_are_replaced_and_cleared(self, system: SystemUnderTest) -> None:
        """All values after the change are those sent."""
        multi = system.roles.multi
        _needs(system.kind.capabilities.can_write and multi is not None)
        assert multi is not None
        system.seed({"a1": {multi: ("one", "two")}, "a2": {multi: ("one",)}})
        operations = [
            update_of(system, 1, "a1", change_of(multi, ("one", "two"), ("two", "three"))),
            update_of(system, 2, "a2", change_of(multi, ("one",), ())),
        ]
        written(system, operations)
        contents = system.contents()
        assert sorted(contents["a1"][multi]) == ["three", "two"]
        assert multi not in contents["a2"]

    def test_awkward_values_are_written_unchanged(self, system: SystemUnderTest) -> None:
        """What arrives in the system is what was sent, character for character."""
        _needs(system.kind.capabilities.can_write)
        system.seed({})
        text = system.roles.text
        creates = [creation(system, n, key, {text: (value,)}) for n, (key, value) in enumerate(self.awkward.items())]
        outcomes = written(system, creates)
        assert {o.state for o in outcomes.values()} == {OutcomeState.DONE}
        contents = system.contents()
        assert {key: contents[key][text] for key in self.awkward} == {k: (v,) for k, v in self.awkward.items()}

    def test_every_operation_gets_exactly_one_outcome(self, system: SystemUnderTest) -> None:
        """Also the ones that fail."""
        _needs(system.kind.capabilities.can_write)
        system.seed({"a1": {system.roles.text: ("x",)}})
        operations = [
            creation(system, 10, "b1", {system.roles.text: ("b",)}),
            update_of(system, 11, "a1", change_of(system.roles.text, ("x",), ("y",))),
            update_of(system, 12, "nobody", change_of(system.roles.text, (), ("y",))),
        ]
        with opened(system) as connector:
            rows = [outcome.row for outcome in connector.write(operations, scope_of(system))]
        assert sorted(rows) == [10, 11, 12]

    def test_no_operations_change_nothing(self, system: SystemUnderTest) -> None:
        """An empty export is no export."""
        _needs(system.kind.capabilities.can_write)
        system.seed({"a1": {system.roles.text: ("x",)}})
        before = system.contents()
        assert written(system, []) == {}
        assert system.contents() == before

    def test_one_bad_operation_does_not_stop_the_others(self, system: SystemUnderTest) -> None:
        """The bad one says why; those before and after it are done."""
        _needs(system.kind.capabilities.can_write)
        system.seed({"a1": {system.roles.text: ("x",)}})
        text = system.roles.text
        operations = [
            creation(system, 1, "b1", {text: ("before",)}),
            creation(system, 2, "a1", {text: ("taken",)}),
            update_of(system, 3, "nobody", change_of(text, (), ("y",))),
            creation(system, 4, "b4", {text: ("after",)}),
        ]
        outcomes = written(system, operations)
        assert [outcomes[n].state for n in (1, 4)] == [OutcomeState.DONE, OutcomeState.DONE]
        assert [outcomes[n].state for n in (2, 3)] == [OutcomeState.FAILED, OutcomeState.FAILED]
        assert [outcomes[n].code for n in (2, 3)] == [ALREADY_EXISTS, NOT_FOUND]
        assert all(outcomes[n].message for n in (2, 3))
        assert set(system.contents()) == {"a1", "b1", "b4"}
        assert system.contents()["a1"][text] == ("x",)

    def test_deleting_something_already_gone_says_so(self, system: SystemUnderTest) -> None:
        """The code tells it from a real failure."""
        _needs(system.kind.capabilities.can_delete)
        system.seed({"a1": {system.roles.text: ("x",)}})
        outcome = written(system, [deletion(system, 1, "nobody")])[1]
        assert outcome.code == NOT_FOUND
        assert not outcome.is_retryable
        assert set(system.contents()) == {"a1"}

    def test_what_is_not_declared_is_refused(self, system: SystemUnderTest) -> None:
        """An operation outside the capabilities fails with a code and changes nothing."""
        capabilities = system.kind.capabilities
        undeclared = undeclared_operations(capabilities)
        _needs(bool(undeclared))
        system.seed({"a1": {system.roles.text: ("x",)}})
        before = system.contents()
        operations = [
            ExportOperation(
                row=row,
                operation=operation,
                object_type=system.object_type.name,
                anchor=system.anchor_of("a1"),
                dn=system.dn_of("a1"),
                new_dn=system.dn_of("z9"),
            )
            for row, operation in enumerate(undeclared)
        ]
        outcomes = written(system, operations)
        assert {o.state for o in outcomes.values()} == {OutcomeState.FAILED}
        assert all(o.code and o.message and not o.is_retryable for o in outcomes.values())
        assert system.contents() == before


def _needs(is_declared: bool) -> None:  # noqa: FBT001 - reads as a sentence where it is called
    if not is_declared:
        pytest.skip("not declared by this kind")
