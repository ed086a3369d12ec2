"""A store synchronised by deltas holds what one synchronised in full holds, after every step, whatever the world."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize

from accord.model.rules import RuleSet
from properties.machine import WORLDS, Row, Steps, filled
from properties.rule_sets import rule_sets
from properties.twins import Twins


class DeltaSteps(Steps):
    """The random steps of the oracle, on two stores."""

    @initialize(rules=rule_sets(), rows=WORLDS)
    def begin(self, rules: RuleSet, rows: dict[str, dict[str, Row]]) -> None:
        self.world = Twins(rules)  # type: ignore[assignment]  # the same interface
        filled(self.world, rows)
        self.sync()
        self.sync()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.sync()
            self.world.close()  # type: ignore[attr-defined]


TestDeltaEqualsFull = DeltaSteps.TestCase

if settings.get_current_profile_name() != "nightly":
    TestDeltaEqualsFull.settings = settings(
        phases=[Phase.explicit, Phase.generate],
        max_examples=1,
        stateful_step_count=6,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
