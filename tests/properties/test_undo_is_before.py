"""Undoing the last run gives what was before it, whatever the world; what it cannot give is named."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, rule

from accord.model.rules import RuleSet
from properties.machine import WORLDS, Row, Steps, filled
from properties.rule_sets import TARGETS, rule_sets
from properties.undoing import Undoable


class UndoSteps(Steps):
    """The random steps of the oracle on one store, and now and then an undo."""

    @initialize(rules=rule_sets(), rows=WORLDS)
    def begin(self, rules: RuleSet, rows: dict[str, dict[str, Row]]) -> None:
        self.world = Undoable(rules)  # type: ignore[assignment]  # the same interface
        filled(self.world, rows)
        self.sync()

    @rule()
    def undo_a_synchronisation(self) -> None:
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

if settings.get_current_profile_name() != "nightly":
    TestUndoIsBefore.settings = settings(
        phases=[Phase.explicit, Phase.generate],
        max_examples=2,
        stateful_step_count=6,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
