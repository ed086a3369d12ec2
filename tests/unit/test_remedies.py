"""What a synchronisation cannot decide has a message and a remedy."""

from accord.operations.plan_errors import remedy_of
from accord.sync.problems import MESSAGES, REMEDIES


def test_every_problem_has_a_remedy() -> None:
    assert REMEDIES.keys() == MESSAGES.keys()
    assert all(remedy_of(code) for code in MESSAGES)
    assert remedy_of("DUPLICATE_ANCHOR") == ""
    assert remedy_of(None) == ""
