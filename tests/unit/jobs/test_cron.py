"""When cron means: moments in UTC, none twice and none left out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from accord.jobs.cron import last_due, next_due

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_a_time_is_due_from_its_own_moment_on() -> None:
    noon = ["0 12 * * *"]
    before = NOON - timedelta(microseconds=1)
    assert last_due(noon, after=NOON - timedelta(hours=1), until=before) is None
    assert last_due(noon, after=NOON - timedelta(hours=1), until=NOON) == NOON
    assert last_due(noon, after=NOON - timedelta(hours=1), until=NOON + timedelta(seconds=30)) == NOON
    assert last_due(noon, after=NOON, until=NOON + timedelta(hours=1)) is None


def test_of_several_times_that_were_missed_the_latest_is_meant() -> None:
    assert last_due(["*/10 * * * *", "5 * * * *"], after=NOON - timedelta(hours=1), until=NOON) == NOON
    assert last_due(["0 6 * * *"], after=NOON - timedelta(days=5), until=NOON) == NOON - timedelta(hours=6)


def test_days_of_the_week_count_from_sunday() -> None:
    # The second of March 2026 is a Monday.
    assert next_due(["30 2 * * 0"], after=NOON) == datetime(2026, 3, 8, 2, 30, tzinfo=UTC)
    assert next_due(["30 2 * * 1-5"], after=NOON) == datetime(2026, 3, 3, 2, 30, tzinfo=UTC)
    assert next_due([], after=NOON) is None


@given(MOMENTS, st.sampled_from(["*/7 * * * *", "0 0 1 * *", "15 3 * * 2,4", "59 23 28-31 * *"]))
def test_what_is_next_is_due_when_it_comes_and_not_before(moment: datetime, cron: str) -> None:
    following = next_due([cron], after=moment)
    assert following is not None
    assert following > moment
    assert last_due([cron], after=moment, until=following) == following
    assert last_due([cron], after=moment, until=following - timedelta(microseconds=1)) is None
