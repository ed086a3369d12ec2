"""The pages as plain HTTP: who gets in, what they show, what they refuse; no browser needed."""

import re

import httpx
import pytest
from portal_pages import PASSWORD


def test_nobody_gets_in_unasked(served):
    answer = httpx.get(f"{served.url}/plans?state=held", trust_env=False, timeout=30)
    assert answer.status_code == httpx.codes.SEE_OTHER
    assert answer.headers["location"] == "/sign-in?to=%2Fplans%3Fstate%3Dheld"


def test_a_wrong_secret_is_turned_away(served):
    answer = httpx.post(f"{served.url}/sign-in", data={"name": "anna", "secret": "guess"}, trust_env=False, timeout=30)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert "do not belong together" in answer.text
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_kept_from_scripts_and_other_sites(served):
    answer = httpx.post(f"{served.url}/sign-in", data={"name": "anna", "secret": PASSWORD}, trust_env=False, timeout=30)
    assert {"httponly", "samesite=strict"} <= set(answer.headers["set-cookie"].lower().split("; "))


def test_a_changed_cookie_speaks_for_nobody(served, reader):
    [cookie] = reader.cookies.jar
    forged = httpx.get(f"{served.url}/", cookies={cookie.name: f"x{cookie.value}"}, trust_env=False, timeout=30)
    assert forged.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_sign_in_leads_nowhere_else(served, elsewhere):
    data = {"name": "anna", "secret": PASSWORD, "to": elsewhere}
    answer = httpx.post(f"{served.url}/sign-in", data=data, trust_env=False, timeout=30)
    assert answer.headers["location"] == "/"


def test_a_form_of_another_site_is_refused(administrator, served):
    answer = administrator.post(f"/plans/{served.ready}/discard", data={"reason": "because"})
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert "ready" in administrator.get(f"/plans/{served.ready}").text


def test_a_reader_decides_nothing(reader, served):
    token = token_of(reader.get(f"/plans/{served.held}").text)
    answer = reader.post(f"/plans/{served.held}/release", data={"reason": "because", "csrf": token})
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert "Operator" in answer.text


def test_a_held_plan_tells_limit_and_numbers(reader, served):
    text = reader.get(f"/plans/{served.held}").text
    assert "Held by the guard" in text
    assert re.search(r"disable</td>.*?<td class=\"num\">19 \(", text, re.DOTALL) or "identity delete" in text


def test_changes_are_filtered_and_paged_without_loss(reader, served):
    everything = reader.get(f"/plans/{served.held}", headers={"HX-Request": "true"}).text
    assert "<html" not in everything
    total = int(re.search(r"(\d+) in all", everything).group(1))
    seen = len(re.findall(r"<tr data-open>", everything))
    assert seen == min(total, 50)
    only = reader.get(f"/plans/{served.held}?text=Lee7", headers={"HX-Request": "true"}).text
    assert 0 < len(re.findall(r"<tr data-open>", only)) < seen


def test_releasing_takes_a_reason_and_keeps_who_did_it(administrator, served):
    page = administrator.get(f"/plans/{served.held}").text
    refused = administrator.post(f"/plans/{served.held}/release", data={"csrf": token_of(page), "reason": " "})
    assert refused.status_code == httpx.codes.BAD_REQUEST
    done = administrator.post(f"/plans/{served.held}/release", data={"csrf": token_of(page), "reason": "year end"})
    assert done.status_code == httpx.codes.SEE_OTHER
    assert "Released by anna: year end" in administrator.get(f"/plans/{served.held}").text


def test_an_identity_shows_each_system_side_by_side_and_why(reader):
    [found] = set(re.findall(r'href="/identities/(\d+)"', reader.get("/identities?text=E003").text))
    text = reader.get(f"/identities/{found}").text
    assert re.search(r"<td>.*?first.*?</td>\s*<td>.*?Ann3", text, re.DOTALL)
    why = reader.get(f"/identities/{found}/why").text
    assert "lower(left(first, 1) || last)" in why or "account" in why
    assert "hr-person" in why


@pytest.mark.parametrize(("text", "where"), [("a1", "/runs/A1"), ("hr", "/systems/hr"), ("E003", "/identities/")])
def test_jumping_finds_what_a_text_means(reader, text, where):
    assert reader.get("/jump", params={"to": text}).headers["location"].startswith(where)


def test_what_is_not_there_is_said_on_a_page(reader):
    answer = reader.get("/plans/P999")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "there is no plan P999" in answer.text
    assert reader.get("/nowhere").status_code == httpx.codes.NOT_FOUND


def test_the_api_beside_it_answers_as_ever(served):
    answer = httpx.get(f"{served.url}/api/v1/health", trust_env=False, timeout=30)
    assert answer.json()["status"] == "healthy"
    assert (
        httpx.get(f"{served.url}/api/v1/nowhere", trust_env=False, timeout=30)
        .headers["content-type"]
        .startswith("application/")
    )


def token_of(text: str) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', text).group(1)
