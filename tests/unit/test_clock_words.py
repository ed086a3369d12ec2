"""When something runs, in words and back."""

import pytest

from accord.datasync.timing import read_timing
from accord.portal.clock_words import editable, said, trigger_of


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("30 4 * * 1,2,3,4,5", "Monday to Friday at 04:30"),
        ("15 5 * * 1", "Monday at 05:15"),
        ("0 0 * * 0,6", "Sunday, Saturday at 00:00"),
        ("5 4 * * *", "every day at 04:05"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0 */2 * * *", "every 2 hours"),
        ("@start", "when the service starts"),
        ("@once 2026-12-01T02:30:00+00:00", "once at 2026-12-01 02:30"),
    ],
)
def test_usual_times_are_said_and_understood(cron, words):
    assert said(cron) == editable(cron) == words
    [made] = read_timing({"name": "n", "jobs": [1], "triggers": [dict(trigger_of(words))]}).crons
    assert said(made) == words


@pytest.mark.parametrize("cron", ["0 7,12 * * *", "30 4 1 * *", "*/5 8-18 * * 1-5", "0 4 * * MON"])
def test_what_is_not_understood_back_stays_cron_in_a_form(cron):
    assert editable(cron) == cron
    assert trigger_of(editable(cron)) == {"type": "Cron", "expression": cron}


def test_several_times_of_a_day_are_said():
    assert said("0 7,12 * * *") == "every day at 07:00, 12:00"
    assert said("0 0,6,12,18 * * *") == "every 6 hours"
