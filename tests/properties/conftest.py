"""Profiles of Hypothesis: a quick default, and `--hypothesis-profile=nightly` for the hunt."""

from hypothesis import HealthCheck, settings

_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile("nightly", max_examples=1500, stateful_step_count=14, deadline=None,
                          suppress_health_check=_QUIET)  # fmt: skip
