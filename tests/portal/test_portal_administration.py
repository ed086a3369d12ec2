"""Who may come in is decided in the portal, by administrators only, and everything is told in a trail."""

import re

import httpx


def test_a_reader_sees_no_keys(reader):
    assert reader.get("/administration").status_code == httpx.codes.FORBIDDEN


def test_a_key_is_shown_once_works_and_ends(kept):
    token = token_of(kept)
    made = kept.post("/administration/keys", data={"csrf": token, "name": "nightly", "role": "Reader", "days": "30"})
    key = re.search(r'<pre id="made-key"[^>]*>(jim_ak_[^<]+)</pre>', made.text).group(1)
    assert key not in kept.get("/administration").text
    asked = httpx.get(f"{kept.base_url}/api/v1/plans", headers={"X-API-Key": key}, trust_env=False)
    assert asked.status_code == httpx.codes.OK
    [number] = re.findall(r"/administration/keys/([^/]+)/remove", kept.get("/administration").text)
    kept.post(f"/administration/keys/{number}/remove", data={"csrf": token})
    asked = httpx.get(f"{kept.base_url}/api/v1/plans", headers={"X-API-Key": key}, trust_env=False)
    assert asked.status_code == httpx.codes.UNAUTHORIZED


def test_a_short_password_is_refused_with_the_reason(kept):
    answer = kept.post(
        "/administration/people",
        data={"csrf": token_of(kept), "name": "bo", "password": "short", "role": "Reader"},
    )
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "at least 12 characters" in answer.text


def test_the_trail_tells_who_did_what_and_proves_itself(kept):
    kept.post(
        "/administration/people",
        data={"csrf": token_of(kept), "name": "carol", "password": "a long enough one", "role": "Auditor"},
    )
    text = kept.get("/administration/audit").text
    assert re.search(r"<td>anna</td>\s*<td>administrator.put</td>\s*<td>person carol</td>", text)
    assert "are as they were written" in kept.get("/administration/audit/verified").text


def test_a_setting_is_changed_told_and_left_to_its_default_again(kept):
    here, name = "/administration/service", "/administration/service/Instance.Name"
    token = token_of(kept)
    kept.post(name, data={"csrf": token, "value": "north", "reason": "there are two"})
    [told] = [s for s in kept.get("/api/v1/service-settings").json() if s["key"] == "Instance.Name"]
    assert told["value"] == "north"
    assert re.search(r"<b>north</b> <span[^>]*>set</span>", kept.get(here).text)
    assert "there are two" in kept.get("/configuration").text
    kept.post(f"{name}/revert", data={"csrf": token, "reason": "one again"})
    assert "<b>north</b>" not in kept.get(here).text


def test_a_setting_that_does_not_fit_is_refused_on_its_page(kept):
    address = "/administration/service/Security.RateLimiting.AuthenticatedRequestsPerMinute"
    answer = kept.post(address, data={"csrf": token_of(kept), "value": "many"})
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "Requests a minute: use a whole number" in answer.text


def test_a_reader_looks_at_the_settings_of_a_folder(reader):
    answer = reader.get("/administration/service")
    assert "accord.yaml" in answer.text
    assert 'name="value"' not in answer.text


def token_of(client):
    return re.search(r'name="csrf" value="([^"]+)"', client.get("/administration").text).group(1)
