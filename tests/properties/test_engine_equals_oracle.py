"""The set-based engine decides what the row-by-row oracle decides, whatever the rules, the world and the steps."""

from hypothesis import HealthCheck, Phase, settings

from properties.machine import Steps

TestEngineEqualsOracle = Steps.TestCase

if settings.get_current_profile_name() != "nightly":
    TestEngineEqualsOracle.settings = settings(
        phases=[Phase.explicit, Phase.generate],
        max_examples=4,
        stateful_step_count=4,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
