"""Undoing the last run gives what was before it, whatever the world; what it cannot give is named."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from accord.model.rules import RuleSet
from properties.machine import EDITS, WORLDS, Row, Steps, filled, put_row
from properties.rule_sets import KEYS, SOURCES, TARGETS, rule_sets
from properties.undoing import Undoable


class UndoSteps(Steps):
    """The random steps of the oracle on one store, and now and then an undo."""

    @initialize(rules=rule_sets(), rows=WORLDS)
    def begin(self, rules: RuleSet, rows: dict[str, dict[str, Row]]) -> None:
        self.world = Undoable(rules)  # type: ignore[assignment]  # the same interface
        filled(self.world, rows)
        self.sync()
        self.undo()
        self.sync()

    @rule(rows=EDITS, gone=st.sampled_from(KEYS))
    def undo_a_synchronisation(self, rows: dict[tuple[str, str], Row], gone: str) -> None:
        self.world.systems[SOURCES[0]].pop(gone, None)
        for (system, code), row in rows.items():
            put_row(self.world, system, code, row)
        for system in SOURCES:
            self.world.read(system)
        self.world.sync()
        self.undo()

    @rule()
    def undo_an_export(self) -> None:
        self.world.sync()
        for target in TARGETS:
            self.world.export(target, ["done"])
            self.undo()

    @rule()
    def undo(self) -> None:
        self.world.undo()  # type: ignore[attr-defined]

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.sync()
            self.undo()
            self.world.sync()
            self.world.close()  # type: ignore[attr-defined]


TestUndoIsBefore = UndoSteps.TestCase
_IS_NIGHTLY = settings.get_current_profile_name() == "nightly"
_FEW = settings(
    phases=[Phase.explicit, Phase.generate],
    max_examples=1,
    stateful_step_count=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

if not _IS_NIGHTLY:
    TestUndoIsBefore.settings = _FEW


@pytest.mark.slow
@pytest.mark.skipif(_IS_NIGHTLY, reason="the nightly hunt goes further")
def test_undo_is_before_in_more_worlds() -> None:
    run_state_machine_as_test(UndoSteps, settings=settings(_FEW, max_examples=15, stateful_step_count=8))  # type: ignore[no-untyped-call]
