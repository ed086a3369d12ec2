"""Schedules in the portal: made, changed, run, switched off and removed; what is to come is drawn."""

import re
from datetime import UTC, datetime, timedelta

import httpx
from portal_pages import send

from accord.model.schedules import Schedule, ScheduleStep
from accord.operations.schedules import list_due


def test_a_schedule_is_made_changed_switched_off_and_removed(shown):
    profile = re.search(r'value="(\d+:\d+)" *>hr: Full Import<', shown.get("/schedules/new").text).group(1)
    given = {"name": "Midday", "pattern": "SpecificTimes", "times": "12:00", "enabled": "yes", "step-0": profile}
    assert send(shown, "/schedules/new", given).headers["location"] == "/schedules/Midday"
    assert "By the clock: every day at 12:00 (UTC)" in shown.get("/schedules/Midday").text
    given |= {"pattern": "Interval", "every": "2", "unit": "Hours", "step-1": profile, "place-1": "1", "place-0": "2"}
    given |= {"step-2": "job:role_generation", "label-2": "Mine roles"}
    assert send(shown, "/schedules/Midday/change", given).status_code == httpx.codes.SEE_OTHER
    text = shown.get("/schedules/Midday").text
    assert "By the clock: every 2 hours (UTC)" in text
    assert len(re.findall("<li><b>Full Import</b>", text)) == 2
    assert re.search(r"<li><b>Mine roles</b>.*role.generation", text)
    assert re.search(r'value="job:role_generation" selected', shown.get("/schedules/Midday/change").text)
    send(shown, "/schedules/Midday/switch", {"enabled": "no"})
    assert re.search(r'Midday</a> <span class="chip care">off', shown.get("/jobs").text)
    send(shown, "/schedules/Midday/remove", {"reason": "no more"})
    assert shown.get("/schedules/Midday").status_code == httpx.codes.NOT_FOUND


def test_a_wrong_number_is_said_beside_what_was_entered(shown):
    given = {"name": "Odd", "pattern": "Interval", "every": "often"}
    answer = send(shown, "/schedules/new", given)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "is no whole number" in answer.text
    assert 'value="Odd"' in answer.text


def test_an_execution_shows_its_steps_and_is_cancelled(shown):
    path = send(shown, "/schedules/hourly/run", {}).headers["location"]
    rail = shown.get(f"{path}/rail").text
    assert re.search(r"Full Import</b> <span class=\"chip [a-z]+\">(pending|queued)", rail)
    assert "Cancel …" in shown.get(path).text
    assert send(shown, f"{path}/cancel", {"reason": "not now"}).status_code == httpx.codes.SEE_OTHER
    assert re.search("to be cancelled|cancelled", shown.get(f"{path}/rail").text)


def test_the_lanes_show_the_day_behind_and_the_day_before_us(shown):
    picture = re.search(r"<svg.*?</svg>", shown.get("/jobs").text, re.DOTALL).group()
    assert re.search(r'<a href="/runs/A1" aria-label="A1 import done">', picture)
    assert len(re.findall(r'<a href="/schedules/hourly"', picture)) == 4


def test_due_times_of_all_schedules_come_in_order_and_not_without_end():
    now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    steps = (ScheduleStep(system="hr", profile="Full Import"),)
    often = Schedule(name="often", title="", is_enabled=True, crons=("* * * * *",), steps=steps)
    daily = Schedule(name="daily", title="Daily", is_enabled=True, crons=("1 8 * * *",), steps=steps)
    off = Schedule(name="off", title="", is_enabled=False, crons=("* * * * *",), steps=steps)
    due = list_due([often, daily, off], now=now, until=now + timedelta(hours=24), most=5)
    assert [d.schedule for d in due] == ["daily", "often", "often", "often", "often", "often"]
    assert due[0].at == now + timedelta(minutes=1)
