"""How a system is, by the newest of its runs of each kind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accord.operations.health import STALE_AFTER, Verdict, judge
from accord.store.activity import Activity, ActivityState

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
RUN = Activity(
    id=7, guid="", kind="import", system="hr", profile="full-import", plan_id=None, parent=None,
    state=ActivityState.DONE, actor="anna", reason="", started_at=NOW.isoformat(), ended_at=NOW.isoformat(),
    message="", counts=(), phases=(), task="", queued_at="", parameters={}, cancel_requested_at="",
    cancel_requested_by="", beat_at=0, attempt=0,
)  # fmt: skip
LONG_AGO = (NOW - STALE_AFTER - timedelta(hours=1)).isoformat()


@pytest.mark.parametrize(
    ("runs", "verdict", "reason"),
    [
        ([], Verdict.NEVER_RUN, "It was never read or written."),
        ([RUN], Verdict.HEALTHY, "Import A7, the last run, ended well."),
        (
            [replace(RUN, state=ActivityState.DONE_WITH_ERRORS)],
            Verdict.HEALTHY,
            "Import A7 left errors of single objects.",
        ),
        ([replace(RUN, ended_at=LONG_AGO)], Verdict.STALE, "Import A7 was the last run, 2 days ago."),
        ([replace(RUN, ended_at=LONG_AGO), replace(RUN, id=8, kind="export")], Verdict.HEALTHY, "Export A8, the last"),
        (
            [RUN, replace(RUN, id=8, kind="export", state=ActivityState.FAILED, message="no route\nto host")],
            Verdict.FAILING,
            "Export A8 failed: no route.",
        ),
        ([replace(RUN, state=ActivityState.HELD)], Verdict.FAILING, "Import A7 is held by the guard."),
    ],
)
def test_health_is_told_by_the_newest_runs(runs, verdict, reason):
    health = judge(runs, now=NOW)
    assert health.verdict is verdict
    assert health.reason.startswith(reason)
