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


def token_of(client):
    return re.search(r'name="csrf" value="([^"]+)"', client.get("/administration").text).group(1)
