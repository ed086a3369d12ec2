"""What pages say about a world that has seen something: causes, candidates, the past, roles, spaces, revisions."""

import html
import re

import httpx
from portal_pages import send


def test_the_first_page_tells_what_goes_wrong_and_what_comes_next(shown, shown_portal):
    text = plain(shown.get("/").text)
    assert f"Plan {shown_portal.held} is held by the guard" in text
    assert "CHECK_FAILED" in text
    assert re.search(r"Next schedules .* Telephones phones", text)
    assert "1 object to review" in text


def test_errors_are_counted_by_cause_and_tried_again(shown):
    run = re.search(r'href="/runs/(A\d+)"', shown.get("/runs?kind=export&state=done_with_errors").text).group(1)
    page = shown.get(f"/runs/{run}").text
    assert re.search(r'CHECK_FAILED</span></a>\s*<span class="quiet">create</span></td><td class="num">1<', page)
    assert plain(shown.get(f"/runs/{run}?code=CHECK_FAILED").text).count("CHECK constraint failed") > 1
    answer = send(shown, f"/runs/{run}/causes/CHECK_FAILED/again", {})
    assert "export of directory" in plain(shown.get(answer.headers["location"]).text)
    assert send(shown, f"/runs/{run}/causes/NO_SUCH/again", {}).status_code == httpx.codes.NOT_FOUND


def test_owners_at_risk_are_those_with_open_violations(shown):
    at_risk = shown.get("/governance/owners?min_risk=40&max_risk=40").text
    violators = set(re.findall(r'href="/identities/(\d+)"', shown.get("/governance?kind=violation").text))
    assert violators
    assert set(re.findall(r'class="name" href="/identities/(\d+)"', at_risk)) == violators
    assert "Nobody matches" in shown.get("/governance/owners?min_risk=41").text
    assert shown.get("/governance/owners?min_risk=5&max_risk=4").status_code == httpx.codes.BAD_REQUEST


def test_a_run_stands_beside_the_last_of_its_profile(shown):
    held = re.search(r'href="/runs/(A\d+)">', shown.get("/runs?kind=import&system=hr&state=held").text).group(1)
    text = plain(shown.get(f"/runs/{held}").text)
    assert "the one before is A1 " in text
    assert re.search(r"hr · person.* remove 31 0 \+31", text)


def test_a_candidate_is_joined_for_a_reason_that_is_kept(shown):
    page = shown.get("/reviews?text=B1").text
    candidate = re.search(r'name="verdict" value="(join:\d+)"', page).group(1)
    given = {"system": "guests", "object": "B1", "verdict": candidate}
    assert send(shown, "/reviews", {**given, "reason": " "}).status_code == httpx.codes.BAD_REQUEST
    assert send(shown, "/reviews", {**given, "reason": "known to reception"}).status_code == httpx.codes.SEE_OTHER
    assert re.search(r"join guests/B1 .* anna known to reception", plain(shown.get("/reviews").text))


def test_why_not_is_told_with_what_was_read(shown):
    guest = re.search(r'href="/objects/(\d+)"', shown.get("/reviews").text).group(1)
    text = plain(shown.get(f"/objects/{guest}/why-not").text)
    assert "By the rule guests-person it is in scope" in text
    assert re.search("waits for a person|join decided by anna", text)
    assert "It is kept by hr by hr-person" in plain(shown.get("/identities/7/why-not").text)


def test_what_was_before_a_run_is_shown_and_nonsense_is_refused(shown):
    page = html.unescape(shown.get("/identities/7").text)
    before = re.findall(r'href="(/identities/7\?at=[^"]+)"', page)[0]
    past = shown.get(before).text
    assert "As it was at" in past
    assert "As it is now" in past
    assert shown.get("/identities/7?at=yesterday").status_code == httpx.codes.BAD_REQUEST


def test_an_identity_has_managers_groups_and_roles_around_it(shown):
    text = plain(shown.get("/identities/57/around").text)
    assert re.search(r"Managers \S+ \S+ \S+ \S+", text)
    assert re.search(r"finance-ledger apps l57 direct", text)
    assert "finance-clerk" in text


def test_roles_are_drawn_and_each_tells_who_is_in_it(shown):
    page = shown.get("/governance?kind=role").text
    assert page.count('class="cell"') > 50
    assert re.search(r'<polyline class="line" points="46\.0,', page)
    role = re.search(r'href="(/governance/roles/[^"]+)"', page).group(1)
    assert "Why these people" in shown.get(role).text


def test_a_connector_space_is_looked_through_and_says_how_far(shown):
    assert "That is all: 69 objects looked at." in plain(shown.get("/systems/apps/objects").text)
    found = plain(shown.get("/systems/apps/objects?text=l7").text)
    assert "l7 login joined" in found
    only = plain(shown.get("/systems/apps/objects?type=entitlement").text)
    assert "everybody entitlement belongs to nobody" in only
    assert "l7 login" not in only
    waiting = plain(shown.get("/systems/directory/waiting").text)
    assert "CHECK constraint failed" in waiting


def test_a_revision_shows_its_difference_and_the_way_back(shown):
    text = shown.get("/rules/hr-person").text
    rule = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)[1])
    send(shown, "/rules/hr-person", {"text": rule.replace("title: title", "title: trim(title)"), "reason": "spaces"})
    newest = re.search(r'href="(/configuration/\d+)"', shown.get("/configuration").text).group(1)
    difference = shown.get(newest).text
    assert re.search(r"<del>- +title: title</del>\s*<ins>\+ +title: trim\(title\)</ins>", difference)
    back = f"/configuration/{int(newest.rpartition('/')[2]) - 1}/restore"
    assert send(shown, back, {"reason": "tried"}).status_code == httpx.codes.SEE_OTHER
    assert "trim(title)" not in shown.get("/rules/hr-person").text


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def test_violations_are_narrowed_by_how_grave_they_are(shown):
    def told(**wanted):
        page = shown.get("/governance", params={"kind": "violation", **wanted}).text
        asked = {
            name.replace("at_least", "min_severity").replace("at_most", "max_severity"): wanted[name] for name in wanted
        }
        listed = shown.get("/api/v1/violations", params=asked).json()["items"]
        assert page.count("Accept for exactly this evidence") == len(listed)
        return len(listed)

    assert told() == told(at_least="high") == told(at_least="low", at_most="high") == 2
    assert told(at_least="critical") == told(at_most="medium") == 0
    assert shown.get("/governance?kind=violation&at_least=huge").status_code == 400
