"""How fast a part of a run goes is told from what is known, and nothing else."""

from accord.operations.paces import Pace, pace_of
from accord.store.activity import Phase

_BEGAN = "2026-03-02T08:00:00+00:00"


def test_what_is_left_is_told_by_the_rate_of_late():
    phase = Phase(name="read", started_at=_BEGAN, done=400, total=1000, rate_per_s=200.0)
    assert pace_of(phase, is_running=True) == Pace(per_s=200.0, left_s=3.0)


def test_without_a_total_nothing_is_said_to_be_left():
    phase = Phase(name="read", started_at=_BEGAN, done=400, rate_per_s=200.0)
    assert pace_of(phase, is_running=True) == Pace(per_s=200.0)


def test_what_has_ended_tells_its_own_rate():
    phase = Phase(name="read", started_at=_BEGAN, ended_at="2026-03-02T08:00:04+00:00", done=400, rate_per_s=1.0)
    assert pace_of(phase, is_running=False) == Pace(per_s=100.0, took_s=4.0)


def test_what_was_broken_off_has_no_pace():
    assert pace_of(Phase(name="read", started_at=_BEGAN, done=4, rate_per_s=2.0), is_running=False) == Pace(per_s=None)
