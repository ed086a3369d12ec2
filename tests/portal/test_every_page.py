"""Every route the server has, with something on its page: strict about what it loads, and the same without a script."""

import re

import httpx
import pytest
from addresses import OTHERS, PAGES, PARTS, addresses

from accord.portal.pages.routers import ROUTERS
from accord.portal.sessions import POLICY

_ELSEWHERE = re.compile(r"""(?:src|href|action|hx-get|hx-post|url)\s*[=(]\s*["']?\s*(?:[a-z]+:)?//[^"')\s]*""")
_INLINE = re.compile(r"<script(?! src=\"/assets/[a-z]+\.js\" defer></script>)|<style|\sstyle=| on[a-z]+=\"|hx-on|js:")


def test_every_route_has_an_address_here():
    ours = {route.path for router in ROUTERS for route in router.routes if "GET" in route.methods}
    assert ours == {*PAGES, *PARTS, *OTHERS}


def test_every_page_is_strict_about_what_it_loads(shown, places):
    wrong = []
    for kind, is_whole in ((PAGES, True), (PARTS, False)):
        for path in addresses(kind, places):
            answer = shown.get(path)
            wrong += [f"{path}: {fault}" for fault in faults_of(answer, httpx.codes.OK)]
            wrong += (
                [f"{path} is {'no' if is_whole else 'a'} whole page"] if ("<html" in answer.text) != is_whole else []
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/plans/P999", 404),
        ("/identities/x", 400),
        ("/sign-in", 200),
        ("/assets/../accord.css", 404),
    ],
)
def test_what_is_no_page_is_as_strict(shown, path, status):
    assert not list(faults_of(shown.get(path), status))


def test_a_form_that_is_too_large_is_turned_away_on_a_page(shown):
    answer = shown.post("/sign-in", data={"name": "x", "secret": "y" * 5_000_000})
    assert not list(faults_of(answer, httpx.codes.REQUEST_ENTITY_TOO_LARGE))
    assert "larger than 4194304 bytes" in answer.text


def faults_of(answer: httpx.Response, status: int):
    """Yield what is not as it should be."""
    if answer.status_code != status:
        yield f"answers {answer.status_code}"
    if answer.headers.get("content-security-policy") != POLICY or "unsafe" in POLICY:
        yield "has another policy"
    yield from (f"has {found}" for found in _ELSEWHERE.findall(answer.text) + _INLINE.findall(answer.text))
