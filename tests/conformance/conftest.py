import pytest

pytest.register_assert_rewrite(
    "accord.testing.connector_suite", "accord.testing.connector_changes", "accord.testing.connector_harness"
)
