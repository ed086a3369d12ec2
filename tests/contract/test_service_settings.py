"""Get-, Set- and Reset-JIMServiceSetting: read, set, reverted, and in force while the server runs."""

import time

import pytest
from cmdlets import Cmdlets

from accord.app import Server
from accord.operations.administration.desk import Desk

AT = "/service-settings"
LIMIT = "Security.RateLimiting.AuthenticatedRequestsPerMinute"


def test_a_setting_is_set_and_reverted_as_part_of_the_configuration(jim: Cmdlets, server: Server) -> None:
    mode = f"{AT}/Sync.PartitionValidationMode"
    before = jim.get(mode)
    assert (before["valueType"], before["defaultValue"], before["isOverridden"]) == ("Enum", "Error", False)
    changed = jim.put(mode, {"value": "Warning", "changeReason": "while we move"})
    assert (changed["effectiveValue"], changed["isOverridden"], changed["isReadOnly"]) == ("Warning", True, False)
    with server.reading("test") as context:
        accord = Desk(context).read.accord
    assert accord is not None
    assert accord.service == {"Sync.PartitionValidationMode": "Warning"}
    reverted = jim.delete(mode, status=200)
    assert (reverted["effectiveValue"], reverted["isOverridden"]) == ("Error", False)
    assert {s["key"] for s in jim.get(AT)} >= {"Instance.Name", LIMIT}


@pytest.mark.parametrize(("key", "value"), [(LIMIT, "many"), ("Sync.PartitionValidationMode", "Perhaps")])
def test_a_value_that_does_not_fit_is_refused(jim: Cmdlets, key: str, value: str) -> None:
    answer = jim.ask("PUT", f"{AT}/{key}", {"value": value})
    assert (answer.status_code, list(answer.json()["validationErrors"])) == (400, ["value"])
    assert jim.ask("GET", f"{AT}/Nothing.Of.That.Name").status_code == 404


def test_a_limit_is_in_force_while_the_server_runs(jim: Cmdlets) -> None:
    made = jim.post("/apikeys", {"name": "script", "roleIds": [r["id"] for r in jim.get("/security/roles")]})
    script = Cmdlets(jim.base_url, made["key"])
    jim.put(f"{AT}/{LIMIT}", {"value": "3"})
    deadline = time.monotonic() + 20
    while (answer := script.ask("GET", "/userinfo")).status_code == 200:
        assert time.monotonic() < deadline, "the limit is never in force"
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert int(answer.headers["retry-after"]) >= 1
    script.close()
