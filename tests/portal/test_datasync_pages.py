"""DataSync jobs in the portal: by their owners only, scheduled, given away and taken in, undone."""

import html
import json
import re

import httpx
import pytest
from portal_pages import send


def test_a_schedule_is_made_changed_and_removed(shown):
    given = {"name": "Nightly sheets", "crons": "every day at 02:30\n0 12 * * 6", "enabled": "yes", "job-1": "on"}
    assert send(shown, "/datasync/schedules/new", given).status_code == httpx.codes.SEE_OTHER
    listed = shown.get("/datasync").text
    [path] = re.findall(r'href="(/datasync/schedules/\d+)">Nightly sheets<', listed)
    assert "every day at 02:30; Saturday at 12:00</td><td>ToTable</td>" in listed
    assert send(shown, path, {**given, "enabled": ""}).status_code == httpx.codes.SEE_OTHER
    assert re.search(r'Nightly sheets</a> <span class="chip care">off', shown.get("/datasync").text)
    assert send(shown, f"{path}/remove", {"reason": "done"}).status_code == httpx.codes.SEE_OTHER
    assert "Nightly sheets" not in shown.get("/datasync").text


@pytest.mark.parametrize(
    ("given", "said"),
    [({"crons": "61 * * * *", "job-1": "on"}, "no cron expression"), ({"crons": ""}, "needs jobs or collections")],
)
def test_what_is_wrong_with_a_schedule_is_said_beside_what_was_entered(shown, given, said):
    answer = send(shown, "/datasync/schedules/new", {"name": "Odd one", **given})
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert said in answer.text
    assert 'value="Odd one"' in answer.text


def test_a_job_is_given_away_sealed_and_taken_in_under_another_name(shown):
    refused = send(shown, "/datasync/1/export", {"password": "short"})
    assert refused.status_code == httpx.codes.BAD_REQUEST
    given = send(shown, "/datasync/1/export", {"password": "long enough"})
    assert given.headers["content-disposition"] == 'attachment; filename="datasync-job-1.json"'
    assert json.loads(given.text)["name"] == "ToTable"
    wrong = send(shown, "/datasync/import", {"content": given.text, "password": "another one"})
    assert wrong.status_code == httpx.codes.BAD_REQUEST
    assert "give the password it was sealed with" in html.unescape(wrong.text)
    assert "no export of a job" in send(shown, "/datasync/import", {"content": "[", "password": "x"}).text
    made = send(shown, "/datasync/import", {"content": given.text, "password": "long enough"}).headers["location"]
    assert "<h1>ToTable2</h1>" in shown.get(made).text
    copied = send(shown, f"{made}/duplicate", {}).headers["location"]
    assert "<h1>ToTable22</h1>" in shown.get(copied).text
    for path in (made, copied):
        assert send(shown, f"{path}/delete", {}).headers["location"] == "/datasync"
    assert "ToTable2" not in shown.get("/datasync").text


@pytest.mark.parametrize(
    "path",
    ["/datasync/1/run", "/datasync/1/export", "/datasync/1/delete", "/datasync/1/duplicate", "/datasync/1/runs/1/undo",
     "/datasync/1/runs/1/release", "/datasync/collections/2/run", "/datasync/schedules/1/run",
     "/datasync/schedules/1/remove"],
)  # fmt: skip
def test_an_operator_does_nothing_with_the_jobs_of_others(operator, path):
    answer = send(operator, path, {"password": "long enough", "reason": "because"})
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert "belongs to" in answer.text


@pytest.mark.parametrize("path", ["/schedules/hourly/run", "/executions/{execution}/cancel"])
def test_an_operator_does_nothing_that_the_api_refuses(operator, places, path):
    assert send(operator, path.format(**places), {}).status_code == httpx.codes.FORBIDDEN
    assert operator.get("/systems/hr/connection").status_code == httpx.codes.FORBIDDEN


def test_an_undo_is_queued_for_a_reason(shown):
    page = shown.get("/datasync/1/runs/1").text
    assert "Take back run 1" in page
    path = send(shown, "/datasync/1/runs/1/undo", {"reason": "wrong sheet"}).headers["location"]
    assert re.search(r"<h1>Undo \d+</h1>", shown.get(path).text)


def test_containers_are_chosen_in_a_tree(shown):
    before = shown.get("/systems/branches/containers").text
    groups = re.search(r'containers/(\d+)" class="row">(?:(?!</form>).)*of ou=groups,', before, re.DOTALL).group(1)
    assert chosen(before) == ["as what is above it", "left out", "read, with all below", "read, without what is below"]
    send(shown, f"/systems/branches/containers/{groups}", {"choice": "left out", "reason": "no groups"})
    after = shown.get("/systems/branches/containers").text
    assert re.search(r"of ou=groups,[^>]*>(?:(?!</select>).)*value=\"left out\" selected", after, re.DOTALL)
    send(shown, f"/systems/branches/containers/{groups}", {"choice": "", "reason": "as before"})


def chosen(page: str) -> list[str]:
    return sorted(set(re.findall(r'<option value="[^"]*" selected>([^<]*)', page)))
